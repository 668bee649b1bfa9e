"""Brings a canvas's runs and cell states in line with its graph; the only caller of workers.scheduler.plan."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from canvas import doorbell
from canvas.accounts.models import Workspace
from canvas.documents.models import Canvas
from canvas.runs import dispatch
from canvas.runs.cell_events import cell_events, changed_events
from canvas.runs.facts import Facts, gather, store
from canvas.runs.models import LIVE, CellState, Run
from workers import registry, scheduler
from workers.ports import Table

__all__ = ["advance", "cell_events"]

WAITING = ("queued", "running", "partial")
"""States of a cell that waits for its run: somebody watches that run."""


@dataclass
class _Changes:
    """What one call decided; carried out after the commit."""

    started: list[Run] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    told: list[CellState] = field(default_factory=list)
    schemas: set[str] = field(default_factory=set)
    steps: set[str] = field(default_factory=set)
    rev: int = 0


def advance(canvas_id: uuid.UUID | str, actor_key: str | None = None, force: Iterable[str] = (),
            stop: Iterable[str] = (), *, anew: Iterable[str] = ()) -> None:
    """Start what must run, cancel what must not, record each cell's state and tell the browsers.

    `force`: cells to run although dear, manual, failed or stopped, as soon as what feeds them is there; `anew`: of
    these, the ones to compute again although their result exists; `stop`: cells whose run ends now. Called twice it
    does nothing new. The caller has checked that the actor may run things here.
    """
    force, stop, anew = set(force) | set(anew), set(stop), set(anew)
    changes = _Changes()
    with transaction.atomic():
        # NO KEY UPDATE: rows that refer to the canvas (updates being written) need not wait for a plan.
        canvas = Canvas.objects.select_for_update(no_key=True, of=("self",)).select_related("workspace") \
            .filter(pk=canvas_id).first()
        if canvas is None or canvas.deleted_at is not None:
            _end_all(canvas_id)
            return
        # Equal cells of two canvases share one run, so two plans of a workspace must not start it at the same time.
        Workspace.objects.select_for_update(no_key=True).get(pk=canvas.workspace_id)
        facts = gather(canvas)
        finishing = _finishing(facts, stop)
        force |= _awaited(facts) - stop
        stopped = _stopped(facts, force, stop - finishing.keys())
        actions = scheduler.plan(facts.graph, facts.prints, facts.landed, facts.in_flight, set(facts.failed), stopped,
                                 force & set(facts.graph.cells), anew=anew, estimates=facts.estimates,
                                 usable=facts.usable)
        _cancel(canvas, facts, actions, stopped, changes)
        _start(canvas, facts, actions, actor_key or "", anew, changes)
        _record(canvas, facts, force, stopped, changes)
        transaction.on_commit(lambda: _carry_out(canvas, facts, changes))
        transaction.on_commit(lambda: dispatch.finish(finishing.values()))


def _end_all(canvas_id: uuid.UUID | str) -> None:
    """A canvas in the bin computes nothing."""
    ended = [str(pk) for pk in Run.objects.filter(canvas_id=canvas_id, state__in=LIVE).values_list("pk", flat=True)]
    Run.objects.filter(pk__in=ended, state__in=LIVE).update(state="cancelled", finished_at=timezone.now())
    transaction.on_commit(lambda: dispatch.cancel(ended))


def _finishing(facts: Facts, stop: set[str]) -> dict[str, str]:
    """Runs by cell that land with their best when stopped; who stops one again ends it at once."""
    found = {}
    for cell in stop & facts.prints.keys():
        run, kind = facts.runs.get(facts.prints[cell]), registry.kinds().get(facts.graph.cells[cell].kind)
        if run is None or kind is None or not kind.finishes:
            continue
        begun = run.state == "leased" or dispatch.is_held(str(run.pk))
        if begun and not dispatch.is_finishing(str(run.pk)):
            found[cell] = str(run.pk)
    return found


def _awaited(facts: Facts) -> set[str]:
    """Cells somebody pressed Run on while what feeds them was still to come; the mark is for what they were then."""
    return {cell for cell, fp in facts.prints.items() if cell in facts.rows
            and facts.rows[cell].detail.get("awaited") == fp}


def _stopped(facts: Facts, force: set[str], stop: set[str]) -> set[str]:
    """Fingerprints somebody stopped, now or earlier; the mark is kept with the cell until it is forced or changes."""
    marked = set()
    for cell, fp in facts.prints.items():
        row = facts.rows.get(cell)
        earlier = row is not None and row.detail.get("stopped") == fp
        now = cell in stop and (fp in facts.runs or (row is not None and row.state in WAITING))
        if (earlier or now) and cell not in force:
            marked.add(fp)
    return marked - {facts.prints[c] for c in force if c in facts.prints}


def _cancel(canvas: Canvas, facts: Facts, actions: list[scheduler.Run | scheduler.Cancel], stopped: set[str],
            changes: _Changes) -> None:
    """End runs that the plan gave up and runs of old params, unless a cell of another canvas waits for them."""
    planned = {a.run for a in actions if isinstance(a, scheduler.Cancel)}
    by_id = {str(run.pk): run for run in facts.runs.values()}
    ending = [*(by_id[run] for run in planned if run in by_id), *facts.obsolete]
    for run in ending:
        watched = CellState.objects.filter(
            fingerprint=run.fingerprint, state__in=WAITING, canvas__workspace_id=canvas.workspace_id,
            canvas__deleted_at=None).exclude(canvas=canvas).exists()
        facts.runs.pop(run.fingerprint, None)
        if watched:
            continue
        state = "stopped" if run.fingerprint in stopped else "cancelled"
        if Run.objects.filter(pk=run.pk, state__in=LIVE).update(state=state, finished_at=timezone.now()):
            changes.cancelled.append(str(run.pk))


def _start(canvas: Canvas, facts: Facts, actions: list[scheduler.Run | scheduler.Cancel], actor: str,
           anew: Collection[str], changes: _Changes) -> None:
    """Write a row for each run the plan starts."""
    now = timezone.now()
    for action in actions:
        if not isinstance(action, scheduler.Run):
            continue
        part = facts.graph.upstream(action.cell)
        spec: dict[str, Any] = {
            "canvas": str(canvas.pk), "cell": action.cell, "fingerprint": action.fingerprint, "graph": part.to_json(),
            "fingerprints": {c: facts.prints[c] for c in part.cells},
        }
        if action.cell in anew:
            spec["anew"] = True
        run = Run(canvas=canvas, cell=action.cell, kind=facts.graph.cells[action.cell].kind, attempt=1,
                  fingerprint=action.fingerprint, queue=action.queue, actor=actor, spec=spec, sent_at=now)
        changes.started.append(run)
        facts.runs[action.fingerprint] = run
    if len(changes.started) > 1:
        for run in changes.started:
            run.spec["turns"] = True
    Run.objects.bulk_create(changes.started)


def _record(canvas: Canvas, facts: Facts, force: set[str], stopped: set[str], changes: _Changes) -> None:
    """Write the state of every cell that changed under one new rev, and forget cells that are gone."""
    rows = facts.rows
    words = scheduler.states(
        facts.graph, facts.prints, facts.landed, facts.in_flight, facts.failed, stopped, estimates=facts.estimates,
        usable=facts.usable, shown={c: r.shown for c, r in rows.items() if r.shown},
        ran={c: r.detail["ran"] for c, r in rows.items() if r.detail.get("ran")},
        progress={c: "running" for c, fp in facts.prints.items() if (r := facts.runs.get(fp)) and r.state == "leased"})
    for cell, said in words.items():
        fp, old = facts.prints[cell], rows.get(cell)
        row = CellState(canvas=canvas, cell=cell, fingerprint=fp, state=said.state, shown=old.shown if old else "",
                        run=facts.runs.get(fp) if said.state in WAITING else None,
                        detail=_detail(said, fp, old, facts, fp in stopped))
        if cell in force and said.state == "queued" and row.run is None:
            row.detail["awaited"] = fp
        if said.state in ("done", "cached") and row.shown != fp:
            row.shown = fp
            if said.state == "cached":
                # The worker that ran this very cell has published its exact step; drawn twice, it costs a repaint.
                changes.steps.add(cell)
        if old is None or old.fingerprint != fp:
            changes.schemas.add(cell)
        if old is None or _differs(row, old):
            changes.told.append(row)
    gone = [cell for cell in rows if cell not in words]
    if gone:
        CellState.objects.filter(canvas=canvas, cell__in=gone).delete()
    if changes.told:
        Canvas.objects.filter(pk=canvas.pk).update(state_rev=F("state_rev") + 1)
        changes.rev = Canvas.objects.values_list("state_rev", flat=True).get(pk=canvas.pk)
        for row in changes.told:
            row.rev = changes.rev
        CellState.objects.bulk_create(
            changes.told, update_conflicts=True, unique_fields=["canvas", "cell"],
            update_fields=["fingerprint", "state", "shown", "rev", "detail", "run"])


def _differs(row: CellState, old: CellState) -> bool:
    fields = ("fingerprint", "state", "shown", "run_id", "detail")
    return any(getattr(row, name) != getattr(old, name) for name in fields)


def _detail(said: scheduler.CellWords, fp: str, old: CellState | None, facts: Facts, stopped: bool) -> dict[str, Any]:
    """What a status says besides its state, and what the next plan wants to remember."""
    detail: dict[str, Any] = {"reason": said.reason, "missing": list(said.missing), "estimate_ms": said.estimate_ms}
    for name in ("ran", "elapsed_ms"):
        if old is not None and name in old.detail:
            detail[name] = old.detail[name]
    if stopped:
        detail["stopped"] = fp
    if said.state == "needs_settings" and facts.failed.get(fp, {}).get("fix"):
        detail["fix"] = facts.failed[fp]["fix"]
    if said.state == "error" and fp in facts.failed:
        detail["error"] = {k: v for k, v in facts.failed[fp].items() if k != "missing"}
    return detail


def _carry_out(canvas: Canvas, facts: Facts, changes: _Changes) -> None:
    """After the commit: cancel, ask for schemas, send runs, tell browsers."""
    dispatch.cancel(changes.cancelled)
    told_by_runs = {run.cell for run in changes.started if _was_described(facts.rows.get(run.cell))}
    unknown = [cell for cell in _undescribed(facts) if cell not in told_by_runs]
    typed = facts.graph.descendants(c for c in unknown if facts.graph.cells[c].mode == "written")
    for ask, cells in ((dispatch.ask_schemas, [c for c in unknown if c not in typed]),
                       (dispatch.ask_schemas_soon, [c for c in unknown if c in typed])):
        ask(str(canvas.pk), facts.graph.to_json(), facts.prints, cells)
    dispatch.ask_looks(str(canvas.pk), facts.graph.to_json(), facts.prints, _unseen(facts, changes))
    # Charts first: people who drag a value look at these, and the previews of the tables between can follow.
    for run in sorted(changes.started, key=lambda run: _gives_table(run.kind)):
        dispatch.send_run(run)
    if changes.told:
        events = changed_events(changes.told, schemas=changes.schemas, steps=changes.steps)
        tell(canvas.pk, changes.rev, events)


def _unseen(facts: Facts, changes: _Changes) -> list[str]:
    """Cells that now wait for Run, and whose kind has something to show before it."""
    kinds = registry.kinds()
    waiting = [row.cell for row in changes.told if row.state in ("not_run", "stale")]
    return [cell for cell in waiting if (kind := kinds.get(facts.graph.cells[cell].kind)) is not None and kind.looks()
            and store().step(facts.prints[cell]) is None]


def tell(canvas_id: uuid.UUID | str, rev: int, events: Iterable[Mapping[str, Any]]) -> None:
    """Publish events themselves, so that browsers need not wait for a look-up, then the rev they make up."""
    doorbell.publish(canvas_id, *({"event": event} for event in events), {"rev": rev, "sent": True})


def _gives_table(kind: str) -> bool:
    found = registry.kinds().get(kind)
    return found is not None and Table in found.outputs.values()


def _was_described(row: CellState | None) -> bool:
    """Whether a browser shows columns of this cell already: those of its new params can wait for its run to tell."""
    return row is not None and "outputs" in (store().schema(row.fingerprint) or {})


def _undescribed(facts: Facts) -> list[str]:
    """Cells with a table output whose columns nobody knows yet although all they build on exists."""
    kinds, found = registry.kinds(), []
    ready: dict[str, bool] = {}
    feeds: dict[str, list[str]] = {}
    for edge in facts.graph.edges:
        feeds.setdefault(edge.target, []).append(edge.source)
    for cell_id in facts.graph.order():
        cell, kind = facts.graph.cells[cell_id], kinds.get(facts.graph.cells[cell_id].kind)
        above = all(ready[c] for c in feeds.get(cell_id, ()))
        fp = facts.prints[cell_id]
        ready[cell_id] = kind is not None and above and (kind.has_plan() or fp in facts.landed | facts.usable)
        described = kind is not None and Table in kind.outputs.values() and not cell.problems
        if described and ready[cell_id] and store().schema(fp) is None:
            found.append(cell_id)
    return found
