"""What single kinds promise beyond the contract: values by type, first guesses, words of errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from workers import registry, resolve, runner
from workers.engine.parquet import write_table
from workers.engine.tables import rows_of
from workers.kind import CellError, NeedsSettings
from workers.ports import Column, Table, literal_table
from workers.store import Store

PEOPLE = literal_table(
    {"name": "text", "age": "integer", "paid": "number", "member": "boolean", "since": "date"},
    [["Ada", 36, 10.5, True, "2020-01-05"], ["Bo", 20, None, False, "2021-06-30"], ["Cy", None, 7.0, None, None],
     ["Ädåm", 41, 0.0, True, "2022-12-31"]])


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path)
    resolve.open_engine(store)
    return store


def kept(**params: Any) -> list[Any]:
    """Names of the people a filter keeps."""
    kind = registry.kind("filter")
    table = kind.plan(kind.params.model_validate(params), table=PEOPLE)["table"]
    return [row[0] for row in rows_of(table)]


@pytest.mark.parametrize(("params", "names"), [
    ({"column": "age", "test": "≥", "value": 36}, ["Ada", "Ädåm"]),
    ({"column": "age", "test": "=", "value": "20"}, ["Bo"]),
    ({"column": "age", "test": "=", "value": 20, "negate": True}, ["Ada", "Cy", "Ädåm"]),
    ({"column": "age", "test": "between", "value": 20, "value2": 36}, ["Ada", "Bo"]),
    ({"column": "age", "test": "in", "values": [41, "20"]}, ["Bo", "Ädåm"]),
    ({"column": "paid", "test": "is missing"}, ["Bo"]),
    ({"column": "paid", "test": "is not missing"}, ["Ada", "Cy", "Ädåm"]),
    ({"column": "name", "test": "contains", "value": "ÄD"}, ["Ädåm"]),
    ({"column": "age", "test": "contains", "value": "6"}, ["Ada"]),
    ({"column": "member", "test": "=", "value": "yes"}, ["Ada", "Ädåm"]),
    ({"column": "since", "test": ">", "value": "2021-01-01"}, ["Bo", "Ädåm"]),
])
def test_a_filter_reads_values_as_the_column_does(store: Store, params: dict[str, Any], names: list[str]) -> None:
    assert kept(**params) == names


@pytest.mark.parametrize(("params", "code", "param"), [
    ({"column": "agee", "test": "=", "value": 1}, "unknown_column", "column"),
    ({"column": "age", "test": "=", "value": "old"}, "bad_value", "value"),
    ({"column": "age", "test": "between", "value": 1, "value2": "x"}, "bad_value", "value2"),
    ({"column": "member", "test": "=", "value": "perhaps"}, "bad_value", "value"),
    ({"column": "age", "test": "=", "value": "nan"}, "bad_value", "value"),
    ({"column": "paid", "test": "<", "value": "inf"}, "bad_value", "value"),
])
def test_a_filter_names_what_does_not_fit(store: Store, params: dict[str, Any], code: str, param: str) -> None:
    with pytest.raises(CellError) as caught:
        kept(**params)
    assert (caught.value.code, caught.value.param) == (code, param)


@pytest.mark.parametrize("params", [
    {}, {"column": "age"}, {"column": "age", "test": "in"}, {"column": "age", "test": "between", "value": 1}])
def test_a_filter_says_what_is_not_set_yet(store: Store, params: dict[str, Any]) -> None:
    with pytest.raises(NeedsSettings) as caught:
        kept(**params)
    assert caught.value.missing


def test_a_group_shows_a_sample_first_and_keeps_the_exact_groups(store: Store) -> None:
    source = "ab" * 32
    with store.staging(source) as folder:
        write_table("SELECT range AS n, range % 5 AS g FROM range(60000)",
                    [Column("n", "integer"), Column("g", "integer")], folder, sample_above=1000)
    table = resolve.stored_table(store, source)
    assert table is not None
    kind = registry.kind("aggregate")
    params = kind.params.model_validate({"by": ["g"], "measures": [
        {"function": "count", "name": "rows"}, {"function": "mean", "column": "n", "name": "mean_n"}]})
    steps = [*kind.compute(params, table=table, work=runner.work_of("cd" * 32, store))]
    first, last = steps[0], steps[-1]
    assert not first.exact and 0 < first.fraction < 1 and first.interval.startswith("±")
    assert [row[0] for row in first.view["rows"]] == [0, 1, 2, 3, 4]
    assert [row[:2] for row in last.view["rows"]] == [[g, 12_000] for g in range(5)]
    assert store.has_table("cd" * 32) and isinstance(last.outputs["table"], Table)


def test_a_mean_of_texts_is_refused_in_words(store: Store) -> None:
    kind = registry.kind("aggregate")
    params = kind.params.model_validate({"measures": [{"function": "mean", "column": "name"}]})
    with pytest.raises(CellError, match="“name” holds text, so it has no mean"):
        kind.plan(params, table=PEOPLE)


def test_a_wrong_column_among_several_is_replaced_alone(store: Store) -> None:
    kind = registry.kind("table")
    with pytest.raises(CellError) as caught:
        kind.plan(kind.params.model_validate({"columns": ["name", "agee", "paid"]}), table=PEOPLE)
    assert caught.value.fix is not None and caught.value.fix["params"] == {"columns": ["name", "age", "paid"]}


def test_a_chart_without_x_asks_for_it(store: Store) -> None:
    kind = registry.kind("chart")
    with pytest.raises(NeedsSettings, match="Pick a field for X"):
        next(kind.compute(kind.params(), table=PEOPLE))
