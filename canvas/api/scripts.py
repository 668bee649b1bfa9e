"""/api/canvases/{id}/scripts: cells as Python or as a notebook, with the tables they read, in one zip."""

from __future__ import annotations

import uuid
from typing import Annotated, Any, Literal

from django.conf import settings
from django.http import FileResponse
from django.utils.http import content_disposition_header
from ninja import Query, Router

from canvas import access
from canvas.api.entry import Asked
from canvas.api.errors import Problem
from canvas.api.reading import asked
from canvas.documents.document import document_json
from canvas.documents.models import Canvas
from canvas.security.rates import over_limit
from workers import registry
from workers.graph import Graph
from workers.store import Store

router = Router()
PATIENCE = 120.0
Cells = Annotated[str, Query(max_length=20_000)]


@router.get("/{uuid:canvas_id}/scripts/{form}")
def script(request: Asked, canvas_id: uuid.UUID, form: Literal["py", "ipynb"], cells: Cells = "") -> FileResponse:
    """The cells named in `cells` (ids, with commas) and what feeds them; all of them when none is named."""
    canvas = access.canvas_for(request.actor, canvas_id, "run")
    if over_limit(request, "script", 10, 60, request.actor.key):
        raise Problem(429, "too_many", "That is more than 10 exports in a minute. Wait a little.")
    graph = Graph.from_json(canvas.graph) if canvas.graph else Graph({})
    wanted = [cell for cell in cells.split(",") if cell in graph.cells]
    if not graph.cells or (cells and not wanted):
        raise Problem(409, "nothing", "There is nothing to export yet: add a cell that computes something.")
    run = uuid.uuid4().hex
    asked("export_script", {
        "graph": graph.to_json(), "fingerprints": graph.fingerprints(str(canvas.workspace.salt)), "cells": wanted,
        "form": form, "run": run, **_told(canvas, graph)}, PATIENCE)
    path = Store.from_url(settings.STORE_URL).temporary / f"script-{run}.zip"
    file = path.open("rb")
    path.unlink()
    response = FileResponse(file, content_type="application/zip")
    response["Content-Disposition"] = content_disposition_header(True, f"{canvas.name}.zip")
    response["Cache-Control"] = "private, no-store"
    return response


def _told(canvas: Canvas, graph: Graph) -> dict[str, Any]:
    """Titles, the order people read in, and notes with the cell each stands before."""
    written = document_json(canvas.pk)["cells"]
    boxes = {cell: (float(body["pos"][1]), float(body["pos"][0])) for cell, body in written.items()}
    order = sorted((cell for cell in written if cell in graph.cells), key=lambda cell: boxes[cell])
    notes = []
    for cell in sorted(written, key=lambda cell: boxes[cell]):
        kind = registry.kinds().get(written[cell]["kind"])
        if kind is not None and not kind.computes and str(written[cell].get("code") or "").strip():
            beside = min(order, key=lambda other: _distance(boxes[cell], boxes[other]), default=None)
            notes.append({"text": str(written[cell]["code"]), "before": beside})
    titles = {cell: str(written[cell].get("title") or "") for cell in order}
    return {"titles": titles, "order": order, "notes": notes}


def _distance(one: tuple[float, float], two: tuple[float, float]) -> float:
    return abs(one[0] - two[0]) + abs(one[1] - two[1])
