"""Every function of the expression language means the same in DuckDB and in the pandas code we export."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.property.oracle import Bench, same, tables
from workers.engine import parse_formula
from workers.engine.functions import FUNCTIONS
from workers.engine.pandas_expression import TRANSLATED
from workers.engine.tables import columns_of

pytest_plugins = ["tests.unit.workers.engine_store"]
FORMULAS = """
n + 1; x + n; n - ok; x * n; 10 / n; x / x; n / 0; n % 3; n % 0; x % n; x % 0.7; -n; x ** 2; x ** 0.5; n ** n; x ** n
n = 1; x != n; key = "a"; key < [other text]; not (key != "a"); day >= "2020-02-29"; not (day < "2021-01-01"); at > day
at != at; not between(x, 0, 2); between(at, "2020-01-01","2022-01-01"); between(n, x, 3); n in (1, 2, missing)
not (n in (1,2)); not (key in ("a","b")); not (day in ("2020-02-29", "2021-01-01")); ok and n > 1; ok or n > 1; not ok
not (ok and is_missing(n)); n > 1 or missing; if(x > 1, "big", "small"); if(ok, n, x); if(n > 0, n, missing)
if(ok, day, missing); coalesce(x, n, 7); coalesce(key, [other text], "none"); coalesce(day, at); is_missing(at)
min(n, 3); max(n, x, 0.5); min(key, [other text]); max(day, at); abs(n); exp(x); floor(x); ceil(x); floor(n); round(x)
round(x, 2); round(x, 1); round(n, 1); round(n); sqrt(x); log(x); log(x, 10); log(n); lower([other text]); upper(key)
trim([other text]); length([other text]); contains([other text], "a"); starts_with([other text], "a"); number(n)
ends_with([other text], "a"); contains([other text], key); replace([other text], "a", "b"); key + [other text]; 0 <= x
key + "!"; replace([other text], key, "!"); "<" + key; year(day); quarter(at); month(day); day(at); day_of_week(at)
hour(at); day_of_week(day); minute(at); number([other text]); number(ok); integer(x); integer([other text]); integer(ok)
text(n); text(ok); text(day); text(at); text(x); date([other text]); date(at); bin(x, 0, 5); bin(n, 1, x); bin(x, 0, 0)
missing; 1; "a"; 1 / 0; 1 = 1; x > 0 and 1 < 2; length("abc"); true
""".replace("\n", ";").split(";")


@pytest.fixture(scope="module")
def drawn() -> list[Any]:
    """A few dozen rows, joined from the small tables of one deterministic run of hypothesis."""
    import pyarrow as pa

    seen: list[Any] = []

    @settings(max_examples=4, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(tables(), min_size=6, max_size=12))
    def draw(many: list[Any]) -> None:
        plain = pa.timestamp("us")
        schema = pa.schema([(c.name, plain if c.name == "at" else c.type) for c in many[0].schema])
        seen.append(pa.concat_tables([one.cast(schema) for one in many]))

    draw()
    return sorted(seen, key=len)[-1:]


def test_each_function_has_a_translation_and_a_formula_here() -> None:
    assert set(TRANSLATED) == set(FUNCTIONS)
    used = " ".join(str(parse_formula(formula)) for formula in FORMULAS if formula.strip())
    assert [name for name in FUNCTIONS if f"'fn': '{name}'" not in used] == []


def test_a_formula_means_the_same_in_pandas(engine_store: Any, drawn: list[Any]) -> None:
    bench, differences = Bench(engine_store), []
    for table in drawn:
        source = bench.put(table)
        columns = columns_of(source)
        for formula in filter(str.strip, FORMULAS):
            op = {"op": "derive", "input": source, "name": "out", "expression": parse_formula(formula, columns)}
            expected, (found, code) = bench.duckdb(op), bench.pandas(op)
            wrong = [(a, b) for a, b in zip(expected, found, strict=True) if not same([a], [b])]
            if wrong:
                differences.append((formula, wrong[0], code.splitlines()[-1]))
    assert not differences


def test_a_filter_keeps_the_same_rows(engine_store: Any, drawn: list[Any]) -> None:
    bench = Bench(engine_store)
    source = bench.put(drawn[-1])
    for formula in ("at != '2020-01-01'", "not (at > day)", "x > 1 or missing", "not (n in (1, missing))", "true",
                    "not (day in ('2020-02-29', '2021-01-01')) and not ok"):
        op = {"op": "filter", "input": source, "expression": parse_formula(formula, columns_of(source))}
        assert same(bench.duckdb(op), bench.pandas(op)[0], ordered=True), formula
