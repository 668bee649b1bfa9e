"""Before a join runs: which keys would fit, and how many rows it will make."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workers.engine.ops.types import exactly
from workers.engine.tables import columns_of, count, has_samples, known_count, rows_of
from workers.ports import Op, Table

SMALL = 100_000
"""Rows up to which the other table is cheap to join anew by each question."""
LOOKED_AT = 5_000
KNOWN = 20_000
_FREE = ("text", "date", "datetime")
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Keys:
    """Columns that may be joined on, and the share of looked-at rows of the left side whose key the right side has."""

    pairs: tuple[Pair, ...]
    overlap: float

    @property
    def words(self) -> str:
        """“dest = faa”."""
        return ", ".join(a if a == b else f"{a} = {b}" for a, b in self.pairs)

    @property
    def params(self) -> dict[str, Any]:
        """As the param `keys` of a join."""
        return {"keys": [{"left": a, "right": b} for a, b in self.pairs]}


def suggest(left: Table, right: Table) -> Keys | None:
    """The keys that fit best by name, type and overlap of values; more than one where one leaves repeats."""
    mine, theirs = _columns(left, LOOKED_AT), _columns(right, KNOWN)
    types = {c.name: c.type for c in columns_of(left)}, {c.name: c.type for c in columns_of(right)}
    scored = sorted(_scores(mine, theirs, *types), reverse=True)
    if not scored:
        return None
    pairs, rows = [scored[0][1]], len(next(iter(theirs.values()), []))
    for _, pair in scored[1:]:
        fresh = pair[0] not in [a for a, _ in pairs] and pair[1] not in [b for _, b in pairs]
        if _distinct(theirs, pairs) >= rows or not fresh or pair[0].lower() != pair[1].lower():
            continue
        if _distinct(theirs, [*pairs, pair]) > _distinct(theirs, pairs):
            pairs.append(pair)
    known = {*zip(*[theirs[b] for _, b in pairs], strict=True)}
    keys = [*zip(*[mine[a] for a, _ in pairs], strict=True)]
    return Keys(tuple(pairs), sum(key in known for key in keys) / max(1, len(keys)))


def _columns(table: Table, limit: int) -> dict[str, list[Any]]:
    names = [c.name for c in columns_of(table)]
    rows = rows_of(table, limit=limit)
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}


def _distinct(values: Mapping[str, list[Any]], pairs: Iterable[Pair]) -> int:
    return len({*zip(*[values[b] for _, b in pairs], strict=True)})


def _scores(mine: Mapping[str, list[Any]], theirs: Mapping[str, list[Any]], left: Mapping[str, str],
            right: Mapping[str, str]) -> Iterable[tuple[float, Pair]]:
    """Pairs of columns that may be keys, each with how well it fits."""
    for one, values in mine.items():
        seen = {v for v in values if v is not None}
        for two, others in theirs.items():
            if not seen or "number" in (left[one], right[two]) or not exactly(left[one], right[two]):
                continue
            known = {v for v in others if v is not None}
            overlap = len(seen & known) / len(seen)
            alike = difflib.SequenceMatcher(None, one.lower(), two.lower()).ratio()
            unique = len(known) == len(others) and len(known) > 1
            by_value = unique and overlap >= 0.8 and (left[one] in _FREE or len(seen) > 50)
            if overlap > 0.2 and (alike >= 0.75 or by_value) and left[one] != "boolean":
                yield overlap + alike + unique + (left[one] in _FREE) * 0.5, (one, two)


@dataclass(frozen=True, slots=True)
class Size:
    """What a join will do: pairs of rows that match, rows without a match, and the most matches of one left row."""

    pairs: int
    left: int
    right: int
    alone_left: int
    alone_right: int
    fan_out: int

    def rows(self, how: str) -> int:
        """Rows of the result."""
        return {
            "inner": self.pairs, "left": self.pairs + self.alone_left, "right": self.pairs + self.alone_right,
            "full": self.pairs + self.alone_left + self.alone_right, "semi": self.left - self.alone_left,
            "anti": self.alone_left,
        }[how]


def is_single(how: str, left: Table, right: Table, pairs: Sequence[Pair]) -> bool:
    """Whether a row of the left side has at most one match among few rows: then the join is as good as not kept.

    Keys of other types are compared as a third one, in which two of them may meet, so these do not count.
    """
    mine, theirs = ({c.name: c.type for c in columns_of(table)} for table in (left, right))
    if how in ("right", "full") or any(mine[a] != theirs[b] for a, b in pairs) or has_samples(right.op) or (
            known_count(right) or 0) > SMALL or count(right) > SMALL:
        return False
    if how in ("semi", "anti"):
        return True
    names = list(dict.fromkeys(b for _, b in pairs))
    known: Op = right.op
    for name in names:
        missing = {"fn": "is_missing", "args": [{"col": name}]}
        known = {"op": "filter", "input": known, "expression": {"fn": "not", "args": [missing]}}
    groups: Op = {"op": "aggregate", "input": known, "by": names, "measures": [{"function": "count", "name": "__n"}]}
    most = {"op": "aggregate", "input": groups, "measures": [{"function": "max", "column": "__n", "name": "__most"}]}
    return int(rows_of(most)[0][0] or 0) <= 1


def size_of(left: Op, right: Op, pairs: Sequence[Pair]) -> Size:
    """Counted by key on both sides, so that it costs two group-bys and never the join itself."""
    def counted(table: Op, names: list[str], called: str) -> Op:
        return {"op": "aggregate", "input": table, "by": list(dict.fromkeys(names)),
                "measures": [{"function": "count", "name": called}]}

    def when(test: str, other: str, value: dict[str, Any]) -> Op:
        return {"fn": "if", "args": [{"fn": test, "args": [{"col": other}]}, value, {"lit": 0}]}

    joined: Op = {"op": "join", "left": counted(left, [a for a, _ in pairs], "__l"),
                  "right": counted(right, [b for _, b in pairs], "__r"), "how": "full",
                  "keys": [{"left": a, "right": b} for a, b in pairs]}
    zero = {name: {"fn": "coalesce", "args": [{"col": name}, {"lit": 0}]} for name in ("__l", "__r")}
    product = {"fn": "*", "args": [zero["__l"], zero["__r"]]}
    for name, value in (("__both", product), ("__alone_l", when("is_missing", "__r", zero["__l"])),
                        ("__alone_r", when("is_missing", "__l", zero["__r"])),
                        ("__fan", {"fn": "if", "args": [
                            {"fn": "is_missing", "args": [{"col": "__l"}]}, {"lit": 0}, zero["__r"]]})):
        joined = {"op": "derive", "input": joined, "name": name, "expression": value}
    sums = ["__both", "__l", "__r", "__alone_l", "__alone_r"]
    measures = [{"function": "sum", "column": name, "name": f"{name}_sum"} for name in sums]
    row = rows_of({"op": "aggregate", "input": joined, "by": [], "measures": [
        *measures, {"function": "max", "column": "__fan", "name": "most"}]})[0]
    return Size(*(int(value or 0) for value in row))

