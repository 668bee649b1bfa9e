"""Controls give values and predicates without running; metrics give one number, its change and its course."""

from __future__ import annotations

from typing import Any

import pytest

from workers.cells.control import ControlParams
from workers.cells.control import Kind as Control
from workers.cells.metric import Kind as Metric
from workers.cells.metric import MetricParams
from workers.engine import rows_of, table_of
from workers.filters import filtered
from workers.kind import CellError, NeedsSettings
from workers.local import Canvas
from workers.ports import literal_table

pytest_plugins = ["tests.unit.workers.engine_store"]
TRIPS = literal_table({"city": "text", "at": "datetime", "fare": "number"}, [
    ["Oslo", "2024-01-05T10:00:00", 10.0], ["Lima", "2024-01-20T23:30:00", 20.0],
    ["Oslo", "2024-02-03T09:00:00", 60.0]])


@pytest.fixture(autouse=True)
def _engine(engine_store: Any) -> None:
    engine_store()


def kept(params: dict[str, Any]) -> list[float]:
    """Fares of the trips that a control lets through."""
    predicate = Control().plan(ControlParams.model_validate(params), TRIPS)["selection"]
    found = filtered({"table": TRIPS}, [predicate])["table"]
    return sorted(row[2] for row in rows_of(table_of(found.op)))


@pytest.mark.parametrize(("params", "fares"), [
    ({"control": "select", "column": "city", "value": "Oslo"}, [10, 60]),
    ({"control": "select", "column": "city"}, [10, 20, 60]),
    ({"control": "slider", "column": "fare", "value": 20}, [20, 60]),
    ({"control": "slider", "column": "fare", "test": "<=", "value": 20}, [10, 20]),
    ({"control": "dates", "column": "at", "value": "2024-01-06", "until": "2024-01-20"}, [20]),
    ({"control": "dates", "column": "at", "value": "2024-01-20"}, [20, 60]),
    # What was set with another control is as if nothing were.
    ({"control": "slider", "column": "fare", "value": "Oslo"}, [10, 20, 60]),
    ({"control": "select", "column": "fare", "value": "Oslo"}, [10, 20, 60]),
    ({"control": "dates", "column": "at", "value": 12}, [10, 20, 60]),
])
def test_a_control_filters_by_its_column(params: dict[str, Any], fares: list[float]) -> None:
    assert kept(params) == fares


def test_a_control_offers_what_is_in_the_column() -> None:
    def offered(**params: Any) -> dict[str, Any]:
        return next(Control().compute(ControlParams.model_validate(params), TRIPS)).view

    assert offered(control="select", column="city")["options"] == ["Oslo", "Lima"]
    fares = offered(control="slider", column="fare")
    assert (fares["low"], fares["high"]) == (10, 60)
    assert offered(control="dates", column="at")["low"].startswith("2024-01-05")
    with pytest.raises(CellError, match="needs numbers"):
        offered(control="slider", column="city")
    with pytest.raises(NeedsSettings, match="options"):
        next(Control().compute(ControlParams(control="select")))


def test_a_control_sets_a_param_of_another_cell(tmp_path: Any) -> None:
    plan = Control().plan(ControlParams(control="slider", low=3, value=None))
    assert plan["value"].value == 3 and plan["until"].value is None
    assert Control().plan(ControlParams(control="text"))["value"].value is None
    canvas = Canvas(str(tmp_path))
    assert canvas.add("control", control="text", value="x")


def metric(**params: Any) -> dict[str, Any]:
    """The exact view."""
    return [*Metric().compute(MetricParams.model_validate(params), TRIPS, params.pop("other", None))][-1].view


def test_a_metric_is_a_number_with_its_change() -> None:
    assert metric()["value"] == 3 and metric()["of"] == "rows"
    view = metric(aggregate="mean", column="fare", compare="target", target=20)
    assert view["value"] == 30 and view["against"] == {"value": 20, "words": "the target"}
    assert view["summary"] == "mean of fare: 30, +10 against the target."
    months = metric(aggregate="sum", column="fare", time="at", unit="month", compare="previous", suffix="€")
    assert months["course"] == [["2024-01-01", 30], ["2024-02-01", 60]] and months["value"] == 60
    assert months["summary"] == "sum of fare in 2024-02-01: 60 €, +30 against 2024-01-01."
    assert metric(aggregate="distinct", column="city")["value"] == 2


def test_a_metric_compares_with_a_second_table() -> None:
    other = literal_table({"fare": "number"}, [[15.0]])
    params = MetricParams(aggregate="max", column="fare", compare="table")
    assert [*Metric().compute(params, TRIPS, other)][-1].view["against"]["value"] == 15
    with pytest.raises(NeedsSettings, match="second table"):
        next(Metric().compute(params, TRIPS))


@pytest.mark.parametrize("params", [{"aggregate": "mean"}, {"compare": "previous"}, {"compare": "target"}])
def test_a_metric_says_what_it_lacks(params: dict[str, Any]) -> None:
    with pytest.raises(NeedsSettings):
        metric(**params)


def test_an_empty_table_has_no_number() -> None:
    nothing = literal_table({"fare": "number", "at": "date"}, [])
    params = MetricParams(aggregate="mean", column="fare", time="at", compare="previous")
    view = [*Metric().compute(params, nothing)][-1].view
    assert view["value"] is None and view["summary"] == "mean of fare: none."
