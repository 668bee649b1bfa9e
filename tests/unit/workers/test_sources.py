"""Source kinds on a canvas in a shell: addresses and SQLite files, versions taken once, and nothing but reading."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.web import Site, site
from workers.engine.connect.databases import keep_answer, tables
from workers.kind import Cancel, CellError
from workers.local import Canvas
from workers.runner import Outcome
from workers.store import Store

CSV = b"city,trips\nOslo,12\nLima,7\n"


@pytest.fixture
def canvas(tmp_path: Path) -> Canvas:
    return Canvas(str(tmp_path / "store"))


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Any:
    with site() as made:
        monkeypatch.setenv("URL_NETWORKS", "127.0.0.0/8")
        monkeypatch.setenv("URL_PORTS", str(made.port))
        yield made


def fetched(canvas: Canvas, url: str, **params: Any) -> tuple[str, Outcome]:
    cell = canvas.add("url", source_token="web:workspace", source=url, **params)
    return cell, canvas.run()[cell]


def test_an_address_becomes_a_table_with_when_it_was_fetched(canvas: Canvas, web: Site) -> None:
    cell, outcome = fetched(canvas, web.page("/trips.csv", CSV, ETag='"v1"'))
    assert outcome.state == "done" and canvas.rows(cell) == [["Oslo", 12], ["Lima", 7]]
    told = canvas.view(cell)["source"]["fetched"]
    assert told["etag"] == '"v1"' and told["bytes"] == len(CSV) and told["at"] > 0


def test_a_version_is_fetched_once_however_it_is_read(canvas: Canvas, web: Site) -> None:
    url = web.page("/trips.csv", CSV)
    fetched(canvas, url)
    again, _ = fetched(canvas, url, types={"trips": "text"})
    assert canvas.rows(again) == [["Oslo", "12"], ["Lima", "7"]] and len(web.calls) == 1


def test_a_refresh_is_a_new_version_and_the_old_one_stays(canvas: Canvas, web: Site) -> None:
    url = web.page("/trips.csv", CSV)
    first, _ = fetched(canvas, url)
    web.page("/trips.csv", CSV + b"Quito,3\n")
    newer, _ = fetched(canvas, url, snapshot="second")
    back = canvas.add("url", source_token="web:workspace", source=url)
    assert back not in canvas.run(), "going back computes nothing"
    assert [len(canvas.rows(cell)) for cell in (first, newer, back)] == [2, 3, 2] and len(web.calls) == 2


def test_another_workspace_cannot_name_a_version(canvas: Canvas, web: Site) -> None:
    url = web.page("/trips.csv", CSV)
    fetched(canvas, url)
    cell = canvas.add("url", source_token="web:another", source=url)
    canvas.run()
    assert len(web.calls) == 2 and canvas.rows(cell) == [["Oslo", 12], ["Lima", 7]]


def test_what_is_no_table_ends_in_the_words_of_a_file(canvas: Canvas, web: Site) -> None:
    _, outcome = fetched(canvas, web.page("/trips.parquet", CSV))
    assert outcome.error is not None and outcome.error["code"] == "not_what_it_says"
    assert "This file" in outcome.error["message"]


def test_an_address_without_a_scheme_means_https(canvas: Canvas) -> None:
    _, outcome = fetched(canvas, "10.0.0.1/trips.csv")
    assert outcome.error is not None and outcome.error["code"] == "private_address"


# SQLite -----------------------------------------------------------------------------------------------------


@pytest.fixture
def shop(tmp_path: Path) -> tuple[Store, str]:
    """A store with an uploaded SQLite file: (store, token)."""
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as file:
        file.executescript("""
            CREATE TABLE orders (
              id INTEGER, city TEXT, amount REAL, paid BOOLEAN, day DATE, code TEXT, mixed, raw BLOB);
            CREATE TABLE "odd ""name.x" (a);
            INSERT INTO "odd ""name.x" VALUES (1);
            CREATE VIEW paid AS SELECT id, amount * 2 AS double, '007' AS agent FROM orders WHERE paid;""")
        rows = [(i, f"Città {i % 3}", i / 4, i % 2, f"2024-01-{i % 28 + 1:02}", f"00{i}",
                 i if i % 2 else f"x{i}", b"\x00") for i in range(1, 101)]
        file.executemany("INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    store = Store(tmp_path / "store")
    digest, _ = store.put_raw(path.read_bytes())
    from workers import resolve

    resolve.open_engine(store)
    return store, f"raw:{digest}:db"


def answer(shop: tuple[Store, str], table: str = "", query: str = "", cancel: Cancel | None = None) -> Any:
    """The answer as a pyarrow table."""
    import pyarrow.parquet as pq

    store, token = shop
    with store.raw_writer() as writer:
        keep_answer(token, "", store, table, query, writer, 1 << 30, cancel or Cancel(), lambda share: None)
        digest, _ = writer.commit()
    return pq.read_table(store.raw_path(digest))


def test_tables_and_views_of_a_file_are_listed(shop: tuple[Store, str]) -> None:
    assert [table["name"] for table in tables(shop[1], "", shop[0])] == ['odd "name.x', "orders", "paid"]


def test_types_are_those_declared_where_the_values_fit(shop: tuple[Store, str]) -> None:
    found = answer(shop, table="orders")
    types = {field.name: str(field.type) for field in found.schema}
    assert types == {"id": "int64", "city": "string", "amount": "double", "paid": "bool", "day": "date32[day]",
                     "code": "string", "mixed": "string", "raw": "string"}
    assert found["code"][0].as_py() == "001" and found.num_rows == 100


def test_computed_columns_take_the_type_of_their_values(shop: tuple[Store, str]) -> None:
    found = answer(shop, query="SELECT double, agent, count(*) AS n FROM paid")
    assert [str(field.type) for field in found.schema] == ["double", "string", "int64"]
    assert found["agent"][0].as_py() == "007"
    assert answer(shop, table='odd "name.x').num_rows == 1


@pytest.mark.parametrize("query", [
    "ATTACH '/etc/passwd' AS x", "SELECT load_extension('x')", "PRAGMA writable_schema=1", "DELETE FROM orders",
    "SELECT readfile('/etc/passwd')", "WITH x AS (SELECT 1) INSERT INTO orders (id) SELECT 1", "VACUUM INTO '/srv/x'",
    "SELECT * FROM pragma_database_list", "SELECT 1; SELECT 2", "SELECT * FROM fts5vocab", "SELECT writefile('x', 'y')",
])
def test_a_file_only_gives_its_own_tables(shop: tuple[Store, str], query: str) -> None:
    with pytest.raises(CellError) as refused:
        answer(shop, query=query)
    assert refused.value.code in ("not_one_select", "read_only", "bad_sql", "unknown_table")


def test_an_endless_query_on_a_file_is_stopped(shop: tuple[Store, str]) -> None:
    import threading

    from workers.kind import Cancelled

    cancel = Cancel()
    threading.Timer(0.3, cancel.set).start()
    with pytest.raises(Cancelled):
        answer(shop, query="WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n",
               cancel=cancel)


def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    digest, _ = store.put_raw(b"SQLite format 3\x00" + b"\x07" * 4000)
    with pytest.raises(CellError) as refused:
        tables(f"raw:{digest}:db", "", store)
    assert refused.value.code == "damaged_file"
