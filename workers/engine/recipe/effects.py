"""What each step of a recipe did to the rows: counted by the engine, a query or two a step, and put into words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from workers.engine.approx import levels_of
from workers.engine.duck import EXACT
from workers.engine.ops import parse
from workers.engine.recipe.columns import DropSparse
from workers.engine.recipe.numbers import OneHot
from workers.engine.recipe.recipe import Line, Recipe, stacked
from workers.engine.recipe.step import call, col, lit
from workers.engine.tables import count, plain, rows_of
from workers.ports import Op

MAX_LEVELS = 40
"""Values that one-hot offers to make columns of."""


@dataclass
class Effect:
    """Counts of one step: rows gone, columns gained and lost, values emptied, blanks among them, filled, changed.

    `values` is None until they were counted; `level` is (rows looked at, all rows) when a sample stands for all.
    `offer` are params that the step found in the data and asks to have set.
    """

    rows: int | None = None
    gained: int = 0
    lost: int = 0
    values: dict[str, int] | None = None
    level: tuple[int, int] | None = None
    offer: dict[str, Any] | None = None
    found: str = ""

    def json(self, line: Line) -> dict[str, Any]:
        """The same for a view, in words."""
        known = self.values is not None or self.rows is not None
        return {"words": self.words(line), "known": known or line.idle, "approx": self.level is not None,
                "offer": self.offer}

    def words(self, line: Line) -> str:
        """“−1,204 rows”, “11 values did not fit”, “3 columns added”, “no change”."""
        if not line.step.on:
            return "off"
        if self.found:
            return self.found
        if line.lacks:
            return line.lacks
        told = [] if not self.rows else [f"−{self.rows:,} {_s(self.rows, 'row')}"]
        told += [f"{n} {_s(n, 'column')} {verb}" for n, verb in ((self.gained, "added"), (self.lost, "dropped")) if n]
        told += self._values()
        if any(op["op"] == "rename" for op in line.ops):
            return "renamed"
        if (self.values or {}).get("cast") and not told:
            return "all values fit"
        if told:
            return ("≈ " if self.level else "") + ", ".join(told)
        return "no change" if self.values is not None or self.rows is not None or not line.ops else ""

    def _values(self) -> Iterator[str]:
        found = self.values or {}
        blanks = found.get("blanks", 0)
        misfits = found.get("emptied", 0) - blanks
        if blanks:
            yield f"{blanks:,} {_s(blanks, 'blank')} became missing"
        if misfits:
            verb = "did not fit" if found.get("cast") else "became missing"
            yield f"{misfits:,} {_s(misfits, 'value')} {verb}"
        for name in ("filled", "changed"):
            if n := found.get(name, 0):
                yield f"{n:,} {_s(n, 'value')} {name}"


def _s(n: int, noun: str) -> str:
    return noun if n == 1 else f"{noun}s"


def at_once(recipe: Recipe) -> list[Effect]:
    """What is known without reading rows: columns gained and lost."""
    out = []
    for line in recipe.lines:
        before, after = {c.name for c in line.before}, {c.name for c in line.after}
        renamed = any(op["op"] == "rename" for op in line.ops)
        gained, lost = (0, 0) if renamed or line.idle else (len(after - before), len(before - after))
        effect = Effect(gained=gained, lost=lost)
        if line.idle or (renamed and len(line.ops) == 1) or all(op["op"] == "select" for op in line.ops):
            effect.values = {}
        out.append(effect)
    return out


def measure(recipe: Recipe, *, sample: bool = True) -> Iterator[list[Effect]]:
    """Effects, first from a stored sample where the whole recipe may be asked of one, then exact, line by line."""
    effects = at_once(recipe)
    level, n, population = levels_of(recipe.table.op, "100k")[0]
    if sample and level != EXACT and levels_of(recipe.result.op)[0][0] != EXACT:
        for line, effect in zip(recipe.lines, effects, strict=True):
            _count(line, effect, level, population / n)
            effect.level = (n, population)
        yield effects
        effects = at_once(recipe)
    for place, (line, effect) in enumerate(zip(recipe.lines, effects, strict=True)):
        _count(line, effect, EXACT, 1.0)
        if not line.idle or effect.offer:
            yield effects[: place + 1]
    yield effects


def _count(line: Line, effect: Effect, level: str, scale: float) -> None:
    if isinstance(line.step, DropSparse) and line.step.on:
        _look_for_sparse(line, line.step, effect, level)
        return
    if isinstance(line.step, OneHot) and line.step.on and not line.step.values and line.step.column:
        _look_for_values(line, line.step, effect)
        return
    if line.idle:
        return
    if not all(parse(op_alone(op)).keeps_rows for op in line.ops):
        before, after = (_rows(op, level) for op in (line.source, line.result()))
        effect.rows = round((before - after) * scale)
    touched = [n for n in line.step.touches(line.before) if n in {c.name for c in line.after}]
    if effect.rows or not touched or any(op["op"] in ("select", "rename") for op in line.ops):
        effect.values = effect.values or {}
        return
    effect.values = {k: round(v * scale) for k, v in _compare(line, touched, level).items()}
    effect.values["cast"] = int(line.step.model_dump().get("do") == "cast")


def op_alone(op: Op) -> Op:
    """An op over a stand-in table, enough to ask it what it does to rows."""
    return {**op, "input": {"op": "inline", "columns": [{"name": "a", "type": "text"}], "rows": []}}


def _rows(op: Op, level: str) -> int:
    if level == EXACT:
        return count(op)
    measures = [{"function": "count", "name": "n"}]
    return int(rows_of({"op": "aggregate", "input": op, "measures": measures}, level)[0][0])


def _compare(line: Line, touched: list[str], level: str) -> dict[str, int]:
    """Counts over the touched columns: what was there and is missing now, the other way round, and what differs."""
    types = {c.name: c.type for c in line.before}
    after = {c.name: c.type for c in line.after}
    kept: Op = {"op": "assign", "input": line.source, "values": {f"__was_{i}": col(n) for i, n in enumerate(touched)}}
    flags: dict[str, Op] = {}
    for i, name in enumerate(touched):
        was, now = col(f"__was_{i}"), col(name)
        there = call("not", call("is_missing", was))
        flags[f"__emptied_{i}"] = _one(call("and", there, call("is_missing", now)))
        flags[f"__filled_{i}"] = _one(call("and", call("is_missing", was), call("not", call("is_missing", now))))
        if types[name] == "text":
            blank = call("=", call("trim", was), lit(""))
            flags[f"__blanks_{i}"] = _one(call("and", blank, call("is_missing", now)))
        if types[name] == after[name] or {types[name], after[name]} == {"integer", "number"}:
            flags[f"__changed_{i}"] = _one(call("!=", was, now))
    flagged: Op = {"op": "assign", "input": stacked(kept, line.ops), "values": flags}
    measures = [{"function": "sum", "column": name, "name": name} for name in flags]
    row = rows_of({"op": "aggregate", "input": flagged, "measures": measures}, level)[0]
    out = {"emptied": 0, "filled": 0, "blanks": 0, "changed": 0}
    for name, value in zip(flags, row, strict=True):
        out[name[2:].rpartition("_")[0]] += int(value or 0)
    return out


def _one(test: Op) -> Op:
    return call("if", call("coalesce", test, lit(False)), lit(1), lit(0))


def _look_for_sparse(line: Line, step: DropSparse, effect: Effect, level: str) -> None:
    measures = [{"function": "count", "name": "__rows"},
                *({"function": "missing", "column": c.name, "name": f"__{i}"} for i, c in enumerate(line.before))]
    total, *missing = rows_of({"op": "aggregate", "input": line.source, "measures": measures}, level)[0]
    names = [c.name for c, k in zip(line.before, missing, strict=True) if total and (k or 0) > step.share * total]
    effect.values = {}
    if set(names) != {c.name for c in line.before} & set(step.columns):
        effect.offer = {"columns": names}
        many = len(names)
        effect.found = f"found {many} {_s(many, 'column')}" if names else "found none"


def _look_for_values(line: Line, step: OneHot, effect: Effect) -> None:
    name = str(step.column)
    if name not in {c.name for c in line.before}:
        return
    grouped: Op = {"op": "aggregate", "input": line.source, "by": [name],
                   "measures": [{"function": "count", "name": "__rows"}]}
    ordered: Op = {"op": "sort", "input": grouped, "by": [{"column": "__rows", "descending": True}, {"column": name}]}
    rows = rows_of({"op": "limit", "input": ordered, "rows": MAX_LEVELS + 1})
    found = [plain(value) for value, _ in rows if value is not None]
    effect.values = {}
    effect.offer = {"values": found[:MAX_LEVELS], **({"other": True} if len(found) > MAX_LEVELS else {})}
    effect.found = f"found {len(found)} values" if len(found) <= MAX_LEVELS else f"more than {MAX_LEVELS} values"


def recipe_json(recipe: Recipe, effects: list[Effect]) -> list[dict[str, Any]]:
    """One entry a step for the view: {id, step (as it was read), words, lacks, columns before it, effect}."""
    waiting = at_once(recipe)[len(effects):]
    return [{"id": line.step.id, "step": line.step.model_dump(mode="json", exclude={"id"}),
             "words": line.step.words(), "lacks": line.lacks,
             "columns": [[c.name, c.type] for c in line.before], "effect": effect.json(line)}
            for line, effect in zip(recipe.lines, [*effects, *waiting], strict=True)]

