"""CSV and its kin: delimiter, header, types and missing words found, then one SELECT that reads the file."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from workers.engine.duck import engine, sql_name, sql_text
from workers.engine.headers import check_width, clean_names, first_rows
from workers.engine.manifest import SQL_TYPES
from workers.kind import CellError
from workers.ports import Column

SNIFF_ALL = 200 * 2**20
"""Bytes up to which every row is read to guess types; above, the first are, and a misfit turns its column to text."""
SNIFF_ROWS = 204_800
MISSING_WORDS = ("", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "#N/A")
DELIMITERS = (",", ";", "\t", "|")
_BUFFERS = ("max_line_size=16777216", "buffer_size=33554432")
"""Without a size of their own, buffers hold 16 of the longest lines each: 256 MB."""
_WORDS = {
    "BIGINT": "integer",
    "DOUBLE": "number",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIME": "time",
    "TIMESTAMP": "datetime",
    "TIMESTAMP WITH TIME ZONE": "datetime",
    "INTEGER": "integer",
    "TINYINT": "integer",
    "SMALLINT": "integer",
    "FLOAT": "number",
    "TIMESTAMP_NS": "datetime",
}


@dataclass(frozen=True, slots=True)
class TextTable:
    """How to read one text table; `select()` is the SQL."""

    path: Path
    filename: str
    delimiter: str
    header: bool
    names: tuple[str, ...]
    types: tuple[str, ...]
    missing: tuple[str, ...]
    decimal: str = "."
    date_format: str | None = None
    datetime_format: str | None = None
    skip: int = 0
    ragged: str = "error"
    notes: dict[str, Any] = field(default_factory=dict)

    def columns(self) -> tuple[Column, ...]:
        """Names with our type words."""
        return tuple(Column(n, _WORDS.get(t, "text")) for n, t in zip(self.names, self.types, strict=True))  # type: ignore[arg-type]

    def select(self) -> str:
        """A SELECT over the file, with our physical types."""
        casts = []
        for column, source in zip(self.columns(), self.types, strict=True):
            name = sql_name(column.name)
            zoned = source == "TIMESTAMP WITH TIME ZONE"
            value = f"timezone('UTC', {name})" if zoned else name
            casts.append(f"CAST({value} AS {SQL_TYPES[column.type]}) AS {name}")
        return f"SELECT {', '.join(casts)} FROM {self.reader()}"

    def reader(self) -> str:
        """The read_csv call with everything spelled out."""
        columns = ", ".join(f"{sql_text(n)}: {sql_text(t)}" for n, t in zip(self.names, self.types, strict=True))
        parts = [
            sql_text(str(self.path)),
            "auto_detect=false",
            f"delim={sql_text(self.delimiter)}",
            "quote='\"'",
            "escape='\"'",
            f"header={str(self.header).lower()}",
            f"skip={self.skip}",
            f"columns={{{columns}}}",
            f"nullstr={_texts(self.missing)}",
            f"decimal_separator={sql_text(self.decimal)}",
            *_BUFFERS,
        ]
        if self.date_format:
            parts.append(f"dateformat={sql_text(self.date_format)}")
        if self.datetime_format:
            parts.append(f"timestampformat={sql_text(self.datetime_format)}")
        if self.ragged == "pad":
            # The parallel scanner cannot fill up rows where quoted values hold line breaks.
            parts += ["null_padding=true", "strict_mode=false", "parallel=false"]
        elif self.ragged == "skip":
            parts += ["ignore_errors=true"]
        return f"read_csv({', '.join(parts)})"

    def as_text(self, *columns: str, noted: bool = True) -> TextTable:
        """The same with some columns read as text."""
        types = tuple("VARCHAR" if n in columns else t for n, t in zip(self.names, self.types, strict=True))
        kept = [*self.notes.get("kept_as_text", []), *columns] if noted else self.notes.get("kept_as_text", [])
        return replace(self, types=types, notes={**self.notes, **({"kept_as_text": kept} if kept else {})})


def _texts(values: Sequence[str]) -> str:
    return "[" + ", ".join(sql_text(v) for v in values) + "]"


def sniff_text(path: Path, filename: str, options: Mapping[str, Any]) -> TextTable:
    """Find out how to read a UTF-8 text table. `options`: delimiter, header, missing, decimal, ragged, types."""
    delimiter = str(options.get("delimiter") or _delimiter(path, filename))
    if len(delimiter) != 1:
        raise CellError("bad_delimiter", "The delimiter must be one character.", param="delimiter")
    first = list(first_rows(path, delimiter, '"', 50))
    if not first:
        raise CellError("empty_file", f"“{filename}” holds no rows. Export it again and upload the new file.")
    check_width(max(len(r) for r in first), filename)
    missing = tuple(str(m) for m in options.get("missing", MISSING_WORDS))
    header = bool(options["header"]) if options.get("header") is not None else _has_header(first)
    raw = first[0] if header else [f"column_{i}" for i in range(1, len(first[0]) + 1)]
    names, notes = clean_names(raw)
    ragged = str(options.get("ragged") or "error")
    table = TextTable(
        path,
        filename,
        delimiter,
        header,
        tuple(names),
        ("VARCHAR",) * len(names),
        missing,
        ragged=ragged,
        notes={"delimiter": delimiter, "header": header, **notes},
    )
    decimal = str(options.get("decimal") or ("," if delimiter != "," and _decimal_comma(first, header) else "."))
    table = _guess_types(
        replace(table, decimal=decimal, notes={**table.notes, **({"decimal": ","} if decimal == "," else {})})
    )
    return _keep_ids(table)


def _delimiter(path: Path, filename: str) -> str:
    with path.open("r", encoding="utf-8-sig", newline="") as file:
        text = file.read(256 * 1024)
    best, score = ",", (0.0, 0)
    for candidate in DELIMITERS:
        try:
            rows = [r for r in csv.reader(io.StringIO(text), delimiter=candidate) if r][:200]
        except csv.Error:
            continue
        if len(rows) > 2:
            rows = rows[:-1]
        widths = Counter(len(r) for r in rows)
        width, times = widths.most_common(1)[0] if widths else (1, 0)
        if width > 1 and (times / len(rows), width) > score:
            best, score = candidate, (times / len(rows), width)
    return best


_NUMBER = re.compile(r"^\s*[-+]?(\d[\d.,]*|\.\d+)([eE][-+]?\d+)?\s*%?$|^\d{1,4}[-/.:]\d{1,2}[-/.:]\d{1,4}")
_COMMA_NUMBER = re.compile(r"^\s*[-+]?\d+,\d+\s*$")


def _has_header(rows: list[list[str]]) -> bool:
    """A first row of texts without numbers, dates or only blanks; if all rows are texts, the first is a header too."""
    first = [value.strip() for value in rows[0]]
    if not any(first) or (len(rows) == 1 and any(_NUMBER.match(v) for v in first)):
        return any(first) and len(rows) > 1
    numeric = sum(bool(_NUMBER.match(v)) for v in first)
    years = all(re.fullmatch(r"(1[89]|20|21)\d\d", v) for v in first if _NUMBER.match(v)) and len(set(first)) == len(
        first
    )
    if numeric == 0 or (years and numeric < len(first)):
        return True
    below = [sum(bool(_NUMBER.match(v)) for v in row) for row in rows[1:]]
    return bool(below) and numeric < min(below)


def _decimal_comma(rows: list[list[str]], header: bool) -> bool:
    body = rows[1:] if header else rows
    values = [v for row in body for v in row]
    return any(_COMMA_NUMBER.match(v) for v in values) and not any(
        re.match(r"^\s*[-+]?\d+\.\d+\s*$", v) for v in values
    )


def _guess_types(table: TextTable) -> TextTable:
    size = table.path.stat().st_size
    sample = -1 if size <= SNIFF_ALL else SNIFF_ROWS
    names = ", ".join(sql_text(n) for n in table.names)
    parts = [
        sql_text(str(table.path)),
        f"delim={sql_text(table.delimiter)}",
        "quote='\"'",
        "escape='\"'",
        f"header={str(table.header).lower()}",
        f"names=[{names}]",
        f"nullstr={_texts(table.missing)}",
        f"sample_size={sample}",
        "skip=0",
        *_BUFFERS,
        f"decimal_separator={sql_text(table.decimal)}",
        "null_padding=true",
        "strict_mode=false",
    ]
    try:
        row = engine().fetch(f"SELECT Columns, DateFormat, TimestampFormat FROM sniff_csv({', '.join(parts)})").rows[0]
    except CellError as error:
        if error.code == "out_of_memory":
            raise
        # The sniffer only says that nothing fits; reading every column as text finds the line that is wrong.
        return table
    types = [str(c["type"]) for c in row[0]]
    width = len(table.names)
    types = (types + ["VARCHAR"] * width)[:width]
    types = ["VARCHAR" if t not in _WORDS else t for t in types]
    return replace(table, types=tuple(types), date_format=row[1] or None, datetime_format=row[2] or None)


def _keep_ids(table: TextTable) -> TextTable:
    """Whole numbers of 16 digits and more are ids, and Yes / No is a text people wrote: as text they lose nothing."""
    kinds = dict(zip(table.names, table.types, strict=True))
    suspects = [n for n, t in kinds.items() if t in ("BIGINT", "BOOLEAN")]
    if not suspects:
        return table
    loose = replace(table, types=tuple("VARCHAR" for _ in table.types), ragged="pad")
    picks = ", ".join(
        f"bool_or(length(trim({sql_name(n)})) >= 16)"
        if kinds[n] == "BIGINT"
        else f"bool_or(lower(trim({sql_name(n)})) NOT IN ('true', 'false', ''))"
        for n in suspects
    )
    row = engine().fetch(f"SELECT {picks} FROM (SELECT * FROM {loose.reader()} LIMIT 20000)").rows[0]
    for name, keep in zip(suspects, row, strict=True):
        if keep:
            table = table.as_text(name)
    return table


def explain_text(error: CellError, table: TextTable) -> CellError:
    """A reader's complaint as a typed error with the line and what to do; other errors as they are."""
    if error.code not in ("query_failed", "type_mismatch"):
        return error
    text = error.detail or error.message
    line = _find(r"[Ll]ine:? (\d+)", text)
    where = f" in line {int(line):,}" if line else ""
    expected, found = _find(r"Expected Number of Columns: (\d+)", text), _find(r"Found: (\d+)", text)
    if expected and found:
        return _ragged(f"“{table.filename}” has {found} values{where}, where {expected} columns were expected.", text)
    if re.search(r"unterminated|unquoted|closing quote|quote (should|is)", text.split("Possible")[0], re.IGNORECASE):
        return CellError(
            "bad_quotes",
            f"“{table.filename}” has a quotation mark that is never closed{where}. Mend that line.",
            detail=text[:2000],
        )
    if re.search(r"not utf-8|invalid unicode|unicode", text.split("Possible")[0], re.IGNORECASE):
        return CellError(
            "wrong_encoding",
            f"“{table.filename}” has a character that is not UTF-8{where}. Choose its encoding.",
            param="encoding",
            detail=text[:2000],
        )
    if "maximum line size" in text.lower() or "max_line_size" in text.lower():
        return CellError(
            "line_too_long",
            f"“{table.filename}” has a line longer than 16 MB{where}. Is it a text table?",
            detail=text[:2000],
        )
    return CellError(
        "bad_table",
        f"“{table.filename}” cannot be read as a table{where}. Check its delimiter and quotes.",
        detail=text[:2000],
    )


def _ragged(what: str, detail: str) -> CellError:
    return CellError(
        "ragged_rows",
        f"{what} Mend that line, choose another delimiter, or let such rows be filled up or left out.",
        param="ragged",
        fix={"label": "Fill up short rows", "params": {"ragged": "pad"}},
        detail=detail[:2000],
    )


def misfit_column(error: CellError, table: TextTable) -> str | None:
    """The column whose guessed type did not fit a later value, or None when the error is another one."""
    text = error.detail or error.message
    if "onver" not in text:
        return None
    name = _find(r"[Ee]rror when converting column \"((?:[^\"]|\"\")+)\"", text) or _find(
        r"Column (?:with name|name): ?\"?([^\"\n]+)\"?", text
    )
    return name if name in table.names and table.types[table.names.index(name)] != "VARCHAR" else None


def _find(pattern: str, text: str) -> str | None:
    found = re.search(pattern, text)
    return found.group(1) if found else None
