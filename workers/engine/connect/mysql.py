"""MySQL and MariaDB: a read-only session over a line dialled to the checked address, rows streamed as text."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from workers.engine.connect.addresses import Place, abandonable, dial
from workers.engine.connect.rows import BATCH, Column, Rows
from workers.engine.connect.statements import unknown_table
from workers.kind import Cancel, CellError

MARK = "`"
_UNSIGNED, _BINARY = 32, 63
_TYPES: dict[int, tuple[str, ...]] = {
    2: ("INTEGER",), 3: ("BIGINT",), 8: ("BIGINT",), 9: ("INTEGER",), 13: ("INTEGER",), 4: ("FLOAT",), 5: ("DOUBLE",),
    7: ("TIMESTAMP",), 12: ("TIMESTAMP",), 10: ("DATE",), 14: ("DATE",), 11: ("TIME", "VARCHAR"),
}


class Session:
    """An open session."""

    def __init__(self, connection: Any, database: str) -> None:
        self._connection, self._database = connection, database

    def tables(self) -> list[dict[str, Any]]:
        """Tables and views of the database: {"name", "rows"}, rows as the server estimates them."""
        with self._connection.cursor() as cursor:
            cursor.execute("SELECT table_name, table_rows FROM information_schema.tables WHERE table_schema = %s "
                           "ORDER BY 1 LIMIT 2000", (self._database,))
            return [{"name": name, "rows": int(rows) if rows is not None else None} for name, rows in cursor.fetchall()]

    def read(self, sql: str) -> Rows:
        """Start a SELECT; rows come as the server sends them."""
        from pymysql import MySQLError
        from pymysql.cursors import SSCursor

        about = self._about(sql)
        cursor = SSCursor(self._connection)
        try:
            cursor.execute(sql)
        except MySQLError as error:
            raise self.words(error) from error
        fields = cursor._result.fields
        columns, readers = [Column(f.name, _type(f)) for f in fields], [_reader(f) for f in fields]
        return Rows(columns, self._batches(cursor, readers), about)

    def _about(self, sql: str) -> int | None:
        """How many rows the planner expects of a SELECT from one table."""
        from pymysql import MySQLError

        with suppress(MySQLError, LookupError, TypeError, ValueError), self._connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {sql}")
            plan, at = cursor.fetchall(), [d[0] for d in cursor.description].index("rows")
            return max(1, int(plan[0][at])) if len(plan) == 1 else None
        return None

    def _batches(self, cursor: Any, readers: list[Any]) -> Iterator[Sequence[Sequence[str | None]]]:
        from pymysql import MySQLError

        odd = [i for i, reader in enumerate(readers) if reader]
        try:
            while batch := cursor.fetchmany(BATCH):
                if odd:
                    batch = [[readers[i](v) if i in odd and v is not None else v for i, v in enumerate(row)]
                             for row in batch]
                yield batch
        except MySQLError as error:
            raise self.words(error) from error

    def words(self, error: Any) -> CellError:
        """A server's complaint about a query, as ours."""
        number, said = (*error.args, 0, "")[:2]
        if number == 1146:
            name = str(said).split("'")[1].partition(".")[2]
            with suppress(Exception):
                return unknown_table(name, [t["name"] for t in self.tables()])
        if number in (1969, 3024, 1317):
            return CellError("too_slow", "The database stopped this query: it took too long. Take fewer rows.",
                             param="query")
        if number in (1142, 1143, 1044, 1227):
            return CellError("not_allowed", f"This user may not read that: {said}.", param="query")
        if number in (1792, 1290):
            return CellError("read_only", "The session only reads; the query would change something.", param="query")
        if number in (2006, 2013, 0):
            return CellError("no_answer", "The database broke off in the middle. Try again.", detail=str(said))
        return CellError("bad_sql", f"The database says: {said}.", param="query")


def _type(field: Any) -> tuple[str, ...]:
    unsigned = bool(field.flags & _UNSIGNED)
    if field.type_code == 1:
        return ("BOOLEAN", "SMALLINT") if field.length == 1 else ("SMALLINT",)
    if field.type_code == 8 and unsigned:
        return ("BIGINT", "UBIGINT")
    if field.type_code in (0, 246):
        digits = field.length - (1 if field.scale else 0) - (0 if unsigned else 1)
        return (f"DECIMAL({digits}, {field.scale})", "DOUBLE") if 0 < digits <= 38 else ("DOUBLE", "VARCHAR")
    if field.type_code == 16:
        return ("BOOLEAN", "BIGINT") if field.length == 1 else ("BIGINT", "UBIGINT")
    known = _TYPES.get(field.type_code, ("VARCHAR",))
    return ("BIGINT",) if unsigned and known == ("INTEGER",) else known


def _reader(field: Any) -> Any:
    """How raw bytes of a column become text; None where the driver already gives text."""
    if field.type_code == 16:
        return lambda value: str(int.from_bytes(value, "big"))
    return (lambda value: value.hex() if isinstance(value, bytes) else value) if field.charsetnr == _BINARY else None


@contextmanager
def session(place: Place, given: dict[str, Any], cancel: Cancel, seconds: float) -> Iterator[Session]:
    """A read-only session; `seconds` bounds each statement. Raises CellError for a server or login that fails."""
    connection = _connected(place, given, cancel)
    cancel.on_set(lambda: _cut(connection, place, given))
    try:
        with connection.cursor() as cursor:
            # A known mode, so that quotes mean here what they meant when the query was checked.
            for line in ("SET SESSION sql_mode = ''", "SET SESSION time_zone = '+00:00'",
                         "SET SESSION TRANSACTION READ ONLY", "START TRANSACTION READ ONLY"):
                cursor.execute(line)
            _limit(cursor, seconds)
        yield Session(connection, str(given["database"]))
    except Exception:
        cancel.check()
        raise
    finally:
        with suppress(Exception):
            connection._force_close()


def _limit(cursor: Any, seconds: float) -> None:
    """Bound statements on the server; MariaDB and MySQL call it by different names."""
    from pymysql import MySQLError

    for line in (f"SET SESSION max_statement_time = {seconds:g}",
                 f"SET SESSION max_execution_time = {int(seconds * 1000)}"):
        with suppress(MySQLError):
            cursor.execute(line)
            return


def _connected(place: Place, given: dict[str, Any], cancel: Cancel) -> Any:
    from pymysql import MySQLError

    wanted = str(given.get("tls") or "prefer")
    for encrypt in {"off": (False,), "verify": (True,)}.get(wanted, (True, False)):
        try:
            return abandonable(partial(_login, place, given, cancel, encrypt, wanted), cancel, 15)
        except MySQLError as error:
            if encrypt and wanted == "prefer" and "SSL" in str(error):
                continue
            raise _refused(error, given) from error
        except TimeoutError as error:
            raise CellError("no_answer", f"{place.host}:{place.port} takes calls, but does not speak MySQL.") from error
    raise AssertionError("unreachable: the last way has no encryption to fall back from")


def _login(place: Place, given: dict[str, Any], cancel: Cancel, encrypt: bool, wanted: str) -> Any:
    import certifi
    import pymysql

    context = ssl.create_default_context(cafile=certifi.where()) if encrypt else None
    if context is not None and wanted != "verify":
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = pymysql.Connection(
        host=place.host, port=place.port, user=given["user"], password=given["password"], database=given["database"],
        charset="utf8mb4", ssl=context, conv={}, local_infile=False, defer_connect=True, program_name="inkling",
        read_default_file=None, autocommit=None)
    # The driver gets a line that is already open to the checked address; it never looks the name up itself.
    connection.connect(dial(place, cancel))
    return connection


def _refused(error: Any, given: dict[str, Any]) -> CellError:
    number, said = (*error.args, 0, "")[:2]
    if number in (1045, 1698, 1251, 1044):
        return CellError("wrong_credentials", f"The database does not accept the user “{given['user']}” with this "
                                              "password. Edit the connection.", param="source")
    if number == 1049:
        words = f"There is no database “{given['database']}” on this server. Edit the connection."
        return CellError("unknown_database", words, param="source")
    if "SSL" in str(said) or "certificate" in str(said):
        return CellError("bad_certificate", "No safe connection could be made. Check the server's certificate, or "
                                            "change “Encryption” of the connection.", param="source", detail=str(said))
    return CellError("no_answer", "The database broke off before the login was done. Try again.", detail=str(said))


def _cut(connection: Any, place: Place, given: dict[str, Any]) -> None:
    """End our side at once; the server is told from a second connection, without waiting for it."""
    number = connection.thread_id() if connection._sock else 0

    def polite() -> None:
        with suppress(Exception):
            other = _connected(place, given, Cancel())
            with other.cursor() as cursor:
                cursor.execute(f"KILL QUERY {int(number)}")
            other.close()

    threading.Thread(target=polite, daemon=True).start()
    with suppress(Exception):
        connection._sock.shutdown(2)
