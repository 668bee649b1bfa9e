"""One op tree, three answers: DuckDB, PostgreSQL and its pandas source, over tables that hypothesis makes."""

from __future__ import annotations

import datetime
import math
import warnings
from typing import Any

from hypothesis import strategies as st

from workers.engine.compile import compile_op
from workers.engine.duck import engine
from workers.engine.ingest import ingest_arrow
from workers.engine.ops import parse
from workers.engine.pandas_code import PandasCode, reading, write
from workers.engine.tables import columns_of, rows_of
from workers.ports import Column

TEXTS = ["", "a", "A", "b", "Łódź", "łódź", "東京", "🦆 duck", "a b", " a ", "10", "2.5", "x'y\"z", "2024-02-29", "yes"]
ZONES = ["UTC", "Europe/Lisbon", "Asia/Kathmandu", "America/New_York"]
POSTGRES = {"text": "TEXT", "integer": "BIGINT", "number": "DOUBLE PRECISION", "boolean": "BOOLEAN", "date": "DATE",
            "datetime": "TIMESTAMP"}
SCHEMA = {"key": "text", "other text": "text", "n": "integer", "x": "number", "ok": "boolean", "day": "date",
          "at": "datetime"}
_MOMENTS = st.datetimes(datetime.datetime(2019, 12, 28), datetime.datetime(2024, 3, 3)).map(
    lambda moment: moment.replace(microsecond=0))
_VALUES = {
    "key": st.sampled_from(["a", "b", "Łódź", "東京"]), "other text": st.sampled_from(TEXTS),
    "n": st.integers(-5, 6) | st.sampled_from([2**53 + 1, -(2**40)]),
    "x": st.sampled_from([0.0, 0.5, -0.5, 1.5, 2.5, -2.5, 0.125, 99.995, -7.0, 1e6])
    | st.floats(-1e4, 1e4, width=32).map(lambda value: value + 0.0),
    "ok": st.booleans(), "day": st.dates(datetime.date(2019, 12, 28), datetime.date(2024, 3, 3)), "at": _MOMENTS,
}


@st.composite
def tables(draw: Any) -> Any:
    """A pyarrow Table with gaps, unicode, repeated rows and moments of some time zone."""
    row = st.tuples(*[st.none() | values for values in _VALUES.values()])
    rows = draw(st.lists(row, max_size=8))
    rows += draw(st.lists(st.sampled_from(rows), max_size=3)) if rows else []
    return table_of(rows, draw(st.sampled_from([None, *ZONES])))


def table_of(rows: list[tuple[Any, ...]], zone: str | None = None) -> Any:
    """Rows of the schema as a pyarrow Table."""
    import pyarrow as pa

    kinds = [pa.string(), pa.string(), pa.int64(), pa.float64(), pa.bool_(), pa.date32(), pa.timestamp("us", zone)]
    return pa.table({name: pa.array([r[place] for r in rows], kind)
                     for place, (name, kind) in enumerate(zip(SCHEMA, kinds, strict=True))})


class Bench:
    """Tables put into a store, and read from it by each engine."""

    def __init__(self, fresh: Any, connection: Any = None) -> None:
        self.fresh, self.known, self.connection = fresh, {}, connection

    def put_like(self, count: int) -> dict[str, Any]:
        """Store a small table of this many rows."""
        day, at = datetime.date(2020, 2, 29), datetime.datetime(2020, 2, 28, 23, 59)
        return self.put(table_of([("a", "é", i, i / 2, i % 2 == 0, day, at) for i in range(count)]))

    def put(self, table: Any) -> dict[str, Any]:
        """Store a table; gives the op that reads it."""
        name, folder = self.fresh()
        ingest_arrow(table, folder)
        self.known[name] = folder
        if self.connection is not None:
            self._load(name)
        return {"op": "stored", "fingerprint": name}

    def pandas(self, op: dict[str, Any]) -> tuple[list[tuple[Any, ...]], str]:
        """Rows by the op's pandas source, and the source."""
        code = PandasCode()
        frames: dict[str, str] = {}
        for number, (name, folder) in enumerate(self.known.items()):
            manifest = engine().manifest(name)
            frames[name] = code.name(f"table_{number}")
            reading(frames[name], str(folder / manifest.parts[0]), manifest.schema(), code)
        result = write(op, code, frames, lambda fp: engine().manifest(fp).schema(), code.name("result"))
        space: dict[str, Any] = {}
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.filterwarnings("ignore", category=RuntimeWarning)
            try:
                exec(code.script(), space)  # noqa: S102 - the text under test
            except Exception as error:
                raise AssertionError(f"{type(error).__name__}: {error}\n{code.script()}") from error
        frame, columns = space[result], columns_of(op)
        assert list(frame.columns) == [c.name for c in columns], (list(frame.columns), columns, code.script())
        lists = [[plain(v, c) for v in frame[c.name].tolist()] for c in columns]
        return list(zip(*lists, strict=True)), code.script()

    def _load(self, name: str) -> None:
        source = {"op": "stored", "fingerprint": name}
        columns = ", ".join(f'"{c.name}" {POSTGRES[c.type]}' for c in columns_of(source))
        self.connection.execute(f'DROP TABLE IF EXISTS "t_{name}"')
        self.connection.execute(f'CREATE TABLE "t_{name}" ({columns})')
        with self.connection.cursor() as cursor, cursor.copy(f'COPY "t_{name}" FROM STDIN') as copy:
            for row in rows_of(source):
                copy.write_row(row)

    def postgres(self, op: dict[str, Any]) -> tuple[list[tuple[Any, ...]], str]:
        """Rows by PostgreSQL, and the SQL."""
        columns = columns_of(op)
        cannot = [n.cannot["postgres"] for n in parse(op).walk() if "postgres" in n.cannot]
        sql = compile_op(op, lambda fp: engine().manifest(fp).schema(), "postgres").sql
        try:
            found = self.connection.execute(sql).fetchall()
        except Exception as error:
            raise AssertionError(f"{error}\n{sql}\n{cannot}") from error
        return [tuple(plain(v, c) for v, c in zip(row, columns, strict=True)) for row in found], sql

    def duckdb(self, op: dict[str, Any]) -> list[tuple[Any, ...]]:
        """Rows by DuckDB."""
        columns = columns_of(op)
        return [tuple(plain(v, c) for v, c in zip(row, columns, strict=True)) for row in rows_of(op)]


def plain(value: Any, column: Column) -> Any:
    """A value of any engine as the same Python value."""
    import pandas as pd

    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, pd.Timestamp):
        value = value.to_pydatetime()
    if column.type == "date" and isinstance(value, datetime.datetime):
        assert value.time() == datetime.time(), value
        return value.date()
    if column.type in ("integer", "number") and not isinstance(value, (bool, int, float)):
        value = int(value) if column.type == "integer" else float(value)
    if column.type == "boolean":
        assert value in (True, False), value
        return bool(value)
    return value


def same(left: list[tuple[Any, ...]], right: list[tuple[Any, ...]], *, ordered: bool = False) -> bool:
    """Equal rows: in any order unless the order is what was asked; floats within rounding."""
    if len(left) != len(right):
        return False
    if not ordered:
        left, right = sorted(left, key=_rank), sorted(right, key=_rank)
    return all(_alike(a, b) for one, two in zip(left, right, strict=True) for a, b in zip(one, two, strict=True))


def _rank(row: tuple[Any, ...]) -> list[tuple[str, Any]]:
    return [("", 0) if v is None else ("number", round(float(v), 4)) if isinstance(v, (int, float)) else
            (type(v).__name__, v) for v in row]


def _alike(a: Any, b: Any) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return a == b or math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)
    return type(a) is type(b) and a == b
