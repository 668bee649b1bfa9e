"""Every mark: what it draws adds up, says when it is unsure, splits in panels, and runs as plain Python."""

from __future__ import annotations

import json
import math
import runpy
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import stats

from workers.cells.chart import ChartParams
from workers.cells.chart import Kind as Chart
from workers.engine import draw, ingest_arrow, student
from workers.engine.figure_code import figure_python
from workers.engine.mark import marks
from workers.engine.pandas_code import PandasCode
from workers.kind import CellError
from workers.ports import literal_table

pytest_plugins = ["tests.unit.workers.engine_store"]
Fresh = Callable[[], tuple[str, Path]]
N = 3_000


@pytest.fixture
def flights(engine_store: Fresh) -> tuple[dict[str, Any], pd.DataFrame]:
    """A stored table of every type, and the same as a data frame."""
    rng = np.random.default_rng(5)
    fingerprint, into = engine_store()
    carrier = np.array([f"C{i:02d}" for i in range(40)])[np.minimum(rng.geometric(0.12, N) - 1, 39)]
    distance = np.round(rng.lognormal(6, 0.6, N), 1)
    frame = pd.DataFrame({
        "carrier": carrier,
        "origin": np.array(["EWR", "JFK", "LGA"])[rng.integers(0, 3, N)],
        "distance": distance,
        "delay": np.where(rng.random(N) < 0.04, np.nan, np.round(rng.normal(10, 20, N) + distance * 0.02, 1)),
        "day": pd.to_datetime("2013-01-01") + pd.to_timedelta(rng.integers(0, 365, N), unit="D"),
        "late": rng.random(N) < 0.2,
    })
    ingest_arrow(pa.Table.from_pandas(frame), into)
    return {"op": "stored", "fingerprint": fingerprint}, frame


def last(op: Any, **spec: Any) -> dict[str, Any]:
    """The exact view, small enough to send."""
    drawing = list(draw(op, spec))[-1]
    assert drawing.exact and len(json.dumps(drawing.view, allow_nan=False)) < 64 * 1024
    assert all(len(t.get("x", ())) <= 1_500 for t in drawing.view["figure"]["data"])
    return drawing.view


SPECS: dict[str, dict[str, Any]] = {
    "bar": {"mark": "bar", "x": "carrier", "y": "delay", "aggregate": "mean", "limit": 8},
    "bar count": {"mark": "bar", "x": "carrier", "limit": 5},
    "stacked": {"mark": "bar", "x": "late", "color": "origin", "arrange": "stacked"},
    "share": {"mark": "bar", "x": "late", "color": "origin", "arrange": "share"},
    "lying": {"mark": "bar", "x": "origin", "horizontal": True, "y": "distance", "aggregate": "sum"},
    "errors": {"mark": "bar", "x": "origin", "y": "delay", "aggregate": "mean", "errors": "ci"},
    "line": {"mark": "line", "x": "day", "y": "delay", "aggregate": "mean", "time_unit": "month"},
    "week": {"mark": "line", "x": "day", "time_unit": "week", "color": "origin"},
    "area": {"mark": "area", "x": "day", "time_unit": "month", "color": "origin"},
    "histogram": {"mark": "histogram", "x": "distance", "bins": 20},
    "log": {"mark": "histogram", "x": "distance", "log": "both"},
    "panels": {"mark": "bar", "x": "late", "facet": "origin"},
    "heatmap": {"mark": "heatmap", "x": "origin", "y": "late"},
    "pie": {"mark": "pie", "x": "carrier"},
    "weekday": {"mark": "bar", "x": "day", "time_unit": "day_of_week"},
}


def drawn(view: dict[str, Any]) -> list[float]:
    """All values of a view, sorted."""
    out: list[float] = []
    for trace in view["figure"]["data"]:
        lying = trace.get("orientation") == "h" and "z" not in trace
        values = trace.get("values") or trace["x" if lying else "y"]
        values = [v for row in trace["z"] for v in row] if "z" in trace else values
        out += [v for v in values if v is not None] if not trace["meta"].get("band") else []
    return sorted(v for v in out if v)


def run(code: str, frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The figure that a script makes of a data frame."""
    monkeypatch.setattr("plotly.graph_objects.Figure.show", lambda self: None)
    monkeypatch.setattr("pandas.read_parquet", lambda path: frame)
    with tempfile.NamedTemporaryFile("w", suffix=".py") as script:
        script.write(code)
        script.flush()
        return runpy.run_path(script.name)["fig"]


@pytest.mark.parametrize("name", SPECS)
def test_python_of_a_chart_draws_the_same_numbers(flights: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    op, frame = flights
    code = figure_python(op, SPECS[name], "flights")
    assert "workers" not in code and code.endswith("fig.show()\n")
    frame = frame.convert_dtypes() if name in ("bar", "log", "week") else frame
    theirs: list[float] = []
    for trace in run(code, frame, monkeypatch).data:
        field = {"heatmap": "z", "pie": "values"}.get(trace.type, "y")
        field = "x" if field == "y" and trace["orientation"] == "h" else field
        theirs += [v for v in np.asarray(trace[field], dtype=float).ravel() if not math.isnan(v)]
    assert sorted(v for v in theirs if v) == pytest.approx(drawn(last(op, **SPECS[name])), rel=1e-5)


@pytest.mark.parametrize("spec", [
    {"mark": "box", "x": "origin", "y": "delay", "facet": "late"},
    {"mark": "violin", "x": "origin", "y": "delay"},
    {"mark": "scatter", "x": "distance", "y": "delay", "trend": True, "color": "origin"},
    {"mark": "density", "x": "distance", "y": "delay"},
])
def test_python_of_marks_from_rows_runs(flights: Any, spec: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    op, frame = flights
    assert len(run(figure_python(op, spec, "flights"), frame, monkeypatch).data) >= 1


def test_a_chart_is_a_function_in_a_longer_script(flights: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    op, frame = flights
    code = PandasCode()
    code.title = "Carriers, by delay"
    code.declare("data", {"carrier": "text"}, op)
    Chart().python(ChartParams(mark="bar", x="carrier"), {"table": "data"}, code)
    script = code.script().replace("def draw", 'data = pd.read_parquet("x")\n\n\ndef draw', 1)
    monkeypatch.setattr("plotly.graph_objects.Figure.show", lambda self: None)
    monkeypatch.setattr("pandas.read_parquet", lambda path: frame)
    with tempfile.NamedTemporaryFile("w", suffix=".py") as file:
        file.write(script)
        file.flush()
        found = runpy.run_path(file.name)
    assert "def draw_carriers_by_delay(data):" in script and sum(found["figure"].data[0].y) == N
    assert found["data"] is frame


def test_a_trend_is_least_squares_with_its_interval(flights: Any) -> None:
    op, frame = flights
    view = last(op, mark="scatter", x="distance", y="delay", trend=True)
    filled = frame.dropna(subset=["delay"])
    fit = stats.linregress(filled["distance"], filled["delay"])
    points, band, line = view["figure"]["data"]
    assert len(points["x"]) == 1_500 and band["meta"]["band"] and line["meta"]["trend"]
    slope = (line["y"][-1] - line["y"][0]) / (line["x"][-1] - line["x"][0])
    assert slope == pytest.approx(fit.slope, rel=1e-3)
    assert f"rises by {fit.slope:.3g}" in view["words"][0] and "p < 0.001" in view["words"][0]
    assert f"{len(filled):,} rows" in view["words"][0] and view["words"][0] in view["summary"]
    half = stats.t.ppf(0.975, len(filled) - 2) * fit.stderr
    assert f"({fit.slope - half:.3g} to {fit.slope + half:.3g}, 95 %)" in view["words"][0]


@pytest.mark.parametrize("freedom", [1, 2, 7, 60, 5_000, 3_000_000])
def test_students_t_agrees_with_scipy(freedom: int) -> None:
    assert student.quantile(0.975, freedom) == pytest.approx(stats.t.ppf(0.975, freedom), rel=1e-6)
    for t in (0.1, 1.3, 4.0, 30.0):
        assert student.tail(t, freedom) == pytest.approx(stats.t.sf(t, freedom), rel=1e-6, abs=1e-12)


def test_a_flat_trend_says_that_it_may_be_chance(engine_store: Fresh) -> None:
    engine_store()
    rows = [[float(i), float((i * 7919) % 13)] for i in range(60)]
    view = last(literal_table({"a": "number", "b": "number"}, rows), mark="scatter", x="a", y="b", trend=True)
    assert "which may be chance" in view["words"][0] and "p = " in view["words"][0]


def test_a_trend_through_large_numbers_loses_no_digits(engine_store: Fresh) -> None:
    engine_store()
    rows = [[1e9 + i, 5e9 + 2 * i] for i in range(50)]
    line = last(literal_table({"a": "number", "b": "number"}, rows), mark="scatter", x="a", y="b", trend=True)
    assert "rises by 2 " in line["words"][0]


def test_error_bars_of_a_mean(flights: Any) -> None:
    op, frame = flights
    for errors, factor in (("se", 1.0), ("ci", 1.96)):
        trace = last(op, mark="bar", x="origin", y="delay", aggregate="mean", errors=errors)["figure"]["data"][0]
        sem = frame.groupby("origin")["delay"].sem()[trace["x"]]
        assert trace["error_y"]["array"] == pytest.approx(list(sem * factor), rel=0.01)
    assert "error_y" not in last(op, mark="bar", x="origin", y="delay", aggregate="mean")["figure"]["data"][0]


def test_panels_share_axes_and_sum_to_the_whole(flights: Any) -> None:
    op, frame = flights
    view = last(op, mark="histogram", x="distance", facet="origin")
    layout = view["figure"]["layout"]
    assert layout["meta"]["panels"] == ["EWR", "JFK", "LGA"] and layout["xaxis2"]["matches"] == "x"
    assert sum(sum(t["y"]) for t in view["figure"]["data"]) == N
    by = {t["xaxis"]: sum(t["y"]) for t in view["figure"]["data"]}
    assert by["x2"] == (frame["origin"] == "JFK").sum()
    many = list(draw(op, {"mark": "bar", "x": "late", "facet": "carrier"}))[-1]
    assert len(many.view["figure"]["layout"]["meta"]["panels"]) == 9
    assert f"9 of {frame['carrier'].nunique()} panels" in many.note


def test_violins_and_densities_hold_every_row(flights: Any) -> None:
    op, frame = flights
    view = last(op, mark="violin", x="origin", y="delay")
    outlines = [t for t in view["figure"]["data"] if "violin" in t["meta"]]
    (box,) = [t for t in view["figure"]["data"] if t["type"] == "box"]
    assert [t["name"] for t in outlines] == ["EWR", "JFK", "LGA"] and "smoothed" in view["summary"]
    assert box["median"] == pytest.approx(list(frame.groupby("origin")["delay"].median()), rel=1e-6)
    contour = last(op, mark="density", x="distance", y="delay")["figure"]["data"][0]
    assert contour["type"] == "contour" and len(contour["z"]) * len(contour["x"]) <= 1_500
    rows = frame.dropna(subset=["delay"])
    assert sum(v for row in contour["z"] for v in row) == pytest.approx(len(rows), rel=0.01)


def test_a_violin_follows_the_density_of_all_rows(flights: Any) -> None:
    op, frame = flights
    view = last(op, mark="violin", x="delay")
    (outline,) = [t for t in view["figure"]["data"] if "violin" in t["meta"]]
    half = len(outline["x"]) // 2
    ys, widths = np.array(outline["y"][:half]), np.array(outline["x"][:half])
    truth = stats.gaussian_kde(frame["delay"].dropna(), bw_method=0.9 * len(frame) ** -0.2)(ys)
    assert np.corrcoef(widths, truth)[0, 1] > 0.995


def test_a_pie_is_a_whole_and_refuses_means(flights: Any) -> None:
    op, _ = flights
    trace = last(op, mark="pie", x="carrier")["figure"]["data"][0]
    assert len(trace["labels"]) == 7 and trace["labels"][-1].startswith("other (") and sum(trace["values"]) == N
    with pytest.raises(CellError, match="whole"):
        last(op, mark="pie", x="carrier", y="delay", aggregate="mean")


def test_log_bins_are_of_equal_ratio(flights: Any) -> None:
    op, _ = flights
    view = last(op, mark="histogram", x="distance", log="x")
    trace = view["figure"]["data"][0]
    edges = np.array(trace["x"]) - np.array(trace["width"]) / 2
    assert view["figure"]["layout"]["xaxis"]["type"] == "log" and sum(trace["y"]) == N
    assert np.diff(np.log10(edges)) == pytest.approx(np.diff(np.log10(edges))[0], rel=1e-3)


def test_reference_lines_say_what_they_are(flights: Any) -> None:
    op, frame = flights
    lines = [{"at": "mean", "axis": "x"}, {"at": "value", "value": 50}]
    view = last(op, mark="histogram", x="distance", lines=lines)
    shapes = view["figure"]["layout"]["shapes"]
    assert shapes[0]["x0"] == pytest.approx(frame["distance"].mean()) and shapes[1]["y0"] == 50
    assert "Lines at: mean" in view["summary"]
    bars = last(op, mark="bar", x="origin", y="delay", aggregate="mean", lines=[{"at": "median"}])
    assert bars["figure"]["layout"]["shapes"][0]["y0"] == pytest.approx(frame["delay"].median())
    counts = last(op, mark="bar", x="origin", lines=[{"at": "mean"}])["figure"]["layout"]
    assert counts["shapes"][0]["y0"] == pytest.approx(N / 3) and "of the bars" in counts["annotations"][0]["text"]


def test_shares_and_stacks(flights: Any) -> None:
    op, _ = flights
    share = last(op, mark="bar", x="late", color="origin", arrange="share")["figure"]["layout"]
    assert share["barnorm"] == "percent" and "%" in share["yaxis"]["title"]["text"]
    area = last(op, mark="area", x="day", color="origin", time_unit="month")["figure"]["data"]
    assert len({tuple(t["x"]) for t in area}) == 1 and all(t["stackgroup"] for t in area)


@pytest.mark.parametrize("name", [name for name in marks() if name != "pie"])
def test_every_mark_draws_nothing_without_rows(flights: Any, name: str) -> None:
    op, _ = flights
    nothing = {"op": "filter", "input": op, "expression": {"lit": False}}
    view = last(nothing, mark=name, x="distance", y="delay")
    assert view["summary"].endswith(".")


def test_a_param_that_a_mark_does_not_use_changes_nothing(flights: Any) -> None:
    op, _ = flights
    plain = last(op, mark="histogram", x="distance")
    assert last(op, mark="histogram", x="distance", y="delay", aggregate="mean", trend=True, errors="se") == plain
