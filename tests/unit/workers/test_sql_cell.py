"""The SQL cell: one SELECT over connected tables, locked in; errors point at the place, hostile ones go nowhere."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import pytest

from tests.unit.workers.hostile_sql import HARMLESS, HONEST, HOSTILE
from workers import registry, resolve, runner
from workers.kind import Cancel, CellError
from workers.local import Canvas
from workers.ports import Table, Value, literal_table
from workers.sandbox.host import ROOT
from workers.store import Store

BIRDS = literal_table({"species": "text", "mass": "integer"},
                      [["Gentoo", 5000], ["Adelie", 3700], ["Gentoo", 5400], ["Adelie", None]])


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(tmp_path_factory.mktemp("store"))


def ask(store: Store, sql: str, tables: dict[str, Table] | None = None, **values: Any) -> list[list[Any]]:
    """The rows of a query over `birds`."""
    return view_of(store, sql, tables, **values)["rows"]


def view_of(store: Store, sql: str, tables: dict[str, Table] | None = None, **values: Any) -> dict[str, Any]:
    resolve.open_engine(store)
    kind = registry.kind("sql")
    work = runner.work_of(uuid.uuid4().hex, store, "", Cancel())
    params = kind.params.model_validate({"code": sql})
    given = {name: Value(value) for name, value in values.items()}
    fed = {"birds": BIRDS} if tables is None else tables
    return [*kind.compute(params, tables=fed, values=given, work=work)][-1].view


def failure(store: Store, sql: str, **more: Any) -> CellError:
    with pytest.raises(CellError) as raised:
        view_of(store, sql, **more)
    return raised.value


def test_a_query_groups_and_sorts(store: Store) -> None:
    assert ask(store, "SELECT species, sum(mass) AS total FROM birds GROUP BY ALL ORDER BY total DESC;") == [
        ["Gentoo", 10400], ["Adelie", 3700]]


def test_the_order_asked_for_is_the_order_shown(store: Store) -> None:
    rows = ask(store, "SELECT range AS n FROM range(5000) ORDER BY n DESC")
    assert [row[0] for row in rows[:3]] == [4999, 4998, 4997]


def test_values_are_bound_never_pasted(store: Store) -> None:
    assert ask(store, "SELECT count(*) FROM birds WHERE species = $which", which="Gentoo' OR '1'='1") == [[0]]
    assert ask(store, "SELECT count(*) FROM birds WHERE mass > $least", least=4000) == [[2]]


def test_a_value_that_is_not_linked_is_named(store: Store) -> None:
    error = failure(store, "SELECT * FROM birds WHERE mass > $least")
    assert error.code == "unknown_value" and "$least" in error.message


def test_tables_of_two_sources_are_joined_and_stay_lazy(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path))
    birds = canvas.add("dataset", source="sample:penguins", name="birds")
    heavy = canvas.add("filter", birds, name="heavy", column="body_mass_g", test=">", value=4000)
    query = "SELECT b.species, count(*) AS n FROM heavy b JOIN birds USING (species) GROUP BY 1 ORDER BY 1"
    cell = canvas.add("sql", heavy, birds, name="asked", code=query)
    outcomes = canvas.run()
    assert outcomes[cell].state == "done", outcomes[cell].error
    heavy_rows = dict(canvas.rows(canvas_count(canvas, heavy)))
    everyone = dict(canvas.rows(canvas_count(canvas, birds)))
    assert dict(canvas.rows(cell)) == {k: n * everyone[k] for k, n in heavy_rows.items()}


def canvas_count(canvas: Canvas, source: str) -> str:
    """A cell that counts species of another, computed."""
    name = f"counts_{source}"
    canvas.add("aggregate", source, name=name, by=["species"], measures=[{"function": "count"}])
    canvas.run()
    return name


def test_columns_are_known_before_it_ran(store: Store) -> None:
    sql = "SELECT species, sum(mass) AS s, avg(mass) AS m, now()::DATE AS d, [1] AS l, mass AS \"MASS\", mass"
    sql += " FROM birds GROUP BY ALL"
    kind = registry.kind("sql")
    resolve.open_engine(store)
    planned = kind.plan(kind.params.model_validate({"code": sql}), tables={"birds": BIRDS}, values={})["table"]
    assert [{"name": c.name, "type": c.type} for c in planned.columns] == view_of(store, sql)["columns"]
    assert [c.type for c in planned.columns[:4]] == ["text", "integer", "number", "date"]


@pytest.mark.parametrize(("sql", "code", "words", "line", "column"), [
    ("SELECT\n  spices\nFROM birds", "unknown_column", "Did you mean “species”?", 2, 3),
    ("SELECT *\nFROM brids", "unknown_table", "Did you mean “birds”?", 2, 6),
    ("SELECT *\nFROM elsewhere", "unknown_table", "Connect the cell of that name", 2, 6),
    ("SELECT species\nFORM birds", "sql_syntax", "syntax error", 2, 6),
    ("SELECT " + "1, " * 200 + "spices FROM birds", "unknown_column", "species", 1, 608),
    ("SELECT species::INTEGER\nFROM birds", "type_mismatch", "Could not convert", 1, 15),
    ("", "needs_settings", "Write a SELECT", None, None),
    ("-- nothing", "empty", "Write a SELECT", None, None),
    ("DROP VIEW birds", "not_select", "DROP", None, None),
    ("SELECT 1; SELECT 2", "many_statements", "one SELECT", None, None),
])
def test_an_error_names_the_place_and_the_nearest(store: Store, sql: str, code: str, words: str, line: int | None,
                                                  column: int | None) -> None:
    error = failure(store, sql)
    assert (error.code, words in error.message) == (code, True), error.message
    assert (error.place or {}).get("line") == line and (error.place or {}).get("column") == column, error.place


@pytest.fixture(scope="module")
def targets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("hidden")
    (folder / "secret.txt").write_text("the canary sings\n1,2\n")
    import pandas as pd

    pd.DataFrame({"canary": ["sings"]}).to_parquet(folder / "other.parquet")
    return {"secret": str(folder / "secret.txt"), "parquet": str(folder / "other.parquet"),
            "target": str(folder / "target"), "port": "9"}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_statement_is_refused(store: Store, targets: dict[str, str], name: str) -> None:
    error = failure(store, HOSTILE[name].format(**targets))
    assert "canary" not in error.message + error.detail
    assert error.code not in ("internal", "crashed", "timeout"), error.message
    assert not Path(targets["target"]).exists()


def test_the_hostile_statements_are_real_an_open_connection_runs_them(targets: dict[str, str], tmp_path: Path) -> None:
    import duckdb

    worked = 0
    for name, sql in HOSTILE.items():
        if name.startswith(("fetch", "install")):
            continue
        connection = duckdb.connect()
        connection.execute("CREATE VIEW birds AS SELECT 1 AS mass")
        try:
            connection.execute(sql.format(**{**targets, "target": str(tmp_path / uuid.uuid4().hex)}))
            worked += 1
        except duckdb.Error:
            continue
    assert worked >= 18, worked


@pytest.mark.parametrize("name", HARMLESS)
def test_what_may_be_read_tells_nothing_of_the_machine(store: Store, name: str) -> None:
    told = json.dumps(view_of(store, HARMLESS[name])["rows"])
    assert str(ROOT) not in told and str(store.root) not in told, told


def test_an_honest_query_still_runs_beside_them(store: Store) -> None:
    assert ask(store, HONEST) == [["Adelie", 2], ["Gentoo", 2]]


def test_a_query_that_never_ends_is_stopped_and_offers_more_time(store: Store) -> None:
    kind = registry.kind("sql")
    work = runner.work_of(uuid.uuid4().hex, store, "", Cancel())
    endless = "SELECT count(*) FROM range(10000000) a, range(10000000) b"
    params = kind.params.model_validate({"code": endless, "seconds": 1})
    with pytest.raises(CellError) as raised:
        [*kind.compute(params, tables={}, values={}, work=work)]
    assert raised.value.code == "timeout" and raised.value.fix == {"label": "Allow 5 s", "params": {"seconds": 5}}
    assert ask(store, "SELECT 1") == [[1]]


@pytest.mark.parametrize("sql", [
    "SELECT repeat('x', 3000000000) AS x", "SELECT list(range) FROM range(1000000000)",
])
def test_a_query_that_takes_all_memory_ends_typed(store: Store, sql: str) -> None:
    assert failure(store, sql).code in ("out_of_memory", "sql_failed", "too_much_written")
    assert ask(store, "SELECT 1") == [[1]]
