"""JSON, Parquet and spreadsheet files as one SELECT each, with columns, notes and checks before reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from workers.engine.duck import engine, sql_name, sql_text
from workers.engine.headers import check_width, clean_names
from workers.engine.manifest import SQL_TYPES
from workers.engine.sniff import check_spreadsheet
from workers.kind import CellError
from workers.ports import Column

MAX_CELLS = 20_000_000
MAX_PARQUET_BYTES = 40 * 2**30
MAX_PARQUET_VALUES = 5_000_000_000
_WHOLE = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"}


@dataclass(slots=True)
class Source:
    """Rows to store: a SELECT with our physical types, its columns, and what was noticed."""

    select: str
    columns: tuple[Column, ...]
    notes: dict[str, Any] = field(default_factory=dict)


def word_of_sql(kind: str) -> str:
    """Our type word for a DuckDB type."""
    kind = kind.upper()
    if kind in _WHOLE:
        return "integer"
    if kind in ("FLOAT", "DOUBLE") or kind.startswith("DECIMAL"):
        return "number"
    if kind.startswith("TIMESTAMP"):
        return "datetime"
    return {"BOOLEAN": "boolean", "DATE": "date", "TIME": "time"}.get(kind, "text")


def from_relation(relation: str, filename: str) -> Source:
    """A Source over anything DuckDB can describe: nested values become JSON text, huge integers text, zones UTC."""
    described = engine().fetch(f"DESCRIBE SELECT * FROM {relation}").rows
    check_width(len(described), filename)
    names, notes = clean_names([str(row[0]) for row in described])
    casts, columns, nested = [], [], []
    for name, (original, kind, *_rest) in zip(names, described, strict=True):
        word = word_of_sql(str(kind))
        column = sql_name(str(original))
        value = column
        if str(kind).upper().startswith("TIMESTAMP WITH"):
            value = f"timezone('UTC', {column})"
        elif str(kind).endswith("[]") or str(kind).upper().startswith(("STRUCT", "MAP", "UNION", "JSON")):
            value = f"CAST(to_json({column}) AS VARCHAR)"
            nested.append(name)
        elif str(kind).upper() == "BLOB":
            value = f"hex({column})"
        casts.append(f"CAST({value} AS {SQL_TYPES[word]}) AS {sql_name(name)}")
        columns.append(Column(name, word))  # type: ignore[arg-type]
    if nested:
        notes["nested_as_json"] = nested[:50]
    return Source(f"SELECT {', '.join(casts)} FROM {relation}", tuple(columns), notes)


def read_json(path: Path, filename: str, kind: str, options: Mapping[str, Any]) -> Source:
    """Records of a JSON array, of one object, or of JSON lines."""
    shape = "newline_delimited" if kind == "ndjson" else "auto"
    relation = (
        f"read_json({sql_text(str(path))}, format={sql_text(shape)}, sample_size=-1, maximum_object_size=67108864, "
        "convert_strings_to_integers=false)"
    )
    try:
        return from_relation(relation, filename)
    except CellError as error:
        if error.code != "query_failed" and error.code != "type_mismatch":
            raise
        raise bad_json(error, filename) from error


def bad_json(error: CellError, filename: str) -> CellError:
    """A JSON reader's complaint, with the place it gives."""
    first = (error.detail or error.message).strip().splitlines()[0]
    place = first.split("Malformed JSON")[-1][:160] if "Malformed" in first else first[:200]
    return CellError(
        "bad_json",
        f"“{filename}” is not valid JSON{place if place.startswith(' ') else ': ' + place}. "
        "It should be a list of records, or one record a line.",
        detail=error.detail,
    )


def read_parquet(path: Path, filename: str, options: Mapping[str, Any]) -> Source:
    """A Parquet file whose footer was checked first: rows x columns and declared sizes."""
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path, thrift_string_size_limit=64 << 20, thrift_container_size_limit=1 << 20) as file:
            footer = file.metadata
            rows, width = footer.num_rows, footer.num_columns
            declared = sum(footer.row_group(i).total_byte_size for i in range(min(footer.num_row_groups, 100_000)))
    except Exception as error:
        raise CellError(
            "damaged_file", f"“{filename}” is a damaged Parquet file. Upload it again.", detail=str(error)[:2000]
        ) from error
    check_width(width, filename)
    if rows * max(1, width) > MAX_PARQUET_VALUES or declared > MAX_PARQUET_BYTES:
        raise CellError(
            "table_too_large",
            f"“{filename}” declares {rows:,} rows x {width:,} columns, {declared / 2**30:,.1f} GB unpacked. "
            "Upload a part of it.",
        )
    return from_relation(f"read_parquet({sql_text(str(path))})", filename)


def read_sheet(path: Path, filename: str, options: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """(pyarrow Table, notes) of one sheet; formulas give their stored values."""
    import python_calamine

    check_spreadsheet(path, filename)
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        wanted = options.get("sheet")
        names = book.sheet_names
        if wanted is not None and wanted not in names:
            raise CellError(
                "unknown_sheet",
                f"“{filename}” has no sheet “{wanted}”. There are: {', '.join(names[:10])}.",
                param="sheet",
            )
        rows: list[list[Any]] = []
        used = wanted
        for name in [wanted] if wanted is not None else names:
            sheet = book.get_sheet_by_name(name)
            if sheet.height * sheet.width > MAX_CELLS:
                raise CellError(
                    "table_too_large",
                    f"The sheet “{name}” has {sheet.height:,} x {sheet.width:,} cells; at most "
                    f"{MAX_CELLS:,} are read. Save it as CSV.",
                )
            rows, used = sheet.to_python(skip_empty_area=True), name
            if rows:
                break
    except CellError:
        raise
    except Exception as error:
        raise CellError(
            "damaged_file",
            f"“{filename}” cannot be opened as a spreadsheet. Save it again, without a password.",
            detail=str(error)[:2000],
        ) from error
    notes: dict[str, Any] = {"sheet": used, **({"sheets": names[:100]} if len(names) > 1 else {})}
    return sheet_table(rows, filename, options, notes), notes


def sheet_table(rows: list[list[Any]], filename: str, options: Mapping[str, Any], notes: dict[str, Any]) -> Any:
    """A pyarrow Table of sheet rows: the first row names columns, a column takes the type all its values share."""
    import pyarrow as pa

    rows = [row for row in rows if any(v not in ("", None) for v in row)]
    if not rows:
        raise CellError(
            "empty_file", f"“{filename}” has no filled cells. Fill a sheet, or choose another one.", param="sheet"
        )
    check_width(len(rows[0]), filename)
    header = options.get("header")
    if header is None:
        header = (
            all(isinstance(v, str) for v in rows[0])
            or sum(isinstance(v, str) and v != "" for v in rows[0]) > len(rows[0]) / 2
        )
    raw = [str(v) if v is not None else "" for v in rows[0]] if header else [""] * len(rows[0])
    names, more = clean_names(raw)
    notes.update(more if header else {}, header=bool(header))
    body = rows[1:] if header else rows
    arrays, mixed = [], []
    for index, name in enumerate(names):
        values, kind, clean = _one_type([row[index] if index < len(row) else None for row in body])
        if not clean:
            mixed.append(name)
        arrays.append(pa.array(values, type=_arrow(kind)))
    if mixed:
        notes["mixed_as_text"] = mixed[:50]
    return pa.table(arrays, names=names)


def _one_type(values: Sequence[Any]) -> tuple[list[Any], str, bool]:
    cleaned = [
        None
        if v is None
        or (isinstance(v, str) and v.strip() in ("", "#N/A", "#VALUE!", "#DIV/0!", "#REF!", "#NAME?", "#NUM!"))
        else v
        for v in values
    ]
    kinds = {_kind(v) for v in cleaned if v is not None}
    if not kinds:
        return cleaned, "text", True
    if kinds <= {"integer", "number"}:
        whole = all(v is None or (float(v).is_integer() and abs(v) < 2**53) for v in cleaned)
        return (
            ([None if v is None else int(v) for v in cleaned], "integer", True)
            if whole
            else ([None if v is None else float(v) for v in cleaned], "number", True)
        )
    if kinds <= {"date", "datetime"}:
        if kinds == {"date"}:
            return cleaned, "date", True
        return (
            [v if v is None or isinstance(v, datetime) else datetime.combine(v, time()) for v in cleaned],
            "datetime",
            True,
        )
    if len(kinds) == 1:
        return cleaned, kinds.pop(), True
    return [None if v is None else _text(v) for v in cleaned], "text", False


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    for kind, word in (
        (int, "integer"),
        (float, "number"),
        (datetime, "datetime"),
        (date, "date"),
        (time, "time"),
        (str, "text"),
    ):
        if isinstance(value, kind):
            return word
    return "interval"


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _arrow(kind: str) -> Any:
    import pyarrow as pa

    return {
        "integer": pa.int64(),
        "number": pa.float64(),
        "boolean": pa.bool_(),
        "date": pa.date32(),
        "datetime": pa.timestamp("us"),
        "time": pa.time64("us"),
        "interval": pa.duration("us"),
    }.get(kind, pa.string())


def plain_intervals(table: Any) -> Any:
    """Durations of a sheet as hours, since we have no type for them."""
    import pyarrow as pa

    for index, field_ in enumerate(table.schema):
        if pa.types.is_duration(field_.type):
            hours = [None if v is None else v / timedelta(hours=1) for v in table.column(index).to_pylist()]
            table = table.set_column(index, field_.name, pa.array(hours, type=pa.float64()))
    return table
