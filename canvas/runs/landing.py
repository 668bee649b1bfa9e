"""Takes in what workers report: a run started, or how it ended; fenced by attempt, so committed once."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from canvas.datasets import versions
from canvas.documents.models import Canvas
from canvas.runs.advance import WAITING, advance
from canvas.runs.facts import has_result, present
from canvas.runs.models import LIVE, CellState, Result, Run
from workers.graph import Graph

LEASE_SEEN_SECONDS = 2.5
"""How long after its lease was last seen a run counts as held: its outcome may be on the way when the lease goes.

The lease itself outlives a dead worker by up to 8 s, so a lost run is noticed within about 12 s.
"""

log = logging.getLogger(__name__)


def started(run_id: str, attempt: int, worker: str = "") -> bool:
    """A worker holds the run and is at work; False when a newer attempt or an end got there first."""
    now = timezone.now()
    held = Run.objects.filter(pk=run_id, attempt=attempt, state="queued").update(
        state="leased", worker=worker[:120], started_at=now, lease_until=now + timedelta(seconds=LEASE_SEEN_SECONDS))
    if held:
        _advance_watchers(Run.objects.get(pk=run_id))
    return bool(held)


def tabled(run_id: str, attempt: int) -> bool:
    """The table of a run stands: what follows starts now, while the run goes on with its profile."""
    run = Run.objects.select_related("canvas").filter(pk=run_id, attempt=attempt, state__in=LIVE).first()
    if run is not None:
        _advance_watchers(run)
    return run is not None


def landed(outcome: Mapping[str, Any]) -> bool:
    """Record how a run ended and advance all canvases that wait for it.

    Returns False for the outcome of an attempt that was replaced, of a run that was stopped, or one seen before.
    """
    if not Run.objects.filter(pk=_uuid(outcome["run"]), attempt=outcome["attempt"], state__in=LIVE).exists():
        # Mostly a run that was cancelled: found out without the lock that edits wait for.
        return False
    with transaction.atomic():
        run = _fenced(outcome)
        if run is None:
            return False
        if run.state == "done":
            _keep_result(run, outcome)
    _advance_watchers(run)
    return True


def _fenced(outcome: Mapping[str, Any]) -> Run | None:
    """End the run in one statement that only the newest attempt can win."""
    error = outcome.get("error")
    state = {"done": "done", "failed": "failed"}.get(outcome["state"], "cancelled")
    run = Run.objects.select_related("canvas").filter(pk=_uuid(outcome["run"])).first()
    if run is None or run.fingerprint != outcome["fingerprint"]:
        log.warning("an outcome names no run of ours: %s", outcome.get("run"))
        return None
    # The lock that plans take: without it a plan that read this cell before could write over what is kept below.
    Canvas.objects.select_for_update(no_key=True).get(pk=run.canvas_id)
    if state == "failed" and (error or {}).get("code") == "not_landed" and _inputs_gone(run):
        # What it reads was evicted between plan and start; the next plan computes that again first.
        state = "cancelled"
    won = Run.objects.filter(pk=run.pk, attempt=outcome["attempt"], state__in=LIVE).update(
        state=state, error=error if state == "failed" else None, elapsed_ms=outcome.get("elapsed_ms"),
        rows=outcome.get("rows"), versions=outcome.get("versions") or {}, finished_at=timezone.now())
    if not won:
        return None
    run.state, run.elapsed_ms = state, outcome.get("elapsed_ms")
    return run


def _inputs_gone(run: Run) -> bool:
    graph, prints = Graph.from_json(run.spec["graph"]), run.spec["fingerprints"]
    wanted = set(prints.values())
    recorded = Result.objects.filter(workspace_id=run.canvas.workspace_id, fingerprint__in=wanted).count()
    return len(present(run.canvas, graph, prints, wanted)) < recorded


def _keep_result(run: Run, outcome: Mapping[str, Any]) -> None:
    """The result's row, and what the cell shows; the worker already published the final step itself."""
    if not has_result(run.fingerprint):
        log.error("run %s says done, but the store has nothing under %s", run.pk, run.fingerprint)
    result = Result(workspace_id=run.canvas.workspace_id, fingerprint=run.fingerprint, kind=run.kind, run=run,
                    rows=outcome.get("rows"), size=outcome.get("bytes") or 0,
                    elapsed_ms=outcome.get("elapsed_ms") or 0.0)
    Result.objects.bulk_create([result], update_conflicts=True, unique_fields=["workspace", "fingerprint"],
                               update_fields=["kind", "rows", "size", "elapsed_ms", "run", "at"])
    graph = Graph.from_json(run.spec["graph"])
    if not versions.is_driven(graph, run.cell):
        versions.record(run.canvas, graph.cells[run.cell], run.fingerprint, run.actor, outcome.get("rows"))
    row = CellState.objects.select_for_update().filter(canvas=run.canvas, cell=run.cell).first()
    if row is not None:
        row.detail = {**row.detail, "ran": run.fingerprint, "elapsed_ms": outcome.get("elapsed_ms")}
        row.save(update_fields=["detail"])


def _advance_watchers(run: Run) -> None:
    """Advance the run's canvas and every other one with a cell that waits for the same fingerprint."""
    watching = CellState.objects.filter(
        fingerprint=run.fingerprint, state__in=WAITING, canvas__workspace_id=run.canvas.workspace_id)
    for canvas_id in {run.canvas_id, *watching.values_list("canvas_id", flat=True)}:
        advance(canvas_id)


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(str(text))
    except ValueError:
        return None


