"""A whole table as a file for people: CSV, Excel or Parquet, safe to open in a spreadsheet."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from workers.engine.duck import engine, sql_name, sql_text
from workers.engine.parquet import FORM, reporting
from workers.engine.tables import compiled, count
from workers.kind import Cancel, CellError
from workers.ports import Table

Format = Literal["csv", "xlsx", "parquet"]
EXCEL_ROWS = 1_048_575
"""Rows of a sheet below its header."""
EXCEL_COLUMNS = 16_384
EXCEL_TEXT = 32_767
_EXACT = 2**53
FORMULA = r"^[=+\-@\t\r\n]"
PLAIN_NUMBER = r"^[+-]?[0-9]+([.,][0-9]+)?([eE][+-]?[0-9]+)?$"


def export(table: Table, form: Format, path: Path, *, raw: bool = False, cancel: Cancel | None = None,
           progress: Callable[[float], None] = lambda share: None) -> None:
    """Write all rows of a table to `path`, to be read while it grows. Raises CellError where Excel cannot hold them.

    Spreadsheets run texts that begin like a formula; unless `raw`, such a text gets an apostrophe in front, in cells
    and in the header. Numbers are exempt, also those written as text.
    """
    one = compiled(table)
    sql = engine().bind(one.sql, one.names)
    if form == "parquet":
        _copy(sql, FORM, path, progress)
        return
    picks = ", ".join(
        f"{_guarded(sql_name(c.name)) if c.type == 'text' and not raw else sql_name(c.name)} "
        f"AS {sql_name(c.name if raw else guarded(c.name))}" for c in one.columns)
    select = f"SELECT {picks} FROM ({sql})"
    if form == "csv":
        _copy(select, "FORMAT csv, HEADER true", path, progress)
        return
    rows = count(table)
    if rows > EXCEL_ROWS or len(one.columns) > EXCEL_COLUMNS:
        words = f"Excel holds {EXCEL_ROWS:,} rows and {EXCEL_COLUMNS:,} columns; this table has {rows:,} × " \
                f"{len(one.columns):,}. Export CSV or Parquet, or filter first."
        raise CellError("too_many_rows", words)
    names = [c.name if raw else guarded(c.name) for c in one.columns]
    # An archive is mended at its beginning while it is written: it stands aside until it is whole, as do its parts.
    with TemporaryDirectory(dir=path.parent, prefix="book-") as aside:
        _workbook(select, names, rows, Path(aside, path.name), cancel or Cancel(), progress)
        os.replace(Path(aside, path.name), path)


def guarded(text: str) -> str:
    """A text that no spreadsheet runs as a formula."""
    import re

    return f"'{text}" if re.match(FORMULA, text) and not re.match(PLAIN_NUMBER, text) else text


def _guarded(name: str) -> str:
    """The same in SQL."""
    formula = f"regexp_matches({name}, {sql_text(FORMULA)}) AND NOT regexp_matches({name}, {sql_text(PLAIN_NUMBER)})"
    return f"CASE WHEN {formula} THEN '''' || {name} ELSE {name} END"


def _copy(select: str, form: str, path: Path, progress: Callable[[float], None]) -> None:
    with reporting(progress, 0.0, 1.0) as cursor:
        cursor.execute(f"COPY ({select}) TO {sql_text(str(path))} ({form})")


def _workbook(select: str, names: list[str], rows: int, path: Path, cancel: Cancel,
              progress: Callable[[float], None]) -> None:
    """One sheet, row by row: memory does not grow with the table."""
    import xlsxwriter

    quiet = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
             "strings_to_numbers": False, "nan_inf_to_errors": True, "tmpdir": str(path.parent)}
    with xlsxwriter.Workbook(str(path), quiet) as book, engine().cursor() as cursor:
        sheet = book.add_worksheet("Table")
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, names, book.add_format({"bold": True}))
        writers = _writers(book, sheet)
        at = 0
        cursor.execute(select)
        while batch := cursor.fetchmany(2000):
            cancel.check()
            for row in batch:
                at += 1
                _write(writers, at, row)
            progress(at / rows if rows else 1.0)


def _write(writers: dict[type, Any], at: int, row: Iterable[Any]) -> None:
    for column, value in enumerate(row):
        if value is not None:
            writers.get(type(value), writers[str])(at, column, value)


def _writers(book: Any, sheet: Any) -> dict[type, Any]:
    """How each type of value is written; what a sheet would round or refuse goes in as text."""
    from datetime import date, datetime, time

    forms = {word: book.add_format({"num_format": form}) for word, form in (
        ("day", "yyyy-mm-dd"), ("moment", "yyyy-mm-dd hh:mm:ss"), ("clock", "hh:mm:ss"))}

    def text(row: int, column: int, value: Any) -> None:
        sheet.write_string(row, column, str(value)[:EXCEL_TEXT])

    def number(row: int, column: int, value: Any) -> None:
        exact = isinstance(value, float) or abs(value) <= _EXACT
        (sheet.write_number if exact and value == value and abs(value) != float("inf") else text)(row, column, value)

    def moment(word: str) -> Callable[[int, int, Any], None]:
        def write(row: int, column: int, value: Any) -> None:
            # Its days begin in 1900, with a leap day that never was.
            if isinstance(value, date) and not 1900 < value.year < 10_000:
                text(row, column, value.isoformat())
            else:
                sheet.write_datetime(row, column, value, forms[word])

        return write

    return {str: text, int: number, float: number, bool: sheet.write_boolean, date: moment("day"),
            datetime: moment("moment"), time: moment("clock")}
