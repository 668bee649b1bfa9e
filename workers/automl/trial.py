"""One trial: one fold of one pipeline; a description in, scores, predictions and a fitted pipeline out."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from workers.automl.estimators import raw_predictions
from workers.automl.learners import Cut, fit
from workers.automl.material import Material
from workers.automl.space import PipelineSpec


@dataclass(frozen=True, slots=True)
class TrialSpec:
    """What to fit: a pipeline and a fold number. Nothing else is needed beside the material.

    The number after the last fold stands for all rows: none is left to stop early by, so `iterations` says how many.
    """

    pipeline: PipelineSpec
    fold: int
    iterations: int | None = None

    def json(self) -> dict[str, Any]:
        """Its JSON, for a task message."""
        return {"pipeline": self.pipeline.json(), "fold": self.fold, "iterations": self.iterations}

    @classmethod
    def of(cls, value: dict[str, Any]) -> TrialSpec:
        """The trial that `json` wrote."""
        return cls(PipelineSpec.of(value["pipeline"]), int(value["fold"]), value.get("iterations"))


@dataclass(slots=True)
class TrialResult:
    """What a trial found; `error` is set and the rest empty when the pipeline does not fit this table.

    `predictions` are those of the validated rows, in the fold's order; `sealed` those of the locked test rows, which
    nobody looks at before the end; `model` is a fitted scikit-learn Pipeline over raw tables (an executor may hold it
    packed); `bytes` its size. Fit and predict seconds are CPU, `wall` is what passed on the clock.
    """

    spec: TrialSpec
    score: float = float("nan")
    loss: float = float("inf")
    predictions: Any = None
    valid: Any = None
    sealed: Any = None
    wall: float = 0.0
    fit_seconds: float = 0.0
    predict_seconds: float = 0.0
    iterations: int | None = None
    bytes: int = 0
    model: Any = field(default=None, repr=False)
    error: str = ""


def trial(spec: TrialSpec, material: Material, stop: Callable[[], bool] = lambda: False, *,
          hurried: bool = False) -> TrialResult:
    """Fit one pipeline on one fold and judge it on the rows left out; never raises for a pipeline that fails.

    A `hurried` one leaves the locked rows to `seal`, should it be among the best at the end.
    """
    problem, pipeline = material.problem, spec.pipeline
    clock, started = time.perf_counter(), time.process_time()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            prepare, data, valid = material.prepared(pipeline.preparation, spec.fold, pipeline.rows)
            model, iterations = fit(pipeline, data, problem.task, problem.split.seed, stop, spec.iterations)
            fitted = time.process_time()
            if spec.fold == len(material.folds):
                return TrialResult(spec, predictions=valid, valid=valid, wall=time.perf_counter() - clock,
                                   fit_seconds=fitted - started, iterations=iterations, model=_pipeline(prepare, model))
            predictions = raw_predictions(model, data.x_valid, len(problem.classes))
            predicted = time.process_time()
            sealed = None if hurried else _sealed(material, prepare, model)
    except Cut:
        return TrialResult(spec, error="stopped")
    except Exception as failure:  # noqa: BLE001 - one pipeline that cannot cope must not end the search
        return TrialResult(spec, error=f"{type(failure).__name__}: {failure}"[:500])
    metric = problem.measure
    score = metric.score(data.y_valid, predictions)
    if not abs(score) < float("inf"):
        return TrialResult(spec, error="its predictions are not finite")
    return TrialResult(spec, score, -score if metric.greater_is_better else score, _slim(predictions), valid, sealed,
                       time.perf_counter() - clock, fitted - started, predicted - fitted, iterations,
                       model=_pipeline(prepare, model))


def _pipeline(prepare: Any, model: Any) -> Any:
    from sklearn.pipeline import Pipeline

    return Pipeline([("prepare", prepare), ("model", model)])


def seal(result: TrialResult, material: Material) -> None:
    """Predict the locked rows, if the trial was hurried and did not."""
    if result.sealed is None and result.model is not None:
        result.sealed = _sealed(material, *[step for _, step in result.model.steps])


def _sealed(material: Material, prepare: Any, model: Any) -> Any:
    if not len(material.test):
        return None
    x = material.sealed(prepare)
    return _slim(raw_predictions(model, x, len(material.problem.classes)))


def _slim(predictions: Any) -> Any:
    return predictions.astype("float32") if predictions.ndim == 2 else predictions
