"""A raw file to a stored table: sniffed, checked, typed and written as Parquet with a manifest and notes."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from workers.engine.duck import engine, sql_name, sql_text
from workers.engine.manifest import SQL_TYPES, TYPE_WORDS, Manifest
from workers.engine.parquet import SAMPLE_ABOVE, write_table
from workers.engine.readers import Source, bad_json, from_relation, plain_intervals, read_json, read_parquet, read_sheet
from workers.engine.sniff import encoding_of, file_kind, transcode, unpack
from workers.engine.text_tables import TextTable, explain_text, misfit_column, sniff_text
from workers.kind import CellError
from workers.ports import Column

Progress = Callable[[float], None]


def ingest(
    raw: Path,
    filename: str,
    into: Path,
    options: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
    *,
    sample_above: int = SAMPLE_ABOVE,
) -> Manifest:
    """Read the file `raw`, uploaded as `filename`, into the result directory `into`; returns its manifest.

    `options`: types {column: type}, delimiter, encoding, header (bool), decimal, missing [words],
    ragged ("error", "pad", "skip"), sheet. Raises CellError for what a file can be wrong
    in: empty_file, not_what_it_says, damaged_file, expands_too_much, wrong_encoding, too_many_columns,
    ragged_rows, bad_quotes, bad_json, table_too_large ...
    """
    chosen = dict(options or {})
    into.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix="ingest-", dir=into))
    try:
        kind = file_kind(raw, filename)
        path, name = raw, filename
        if kind in ("zip", "gz"):
            path, name = unpack(raw, filename, kind, work)
            kind = file_kind(path, name)
            if kind in ("zip", "gz"):
                raise CellError(
                    "archive_unclear", f"“{filename}” holds an archive in an archive. Upload the table itself."
                )
        manifest = _read(kind, path, name, work, into, chosen, progress, sample_above)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return manifest


def _read(
    kind: str,
    path: Path,
    name: str,
    work: Path,
    into: Path,
    options: dict[str, Any],
    progress: Progress | None,
    sample_above: int,
) -> Manifest:
    if kind == "csv":
        return _read_text(path, name, work, into, options, progress, sample_above)
    if kind in ("json", "ndjson"):
        encoding = encoding_of(path, name, options.get("encoding"))
        path = path if encoding == "utf-8" else transcode(path, encoding, work / "text", name)
        try:
            return _store(read_json(path, name, kind, options), kind, into, options, progress, sample_above)
        except CellError as error:
            raise bad_json(error, name) if error.code in ("query_failed", "type_mismatch") else error from error
    if kind == "parquet":
        try:
            return _store(read_parquet(path, name, options), kind, into, options, progress, sample_above)
        except CellError as error:
            if error.code != "query_failed":
                raise
            raise CellError(
                "damaged_file", f"“{name}” is a damaged Parquet file. Upload it again.", detail=error.detail
            ) from error
    return _read_excel(path, name, work, into, options, progress, sample_above)


def _read_text(
    path: Path, name: str, work: Path, into: Path, options: dict[str, Any], progress: Progress | None, sample_above: int
) -> Manifest:
    encoding = encoding_of(path, name, options.get("encoding"))
    if encoding not in ("utf-8", "utf-8-sig"):
        path = transcode(path, encoding, work / "text", name)
    table = sniff_text(path, name, options)
    guessed = {c.name: c.type for c in table.columns()}
    chosen = [n for n, t in dict(options.get("types") or {}).items() if t and guessed.get(n, t) != t]
    # A column someone gave another type is read as written: leading zeros are there, and a misfit is missing, no error.
    table = table.as_text(*chosen, noted=False) if chosen else table
    for _attempt in range(len(table.names) + 1):
        notes = {
            **table.notes,
            "encoding": encoding.replace("-sig", ""),
            "raw_bytes": path.stat().st_size,
            "guessed": guessed,
        }
        try:
            if table.ragged == "skip":
                notes["left_out"] = _left_out(table)
            return _store(Source(table.select(), table.columns(), notes), "csv", into, options, progress, sample_above)
        except CellError as error:
            column = misfit_column(error, table)
            if column is None:
                raise explain_text(error, table) from error
            table = table.as_text(column)
    raise CellError("bad_table", f"“{name}” cannot be read as a table.")


def _left_out(table: TextTable) -> int:
    """Rows that the table leaves out since their length is another one."""
    loose = replace(table, types=("VARCHAR",) * len(table.names))
    counts = [
        engine().fetch(f"SELECT count(*) FROM {replace(loose, ragged=r).reader()}").rows[0][0] for r in ("pad", "skip")
    ]
    return int(counts[0] - counts[1])


def _read_excel(
    path: Path, name: str, work: Path, into: Path, options: dict[str, Any], progress: Progress | None, sample_above: int
) -> Manifest:
    import pyarrow.parquet as pq

    data, notes = read_sheet(path, name, options)
    staged = work / "sheet.parquet"
    pq.write_table(plain_intervals(data), staged)
    source = from_relation(f"read_parquet({sql_text(str(staged))})", name)
    source.notes.update(notes)
    return _store(source, "excel", into, options, progress, sample_above)


def ingest_arrow(
    table: Any, into: Path, notes: Mapping[str, Any] | None = None, progress: Progress | None = None
) -> Manifest:
    """Store a pyarrow Table (a bundled sample, a frame of a Python cell)."""
    import pyarrow.parquet as pq

    into.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix="ingest-", dir=into))
    try:
        pq.write_table(table, work / "rows.parquet")
        source = from_relation(f"read_parquet({sql_text(str(work / 'rows.parquet'))})", "table")
        source.notes.update(notes or {})
        return _store(source, "arrow", into, {}, progress, SAMPLE_ABOVE)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _store(
    source: Source, kind: str, into: Path, options: dict[str, Any], progress: Progress | None, sample_above: int
) -> Manifest:
    before, columns = source.columns, source.columns
    select = source.select
    misfits: dict[str, Any] = {}
    types = {n: t for n, t in dict(options.get("types") or {}).items() if t}
    if types:
        select, columns, misfits = _overrides(source, types)
    notes = {"format": kind, "guessed": {c.name: c.type for c in before}, **source.notes}
    if misfits:
        notes["misfits"] = misfits
    almost = _almost(select, columns) if kind in ("csv", "excel", "json", "ndjson") else {}
    if almost:
        notes["almost"] = almost
    return write_table(select, columns, into, notes=notes, progress=progress, sample_above=sample_above)


def _overrides(source: Source, types: Mapping[str, str]) -> tuple[str, tuple[Column, ...], dict[str, Any]]:
    """The SELECT with chosen types, and how many values of each such column do not fit (they become missing)."""
    from workers.engine.expression import unknown_column

    names = [c.name for c in source.columns]
    casts, columns, counts, asked = [], [], [], []
    for column in source.columns:
        word = types.get(column.name, column.type)
        name = sql_name(column.name)
        if word not in TYPE_WORDS:
            raise CellError(
                "unknown_type",
                f"There is no type “{word}”. Choose one of: {', '.join(TYPE_WORDS[:-1])}.",
                param="types",
            )
        value = name if word == column.type else _converted(name, column.type, word)
        if word != column.type:
            counts.append(f"count({name}) - count({value})")
            asked.append(column.name)
        casts.append(f"{value} AS {name}")
        columns.append(Column(column.name, word))  # type: ignore[arg-type]
    for name in types:
        if name not in names:
            raise unknown_column(name, names, param="types")
    misfits: dict[str, Any] = {}
    if counts:
        row = engine().fetch(f"SELECT {', '.join(counts)} FROM ({source.select})").rows[0]
        misfits = {n: int(k) for n, k in zip(asked, row, strict=True) if k}
    return f"SELECT {', '.join(casts)} FROM ({source.select})", tuple(columns), misfits


_DATES = ("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y/%m/%d", "%d-%m-%Y", "%d %b %Y", "%b %d, %Y", "%d/%m/%y")
_MONEY = r"^\s*[-+(]?\s*[$€£]?\s*[0-9]{1,3}(,?[0-9]{3})*(\.[0-9]+)?\s*[%€]?\)?\s*$"


def _converted(name: str, before: str, after: str) -> str:
    """SQL that gives a column another type, missing where it does not fit; dates and money as people write them."""
    cast = f"TRY_CAST({name} AS {SQL_TYPES[after]})"
    if before != "text" or after == "text":
        return cast
    # trim keeps the cast out of the file reader, where a misfit would be an error.
    cast = f"TRY_CAST(trim({name}) AS {SQL_TYPES[after]})"
    if after in ("date", "datetime"):
        formats = ", ".join(sql_text(f + time) for time in ("", " %H:%M:%S", " %H:%M") for f in _DATES)
        return f"coalesce({cast}, CAST(try_strptime(trim({name}), [{formats}]) AS {SQL_TYPES[after]}))"
    if after in ("integer", "number"):
        money = f"regexp_replace({name}, '[^0-9.+-]', '', 'g')"
        return (
            f"coalesce({cast}, CASE WHEN regexp_matches({name}, {sql_text(_MONEY)}) "
            f"THEN TRY_CAST({money} AS {SQL_TYPES[after]}) END)"
        )
    if after == "boolean":
        word = f"lower(trim({name}))"
        return f"CASE WHEN {word} IN ('yes', 'y') THEN true WHEN {word} IN ('no', 'n') THEN false ELSE {cast} END"
    return cast


ALMOST_ROWS = 200_000
_FITS = {
    "number": """(TRY_CAST(trim({q}) AS DOUBLE) IS NOT NULL AND NOT regexp_matches({q}, '^[+-]?0[0-9]|[0-9]{{16}}'))""",
    "datetime": "(TRY_CAST(trim({q}) AS TIMESTAMP) IS NOT NULL)",
}


def _almost(select: str, columns: tuple[Column, ...]) -> dict[str, Any]:
    """Text columns that would be numbers or dates but for a few values: {column: {type, misfits, of, examples}}.

    Looked at in the first ALMOST_ROWS rows; a column with leading zeros is no number.
    """
    texts = [c.name for c in columns if c.type == "text"][:200]
    # A cast that fails is slow, and most texts are words: those are known by the first rows.
    texts = [name for name, fact in _fitting(texts, select, 5_000).items() if 2 * fact["misfits"] <= fact["of"]]
    found = {
        name: fact
        for name, fact in _fitting(texts, select, ALMOST_ROWS).items()
        if 0 < fact["misfits"] <= 0.1 * fact["of"] and fact["of"] - fact["misfits"] >= 5
    }
    head = f"(SELECT * FROM ({select}) LIMIT {ALMOST_ROWS})"
    for name, fact in found.items():
        # Asked only of the few columns that are told of: distinct texts of them all would cost more than the counts.
        q = sql_name(name)
        misfit = f"NOT {_FITS[fact['type']].format(q=q)} AND {q} IS NOT NULL"
        examples = engine().fetch(f"SELECT DISTINCT {q} FROM {head} WHERE {misfit} LIMIT 3").rows
        fact["examples"] = [example for (example,) in examples]
    return found


def _fitting(texts: list[str], select: str, rows: int) -> dict[str, dict[str, Any]]:
    """The better type of each text column in its first rows: {column: {type, misfits, of, blanks}}."""
    if not texts:
        return {}
    picks = []
    for name in texts:
        q = sql_name(name)
        picks += [
            f"count({q})",
            *(f"count(*) FILTER ({fits.format(q=q)})" for fits in _FITS.values()),
            f"count(*) FILTER (trim({q}) = '')",
        ]
    row = engine().fetch(f"SELECT {', '.join(picks)} FROM (SELECT * FROM ({select}) LIMIT {rows})").rows[0]
    found = {}
    for index, name in enumerate(texts):
        filled, numbers, moments, blanks = row[4 * index : 4 * index + 4]
        best, word = max((numbers, "number"), (moments, "datetime"))
        found[name] = {"type": word, "misfits": filled - best, "of": filled, "blanks": blanks}
    return found
