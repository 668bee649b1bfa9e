"""Numbers lifted out of filters: the SQL is what it was, compiled once for all values of a drag."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.property.op_cases import FAMILIES
from workers.engine import compile as compiling
from workers.engine.compile import compile_op
from workers.engine.literals import lifted
from workers.ports import Column, Op

COLUMNS = (Column("a", "number"), Column("n", "integer"), Column("t", "text"))
SOURCE: Op = {"op": "stored", "fingerprint": "a" * 32}
ODD = [0, -0.0, 0.0, 5, -5, 2.5, -2.5, 1e-9, 1e16, 2.5e300, 2**62, -(2**62), 3.0]


def sql(op: Op, monkeypatch: Any = None, dialect: str = "duckdb") -> str:
    """SQL of an op; with monkeypatch, as it is compiled without lifting."""
    compiling._CACHE.clear()
    if monkeypatch is None:
        return compile_op(op, lambda _: COLUMNS, dialect).sql
    with monkeypatch.context() as patch:
        patch.setattr(compiling, "lifted", lambda op, text: (op, {}))
        return compile_op(op, lambda _: COLUMNS, dialect).sql



def kept(column: str, fn: str, *values: Any, source: Op = SOURCE) -> Op:
    """A filter by one test."""
    args = [{"col": column}, *({"lit": value} for value in values)]
    return {"op": "filter", "input": source, "expression": {"fn": fn, "args": args}}


@pytest.mark.parametrize("dialect", ["duckdb", "postgres"])
@pytest.mark.parametrize("value", ODD)
def test_the_sql_is_what_it_was(value: Any, dialect: str, monkeypatch: Any) -> None:
    for column in ("a", "n"):
        op = kept(column, "between", value, 7, source=kept("a", ">", value, source=kept("n", "!=", 3)))
        assert sql(op, dialect=dialect) == sql(op, monkeypatch, dialect)
    passed = {"fn": "coalesce", "args": [kept("a", "<", value)["expression"], {"lit": False}]}
    op = {"op": "filter", "input": SOURCE, "expression": {"fn": "not", "args": [passed]}}
    assert sql(op) == sql(op, monkeypatch)


def test_every_op_of_the_three_engines_compiles_alike(monkeypatch: Any) -> None:
    source: Op = {"op": "inline", "columns": [{"name": n, "type": t} for n, t in (
        ("key", "text"), ("other text", "text"), ("n", "integer"), ("x", "number"), ("ok", "boolean"), ("day", "date"),
        ("at", "datetime"))], "rows": []}
    for family in FAMILIES.values():
        for words, op in family(source, source):
            assert sql(op) == sql(op, monkeypatch), words


def test_a_drag_compiles_once(monkeypatch: Any) -> None:
    compiling._CACHE.clear()
    built: list[Any] = []
    run = compiling._Compiler.run
    monkeypatch.setattr(compiling._Compiler, "run", lambda self, dialect: built.append(self) or run(self, dialect))
    texts = {compile_op(kept("a", ">", step + 0.5), lambda _: COLUMNS).sql for step in range(20)}
    assert len(built) == 1 and len(texts) == 20 and all("918273645" not in text for text in texts)


def test_an_op_that_holds_a_mark_is_left_alone() -> None:
    op = kept("a", ">", 2.5, source=kept("t", "=", "918273645000.0625"))
    assert lifted(op, json.dumps(op)) == (op, {})
    assert "'918273645000.0625'" in sql(op) and "2.5" in sql(op)


def test_text_truth_and_dates_stay() -> None:
    for value in ("5", True, None):
        op = kept("t", "=", value)
        assert lifted(op, json.dumps(op)) == (op, {})
