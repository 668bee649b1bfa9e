"""Intervals hold the share of new rows they promise, and probabilities come true as often as they say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from workers.automl import search
from workers.automl.calibration import half_width, recalibrated, recalibration
from workers.automl.metrics import METRICS, interval
from workers.automl.space import PipelineSpec

SEEDS = 4
SMALL = [PipelineSpec("Boosting", "lightgbm", {"n_estimators": 60, "num_leaves": 8, "learning_rate": 0.1}),
         PipelineSpec("Line", "ridge"), PipelineSpec("Logistic", "logistic", {"C": 1e6})]


def waves(rows: int, seed: int) -> Any:
    """A table whose target `y` and class `hit` are a curve with noise."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 4))
    curve = np.sin(2 * x[:, 0]) + x[:, 1] * (x[:, 2] > 0)
    frame = pd.DataFrame(x, columns=list("abcd"))
    return frame.assign(y=curve + rng.normal(0, 0.5, rows), hit=rng.random(rows) < 1 / (1 + np.exp(-2 * curve)))


def trained(target: str, other: str, seed: int, family: str) -> Any:
    frame = waves(1600, seed).drop(columns=[other])
    steps = search(frame, target, trials=7, threads=1, seed=seed, folds=5, test=0.0,
                   pipelines=[SMALL[0], next(s for s in SMALL if s.family == family)])
    return list(steps)[-1].model()


def test_intervals_cover_what_they_promise():
    covered: dict[float, list[float]] = {0.8: [], 0.9: []}
    for seed in range(SEEDS):
        model, new = trained("y", "hit", seed, "ridge"), waves(3000, 100 + seed)
        for level, shares in covered.items():
            low, high = model.interval(new, level)
            shares.append(float(np.mean((low <= new["y"]) & (new["y"] <= high))))
    for level, shares in covered.items():
        assert abs(np.mean(shares) - level) < 0.02


@pytest.mark.parametrize(("errors", "level"), [(19, 0.8), (19, 0.9), (59, 0.9), (99, 0.95)])
def test_a_width_from_few_errors_holds_for_new_rows_over_many_draws(errors: int, level: float):
    draws = 4000
    drawn = np.abs(np.random.default_rng(errors).standard_cauchy((draws, errors + 1)))
    held = [row[-1] <= half_width(np.sort(row[:-1]), level) for row in drawn]
    assert abs(np.mean(held) - level) < 0.02


def test_probabilities_come_true_as_often_as_they_say():
    said, came = [], []
    for seed in range(SEEDS):
        model, new = trained("hit", "y", seed, "logistic"), waves(3000, 100 + seed)
        said.append(model.predict_proba(new)[:, 1])
        came.append(new["hit"].to_numpy())
    p, hit = np.concatenate(said), np.concatenate(came)
    assert abs(p.mean() - hit.mean()) < 0.02
    fifths = np.digitize(p, np.quantile(p, [0.2, 0.4, 0.6, 0.8]))
    apart = [abs(p[fifths == i].mean() - hit[fifths == i].mean()) for i in range(5)]
    assert np.mean(apart) < 0.02


def test_overconfident_probabilities_are_mended_and_honest_ones_left_alone():
    rng = np.random.default_rng(0)
    p = rng.beta(1.5, 1.5, 4000)
    y = (rng.random(4000) < p).astype(int)
    assert np.abs(recalibrated(p, recalibration(y, p)) - p).max() < 0.02
    odds = np.log(p / (1 - p))
    proud = 1 / (1 + np.exp(-3 * odds - 0.5))
    mended = recalibrated(proud, recalibration(y, proud))
    assert METRICS["log_loss"].score(y, mended) < METRICS["log_loss"].score(y, p) + 0.002
    many = rng.dirichlet([1, 1, 1], 3000)
    drawn = np.array([rng.choice(3, p=row) for row in many])
    sharp = many**3 / (many**3).sum(axis=1, keepdims=True)
    assert np.abs(recalibrated(sharp, recalibration(drawn, sharp)) - many).mean() < 0.03


def test_a_bootstrap_interval_holds_the_true_score():
    held, rng = 0, np.random.default_rng(1)
    for seed in range(40):
        y = rng.normal(size=5000)
        low, high = interval(METRICS["rmse"], y, y + rng.normal(0, 2.0, 5000), seed=seed, draws=60, rows=500)
        held += low <= 2.0 <= high
    assert held >= 34
