"""What a demo is written with: cells by a short name, links between their ports, and ids that never change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Link:
    """From a port of one cell to a port of another, by their short names."""

    source: str
    target: str
    into: str = "table"
    port: str = "table"


@dataclass(frozen=True, slots=True)
class Demo:
    """A canvas that shows something: its name, cells by short name, and links."""

    name: str
    cells: Mapping[str, dict[str, Any]]
    links: Sequence[Link]

    def document(self) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
        """Cells and edges by id, as in the document."""
        edges = {cell_id(f"{link.source}-{link.target}"): {"from": cell_id(link.source), "fromPort": link.port,
                                                           "to": cell_id(link.target), "toPort": link.into}
                 for link in self.links}
        return {cell_id(name): dict(raw) for name, raw in self.cells.items()}, edges


def cell_id(name: str) -> str:
    """A stable id in the alphabet of random ones."""
    return f"demo-{name}-".ljust(20, "0")


def cell(kind: str, box: Box, title: str, name: str = "", params: Mapping[str, Any] | None = None,
         code: str | None = None) -> dict[str, Any]:
    """A cell of the document."""
    raw = {"kind": kind, "pos": list(box[:2]), "size": list(box[2:]), "z": "a0", "title": title, "name": name,
           "params": dict(params or {}), "mode": "auto"}
    return raw if code is None else {**raw, "code": code}


def chart(box: Box, title: str, mark: str, x: str, **params: Any) -> dict[str, Any]:
    """A chart whose title tells its finding."""
    return cell("chart", box, title, params={"mark": mark, "x": x, **params})


def cleaning(*steps: Mapping[str, Any]) -> dict[str, Any]:
    """Params of a cleaning cell: each step under a key of its own, in order."""
    return {f"step:{place}": {"at": f"a{place}", **step} for place, step in enumerate(steps)}
