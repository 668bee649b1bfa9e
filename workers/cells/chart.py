"""Draw a table: bars, lines, a histogram, points, a heat map or boxes.

Pick a mark and a field for X. A large table is drawn from a sample first, with intervals; the exact chart follows by
itself and the axes stay where they are. Bars past the limit are gathered under “other”.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from workers.engine.figures import draw
from workers.kind import CellKind, NeedsSettings, Params, Step, pick_column
from workers.ports import Table, literal_table


def _when(*marks: str) -> dict[str, Any]:
    return {"when": {"mark": list(marks)}}


class ChartParams(Params):
    """What is drawn, and how values become marks."""

    mark: Literal["bar", "line", "histogram", "scatter", "heatmap", "box"] = Field(
        "bar", title="Mark", json_schema_extra={"labels": {"heatmap": "heat map"}})
    x: str | None = pick_column(title="X")
    y: str | None = pick_column(title="Y", when={"mark": ["bar", "line", "scatter", "heatmap", "box"]})
    aggregate: Literal["count", "sum", "mean", "median", "min", "max", "none"] = Field(
        "count", title="Value", description="What is computed of Y for each group; a count needs no Y.",
        json_schema_extra={**_when("bar", "line"), "labels": {"count": "number of rows", "none": "Y as it is"}})
    color: str | None = pick_column(title="Colour", when={"mark": ["bar", "line", "histogram", "scatter", "box"]})
    bins: int | None = Field(None, ge=1, le=200, title="Bins", description="Found by itself when empty.",
                             json_schema_extra=_when("bar", "histogram", "heatmap"))
    time_unit: Literal["auto", "none", "year", "quarter", "month", "week", "day", "hour", "day_of_week",
                       "hour_of_day"] = Field("auto", title="Time unit", json_schema_extra={
                           **_when("bar", "line", "heatmap", "box"), "labels": {
                               "auto": "found by itself", "none": "as it is", "day_of_week": "day of week",
                               "hour_of_day": "hour of day"}})
    sort: Literal["auto", "x", "value", "-value"] = Field("auto", title="Sort", json_schema_extra={
        **_when("bar"), "labels": {"auto": "found by itself", "x": "by X", "value": "smallest first",
                                   "-value": "largest first"}})
    limit: int = Field(30, ge=1, le=500, title="Most bars", json_schema_extra=_when("bar", "heatmap", "box"))
    horizontal: bool = Field(False, title="Lying bars", json_schema_extra=_when("bar", "histogram"))


class Kind(CellKind):
    """A figure of server-side aggregates; its first step comes from a sample."""

    name, title, group, icon, shortcut = "chart", "Chart", "Explore", "chart-column", "H"
    params, prompt, view = ChartParams, True, "figure"
    inputs = {"table": Table}

    def compute(self, params: ChartParams, table: Table) -> Iterator[Step]:
        """Better and better drawings, the last exact."""
        if not params.x:
            raise NeedsSettings("Pick a field for X", missing=("X",))
        for drawing in draw(table, params.model_dump()):
            yield Step(view=drawing.view, fraction=drawing.fraction, exact=drawing.exact, interval=drawing.interval,
                       note=drawing.note)

    def example(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Mean mass of each species of penguin."""
        birds = literal_table({"species": "text", "mass": "number"},
                              [["Adelie", 3750.0], ["Gentoo", 5000.0], ["Adelie", 3800.0], ["Chinstrap", 3500.0]])
        return {"mark": "bar", "x": "species", "y": "mass", "aggregate": "mean"}, {"table": birds}
