"""Kernel density from counts in fine bins: Gaussian, by Silverman's rule; close to the one from all rows."""

from __future__ import annotations

import math
from collections.abc import Sequence


def bandwidth(counts: Sequence[float]) -> float:
    """Silverman's rule of thumb, in bins: 0.9 min(sd, IQR / 1.34) n^(-1/5) (Silverman 1986, 3.31)."""
    total = sum(counts)
    if total <= 1:
        return 1.0
    mean = sum(i * c for i, c in enumerate(counts)) / total
    deviation = math.sqrt(sum(c * (i - mean) ** 2 for i, c in enumerate(counts)) / total)
    quarter = (_quantile(counts, 0.75) - _quantile(counts, 0.25)) / 1.34
    scale = min(deviation, quarter) if quarter > 0 else deviation
    # A table of millions would smooth less than a bin is wide.
    return max(0.6, 0.9 * (scale or 1.0) * total**-0.2)


def _quantile(counts: Sequence[float], share: float) -> float:
    goal, seen = share * sum(counts), 0.0
    for i, c in enumerate(counts):
        seen += c
        if seen >= goal:
            return float(i)
    return float(len(counts))


def kernel(width: float) -> list[float]:
    """Weights of a Gaussian of this width, in bins, from -3 to 3 widths; they add up to one."""
    reach = max(1, math.ceil(3 * width))
    raw = [math.exp(-0.5 * (i / width) ** 2) for i in range(-reach, reach + 1)]
    total = sum(raw)
    return [w / total for w in raw]


def smoothed(counts: Sequence[float], width: float | None = None) -> list[float]:
    """Counts spread by the kernel; what would leave the range is kept inside it."""
    weights = kernel(width if width is not None else bandwidth(counts))
    reach, n = len(weights) // 2, len(counts)
    out = [0.0] * n
    for i, c in enumerate(counts):
        if c:
            for k, w in enumerate(weights):
                j = i + k - reach
                j = -1 - j if j < 0 else 2 * n - 1 - j if j >= n else j
                out[min(n - 1, max(0, j))] += c * w
    return out


def smoothed_grid(grid: Sequence[Sequence[float]]) -> list[list[float]]:
    """The same in two directions: rows, then columns, each with the bandwidth of its own margin."""
    wide = bandwidth([sum(column) for column in zip(*grid, strict=True)])
    tall = bandwidth([sum(row) for row in grid])
    rows = [smoothed(row, wide) for row in grid]
    columns = [smoothed(column, tall) for column in zip(*rows, strict=True)]
    return [list(row) for row in zip(*columns, strict=True)]
