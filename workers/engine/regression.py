"""Least squares of y on x over all rows: coefficients, their interval, p-value, and the band of the mean."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from workers.engine import student
from workers.engine.approx import Answer, Query, answer_like
from workers.engine.charts import FACET, SERIES
from workers.engine.drawing import label
from workers.engine.ops import Measure
from workers.ports import Op

POINTS = 41
_FITTED = ("__cx", "__cy", "__xx", "__xy", "__yy")


@dataclass(frozen=True, slots=True)
class Fit:
    """y = intercept + slope * x, from `n` rows; `spread` is the residual standard error, `sxx` sums (x - mean)²."""

    n: int
    mean_x: float
    intercept: float
    slope: float
    spread: float
    sxx: float
    r2: float
    low_x: float
    high_x: float

    @property
    def error(self) -> float:
        """Standard error of the slope."""
        return self.spread / math.sqrt(self.sxx)

    def quantile(self) -> float:
        """97.5 % point of Student's t with n - 2 degrees of freedom."""
        return student.quantile(0.975, self.n - 2)

    def p_value(self) -> float:
        """Two-sided p of "the slope is zero"."""
        return 2 * student.tail(abs(self.slope) / self.error, self.n - 2) if self.error > 0 else 0.0

    def curve(self) -> tuple[list[float], list[float], list[float], list[float]]:
        """(x, mean, low, high): the line and the 95 % interval of the mean, over the range of x."""
        step = (self.high_x - self.low_x) / (POINTS - 1)
        xs = [self.low_x + i * step for i in range(POINTS)]
        ys = [self.intercept + self.slope * x for x in xs]
        q = self.quantile()
        half = [q * self.spread * math.sqrt(1 / self.n + (x - self.mean_x) ** 2 / self.sxx) for x in xs]
        return xs, ys, [y - h for y, h in zip(ys, half, strict=True)], [y + h for y, h in zip(ys, half, strict=True)]

    def words(self, x: str, y: str, name: str = "") -> str:
        """The finding in a sentence."""
        half = self.quantile() * self.error
        verb = "rises" if self.slope > 0 else "falls"
        p = self.p_value()
        chance = "p < 0.001" if p < 0.001 else f"p = {p:.2g}"
        size = abs(self.slope)
        unsure = "" if p < 0.05 else ", which may be chance"
        return (f"{name + ': ' if name else ''}{y} {verb} by {size:.3g} ({size - half:.3g} to {size + half:.3g}, 95 %) "
                f"for each 1 of {x}{unsure}; {chance}, R² {self.r2:.2g}, {y} = {self.intercept:.4g} "
                f"{'+' if self.slope >= 0 else '−'} {abs(self.slope):.4g} · {x}, {self.n:,} rows.")


def fits(op: Op, x: str, y: str, like: Answer, by: Sequence[str] = ()) -> dict[tuple[str, ...], Fit]:
    """A fit for each group of `by`, from the same rows as `like`; groups of fewer than three rows have none.

    Sums are taken around the overall means, so that large values lose no digits.
    """
    rows = _filled(op, x, y)
    middle = answer_like(like, rows, Query((), tuple(Measure(function="mean", column=c, name=n)
                                                     for c, n in ((x, "mx"), (y, "my")))))
    if not middle.rows or None in middle.rows[0]:
        return {}
    mx, my = (float(v) for v in middle.rows[0])
    found = answer_like(like, _products(rows, x, y, mx, my), _sums(x, by))
    out = {}
    for row in found.rows:
        key = tuple(label(v) for v in row[: len(by)])
        one = _fit([float(v or 0) for v in row[len(by) :]], mx, my, like)
        if one is not None:
            out[key] = one
    return out


def _filled(op: Op, x: str, y: str) -> Op:
    tests = [{"fn": "not", "args": [{"fn": "is_missing", "args": [{"col": c}]}]} for c in (x, y)]
    return {"op": "filter", "input": op, "expression": {"fn": "and", "args": tests}}


def _products(op: Op, x: str, y: str, mx: float, my: float) -> Op:
    cx, cy = ({"fn": "-", "args": [{"col": c}, {"lit": m}]} for c, m in ((x, mx), (y, my)))
    terms: dict[str, Any] = {"__cx": cx, "__cy": cy}
    terms |= {n: {"fn": "*", "args": [{"col": a}, {"col": b}]}
              for n, a, b in (("__xx", "__cx", "__cx"), ("__xy", "__cx", "__cy"), ("__yy", "__cy", "__cy"))}
    for name, expression in terms.items():
        op = {"op": "derive", "input": op, "name": name, "expression": expression}
    return op


def _sums(x: str, by: Sequence[str]) -> Query:
    # Means, not sums: a sample's means need no scaling.
    measures = [Measure(function="mean", column=c, name=f"m{c}") for c in _FITTED]
    ends = [Measure(function=f, column=x, name=f"{f}_x") for f in ("min", "max")]
    return Query(tuple(by), (Measure(function="count", name="n"), *measures, *ends))


def _fit(values: list[float], mx: float, my: float, like: Answer) -> Fit | None:
    counted, cx, cy, xx, xy, yy, low, high = values
    # A sample's count was scaled up; the interval must rest on the rows that were seen.
    n = round(counted if like.exact else counted * like.n / max(1, like.population))
    sxx, sxy, syy = n * (xx - cx * cx), n * (xy - cx * cy), n * (yy - cy * cy)
    if n < 3 or sxx <= 1e-12 * max(1.0, n * xx):
        return None
    slope = sxy / sxx
    rest = max(0.0, syy - slope * sxy)
    mean_x, mean_y = mx + cx, my + cy
    r2 = 1 - rest / syy if syy > 0 else 1.0
    return Fit(n, mean_x, mean_y - slope * mean_x, slope, math.sqrt(rest / (n - 2)), sxx, r2, low, high)


def groups_of(*, color: bool, facet: bool) -> tuple[str, ...]:
    """Grouping columns of the fits of a chart."""
    return (*((SERIES,) if color else ()), *((FACET,) if facet else ()))
