"""What the database and the store know about the cells of a canvas: the input of every plan."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db.models import Q

from canvas.documents.models import Canvas
from canvas.runs.models import LIVE, CellState, Result, Run
from workers import registry
from workers.graph import Graph
from workers.store import Store


@lru_cache(maxsize=2)
def _store(url: str) -> Store:
    return Store.from_url(url)


def store() -> Store:
    """The store named by STORE_URL."""
    return _store(settings.STORE_URL)


@dataclass
class Facts:
    """Everything known about one canvas's cells; see workers.scheduler.plan for what each field decides."""

    graph: Graph
    prints: dict[str, str]
    rows: dict[str, CellState]
    landed: set[str] = field(default_factory=set)
    runs: dict[str, Run] = field(default_factory=dict)
    """Live runs by fingerprint, of any canvas of the workspace: equal cells share one."""
    obsolete: list[Run] = field(default_factory=list)
    """Live runs of this canvas that no cell of it needs any more."""
    failed: dict[str, dict[str, Any]] = field(default_factory=dict)
    estimates: dict[str, float | None] = field(default_factory=dict)

    usable: set[str] = field(default_factory=set)
    """Fingerprints of live runs whose table stands in the store already."""

    @property
    def in_flight(self) -> dict[str, tuple[str, str]]:
        """Cell -> (run, fingerprint) as the plan wants it."""
        return {c: (str(self.runs[fp].pk), fp) for c, fp in self.prints.items() if fp in self.runs}


def gather(canvas: Canvas) -> Facts:
    """Read the facts of a canvas. Results whose files are gone from the store are forgotten on the way."""
    graph = Graph.from_json(canvas.graph) if canvas.graph else Graph({})
    prints = graph.fingerprints(salt=str(canvas.workspace.salt))
    rows = {row.cell: row for row in CellState.objects.filter(canvas=canvas)}
    facts = Facts(graph, prints, rows)
    wanted = set(prints.values())
    facts.landed = present(canvas, graph, prints, wanted)
    _read_runs(canvas, facts, wanted)
    facts.usable = {fp for fp in facts.runs if store().has_table(fp)}
    for cell in graph.cells:
        measured = rows[cell].detail.get("elapsed_ms") if cell in rows else None
        facts.estimates[cell] = measured
    return facts


def present(canvas: Canvas, graph: Graph, prints: dict[str, str], wanted: set[str]) -> set[str]:
    """Fingerprints with a final result that is still in the store."""
    kinds = registry.kinds()
    parts = {prints[cell.id]: kinds[cell.kind].lands_with(cell.params) for cell in graph.cells.values()
             if cell.kind in kinds}
    results = Result.objects.filter(workspace_id=canvas.workspace_id, fingerprint__in=wanted)
    recorded = set(results.values_list("fingerprint", flat=True))
    kept = {fp for fp in recorded if has_result(fp, parts.get(fp, frozenset()))}
    if gone := recorded - kept:
        Result.objects.filter(workspace_id=canvas.workspace_id, fingerprint__in=gone).delete()
    return kept


def has_result(fingerprint: str, parts: Iterable[str] = ()) -> bool:
    """Whether the store has the final view, and the table or model that its kind comes with."""
    here = (store().folder(fingerprint) / "view.json").is_file()
    return here and store().has_parts(fingerprint, parts)


def _read_runs(canvas: Canvas, facts: Facts, wanted: set[str]) -> None:
    """Live runs and the errors of failed ones."""
    in_workspace = Run.objects.filter(canvas__workspace_id=canvas.workspace_id)
    mine = Q(canvas=canvas) | Q(fingerprint__in=wanted)
    for run in in_workspace.filter(mine, state__in=LIVE).order_by("queued_at"):
        if run.fingerprint in wanted:
            facts.runs.setdefault(run.fingerprint, run)
        elif run.canvas_id == canvas.pk:
            facts.obsolete.append(run)
    failures = in_workspace.filter(fingerprint__in=wanted - facts.landed, state__in=("failed", "quarantined"))
    for run in failures.order_by("finished_at").only("fingerprint", "error"):
        facts.failed[run.fingerprint] = run.error or {}
