"""Cells and edges as pure data: order, lineage and fingerprints."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as the scheduler sees it; geometry and titles are not here, since they change no result.

    `params` is validated JSON; `source_token` is what the server resolved for a source (hash of bytes), else "".
    `problems` are reasons why it cannot run yet (missing params or inputs), in the user's words. `steering` are params
    that change only what the outputs `steered` carry; `named_ports` are inputs known by the names of what feeds them;
    `picked` are outputs that follow from the result and from `steering` both.
    """

    id: str
    kind: str
    version: int = 1
    params: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    source_token: str = ""
    mode: str = "auto"
    problems: tuple[str, ...] = ()
    steering: Mapping[str, Any] = field(default_factory=dict)
    steered: tuple[str, ...] = ()
    named_ports: tuple[str, ...] = ()
    picked: tuple[str, ...] = ()

    def steer_print(self) -> str:
        """Identity of what its steered outputs carry."""
        return _digest([self.kind, self.version, self.steering])


@dataclass(frozen=True, slots=True)
class Edge:
    """A link from an output port to an input port."""

    id: str
    source: str
    source_port: str
    target: str
    target_port: str


@dataclass(frozen=True, slots=True)
class Graph:
    """An acyclic graph of cells; the projection sees to it, and to one edge per input port that does not take many."""

    cells: Mapping[str, Cell]
    edges: tuple[Edge, ...] = ()

    def inputs_of(self, cell: str) -> list[Edge]:
        """Edges into a cell, by port name."""
        return sorted((e for e in self.edges if e.target == cell),
                      key=lambda e: (e.target_port, self.cells[e.source].name, e.id))

    def order(self) -> list[str]:
        """Cell ids, each after all that feed it; ties by id. Raises ValueError on a cycle."""
        waiting = dict.fromkeys(self.cells, 0)
        children: dict[str, list[str]] = {c: [] for c in self.cells}
        for edge in self.edges:
            waiting[edge.target] += 1
            children[edge.source].append(edge.target)
        ready = sorted(c for c, n in waiting.items() if n == 0)
        done: list[str] = []
        while ready:
            cell = ready.pop(0)
            done.append(cell)
            freed = []
            for child in children[cell]:
                waiting[child] -= 1
                if waiting[child] == 0:
                    freed.append(child)
            ready = sorted(ready + freed)
        if len(done) != len(self.cells):
            raise ValueError("the graph has a cycle")
        return done

    def ancestors(self, cells: Iterable[str]) -> set[str]:
        """The given cells with everything that feeds them."""
        sources: dict[str, list[str]] = {}
        for edge in self.edges:
            sources.setdefault(edge.target, []).append(edge.source)
        seen: set[str] = set()
        stack = list(cells)
        while stack:
            cell = stack.pop()
            if cell not in seen:
                seen.add(cell)
                stack.extend(sources.get(cell, ()))
        return seen

    def descendants(self, cells: Iterable[str]) -> set[str]:
        """The given cells with everything they feed."""
        return Graph(self.cells, tuple(Edge(e.id, e.target, "", e.source, "") for e in self.edges)).ancestors(cells)

    def upstream(self, cell: str) -> Graph:
        """The part of the graph that a cell needs, itself included."""
        keep = self.ancestors([cell])
        edges = tuple(e for e in self.edges if e.target in keep and e.source in keep)
        return Graph({c: self.cells[c] for c in keep}, edges)

    def fingerprints(self, salt: str = "") -> dict[str, str]:
        """Identity of every cell's result: hash(kind, version, params, source, inputs), salted per workspace."""
        prints: dict[str, str] = {}
        inputs: dict[str, list[Edge]] = {}
        for edge in self.edges:
            inputs.setdefault(edge.target, []).append(edge)
        for cell_id in self.order():
            cell = self.cells[cell_id]
            feeds = sorted(self._feed(edge, prints) for edge in inputs.get(cell_id, ()))
            prints[cell_id] = _digest([salt, cell.kind, cell.version, cell.params, cell.source_token, feeds])
        return prints

    def _feed(self, edge: Edge, prints: Mapping[str, str]) -> tuple[str, ...]:
        """What an edge adds to the identity of its target."""
        source = self.cells[edge.source]
        carried = source.steer_print() if edge.source_port in source.steered else prints[edge.source]
        if edge.source_port in source.picked:
            carried = _digest([carried, source.steering])
        named = (source.name,) if edge.target_port in self.cells[edge.target].named_ports else ()
        return (edge.target_port, edge.source_port, carried, *named)

    def to_json(self) -> dict[str, Any]:
        """Plain data for a task message or a database row."""
        return {
            "cells": [_cell_json(cell) for cell in self.cells.values()],
            "edges": [[e.id, e.source, e.source_port, e.target, e.target_port] for e in self.edges],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Graph:
        """The inverse of `to_json`."""
        cells = {c["id"]: _cell_of(c) for c in data["cells"]}
        return cls(cells, tuple(Edge(*e) for e in data["edges"]))


def _cell_json(cell: Cell) -> dict[str, Any]:
    told = {"id": cell.id, "kind": cell.kind, "version": cell.version, "params": dict(cell.params), "name": cell.name,
            "source_token": cell.source_token, "mode": cell.mode, "problems": list(cell.problems)}
    more = {"steering": dict(cell.steering), "steered": list(cell.steered), "named_ports": list(cell.named_ports),
            "picked": list(cell.picked)}
    return {**told, **{name: value for name, value in more.items() if value}}


def _cell_of(told: Mapping[str, Any]) -> Cell:
    plain: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in told.items()}
    return Cell(**plain)


def _digest(body: list[Any]) -> str:
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
