"""Honest uncertainty from out-of-fold predictions: conformal intervals, recalibrated probabilities."""

from __future__ import annotations

import math
from typing import Any

from workers.automl.metrics import METRICS

MOST_ROWS, MOST_NUMBERS = 20_000, 200_000
"""Out-of-fold rows (and numbers in them) that uncertainty is told from: more would only cost time."""


def enough(y: Any, p: Any) -> tuple[Any, Any]:
    """The rows that uncertainty is told from: all, or so many drawn by chance."""
    import numpy as np

    most = min(MOST_ROWS, max(MOST_NUMBERS // (p.shape[1] if np.ndim(p) > 1 else 1), 2_000))
    if len(y) <= most:
        return y, p
    drawn = np.sort(np.random.default_rng(0).permutation(len(y))[:most])
    return y[drawn], p[drawn]


def absolute_errors(y: Any, p: Any) -> Any:
    """Sorted absolute errors, the conformity scores of a regression (Vovk 2005; over folds: Barber 2021)."""
    import numpy as np

    return np.sort(np.abs(np.asarray(y, float) - p))


def half_width(errors: Any, level: float) -> float:
    """Half the width of an interval that holds `level` of new rows: the ceil((n+1)·level)-th smallest error."""
    place = math.ceil((len(errors) + 1) * level)
    return float(errors[min(place, len(errors)) - 1])


def recalibration(y: Any, p: Any) -> tuple[float, ...]:
    """Slope and offset of the log-odds (binary), or one inverse temperature (multiclass), if log loss gains by it."""
    import numpy as np
    from scipy.optimize import minimize

    start = (1.0, 0.0) if np.ndim(p) == 1 else (1.0,)
    loss = METRICS["log_loss"].score
    found = minimize(lambda w: loss(y, recalibrated(p, tuple(w))), start, method="Nelder-Mead",
                     options={"maxiter": 120, "xatol": 1e-3, "fatol": 1e-7})
    gain = (loss(y, p) - float(found.fun)) * len(y)
    # Numbers fitted to few rows mislead: chance alone gains half for each, so that share is taken back (James, Stein).
    trust = 1 - 0.5 * len(start) / gain if gain > 0 else 0.0
    if trust <= 0.2 or found.x[0] <= 0:
        return ()
    return tuple(float(first + trust * (w - first)) for w, first in zip(found.x, start, strict=True))


def recalibrated(p: Any, slope: tuple[float, ...]) -> Any:
    """Probabilities after recalibration; the order of rows by probability never changes."""
    import numpy as np

    if not slope:
        return p
    logs = np.log(np.clip(p, 1e-12, 1))
    if np.ndim(p) == 1:
        odds = logs - np.log(np.clip(1 - np.asarray(p), 1e-12, 1))
        return 1 / (1 + np.exp(-(slope[0] * odds + slope[1])))
    powers = np.exp(slope[0] * (logs - logs.max(axis=1, keepdims=True)))
    return powers / powers.sum(axis=1, keepdims=True)
