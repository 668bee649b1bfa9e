"""/api/canvases/{id}/cells: pages of a table, a stored view, a cell's history; what is stored comes first."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from django.conf import settings
from ninja import Path, Query, Router
from pydantic import Field

from canvas import access
from canvas.api.entry import Asked
from canvas.api.errors import Problem
from canvas.api.reading import computed_page
from canvas.documents.models import Canvas
from canvas.runs.models import CellState, Run
from workers.store import Store

router = Router()
CellId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Limit = Annotated[int, Field(ge=1, le=200)]
Fingerprint = Annotated[str, Query(pattern=r"^[0-9a-f]{64}$")]


@router.get("/{uuid:canvas_id}/cells/{cell}/pages/{int:number}")
def page(request: Asked, canvas_id: uuid.UUID, cell: CellId, number: int, fingerprint: Fingerprint) -> dict[str, Any]:
    """Rows number * 200 and on. Stored pages for all who may view; others are computed for those who may run."""
    canvas = access.canvas_for(request.actor, canvas_id, "view")
    run = owned(canvas, cell, fingerprint)
    stored = Store.from_url(settings.STORE_URL).page(fingerprint, number)
    if stored is not None:
        return stored
    if not canvas.role.may("run"):
        raise Problem(404, "not_stored",
                      "Only the first rows are shown to viewers. Ask for the right to run to see all of them.")
    return computed_page(canvas, cell, fingerprint, number, run)


@router.get("/{uuid:canvas_id}/cells/{cell}/view")
def view(request: Asked, canvas_id: uuid.UUID, cell: CellId, fingerprint: Fingerprint) -> dict[str, Any]:
    """The newest stored view of a cell: those too large to ride in an event are fetched here."""
    canvas = access.canvas_for(request.actor, canvas_id, "view")
    owned(canvas, cell, fingerprint)
    step = Store.from_url(settings.STORE_URL).step(fingerprint)
    if step is None:
        raise access.NotFound("This result is not stored (any more). Run the cell again.")
    found: dict[str, Any] = step["view"]
    return found


@router.get("/{uuid:canvas_id}/cells/{cell}/runs")
def history(request: Asked, canvas_id: uuid.UUID, cell: CellId, limit: Limit = 50) -> list[dict[str, Any]]:
    """The cell's last runs, newest first; for those who may run."""
    canvas = access.canvas_for(request.actor, canvas_id, "run")
    rows = Run.objects.filter(canvas=canvas, cell=cell).order_by("-queued_at")[:limit]
    return [_run_json(run) for run in rows]


def _run_json(run: Run) -> dict[str, Any]:
    """A run in the history."""
    plain = ("kind", "fingerprint", "state", "actor", "attempt", "elapsed_ms", "rows", "error")
    return {"id": str(run.pk), **{name: getattr(run, name) for name in plain}, "queued_at": run.queued_at.isoformat(),
            "finished_at": run.finished_at.isoformat() if run.finished_at else None}


def owned(canvas: Canvas, cell: str, fingerprint: str) -> Run | None:
    """The run behind a cell's fingerprint, if any. Raises NotFound unless this cell of this canvas has had it:
    a hash is not a capability."""
    run = Run.objects.filter(canvas=canvas, cell=cell, fingerprint=fingerprint).order_by("-queued_at").first()
    known = CellState.objects.filter(canvas=canvas, cell=cell)
    if run is None and not (known.filter(fingerprint=fingerprint).exists() or known.filter(shown=fingerprint).exists()):
        raise access.NotFound("This cell has no such result.")
    return run
