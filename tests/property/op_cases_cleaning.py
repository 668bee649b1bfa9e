"""Every cleaning step over a table of the oracle, with the params that change its meaning."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.property.oracle import SCHEMA
from workers.engine.recipe import Recipe, lenient
from workers.ports import Column, Table

Op = dict[str, Any]

# The columns: key, "other text" (text), n (integer), x (number), ok (boolean), day (date), at (datetime).
RECIPES: dict[str, list[dict[str, Any]]] = {
    "rename": [{"column": "n", "to": "Größe"}],
    "keep": [{"columns": ["x", "key"]}],
    "drop": [{"columns": ["x", "key"]}],
    "drop_sparse": [{"columns": ["x", "never there"]}],
    "cast": [{"columns": ["other text"], "to": "number"}, {"columns": ["n", "ok"], "to": "text"},
             {"columns": ["at"], "to": "date"},
             {"columns": ["other text"], "to": "number", "format": "decimal comma"},
             {"columns": ["other text"], "to": "date", "format": "year first"}],
    "split": [{"column": "other text", "by": " ", "into": 3}, {"column": "key", "by": "[ab]", "pattern": True},
              {"column": "other text", "by": "-", "keep": False}],
    "merge": [{"columns": ["key", "n", "other text"], "separator": "|"}, {"columns": ["key", "n"], "keep": False}],
    "drop_duplicates": [{}, {"columns": ["key"]}, {"columns": ["key", "ok"], "order": "n", "keep": "last"}],
    "drop_missing": [{}, {"columns": ["n", "x"]}, {"columns": ["n", "x"], "when": "all"}],
    "fill": [{"columns": ["n", "x"], "how": how} for how in ("mean", "median")] + [
        {"columns": ["key", "n", "day"], "how": "mode"}, {"columns": ["key"], "value": "?"},
        {"columns": ["n", "x"], "value": 3}, {"columns": ["day"], "value": "2024-02-29"},
        {"columns": ["key", "x", "day"], "how": "forward", "order": "n"},
        {"columns": ["key", "x", "day"], "how": "backward", "order": "n"}],
    "blank": [{"values": ["a", "2.5"]}, {"values": [""]}, {"columns": ["n"], "values": [0, 1]}],
    "trim": [{}, {"columns": ["other text"], "inside": True}],
    "case": [{"to": to} for to in ("lower", "upper", "capitalised")],
    "replace": [{"find": "a", "put": "é"}, {"how": "whole", "find": "A", "put": "b", "ignore_case": True},
                {"how": "pattern", "find": "([ab])", "put": r"<\1>"}, {"find": "a", "put": r"\1", "ignore_case": True}],
    "strip": [{"text": "a"}, {"what": "suffix", "text": "duck"}, {"what": "punctuation"}],
    "truncate": [{"length": 2}],
    "simplify": [{"columns": ["other text"]}],
    "round": [{"columns": ["x", "n"]}, {"columns": ["x"], "digits": 1}],
    "clip": [{"columns": ["x", "n"], "low": -1, "high": 2}, {"columns": ["n"], "low": 0.5}],
    "winsorise": [{"columns": ["x", "n"], "low": 0.1, "high": 0.8}],
    "bin": [{"column": "x", "bins": 4}, {"column": "n", "bins": 3, "show": "start"}, {"column": "x", "how": "counts"},
            {"column": "x", "how": "ends", "ends": [0, 1.5, 100]}],
    "outliers": [{"columns": ["x", "n"], "method": method, "then": then, "factor": 0.7}
                 for method in ("iqr", "z") for then in ("flag", "blank", "drop")],
    "across": [{"columns": ["x", "n"], "function": function} for function in ("sum", "mean", "min", "max", "missing")],
    "one_hot": [{"column": "key", "values": ["a", "東京"], "other": True}, {"column": "ok", "values": [True],
                                                                          "keep": True}],
    "date_parts": [{"column": "day"}, {"column": "at", "parts": ["quarter", "day", "weekend", "hour", "minute"],
                                       "keep": False}],
    "negate": [{"columns": ["ok"]}],
}


def recipe_of(do: str, params: dict[str, Any], source: Op) -> Recipe:
    """One step over a table of the oracle."""
    columns = tuple(Column(name, word) for name, word in SCHEMA.items())
    return Recipe(lenient([{"do": do, **params}]), Table(source, columns))


def cleaning(a: Op, b: Op) -> Iterator[tuple[str, Op]]:
    """The ops of each step."""
    for do, choices in RECIPES.items():
        for params in choices:
            yield f"{do} {params}", recipe_of(do, params, a).result.op
