"""Answers to Plotly figure JSON without template or colours, in better and better steps."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from workers.engine.approx import Answer
from workers.engine.charts import FACET, VALUE, Chart, ChartSpec, columns_of
from workers.engine.drawing import Drawing
from workers.engine.facets import composed, largest_panels
from workers.engine.mark import Mark, mark
from workers.engine.references import add_references
from workers.engine.series import Frame, has
from workers.ports import Op, Table

VIEW_LIMIT = 60_000


def spec_of(spec: ChartSpec | Mapping[str, Any]) -> ChartSpec:
    """A checked spec; params that the mark does not use are as if never set."""
    chosen = spec if isinstance(spec, ChartSpec) else ChartSpec.model_validate(dict(spec))
    known = mark(chosen.mark)
    kept = {"mark", "x", *known.uses}
    fields = ChartSpec.model_fields
    return chosen.model_copy(update={n: f.get_default() for n, f in fields.items() if n not in kept})


def planned(table: Table | Op, spec: ChartSpec) -> tuple[Mark, Chart, str]:
    """(mark, chart, note) of a spec. Raises NeedsSettings or CellError before reading rows."""
    known = mark(spec.mark)
    columns_of(table, spec)
    chart = known.plan(table, spec)
    if not spec.facet:
        return known, chart, ""
    op, note = largest_panels(table, spec)
    return known, (known.plan(op, spec) if note else chart), note


def draw(table: Table | Op, spec: ChartSpec | Mapping[str, Any], *, start: str = "100k") -> Iterator[Drawing]:
    """Better and better drawings of a chart, the last exact. Raises NeedsSettings or CellError before reading rows."""
    chosen = spec_of(spec)
    known, chart, note = planned(table, chosen)
    for step in known.draw(chart, start):
        yield Drawing(step.view, step.exact, step.fraction, step.interval, "; ".join(n for n in (note, step.note) if n))


def drawing(known: Mark, chart: Chart, step: Answer, *, note: str = "", words: Sequence[str] = ()) -> Drawing:
    """One step: the view and the words around it."""
    frame = known.frame(chart, step)
    built, told = _figure(known, chart, step, frame)
    view: dict[str, Any] = {
        "type": "figure",
        "figure": built,
        "marks": _count(built["data"]),
        "level": step.level_json(),
        "mark": known.name,
        "summary": known.summary(chart, step),
        "brush": known.brush(chart),
    }
    if note:
        view["note"] = note
    if words:
        view["words"] = list(words)
        view["summary"] = f"{view['summary']} {' '.join(words)}"
    if told:
        view["summary"] += f" Lines at: {'; '.join(told)}."
    view = fitted(view)
    said = "; ".join(n for n in (note, view.pop("left_out", ""), step.note) if n)
    # The intervals of helper measures are not what is drawn.
    shown = replace(step, low=_only(step.low), high=_only(step.high))
    return Drawing(view, step.exact, step.fraction, shown.interval, said)


def _only(side: Mapping[str, list[float | None]]) -> dict[str, list[float | None]]:
    return {VALUE: side[VALUE]} if VALUE in side else {}


def figure(chart: Chart, step: Answer) -> dict[str, Any]:
    """{"data", "layout"} of one answer; traces carry meta.series for the browser to colour."""
    known = mark(chart.spec.mark)
    return _figure(known, chart, step, known.frame(chart, step))[0]


def _figure(known: Mark, chart: Chart, step: Answer, frame: Frame) -> tuple[dict[str, Any], list[str]]:
    if known.panels and has(step, FACET):
        built = composed(known, chart, step, frame)
    else:
        built = {"data": known.traces(chart, step, frame), "layout": known.layout(chart, step, frame)}
        shown = [t for t in built["data"] if not t["meta"].get("band") and t.get("showlegend") is not False]
        built["layout"].setdefault("showlegend", len(shown) > 1)
    return built, add_references(known, chart, step, built)


def _count(data: list[dict[str, Any]]) -> int:
    drawn = [t for t in data if not t["meta"].get("band")]
    return sum(sum(len(row) for row in t["z"]) if "z" in t else len(t.get("x", t.get("values", ()))) for t in drawn)


def fitted(view: dict[str, Any]) -> dict[str, Any]:
    """The view within 64 KB: past it, intervals go first, then the thinnest series."""
    built = view["figure"]
    if len(json.dumps(view)) <= VIEW_LIMIT:
        return view
    for trace in built["data"]:
        trace.pop("error_y", None)
        trace.pop("error_x", None)
    built["data"] = [t for t in built["data"] if not t["meta"].get("band")]
    while len(json.dumps(view)) > VIEW_LIMIT and len(built["data"]) > 1:
        built["data"].pop()
        view["left_out"] = "Some series are left out: too many marks."
    return view
