"""From what a profile found to cleaning steps one may add with a click: pure, most useful first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from workers.ports import Column

MANY = 24
SPARSE_FROM = 0.5
_ID_NAME = re.compile(r"(^|[_\s])(id|uuid|guid|key|code|no|nr|number|index)$|(?<=[a-z])(ID|Id|UUID|Key|Code|No)$", re.I)

Facts = Mapping[str, Mapping[str, Any]]


def suggestions(columns: Sequence[Column], facts: Facts, texts: Facts, rows: int,
                duplicates: int | None) -> list[dict[str, Any]]:
    """[{id, column, words, action, step}], at most 24: `words` say what was seen, `action` names the step to add."""
    found: list[tuple[int, dict[str, Any]]] = []
    if duplicates:
        found.append((1, _offer("duplicates", None, f"{_count(duplicates, 'row')} {_repeats(duplicates)}",
                                "Drop them", do="drop_duplicates")))
    for column in columns:
        one = facts.get(column.name)
        if one is None or not rows:
            continue
        found += _of_column(column, one, texts.get(column.name, {}), rows)
    found.sort(key=lambda pair: pair[0])
    return [offer for _, offer in found[:MANY]]


def _of_column(column: Column, one: Mapping[str, Any], text: Mapping[str, Any],
               rows: int) -> Iterator[tuple[int, dict[str, Any]]]:
    name = column.name
    sampled = one.get("approx") and one.get("distinct") is None
    if one["missing"] >= 1:
        yield 2, _offer("empty", name, f"{name} is empty", "Drop it", do="drop", columns=[name])
        return
    if one.get("distinct") == 1 and not sampled and rows > 1:
        kept = " but for missing values" if one["missing"] else ""
        yield 3, _offer("constant", name, f"{name} is the same everywhere{kept}", "Drop it", do="drop", columns=[name])
        return
    if text:
        typed = list(_of_text(name, text))
        yield from typed
        if any(offer["id"].startswith(("number:", "date:", "blank:", "stand_in:")) for _, offer in typed):
            return
    if is_id(column, one, rows):
        yield 6, _offer("id", name, f"{name} looks like an identifier", "Drop it", do="drop", columns=[name])
    elif one["missing"] >= SPARSE_FROM:
        yield 4, _offer("sparse", name, f"{_share(one['missing'])} of {name} is missing", "Drop it",
                        do="drop", columns=[name])
    elif one["missing"] > 0:
        yield _fill(column, one, rows)
    yield from _far_out(column, one)


def is_id(column: Column, one: Mapping[str, Any], rows: int) -> bool:
    """Whether a column names rows rather than saying something of them."""
    if not one.get("unique") or rows < 20:
        return False
    spread = isinstance(one.get("max"), int) and isinstance(one.get("min"), int) and one["max"] - one["min"] + 1 == rows
    return column.type == "text" or spread or bool(_ID_NAME.search(column.name))


def _of_text(name: str, text: Mapping[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    stand_ins: Mapping[str, int] = text.get("stand_ins", {})
    words = sum(stand_ins.values())
    known = text["filled"] - text["blank"] - words
    if known > 0 and (typed := _typed(name, text, known)):
        yield typed
        return
    if text["blank"]:
        yield 1, _offer("blank", name, f"{_count(text['blank'], 'blank')} in {name}", "Make them missing",
                        do="blank", columns=[name], values=[""])
    if words:
        shown = " and ".join(f"“{word}”" for word in list(stand_ins)[:2])
        stands = "stands" if len(stand_ins) == 1 else "stand"
        yield 1, _offer("stand_in", name, f"{shown} {stands} for missing in {name}", "Make it missing",
                        do="blank", columns=[name], values=list(stand_ins))
    merged = text.get("spelled", 0) - text.get("folded", 0)
    if text["padded"]:
        yield 2, _offer("padded", name, f"{_count(text['padded'], 'value')} of {name} {_have(text['padded'])} blanks "
                        "at the ends", "Trim them", do="trim", columns=[name])
    elif merged > 0:
        yield 2, _offer("case", name, f"{_count(merged, 'value')} of {name} {_differ(merged)} in case only",
                        "Use one case", do="case", columns=[name], to="lower")


def _typed(name: str, text: Mapping[str, Any], known: int) -> tuple[int, dict[str, Any]] | None:
    """The offer to read a text column as numbers or dates, if nearly all of its values are."""
    blank, misfit = text["blank"], known - text["number"]
    aside = f"{_count(blank, 'blank')} in {name}" if blank else ""
    if text["number"] >= 0.95 * known:
        extra = aside or (f"{_count(misfit, 'value')} of {name} {_are(misfit)} no number" if misfit
                          else f"{name} holds numbers as text")
        return 0, _offer("number", name, extra, "Make it numeric", do="cast", columns=[name], to="number")
    if text["amount"] >= 0.95 * known:
        return 0, _offer("number", name, f"{name} holds amounts as text", "Make it numeric", do="cast",
                         columns=[name], to="number", format="amount")
    if text["date"] >= 0.95 * known:
        return 0, _offer("date", name, f"{name} holds dates as text", "Make it a date", do="cast", columns=[name],
                         to="date")
    if text["day_first"] >= 0.95 * known:
        return 0, _offer("date", name, f"{name} holds dates as text, day first", "Make it a date", do="cast",
                         columns=[name], to="date", format="day first")
    return None


def _fill(column: Column, one: Mapping[str, Any], rows: int) -> tuple[int, dict[str, Any]]:
    missing = max(1, round(one["missing"] * rows))
    how = {"integer": "median", "number": "median"}.get(column.type, "mode")
    action = "Fill with the median" if how == "median" else "Fill with the most frequent"
    if column.type in ("date", "datetime", "time"):
        words = f"{_count(missing, 'value')} of {column.name} {_are(missing)} missing"
        return 5, _offer("missing", column.name, words, "Drop those rows", do="drop_missing", columns=[column.name])
    return 5, _offer("missing", column.name, f"{_count(missing, 'value')} of {column.name} {_are(missing)} missing",
                     action, do="fill", columns=[column.name], how=how)


def _far_out(column: Column, one: Mapping[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    cuts, high, low = one.get("quantiles"), one.get("max"), one.get("min")
    if not cuts or not isinstance(high, (int, float)) or not isinstance(low, (int, float)):
        return
    inner = cuts["q95"] - cuts["q5"]
    # Three times the width that holds nine tenths, beyond its ends: a log-normal tail does not reach that far.
    if inner > 0 and (high > cuts["q95"] + 3 * inner or low < cuts["q5"] - 3 * inner):
        far = high if high > cuts["q95"] + 3 * inner else low
        yield 7, _offer("far", column.name, f"{column.name} reaches {_short(far)}, far from the rest",
                        "Winsorise", do="winsorise", columns=[column.name])


def _offer(about: str, column: str | None, words: str, action: str, **step: Any) -> dict[str, Any]:
    return {"id": f"{about}:{column or ''}", "column": column, "words": words, "action": action, "step": step}


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def _repeats(n: int) -> str:
    return "repeats another" if n == 1 else "repeat others"


def _have(n: int) -> str:
    return "has" if n == 1 else "have"


def _are(n: int) -> str:
    return "is" if n == 1 else "are"


def _differ(n: int) -> str:
    return "differs" if n == 1 else "differ"


def _share(share: float) -> str:
    return f"{100 * share:.0f} %"


def _short(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.4g}"
