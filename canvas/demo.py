"""The demo canvas, the first thing a new owner sees: New York's flights of 2013, laid out and run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from canvas.access import Actor, canvases_for
from canvas.accounts.models import User
from canvas.accounts.people import ensure_workspace
from canvas.documents.models import Canvas
from canvas.starters import fill

NAME = "New York flights, 2013"

QUESTION = """\
# Why do flights leave late?

Every flight that left New York in 2013, with the weather of its hour. **Late** means more than 15 minutes \
behind schedule: about one flight in five.

Delays pile up through the day, some airlines cope better than others, and summer is the worst time to fly.
"""
TRY = """\
### Try it

- Drag the **threshold** of *Up to two hours late* and watch its histogram follow.
- Pull a line out of any cell into empty space and pick **Chart**.
- Press **Share**, and edit this together.
"""

Box = tuple[int, int, int, int]


def cell_id(name: str) -> str:
    """A stable id in the alphabet of random ones."""
    return f"demo-{name}-".ljust(20, "0")


def _cell(kind: str, box: Box, title: str, name: str = "", params: Mapping[str, Any] | None = None,
          code: str | None = None) -> dict[str, Any]:
    cell = {"kind": kind, "pos": list(box[:2]), "size": list(box[2:]), "z": "a0", "title": title, "name": name,
            "params": dict(params or {}), "mode": "auto"}
    return cell if code is None else {**cell, "code": code}


def _chart(box: Box, title: str, mark: str, x: str, **params: Any) -> dict[str, Any]:
    return _cell("chart", box, title, params={"mark": mark, "x": x, **params})


def demo_document() -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
    """Cells and edges by id: what a cell feeds is to its right or next below, so that no link passes behind a card."""
    late = {"y": "percent_late", "aggregate": "mean"}
    measures = [{"function": "mean", "column": "percent_late", "name": "percent_late"},
                {"function": "count", "column": None, "name": "flights"}]
    cells = {
        "question": _cell("text", (0, 0, 400, 220), "The question", code=QUESTION),
        "flights": _cell("dataset", (0, 260, 400, 620), "Flights with weather", "flights",
                         {"source": "sample:flights_weather"}),
        "try": _cell("text", (0, 920, 400, 200), "Try it", code=TRY),
        "departed": _cell("filter", (460, 0, 380, 340), "Flights that left", "departed",
                          {"column": "dep_delay", "test": "is not missing"}),
        "late": _cell("derive", (900, 0, 380, 340), "Late or not", "late_or_not",
                      {"name": "percent_late", "expression": "if(dep_delay > 15, 100, 0)"}),
        "sight": _cell("aggregate", (900, 380, 380, 340), "By visibility", "by_visibility",
                       {"by": ["visib"], "measures": measures}),
        "short": _cell("filter", (460, 380, 380, 340), "Up to two hours late", "up_to_two_hours",
                       {"column": "dep_delay", "test": "≤", "value": 120}),
        "hour": _chart((1360, 0, 480, 240), "Delays pile up through the day", "bar", "hour", sort="x", **late),
        "year": _chart((1360, 280, 480, 240), "Summer and the holidays are worst", "line", "time_hour",
                       time_unit="week", **late),
        "fog": _chart((900, 760, 380, 360), "The less one sees, the later one leaves", "scatter", "visib",
                      y="percent_late"),
        "spread": _chart((460, 760, 380, 360), "Most leave a little early", "histogram", "dep_delay"),
        "airline": _chart((1360, 560, 480, 260), "Share of late flights by airline", "bar", "carrier", sort="-value",
                          **late),
        "week": _chart((1360, 860, 480, 260), "Weekday by hour: where it gets late", "heatmap", "time_hour", y="hour",
                       time_unit="day_of_week", color="percent_late", aggregate="mean"),
    }
    links = [("flights", "departed"), ("departed", "late"), ("late", "sight"), ("departed", "short"), ("late", "hour"),
             ("late", "year"), ("sight", "fog"), ("short", "spread"), ("late", "airline"), ("late", "week")]
    edges = {cell_id(f"{a}-{b}"): {"from": cell_id(a), "fromPort": "table", "to": cell_id(b), "toPort": "table"}
             for a, b in links}
    return {cell_id(name): cell for name, cell in cells.items()}, edges


def make_demo(owner: User) -> Canvas:
    """A fresh demo canvas of the owner; its cells run as soon as it is committed."""
    cells, edges = demo_document()
    with transaction.atomic():
        canvas = Canvas.objects.create(workspace=ensure_workspace(owner), owner=owner, name=NAME)
        fill(canvas, cells, edges, Actor(user_id=owner.pk, name=str(owner)))
    return canvas


def ensure_demo(owner: User) -> Canvas | None:
    """The demo canvas on the first start; nothing when the owner has any canvas, be it in the bin."""
    actor = Actor(user_id=owner.pk, name=str(owner))
    if canvases_for(actor) or canvases_for(actor, binned=True):
        return None
    return make_demo(owner)
