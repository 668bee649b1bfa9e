"""/api/canvases/{id}/runs: start and stop cells, for those who may run."""

from __future__ import annotations

import uuid
from typing import Annotated

from ninja import Router, Status
from pydantic import Field

from canvas import access
from canvas.api.entry import Asked, Body
from canvas.api.errors import Problem
from canvas.documents.models import Canvas
from canvas.runs.advance import advance
from canvas.security.rates import over_limit
from workers.graph import Graph

router = Router()
CellIds = Annotated[list[Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]], Field(min_length=1, max_length=2000)]


class Start(Body):
    """Cells to run; `upstream` adds all that feeds them, `force` repeats what has a result already."""

    cells: CellIds
    force: bool = False
    upstream: bool = False


class Stop(Body):
    """Cells to stop."""

    cells: CellIds


@router.post("/{uuid:canvas_id}/runs", response={202: dict})
def start(request: Asked, canvas_id: uuid.UUID, payload: Start) -> Status:
    """Queue runs; what comes of it arrives by the socket."""
    canvas = _runnable(request, canvas_id)
    graph = graph_of(canvas)
    cells = _known(graph, payload.cells)
    wanted = graph.ancestors(cells) if payload.upstream else set(cells)
    # Everything named runs although dear or manual; what has its result already is computed again only if forced.
    advance(canvas.pk, request.actor.key, force=sorted(wanted), anew=cells if payload.force else ())
    return Status(202, {"cells": sorted(wanted)})


@router.post("/{uuid:canvas_id}/runs/stop", response={202: dict})
def stop(request: Asked, canvas_id: uuid.UUID, payload: Stop) -> Status:
    """Stop what runs or waits."""
    canvas = _runnable(request, canvas_id)
    cells = _known(graph_of(canvas), payload.cells)
    advance(canvas.pk, request.actor.key, stop=cells)
    return Status(202, {"cells": cells})


def graph_of(canvas: Canvas) -> Graph:
    """The canvas's graph as last projected."""
    return Graph.from_json(canvas.graph) if canvas.graph else Graph({})


def _runnable(request: Asked, canvas_id: uuid.UUID) -> Canvas:
    """The canvas, for someone who may run and has not asked too often."""
    canvas = access.canvas_for(request.actor, canvas_id, "run")
    if over_limit(request, "run", 240, 60, request.actor.key):
        raise Problem(429, "too_many", "That is more than 240 runs in a minute. Wait a little.")
    return canvas


def _known(graph: Graph, cells: list[str]) -> list[str]:
    """The cells, if this canvas has them all. Raises NotFound."""
    if missing := [cell for cell in cells if cell not in graph.cells]:
        raise access.NotFound(f"This canvas has no cell {missing[0]}.")
    return cells
