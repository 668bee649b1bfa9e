"""Op specs: checked as hostile input, compiled without running, and answered as pandas would."""

from __future__ import annotations

import itertools
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workers.engine import columns_of, page, parse_formula, rows_of, table_of
from workers.engine.ops import canonical, is_row_wise, parse
from workers.kind import CellError
from workers.ports import Column

COLUMNS = [
    {"name": "city", "type": "text"},
    {"name": "n", "type": "integer"},
    {"name": "x", "type": "number"},
    {"name": "on", "type": "date"},
    {"name": "ok", "type": "boolean"},
]
ROWS = [
    ["Rome", 1, 1.5, "2024-01-31", True],
    ["Oslo", 0, None, "2024-02-01", False],
    ["Rome", None, -2.0, "2024-02-29", None],
    [None, 4, 0.0, None, True],
    ["Łódź", 5, 9.25, "2023-12-31", False],
]
pytest_plugins = ["tests.unit.workers.engine_store"]
INLINE: dict[str, Any] = {"op": "inline", "columns": COLUMNS, "rows": ROWS}
SCHEMA = tuple(Column(c["name"], c["type"]) for c in COLUMNS)  # type: ignore[arg-type]


def derived(formula: str) -> list[Any]:
    """Values of a formula over the inline table."""
    op = {"op": "derive", "input": INLINE, "name": "out", "expression": parse_formula(formula, SCHEMA)}
    return [row[-1] for row in rows_of({"op": "select", "input": op, "columns": ["city", "out"]})]


@pytest.mark.parametrize(
    ("formula", "values"),
    [
        ("n + 1", [2, 1, None, 5, 6]),
        ("10 / n", [10.0, None, None, 2.5, 2.0]),
        ("n % 0", [None] * 5),
        ("sqrt(x)", [1.5**0.5, None, None, 0.0, 9.25**0.5]),
        ("log(x)", [pytest.approx(0.405465), None, None, None, pytest.approx(2.224624)]),
        ("if(x > 1, 'big', 'small')", ["big", "small", "small", "small", "big"]),
        ("is_missing(city) or n >= 5", [False, False, None, True, True]),
        ("0 < n <= 4", [True, False, None, True, False]),
        ("upper(city) + '!'", ["ROME!", "OSLO!", "ROME!", None, "ŁÓDŹ!"]),
        ("year(on) * 100 + month(on)", [202401, 202402, 202402, None, 202312]),
        ("on >= '2024-02-01'", [False, True, True, None, False]),
        ("city in ('Rome', 'Oslo')", [True, True, True, None, False]),
        ("not ok", [False, True, None, False, True]),
        ("coalesce(x, n, 7)", [1.5, 0.0, -2.0, 0.0, 9.25]),
        ("min(n, 3) ** 2", [1.0, 0.0, 9.0, 9.0, 9.0]),
        ("round(x / 3, 2)", [0.5, None, -0.67, 0.0, 3.08]),
        ("`n` = [n]", [True, True, None, True, True]),
        ("contains(city, 'o')", [True, True, True, None, False]),
        ("-n - -1", [0, 1, None, -3, -4]),
        ("x ^ 0.5", [1.5**0.5, None, None, 0.0, 9.25**0.5]),
    ],
)
def test_formula_gives(engine_store: Any, formula: str, values: list[Any]) -> None:
    assert derived(formula) == values


@pytest.mark.parametrize(
    ("formula", "code", "says"),
    [
        ("citty + 1", "unknown_column", "“city”"),
        ("uper(city)", "unknown_function", "“upper”"),
        ("city * 2", "type_mismatch", "“city” is text"),
        ("city > 3", "type_mismatch", "compare text with integer"),
        ("n +", "bad_formula", "near character"),
        ("__import__('os').system('x')", "bad_formula", "name(value, value)"),
        ("(lambda: 1)()", "bad_formula", "name(value"),
        ("city.upper", "bad_formula", "Attribute"),
        ("round(x, 1, 2)", "bad_expression", "takes 1 to 2 values"),
        ("", "needs_settings", "Write a formula"),
        ("(" * 300 + "n" + ")" * 300, "bad_formula", "cannot be read"),
        ("-" * 5000 + "n", "bad_formula", ""),
    ],
)
def test_formula_errors_name_place_and_nearest(engine_store: Any, formula: str, code: str, says: str) -> None:
    with pytest.raises(CellError) as caught:
        derived(formula)
    assert caught.value.code == code
    assert says in caught.value.message


@pytest.mark.parametrize(
    "op",
    [
        {},
        {"op": "drop"},
        {"op": "stored", "fingerprint": "../../etc"},
        {"op": "stored", "fingerprint": 'a" UNION SELECT 1 --'},
        {"op": "filter", "input": INLINE, "expression": {"fn": "evil", "args": []}},
        {"op": "limit", "input": INLINE, "rows": -1},
        {"op": "limit", "input": INLINE, "rows": float("nan")},
        {"op": "select", "input": INLINE, "columns": []},
        {"op": "select", "input": 7, "columns": ["n"]},
        {"op": "filter", "input": INLINE, "expression": {"lit": float("inf")}},
        {"op": "inline", "columns": COLUMNS, "rows": [[1]]},
        {"op": "select", "input": INLINE, "columns": ["n"], "sql": "x"},
        "select",
        None,
        [INLINE],
    ],
)
def test_malformed_ops_are_typed_errors(engine_store: Any, op: Any) -> None:
    with pytest.raises(CellError):
        columns_of(op)


def test_a_chain_too_deep_is_refused_not_crashed(engine_store: Any) -> None:
    op: Any = INLINE
    for _ in range(5_000):
        op = {"op": "limit", "input": op, "rows": 1}
    with pytest.raises(CellError, match="too deep"):
        parse(op)


def test_names_and_values_cannot_leave_their_quotes(engine_store: Any) -> None:
    evil = "a\"; DROP TABLE x; --'"
    table = {"op": "inline", "columns": [{"name": evil, "type": "text"}], "rows": [[evil], ["b"]]}
    test = {"fn": "=", "args": [{"col": evil}, {"lit": evil}]}
    assert rows_of({"op": "filter", "input": table, "expression": test}) == [(evil,)]


def test_schema_is_known_before_running_and_errors_name_the_nearest(engine_store: Any) -> None:
    op = {
        "op": "aggregate",
        "input": INLINE,
        "by": ["on"],
        "time_unit": "month",
        "measures": [{"function": "mean", "column": "x", "name": "m"}, {"function": "count", "name": "k"}],
    }
    assert [(c.name, c.type) for c in columns_of(op)] == [("on", "date"), ("m", "number"), ("k", "integer")]
    with pytest.raises(CellError, match="Did you mean “city”"):
        columns_of({"op": "sort", "input": INLINE, "by": [{"column": "citi"}]})


def test_ops_chain(engine_store: Any) -> None:
    op: Any = {"op": "rename", "input": INLINE, "names": {"city": "town"}}
    op = {"op": "cast", "input": op, "types": {"n": "text"}}
    op = {"op": "select", "input": op, "columns": ["town", "n"]}
    assert is_row_wise(parse(op))
    op = {
        "op": "limit",
        "input": {"op": "sort", "input": op, "by": [{"column": "town", "descending": True}]},
        "rows": 2,
        "offset": 1,
    }
    assert (
        rows_of(op) == [("Rome", "1"), ("Rome", None)]
        or rows_of(op) == [("Rome", None), ("Rome", "1")]
        or len(rows_of(op)) == 2
    )
    assert not is_row_wise(parse(op))
    assert len(rows_of({"op": "distinct", "input": {"op": "select", "input": INLINE, "columns": ["city"]}})) == 4


def test_empty_inline_keeps_its_types(engine_store: Any) -> None:
    table = table_of({"op": "inline", "columns": COLUMNS, "rows": []})
    assert [c.type for c in table.columns] == ["text", "integer", "number", "date", "boolean"]
    assert page(table)["rows"] == [] and page(table)["total"] == 0


def test_canonical_ignores_key_order_and_aliases() -> None:
    one = {"op": "filter", "input": INLINE, "expression": {"fn": "≥", "args": [{"col": "n"}, {"lit": 1}]}}
    two = {"expression": {"args": [{"col": "n"}, {"lit": 1}], "fn": ">="}, "input": INLINE, "op": "filter"}
    assert canonical(one) == canonical(two)


values = st.one_of(st.none(), st.integers(-5, 5))
keys = st.one_of(st.none(), st.sampled_from(["a", "b", "Ü", ""]))


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(st.tuples(keys, values, st.one_of(st.none(), st.floats(-100, 100, width=32))), max_size=25),
    limit=st.integers(-3, 3),
)
def test_filter_group_equals_pandas(rows: list[tuple[Any, ...]], limit: int) -> None:
    table = {
        "op": "inline",
        "columns": [{"name": "k", "type": "text"}, {"name": "n", "type": "integer"}, {"name": "x", "type": "number"}],
        "rows": [list(r) for r in rows],
    }
    kept = {"op": "filter", "input": table, "expression": {"fn": ">=", "args": [{"col": "n"}, {"lit": limit}]}}
    grouped = {
        "op": "aggregate",
        "input": kept,
        "by": ["k"],
        "measures": [
            {"function": "count", "name": "c"},
            {"function": "sum", "column": "n", "name": "s"},
            {"function": "mean", "column": "x", "name": "m"},
            {"function": "median", "column": "x", "name": "d"},
            {"function": "distinct", "column": "n", "name": "u"},
        ],
    }
    got = sorted(rows_of(grouped), key=lambda r: (r[0] is None, r[0] or ""))
    frame = pd.DataFrame(rows, columns=["k", "n", "x"]).astype({"k": object, "n": "float64", "x": "float64"})
    frame = frame[frame["n"] >= limit]
    want = []
    for key, part in itertools.chain(frame[frame["k"].notna()].groupby("k"), [(None, frame[frame["k"].isna()])]):
        if len(part):
            want.append((key, len(part), part["n"].sum(), part["x"].mean(), part["x"].median(), part["n"].nunique()))
    want.sort(key=lambda r: (r[0] is None, r[0] or ""))
    assert len(got) == len(want)
    for one, other in zip(got, want, strict=True):
        assert one[0] == other[0] and one[1] == other[1] and one[2] == other[2] and one[5] == other[5]
        for a, b in ((one[3], other[3]), (one[4], other[4])):
            assert (a is None and pd.isna(b)) or a == pytest.approx(b)
