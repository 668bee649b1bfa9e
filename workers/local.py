"""Runs a whole graph in this process: for the shell, tests and exported scripts; no queue, no server."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from workers import registry, resolve, scheduler
from workers.events import CellStep
from workers.graph import Cell, Edge, Graph
from workers.kind import CellKind
from workers.runner import Outcome, run_cell
from workers.samples import token_of
from workers.store import Store


class Canvas:
    """A graph built by hand: add cells, then run them.

    `store` is a folder for results; running again with the same folder computes only what changed.
    """

    def __init__(self, store: str | Store) -> None:
        self.store = store if isinstance(store, Store) else Store(store)
        self._cells: dict[str, Cell] = {}
        self._edges: list[Edge] = []

    def add(self, kind: str, *inputs: str, name: str = "", source_token: str = "", **params: Any) -> str:
        """Add a cell fed by the first outputs of `inputs`, in the order of its ports; returns its name.

        A port that takes many links is fed by all that are left and fit it.

        A dataset's `source` may be "sample:<name>" or the path of a file.
        """
        found = registry.kind(kind)
        cell = name or f"{kind}{len(self._cells) + 1}"
        if not source_token and "source" in params:
            params["source"], source_token = self._token(str(params["source"]))
        clean = found.params.model_validate(params).model_dump(mode="json")
        self._cells[cell] = Cell(cell, kind, found.version, clean, cell, source_token)
        self._link(cell, found, list(inputs))
        return cell

    def _link(self, cell: str, kind: CellKind, waiting: list[str]) -> None:
        """Feed each port with the next cell; one that takes many with all that are left and fit."""
        for port, takes in kind.inputs.items():
            outputs = {s: next(iter(registry.kind(self._cells[s].kind).outputs.items())) for s in waiting}
            fit = [s for s in waiting if outputs[s][1] is takes] if port in kind.many_inputs else waiting[:1]
            for source in fit:
                waiting.remove(source)
                self._edges.append(Edge(f"{source}-{cell}-{port}", source, outputs[source][0], cell, port))

    def _token(self, source: str) -> tuple[str, str]:
        if source.startswith("sample:"):
            return source, token_of(source)
        with open(source, "rb") as file:
            digest, _ = self.store.put_raw(iter(lambda: file.read(1 << 20), b""))
        return f"upload:{digest}", f"raw:{digest}:{source.rpartition('.')[2].lower()}"

    @property
    def graph(self) -> Graph:
        """The graph as the scheduler sees it."""
        return Graph(dict(self._cells), tuple(self._edges))

    def run(self, emit: Callable[[BaseModel], None] = lambda event: None, *, force: bool = False) -> dict[str, Outcome]:
        """Run what is not in the store yet; every event goes to `emit`. Returns the outcomes by cell."""
        return run_graph(self.graph, self.store, emit, force=force)

    def steps(self) -> Iterator[CellStep]:
        """Run, and give every step of every cell, in order."""
        seen: list[CellStep] = []
        self.run(lambda event: seen.append(event) if isinstance(event, CellStep) else None)
        yield from seen

    def view(self, cell: str) -> dict[str, Any]:
        """The final view of a cell; raises KeyError when it has none."""
        step = self.store.final(self.graph.fingerprints()[cell])
        if step is None:
            raise KeyError(f"{cell} has no result")
        view: dict[str, Any] = step["view"]
        return view

    def rows(self, cell: str, page: int = 0) -> list[list[Any]]:
        """A page of the table a cell gives out."""
        graph = self.graph
        found: list[list[Any]] = resolve.read_page(graph, cell, graph.fingerprints(), self.store, page)["rows"]
        return found


def run_graph(graph: Graph, store: Store, emit: Callable[[BaseModel], None] = lambda event: None, *,
              force: bool = False, salt: str = "") -> dict[str, Outcome]:
    """Run a graph with the same plan as the server, one cell after another; everything runs, dear and manual too."""
    prints = graph.fingerprints(salt)
    outcomes: dict[str, Outcome] = {}
    failed: set[str] = set()
    while True:
        landed = {fp for fp in prints.values() if is_landed(graph, fp, prints, store)}
        todo = scheduler.plan(graph, prints, landed, failed=failed, forced=set(graph.cells) - set(outcomes),
                              anew=set(graph.cells) - set(outcomes) if force else ())
        starts = [step for step in todo if isinstance(step, scheduler.Run)]
        if not starts:
            return outcomes
        cell = starts[0].cell
        outcomes[cell] = run_cell(graph, cell, prints, store, emit)
        if outcomes[cell].state != "done":
            failed.add(prints[cell])


def is_landed(graph: Graph, fingerprint: str, prints: Mapping[str, str], store: Store) -> bool:
    """Whether a final result is stored, with the table or model that its kind comes with."""
    cell = next(graph.cells[c] for c, fp in prints.items() if fp == fingerprint)
    kind = registry.kinds().get(cell.kind)
    parts = kind.lands_with(cell.params) if kind is not None else frozenset()
    return store.final(fingerprint) is not None and store.has_parts(fingerprint, parts)
