"""Where to look next among LightGBM's params: near the best at first, by Optuna's TPE once there is a history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from workers.automl.space import PipelineSpec, lightgbm
from workers.automl.standing import Standing

ENOUGH = 30
"""Known LightGBM pipelines from which on a model of the params beats steps round the best."""


def history(standing: Standing) -> list[tuple[PipelineSpec, float]]:
    """The LightGBM pipelines tried and their estimated loss."""
    return [(e.spec, standing.estimate(e)) for e in standing.scored() if e.spec.family == "lightgbm"]


def suggestion(known: Sequence[tuple[PipelineSpec, float]], seed: int) -> PipelineSpec:
    """The next pipeline by a tree-structured Parzen estimator over `known`; pure: the same history, the same answer."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    space = _space()
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed, n_startup_trials=5))
    for spec, loss in known:
        study.add_trial(optuna.trial.create_trial(params=_coordinates(spec), distributions=space, value=loss))
    params: dict[str, Any] = dict(study.ask(space).params)
    rate = round(params.pop("learning_rate"), 4)
    told: dict[str, Any] = {k: round(v, 3) if isinstance(v, float) else v for k, v in params.items()}
    told |= {"subsample_freq": 1} if told["subsample"] < 1 else {}
    log_target = known[0][0].log_target
    cost = max(0.5, told["num_leaves"] / 31) * 0.08 / rate
    return lightgbm(f"{told['num_leaves']} leaves, tuned {len(known)}", cost=cost, log_target=log_target,
                    **told | {"learning_rate": rate, "n_estimators": 3000})


def _space() -> dict[str, Any]:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    return {"num_leaves": IntDistribution(4, 255, log=True), "learning_rate": FloatDistribution(0.01, 0.2, log=True),
            "min_child_samples": IntDistribution(3, 200, log=True), "colsample_bytree": FloatDistribution(0.3, 1.0),
            "reg_lambda": FloatDistribution(0.001, 50.0, log=True), "subsample": FloatDistribution(0.6, 1.0),
            "extra_trees": CategoricalDistribution([False, True])}


def _coordinates(spec: PipelineSpec) -> dict[str, Any]:
    """Where a pipeline stands in the space that is searched."""
    told = spec.params
    return {"num_leaves": min(max(int(told.get("num_leaves", 31)), 4), 255),
            "learning_rate": min(max(float(told.get("learning_rate", 0.1)), 0.01), 0.2),
            "min_child_samples": min(max(int(told.get("min_child_samples", 20)), 3), 200),
            "colsample_bytree": min(max(float(told.get("colsample_bytree", 1.0)), 0.3), 1.0),
            "reg_lambda": min(max(float(told.get("reg_lambda", 0.001)), 0.001), 50.0),
            "subsample": min(max(float(told.get("subsample", 1.0)), 0.6), 1.0),
            "extra_trees": bool(told.get("extra_trees", False))}
