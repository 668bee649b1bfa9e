"""Decides what runs: plan() and states(), pure functions of the graph and of what landed, runs or failed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from workers import registry
from workers.events import State
from workers.graph import Cell, Graph
from workers.kind import CellKind

AUTO_LIMIT_MS = 500.0
"""Cells measured or estimated up to this run by themselves; dearer ones wait for Run (DESIGN 3.5)."""

Supply = Literal["ready", "coming", "held", "bad"]
_WORST: tuple[Supply, ...] = ("bad", "held", "coming", "ready")


@dataclass(frozen=True, slots=True)
class Run:
    """Start this cell now."""

    cell: str
    fingerprint: str
    queue: str = "interactive"
    timeout: float = 120.0


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stop this run: its cell is gone, changed, broken, or somebody pressed stop."""

    cell: str
    run: str


@dataclass(frozen=True, slots=True)
class CellWords:
    """The state to publish for a cell: the fields of events.CellStatus that a plan can know."""

    state: State
    reason: str = ""
    missing: tuple[str, ...] = ()
    estimate_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about results and runs when planning; see `plan` for each field."""

    landed: Collection[str] = frozenset()
    in_flight: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    failed: Collection[str] = frozenset()
    stopped: Collection[str] = frozenset()
    forced: Collection[str] = frozenset()
    anew: Collection[str] = frozenset()
    estimates: Mapping[str, float | None] = field(default_factory=dict)
    shown: Mapping[str, str] = field(default_factory=dict)
    ran: Mapping[str, str] = field(default_factory=dict)
    progress: Mapping[str, State] = field(default_factory=dict)
    usable: Collection[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What one cell is, whether its outputs exist for others, and whether it starts or keeps its run."""

    words: CellWords
    supply: Supply
    start: bool = False
    keep: bool = False


def plan(graph: Graph, fingerprints: Mapping[str, str], landed: Collection[str] = (),
         in_flight: Mapping[str, tuple[str, str]] | None = None, failed: Collection[str] = (),
         stopped: Collection[str] = (), forced: Collection[str] = (), *, anew: Collection[str] = (),
         estimates: Mapping[str, float | None] | None = None, usable: Collection[str] = (),
         kinds: Mapping[str, CellKind] | None = None) -> list[Run | Cancel]:
    """What to cancel, then what to start, in graph order.

    landed: fingerprints with a final result. in_flight: cell -> (run id, fingerprint) of queued and running runs.
    failed: fingerprints whose run ended in an error; retried only when forced. stopped: fingerprints somebody stopped;
    a run in flight with one is cancelled, and it starts again only when forced (drop the mark when it does).
    forced: cells to start although manual, dear, failed or stopped; a landed result is not computed again unless the
    cell is also in `anew`. estimates: cell -> measured ms of earlier runs of it or of its kind. usable: fingerprints
    of runs in flight whose table stands already: what follows need not wait for the rest of them, a profile.
    """
    facts = Facts(landed, in_flight or {}, failed, stopped, forced, anew, estimates or {}, usable=usable)
    verdicts = _judge(graph, fingerprints, facts, kinds or registry.kinds())
    cancels = [Cancel(cell, run) for cell, (run, _) in sorted(facts.in_flight.items())
               if cell not in verdicts or not verdicts[cell].keep]
    starts = []
    for cell, verdict in verdicts.items():
        if verdict.start:
            kind = (kinds or registry.kinds())[graph.cells[cell].kind]
            starts.append(Run(cell, fingerprints[cell], kind.queue, kind.timeout))
    return [*cancels, *starts]


def states(graph: Graph, fingerprints: Mapping[str, str], landed: Collection[str] = (),
           in_flight: Mapping[str, tuple[str, str]] | None = None,
           failed: Collection[str] | Mapping[str, Mapping[str, Any]] = (), stopped: Collection[str] = (), *,
           estimates: Mapping[str, float | None] | None = None, shown: Mapping[str, str] | None = None,
           ran: Mapping[str, str] | None = None, progress: Mapping[str, State] | None = None,
           usable: Collection[str] = (), kinds: Mapping[str, CellKind] | None = None) -> dict[str, CellWords]:
    """The state of every cell, with a reason in the user's words.

    As `plan`; `in_flight` is read after the plan was carried out. failed may map fingerprint -> {"code", "message",
    "missing"}. shown: cell -> fingerprint of the newest result people saw (decides stale or not run). ran: cell ->
    fingerprint its own last run landed (decides done or cached). progress: cell -> running | partial, else queued.
    """
    facts = Facts(landed, in_flight or {}, failed, stopped, (), (), estimates or {}, shown or {}, ran or {},
                  progress or {}, usable)
    return {cell: v.words for cell, v in _judge(graph, fingerprints, facts, kinds or registry.kinds()).items()}


def _judge(graph: Graph, prints: Mapping[str, str], facts: Facts, kinds: Mapping[str, CellKind]) -> dict[str, _Verdict]:
    """A verdict for each cell, upstream first."""
    feeds: dict[str, list[str]] = {}
    for edge in graph.edges:
        feeds.setdefault(edge.target, []).append(edge.source)
    verdicts: dict[str, _Verdict] = {}
    # Equal cells share one run: the fingerprint is the key, so the second waits for the first to land.
    busy = {fp: cell for cell, (_, fp) in sorted(facts.in_flight.items()) if prints.get(cell) == fp}
    for cell_id in graph.order():
        cell, kind = graph.cells[cell_id], kinds.get(graph.cells[cell_id].kind)
        blame = min(sorted(feeds.get(cell_id, ())), key=lambda c: _WORST.index(verdicts[c].supply), default="")
        upstream: Supply = verdicts[blame].supply if blame else "ready"
        lazy = kind is not None and kind.is_lazy(cell.params)
        own = _own(cell, kind, prints[cell_id], facts, busy)
        if own is None or (upstream == "bad" and prints[cell_id] in facts.failed and own.supply == "bad"):
            # What failed for want of its input is not its own failure: it waits for the cell that is.
            own = _waiting(graph.cells[blame], upstream, kinds) if upstream != "ready" else \
                _startable(cell, kind, prints[cell_id], facts, busy)
        if own.start:
            busy.setdefault(prints[cell_id], cell_id)
        if lazy and own.supply != "bad":
            # The output of a lazy cell is a plan: it exists as soon as what feeds it does.
            own = _Verdict(own.words, upstream, own.start, own.keep)
        verdicts[cell_id] = own
    return verdicts


def _own(cell: Cell, kind: CellKind | None, fp: str, facts: Facts, busy: Mapping[str, str]) -> _Verdict | None:
    """The verdict that follows from the cell alone, or None when it depends on what feeds it."""
    if kind is None:
        return _Verdict(CellWords("error", f"This server has no kind “{cell.kind}”."), "bad")
    if cell.problems:
        return _Verdict(CellWords("needs_settings", cell.problems[0], cell.problems), "bad")
    coming: Supply = "ready" if fp in facts.usable else "coming"
    flying = facts.in_flight.get(cell.id, ("", ""))[1] == fp
    if flying and (fp not in facts.stopped or cell.id in facts.forced):
        return _Verdict(CellWords(facts.progress.get(cell.id, "queued")), coming, keep=True)
    if fp in facts.landed and cell.id not in facts.anew:
        return _Verdict(CellWords("done" if facts.ran.get(cell.id) == fp else "cached"), "ready", keep=flying)
    if cell.id in facts.forced:
        return None
    if fp in facts.failed:
        return _Verdict(_failed_words(fp, facts), "bad")
    if fp in facts.stopped:
        return _Verdict(CellWords("stopped", "Stopped. Press Run to start it again."), "held")
    if busy.get(fp, cell.id) != cell.id:
        return _Verdict(CellWords("queued", "An equal cell is running."), coming)
    return None


def _failed_words(fp: str, facts: Facts) -> CellWords:
    detail = facts.failed[fp] if isinstance(facts.failed, Mapping) else {}
    if detail.get("code") == "needs_settings":
        return CellWords("needs_settings", detail.get("message", ""), tuple(detail.get("missing", ())))
    return CellWords("error", detail.get("message", ""))


def _waiting(blame: Cell, supply: Supply, kinds: Mapping[str, CellKind]) -> _Verdict:
    """A cell whose inputs are not there yet."""
    name = blame.name or (kinds[blame.kind].title if blame.kind in kinds else blame.kind)
    if supply == "coming":
        return _Verdict(CellWords("queued", f"Waits for {name}"), "coming")
    if supply == "held":
        return _Verdict(CellWords("blocked", f"Run {name} first"), "held")
    return _Verdict(CellWords("blocked", f"{name} needs attention first"), "bad")


def _startable(cell: Cell, kind: CellKind | None, fp: str, facts: Facts, busy: Mapping[str, str]) -> _Verdict:
    """A cell whose inputs are ready: it starts by the run rule, or waits for Run."""
    assert kind is not None
    estimate = facts.estimates.get(cell.id)
    if busy.get(fp, cell.id) != cell.id:
        return _Verdict(CellWords("queued", "An equal cell is running."), "coming")
    if cell.id in facts.forced or runs_alone(cell, kind, estimate):
        return _Verdict(CellWords("queued", estimate_ms=estimate), "coming", start=True)
    cost = f"Takes about {seconds_words(estimate)}" if estimate else "May take a while"
    waits = {"manual": "Set to manual: press Run.", "written": "Press Run, or Ctrl+Enter in the code."}
    reason = waits.get(cell.mode, f"{cost}: press Run.")
    state: State = "stale" if facts.shown.get(cell.id, fp) != fp else "not_run"
    return _Verdict(CellWords(state, reason, estimate_ms=estimate), "held")


def runs_alone(cell: Cell, kind: CellKind, estimate_ms: float | None) -> bool:
    """The run rule: not manual, and cheap; prompt kinds show a first step at once, so cost is no bar.

    Of a dear kind it must have been measured, and code that nobody has run yet waits for the person who writes it.
    """
    if cell.mode != "auto" or (kind.dear and estimate_ms is None):
        return False
    return kind.prompt or (estimate_ms or 0.0) <= AUTO_LIMIT_MS


def seconds_words(ms: float) -> str:
    """A duration as people say it: 0.8 s, 12 s, 3 min."""
    if ms < 9_950:
        return f"{ms / 1000:.1f} s"
    return f"{ms / 1000:.0f} s" if ms < 90_000 else f"{ms / 60_000:.0f} min"
