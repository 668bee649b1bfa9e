"""How sources become tables: the params of reading a file, and the steps from raw bytes to a profiled table."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from workers.engine.ingest import ingest
from workers.engine.samples import ingest_sample
from workers.kind import CellError, Params, Step, Work
from workers.preview import table_steps, with_progress

TypeWord = Literal["integer", "number", "boolean", "text", "date", "datetime", "time"]
Read = Callable[[Path, Callable[[float], None]], Mapping[str, Any] | None]
_MORE: dict[str, Any] = {"advanced": True}


class ReadingParams(Params):
    """Where the bytes are, and how to read them where guessing was wrong."""

    source: str = Field("", title="Source", max_length=200)
    types: dict[str, TypeWord] = Field(default_factory=dict, title="Types", json_schema_extra={"picker": "types"},
                                       description="Columns to read as another type than the one found.")
    delimiter: Literal["", ",", ";", "\t", "|"] = Field("", title="Separator", json_schema_extra={
        **_MORE, "labels": {"": "found in the file", ",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}})
    encoding: Literal["", "utf-8", "utf-16", "cp1252", "latin-1", "cp1250", "shift_jis", "gb18030"] = Field(
        "", title="Encoding", json_schema_extra={**_MORE, "labels": {
            "": "found in the file", "cp1252": "Windows Western", "cp1250": "Windows Central European"}})
    header: Literal["", "yes", "no"] = Field("", title="First line holds names", json_schema_extra={
        **_MORE, "labels": {"": "found in the file"}})
    sheet: str = Field("", title="Sheet", description="Name of the sheet of a spreadsheet; the first when empty.",
                       max_length=200, json_schema_extra=_MORE)
    ragged: Literal["error", "pad", "skip"] = Field("error", title="Lines of another length", json_schema_extra={
        **_MORE, "labels": {"error": "are an error", "pad": "are filled up", "skip": "are left out"}})

    def options(self) -> dict[str, Any]:
        """What differs from guessing, as the engine takes it."""
        told: dict[str, Any] = {n: v for n in ("types", "delimiter", "encoding", "sheet") if (v := getattr(self, n))}
        if self.header:
            told["header"] = self.header == "yes"
        return {**told, "ragged": self.ragged}


def source_steps(work: Work, read: Read, note: str = "Reading") -> Iterator[Step]:
    """Progress while `read` writes the table, then the table with its profile and what was noted on the way."""
    notes: dict[str, Any] = {}

    def write(progress: Callable[[float], None]) -> None:
        with work.store.staging(work.fingerprint) as folder:
            notes.update(read(folder, progress) or {})

    for share in with_progress(work, write):
        yield Step(fraction=share, exact=False, note=note)
    kept = work.table()
    yield from table_steps(kept, source={**(work.store.manifest(work.fingerprint) or {}).get("notes", {}), **notes})


def sample_reader(token: str) -> Read | None:
    """What reads a table that comes with Inkling, if the token names one."""
    form, _, rest = token.partition(":")
    name = rest.partition(":")[0]
    if form != "sample":
        return None

    def read(folder: Path, progress: Callable[[float], None]) -> None:
        ingest_sample(name, folder, progress)

    return read


def raw_of(token: str) -> tuple[str, str] | None:
    """(hash, ending) of the uploaded file that a token names, if it names one."""
    form, _, rest = token.partition(":")
    digest, _, ending = rest.partition(":")
    return (digest, ending) if form == "raw" else None


def read_raw(work: Work, digest: str, ending: str, options: Mapping[str, Any], folder: Path,
             progress: Callable[[float], None]) -> None:
    """Read raw bytes of the store as a table into a folder."""
    if not work.store.has_raw(digest):
        raise CellError("source_missing", "The uploaded file is gone. Upload it again.", param="source")
    filename = f"file.{ending}" if ending else "file"
    try:
        ingest(work.store.raw_path(digest), filename, folder, options, progress)
    except CellError as error:
        raise _nameless(error, f"“{filename}”") from error


def _nameless(error: CellError, called: str) -> CellError:
    """Results are shared between files with equal bytes, so a message cannot hold the name one of them has."""
    message = re.sub(rf"(^|[.!?] ){re.escape(called)}", r"\1This file", error.message).replace(called, "this file")
    return CellError(error.code, message, param=error.param, fix=error.fix, detail=error.detail)
