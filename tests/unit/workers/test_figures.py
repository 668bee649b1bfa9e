"""Charts: the right marks in the right order, fixed axes, few bytes, typed errors."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from workers.engine import draw, ingest_arrow
from workers.engine.axes import auto_unit, nice
from workers.engine.profile import profile
from workers.kind import CellError, NeedsSettings
from workers.ports import literal_table

pytest_plugins = ["tests.unit.workers.engine_store"]
Fresh = Callable[[], tuple[str, Path]]
N = 4_000


@pytest.fixture
def trips(engine_store: Fresh) -> dict[str, Any]:
    """A stored table with every type, gaps and more categories than fit."""
    rng = np.random.default_rng(3)
    fingerprint, into = engine_store()
    names = np.array([f"zone {i:02d}" for i in range(50)])
    fare = np.round(rng.lognormal(2, 0.5, N), 2)
    table = pa.table(
        {
            "zone": pa.array(names[np.minimum(rng.geometric(0.1, N) - 1, 49)]),
            "fare": pa.array(fare, mask=rng.random(N) < 0.05),
            "n": pa.array(rng.integers(1, 7, N)),
            "at": pa.array(np.datetime64("2024-01-01") + rng.integers(0, 86_400 * 90, N).astype("timedelta64[s]")),
            "pay": pa.array(np.array(list("abcdefgh"))[rng.integers(0, 8, N)]),
            "ok": pa.array(rng.random(N) < 0.3),
        }
    )
    ingest_arrow(table, into)
    return {"op": "stored", "fingerprint": fingerprint}


def last(op: Any, **spec: Any) -> dict[str, Any]:
    """The exact view, checked for size and JSON."""
    drawings = list(draw(op, spec))
    assert drawings[-1].exact and drawings[-1].fraction == 1.0
    view = drawings[-1].view
    assert len(json.dumps(view, allow_nan=False)) < 64 * 1024
    assert view["type"] == "figure" and view["summary"].endswith(".") and view["mark"] == spec["mark"]
    assert all(len(t.get("x", [])) <= 1_500 for t in view["figure"]["data"])
    return view


def test_bars_fold_what_is_past_the_limit_into_other(trips: Any) -> None:
    view = last(trips, mark="bar", x="zone", limit=10)
    trace = view["figure"]["data"][0]
    assert len(trace["x"]) == 11 and trace["x"][-1].startswith("other (")
    assert sum(trace["y"]) == N
    assert trace["y"][:10] == sorted(trace["y"][:10], reverse=True)
    assert view["figure"]["layout"]["xaxis"]["title"]["text"] == "zone"
    by_name = last(trips, mark="bar", x="zone", limit=10, sort="x")["figure"]["data"][0]["x"][:10]
    assert by_name == sorted(trace["x"][:10])


def test_mean_of_other_weighs_by_rows(trips: Any) -> None:
    whole = last(trips, mark="bar", x="ok", y="n", aggregate="mean")["figure"]["data"][0]
    folded = last(trips, mark="bar", x="zone", y="n", aggregate="mean", limit=1)["figure"]["data"][0]
    assert min(whole["y"]) - 1 < folded["y"][-1] < max(whole["y"]) + 1


def test_series_are_six_and_other(trips: Any) -> None:
    data = last(trips, mark="bar", x="n", color="pay")["figure"]["data"]
    assert len(data) == 7 and data[-1]["name"] == "other"
    assert [t["meta"]["series"] for t in data] == list(range(7))
    assert sum(sum(t["y"]) for t in data) == N


def test_histogram_bins_cover_the_exact_range(trips: Any) -> None:
    view = last(trips, mark="histogram", x="fare", bins=20)
    trace = view["figure"]["data"][0]
    low, high = view["figure"]["layout"]["xaxis"]["range"]
    assert sum(trace["y"]) == pytest.approx(N * 0.95, rel=0.02)
    assert low <= min(trace["x"]) and max(trace["x"]) <= high and 10 <= len(trace["x"]) <= 21
    filtered = {"op": "filter", "input": trips, "expression": {"fn": "=", "args": [{"col": "pay"}, {"lit": "a"}]}}
    assert last(filtered, mark="histogram", x="fare", bins=20)["figure"]["layout"]["xaxis"]["range"] == [low, high]


def test_lines_bands_heat_boxes_and_points(trips: Any) -> None:
    line = last(trips, mark="line", x="at")["figure"]
    assert line["data"][0]["x"] == sorted(line["data"][0]["x"]) and sum(line["data"][0]["y"]) == N
    days = last(trips, mark="bar", x="at", time_unit="day_of_week")["figure"]["data"][0]
    assert days["x"] == ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    heat = last(trips, mark="heatmap", x="fare", y="pay")["figure"]["data"][0]
    assert sum(v or 0 for row in heat["z"] for v in row) == pytest.approx(N * 0.95, rel=0.02)
    box = last(trips, mark="box", x="pay", y="fare")["figure"]["data"][0]
    assert all(
        a <= b <= c <= d <= e
        for a, b, c, d, e in zip(box["lowerfence"], box["q1"], box["median"], box["q3"], box["upperfence"], strict=True)
    )
    points = last(trips, mark="scatter", x="fare", y="n", color="pay")
    assert points["marks"] == 1_500 and "of 3," in points["note"]
    assert last(trips, mark="scatter", x="fare", y="n") == last(trips, mark="scatter", x="fare", y="n")


def test_lying_bars_swap_the_axes(trips: Any) -> None:
    figure = last(trips, mark="bar", x="pay", horizontal=True)["figure"]
    assert figure["data"][0]["orientation"] == "h" and sum(figure["data"][0]["x"]) == N
    assert figure["layout"]["yaxis"]["title"]["text"] == "pay"


@pytest.mark.parametrize(
    ("spec", "error", "says"),
    [
        ({"mark": "bar"}, NeedsSettings, "x axis"),
        ({"mark": "scatter", "x": "n"}, NeedsSettings, "y axis"),
        ({"mark": "bar", "x": "zon"}, CellError, "“zone”"),
        ({"mark": "box", "x": "n", "y": "pay"}, CellError, "needs numbers"),
        ({"mark": "bar", "x": "n", "y": "pay", "aggregate": "sum"}, CellError, "needs numbers"),
        ({"mark": "line", "x": "n", "aggregate": "mean"}, NeedsSettings, "mean"),
    ],
)
def test_wrong_specs_are_typed_errors(trips: Any, spec: Any, error: type[CellError], says: str) -> None:
    with pytest.raises(error, match=says):
        next(draw(trips, spec))


@pytest.mark.parametrize("mark", ["bar", "line", "histogram", "scatter", "heatmap", "box"])
def test_empty_tables_draw_empty_figures(trips: Any, mark: str) -> None:
    nothing = {"op": "filter", "input": trips, "expression": {"lit": False}}
    view = last(nothing, mark=mark, x="fare", y="n")
    assert (
        sum(v or 0 for t in view["figure"]["data"] for v in t.get("y", []) if mark in ("bar", "line", "histogram")) == 0
    )


def test_profile_tells_each_column(trips: Any) -> None:
    *_, columns = profile(trips)
    fare, zone = columns["fare"], columns["zone"]
    assert fare["type"] == "number" and fare["missing"] == pytest.approx(0.05, abs=0.02)
    assert (
        sum(fare["histogram"]["counts"]) == round(N * (1 - fare["missing"])) and len(fare["histogram"]["counts"]) <= 24
    )
    assert len(fare["histogram"]["edges"]) == len(fare["histogram"]["counts"]) + 1
    assert 8 < zone["distinct"] <= 50 and len(zone["top"]) == 8 and not zone["approx"]
    assert sum(k for _, k in zone["top"]) + zone["other"] == N
    assert columns["at"]["min"].startswith("2024-01-01") and json.dumps(columns, allow_nan=False)


def test_profile_of_nothing(trips: Any) -> None:
    *_, columns = profile({"op": "filter", "input": trips, "expression": {"lit": False}})
    assert all(c["missing"] == 0.0 and not c["unique"] for c in columns.values())


def test_steps_and_units() -> None:
    assert [nice(v) for v in (0.9, 1.1, 2.2, 3, 7, 0)] == [1, 2, 2.5, 5, 10, 1]
    assert auto_unit(("2024-01-01", "2024-12-31"), 60, "date") == "week"
    assert auto_unit(("2024-01-01T00:00:00", "2024-01-02T00:00:00"), 60, "datetime") == "hour"


def test_whiskers_end_at_values_and_a_missing_key_has_a_box(engine_store: Any) -> None:
    engine_store()
    groups = {"a": [1, 2, 3, 4, 5, 6, 7, 8, 40], None: [-90, 10, 11, 12, 13]}
    rows = [[key, value] for key, values in groups.items() for value in values]
    table = literal_table({"k": "text", "v": "integer"}, rows)
    box = list(draw(table, {"mark": "box", "x": "k", "y": "v"}))[-1].view["figure"]["data"][0]
    assert box["x"] == ["a", "missing"] and box["median"] == [5, 11]
    assert (box["q1"], box["q3"]) == ([3, 10], [7, 12])
    assert (box["lowerfence"], box["upperfence"]) == ([1, 10], [8, 13])
    one = list(draw(table, {"mark": "box", "x": "v"}))[-1].view["figure"]["data"][0]
    assert one["median"] == [6.5] and one["upperfence"] == [13]
