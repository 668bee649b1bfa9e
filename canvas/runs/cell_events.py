"""What browsers are told about cells, from rows and the store: all for a fresh page, or what changed."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from typing import Any

from canvas.documents.models import Canvas
from canvas.runs.facts import store
from canvas.runs.models import CellState
from workers.events import CellFailed, CellSchema, CellStatus, CellStep, Diagnostics

Event = dict[str, Any]


def cell_events(canvas_id: uuid.UUID | str, since_rev: int = 0) -> list[Event]:
    """Events that bring a browser which knows states up to `since_rev` to the present; 0 means all of them.

    The state a browser has with these equals the one it would have after hearing every event in order.
    """
    canvas = Canvas.objects.only("diagnostics", "state_rev").filter(pk=canvas_id).first()
    if canvas is None:
        return []
    rows = list(CellState.objects.filter(canvas_id=canvas_id, rev__gt=since_rev).order_by("rev", "cell"))
    events = changed_events(rows)
    if canvas.diagnostics or since_rev == 0:
        found = canvas.diagnostics or {}
        events.append(Diagnostics(cells=found.get("cells", {}), edges=found.get("edges", {})).model_dump(mode="json"))
    return events


def changed_events(rows: Iterable[CellState], schemas: Collection[str] | None = None,
                   steps: Collection[str] | None = None) -> list[Event]:
    """Statuses of these rows with their schema, newest step and failure; `schemas` and `steps` limit who gets those."""
    events: list[Event] = []
    for row in rows:
        if schemas is None or row.cell in schemas:
            events += schema_events(row)
        if (steps is None or row.cell in steps) and (step := newest_step(row)):
            events.append(step)
        events.append(status_event(row))
        if row.detail.get("error"):
            events.append(_failed(row, row.detail["error"]))
    return events


def status_event(row: CellState) -> Event:
    """The CellStatus of a row."""
    detail = row.detail
    status = CellStatus(
        cell=row.cell, fingerprint=row.fingerprint, state=row.state, rev=row.rev,
        run=str(row.run_id) if row.run_id else None, reason=detail.get("reason", ""),
        missing=detail.get("missing", []), fix=detail.get("fix"), estimate_ms=detail.get("estimate_ms"))
    return status.model_dump(mode="json")


def schema_events(row: CellState) -> list[Event]:
    """The columns of a row's fingerprint, or why they cannot be told; nothing when nobody compiled them yet."""
    known = store().schema(row.fingerprint) or {}
    if "outputs" in known:
        schema = CellSchema(cell=row.cell, fingerprint=row.fingerprint, outputs=known["outputs"])
        return [schema.model_dump(mode="json")]
    if "failed" in known and row.state != "error":
        return [_failed(row, known["failed"])]
    return []


def newest_step(row: CellState) -> Event | None:
    """The newest step there is of a row: of what it computes now, else of what it showed last."""
    for fingerprint in dict.fromkeys((row.fingerprint, row.shown)):
        if fingerprint and (kept := store().step(fingerprint)):
            return step_event(kept, row, fingerprint)
    return None


def step_event(kept: Event, row: CellState, fingerprint: str) -> Event:
    """A stored step as this cell's own; a view above 64 KB becomes a reference."""
    from workers.steps import json_view

    _, inline = json_view(kept.get("view") or {})
    path = f"/api/canvases/{row.canvas_id}/cells/{row.cell}/view?fingerprint={fingerprint}"
    ref = None if inline is not None else path
    step = CellStep(**{**kept, "cell": row.cell, "fingerprint": fingerprint, "view": inline, "view_ref": ref})
    return step.model_dump(mode="json")


def _failed(row: CellState, error: Event) -> Event:
    known = {k: error[k] for k in ("code", "message", "param", "fix", "detail", "place") if error.get(k) is not None}
    failed = CellFailed(cell=row.cell, fingerprint=row.fingerprint, **{"code": "internal", "message": "", **known})
    return failed.model_dump(mode="json")
