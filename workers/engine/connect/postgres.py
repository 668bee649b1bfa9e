"""PostgreSQL: a read-only session at the checked address, rows streamed in chunks, a stop heard at once."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from workers.engine.connect.addresses import Place, abandonable, dial
from workers.engine.connect.rows import BATCH, Column, Rows
from workers.engine.connect.statements import unknown_table
from workers.kind import Cancel, CellError

_TYPES: dict[int, str] = {
    16: "BOOLEAN", 20: "BIGINT", 21: "SMALLINT", 23: "INTEGER", 26: "BIGINT", 700: "FLOAT", 701: "DOUBLE",
    1082: "DATE", 1083: "TIME", 1114: "TIMESTAMP", 1184: "TIMESTAMPTZ",
}
_TABLES = """
SELECT n.nspname || '.' || c.relname, c.reltuples::bigint FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
  AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
ORDER BY n.nspname <> 'public', 1 LIMIT 2000"""
MARK = '"'


class Session:
    """An open session."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def tables(self) -> list[dict[str, Any]]:
        """Tables and views this user may read: {"name", "rows"}, rows as the server last estimated them."""
        with self._connection.cursor() as cursor:
            found = cursor.execute(_TABLES).fetchall()
        return [{"name": name, "rows": int(rows) if int(rows) >= 0 else None} for name, rows in found]

    def read(self, sql: str) -> Rows:
        """Start a SELECT; rows come as the server sends them."""
        from psycopg import errors

        about = self._about(sql)
        cursor = self._connection.cursor()
        try:
            columns = self._columns(cursor, sql)
        except errors.Error as error:
            raise self.words(error) from error
        return Rows(columns, self._batches(cursor, sql), about)

    def _columns(self, cursor: Any, sql: str) -> list[Column]:
        # Prepared: the extended protocol takes one statement and no more; `stream` speaks it as well.
        cursor.execute(f"SELECT * FROM (\n{sql}\n) AS answer LIMIT 0", prepare=True)
        return [Column(c.name, _type(c)) for c in cursor.description]

    def _about(self, sql: str) -> int | None:
        """How many rows the planner expects."""
        import json

        from psycopg import errors

        try:
            with self._connection.transaction(), self._connection.cursor() as cursor:
                plan = cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", prepare=True).fetchone()[0]
            return max(1, int(json.loads(plan)[0]["Plan"]["Plan Rows"]))
        except (errors.Error, LookupError, ValueError):
            return None

    def _batches(self, cursor: Any, sql: str) -> Iterator[Sequence[Sequence[str | None]]]:
        from psycopg import errors

        batch: list[Sequence[str | None]] = []
        try:
            for row in cursor.stream(sql, size=2000):
                batch.append(row)
                if len(batch) >= BATCH:
                    yield batch
                    batch = []
        except errors.Error as error:
            raise self.words(error) from error
        yield batch

    def words(self, error: Any) -> CellError:
        """A server's complaint about a query, as ours."""
        state, said = error.sqlstate or "", (error.diag.message_primary or str(error)).strip()
        if state == "42P01":
            name = said.split('"')[1] if '"' in said else "?"
            with suppress(Exception):
                self._connection.rollback()
                return unknown_table(name, [t["name"] for t in self.tables()])
        told = {
            "57014": ("too_slow", "The database stopped this query: it took too long. Take fewer rows."),
            "42501": ("not_allowed", f"This user may not read that: {said}."),
            "25006": ("read_only", "The session only reads; the query would change something."),
        }
        code, message = told.get(state, ("bad_sql", f"The database says: {said}."))
        return CellError(code, message, param="query", detail=error.diag.message_hint or "")


def _type(column: Any) -> tuple[str, ...]:
    if column.type_code == 1700:
        if column.precision and column.precision <= 38 and 0 <= (column.scale or 0) <= column.precision:
            return (f"DECIMAL({column.precision}, {column.scale or 0})", "DOUBLE")
        return ("DOUBLE", "VARCHAR")
    known = _TYPES.get(column.type_code)
    return (known, "VARCHAR") if known in ("TIME",) else (known,) if known else ("VARCHAR",)


@contextmanager
def session(place: Place, given: dict[str, Any], cancel: Cancel, seconds: float) -> Iterator[Session]:
    """A read-only session; `seconds` bounds each statement. Raises CellError for a server or login that fails."""
    # Dialled first: a dead server is told apart from a wrong password, and a cancel is heard meanwhile.
    dial(place, cancel).close()
    connection = _connected(place, given, cancel, seconds)
    cancel.on_set(lambda: _cut(connection))
    try:
        yield Session(connection)
    except Exception:
        cancel.check()
        raise
    finally:
        with suppress(Exception):
            connection.close()


def _connected(place: Place, given: dict[str, Any], cancel: Cancel, seconds: float) -> Any:
    import certifi
    import psycopg
    from psycopg.types.string import TextLoader

    tls = {"off": "disable", "verify": "verify-full"}.get(str(given.get("tls")), "prefer")
    fields = {
        "host": place.host, "hostaddr": place.address, "port": place.port, "dbname": given["database"],
        "user": given["user"], "password": given["password"], "sslmode": tls, "connect_timeout": 10,
        "options": f"-c statement_timeout={int(seconds * 1000)} -c default_transaction_read_only=on "
                   "-c timezone=UTC -c datestyle=ISO -c intervalstyle=iso_8601 -c bytea_output=hex",
        # Nothing of this machine's own: no password file, no certificates of the server's user.
        "passfile": "/dev/null", "gssencmode": "disable", "application_name": "inkling",
        **({"sslrootcert": certifi.where()} if tls == "verify-full" else {}),
    }
    try:
        connection = abandonable(lambda: psycopg.connect(**fields), cancel, 15)
    except psycopg.OperationalError as error:
        raise _login(error, given) from error
    except TimeoutError as error:
        words = f"{place.host}:{place.port} takes calls, but does not speak PostgreSQL."
        raise CellError("no_answer", words) from error
    for kind in psycopg.adapters.types:
        for number in filter(None, (kind.oid, kind.array_oid)):
            connection.adapters.register_loader(number, TextLoader)
    connection.read_only = True
    return connection


def _login(error: Any, given: dict[str, Any]) -> CellError:
    said = str(error)
    # A failed login has no code in the driver's error, only the server's words.
    if any(words in said for words in ("authentication failed", "no password", "role \"", "pg_hba.conf")):
        return CellError("wrong_credentials", f"The database does not accept the user “{given['user']}” with this "
                                              "password. Edit the connection.", param="source")
    if "does not exist" in said:
        words = f"There is no database “{given['database']}” on this server. Edit the connection."
        return CellError("unknown_database", words, param="source")
    if "SSL" in said or "certificate" in said:
        return CellError("bad_certificate", "No safe connection could be made. Check the server's certificate, or "
                                            "change “Encryption” of the connection.", param="source", detail=said)
    return CellError("no_answer", "The database broke off before the login was done. Try again.", detail=said)


def _cut(connection: Any) -> None:
    """Stop what runs on the server, and end our side without waiting for it."""
    def polite() -> None:
        with suppress(Exception):
            connection.cancel_safe(timeout=3)

    asked = threading.Thread(target=polite, daemon=True)
    asked.start()
    asked.join(0.1)
    with suppress(OSError, Exception):
        line = socket.socket(fileno=connection.fileno())
        line.shutdown(socket.SHUT_RDWR)
        line.detach()
