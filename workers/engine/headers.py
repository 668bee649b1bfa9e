"""Names of columns as a file gives them: first records, blanks filled, repeats numbered, width checked."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from workers.kind import CellError

MAX_COLUMNS = 2_000


def first_rows(path: Path, delimiter: str, quote: str, count: int = 2) -> Iterator[list[str]]:
    """The first records of a UTF-8 text table, split as given."""
    with path.open("r", encoding="utf-8-sig", newline="") as file:
        text = file.read(4 << 20)
    try:
        reader = csv.reader(io.StringIO(text), delimiter=delimiter, quotechar=quote or '"')
        for index, row in enumerate(r for r in reader if r):
            if index >= count:
                return
            yield row
    except csv.Error as error:
        raise CellError(
            "bad_table", f"The first lines cannot be split: {error}. Choose the delimiter.", param="delimiter"
        ) from error


def clean_names(raw: list[str]) -> tuple[list[str], dict[str, Any]]:
    """(names, notes): blanks filled, repeats numbered, too long ones cut; each change is noted."""
    names: list[str] = []
    seen: set[str] = set()
    blank, repeated, cut = [], [], []
    for index, given in enumerate(raw, 1):
        name = " ".join(given.replace("\x00", "").split())
        if not name:
            name = f"column_{index}"
            blank.append(name)
        if len(name) > 200:
            name = name[:200]
            cut.append(name)
        base, k = name, 2
        while name.lower() in seen:
            name = f"{base}_{k}"
            k += 1
        if name != base:
            repeated.append([base, name])
        seen.add(name.lower())
        names.append(name)
    notes: dict[str, Any] = {}
    for key, value in (("blank_names", blank), ("repeated_names", repeated), ("long_names", cut)):
        if value:
            notes[key] = value[:50]
    return names, notes


def check_width(count: int, filename: str) -> None:
    """Raise CellError when a table is too wide."""
    if count > MAX_COLUMNS:
        raise CellError(
            "too_many_columns",
            f"“{filename}” has {count:,} columns; at most {MAX_COLUMNS:,} are read. "
            "Upload fewer columns, or turn wide columns into rows first.",
        )
