"""Finds what got lost: messages of a broker that died, runs of a worker that died; and keeps the house clean."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import timedelta

import redis
from django.db import close_old_connections
from django.utils import timezone

from canvas.documents.models import Canvas, Update
from canvas.runs import dispatch
from canvas.runs.advance import advance
from canvas.runs.facts import store
from canvas.runs.landing import LEASE_SEEN_SECONDS, started
from canvas.runs.models import LIVE, CellState, Result, Run

SWEEP_SECONDS = 2.0
HOUSEKEEPING_SECONDS = 600.0
RESEND_SECONDS = 15.0
"""How long a message may be under way while its queue is empty; doubled at each new attempt."""

MOST_LOSSES = 3
COMPACT_AFTER = 500
log = logging.getLogger(__name__)


def sweep() -> dict[str, int]:
    """Look at every live run once: note its lease, send it again, or give it up. Returns how many of each.

    The lease in Redis is the worker's word that it lives; this row is only its mirror.
    """
    counts = {"held": 0, "sent": 0, "lost": 0, "quarantined": 0}
    runs = list(Run.objects.filter(state__in=LIVE).select_related("canvas"))
    if not runs:
        return counts
    leases = dispatch.client().mget([f"lease:{run.pk}" for run in runs])
    waiting = {queue: int(dispatch.client().llen(queue)) for queue in {run.queue for run in runs}}
    for run, lease in zip(runs, leases, strict=True):
        if ended := _look(run, lease, waiting):
            counts[ended] += 1
    return counts


def _look(run: Run, lease: bytes | None, waiting: dict[str, int]) -> str:
    now = timezone.now()
    if lease is not None and int(lease.split(b":")[0]) == run.attempt:
        if run.state == "queued":
            started(str(run.pk), run.attempt, lease.split(b":", 1)[1].decode())
        else:
            until = now + timedelta(seconds=LEASE_SEEN_SECONDS)
            Run.objects.filter(pk=run.pk, attempt=run.attempt, state="leased").update(lease_until=until)
        return "held"
    if run.state == "leased" and run.lease_until is not None and run.lease_until < now:
        return _lost(run)
    patience = timedelta(seconds=RESEND_SECONDS * 2 ** min(run.attempt - 1, 5))
    if run.state == "queued" and (run.sent_at or run.queued_at) + patience < now and not waiting[run.queue]:
        return "sent" if _again(run, losses=run.losses) else ""
    return ""


def _lost(run: Run) -> str:
    """The worker of a run died: the next attempt, or quarantine after three."""
    losses = run.losses + 1
    if losses < MOST_LOSSES:
        log.warning("the worker of run %s (%s) is gone, attempt %s", run.pk, run.kind, run.attempt + 1)
        return "lost" if _again(run, losses=losses) else ""
    error = {"code": "worker_lost", "param": None, "fix": None, "detail": f"last worker: {run.worker}",
             "message": "This cell ended its worker three times, most likely for want of memory. "
                        "Filter or sample its input, then press Run."}
    ended = Run.objects.filter(pk=run.pk, attempt=run.attempt, state="leased").update(
        state="quarantined", losses=losses, error=error, finished_at=timezone.now())
    if ended:
        log.error("run %s (%s) is quarantined after %s losses", run.pk, run.kind, losses)
        advance(run.canvas_id)
    return "quarantined" if ended else ""


def _again(run: Run, losses: int) -> bool:
    """Raise the attempt before sending, so that whatever an older attempt still does cannot land."""
    now = timezone.now()
    mine = Run.objects.filter(pk=run.pk, attempt=run.attempt, state=run.state).update(
        attempt=run.attempt + 1, losses=losses, state="queued", sent_at=now, lease_until=None, worker="")
    if not mine:
        return False
    was_leased = run.state == "leased"
    run.attempt += 1
    dispatch.send_run(run)
    if was_leased:
        advance(run.canvas_id)
    return True


def housekeeping() -> None:
    """Fold long histories into snapshots and drop the results that nobody shows when the store is over its budget."""
    from canvas.documents.history import compact

    for canvas in Canvas.objects.filter(deleted_at=None).only("pk"):
        if Update.objects.filter(canvas=canvas).count() > COMPACT_AFTER:
            compact(canvas.pk)
    shown = set(CellState.objects.exclude(shown="").values_list("shown", flat=True))
    if dropped := store().evict(pinned=shown):
        Result.objects.filter(fingerprint__in=dropped).delete()
        log.info("dropped %s results to stay within the store's budget", len(dropped))


def advance_all() -> None:
    """Bring every canvas with open ends in line once after a start: what a killed process left half done."""
    open_ends = CellState.objects.filter(state__in=("queued", "running", "partial"), canvas__deleted_at=None)
    for canvas_id in set(open_ends.values_list("canvas_id", flat=True)):
        advance(canvas_id)


def keep_sweeping(closing: threading.Event) -> None:
    """Sweep every few seconds until told to end; one of several orchestrating workers does it at a time."""
    _guarded("advance after the start", advance_all)
    next_cleaning = time.monotonic() + 60
    while not closing.wait(SWEEP_SECONDS):
        _guarded("sweep", _sweep_alone)
        if time.monotonic() > next_cleaning:
            next_cleaning = time.monotonic() + HOUSEKEEPING_SECONDS
            _guarded("housekeeping", housekeeping)


def _sweep_alone() -> None:
    if dispatch.client().set("sweep", "1", px=int(SWEEP_SECONDS * 900), nx=True):
        sweep()


def _guarded(what: str, work: Callable[[], object]) -> None:
    """The thread must outlive a Redis or a database that is away."""
    close_old_connections()
    try:
        work()
    except redis.RedisError as error:
        log.warning("%s: Redis is away (%s)", what, type(error).__name__)
    except Exception:
        log.exception("%s failed", what)
    finally:
        close_old_connections()
