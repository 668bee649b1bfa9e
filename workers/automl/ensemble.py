"""Greedy weighted ensembles over out-of-fold predictions (Caruana et al., ICML 2004)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from workers.automl.metrics import Metric

ROUNDS = 24
MOST_ROWS = 5_000
MOST_MEMBERS = 12


def greedy(predictions: Sequence[Any], y: Any, metric: Metric, seed: int = 0, rounds: int = ROUNDS) -> list[float]:
    """Weights (adding to 1, many of them 0) that make the average of `predictions` best by `metric`.

    Members are drawn with replacement, each time the one that helps most; the weights of the best round are kept.
    """
    import numpy as np

    if len(y) > MOST_ROWS:
        drawn = np.sort(np.random.default_rng(seed).permutation(len(y))[:MOST_ROWS])
        predictions, y = [p[drawn] for p in predictions], y[drawn]
    alone = [metric.loss(y, p) for p in predictions]
    pool = [int(i) for i in np.argsort(alone, kind="stable")[:MOST_MEMBERS]]
    chosen, total = [pool[0]], np.array(predictions[pool[0]], dtype="float64")
    best, best_count = alone[pool[0]], 1
    for size in range(2, rounds + 1):
        losses = [metric.loss(y, (total + predictions[i]) / size) for i in pool]
        pick = pool[int(np.argmin(losses))]
        chosen.append(pick)
        total = total + predictions[pick]
        if min(losses) < best - 1e-12 * abs(best):
            best, best_count = min(losses), size
        elif size > best_count + 6:
            break
    counts = np.bincount(chosen[:best_count], minlength=len(predictions))
    return [float(c) / best_count for c in counts]
