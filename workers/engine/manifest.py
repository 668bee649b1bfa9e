"""The manifest of a stored table: columns with exact ranges, parts, nested samples, notes and versions."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, get_args

from workers.kind import CellError
from workers.ports import Column

MANIFEST = "manifest.json"
FORMAT = 1
"""Version of the files that ingest and materialise write; a change makes older manifests unreadable, not wrong."""

TYPE_WORDS: tuple[str, ...] = get_args(Column.__annotations__["type"]) or (
    "integer",
    "number",
    "boolean",
    "text",
    "date",
    "datetime",
    "time",
    "other",
)

SQL_TYPES: Mapping[str, str] = {
    "integer": "BIGINT",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "text": "VARCHAR",
    "date": "DATE",
    "datetime": "TIMESTAMP",
    "time": "TIME",
    "other": "VARCHAR",
}
"""The one physical type behind each of our type words: what Parquet in the store holds."""


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """What is exactly known of a stored column; `low` and `high` are ISO text for dates, None when unknown."""

    name: str
    type: str
    nulls: int = 0
    low: Any = None
    high: Any = None


@dataclass(frozen=True, slots=True)
class Level:
    """One file of a nested uniform sample: its rows are a prefix of the next level in one hash order."""

    name: str
    rows: int
    file: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """A stored table: immutable Parquet beside this record."""

    columns: tuple[ColumnFacts, ...]
    rows: int
    bytes: int = 0
    parts: tuple[str, ...] = ()
    samples: tuple[Level, ...] = ()
    notes: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    format: int = FORMAT

    def schema(self) -> tuple[Column, ...]:
        """The columns as they flow through a port."""
        return tuple(Column(c.name, c.type) for c in self.columns)  # type: ignore[arg-type]

    def column(self, name: str) -> ColumnFacts | None:
        """Facts of one column, or None."""
        return next((c for c in self.columns if c.name == name), None)

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Manifest:
        """The inverse of `to_json`; keys that are not ours are left alone."""
        return cls(
            columns=tuple(ColumnFacts(**c) for c in data["columns"]),
            rows=int(data["rows"]),
            bytes=int(data.get("bytes", 0)),
            parts=tuple(data.get("parts", ())),
            samples=tuple(Level(**s) for s in data.get("samples", ())),
            notes=dict(data.get("notes", {})),
            versions=dict(data.get("versions", {})),
            format=int(data.get("format", FORMAT)),
        )


def write_manifest(directory: Path, manifest: Manifest) -> None:
    """Write `manifest.json` last and whole: its presence says the parts are complete."""
    target = directory / MANIFEST
    known: dict[str, Any] = {}
    if target.exists():
        known = json.loads(target.read_text(encoding="utf-8"))
    temporary = directory / f".{MANIFEST}.{os.getpid()}"
    with temporary.open("w", encoding="utf-8") as file:
        json.dump({**known, **manifest.to_json()}, file, ensure_ascii=False, default=str)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, target)


def read_manifest(directory: Path) -> Manifest:
    """The manifest of a stored table. Raises CellError `result_missing` when there is none."""
    try:
        data = json.loads((directory / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CellError("result_missing", "The stored table is gone. Run the cell again.", detail=str(error)) from error
    if "columns" not in data or int(data.get("format", FORMAT)) != FORMAT:
        raise CellError("result_missing", "The stored table was written by another version. Run the cell again.")
    return Manifest.from_json(data)
