"""The boosting libraries stop when told, repeat by seed, and grow again what early stopping kept."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.workers.automl.tables import shop
from workers.automl import models, problem_of
from workers.automl.learners import Cut, FitData, fit
from workers.automl.material import Material
from workers.automl.space import PipelineSpec
from workers.kind import CellError

BOOSTED = ["lightgbm", "catboost"]


def fold(target: str) -> tuple[str, FitData]:
    frame = shop(200)
    problem = problem_of(frame, target, folds=3)
    return problem.task, Material.of(problem, frame).prepared("tree", 0, None)[1]


@pytest.mark.parametrize("family", BOOSTED)
@pytest.mark.parametrize("iterations", [None, 500])
def test_a_fit_that_is_told_to_stop_does_so_after_the_tree_at_hand(family, iterations):
    asked = []

    def stop() -> bool:
        asked.append(True)
        return len(asked) > 3

    with pytest.raises(Cut):
        fit(PipelineSpec("", family), fold("left")[1], "binary", 0, stop, iterations)
    assert len(asked) <= 5


@pytest.mark.parametrize("family", BOOSTED)
@pytest.mark.parametrize("target", ["left", "plan", "spent"])
def test_a_seed_repeats_and_the_trees_that_were_kept_grow_again_without_the_validated_rows(family, target):
    task, data = fold(target)
    spec = PipelineSpec("", family, {"learning_rate": 0.3})
    model, kept = fit(spec, data, task, 4, lambda: False)
    again, _ = fit(spec, data, task, 4, lambda: False)
    alone, _ = fit(spec, data, task, 4, lambda: False, kept)
    said = model.predict(data.x_valid) if task == "regression" else model.predict_proba(data.x_valid)
    for other in (again, alone):
        there = other.predict(data.x_valid) if task == "regression" else other.predict_proba(data.x_valid)
        assert (said == there).all()


@pytest.mark.parametrize("family", BOOSTED)
def test_rows_unlike_those_learned_from_are_no_reason_to_fail(family):
    task, data = fold("plan")
    strange = data.x_valid.copy()
    strange[::2] = np.nan
    few = data.y < data.y.max()
    fitted, _ = fit(PipelineSpec("", family), FitData(data.x[few], data.y[few], strange, data.y_valid,
                                                     data.categorical), task, 0, lambda: False)
    assert np.isfinite(fitted.predict_proba(strange)).all()


def test_a_catboost_that_was_tampered_with_or_is_of_a_foreign_kind_is_refused():
    from catboost import CatBoostRanker, CatBoostRegressor
    from skops.io import dumps

    x, y = np.arange(40.0).reshape(20, 2), np.arange(20.0)

    class Broken(CatBoostRegressor):
        def _serialize_model(self) -> bytes:
            return b"CBM1" + b"\xff" * 200

    broken = Broken(iterations=2, verbose=False, allow_writing_files=False).fit(x, y)
    Broken.__module__, Broken.__name__, Broken.__qualname__ = "catboost.core", "CatBoostRegressor", "CatBoostRegressor"
    for model, code in [(broken, "bad_model"), (CatBoostRanker(), "foreign_model")]:
        with pytest.raises(CellError) as failure:
            models.trusted(dumps(model))
        assert failure.value.code == code
