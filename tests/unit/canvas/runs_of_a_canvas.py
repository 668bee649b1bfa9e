"""A canvas with small kinds of its own and a pretended worker, for tests of runs without Celery."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from canvas.accounts.models import User, Workspace
from canvas.documents.models import Canvas
from canvas.runs import dispatch
from canvas.runs.cell_events import cell_events
from canvas.runs.facts import store
from canvas.runs.landing import landed
from canvas.runs.models import LIVE, CellState, Run
from workers.graph import Cell, Edge, Graph
from workers.kind import CellKind, Params, Step
from workers.ports import Port, Table


class Source(CellKind):
    """Materialises a table."""

    name, title, group, icon, params = "source", "Source", "Data", "table", Params
    outputs: ClassVar[Mapping[str, Port]] = {"table": Table}
    prompt = True

    def compute(self, params: Any, **inputs: Any) -> Iterator[Step]:
        """One row."""
        yield Step({"type": "value", "value": 1})


class Look(CellKind):
    """Shows a table; its output is a plan."""

    name, title, group, icon, params = "look", "Look", "Explore", "eye", Params
    inputs: ClassVar[Mapping[str, Port]] = {"table": Table}
    outputs: ClassVar[Mapping[str, Port]] = {"table": Table}
    prompt = True

    def plan(self, params: Any, **inputs: Any) -> dict[str, Any]:
        """The same table."""
        return {"table": inputs["table"]}

    def compute(self, params: Any, **inputs: Any) -> Iterator[Step]:
        """One number."""
        yield Step({"type": "value", "value": 1})


class Dear(Look):
    """Waits for Run."""

    name, title = "dear", "Dear"
    dear = True


class Search(Dear):
    """Lands its best when it is stopped."""

    name, title = "search", "Search"
    finishes = True


class Picture(Look):
    """Gives out nothing."""

    name, title = "picture", "Picture"
    outputs: ClassVar[Mapping[str, Port]] = {}


KINDS = {kind.name: kind() for kind in (Source, Look, Dear, Search, Picture)}


class Scene:
    """One canvas of one workspace; messages to workers and browsers are kept in lists."""

    def __init__(self, monkeypatch: Any, workspace: Workspace | None = None) -> None:
        monkeypatch.setattr("workers.registry.kinds", lambda: KINDS)
        self.sent: list[Run] = []
        self.cancelled: list[str] = []
        self.asked: list[str] = []
        self.heard: list[dict[str, Any]] = []
        monkeypatch.setattr(dispatch, "send_run", lambda run: self.sent.append(run) or True)
        monkeypatch.setattr(dispatch, "cancel", lambda runs: self.cancelled.extend(runs))
        monkeypatch.setattr(dispatch, "ask_schemas", lambda canvas, graph, prints, cells: self.asked.extend(cells))
        monkeypatch.setattr("canvas.doorbell.publish", lambda canvas, *messages: self.heard.extend(
            {"canvas": str(canvas), **message} for message in messages))
        self.workspace = workspace or Workspace.objects.create(name="Lab")
        self.canvas = self.another()

    def another(self) -> Canvas:
        """A further canvas of the workspace."""
        owner = User.objects.create_user(f"{uuid.uuid4().hex}@example.org")
        return Canvas.objects.create(workspace=self.workspace, owner=owner)

    def draw(self, *cells: Cell, links: tuple[tuple[str, str], ...] = (), canvas: Canvas | None = None) -> None:
        """Replace the graph of the canvas."""
        edges = tuple(Edge(f"{a}-{b}", a, "table", b, "table") for a, b in links)
        graph = Graph({c.id: c for c in cells}, edges)
        Canvas.objects.filter(pk=(canvas or self.canvas).pk).update(graph=graph.to_json())

    def chain(self, threshold: int = 1) -> None:
        """data -> look -> dear."""
        self.draw(Cell("data", "source"), Cell("look", "look", params={"x": threshold}), Cell("slow", "dear"),
                  links=(("data", "look"), ("look", "slow")))

    def state(self, cell: str, canvas: Canvas | None = None) -> str:
        """The recorded state of a cell."""
        return CellState.objects.get(canvas=canvas or self.canvas, cell=cell).state

    def live(self) -> list[str]:
        """Cells with a live run, in order of start."""
        return list(Run.objects.filter(state__in=LIVE).order_by("queued_at", "cell").values_list("cell", flat=True))

    def finish(self, cell: str, state: str = "done", **more: Any) -> bool:
        """Do what a worker does at the end of the newest run of a cell."""
        run = Run.objects.filter(cell=cell, state__in=LIVE).latest("queued_at")
        if state == "done":
            step = {"type": "cell_step", "cell": cell, "fingerprint": run.fingerprint, "run": str(run.pk), "step": 1,
                    "final": True, "fraction": 1.0, "view": {"type": "value", "value": 1}, "rows": 1}
            store().put_step(run.fingerprint, step)
            if KINDS[run.kind].outputs and not KINDS[run.kind].is_lazy():
                (store().folder(run.fingerprint) / "manifest.json").write_text("{}")
            self.heard.append({"canvas": str(run.canvas_id), "event": step})
        return landed({"run": str(run.pk), "attempt": run.attempt, "fingerprint": run.fingerprint, "state": state,
                       "error": None, "elapsed_ms": 20.0, "rows": 1, "bytes": 10, "versions": {"look": "1"}, **more})


Page = dict[tuple[str, str], dict[str, Any]]


def hear(page: Page, events: list[dict[str, Any]]) -> Page:
    """What a browser keeps after hearing events: the newest of each sort for each cell; a failure while it is one."""
    page = dict(page)
    for event in events:
        page[event["type"], event.get("cell", "")] = event
        if event["type"] == "cell_status" and event["state"] != "error":
            page.pop(("cell_failed", event["cell"]), None)
    return page


def fresh(canvas: Canvas) -> Page:
    """What a browser keeps that just loaded the page."""
    return without_source(hear({}, cell_events(canvas.pk)))


def without_source(page: Page) -> Page:
    """A page without what tells apart how a step came: its run, its time, and the diagnostics of the document."""
    kept = {k: v for k, v in page.items() if k[0] != "diagnostics"}
    for key, event in kept.items():
        if key[0] == "cell_step":
            kept[key] = {k: event[k] for k in ("cell", "fingerprint", "final", "view")}
    return kept
