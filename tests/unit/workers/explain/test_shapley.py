"""Shapley values add up, say what the learner's own say, and stand for raw columns."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.workers.explain.shops import trained
from workers.explain import importance, shapley
from workers.explain.lens import inner, rows_of

KINDS = [("left", ("lightgbm",), False), ("left", ("lightgbm", "line", "forest", "hist"), False),
         ("plan", ("lightgbm", "line"), False), ("spent", ("line", "forest"), False),
         ("spent", ("lightgbm", "hist"), True), ("left", ("catboost",), False), ("plan", ("catboost",), False),
         ("spent", ("catboost", "lightgbm"), False), ("spent", ("catboost",), True)]


@pytest.mark.parametrize(("target", "families", "logged"), KINDS)
def test_contributions_of_a_row_add_up_to_its_raw_score(target, families, logged):
    shop = trained(target, families, 160, logged)
    few = rows_of(shop.lens.matrices(shop.frame), slice(0, 6))
    found = shapley.contributions(shop.lens, few, shop.lens.matrices(shop.training.frame()))
    assert np.abs(found.base + found.values.sum(axis=2) - shop.lens.raw(few)).max() < 1e-6
    assert found.values.shape[2] == len(shop.lens.columns)
    assert shop.lens.logged == logged


@pytest.mark.parametrize("target", ["left", "plan", "spent"])
def test_prepared_columns_belong_to_the_raw_column_that_moves_them(target):
    shop = trained(target, ("lightgbm", "line"), 200)
    before = shop.lens.matrices(shop.frame)
    for place, name in enumerate(shop.lens.columns):
        changed = shop.frame.astype({name: object})
        changed[name] = changed[name].sample(frac=1, random_state=1).to_numpy()
        changed.loc[changed.index[:9], name] = None
        for x, y, origins in zip(before, shop.lens.matrices(changed), shop.lens.origins, strict=True):
            moved = ~np.isclose(x, y, equal_nan=True).all(axis=0)
            assert moved.any(), name
            assert set(origins[moved]) == {place}, name


def test_one_hot_children_are_added_up_in_their_column(leaving):
    line = next(m for m in leaving.lens.members if hasattr(inner(m.model), "coef_"))
    origins = leaving.lens.origins[line.preparation]
    assert (origins == leaving.lens.place("city")).sum() > 1
    merged = leaving.lens.merged(np.ones((3, len(origins))), line.preparation)
    assert merged[0, leaving.lens.place("city")] == (origins == leaving.lens.place("city")).sum()


def test_a_sampled_walk_finds_the_exact_values_of_a_sum():
    x, background = np.array([[1.0, 2.0, 3.0]]), np.zeros((4, 3))
    score = lambda m: (m @ np.array([1.0, 10.0, 100.0]))[:, None]  # noqa: E731
    values, base = shapley.sampled(score, x, background, np.array([0, 1, 1]), 2, seed=0)
    assert np.allclose(values[0, 0], [1.0, 320.0])
    assert base == 0


def test_a_summary_grows_and_ends_with_all_rows(leaving):
    matrices = rows_of(leaving.lens.matrices(leaving.frame), slice(0, 60))
    steps = list(shapley.summaries(leaving.lens, matrices, matrices))
    assert [len(s.values) for s in steps] == [6, 20, 60]
    assert shapley.affordable(leaving.lens) == shapley.ROWS
    ranked = importance.shap(steps[-1])
    assert {leaving.lens.columns[i] for i in ranked.order()[:2]} == {"visits", "note"}
    assert (ranked.low <= ranked.values).all()


def test_importance_comes_at_once_and_then_with_bars(leaving):
    first = importance.gain(leaving.lens)
    assert first.values.sum() == pytest.approx(1)
    y = (leaving.frame["left"] == "yes").to_numpy().astype(int)
    rounds = list(importance.permutation(leaving.lens, leaving.lens.matrices(leaving.frame), y, repeats=3))
    assert [r.rounds for r in rounds] == [1, 2, 3]
    last = rounds[-1]
    assert {leaving.lens.columns[i] for i in last.order()[:2]} == {"visits", "note"}
    assert (last.low <= last.values).all() and (last.values <= last.high).all()
    assert last.high[leaving.lens.place("visits")] > last.low[leaving.lens.place("visits")]


def test_a_model_without_gain_has_none_at_once():
    shop = trained("left", ("hist",), 120)
    assert importance.gain(shop.lens) is None
