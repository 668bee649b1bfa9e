"""Tables as files for people: whole, exact, and safe to open in a spreadsheet; two versions side by side."""

from __future__ import annotations

import csv
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest

from workers.engine import exporting
from workers.engine.comparing import compare
from workers.engine.exporting import export, guarded
from workers.kind import CellError
from workers.ports import Table, literal_table
from workers.store import Store

FORMULAS = ['=1+1', '=HYPERLINK("http://x","y")', "+cmd|' /C calc'!A0", "-2+3+cmd", "@SUM(1+1)", "\t=1+1", "\r=1+1",
            "\n=1+1", "=", "+", "-", "@", "-1e", "+1 2", "--1", "=-1", "-A1", '+"x"', "@a", "-(1)"]
HARMLESS = ["-5", "+3.2", "-1.5e-7", "-1,5", "plain", "", "1=1", "'=quoted", " =1", "a@b.c", "2024-01-01", "é=1"]


def table_of(rows: list[list[Any]], **columns: str) -> Table:
    return literal_table(columns, rows)


def lines(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def test_texts_that_begin_like_a_formula_get_an_apostrophe(tmp_path: Path) -> None:
    table = table_of([[text, -1] for text in FORMULAS + HARMLESS], **{"=name": "text", "n": "integer"})
    export(table, "csv", tmp_path / "a.csv")
    written = lines(tmp_path / "a.csv")
    assert written[0] == ["'=name", "n"]
    assert [row[0] for row in written[1:]] == [*(f"'{text}" for text in FORMULAS), *HARMLESS]
    assert {row[1] for row in written[1:]} == {"-1"}, "a number is no formula"
    assert [guarded(text) for text in FORMULAS + HARMLESS] == [row[0] for row in written[1:]]


def test_a_workbook_shows_when_it_is_whole_and_survives_the_sweep(tmp_path: Path, monkeypatch: Any) -> None:
    store, write, seen = Store(tmp_path), zipfile.ZipFile.write, []
    path = store.export_path("ab" * 16)

    def watched(book: zipfile.ZipFile, *given: Any) -> None:
        store.sweep_exports()
        seen.append(path.exists())
        write(book, *given)

    monkeypatch.setattr(zipfile.ZipFile, "write", watched)
    export(table_of([["a", 1]], t="text", n="integer"), "xlsx", path)
    assert seen and not any(seen)
    assert zipfile.ZipFile(path).testzip() is None
    assert list(path.parent.iterdir()) == [path]


def test_what_a_download_left_behind_goes_after_an_hour(tmp_path: Path) -> None:
    store = Store(tmp_path)
    old, book, new = (store.export_path(name * 16) for name in ("aa", "bb", "cc"))
    for file in (old, new):
        file.write_bytes(b"x")
    book.mkdir()
    for left in (old, book):
        os.utime(left, (1, 1))
    store.sweep_exports()
    assert list(new.parent.iterdir()) == [new]


def test_the_switch_for_raw_leaves_them(tmp_path: Path) -> None:
    table = table_of([[text] for text in FORMULAS], **{"=name": "text"})
    export(table, "csv", tmp_path / "a.csv", raw=True)
    assert [row[0] for row in lines(tmp_path / "a.csv")] == ["=name", *FORMULAS]


def test_excel_holds_values_of_their_type_and_no_formula(tmp_path: Path) -> None:
    import python_calamine

    columns = {"t": "text", "i": "integer", "n": "number", "b": "boolean", "d": "date", "m": "datetime"}
    rows = [["=1+1", 7, 1.5, True, "2024-02-29", "2024-02-29T12:30:00"],
            ["https://example.org", 2**60, -2.5, False, "1800-01-01", None], [None] * 6]
    export(table_of(rows, **columns), "xlsx", tmp_path / "a.xlsx")
    sheet = python_calamine.CalamineWorkbook.from_path(str(tmp_path / "a.xlsx")).get_sheet_by_index(0).to_python()
    assert sheet[0] == list(columns)
    assert sheet[1][:4] == ["'=1+1", 7, 1.5, True]
    assert [str(value) for value in sheet[1][4:]] == ["2024-02-29", "2024-02-29 12:30:00"]
    assert sheet[2][0] == "https://example.org"
    assert sheet[2][1] == str(2**60), "digits a sheet would round are text"
    assert sheet[2][4].startswith("1800-01-01")
    import zipfile

    with zipfile.ZipFile(tmp_path / "a.xlsx") as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")


def test_excel_says_how_many_rows_it_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "EXCEL_ROWS", 2)
    with pytest.raises(CellError, match=r"2 rows.*Export CSV or Parquet"):
        export(table_of([[1], [2], [3]], a="integer"), "xlsx", tmp_path / "a.xlsx")


def test_parquet_keeps_every_text_as_it_is(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    export(table_of([[text] for text in FORMULAS], **{"=name": "text"}), "parquet", tmp_path / "a.parquet")
    assert pq.read_table(tmp_path / "a.parquet")["=name"].to_pylist() == FORMULAS


def test_two_versions_say_what_came_went_and_changed() -> None:
    before = table_of([[1, "a", 1.0, "x"], [2, "b", 2.0, "y"]], id="integer", name="text", much="number", gone="text")
    after = table_of([[2, "b", "2"], [1, "a", "1"], [3, None, "3"]], id="integer", name="text", much="text")
    told = compare(before, after)
    assert told["rows"] == [2, 3]
    assert {c["name"]: c["change"] for c in told["columns"]} == {
        "gone": "removed", "id": "values", "name": "values", "much": "type"}
    assert next(c for c in told["columns"] if c["name"] == "name")["missing"] == [0, 1]


def test_the_order_of_rows_is_no_difference() -> None:
    one, other = (table_of(rows, a="integer", b="text") for rows in ([[1, "x"], [2, "y"]], [[2, "y"], [1, "x"]]))
    assert {c["change"] for c in compare(one, other)["columns"]} == {""}
    swapped = table_of([[2, "x"], [1, "z"]], a="integer", b="text")
    assert {c["name"]: c["change"] for c in compare(one, swapped)["columns"]} == {"a": "", "b": "values"}
