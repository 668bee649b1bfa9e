"""Points of an answer by series and key: merging, sorting, and what is past the limit as "other"."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from workers.engine.approx import Answer
from workers.engine.charts import MAX_SERIES, ROWS, SERIES, SPREAD, VALUE, Chart, X
from workers.engine.drawing import OTHER, in_order, key_of, label
from workers.engine.intervals import t_quantile


@dataclass(frozen=True, slots=True)
class Point:
    """One mark before drawing: key, value, interval and how many rows (of a mean: values) it stands for."""

    key: Any
    value: Any
    low: float | None
    high: float | None
    count: float


Series = dict[str, dict[Any, Point]]


def names_of(step: Answer, column: str = SERIES, most: int = MAX_SERIES) -> list[str]:
    """The most frequent values of a grouping column, largest first."""
    place = [c.name for c in step.columns].index(column)
    sizes: dict[str, float] = defaultdict(float)
    for row, count in zip(step.rows, step.counts, strict=True):
        sizes[label(row[place])] += count
    return sorted(sizes, key=lambda n: (-sizes[n], n))[:most]


def has(step: Answer, column: str) -> bool:
    """Whether the question was grouped by this."""
    return any(c.name == column for c in step.columns)


def part_of(step: Answer, column: str, value: str) -> Answer:
    """The rows of an answer where a grouping column has a value."""
    place = [c.name for c in step.columns].index(column)
    kept = [i for i, row in enumerate(step.rows) if label(row[place]) == value]

    def pick(values: list[Any]) -> list[Any]:
        return [values[i] for i in kept] if values else values

    return replace(step, rows=pick(step.rows), counts=pick(step.counts), few=pick(step.few),
                   low={n: pick(v) for n, v in step.low.items()}, high={n: pick(v) for n, v in step.high.items()})


def series_of(chart: Chart, step: Answer, names: Sequence[str] | None = None) -> Series:
    """Points by series and key: the six most frequent series (or those given), the rest folded into "other"."""
    at = {c.name: i for i, c in enumerate(step.columns)}
    split = SERIES in at
    kept = [""] if not split else list(names if names is not None else names_of(step))
    out: Series = {name: {} for name in kept}
    for i, row in enumerate(step.rows):
        key = row[at[X]]
        if key is None and chart.x.how in ("bins", "time", "value"):
            continue
        name = label(row[at[SERIES]]) if split else ""
        low, high = _bounds(chart, step, at, i)
        weight = float(row[at[ROWS]]) if ROWS in at else step.counts[i]
        point = Point(key_of(chart.x, key), row[at[VALUE]], low, high, weight)
        group = out[name] if name in out and name in kept else out.setdefault(OTHER, {})
        group[point.key] = merge(chart, [group[point.key], point]) if point.key in group else point
    return out


def _bounds(chart: Chart, step: Answer, at: dict[str, int], i: int) -> tuple[float | None, float | None]:
    """The interval of a sampled value; of an exact mean, the error that was asked for."""
    low, high = (side[VALUE][i] if side.get(VALUE) else None for side in (step.low, step.high))
    if low is not None or SPREAD not in at:
        return low, high
    value, rows, spread = (step.rows[i][at[name]] for name in (VALUE, ROWS, SPREAD))
    if not isinstance(value, (int, float)) or not spread or rows < 2:
        return None, None
    error = spread / rows**0.5 * (t_quantile(int(rows) - 1) if chart.spec.errors == "ci" else 1.0)
    return value - error, value + error


def merge(chart: Chart, points: list[Point]) -> Point:
    """Several points as one: sums add up, means weigh by rows; intervals of merged points are not kept."""
    first = points[0]
    values = [(p.value, p.count) for p in points if isinstance(p.value, (int, float))]
    count = sum(p.count for p in points)
    function = chart.function
    value: Any = None
    if values and function in ("count", "sum"):
        value = sum(v for v, _ in values)
    elif values and function == "mean":
        value = sum(v * c for v, c in values) / max(1e-12, sum(c for _, c in values))
    elif values and function in ("min", "max"):
        value = (min if function == "min" else max)(v for v, _ in values)
    return replace(first, value=value, low=None, high=None, count=count)


def totals_of(chart: Chart, series: Series) -> dict[Any, Point]:
    """One point for each key, over all series."""
    totals: dict[Any, Point] = {}
    for points in series.values():
        for key, point in points.items():
            totals[key] = merge(chart, [totals[key], point]) if key in totals else point
    return totals


@dataclass(frozen=True, slots=True)
class Frame:
    """What the panels of a chart share: series, keys in drawing order, the keys past the limit; `extra` is a mark's."""

    names: list[str]
    keys: list[Any]
    rest: list[Any]
    extra: Any = None

    @property
    def other(self) -> str:
        """The name of what is past the limit."""
        return f"{OTHER} ({len(self.rest):,})"

    def series(self, chart: Chart, step: Answer) -> Series:
        """The points of one panel, with what is past the limit folded in each series."""
        found = series_of(chart, step, self.names)
        if self.rest:
            fold(chart, found, self.rest, self.other)
        return found


def frame_of(chart: Chart, step: Answer, most: int | None = None) -> Frame:
    """Series and keys of a whole answer; categories past the limit are one "other" in every series."""
    names = names_of(step) if has(step, SERIES) else [""]
    totals = totals_of(chart, series_of(chart, step, names))
    if chart.x.how != "category" or chart.x.unit != "none":
        order = in_order(totals)
        return Frame(names, order if chart.x.how != "category" else [str(k) for k in order], [])
    sort = chart.spec.sort if chart.spec.sort != "auto" else "-value"
    rank = {k: (p.value if isinstance(p.value, (int, float)) else -1e308, p.count) for k, p in totals.items()}
    order = sorted(totals, key=lambda k: (-rank[k][0], -rank[k][1], str(k)))
    limit = most or chart.spec.limit
    kept, rest = order[:limit], order[limit:]
    if sort != "-value":
        kept.sort(key=(lambda k: str(k)) if sort == "x" else (lambda k: (rank[k], str(k))))
    frame = Frame(names, kept, rest)
    return Frame(names, [*kept, frame.other], rest) if rest else frame


def fold(chart: Chart, series: Series, rest: Sequence[Any], name: str) -> None:
    """Gather the points of some keys into one, in each series."""
    gone = set(rest)
    for points in series.values():
        folded = [points.pop(k) for k in list(points) if k in gone]
        if folded:
            merged = merge(chart, folded)
            if merged.value is not None:
                points[name] = replace(merged, key=name)
