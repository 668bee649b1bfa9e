"""/api/canvases/{id}/cells/{cell}/versions: what a source read, whether there is something newer, two compared."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from django.core.cache import cache
from ninja import Query, Router

from canvas import access
from canvas.api.cells import CellId
from canvas.api.entry import Asked, Body
from canvas.api.errors import Problem
from canvas.api.reading import asked
from canvas.api.runs import graph_of
from canvas.datasets import versions
from canvas.datasets.models import Version
from canvas.documents.models import Canvas
from canvas.security.rates import over_limit
from workers.graph import Cell

router = Router()
VersionId = Annotated[uuid.UUID, Query()]
LOOKED_SECONDS = 300
"""How long an answer about something newer holds: opening a canvas ten times asks once."""


class Look(Body):
    """`anew` asks the server of the file again, however short ago that was."""

    anew: bool = False


@router.get("/{uuid:canvas_id}/cells/{cell}/versions")
def listing(request: Asked, canvas_id: uuid.UUID, cell: CellId) -> list[dict[str, Any]]:
    """The versions of a source cell, newest first; choosing one is an edit of the params it holds."""
    canvas = access.canvas_for(request.actor, canvas_id, "run")
    source = graph_of(canvas).cells.get(cell)
    if source is None:  # a browser asks about a new cell before that cell has arrived here: nothing was read yet
        return []
    now = versions.digest_of(versions.identity(source))
    return [{"id": str(row.pk), "at": row.at.isoformat(), "rows": row.rows, "size": row.size, "params": row.params,
             "columns": len(row.about.get("columns", [])), "name": row.about.get("name", ""),
             "current": row.digest == now} for row in versions.versions_of(canvas, cell)]


@router.post("/{uuid:canvas_id}/cells/{cell}/versions/check")
def check(request: Asked, canvas_id: uuid.UUID, cell: CellId, payload: Look) -> dict[str, Any]:
    """Whether a web address has something newer than the version shown; null where only a refresh can tell."""
    canvas = access.canvas_for(request.actor, canvas_id, "run")
    source = _cell(canvas, cell)
    if not source.source_token.startswith("web:"):
        return {"changed": None}
    digest = versions.digest_of(versions.identity(source))
    row = Version.objects.filter(canvas=canvas, cell=cell, digest=digest).first()
    if row is None:
        return {"changed": None}
    key = f"newer:{row.pk}"
    if not payload.anew and (known := cache.get(key)) is not None:
        return {"changed": known}
    if over_limit(request, "newer", 30, 60, str(canvas.workspace_id)):
        raise Problem(429, "too_many", "Many addresses were looked at just now. Wait a minute.")
    told = {"etag": row.about.get("etag", ""), "modified": row.about.get("modified", ""), "bytes": row.size}
    changed = bool(asked("ask_source", {"ask": "newer", "url": source.params["source"], "known": told}, 20)["changed"])
    cache.set(key, changed, LOOKED_SECONDS)
    return {"changed": changed}


@router.get("/{uuid:canvas_id}/cells/{cell}/versions/compare")
def compare(request: Asked, canvas_id: uuid.UUID, cell: CellId, before: VersionId, after: VersionId) -> dict[str, Any]:
    """Two versions side by side: rows, columns that came, went or changed type, and columns whose values differ."""
    canvas = access.canvas_for(request.actor, canvas_id, "run")
    found = {row.pk: row for row in Version.objects.filter(canvas=canvas, cell=cell, pk__in=(before, after))}
    if before not in found or after not in found:
        raise access.NotFound("This cell has no such version.")
    return asked("compare_tables", {"before": found[before].fingerprint, "after": found[after].fingerprint}, 60)


def _cell(canvas: Canvas, cell: str) -> Cell:
    """The cell as last projected. Raises NotFound."""
    if (found := graph_of(canvas).cells.get(cell)) is None:
        raise access.NotFound(f"This canvas has no cell {cell}.")
    return found
