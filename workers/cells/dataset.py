"""Read a file as a table: CSV, TSV, JSON, Parquet or Excel, or a table that comes with Inkling.

Drop a file on the board or pick one here. Types, delimiter and encoding are found by looking at the data; what was
guessed is shown, and can be changed later without another upload. Leading zeros and long numbers stay as written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from workers.engine.ingest import ingest
from workers.engine.samples import ingest_sample
from workers.kind import CellError, CellKind, NeedsSettings, Params, Step, Work
from workers.ports import Table
from workers.preview import table_steps, with_progress

TypeWord = Literal["integer", "number", "boolean", "text", "date", "datetime", "time"]
_MORE: dict[str, Any] = {"advanced": True}


class DatasetParams(Params):
    """Where the bytes are, and how to read them where guessing was wrong."""

    source: str = Field("", title="Source", max_length=200, json_schema_extra={"picker": "source"})
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


class Kind(CellKind):
    """A source: its table is written to the store once for each content and way of reading it."""

    name, title, group, icon, shortcut = "dataset", "Data source", "Data", "table-properties", "D"
    params, prompt, timeout, queue = DatasetParams, True, 1800.0, "batch"
    outputs = {"table": Table}
    size = (520, 340)

    def compute(self, params: DatasetParams, *, work: Work) -> Iterator[Step]:
        """Progress of reading, then the table with its profile and what was noted while reading."""
        read = reader(params, work)

        def write(progress: Callable[[float], None]) -> None:
            with work.store.staging(work.fingerprint) as folder:
                read(folder, progress)

        for share in with_progress(work, write):
            yield Step(fraction=share, exact=False, note="Reading")
        kept = work.table()
        yield from table_steps(kept, source=(work.store.manifest(work.fingerprint) or {}).get("notes"))

    def example(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The penguins that come with Inkling."""
        return {"source": "sample:penguins"}, {}


def reader(params: DatasetParams, work: Work) -> Callable[[Path, Callable[[float], None]], Any]:
    """What reads the source into a folder: reader(folder, progress)."""
    form, _, rest = work.source_token.partition(":")
    name, _, ending = rest.partition(":")
    if form == "sample":
        return lambda folder, progress: ingest_sample(name, folder, progress)
    if form != "raw":
        raise NeedsSettings("Drop a file here, or pick a sample", missing=("Source",))
    if not work.store.has_raw(name):
        raise CellError("source_missing", "The uploaded file is gone. Upload it again.", param="source")
    path, filename = work.store.raw_path(name), f"file.{ending}" if ending else "file"

    def read(folder: Path, progress: Callable[[float], None]) -> None:
        try:
            ingest(path, filename, folder, params.options(), progress)
        except CellError as error:
            raise _nameless(error, f"“{filename}”") from error

    return read


def _nameless(error: CellError, called: str) -> CellError:
    """Results are shared between files with equal bytes, so a message cannot hold the name one of them has."""
    message = re.sub(rf"(^|[.!?] ){re.escape(called)}", r"\1This file", error.message).replace(called, "this file")
    return CellError(error.code, message, param=error.param, fix=error.fix, detail=error.detail)
