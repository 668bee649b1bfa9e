"""Op trees over two tables of the oracle: every op, with the options that change its meaning."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from tests.property.op_cases_cleaning import cleaning
from workers.engine.ops.windows import PLACES, WindowFunction

Op = dict[str, Any]
HOWS = ("inner", "left", "right", "full", "semi", "anti")
FUNCTIONS = ("count", "sum", "mean", "median", "min", "max", "distinct", "stddev", "missing")


def key(column: str, descending: bool = False) -> Op:
    """A sort key."""
    return {"column": column, "descending": descending}


def measures(column: str, functions: tuple[str, ...] = FUNCTIONS) -> list[Op]:
    """Each function of a column, and the number of rows."""
    return [{"function": f, "column": column, "name": f} for f in functions] + [{"function": "count", "name": "rows"}]


def rows(a: Op, b: Op) -> Iterator[tuple[str, Op]]:
    """Ops on each row by itself, order and groups."""
    test = {"fn": "or", "args": [{"fn": ">", "args": [{"col": "n"}, {"lit": 0}]},
                                 {"fn": "=", "args": [{"col": "key"}, {"lit": "a"}]}]}
    yield "filter", {"op": "filter", "input": a, "expression": test}
    yield "derive", {"op": "derive", "input": a, "name": "new", "expression": {"fn": "not", "args": [test]}}
    yield "select", {"op": "select", "input": a, "columns": ["x", "key"]}
    yield "rename", {"op": "rename", "input": a, "names": {"key": "Schlüssel"}}
    yield "cast", {"op": "cast", "input": a, "types": {"x": "integer", "other text": "number", "ok": "text",
                                                       "at": "date", "n": "number"}}
    short = {"op": "select", "input": a, "columns": ["key", "ok", "x"]}
    yield "sort, in order", {"op": "sort", "input": short, "by": [key("key"), key("ok", True), key("x", True)]}
    yield "limit, in order", {"op": "limit", "input": a, "rows": 2, "offset": 1}
    yield "distinct", {"op": "distinct", "input": {"op": "select", "input": a, "columns": ["key", "ok"]}}
    yield "row_statistics", {"op": "row_statistics", "input": a, "columns": ["n", "x", "ok"],
                             "functions": ["sum", "mean", "min", "max", "range", "missing"]}


def groups(a: Op, b: Op) -> Iterator[tuple[str, Op]]:
    """Aggregates."""
    quartiles = ("q1", "q3", *FUNCTIONS)
    yield "aggregate", {"op": "aggregate", "input": a, "by": ["key", "day"], "time_unit": "month",
                        "measures": measures("x", quartiles)}
    yield "aggregate whole", {"op": "aggregate", "input": a, "by": [], "measures": measures("n", quartiles)}
    yield "aggregate booleans", {"op": "aggregate", "input": a, "by": ["key"], "measures": measures("ok")}
    yield "aggregate keys", {"op": "aggregate", "input": a, "by": ["key", "ok", "day"], "time_unit": "week"}
    words = ("min", "max", "distinct", "count", "missing")
    for column in ("key", "at", "day"):
        yield f"aggregate {column}", {"op": "aggregate", "input": a, "by": ["ok"], "measures": measures(column, words)}
    for unit in ("year", "quarter", "week", "day", "hour", "minute", "day_of_week", "hour_of_day"):
        for column in ("at", "day"):
            yield f"aggregate {column} by {unit}", {"op": "aggregate", "input": a, "by": [column], "time_unit": unit,
                                                    "measures": measures("n", ())}


def combined(a: Op, b: Op) -> Iterator[tuple[str, Op]]:
    """Two tables."""
    pairs = {"": [("key", "key")], " by two": [("key", "key"), ("ok", "ok")], " by numbers": [("x", "n")],
             " by moments": [("at", "day")]}
    for words, keys in pairs.items():
        for how in HOWS:
            yield f"join {how}{words}", {"op": "join", "left": a, "right": b, "how": how,
                                         "keys": [{"left": one, "right": two} for one, two in keys]}
    few: Op = {"op": "select", "input": b, "columns": ["x", "key"]}
    yield "union", {"op": "union", "tables": [a, few], "source": "from", "labels": ["one", "two"]}
    renamed = {"op": "rename", "input": few, "names": {"x": "n"}}
    yield "union widened", {"op": "union", "tables": [{"op": "select", "input": a, "columns": ["key", "n"]}, renamed]}
    yield "union by position", {"op": "union", "by": "position", "tables": [
        {"op": "select", "input": a, "columns": ["key", "day"]},
        {"op": "select", "input": b, "columns": ["other text", "at"]}]}
    yield "beside", {"op": "beside", "left": a, "right": b}
    spans = {"op": "select", "input": b, "columns": ["key", "day", "at"]}
    yield "events", {"op": "events", "input": a, "intervals": spans, "time": "at", "start": "day", "end": "at",
                     "keys": [["key", "key"]], "measures": measures("n", ("sum", "mean"))}


def shapes(a: Op, b: Op) -> Iterator[tuple[str, Op]]:
    """Pivot, unpivot, transpose."""
    values = [{"value": {"lit": "a"}, "name": "a"}, {"value": {"lit": "東京"}, "name": "東京"},
              {"value": {"lit": None}, "name": "missing"}]
    for function in FUNCTIONS[:-1]:
        yield f"pivot {function}", {"op": "pivot", "input": a, "by": ["ok"], "column": "key", "values": values,
                                    "function": function, "of": "x"}
    leap = [{"value": {"lit": "2020-02-29", "type": "date"}, "name": "leap"}]
    yield "pivot days", {"op": "pivot", "input": a, "by": ["key", "ok"], "column": "day", "values": leap}
    yield "pivot whole", {"op": "pivot", "input": a, "by": [], "column": "key", "values": values, "function": "sum",
                          "of": "ok"}
    yield "unpivot", {"op": "unpivot", "input": a, "columns": ["n", "x"], "name_to": "what", "value_to": "much"}
    yield "unpivot texts", {"op": "unpivot", "input": a, "columns": ["n", "key", "ok"], "drop_missing": True}
    first: Op = {"op": "top", "input": a, "rows": 3}
    for columns in (["n", "x"], ["n", "key", "ok"]):
        yield f"transpose {columns}, in order", {"op": "transpose", "input": first, "columns": columns,
                                                 "names": ["r1", "r2", "r3"]}


def chosen(a: Op, b: Op) -> Iterator[tuple[str, Op]]:
    """Top, sample and split."""
    yield "top, in order", {"op": "top", "input": a, "rows": 3, "by": [key("x", True)]}
    yield "top of groups", {"op": "top", "input": a, "rows": 2, "by": [key("x", True)], "per": ["key", "ok"]}
    yield "top last, in order", {"op": "top", "input": a, "rows": 3, "last": True}
    yield "top last of groups", {"op": "top", "input": a, "rows": 1, "last": True, "per": ["key"]}
    for words, more in (("rows", {"rows": 4}), ("share", {"share": 0.4}), ("rows of each", {"rows": 5, "by": ["key"]}),
                        ("share of each", {"share": 0.5, "by": ["key"]})):
        yield f"sample {words}, in order", {"op": "sample", "input": a, "seed": 3, **more}
    how: dict[str, Op] = {"at random": {}, "in proportion": {"by": ["key"]}, "by time": {"time": "at"},
                          "whole groups": {"together": "key"}}
    for words, more in how.items():
        for part in range(3):
            yield f"split_part {part} {words}, in order", {
                "op": "split_part", "input": a, "part": part, "shares": [0.5, 0.3, 0.2], "seed": 2, **more}


def windows(a: Op, b: Op) -> Iterator[tuple[str, Op]]:
    """Every window function: in groups, along an order, and over all rows as they come."""
    layouts = (("key", [key("x", True)], "n", 2), ("", [key("at"), key("key", True)], "x", 3), ("key ok", [], "ok", 1))
    for function in get_args(WindowFunction):
        for by, order, column, size in layouts:
            new = {"function": function, "name": "out", "size": size,
                   "column": None if function in (*PLACES, "group_count") else column}
            yield f"window {function} by {by or 'nothing'}, in order", {
                "op": "window", "input": a, "by": by.split(), "order": order, "columns": [new]}


FAMILIES = {"rows": rows, "groups": groups, "combined": combined, "shapes": shapes, "chosen": chosen,
            "windows": windows, "cleaning": cleaning}
