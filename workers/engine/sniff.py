"""What a file is before it is parsed: kind by its bytes, encoding, header names, and unpacking with bomb caps."""

from __future__ import annotations

import codecs
import gzip
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from workers.kind import CellError

MAX_RATIO = 100
MAX_UNPACKED = 20 * 2**30
MAX_ENTRIES = 10_000
MAX_SHEET_BYTES = 2 * 2**30
FREE_BYTES = 10 * 2**20
"""Unpacked bytes below which no ratio counts: small files compress well without being bombs."""
KINDS = {
    "csv": "csv",
    "tsv": "csv",
    "tab": "csv",
    "txt": "csv",
    "json": "json",
    "ndjson": "ndjson",
    "jsonl": "ndjson",
    "parquet": "parquet",
    "pq": "parquet",
    "xlsx": "excel",
    "xlsm": "excel",
    "xls": "excel",
    "xlsb": "excel",
    "ods": "excel",
}
WORDS = {
    "csv": "a text table",
    "json": "JSON",
    "ndjson": "JSON lines",
    "parquet": "Parquet",
    "excel": "a spreadsheet",
    "zip": "a ZIP archive",
    "gz": "a gzip file",
}
_FOREIGN = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a Windows program"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"SQLite format 3", "an SQLite database"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ", "an xz file"),
    (b"\x28\xb5\x2f\xfd", "a zstd file"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"\x80\x04\x95", "a Python pickle"),
)


def extension_of(filename: str) -> str:
    """The last name part in small letters; for `x.csv.gz` it is `gz`."""
    return filename.rsplit(".", 1)[-1].lower() if "." in filename else ""


def bytes_kind(head: bytes) -> str:
    """What the first bytes say: parquet, zip, gz, xls, text or a foreign kind in words."""
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if head.startswith(b"\x1f\x8b"):
        return "gz"
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "xls"
    foreign = next((word for magic, word in _FOREIGN if head.startswith(magic)), None)
    if foreign:
        return foreign
    utf16 = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return "text" if utf16 or b"\x00" not in head else "binary data"


def file_kind(path: Path, filename: str) -> str:
    """csv, json, ndjson, parquet, excel, zip or gz. Raises CellError when it is empty or not what its name says."""
    size = path.stat().st_size
    if size == 0:
        raise CellError("empty_file", f"“{filename}” is empty (0 bytes). Export it again and upload the new file.")
    with path.open("rb") as file:
        head = file.read(4096)
    said, found = extension_of(filename), bytes_kind(head)
    named = KINDS.get(said)
    if found == "text":
        if named in ("parquet", "excel") or said in ("zip", "gz"):
            raise _not_what(filename, said, "plain text")
        if not head.strip(b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"):
            raise CellError("empty_file", f"“{filename}” holds only blanks. Export it again and upload the new file.")
        return _text_kind(named, head)
    if found == "parquet" and named in ("parquet", None):
        return "parquet"
    if found == "zip":
        inside = _zip_kind(path, filename)
        if named in (None, inside) or (said == "zip"):
            return inside
        raise _not_what(filename, said, WORDS.get(inside, inside))
    if found == "gz" and said not in ("parquet", "xlsx", "ods", "xls", "csv", "tsv", "json"):
        return "gz"
    if found == "xls" and said in ("xls", ""):
        return "excel"
    words = {"gz": "a gzip file", "xls": "an old Office file", "parquet": "a Parquet file"}
    raise _not_what(filename, said, words.get(found, found))


def _text_kind(named: str | None, head: bytes) -> str:
    if named in ("csv", "ndjson"):
        return named
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start == b"{" and (named == "json" or named is None):
        lines = [line for line in head.splitlines()[:-1] if line.strip()]
        return (
            "ndjson"
            if len(lines) > 1 and all(x.lstrip()[:1] == b"{" and x.rstrip()[-1:] == b"}" for x in lines[:20])
            else "json"
        )
    return "json" if start == b"[" or named == "json" else "csv"


def _not_what(filename: str, said: str, found: str) -> CellError:
    return CellError(
        "not_what_it_says",
        f"“{filename}” is named .{said} but holds {found}. "
        "Upload a CSV, TSV, JSON, Parquet or Excel file, with the ending that fits.",
    )


def _zip_kind(path: Path, filename: str) -> str:
    with open_zip(path, filename) as archive:
        names = archive.namelist()
        spreadsheet = "xl/workbook.xml" in names or "xl/workbook.bin" in names or "content.xml" in names
    return "excel" if spreadsheet else "zip"


def open_zip(path: Path, filename: str) -> zipfile.ZipFile:
    """A ZIP whose directory was checked first: number of entries, declared sizes and their ratio."""
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise CellError(
            "damaged_file", f"“{filename}” is a damaged archive. Upload it again.", detail=str(error)
        ) from error
    entries = archive.infolist()
    total = sum(e.file_size for e in entries)
    packed = max(1, path.stat().st_size)
    if len(entries) > MAX_ENTRIES:
        raise CellError(
            "archive_too_large", f"“{filename}” holds {len(entries):,} files; at most {MAX_ENTRIES:,} are read."
        )
    if total > MAX_UNPACKED or (total > FREE_BYTES and total / packed > MAX_RATIO):
        raise bomb(filename, total / packed)
    return archive


def bomb(filename: str, ratio: float) -> CellError:
    """The error for a file that expands too much."""
    return CellError(
        "expands_too_much",
        f"“{filename}” expands {ratio:,.0f}-fold; at most {MAX_RATIO}-fold is unpacked. "
        "Upload it uncompressed, if it is yours.",
    )


def check_spreadsheet(path: Path, filename: str) -> None:
    """Read each entry once, counted, since declared sizes can lie; and count cells that an ODS file repeats."""
    if bytes_kind(path.open("rb").read(8)) != "zip":
        return
    with open_zip(path, filename) as archive:
        total = 0
        for entry in archive.infolist():
            try:
                with archive.open(entry) as stream:
                    for block in iter(lambda s=stream: s.read(1 << 20), b""):  # type: ignore[misc]
                        total += len(block)
                        if total > MAX_SHEET_BYTES:
                            raise bomb(filename, total / max(1, path.stat().st_size))
            except (zipfile.BadZipFile, EOFError, RuntimeError, OSError) as error:
                raise CellError(
                    "damaged_file",
                    f"“{filename}” is damaged or locked with a password, at {entry.filename}. "
                    "Save it again without a password.",
                    detail=str(error),
                ) from error
            except Exception as error:
                if isinstance(error, CellError):
                    raise
                raise CellError(
                    "damaged_file", f"“{filename}” is damaged at {entry.filename}.", detail=str(error)
                ) from error


def unpack(path: Path, filename: str, kind: str, into: Path) -> tuple[Path, str]:
    """(file, name) of the one table in a ZIP or gzip, unpacked under the caps."""
    packed = max(1, path.stat().st_size)
    if kind == "gz":
        inner = filename[:-3] if filename.lower().endswith(".gz") else filename + ".csv"
        with gzip.open(path, "rb") as stream:
            return _copy(stream, into / "unpacked", packed, filename), inner
    with open_zip(path, filename) as archive:
        entries = [e for e in archive.infolist() if not e.is_dir() and not e.filename.startswith(("__MACOSX/", "."))]
        tables = [e for e in entries if extension_of(e.filename) in KINDS]
        if len(tables) != 1:
            found = ", ".join(e.filename for e in tables[:5]) or "none"
            raise CellError(
                "archive_unclear",
                f"“{filename}” should hold exactly one table; found: {found}. Upload the file itself.",
            )
        try:
            with archive.open(tables[0]) as stream:
                return _copy(stream, into / "unpacked", packed, filename), tables[0].filename.rsplit("/", 1)[-1]
        except RuntimeError as error:
            raise CellError("damaged_file", f"“{filename}” is locked with a password. Upload it without.") from error


def _copy(stream: Any, target: Path, packed: int, filename: str) -> Path:
    total = 0
    try:
        with target.open("wb") as out:
            for block in iter(lambda: stream.read(1 << 20), b""):
                total += len(block)
                if total > MAX_UNPACKED or (total > FREE_BYTES and total / packed > MAX_RATIO):
                    raise bomb(filename, total / packed)
                out.write(block)
    except (EOFError, OSError, zipfile.BadZipFile, ValueError) as error:
        raise CellError(
            "damaged_file", f"“{filename}” is damaged after {total:,} bytes. Upload it again.", detail=str(error)
        ) from error
    return target


def encoding_of(
    path: Path, filename: str, given: str | None = None, progress: Callable[[float], None] | None = None
) -> str:
    """The text encoding: a byte order mark, else UTF-8 if the whole file is, else the best guess, else CellError."""
    with path.open("rb") as file:
        head = file.read(1 << 16)
        if given:
            try:
                return codecs.lookup(given).name
            except LookupError as error:
                raise CellError(
                    "bad_encoding", f"There is no encoding “{given}”. Try utf-8, cp1252 or utf-16.", param="encoding"
                ) from error
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        if head.startswith(codecs.BOM_UTF8):
            return "utf-8-sig"
        file.seek(0)
        bad = _first_bad_byte(file)
    return "utf-8" if bad is None else _guess(path, filename, bad)


def _first_bad_byte(file: BinaryIO) -> int | None:
    decoder, at = codecs.getincrementaldecoder("utf-8")(), 0
    pending = False
    for block in iter(lambda: file.read(1 << 20), b""):
        # ASCII is told apart ten times faster than it is decoded.
        if pending or not block.isascii():
            try:
                decoder.decode(block)
            except UnicodeDecodeError as error:
                return max(0, at + error.start)
            pending = bool(decoder.getstate()[0])
        at += len(block)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return max(0, at - 1)
    return None


_WESTERN = frozenset(
    ("latin_1", "iso8859_1", "cp1250", "cp1254", "cp1257", "cp1258", "mac_roman", "cp858", "cp850", "cp437")
)


def _guess(path: Path, filename: str, bad: int) -> str:
    from charset_normalizer import from_bytes

    windows = []
    with path.open("rb") as file:
        for start in (0, max(0, bad - 2000)):
            file.seek(start)
            windows.append(file.read(64_000))
    text = b"\n".join(windows)
    line = 1
    with path.open("rb") as file:
        line += file.read(min(bad, 1 << 28)).count(b"\n")
    if b"\x00" in text:
        raise CellError("wrong_encoding", f"“{filename}” is no text: a zero byte or a bad character in line {line}.")
    best = from_bytes(text).best()
    choice = str(best.encoding) if best is not None else ""
    # Guessers like exotic names for western text; the superset that people's programs write is cp1252.
    if choice in _WESTERN:
        choice = "cp1252"
    for name in dict.fromkeys((choice, "cp1252")):
        try:
            if name and _decodes(path, name):
                return name
        except LookupError:
            continue
    raise CellError(
        "wrong_encoding",
        f"“{filename}” has characters that no encoding tried can read, first in line {line}. "
        "Choose its encoding, or save it as UTF-8.",
        param="encoding",
    )


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        try:
            for block in iter(lambda: file.read(1 << 22), b""):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def transcode(path: Path, encoding: str, target: Path, filename: str) -> Path:
    """The file as UTF-8 in `target`, streamed. Raises CellError `wrong_encoding` with the line of a bad character."""
    line = 1
    try:
        with (
            path.open("r", encoding=encoding, newline="") as source,
            target.open("w", encoding="utf-8", newline="") as out,
        ):
            for block in iter(lambda: source.read(1 << 20), ""):
                out.write(block)
                line += block.count("\n")
    except (UnicodeError, LookupError) as error:
        raise CellError(
            "wrong_encoding",
            f"“{filename}” is not {encoding}: a bad character after line {line}. Choose another encoding.",
            param="encoding",
            detail=str(error),
        ) from error
    return target
