"""Rows of a database on their way to Parquet: streamed as text, then cast to the types the database declared."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workers.engine.connect.fetch import too_big
from workers.engine.duck import engine, sql_name, sql_text
from workers.engine.headers import check_width, clean_names
from workers.engine.parquet import FORM
from workers.kind import Cancel, CellError
from workers.store import RawWriter

BATCH = 20_000
MOST_ROWS = 100_000_000


@dataclass(frozen=True, slots=True)
class Column:
    """A column as a database declares it: its DuckDB type, with wider ones to take when values do not fit."""

    name: str
    types: tuple[str, ...] = ("VARCHAR",)


@dataclass(frozen=True, slots=True)
class Rows:
    """An answer that is being read: its columns, batches of rows as text, and about how many there are."""

    columns: Sequence[Column]
    batches: Iterable[Sequence[Sequence[str | None]]]
    about: int | None = None


def keep_rows(rows: Rows, writer: RawWriter, limit: int, cancel: Cancel,
              progress: Callable[[float], None]) -> dict[str, Any]:
    """Write the rows as Parquet into the writer; returns {"rows", "misfits"}: values that became missing, by column."""
    check_width(len(rows.columns), "This table")
    work = Path(tempfile.mkdtemp(prefix="rows-", dir=writer.folder))
    try:
        staged = work / "text.parquet"
        count = _stage(rows, staged, limit, cancel, progress)
        types, misfits = _types(rows.columns, staged)
        names, _ = clean_names([column.name for column in rows.columns])
        casts = ", ".join(f"TRY_CAST(c{i} AS {kind}) AS {sql_name(name)}"
                          for i, (kind, name) in enumerate(zip(types, names, strict=True)))
        final = work / "typed.parquet"
        with engine().cursor() as cursor:
            cursor.execute(f"COPY (SELECT {casts} FROM {_file(staged)}) TO {sql_text(str(final))} ({FORM})")
        if final.stat().st_size > limit:
            raise too_big(limit)
        with final.open("rb") as file:
            while chunk := file.read(1 << 20):
                writer.write(chunk)
        return {"rows": count, **({"misfits": {names[i]: n for i, n in misfits.items()}} if misfits else {})}
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _file(path: Path) -> str:
    return f"read_parquet({sql_text(str(path))})"


def _stage(rows: Rows, path: Path, limit: int, cancel: Cancel, progress: Callable[[float], None]) -> int:
    """All rows as text in one file; returns how many."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(f"c{i}", pa.string()) for i in range(len(rows.columns))])
    count = 0
    with pq.ParquetWriter(path, schema, compression="zstd", compression_level=1) as file:
        for batch in rows.batches:
            cancel.check()
            if not batch:
                continue
            columns = [pa.array(values, pa.string()) for values in zip(*batch, strict=True)]
            file.write_batch(pa.record_batch(columns, schema=schema))
            count += len(batch)
            if count > MOST_ROWS:
                words = f"This gives more than {MOST_ROWS:,} rows. Write a SELECT with a WHERE."
                raise CellError("too_many_rows", words)
            if path.stat().st_size > limit:
                raise too_big(limit)
            progress(min(0.95, count / rows.about) if rows.about else count / (count + 500_000))
    cancel.check()
    return count


def _types(columns: Sequence[Column], staged: Path) -> tuple[list[str], dict[int, int]]:
    """The first declared type that all values fit, else the last; and how many values do not fit even that."""
    asked = [(i, kind) for i, column in enumerate(columns) for kind in column.types if kind != "VARCHAR"]
    counts = {}
    if asked:
        picks = ", ".join(f"count(c{i}) - count(TRY_CAST(c{i} AS {kind}))" for i, kind in asked)
        with engine().cursor() as cursor:
            row = cursor.execute(f"SELECT {picks} FROM {_file(staged)}").fetchone()
        counts = dict(zip(asked, row, strict=True))
    types, misfits = [], {}
    for i, column in enumerate(columns):
        kind = next((k for k in column.types if not counts.get((i, k))), column.types[-1])
        types.append(kind)
        if wrong := counts.get((i, kind)):
            misfits[i] = int(wrong)
    return types, misfits
