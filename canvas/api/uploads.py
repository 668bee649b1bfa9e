"""/api/canvases/{id}/uploads: a file as the raw body, streamed to the store, kept whole or refused whole."""

from __future__ import annotations

import uuid
from typing import Any

from ninja import Query, Router, Status

from canvas import access
from canvas.api.entry import Asked
from canvas.api.errors import Problem
from canvas.datasets import intake
from canvas.security.rates import over_limit

router = Router()


@router.post("/{uuid:canvas_id}/uploads", response={201: dict})
def receive(request: Asked, canvas_id: uuid.UUID, name: str = Query(..., min_length=1, max_length=1000)) -> Status:
    """Keep the body under its hash and make a row for it. 413 too big, 415 not a table, 507 no room."""
    canvas = access.canvas_for(request.actor, canvas_id, "edit")
    if over_limit(request, "upload", 60, 60, request.actor.key):
        raise Problem(429, "too_many", "That is more than 60 files in a minute. Wait a little.")
    try:
        upload = intake.receive(canvas.workspace_id, canvas.pk, request.actor.key, name, _length(request), request)
    except intake.Refused as refusal:
        raise Problem(refusal.status, refusal.code, refusal.message) from refusal
    body: dict[str, Any] = {"upload": str(upload.pk), "source": f"upload:{upload.pk}"}
    return Status(201, body | {"name": upload.name, "size": upload.size})


def _length(request: Asked) -> int | None:
    """Bytes the sender announced."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or "")
    except ValueError:
        return None
