"""Read a file as a table: CSV, TSV, JSON, Parquet or Excel, or a table that comes with Inkling.

Drop a file on the board or pick one here. Types, delimiter and encoding are found by looking at the data; what was
guessed is shown, and can be changed later without another upload. Leading zeros and long numbers stay as written.
A newer file of the same data becomes a new version; the older ones stay, and one can go back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pydantic import Field

from workers.kind import CellKind, NeedsSettings, Step, Work
from workers.ports import Table
from workers.reading import ReadingParams, raw_of, read_raw, sample_reader, source_steps


class DatasetParams(ReadingParams):
    """Which file, and how to read it where guessing was wrong."""

    source: str = Field("", title="Source", max_length=200, json_schema_extra={"picker": "source"})


class Kind(CellKind):
    """A source: its table is written to the store once for each content and way of reading it."""

    name, title, group, icon, shortcut = "dataset", "Data source", "Data", "table-properties", "D"
    params, prompt, timeout, queue = DatasetParams, True, 1800.0, "batch"
    outputs = {"table": Table}
    versioned = ("source",)
    size = (520, 340)

    def compute(self, params: DatasetParams, *, work: Work) -> Iterator[Step]:
        """Progress of reading, then the table with its profile and what was noted while reading."""
        raw = raw_of(work.source_token)

        def read(folder: Path, progress: Callable[[float], None]) -> None:
            assert raw is not None
            read_raw(work, *raw, params.options(), folder, progress)

        reader = sample_reader(work.source_token) or (read if raw else None)
        if reader is None:
            raise NeedsSettings("Drop a file here, or pick a sample", missing=("Source",))
        yield from source_steps(work, reader)

    def example(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The penguins that come with Inkling."""
        return {"source": "sample:penguins"}, {}
