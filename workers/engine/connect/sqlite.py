"""SQLite files that were uploaded: opened read-only by the server's own path, with nothing but reading allowed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from workers.engine.connect.rows import BATCH, Column, Rows
from workers.engine.connect.statements import quoted, unknown_table
from workers.kind import Cancel, CellError

MARK = '"'
_STEPS = 20_000
_READS = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE}
_WHOLE, _REAL = ("BIGINT", "DOUBLE", "VARCHAR"), ("DOUBLE", "VARCHAR")
# By a word in the declared type; SQLite keeps any value in any column, so each ends with a type that holds all.
_DECLARED = (
    ("bool", ("BOOLEAN", *_WHOLE)), ("timestamp", ("TIMESTAMP", "VARCHAR")), ("datetime", ("TIMESTAMP", "VARCHAR")),
    ("date", ("DATE", "TIMESTAMP", "VARCHAR")), ("time", ("TIME", "VARCHAR")), ("int", _WHOLE), ("char", ("VARCHAR",)),
    ("text", ("VARCHAR",)), ("clob", ("VARCHAR",)), ("real", _REAL), ("floa", _REAL), ("doub", _REAL),
    ("numeric", _WHOLE), ("decimal", _WHOLE))


class Session:
    """An open file."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def tables(self) -> list[dict[str, Any]]:
        """Tables and views: {"name", "rows"}."""
        found = self._connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view') "
                                         "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY 1 LIMIT 2000")
        return [{"name": name, "rows": None} for (name,) in found]

    def read(self, sql: str) -> Rows:
        """Start a SELECT."""
        cursor = self._connection.cursor()
        try:
            cursor.execute(sql)
        except (sqlite3.Error, sqlite3.Warning) as error:
            raise self.words(error) from error
        names = [column[0] for column in cursor.description]
        declared = self._declared(sql)
        columns = [Column(name, _types(declared.get(name.lower(), ""))) for name in names]
        return Rows(columns, self._batches(cursor, columns))

    def _declared(self, sql: str) -> dict[str, str]:
        """Types that the tables of this file declare, for columns whose name is nowhere declared otherwise."""
        found: dict[str, str] = {}
        for table in self.tables():
            for _, name, kind, *_rest in self._connection.execute(f"PRAGMA table_info({quoted_one(table['name'])})"):
                known = found.setdefault(name.lower(), kind.lower())
                if known != kind.lower():
                    found[name.lower()] = ""
        return found

    def _batches(self, cursor: sqlite3.Cursor, columns: list[Column]) -> Iterator[Sequence[Sequence[str | None]]]:
        """Rows as text; at the end, columns that no table declares get the type of the values that came."""
        open_ones = {i: set[type]() for i, column in enumerate(columns) if not column.types}
        try:
            while rows := cursor.fetchmany(BATCH):
                for i, kinds in open_ones.items():
                    kinds.update(type(row[i]) for row in rows)
                yield [[_text(value) for value in row] for row in rows]
        except sqlite3.Error as error:
            raise self.words(error) from error
        for i, kinds in open_ones.items():
            kinds.discard(type(None))
            whole, real = kinds <= {int}, kinds <= {int, float}
            columns[i] = Column(columns[i].name, _WHOLE if whole else _REAL if real else ("VARCHAR",))

    def words(self, error: Exception) -> CellError:
        """SQLite's complaint, as ours."""
        said = str(error)
        if "no such table: " in said:
            return unknown_table(said.partition("no such table: ")[2], [t["name"] for t in self.tables()])
        if "not a database" in said or "malformed" in said or "encrypted" in said:
            return CellError("damaged_file", "This file is no SQLite database, or a damaged one. Upload it again.",
                             param="source", detail=said)
        if "not authorized" in said or "prohibited" in said:
            return CellError("read_only", "Only tables of this file can be read; the query wants something else.",
                             param="query", detail=said)
        return CellError("bad_sql", f"SQLite says: {said}.", param="query")


def quoted_one(name: str) -> str:
    """One identifier; a dot is part of it."""
    return '"' + name.replace('"', '""') + '"'


def table_of(name: str) -> str:
    """A table's name in a query."""
    return quoted_one(name) if "." in name else quoted(name)


def _types(declared: str) -> tuple[str, ...]:
    for word, types in _DECLARED:
        if word in declared:
            return types
    return ()


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return value.hex() if isinstance(value, bytes) else repr(value) if isinstance(value, float) else str(value)


def _authorise(action: int, first: str | None, second: str | None, *_: Any) -> int:
    if action in _READS or (action == sqlite3.SQLITE_PRAGMA and first == "table_info"):
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() != "load_extension":
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


@contextmanager
def session(path: Path, cancel: Cancel) -> Iterator[Session]:
    """A read-only view of an uploaded file."""
    connection = sqlite3.connect(f"file:{path.resolve()}?mode=ro&immutable=1", uri=True, check_same_thread=False)
    try:
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        connection.set_authorizer(_authorise)
        connection.set_progress_handler(lambda: int(cancel.is_set()), _STEPS)
        made = Session(connection)
        try:
            made.tables()
        except sqlite3.Error as error:
            raise made.words(error) from error
        yield made
    except Exception:
        cancel.check()
        raise
    finally:
        connection.close()
