"""Partial dependence equals scikit-learn's, for numbers, categories and pairs."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.inspection import partial_dependence

from workers.explain.dependence import dependence, grid_of
from workers.kind import CellError


@pytest.mark.parametrize("column", ["visits", "income", "city", "since", "vip"])
def test_curves_equal_those_of_scikit_learn(leaving, column):
    frame = leaving.frame.head(40).astype({"visits": float})
    grid = grid_of(leaving.training, column, 6)
    ours = dependence(leaving.lens, frame, [column], [grid])
    leaving.predictor.slope, kept = (), leaving.predictor.slope
    try:
        ours = dependence(leaving.lens, frame, [column], [grid])
    finally:
        leaving.predictor.slope = kept
    frame[column] = frame[column].astype(object)
    theirs = partial_dependence(leaving.predictor.blend, frame, [column], method="brute", kind="both",
                                response_method="predict_proba", custom_values={column: np.array(grid, dtype=object)},
                                categorical_features=[column])
    assert np.allclose(ours.mean, theirs["average"][0], atol=1e-9)
    assert np.allclose(ours.curves, theirs["individual"][0], atol=1e-9)


def test_two_columns_at_once_equal_scikit_learn(spending):
    frame = spending.frame.head(30).astype({"visits": float, "age": float})
    grids = [[1.0, 4.0, 8.0], [20.0, 50.0]]
    ours = dependence(spending.lens, frame, ["visits", "age"], grids)
    theirs = partial_dependence(spending.predictor.blend, frame, ["visits", "age"], method="brute",
                                custom_values={"visits": np.array(grids[0]), "age": np.array(grids[1])})
    assert ours.mean.shape == (3, 2)
    assert np.allclose(ours.mean, theirs["average"][0], atol=1e-9)
    assert ours.curves is None


def test_a_class_of_many_is_followed_on_its_own(plans):
    grid = grid_of(plans.training, "visits", 5)
    each = [dependence(plans.lens, plans.frame.head(20), ["visits"], [grid], label).mean for label in range(3)]
    assert np.allclose(sum(each), 1)


def test_grids_follow_the_rows(leaving):
    ages = grid_of(leaving.training, "age")
    assert ages == sorted(set(ages)) and len(ages) <= 20
    assert set(grid_of(leaving.training, "city")) == {"Lyon", "Oslo", "Kyiv", "Bonn"}
    assert grid_of(leaving.training, "vip") == [0, 1]
    assert all(len(day) >= 10 for day in grid_of(leaving.training, "since"))


@pytest.mark.parametrize(("column", "code"), [("note", "no_dependence"), ("shoe", "unknown_column")])
def test_what_has_no_curve_says_so(leaving, column, code):
    with pytest.raises(CellError) as refused:
        grid_of(leaving.training, column)
    assert refused.value.code == code
