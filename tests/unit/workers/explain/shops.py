"""Small trained models of every kind of learner, for explanations to look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.unit.workers.automl.tables import shop
from workers.automl import problem_of
from workers.automl.calibration import absolute_errors, recalibration
from workers.automl.estimators import Blend
from workers.automl.material import Material
from workers.automl.predictor import Predictor
from workers.automl.space import PipelineSpec
from workers.automl.trial import TrialSpec, trial
from workers.explain.lens import Lens
from workers.explain.training import Training, training_of

LIGHTGBM = PipelineSpec("LightGBM", "lightgbm", {"n_estimators": 40, "num_leaves": 8, "min_child_samples": 10})
LINES = {"regression": PipelineSpec("Ridge", "ridge", {"alpha": 1.0}, "spline")}
LINE = PipelineSpec("Logistic", "logistic", {"C": 1.0}, "linear")
FOREST = PipelineSpec("Extra trees", "extra_trees", {"n_estimators": 12, "min_samples_leaf": 4})
HIST = PipelineSpec("Histogram boosting", "hist_boosting", {"max_leaf_nodes": 8})
CATBOOST = PipelineSpec("CatBoost", "catboost", {"iterations": 40, "depth": 4}, "one_hot")
TARGETS = {"left": ["spent", "plan"], "plan": ["spent", "left"], "spent": ["left", "plan"]}


@dataclass
class Shop:
    """A trained predictor with the table it was trained on."""

    frame: Any
    predictor: Predictor
    lens: Lens
    training: Training


def trained(target: str, families: tuple[str, ...], rows: int = 400, log_target: bool = False) -> Shop:
    """A blend of pipelines of some families, one fold each."""
    frame = shop(rows)
    problem = problem_of(frame, target, exclude=TARGETS[target], folds=2)
    material = Material.of(problem, frame)
    specs = {"lightgbm": LIGHTGBM, "line": LINES.get(problem.task, LINE), "forest": FOREST, "hist": HIST,
             "catboost": CATBOOST}
    pipelines, truth, said = [], None, 0.0
    for family in families:
        spec = specs[family]
        if log_target:
            spec = PipelineSpec(spec.name, spec.family, spec.params, spec.preparation, True)
        result = trial(TrialSpec(spec, 0), material)
        assert not result.error, result.error
        pipelines.append(result.model)
        truth, said = material.y[result.valid], said + result.predictions / len(families)
    weights = [1.0 / (place + 1) for place in range(len(pipelines))]
    blend = Blend(pipelines, weights, len(problem.classes))
    errors = absolute_errors(truth, said) if problem.task == "regression" else None
    slope = recalibration(truth, said) if problem.task == "binary" else ()
    predictor = Predictor(problem, blend, {}, errors, slope)
    return Shop(frame, predictor, Lens.of(predictor), training_of(frame, problem))
