"""The metrics a problem can be judged by, on plain arrays, with bootstrap intervals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# Predictions are always: regression (n,), binary (n,) probability of the second class, multiclass (n, classes).
Array = Any
SMALL = 1e-15


@dataclass(frozen=True, slots=True)
class Metric:
    """How good predictions are: `score(y, p)`, in words, and in which direction it is better."""

    name: str
    words: str
    score: Callable[[Array, Array], float]
    greater_is_better: bool = True
    tasks: tuple[str, ...] = ("binary",)

    def loss(self, y: Array, p: Array) -> float:
        """The score turned so that smaller is better."""
        value = self.score(y, p)
        return -value if self.greater_is_better else value

    def said(self, score: float) -> str:
        """A score in words, such as "root mean squared error 26,100"."""
        return f"{self.words} {figure(score)}"


def figure(value: float) -> str:
    """Three figures, without the powers of ten that nobody reads on a card."""
    return f"{float(f'{value:.3g}'):,.10g}"


def _auc(y: Array, p: Array) -> float:
    import numpy as np

    order = np.argsort(p)
    positive = (np.asarray(y) == 1)[order]
    n1 = int(positive.sum())
    n0 = len(positive) - n1
    if not n1 or not n0:
        return 0.5
    sorted_p = np.asarray(p)[order]
    ends: Array = np.flatnonzero(np.append(sorted_p[1:] != sorted_p[:-1], True)) + 1
    if len(ends) == len(order):
        ranks = np.flatnonzero(positive).sum() + n1
    else:  # ties share the mean of their ranks
        starts: Array = np.append(0, ends[:-1])
        ranks = float(np.add.reduceat(positive, starts, dtype="int64") @ ((starts + 1 + ends) / 2))
    return float((ranks - n1 * (n1 + 1) / 2) / (n1 * n0))


def _log_loss(y: Array, p: Array) -> float:
    import numpy as np

    y, p = np.asarray(y).astype(int), np.asarray(p, dtype="float64")
    if np.ndim(p) == 1:
        p = np.clip(p, SMALL, 1 - SMALL)
        return float(-np.mean(np.where(y == 1, np.log(p), np.log1p(-p))))
    rows = p / np.clip(p.sum(axis=1, keepdims=True), SMALL, None)
    return float(-np.mean(np.log(np.clip(rows[np.arange(len(y)), y], SMALL, 1))))


def labels_of(p: Array) -> Array:
    """The likeliest class of each row, as an index."""
    import numpy as np

    return (np.asarray(p) >= 0.5).astype(int) if np.ndim(p) == 1 else np.argmax(p, axis=1)


def _accuracy(y: Array, p: Array) -> float:
    import numpy as np

    return float(np.mean(labels_of(p) == y))


def _recalls(y: Array, p: Array) -> Array:
    import numpy as np

    y, guess = np.asarray(y).astype(int), labels_of(p)
    total = np.bincount(y)
    hit = np.bincount(y[guess == y], minlength=len(total))
    return (hit / np.maximum(total, 1))[total > 0]


def _balanced(y: Array, p: Array) -> float:
    return float(_recalls(y, p).mean())


def _f1(y: Array, p: Array) -> float:
    from sklearn.metrics import f1_score

    import_average = "binary" if getattr(p, "ndim", 1) == 1 else "macro"
    return float(f1_score(y, labels_of(p), average=import_average, zero_division=0))


def _average_precision(y: Array, p: Array) -> float:
    from sklearn.metrics import average_precision_score

    return float(average_precision_score(y, p))


def _rmse(y: Array, p: Array) -> float:
    import numpy as np

    return float(np.sqrt(np.mean((np.asarray(y, float) - p) ** 2)))


def _mae(y: Array, p: Array) -> float:
    import numpy as np

    return float(np.mean(np.abs(np.asarray(y, float) - p)))


def _r2(y: Array, p: Array) -> float:
    import numpy as np

    y = np.asarray(y, float)
    total = float(np.sum((y - y.mean()) ** 2))
    return 1 - float(np.sum((y - p) ** 2)) / total if total else 0.0


CLASSES = ("binary", "multiclass")
METRICS: dict[str, Metric] = {metric.name: metric for metric in (
    Metric("roc_auc", "area under the ROC curve", _auc),
    Metric("average_precision", "average precision", _average_precision),
    Metric("log_loss", "log loss", _log_loss, greater_is_better=False, tasks=CLASSES),
    Metric("accuracy", "accuracy", _accuracy, tasks=CLASSES),
    Metric("balanced_accuracy", "balanced accuracy", _balanced, tasks=CLASSES),
    Metric("f1", "F1", _f1, tasks=CLASSES),
    Metric("rmse", "root mean squared error", _rmse, greater_is_better=False, tasks=("regression",)),
    Metric("mae", "mean absolute error", _mae, greater_is_better=False, tasks=("regression",)),
    Metric("r2", "R²", _r2, tasks=("regression",)),
)}
DEFAULTS = {"binary": "roc_auc", "multiclass": "log_loss", "regression": "rmse"}


DRAWN_ROWS = 4_000


@dataclass(frozen=True, slots=True)
class Drawn:
    """The loss on `rows` rows, and on bootstrap draws of them: those of two predictions are paired."""

    loss: float
    losses: Array
    rows: int


def drawn_losses(metric: Metric, y: Array, p: Array, *, seed: int = 0, draws: int = 200,
                 rows: int = DRAWN_ROWS) -> Drawn:
    """Losses on draws of at most `rows` rows; seed and number of rows alone decide which rows each draw takes."""
    import numpy as np

    y, p = np.asarray(y), np.asarray(p)
    rng, size = np.random.default_rng(seed), min(len(y), rows)
    places = (rng.integers(0, len(y), size) for _ in range(draws))
    return Drawn(metric.loss(y, p), np.asarray([metric.loss(y[at], p[at]) for at in places]), len(y))


def interval(metric: Metric, y: Array, p: Array, *, level: float = 0.95, seed: int = 0,
             draws: int = 200, rows: int = DRAWN_ROWS) -> tuple[float, float]:
    """A bootstrap interval of a score; above `rows` rows, m-out-of-n draws scaled back (Bickel, Götze, van Zwet)."""
    import numpy as np

    found, sign = drawn_losses(metric, y, p, seed=seed, draws=draws, rows=rows), -1 if metric.greater_is_better else 1
    around = (found.losses - found.loss) * np.sqrt(min(len(y), rows) / len(y)) + found.loss
    low, high = np.sort(sign * np.quantile(around, [(1 - level) / 2, (1 + level) / 2]))
    return float(low), float(high)
