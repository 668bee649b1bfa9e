"""Read a table or a SELECT from a database: PostgreSQL, MySQL, MariaDB, or an uploaded SQLite file.

Pick a saved connection and a table, or write one SELECT. The session only reads, and has limits of time and size. The
rows are kept as a version; Refresh reads them again, and one can go back. Passwords stay encrypted on the server.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pydantic import Field

from workers.engine.connect.databases import keep_answer
from workers.engine.connect.snapshots import key_of, room, taken
from workers.kind import CellKind, NeedsSettings, Params, Step, Work
from workers.ports import Table
from workers.reading import TypeWord, read_raw, sample_reader, source_steps
from workers.store import RawWriter


class DatabaseParams(Params):
    """Which database, and which rows of it."""

    source: str = Field("", title="Connection", max_length=200, json_schema_extra={"picker": "connection"})
    table: str = Field("", title="Table", max_length=300, json_schema_extra={"picker": "remote_table", "of": "source"},
                       description="All rows of this table, unless a query is written below.")
    query: str = Field("", title="Query", max_length=20_000, description="One SELECT, in the words of that database.",
                       json_schema_extra={"multiline": True, "placeholder": "SELECT … FROM …"})
    types: dict[str, TypeWord] = Field(default_factory=dict, title="Types", json_schema_extra={"picker": "types"},
                                       description="Columns to read as another type than the one declared.")
    snapshot: str = Field("", title="Version", max_length=64, json_schema_extra={"hidden": True})


class Kind(CellKind):
    """A source: its rows are streamed once for each version, then read like a file."""

    name, title, group, icon = "database", "Database", "Data", "server"
    params, prompt, timeout, queue = DatabaseParams, True, 1800.0, "batch"
    outputs = {"table": Table}
    versioned = ("source", "table", "query", "snapshot")
    size = (520, 340)

    def compute(self, params: DatabaseParams, *, work: Work) -> Iterator[Step]:
        """Progress of streaming and reading, then the table with its profile and when it was read."""
        sample = sample_reader(work.source_token)
        if not params.source or not work.source_token:
            raise NeedsSettings("Pick a connection", missing=("Connection",))
        if not sample and not params.table and not params.query.strip():
            raise NeedsSettings("Pick a table, or write a SELECT", missing=("Table",))

        def take(writer: RawWriter) -> dict[str, Any]:
            return keep_answer(work.source_token, str(work.grant.get("sealed", "")), work.store, params.table,
                               params.query, writer, room(dict(work.grant)), work.cancel,
                               lambda share: told[0](share * 0.8))

        def read(folder: Path, progress: Callable[[float], None]) -> dict[str, Any]:
            told[0] = progress
            what = ("query", params.query.strip()) if params.query.strip() else ("table", params.table)
            kept = taken(work.store, key_of(work.source_token, *what, params.snapshot), take)
            read_raw(work, kept["sha256"], kept["ending"], {"types": params.types}, folder,
                     lambda share: progress(0.8 + share / 5))
            return {"fetched": kept}

        told: list[Callable[[float], None]] = [lambda share: None]
        yield from source_steps(work, sample or read, "Reading the database")

    def example(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The penguins that come with Inkling stand for a table: no database is asked."""
        return {"source": "sample:penguins"}, {}
