"""Seconds of each explanation of a model of 300 trees: `python -m tests.load.bench_explain`."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

ROWS, COLUMNS, TREES = 10_000, 30, 300


def model() -> tuple[Any, Any]:
    """(table, predictor) of the measured size: 25 numbers and 5 categories, two classes."""
    from workers.automl import problem_of
    from workers.automl.estimators import Blend
    from workers.automl.material import Material
    from workers.automl.predictor import Predictor
    from workers.automl.space import PipelineSpec
    from workers.automl.trial import TrialSpec, trial

    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(ROWS, COLUMNS - 5)), columns=[f"x{i}" for i in range(COLUMNS - 5)])
    for i in range(5):
        frame[f"c{i}"] = rng.choice([f"level {k}" for k in range(8)], ROWS)
    push = frame["x0"] + frame["x1"] * frame["x2"] + 0.7 * frame["x3"] + (frame["c0"] == "level 1")
    frame["y"] = np.where(push + rng.normal(0, 1, ROWS) > 0, "yes", "no")
    problem = problem_of(frame, "y", folds=2)
    # A rate so low that early stopping never comes: all trees are grown.
    spec = PipelineSpec("LightGBM", "lightgbm", {"n_estimators": TREES, "learning_rate": 0.01, "num_leaves": 31})
    fitted = trial(TrialSpec(spec, 0), Material.of(problem, frame)).model
    return frame, Predictor(problem, Blend([fitted], [1.0], 2))


def main() -> None:
    """Print wall and CPU seconds of each method beside its goal."""
    from threadpoolctl import threadpool_limits

    from workers.explain.lens import Lens
    from workers.explain.training import training_of

    frame, predictor = model()
    with threadpool_limits(1):
        lens = Lens.of(predictor)
        training = timed("training summary (once, with the model)", None, lambda: training_of(frame, predictor.problem))
        few = training.frame()
        matrices = timed("prepare 1,000 rows", None, lambda: lens.matrices(few))
        of_columns(lens, training, few, matrices)
        of_the_model(lens, training, few, matrices)
        of_one_row(lens, training, frame.iloc[[5]], matrices)


def of_columns(lens: Any, training: Any, few: Any, matrices: Any) -> None:
    """How much columns matter, and which way."""
    from workers.explain import importance
    from workers.explain.dependence import dependence, grid_of

    y = (few["y"] == "yes").to_numpy().astype(int)
    timed("importance, gain", 1, lambda: importance.gain(lens))
    rounds = importance.permutation(lens, matrices, y)
    timed("importance, first permutation round", None, lambda: next(rounds))
    timed("importance, all 5 rounds", None, lambda: list(rounds))
    timed("first partial dependence, 1,000 rows", 2, lambda: dependence(
        lens, few, ["x0"], [grid_of(training, "x0")], matrices=matrices))
    timed("dependence of two columns, 300 rows", None, lambda: dependence(
        lens, few.head(300), ["x1", "x2"], [grid_of(training, "x1", 12), grid_of(training, "x2", 12)]))


def of_the_model(lens: Any, training: Any, few: Any, matrices: Any) -> None:
    """The whole of it in one picture, or in rules."""
    from workers.explain import shapley
    from workers.explain.lens import rows_of
    from workers.explain.trees import segments, surrogate

    rows = shapley.affordable(lens)
    timed(f"SHAP summary, {rows:,} rows", 6, lambda: list(shapley.summaries(
        lens, rows_of(matrices, slice(0, rows)), matrices)))
    timed("segments, 1,000 rows", None, lambda: segments(lens, training, few))
    timed("surrogate tree, 1,000 rows", None, lambda: surrogate(lens, training, few))


def of_one_row(lens: Any, training: Any, row: Any, matrices: Any) -> None:
    """Why one row is as it is, and what if it were not."""
    from workers.explain import shapley
    from workers.explain.counterfactual import Goal, counterfactuals
    from workers.explain.lens import rows_of
    from workers.explain.local import local
    from workers.explain.whatif import WhatIf

    timed("SHAP of one row", None, lambda: shapley.contributions(lens, rows_of(matrices, slice(0, 1)), matrices))
    timed("LIME of one row, 5,000 perturbations", 1, lambda: local(lens, training, row))
    flip = Goal(label=int(lens.scores(lens.matrices(row))[0] < 0.5))
    timed("counterfactuals of one row", None, lambda: counterfactuals(lens, training, row, flip))
    what_if = WhatIf(lens, training)
    timed("what-if, first", None, lambda: what_if.ask({"x0": 1.0}))
    timed("what-if, warm", 0.3, lambda: what_if.ask({"x0": -1.0}))


def timed(words: str, goal: float | None, do: Callable[[], Any]) -> Any:
    """Run, print, and give what it gave."""
    wall, cpu = time.perf_counter(), time.process_time()
    found = do()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    against = "" if goal is None else f"  goal {goal:g} s  {'meets' if cpu <= goal else 'MISSES'}"
    print(f"{words:44} {wall:7.2f} s  {cpu:7.2f} s CPU{against}", flush=True)
    return found


if __name__ == "__main__":
    main()
