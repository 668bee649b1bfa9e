"""What a run is given besides its spec: room for what it fetches, and sealed credentials if its actor may."""

from __future__ import annotations

from typing import Any

from canvas import access
from canvas.datasets import versions
from canvas.runs.models import Run
from workers import registry
from workers.graph import Graph


def grant_of(run: Run) -> dict[str, Any]:
    """The grant of a run of a source cell; nothing for all other cells."""
    kind = registry.kinds().get(run.kind)
    if kind is None or not kind.versioned:
        return {}
    graph = Graph.from_json(run.spec["graph"])
    return versions.grant(run.canvas, graph.cells[run.cell], access.is_member(run.actor, run.canvas.workspace_id),
                          driven=versions.is_driven(graph, run.cell))
