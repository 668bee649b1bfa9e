"""What hides in text columns: blanks, stand-ins for missing, numbers and dates written as text, mixed case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workers.engine.duck import engine, sql_name, sql_text
from workers.ports import Column

STAND_INS = ("?", "na", "n/a", "n.a.", "#n/a", "null", "nan", "-", "--", ".", "missing", "not available")
"""Words that people write where nothing is known, compared in small letters without blanks at the ends."""
MOSTLY = 0.9
"""Share of the filled values from which a text column counts as numbers or dates written as text."""
FOLDED_UP_TO = 2_000
"""Distinct values up to which spellings that differ in case or blanks only are counted."""

TextFacts = dict[str, dict[str, Any]]
"""{column: {filled, blank, padded, stand_ins: {spelling: count}, number, amount, date, day_first, month_first, folded}}

Each is a count of values, `folded` a count of distinct values left when case and blanks at the ends are ignored.
"""

_AMOUNT = r"^[-+(]?\s*[$€£¥]?\s*[-+]?\d{1,3}([, ]\d{3})*(\.\d+)?\s*[%$€£¥]?\)?$"
_SLASHED = r"^\d{1,2}[/.-]\d{1,2}[/.-]\d{4}$"


def text_facts(source: str, columns: Sequence[Column], distinct: Mapping[str, int | None]) -> TextFacts:
    """The facts of every text column of a query in parentheses; columns of few values are looked at by value."""
    texts = [c for c in columns if c.type == "text"]
    if not texts:
        return {}
    picks = [pick for c in texts for pick in _cheap(sql_name(c.name))]
    row = engine().fetch(f"SELECT {', '.join(picks)} FROM {source}").rows[0]
    width = len(row) // len(texts)
    out: TextFacts = {}
    for i, c in enumerate(texts):
        filled, blank, padded, stand_in = row[i * width : (i + 1) * width]
        out[c.name] = {"filled": filled, "blank": blank, "padded": padded, "stand_ins": {}}
        if stand_in:
            out[c.name]["stand_ins"] = _stand_ins(source, sql_name(c.name))
    _typed(source, out)
    _folded(source, [c.name for c in texts if 1 < (distinct.get(c.name) or 0) <= FOLDED_UP_TO], out)
    return out


def _cheap(name: str) -> list[str]:
    listed = ", ".join(sql_text(word) for word in STAND_INS)
    return [
        f"count({name})",
        f"count(*) FILTER (trim({name}) = '')",
        f"count(*) FILTER (strlen(trim({name})) < strlen({name}) AND trim({name}) <> '')",
        f"count(*) FILTER (strlen({name}) < 20 AND lower(trim({name})) IN ({listed}))",
    ]


def _stand_ins(source: str, name: str) -> dict[str, int]:
    listed = ", ".join(sql_text(word) for word in STAND_INS)
    rows = engine().fetch(
        f"SELECT {name}, count(*) FROM {source} WHERE lower(trim({name})) IN ({listed}) GROUP BY 1 ORDER BY 2 DESC, 1"
        " LIMIT 10"
    )
    return {str(value): int(k) for value, k in rows.rows}


_FIRST = "try_cast(regexp_extract({v}, '\\d+') AS INT)"
_TESTS = {
    "number": "isfinite(try_cast({v} AS DOUBLE))",
    "amount": f"regexp_matches({{v}}, {sql_text(_AMOUNT)})",
    "date": "(length({v}) BETWEEN 8 AND 32 AND try_cast({v} AS TIMESTAMP) IS NOT NULL)",
    "day_first": f"(regexp_matches({{v}}, {sql_text(_SLASHED)}) AND {_FIRST} <= 31)",
    "over_12": f"(regexp_matches({{v}}, {sql_text(_SLASHED)}) AND {_FIRST} > 12)",
}


def _typed(source: str, out: TextFacts) -> None:
    """Whether the values read as numbers or dates: all are looked at only where a thousand of them say so."""
    names = list(out)
    few = f"(SELECT * FROM {source} LIMIT 1000)"
    hopeful: dict[str, list[str]] = {}
    for name, found in _tested(few, {n: list(_TESTS) for n in names}).items():
        filled = found["filled"]
        passed = [t for t in _TESTS if t == "over_12" or (filled and found[t] >= MOSTLY * filled)]
        if len(passed) > 1:
            hopeful[name] = passed
        out[name].update(dict.fromkeys(_TESTS, 0))
    for name, found in _tested(source, hopeful).items():
        out[name].update({k: v for k, v in found.items() if k != "filled"})
    for name in names:
        over, first = out[name].pop("over_12"), out[name].pop("day_first")
        # One number above 12 in first place settles it; without any, month first is no less likely, so nothing is said.
        out[name]["day_first"] = first if over else 0


def _tested(source: str, tests: Mapping[str, Sequence[str]]) -> dict[str, dict[str, int]]:
    if not tests:
        return {}
    picks = []
    for name, wanted in tests.items():
        value = f"nullif(trim({sql_name(name)}), '')"
        listed = ", ".join(sql_text(word) for word in STAND_INS)
        known = f"lower(trim({sql_name(name)})) NOT IN ({listed})"
        picks.append(f"count({value}) FILTER ({known})")
        picks += ["count(*) FILTER (" + _TESTS[test].replace("{v}", value) + ")" for test in wanted]
    row = iter(engine().fetch(f"SELECT {', '.join(picks)} FROM {source}").rows[0])
    return {name: {"filled": next(row), **{test: next(row) for test in wanted}} for name, wanted in tests.items()}


def _folded(source: str, names: Sequence[str], out: TextFacts) -> None:
    if not names:
        return
    picks = [f"count(DISTINCT lower(trim({sql_name(n)})))" for n in names]
    exact = [f"count(DISTINCT {sql_name(n)})" for n in names]
    row = engine().fetch(f"SELECT {', '.join(picks + exact)} FROM {source}").rows[0]
    for i, name in enumerate(names):
        out[name]["folded"], out[name]["spelled"] = row[i], row[len(names) + i]
