"""Files of every kind become tables, and bad ones typed errors that say what, where and what next."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workers.engine import load_sample, page, sample_names, stored
from workers.engine.duck import engine
from workers.engine.ingest import ingest
from workers.engine.manifest import Manifest, read_manifest
from workers.engine.sniff import encoding_of
from workers.kind import CellError

pytest_plugins = ["tests.unit.workers.engine_store"]
Fresh = Callable[[], tuple[str, Path]]


@pytest.fixture
def read(engine_store: Fresh, tmp_path: Path) -> Callable[..., tuple[Manifest, list[list[Any]]]]:
    """Ingest bytes under a name; gives the manifest and the first rows."""

    def run(data: bytes | str, name: str = "t.csv", **options: Any) -> tuple[Manifest, list[list[Any]]]:
        raw = tmp_path / "raw"
        raw.write_bytes(data.encode() if isinstance(data, str) else data)
        before = raw.read_bytes()
        fingerprint, into = engine_store()
        manifest = ingest(raw, name, into, options)
        assert raw.read_bytes() == before
        assert sorted(p.name for p in into.iterdir()) == sorted(
            ["manifest.json", *manifest.parts, *(s.file for s in manifest.samples)]
        )
        return manifest, page({"op": "stored", "fingerprint": fingerprint})["rows"]

    return run


def types(manifest: Manifest) -> dict[str, str]:
    """Type word by column."""
    return {c.name: c.type for c in manifest.columns}


def test_types_are_guessed_and_nothing_is_lost(read: Any) -> None:
    manifest, rows = read(
        "zip,id,n,x,d,t,ok,yes,big\n01000,1234567890123456789,1,1.5,2024-02-29,2024-01-01 10:30:00,true,Yes,99999999999999999999999\n"  # noqa: E501
        "02000,1234567890123456788,NA,,2024-03-01,2024-01-02 00:00:00,false,No,1\n"
    )
    assert types(manifest) == {
        "zip": "text",
        "id": "text",
        "n": "integer",
        "x": "number",
        "d": "date",
        "t": "datetime",
        "ok": "boolean",
        "yes": "text",
        "big": "text",
    }
    assert rows[0] == [
        "01000",
        "1234567890123456789",
        1,
        1.5,
        "2024-02-29",
        "2024-01-01T10:30:00",
        True,
        "Yes",
        "99999999999999999999999",
    ]
    assert rows[1][2:4] == [None, None]
    assert (manifest.column("d").low, manifest.column("d").high) == ("2024-02-29", "2024-03-01")  # type: ignore[union-attr]
    assert manifest.column("n").nulls == 1  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "options", "names", "first"),
    [
        ("a;b\n1,5;2\n2,25;3\n", {}, ["a", "b"], [1.5, 2]),
        ("a\tb\n1\t2\n", {}, ["a", "b"], [1, 2]),
        ("a|b\nx|2\ny|3\n", {}, ["a", "b"], ["x", 2]),
        ("1,2\n3,4\n", {}, ["column_1", "column_2"], [1, 2]),
        ("name\nÅsa\nBo\n", {}, ["name"], ["Åsa"]),
        ("\ufeffa,b\n1,2\n", {}, ["a", "b"], [1, 2]),
        ('a,b\n"x, y",2\n"line\nbreak",3\n', {}, ["a", "b"], ["x, y", 2]),
        ("a,b\r\n1,2\r\n", {}, ["a", "b"], [1, 2]),
        ("a,b\n1,2\n", {"types": {"a": "text"}}, ["a", "b"], ["1", 2]),
        ("a,b\n1,2\n", {"delimiter": ";"}, ["a,b"], [1.2]),
        ("a,b\nc,d\n", {"header": False}, ["column_1", "column_2"], ["a", "b"]),
        ("year,1990,1991\nx,1,2\n", {}, ["year", "1990", "1991"], ["x", 1, 2]),
        ("a,a,,A\n1,2,3,4\n", {}, ["a", "a_2", "column_3", "A_3"], [1, 2, 3, 4]),
        ("only,names\n", {}, ["only", "names"], None),
    ],
)
def test_text_tables(read: Any, text: str, options: dict[str, Any], names: list[str], first: list[Any] | None) -> None:
    manifest, rows = read(text, **options)
    assert [c.name for c in manifest.columns] == names
    assert (rows[0] if rows else None) == first


def test_names_made_unique_are_noted(read: Any) -> None:
    manifest, _ = read("a,a,\n1,2,3\n")
    assert manifest.notes["repeated_names"] == [["a", "a_2"]]
    assert manifest.notes["blank_names"] == ["column_3"]


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-8-sig"])
def test_encodings_are_found(read: Any, encoding: str) -> None:
    manifest, rows = read(("stadt,größe\n" + "München,1\nKöln,2\nDüsseldorf,3\nNürnberg,4\n" * 20).encode(encoding))
    assert [c.name for c in manifest.columns] == ["stadt", "größe"]
    assert rows[0] == ["München", 1]


def test_a_late_misfit_turns_its_column_to_text_and_loses_nothing(read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.engine.text_tables.SNIFF_ALL", 10)
    monkeypatch.setattr("workers.engine.text_tables.SNIFF_ROWS", 20)
    manifest, rows = read("n,m\n" + "1,2\n" * 5_000 + "x,3\n")
    assert types(manifest) == {"n": "text", "m": "integer"}
    assert manifest.notes["kept_as_text"] == ["n"]
    assert manifest.rows == 5_001 and rows[0] == ["1", 2]


def test_almost_numbers_are_told_with_counts(read: Any) -> None:
    manifest, _ = read("total\n" + "12.5\n" * 60 + " \n" * 2 + "n.a.\n")
    assert manifest.notes["almost"]["total"]["type"] == "number"
    assert manifest.notes["almost"]["total"]["misfits"] == 3
    assert set(manifest.notes["almost"]["total"]["examples"]) == {" ", "n.a."}
    days, _ = read("day\n" + "".join(f"2024-01-{d:02} 10:00\n" for d in range(1, 31)) + "soon\n")
    assert days.notes["almost"]["day"]["type"] == "datetime"
    assert days.notes["almost"]["day"]["examples"] == ["soon"], "what does not fit, not what is no number"
    again, rows = read("total\n" + "12.5\n" * 60 + "n.a.\n", types={"total": "number"})
    assert types(again) == {"total": "number"} and again.notes["misfits"] == {"total": 1} and rows[-1] == [None]


def test_chosen_types_read_what_people_write(read: Any) -> None:
    chosen = {"d": "date", "m": "number", "b": "boolean", "z": "text", "i": "integer"}
    manifest, rows = read(
        'd,m,b,z,i\n31/12/2024,"$1,234.50",Yes,007,1.0\n2024-01-05,12 %,No,8,x\nnever,n.a.,?,9,3\n', types=chosen
    )
    assert types(manifest) == chosen
    assert rows == [
        ["2024-12-31", 1234.5, True, "007", 1],
        ["2024-01-05", 12.0, False, "8", None],
        [None, None, None, "9", 3],
    ]
    assert manifest.notes["misfits"] == {"d": 1, "m": 1, "b": 1, "i": 1}
    with pytest.raises(CellError, match="Did you mean “total”"):
        read("total\n1\n", types={"totl": "text"})


@pytest.mark.parametrize(
    ("data", "name", "code", "says"),
    [
        (b"", "t.csv", "empty_file", "0 bytes"),
        (b"\n \n\n", "t.csv", "empty_file", "blanks"),
        (b"PAR1" + b"\0" * 50, "t.csv", "not_what_it_says", "Parquet"),
        (b"%PDF-1.7 ...", "t.csv", "not_what_it_says", "PDF"),
        (b"a,b\n1,2\n", "t.parquet", "not_what_it_says", "plain text"),
        (b"a,b\n1,2\n", "t.xlsx", "not_what_it_says", "plain text"),
        (b"PAR1" + b"\0" * 50, "t.parquet", "damaged_file", "damaged"),
        (b"\x89PNG\r\n\x1a\n\0\0", "t.json", "not_what_it_says", "PNG"),
        (b"a,b\n1,2\n3,4,5\n6,7\n" * 3, "t.csv", "ragged_rows", "line 3"),
        (b"a,b\n1,2\n" * 40 + b"3\n", "t.csv", "ragged_rows", "line 81"),
        (b"a,b\n1,\x00\x01\xff\xfe2\n", "t.csv", "not_what_it_says", "binary"),
        (
            (",".join(f"c{i}" for i in range(5_000)) + "\n" + ",".join("1" * 5_000) + "\n").encode(),
            "t.csv",
            "too_many_columns",
            "5,000",
        ),
        (b'[{"a": 1}, {"a": ', "t.json", "bad_json", "not valid JSON"),
        (b'{"a": 1}\n{"a": nope}\n{"a": 3}\n', "t.ndjson", "bad_json", "not valid JSON"),
        (gzip.compress(b"a,b\n" + b"1,2\n" * 10_000_000), "t.csv.gz", "expands_too_much", "-fold"),
        (gzip.compress(b"a,b\n1,2\n" * 900)[:-40], "t.csv.gz", "damaged_file", "damaged"),
        (b"PK\x03\x04 nothing", "t.xlsx", "damaged_file", "damaged archive"),
    ],
)
def test_bad_files_are_typed_errors(read: Any, data: bytes, name: str, code: str, says: str) -> None:
    with pytest.raises(CellError) as caught:
        read(data, name)
    assert caught.value.code == code, caught.value.message
    assert says in caught.value.message
    assert caught.value.message.endswith(".")


def test_undecodable_text_names_the_line(read: Any) -> None:
    with pytest.raises(CellError) as caught:
        read(b"a,b\n" + b"1,2\n" * 10 + b"\xc3\x28,2\n", encoding="ascii")
    assert caught.value.code == "wrong_encoding"


def test_ragged_rows_can_be_filled_up_or_left_out(read: Any) -> None:
    assert len(read("a,b\n1,2\n3\n4,5\n", ragged="pad")[1]) == 3
    manifest, rows = read("a,b\n1,2\n3\n4,5\n", ragged="skip")
    assert rows == [[1, 2], [4, 5]]
    assert manifest.notes["left_out"] == 1


def zipped(entries: dict[str, bytes]) -> bytes:
    """A ZIP of these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return out.getvalue()


def test_zip_holds_one_table(read: Any) -> None:
    assert read(zipped({"x/data.csv": b"a\n1\n", "readme.md": b"hi"}), "t.zip")[1] == [[1]]
    for entries, code in (
        ({"a.csv": b"a\n1\n", "b.csv": b"a\n1\n"}, "archive_unclear"),
        ({"a.csv": b"0" * 30_000_000}, "expands_too_much"),
        ({f"{i}.csv": b"" for i in range(10_001)}, "archive_too_large"),
    ):
        with pytest.raises(CellError) as caught:
            read(zipped(entries), "t.zip")
        assert caught.value.code == code


SHEET = """<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>"""


def workbook(rows: list[list[Any]], pad: int = 0) -> bytes:
    """A small xlsx, made by hand: numbers, texts, and formulas as (formula, value)."""

    def cell(value: Any) -> str:
        if isinstance(value, tuple):
            return f"<c><f>{value[0]}</f><v>{value[1]}</v></c>"
        return f'<c t="inlineStr"><is><t>{value}</t></is></c>' if isinstance(value, str) else f"<c><v>{value}</v></c>"

    body = "".join("<row>" + "".join(cell(v) for v in row) + "</row>" for row in rows) + " " * pad
    spreadsheet = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    return zipped(
        {
            "[Content_Types].xml": b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
            "_rels/.rels": f'<Relationships xmlns="{package}"><Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>'.encode(),  # noqa: E501
            "xl/workbook.xml": f'<workbook xmlns="{spreadsheet}" xmlns:r="{office}"><sheets><sheet name="S1" sheetId="1" r:id="r1"/></sheets></workbook>'.encode(),  # noqa: E501
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}"><Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'.encode(),  # noqa: E501
            "xl/worksheets/sheet1.xml": SHEET.format(body).encode(),
        }
    )


def test_excel_gives_values_not_formulas(read: Any) -> None:
    manifest, rows = read(workbook([["name", "n", "x"], ["Åsa", 1, ("B2*2", 2.5)], ["Bo", 2, 3]]), "t.xlsx")
    assert types(manifest) == {"name": "text", "n": "integer", "x": "number"}
    assert rows == [["Åsa", 1, 2.5], ["Bo", 2, 3.0]]
    assert manifest.notes["sheet"] == "S1"


def test_excel_bomb_is_refused_before_reading(read: Any) -> None:
    with pytest.raises(CellError) as caught:
        read(workbook([["a"], [1]], pad=40_000_000), "t.xlsx")
    assert caught.value.code == "expands_too_much"


def test_json_and_parquet(read: Any, tmp_path: Path) -> None:
    records = [{"a": 1, "b": "x", "c": {"d": [1, 2]}}, {"a": None, "b": "y", "c": None}]
    manifest, rows = read(json.dumps(records), "t.json")
    assert types(manifest)["a"] == "integer" and json.loads(rows[0][2]) == {"d": [1, 2]}
    assert read("\n".join(json.dumps(r) for r in records), "t.ndjson")[1] == rows
    table = pa.table(
        {
            "i": pa.array([1, 2**40], pa.uint64()),
            "d": [date(2024, 1, 1), None],
            "z": pa.array([0, 1], pa.timestamp("us", "UTC")),
            "l": [[1], None],
            "b": [b"\x00\xff", None],
        }
    )
    pq.write_table(table, tmp_path / "x.parquet")
    manifest, rows = read((tmp_path / "x.parquet").read_bytes(), "t.parquet")
    assert types(manifest) == {"i": "text", "d": "date", "z": "datetime", "l": "text", "b": "text"}
    assert rows[0] == ["1", "2024-01-01", "1970-01-01T00:00:00", "[1]", "00FF"]


def test_samples_are_nested_uniform_and_only_for_large_tables(engine_store: Fresh, tmp_path: Path) -> None:
    raw = tmp_path / "n.csv"
    raw.write_text("n\n" + "\n".join(map(str, range(60_000))))
    fingerprint, into = engine_store()
    assert ingest(raw, "n.csv", into).samples == ()
    manifest = ingest(raw, "n.csv", into, sample_above=50_000)
    assert [(s.name, s.rows) for s in manifest.samples] == [("10k", 10_000)]
    values = pq.read_table(into / "s10k.parquet")["n"].to_pylist()
    assert len(set(values)) == 10_000
    assert abs(sum(values) / 10_000 - 30_000) < 4 * 60_000 / 12**0.5 / 100
    assert read_manifest(into) == manifest
    assert engine().locate(fingerprint) == into


def test_ranges_from_the_footer_leave_out_what_cannot_set_an_axis(read: Any) -> None:
    manifest = read("""n,f,nan,day,at,old,yes
1,1.5,NaN,2020-01-02,2020-01-02 10:00:00.5,0001-05-01,true
-7,inf,,2019-12-31,2020-01-01 00:00:00,2020-01-01,false
""")[0]
    found = {c.name: (c.low, c.high) for c in manifest.columns}
    assert found["n"] == (-7, 1) and found["f"] == (1.5, 1.5) and found["day"] == ("2019-12-31", "2020-01-02")
    assert found["at"] == ("2020-01-01T00:00:00", "2020-01-02T10:00:00.500000")
    assert found["old"] == ("0001-05-01", "2020-01-01") and found["yes"] == (False, True)


def test_a_character_cut_by_a_block_is_still_utf8(tmp_path: Path) -> None:
    raw = tmp_path / "n.csv"
    for before in range(1 << 20, (1 << 20) - 4, -1):
        raw.write_bytes(b"a" * before + "€".encode() + b"b" * (1 << 20))
        assert encoding_of(raw, "n.csv") == "utf-8"
        raw.write_bytes(b"a" * before + b"\xe2\x82" + b"b" * (1 << 20))
        assert encoding_of(raw, "n.csv") != "utf-8"


def test_bundled_samples_load() -> None:
    assert {"flights", "flights_weather", "penguins", "airports"} <= set(sample_names())


def test_a_sample_as_arrow(engine_store: Fresh) -> None:
    engine_store()
    table = load_sample("penguins")
    assert table.num_rows == 344 and table.column("bill_length_mm").null_count == 2
    with pytest.raises(CellError, match="Did you mean “penguins”"):
        load_sample("pinguins")


cells = st.one_of(st.none(), st.text(alphabet="aÄ,;\"'\n 字1", min_size=1, max_size=6).filter(lambda s: s.strip() == s))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(st.integers(-(2**40), 2**40), st.floats(-1e6, 1e6), cells), min_size=2, max_size=12))
def test_csv_round_trip(read: Any, rows: list[tuple[Any, ...]]) -> None:
    frame = pd.DataFrame(rows, columns=["n", "x", "text"])
    _, got = read(frame.to_csv(index=False).encode())
    assert [row[0] for row in got] == [row[0] for row in rows]
    assert [row[1] for row in got] == [pytest.approx(row[1], abs=1e-9) for row in rows]
    texts = [None if t is None else t for _, _, t in rows]
    assert [None if g[2] is None else str(g[2]) for g in got] == texts


def test_stored_table_has_columns(read: Any, engine_store: Fresh, tmp_path: Path) -> None:
    raw = tmp_path / "x.csv"
    raw.write_text("a\n1\n")
    fingerprint, into = engine_store()
    told: list[float] = []
    ingest(raw, "x.csv", into, progress=told.append)
    assert [c.name for c in stored(fingerprint).columns] == ["a"]
    assert told[-1] == 1.0 and told == sorted(told)
