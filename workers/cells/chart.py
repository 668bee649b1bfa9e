"""Draw a table: bars, lines, points, boxes, maps and more.

Pick a mark and a field for X; the other settings have defaults that fit. A large table is drawn from a sample first,
with intervals; the exact chart follows by itself and the axes stay where they are. Bars past the limit are gathered
under “other”. Violins and densities are smoothed from counts in fine bins.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field, field_validator

from workers.engine.charts import Aggregate, Arrange, Errors, Log, ReferenceLine, Sort, TimeUnit
from workers.engine.figure_code import figure_function, figure_python
from workers.engine.figures import draw
from workers.engine.mark import marks
from workers.engine.selection import Selection, predicate_of, selection_field
from workers.kind import CellKind, NeedsSettings, Params, Step, pick_column
from workers.ports import Predicate, Table, literal_table

_MARKS = marks()


def _used(param: str, **also: list[Any]) -> dict[str, Any]:
    """Shown for the marks that use a param."""
    return {"mark": [name for name, one in _MARKS.items() if param in one.uses], **also}


class ChartParams(Params):
    """What is drawn, and how values become marks."""

    mark: str = Field("bar", title="Mark", json_schema_extra={
        "enum": list(_MARKS), "labels": {name: one.label for name, one in _MARKS.items() if one.label}})
    x: str | None = pick_column(title="X")
    y: str | None = pick_column(title="Y", when=_used("y"))
    aggregate: Aggregate = Field(
        "count", title="Value", description="What is computed of Y for each group; a count needs no Y.",
        json_schema_extra={"when": _used("aggregate"), "labels": {"count": "number of rows", "none": "Y as it is"}})
    color: str | None = pick_column(title="Colour", when=_used("color"))
    arrange: Arrange = Field("auto", title="Series", json_schema_extra={
        "when": _used("arrange", color=["*"]), "labels": {
            "auto": "found by itself", "grouped": "side by side", "share": "as shares",
            "overlaid": "one over the other"}})
    trend: bool = Field(False, title="Trend", description="Least squares over all rows, with its 95 % interval.",
                        json_schema_extra={"when": _used("trend")})
    facet: str | None = pick_column(title="Panels", when=_used("facet"),
                                    description="The same chart for each value of a column, nine at most.")
    errors: Errors = Field("none", title="Error bars", json_schema_extra={
        "when": _used("errors", aggregate=["mean", "none"]), "labels": {
            "se": "standard error", "ci": "95 % interval of the mean"}})
    sort: Sort = Field("auto", title="Sort", json_schema_extra={
        "when": _used("sort"), "labels": {"auto": "found by itself", "x": "by X", "value": "smallest first",
                                          "-value": "largest first"}})
    time_unit: TimeUnit = Field("auto", title="Time unit", json_schema_extra={
        "when": _used("time_unit"), "only_types": {"x": ["date", "datetime"]}, "labels": {
            "auto": "found by itself", "none": "as it is", "day_of_week": "day of week",
            "hour_of_day": "hour of day"}})
    limit: int = Field(30, ge=1, le=500, title="Most bars", description="The rest is gathered as “other”.",
                       json_schema_extra={"when": _used("limit"), "advanced": True})
    bins: int | None = Field(None, ge=1, le=200, title="Bins", description="Found by itself when empty.",
                             json_schema_extra={"when": _used("bins"), "advanced": True})
    horizontal: bool = Field(False, title="Lying bars", json_schema_extra={"when": _used("horizontal"),
                                                                           "advanced": True})
    log: Log = Field("none", title="Log scale", json_schema_extra={
        "when": _used("log"), "advanced": True, "labels": {"x": "X axis", "y": "value axis", "both": "both axes"}})
    lines: list[ReferenceLine] = Field(
        default_factory=list, max_length=8, title="Lines",
        description="Lines across the chart at a value, mean or median.",
        json_schema_extra={"when": _used("lines"), "advanced": True})

    selection: Selection | None = selection_field()

    @field_validator("mark")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in _MARKS:
            raise ValueError(f"There is no mark “{value}”.")
        return value


class Kind(CellKind):
    """A figure of server-side aggregates; its first step comes from a sample."""

    name, title, group, icon, shortcut = "chart", "Chart", "Explore", "chart-column", "H"
    params, prompt, takes_turns, view = ChartParams, True, True, "figure"
    inputs, outputs, steers = {"table": Table}, {"selection": Predicate}, frozenset({"selection"})

    def plan(self, params: ChartParams, table: Table) -> dict[str, Any]:
        """What is selected in the chart, as a condition for other cells."""
        return {"selection": predicate_of(params.selection, table.columns)}

    def compute(self, params: ChartParams, table: Table) -> Iterator[Step]:
        """Better and better drawings, the last exact."""
        if not params.x:
            raise NeedsSettings("Pick a field for X", missing=("X",))
        spec = params.model_dump()
        for drawing in draw(table, spec):
            # The words of the script are those of the exact chart; browsers put the name of the table in.
            script = {"python": figure_python(table, spec, "the_table")} if drawing.exact else {}
            yield Step(view=drawing.view | script, fraction=drawing.fraction, exact=drawing.exact,
                       interval=drawing.interval, note=drawing.note)

    def python(self, params: ChartParams, inputs: Mapping[str, str], code: Any) -> Mapping[str, str]:
        """A function that draws the same with pandas and Plotly, and a call of it."""
        frame = inputs["table"]
        op = code.op(frame)
        if op is None:
            code.line(f"# This chart of {frame} cannot be written without its rows.")
        else:
            figure_function(op, params.model_dump(), frame, code)
        return {}

    def example(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Mean mass of each species of penguin."""
        birds = literal_table({"species": "text", "mass": "number"},
                              [["Adelie", 3750.0], ["Gentoo", 5000.0], ["Adelie", 3800.0], ["Chinstrap", 3500.0]])
        return {"mark": "bar", "x": "species", "y": "mass", "aggregate": "mean"}, {"table": birds}
