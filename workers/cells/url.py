"""Read a table from a web address: a CSV, TSV, JSON, Parquet or Excel file behind http or https.

Paste the address of the file itself, not of the page around it. The file is fetched once and kept; Refresh fetches it
again as a new version, and one can go back to any version. Only servers on the public internet are asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pydantic import Field

from workers.engine.connect.addresses import url_policy
from workers.engine.connect.fetch import Limits, fetch
from workers.engine.connect.snapshots import key_of, room, taken
from workers.kind import CellKind, NeedsSettings, Step, Work
from workers.ports import Table
from workers.reading import ReadingParams, read_raw, sample_reader, source_steps
from workers.store import RawWriter


class UrlParams(ReadingParams):
    """Which address, and how to read what is there where guessing was wrong."""

    source: str = Field("", title="Address", max_length=2000, json_schema_extra={"placeholder": "https://…"},
                        description="The address of the file itself. Everybody on this canvas can read it.")
    snapshot: str = Field("", title="Version", max_length=64, json_schema_extra={"hidden": True})


class Kind(CellKind):
    """A source: fetched once for each version, then read like a file."""

    name, title, group, icon = "url", "Web address", "Data", "globe"
    params, prompt, timeout, queue = UrlParams, True, 1800.0, "batch"
    outputs = {"table": Table}
    versioned = ("source", "snapshot")
    size = (520, 340)

    def compute(self, params: UrlParams, *, work: Work) -> Iterator[Step]:
        """Progress of fetching and reading, then the table with its profile and when it was fetched."""
        address = params.source.strip()
        if not address:
            raise NeedsSettings("Paste the address of a file", missing=("Address",))

        def take(writer: RawWriter) -> dict[str, Any]:
            url = address if "://" in address else f"https://{address}"
            got = fetch(url, writer, url_policy(), Limits(room(dict(work.grant))), cancel=work.cancel,
                        progress=lambda share: told[0](share / 2))
            return {"ending": got.ending, "etag": got.etag, "modified": got.modified, "form": "url"}

        def read(folder: Path, progress: Callable[[float], None]) -> dict[str, Any]:
            told[0] = progress
            kept = taken(work.store, key_of(work.source_token, address, params.snapshot), take)
            read_raw(work, kept["sha256"], kept["ending"], params.options(), folder,
                     lambda share: progress(0.5 + share / 2))
            return {"fetched": kept}

        told: list[Callable[[float], None]] = [lambda share: None]
        yield from source_steps(work, sample_reader(work.source_token) or read, "Fetching")

    def example(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The penguins that come with Inkling stand for a fetched file: nothing is asked of the network."""
        return {"source": "sample:penguins"}, {}
