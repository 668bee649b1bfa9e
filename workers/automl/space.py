"""The pipelines a search may try: an ordered portfolio, and variations round the best of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from workers.automl.preparation import categorical_positions

if TYPE_CHECKING:
    from workers.automl.problem import Problem

FEW_CLASSES = 12
QUICK_ROWS, SOON_ROWS = 2_500, 10_000
"""Rows of the first pair of pipelines, which must stand within a second."""
QUICK_CELLS, QUICK_WIDTH, TEXT_WIDTH = 500_000, 200, 100
"""Rows times columns of that pair, columns a tree of it sees, and how many columns a text costs as much as."""


@dataclass(frozen=True, slots=True)
class PipelineSpec:
    """One pipeline, as JSON: learner family, its params, the preparation, and how dear it is beside LightGBM."""

    name: str
    family: str
    params: Mapping[str, Any] = field(default_factory=dict)
    preparation: str = "tree"
    log_target: bool = False
    rows: int | None = None
    cost: float = 1.0

    @property
    def id(self) -> str:
        """A short hash of everything that matters for its predictions."""
        said = [self.family, dict(self.params), self.preparation, self.log_target, self.rows]
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:12]

    def json(self) -> dict[str, Any]:
        """Its JSON, for forms, task messages and `PipelineSpec.of`."""
        return {"name": self.name, "family": self.family, "params": dict(self.params),
                "preparation": self.preparation, "log_target": self.log_target, "rows": self.rows, "cost": self.cost}

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> PipelineSpec:
        """The pipeline that `json` wrote; what is left out has its default."""
        return cls(**value)


def lightgbm(name: str, *, cost: float = 1.0, log_target: bool = False, rows: int | None = None,
             **params: Any) -> PipelineSpec:
    """A LightGBM pipeline; `n_estimators` is an upper limit, early stopping finds how many are worth keeping."""
    told = {"num_leaves": 31, "learning_rate": 0.08, "min_child_samples": 20, "n_estimators": 1000} | params
    return PipelineSpec(f"LightGBM, {name}", "lightgbm", told, "tree", log_target, rows, cost)


def catboost(problem: Problem, name: str, *, cost: float = 2.0, log_target: bool = False,
             **params: Any) -> PipelineSpec:
    """A CatBoost pipeline, for the blend: its trees ask one question a level, so they err otherwise than LightGBM's."""
    told = {"depth": 6, "learning_rate": 0.1, "iterations": 1000} | params
    coded = "one_hot" if categorical_positions(problem.used) else "tree"
    return PipelineSpec(f"CatBoost, {name}", "catboost", told, coded, log_target, None, cost)


def quick(problem: Problem) -> list[PipelineSpec]:
    """The first pair, on few rows: a line and a small forest of boosted trees."""
    # Each round grows a tree for every class, so that many classes leave time for few rounds.
    trees = 40 if len(problem.classes) <= FEW_CLASSES else max(3, 40 * FEW_CLASSES // (2 * len(problem.classes)))
    # So do many columns and long texts: fewer rows, and a part of the columns for each tree.
    width = sum(TEXT_WIDTH if f.role == "text" else 1 for f in problem.used)
    rows = max(min(QUICK_ROWS, QUICK_CELLS // width), QUICK_ROWS // 5)
    share: dict[str, Any] = {}
    if width > QUICK_WIDTH:
        trees = max(trees * QUICK_WIDTH // width, min(trees, 10))
        share = {"colsample_bytree": round(max(QUICK_WIDTH / width, 0.05), 3)}
    return [lightgbm(f"first {rows:,} rows", n_estimators=trees, learning_rate=0.12, num_leaves=15, rows=rows,
                     cost=0.05, **share),
            replace(linear(problem), name=f"{linear(problem).name}, first {rows:,} rows", rows=rows)]


def linear(problem: Problem, kind: str = "linear") -> PipelineSpec:
    """Ridge or logistic regression, on lines or on splines of the numbers."""
    curved = " on splines" if kind == "spline" else ""
    cost = 1.5 if kind == "spline" else 0.5
    if problem.task == "regression":
        return PipelineSpec(f"Ridge regression{curved}", "ridge", {"alpha": 1.0}, kind, cost=cost)
    return PipelineSpec(f"Logistic regression{curved}", "logistic", {"C": 1.0}, kind, cost=cost)


def portfolio(problem: Problem) -> list[PipelineSpec]:
    """The pipelines in the order of expected gain per second."""
    pipelines = [spec for spec in _ordered(problem) if problem.log_target or not spec.log_target]
    if len(problem.classes) > FEW_CLASSES:
        pipelines.sort(key=lambda spec: "boost" in spec.family or spec.family == "lightgbm")
    return pipelines


def _ordered(problem: Problem) -> list[PipelineSpec]:
    return [
        *_soon(problem),
        lightgbm("31 leaves"),
        lightgbm("16 leaves, regularised", num_leaves=16, min_child_samples=40, colsample_bytree=0.6, reg_lambda=3.0),
        lightgbm("8 leaves, small groups", num_leaves=8, learning_rate=0.1, min_child_samples=3, colsample_bytree=0.8,
                 cost=0.6),
        lightgbm("log target", num_leaves=24, colsample_bytree=0.7, log_target=True),
        linear(problem, "spline"),
        lightgbm("24 leaves, half the columns, slow", num_leaves=24, learning_rate=0.045, min_child_samples=15,
                 colsample_bytree=0.5, reg_lambda=0.5, n_estimators=2000, cost=1.4),
        lightgbm("63 leaves", num_leaves=63, learning_rate=0.1, colsample_bytree=0.8, cost=1.3),
        lightgbm("20 leaves, small groups", num_leaves=20, learning_rate=0.06, min_child_samples=5),
        lightgbm("6 leaves, weak signal", num_leaves=6, min_child_samples=100, cost=0.8),
        catboost(problem, "depth 6"),
        catboost(problem, "depth 6, log target", log_target=True),
        lightgbm("31 leaves, small groups", learning_rate=0.05, min_child_samples=2, colsample_bytree=0.7, cost=1.2),
        lightgbm("64 leaves, extra trees", num_leaves=64, extra_trees=True, colsample_bytree=0.8, cost=1.8),
        lightgbm("63 leaves, slow", num_leaves=63, learning_rate=0.05, colsample_bytree=0.7, subsample=0.8,
                 subsample_freq=1, n_estimators=2000, cost=2.0),
        *_forests(problem),
        linear(problem),
        lightgbm("24 leaves, half the columns", num_leaves=24, learning_rate=0.06, colsample_bytree=0.5, subsample=0.7,
                 subsample_freq=1, reg_lambda=1.0, cost=1.2),
        PipelineSpec("Histogram boosting", "hist_boosting", {"learning_rate": 0.08, "max_leaf_nodes": 31}, cost=1.4),
        *_neighbours(problem),
        lightgbm("100 leaves, slow", num_leaves=100, learning_rate=0.04, colsample_bytree=0.7, subsample=0.8,
                 subsample_freq=1, min_child_samples=10, n_estimators=2000, cost=3.0),
    ]


def _soon(problem: Problem) -> list[PipelineSpec]:
    """On a larger table something better than the quick pair, long before the first whole fold is done."""
    if problem.rows * (1 - problem.split.test) < 2 * QUICK_ROWS * problem.split.folds / (problem.split.folds - 1):
        return []
    return [lightgbm(f"first {SOON_ROWS:,} rows", n_estimators=120, learning_rate=0.12, rows=SOON_ROWS, cost=0.2)]


def _forests(problem: Problem) -> list[PipelineSpec]:
    if problem.rows > 20_000:
        return []
    share = 0.5 if problem.task == "regression" else "sqrt"
    return [PipelineSpec("Extra trees", "extra_trees",
                         {"n_estimators": 150, "min_samples_leaf": 2, "max_features": share}, cost=1.5)]


def _neighbours(problem: Problem) -> list[PipelineSpec]:
    if problem.rows > 20_000:
        return []
    return [PipelineSpec("Nearest neighbours", "neighbours", {"n_neighbors": 15, "weights": "distance"}, "linear",
                         cost=0.8)]


def variations(best: PipelineSpec, seed: int) -> Iterator[PipelineSpec]:
    """Endless pipelines near `best`, LightGBM or CatBoost, each some steps away, reproducible by seed."""
    import numpy as np

    rng = np.random.default_rng(seed)
    number = 0
    while True:
        number += 1
        yield (_catboost_near if best.family == "catboost" else _lightgbm_near)(best, number, rng)


def _lightgbm_near(best: PipelineSpec, number: int, rng: Any) -> PipelineSpec:
    import numpy as np

    start = {**lightgbm("").params, **best.params}
    wide = float(rng.choice([0.35, 0.7, 1.0]))
    rate = start["learning_rate"] * np.exp(rng.normal(-0.2, 0.35))
    columns = start.get("colsample_bytree", 0.9) + rng.normal(-0.05, 0.2)
    params: dict[str, Any] = {
        "n_estimators": 2000,
        "num_leaves": int(np.clip(start["num_leaves"] * np.exp(rng.normal(0, wide)), 4, 255)),
        "learning_rate": round(float(np.clip(rate, 0.015, 0.2)), 4),
        "min_child_samples": int(np.clip(start["min_child_samples"] * np.exp(rng.normal(0, wide)), 3, 200)),
        "colsample_bytree": round(float(np.clip(columns, 0.3, 1)), 2),
        "reg_lambda": round(float(np.clip(start.get("reg_lambda", 0.3) * np.exp(rng.normal(0, 1.2)), .001, 50)), 3),
    }
    if rng.random() < 0.5:
        params |= {"subsample": round(float(rng.uniform(0.6, 0.95)), 2), "subsample_freq": 1}
    if rng.random() < 0.3:
        params["extra_trees"] = True
    return lightgbm(f"{params['num_leaves']} leaves, variation {number}", log_target=best.log_target,
                    cost=max(0.5, params["num_leaves"] / 31) * 0.08 / params["learning_rate"], **params)


def _catboost_near(best: PipelineSpec, number: int, rng: Any) -> PipelineSpec:
    import numpy as np

    start = {"depth": 6, "learning_rate": 0.1, **best.params}
    params: dict[str, Any] = {
        "iterations": 2000,
        "depth": int(np.clip(start["depth"] + rng.choice([-2, -1, 0, 1]), 3, 8)),
        "learning_rate": round(float(np.clip(start["learning_rate"] * np.exp(rng.normal(-0.2, 0.35)), 0.02, 0.3)), 4),
        "l2_leaf_reg": round(float(np.clip(start.get("l2_leaf_reg", 3.0) * np.exp(rng.normal(0, 0.8)), 0.3, 30)), 2),
        "random_strength": round(float(np.clip(start.get("random_strength", 1.0) * np.exp(rng.normal(0, 0.8)),
                                               0.05, 10)), 2),
        "rsm": round(float(np.clip(start.get("rsm", 0.9) + rng.normal(-0.05, 0.2), 0.3, 1)), 2),
        "subsample": round(float(np.clip(start.get("subsample", 0.8) + rng.normal(0, 0.1), 0.5, 1)), 2),
    }
    cost = 2.0 ** (params["depth"] - 5) * 0.1 / params["learning_rate"]
    return replace(best, name=f"CatBoost, depth {params['depth']}, variation {number}", params=params,
                   cost=min(max(cost, 0.7), 8.0))
