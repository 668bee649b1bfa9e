"""Databases behind one door: opens a saved connection or an uploaded file, lists its tables, keeps an answer."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from workers.engine.connect import mysql, postgres, sqlite
from workers.engine.connect.addresses import database_policy, place_of
from workers.engine.connect.rows import Rows, keep_rows
from workers.engine.connect.sealing import keys, opened, owner_of
from workers.engine.connect.statements import one_select, quoted
from workers.kind import Cancel, CellError
from workers.store import RawWriter, Store

FORMS = {"postgresql": postgres, "mysql": mysql}
PORTS = {"postgresql": 5432, "mysql": 3306}
LOWEST_PORT = 1024
"""Databases listen above it; what listens below is mail, shells and name servers."""


class Session(Protocol):
    """What every kind of database offers."""

    def tables(self) -> list[dict[str, Any]]:
        """Its tables."""

    def read(self, sql: str) -> Rows:
        """Start a SELECT."""


def seconds() -> float:
    """How long one statement may take."""
    return float(os.environ.get("DATABASE_SECONDS", "600"))


@contextmanager
def session(token: str, envelope: str, store: Store, cancel: Cancel, limit: float | None = None) -> Iterator[Session]:
    """Open what a source token names: "connection:<id>:<form>..." with its sealed envelope, or "raw:<hash>:..."."""
    form, _, rest = token.partition(":")
    digest = rest.partition(":")[0]
    if form == "raw":
        if not store.has_raw(digest):
            raise CellError("source_missing", "The uploaded file is gone. Upload it again.", param="source")
        with sqlite.session(store.raw_path(digest), cancel) as found:
            yield found
        return
    if not envelope:
        raise CellError("no_credentials", "This needs the right to use the connection, which guests do not have. "
                                          "A member of the workspace can press Run.", param="source")
    given = opened(envelope, owner_of(token), keys())
    with dialled(given, cancel, limit) as made:
        yield made


@contextmanager
def dialled(given: dict[str, Any], cancel: Cancel, limit: float | None = None) -> Iterator[Session]:
    """Open a server: {"form", "host", "port", "database", "user", "password", "tls"}."""
    port = int(given.get("port") or PORTS[given["form"]])
    if port < LOWEST_PORT:
        raise CellError("port_refused", f"No database is looked for at port {port}. Use one from {LOWEST_PORT} up.")
    if any(mark in str(given["database"]) for mark in ("=", "://", "\0")):
        raise CellError("bad_database", "The name of the database cannot hold “=” or “://”.")
    place = place_of(str(given["host"]), port, database_policy(), cancel)
    with FORMS[given["form"]].session(place, given, cancel, limit or seconds()) as made:
        yield made


def tables(token: str, envelope: str, store: Store, cancel: Cancel | None = None) -> list[dict[str, Any]]:
    """The tables of a database, for a picker."""
    with session(token, envelope, store, cancel or Cancel(), 15) as found:
        return found.tables()


def keep_answer(token: str, envelope: str, store: Store, table: str, query: str, writer: RawWriter, limit: int,
                cancel: Cancel, progress: Callable[[float], None]) -> dict[str, Any]:
    """Stream a table, or the answer to one SELECT, as Parquet into the writer; returns what is to be remembered."""
    form = "sqlite" if token.startswith("raw:") else token.split(":")[2]
    sql = one_select(query, form) if query.strip() else f"SELECT * FROM {_named(table, form)}"
    try:
        with session(token, envelope, store, cancel) as found:
            return {"ending": "parquet", "form": form, **keep_rows(found.read(sql), writer, limit, cancel, progress)}
    except CellError as error:
        if error.code == "unknown_table" and query.strip():
            raise CellError(error.code, error.message, param="query") from error
        raise


def _named(table: str, form: str) -> str:
    if form == "sqlite":
        return sqlite.table_of(table)
    return quoted(table, mysql.MARK if form == "mysql" else postgres.MARK)
