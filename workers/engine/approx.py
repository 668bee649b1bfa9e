"""Progressive answers: which sample level to ask, how to scale it, its intervals, and then the exact answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workers.engine import intervals, meeting
from workers.engine.compile import Compiled
from workers.engine.duck import EXACT, engine, sql_name
from workers.engine.ops import Measure, OpNode, Stored, parse, sampled_source
from workers.engine.shared_scan import ROWS, Fetched, Question
from workers.engine.tables import compiled, has_samples, plain
from workers.ports import Column, Op, Table

FEW_MATCHED = 1_000
"""Matched rows below which a level is passed over for the next one."""
WORTH_ASKING = 20
"""A better sample is asked while the exact answer takes this many times as long; else that is there nearly as soon."""
MAX_GROUPS = 10_000
PREVIEWED = frozenset(
    ("count", "sum", "mean", "median", "min", "max", "stddev", "missing", "q1", "q3", "whisker_low", "whisker_high")
)
"""Measures a sample may answer; the number of distinct values never comes from a sample."""


@dataclass(frozen=True, slots=True)
class Query:
    """A grouped question to a table: `by` columns (dates cut to `time_unit`) and measures.

    At most `limit` groups come back, ordered by `order`: "rows" (largest groups first) or "key".
    """

    by: tuple[str, ...] = ()
    measures: tuple[Measure, ...] = (Measure(function="count", name="count"),)
    time_unit: str = "none"
    limit: int = MAX_GROUPS
    order: str = "rows"

    def op(self, table: Table | Op) -> Op:
        """The same as an aggregate op."""
        source = table.op if isinstance(table, Table) else table
        return {
            "op": "aggregate",
            "input": source,
            "by": list(self.by),
            "time_unit": self.time_unit,
            "measures": [m.model_dump() for m in self.measures],
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """One level's answer. `rows` hold group keys, then measures; `low` / `high` give intervals by measure, per row.

    `n` of `population` source rows were looked at and `matched` sampled rows passed the filters. `few[i]` says that row
    i rests on fewer than 30 sampled rows. `counts[i]` is the (scaled) number of rows of group i.
    """

    level: str
    n: int
    population: int
    exact: bool
    columns: tuple[Column, ...]
    rows: list[list[Any]]
    keys: int
    counts: list[float] = field(default_factory=list)
    low: Mapping[str, list[float | None]] = field(default_factory=dict)
    high: Mapping[str, list[float | None]] = field(default_factory=dict)
    few: list[bool] = field(default_factory=list)
    matched: int = 0
    groups: int = 0

    @property
    def fraction(self) -> float:
        """Share of rows looked at."""
        return 1.0 if self.exact else self.n / max(1, self.population)

    @property
    def interval(self) -> str:
        """Words for a footer, such as "±0.6 % at 95 %": the widest interval relative to the largest value."""
        if self.exact:
            return ""
        widest = 0.0
        for name, lows in self.low.items():
            index = [c.name for c in self.columns].index(name)
            tallest = max((abs(r[index]) for r in self.rows if isinstance(r[index], (int, float))), default=0)
            for low, high in zip(lows, self.high[name], strict=True):
                if low is not None and high is not None and tallest:
                    widest = max(widest, (high - low) / 2 / tallest)
        return f"±{100 * widest:.{1 if widest >= 0.001 else 2}f} % at 95 %" if widest else ""

    @property
    def note(self) -> str:
        """What to say beside a sampled answer."""
        return "" if self.exact else f"≈ {short(self.n)} of {short(self.population)} rows; rare groups may be missing"

    def level_json(self) -> dict[str, int] | None:
        """{"n", "N"} for a view, None when exact."""
        return None if self.exact else {"n": self.n, "N": self.population}


def short(count: int) -> str:
    """100k, 2.5M: a number of rows in few characters."""
    for size, word in ((1_000_000_000, "B"), (1_000_000, "M"), (1_000, "k")):
        if count >= size:
            return f"{count / size:.1f}".rstrip("0").rstrip(".") + word
    return str(count)


def levels_of(table: Table | Op | OpNode, start: str = "100k") -> list[tuple[str, int, int]]:
    """[(level, sampled rows, all rows)] to ask in turn, the last exact. Only exact when a sample would mislead.

    A sample stands for a table when every op down to a stored source is row-wise; what is joined to it on the way, at
    most one row each, is small and read whole.
    """
    node = parse(table.op if isinstance(table, Table) else table)
    source = sampled_source(node)
    if not isinstance(source, Stored):
        return [(EXACT, 0, 0)]
    manifest = engine().manifest(source.fingerprint)
    if not has_samples(node):
        return [(EXACT, manifest.rows, manifest.rows)]
    names = [s.name for s in manifest.samples]
    first = names.index(start) if start in names else 0
    chosen = [(s.name, s.rows, manifest.rows) for s in manifest.samples[first:]]
    return [*chosen, (EXACT, manifest.rows, manifest.rows)]


def answer(table: Table | Op, query: Query, *, start: str = "100k") -> Iterator[Answer]:
    """Better and better answers, the last exact. Levels with fewer than 1,000 matched rows are passed over.

    COUNT and SUM are scaled by N/n; means, medians and extremes are not. Raises CellError at once for unknown columns.
    """
    exact = compiled(query.op(table))
    asked = exact.node.inputs()[0]
    levels = levels_of(asked, start) if {m.function for m in query.measures} <= PREVIEWED else levels_of(asked)[-1:]
    shown = False
    for level, n, population in levels:
        if level == EXACT:
            yield _exact(exact, query, population)
            continue
        if shown and n * WORTH_ASKING > population:
            continue
        guess = ask_level(table, query, level, n, population)
        if guess.matched >= FEW_MATCHED:
            shown = True
            yield guess


def answer_like(step: Answer, table: Table | Op, query: Query) -> Answer:
    """Another question answered from the same rows as `step`: its sample, or all."""
    if step.exact:
        return _exact(compiled(query.op(table)), query, step.population)
    return ask_level(table, query, step.level, step.n, step.population)


def _order(query: Query, counted: str) -> str:
    keys = ", ".join(f"{sql_name(name)} NULLS LAST" for name in query.by)
    if not keys:
        return ""
    first = f"{sql_name(counted)} DESC, " if query.order == "rows" else ""
    return f" ORDER BY {first}{keys}"


def _exact(plan: Compiled, query: Query, population: int) -> Answer:
    full = compiled(_extended(plan, query, ()))
    rows, groups = _fetch(full, query, EXACT)
    keys, width = len(query.by), len(query.by) + len(query.measures)
    counts = [float(r[width]) for r in rows]
    return Answer(
        EXACT,
        population,
        population,
        True,
        plan.columns,
        [_row(r[:width], keys) for r in rows],
        keys,
        counts,
        matched=int(sum(counts)),
        few=[False] * len(rows),
        groups=groups,
    )


def _row(row: Sequence[Any], keys: int) -> list[Any]:
    # A sum past 2^53 stays a number for the axis; a key of that size stays text, whole.
    return [
        *(plain(v) for v in row[:keys]),
        *(float(v) if isinstance(v, int) and abs(v) > 2**53 else plain(v) for v in row[keys:]),
    ]


def _extended(plan: Compiled, query: Query, extra: Sequence[Measure]) -> Op:
    aggregate: Op = plan.node.model_dump(mode="json")
    more = [*extra, Measure(function="count", name=ROWS)]
    return {**aggregate, "measures": [*aggregate["measures"], *(m.model_dump() for m in more)]}


def _fetch(plan: Compiled, query: Query, level: str) -> Fetched:
    question = Question(plan, min(query.limit, MAX_GROUPS), query.order == "key", level)
    return meeting.ask(question, lambda: _fetch_alone(plan, query, level))


def _fetch_alone(plan: Compiled, query: Query, level: str) -> Fetched:
    sql = engine().bind(plan.sql, plan.names, level)
    limit = min(query.limit, MAX_GROUPS)
    rows = engine().fetch(f"SELECT *, count(*) OVER () FROM ({sql}){_order(query, ROWS)} LIMIT {limit}").rows
    return rows, int(rows[0][-1]) if rows else 0


def ask_level(table: Table | Op, query: Query, level: str, n: int, population: int) -> Answer:
    """The scaled answer of one sample level with its intervals."""
    extra = [
        Measure(function=f, column=m.column, name=f"__{f}{i}")
        for i, m in enumerate(query.measures)
        if m.function in ("sum", "mean")
        for f in ("count", "mean", "stddev")
    ]
    base = compiled(query.op(table))
    plan = compiled(_extended(base, query, extra))
    rows, groups = _fetch(plan, query, level)
    return scale([c.name for c in plan.columns], rows, base.columns, query, level, n, population, groups)


def scale(
    names: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
    columns: tuple[Column, ...],
    query: Query,
    level: str,
    n: int,
    population: int,
    groups: int,
) -> Answer:
    """Sampled aggregates (with their helper columns, by `names`) as an Answer with intervals."""
    keys, at = len(query.by), {name: i for i, name in enumerate(names)}
    out: list[list[Any]] = []
    low: dict[str, list[float | None]] = {m.output(): [] for m in query.measures}
    high: dict[str, list[float | None]] = {m.output(): [] for m in query.measures}
    counts, few, matched = [], [], 0
    for row in rows:
        seen = int(row[at[ROWS]])
        matched += seen
        counts.append(seen * population / n)
        few.append(seen < intervals.ENOUGH)
        values: list[Any] = [plain(v) for v in row[:keys]]
        for i, measure in enumerate(query.measures):
            helpers = {f: row[at[f"__{f}{i}"]] for f in ("count", "mean", "stddev") if f"__{f}{i}" in at}
            value, bounds = _estimate(measure, row[keys + i], helpers, n, population)
            values.append(plain(value))
            low[measure.output()].append(None if bounds is None else bounds[0])
            high[measure.output()].append(None if bounds is None else bounds[1])
        out.append(values)
    return Answer(level, n, population, False, columns, out, keys, counts, low, high, few, matched, groups)


def _estimate(
    measure: Measure, value: Any, helpers: Mapping[str, Any], n: int, population: int
) -> tuple[Any, intervals.Interval | None]:
    if measure.function in ("count", "missing"):
        seen = int(value or 0)
        return seen * population / n, intervals.count_interval(seen, n, population)
    if measure.function not in ("sum", "mean") or value is None:
        return value, None
    k, mean, deviation = int(helpers["count"]), float(helpers["mean"]), float(helpers["stddev"] or 0.0)
    if measure.function == "mean":
        return value, intervals.mean_interval(mean, deviation, k, intervals.correction(n, population))
    squares = max(0, k - 1) * deviation**2 + k * mean**2
    bounds = intervals.sum_interval(k * mean, squares, n, population) if k >= intervals.ENOUGH else None
    return float(value) * population / n, bounds
