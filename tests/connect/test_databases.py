"""PostgreSQL and MariaDB as people meet them: types kept, only reading, and words for all that goes wrong."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from tests.connect.conftest import Asker
from tests.fixtures.databases import WORD
from tests.fixtures.services import wait_until
from tests.fixtures.web import silent_listener
from workers.kind import Cancel, Cancelled, CellError
from workers.store import Store

FOREVER = {"postgresql": "SELECT pg_sleep(3600)", "mysql": "SELECT sleep(3600)"}


@pytest.fixture(params=["postgresql", "mysql"])
def asker(request: pytest.FixtureRequest, store: Store) -> Asker:
    if request.param == "postgresql":
        return Asker(request.getfixturevalue("postgres")[0], store)
    return Asker(request.getfixturevalue("mariadb"), store)


def refused(do: Callable[[], Any]) -> CellError:
    with pytest.raises(CellError) as error:
        do()
    assert len(error.value.message) > 20 and WORD not in f"{error.value.message} {error.value.detail}"
    return error.value


def types_of(path: Any) -> dict[str, str]:
    import pyarrow.parquet as pq

    return {field.name: str(field.type) for field in pq.read_schema(path)}


def first_row(path: Any) -> dict[str, Any]:
    import duckdb

    text = duckdb.sql(f"SELECT to_json(t) FROM read_parquet('{path}') t ORDER BY id LIMIT 1").fetchall()[0][0]
    return json.loads(text)


def test_tables_and_views_are_listed(asker: Asker) -> None:
    names = [table["name"].rpartition(".")[2] for table in asker.tables()]
    assert names == ["orders", "paid_orders"]


def test_a_whole_table_comes_with_its_nulls(asker: Asker) -> None:
    import pyarrow.parquet as pq

    told, path = asker.read(table="orders")
    table = pq.read_table(path, columns=["id", "city", "amount", "paid"])
    assert told["rows"] == table.num_rows == 3000 and "misfits" not in told
    assert table["city"].null_count == 60
    assert sum(table["amount"].to_pylist()) == sum(range(1, 3001)) * 5 / 4
    assert sum(table["paid"].to_pylist()) == 1500


def test_postgres_types_are_kept(postgres: Any, store: Store) -> None:
    _, path = Asker(postgres[0], store).read(table="public.orders")
    types, row = types_of(path), first_row(path)
    assert types == {
        "id": "int64", "city": "string", "amount": "decimal128(12, 2)", "loose": "double", "paid": "bool",
        "at": "timestamp[us, tz=UTC]", "day": "date32[day]", "clock": "time64[us]", "tags": "string", "doc": "string",
        "small": "int16", "real": "float", "uid": "string", "note": "string"}
    assert row["at"] == "2024-03-31 00:30:00+00", "the zone of the server's clock is not in the value"
    assert row["note"] == 'line\nbreak, "quote" \\N' and json.loads(row["doc"]) == {"k": [1, None]}
    assert row["tags"] == '{a,"b\\"c"}'


def test_mysql_types_are_kept(mariadb: Any, store: Store) -> None:
    _, path = Asker(mariadb, store).read(table="orders")
    types, row = types_of(path), first_row(path)
    assert types["amount"] == "decimal128(12, 2)" and types["paid"] == "bool" and types["id"] == "int64"
    assert types["big"] == "uint64" and row["big"] == 2**64 - 2, "an unsigned number above the signed range"
    assert row["stamp"] == row["at"] == "2024-03-31 02:30:00" and types["day"] == "date32[day]"
    assert (row["bits"], row["raw"], row["level"], row["yr"]) == (5, "00ff", "high", 2024)
    assert json.loads(row["doc"]) == {"k": [1, None]}


def test_one_select_is_sent_as_it_is_written(asker: Asker) -> None:
    told, path = asker.read(query="SELECT id, amount AS a, amount AS a FROM paid_orders WHERE id > 2990 -- late;\n ;")
    assert told["rows"] == 5 and list(types_of(path)) == ["id", "a", "a_2"]
    assert asker.read(query="SELECT id FROM orders WHERE id < 0")[0]["rows"] == 0


@pytest.mark.parametrize("query", [
    "DELETE FROM orders", "SELECT 1; DROP TABLE orders", "INSERT INTO orders (id) VALUES (9)",
    "UPDATE orders SET id = 1",
    "SELECT * INTO copy FROM orders", "SELECT 1 INTO OUTFILE '/srv/x'",
    "SELECT 1 /*! INTO OUTFILE '/srv/x' */",
    "SET TRANSACTION READ WRITE", "COPY orders TO PROGRAM 'cat'",
    "LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE orders",
    "WITH gone AS (DELETE FROM orders RETURNING id) SELECT * FROM gone", "CALL something()", "", "  ;", "-- SELECT 1",
    "SELECT 1) x; DELETE FROM orders; --", "SELECT nextval('x'); COMMIT", "CREATE TABLE t AS SELECT 1",
])
def test_nothing_but_reading_gets_through(asker: Asker, query: str) -> None:
    if query.strip():
        assert refused(lambda: asker.read(query=query)).code in ("not_one_select", "bad_sql", "read_only")
    else:
        assert refused(lambda: asker.but().read(query=query or " ", table="nothing")).code == "unknown_table"
    assert asker.read(query="SELECT count(*) AS id FROM orders")[0]["rows"] == 1


def test_a_table_that_is_not_there_names_the_nearest(asker: Asker) -> None:
    error = refused(lambda: asker.read(table="ordrs"))
    assert error.code == "unknown_table" and error.fix["params"]["table"].endswith("orders")
    typed = refused(lambda: asker.read(query="SELECT * FROM ordrs"))
    assert (typed.param, typed.fix) == ("query", None) and "orders" in typed.message


def test_wrong_credentials_and_an_unknown_database_are_said(asker: Asker) -> None:
    assert refused(asker.but(password="guessed").tables).code == "wrong_credentials"
    assert refused(asker.but(user="nobody").tables).code == "wrong_credentials"
    assert refused(asker.but(database="nope").tables).code in ("unknown_database", "wrong_credentials")


def test_a_dead_server_and_one_that_speaks_something_else_are_said(asker: Asker) -> None:
    with silent_listener() as (port, _):
        pass
    assert refused(asker.but(port=port).tables).code == "no_answer"


def test_private_addresses_odd_spellings_and_low_ports_are_refused(
        asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    for host in ("10.0.0.1", "169.254.169.254", "::1", "0x7f.1", "2130706433", "/tmp", "a,b", "::ffff:127.0.0.1"):
        assert refused(asker.but(host=host).tables).code in ("private_address", "bad_address")
    assert refused(asker.but(port=25).tables).code == "port_refused"
    assert refused(asker.but(database="dbname=shop host=10.0.0.1").tables).code == "bad_database"
    monkeypatch.setenv("DATABASE_NETWORKS", "")
    assert refused(asker.tables).code == "private_address", "loopback is refused unless an operator allows it"


def test_a_query_that_never_ends_is_stopped_here_and_on_the_server(asker: Asker) -> None:
    cancel = asker.stopped_after(0.6, FOREVER[asker.given["form"]])
    with pytest.raises(Cancelled):
        asker.read(query=FOREVER[asker.given["form"]], cancel=cancel)
    wait_until(lambda: _sleepers(asker) == 0, seconds=10, what="the end of the query on the server")


def _sleepers(asker: Asker) -> int:
    asks = {"postgresql": "SELECT count(*) AS id FROM pg_stat_activity WHERE query LIKE '%pg_sleep(3600)%' "
                          "AND pid <> pg_backend_pid()",
            "mysql": "SELECT count(*) AS id FROM information_schema.processlist WHERE info LIKE 'SELECT sleep(3600)%'"}
    return int(first_row(asker.read(query=asks[asker.given["form"]])[1])["id"])


def test_a_query_past_its_time_is_stopped_by_the_server(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_SECONDS", "0.3")
    queries = {"postgresql": "SELECT pg_sleep(60)", "mysql": "SELECT count(*) FROM orders a, orders b, orders c"}
    assert refused(lambda: asker.read(query=queries[asker.given["form"]])).code == "too_slow"


def test_more_than_there_is_room_for_is_refused(asker: Asker) -> None:
    assert refused(lambda: asker.read(table="orders", limit=500)).code == "too_big"


def test_a_stop_is_heard_while_a_server_says_nothing(asker: Asker) -> None:
    with silent_listener() as (port, heard):
        cancel = Cancel()
        threading.Timer(0.3, cancel.set).start()
        with pytest.raises(Cancelled):
            asker.but(port=port).read(table="orders", cancel=cancel)
        assert heard


def test_a_server_that_dies_in_the_middle_is_said(postgres: Any, store: Store) -> None:
    given, door, _ = postgres
    threading.Timer(0.5, door.slam).start()
    assert refused(lambda: Asker(given, store).read(query="SELECT pg_sleep(60)")).code in ("no_answer", "bad_sql")


def test_the_envelope_opens_for_its_own_connection_only(asker: Asker) -> None:
    other = asker.but()
    other.token = asker.token.replace("1111", "9999", 1)
    from workers.engine.connect import databases

    error = refused(lambda: databases.tables(other.token, asker.envelope, asker.store))
    assert error.code == "sealed"
    assert WORD not in asker.envelope
    assert refused(lambda: databases.tables(asker.token, "", asker.store)).code == "no_credentials"
