"""Asks a worker for what only workers may do, such as a page that is not stored, and waits for it a few seconds."""

from __future__ import annotations

from typing import Any

from celery.exceptions import TimeoutError as CeleryTimeout
from kombu.exceptions import OperationalError

from canvas.api.errors import Problem
from canvas.documents.models import Canvas
from canvas.runs.models import Run
from workers.graph import Graph

PATIENCE = 10.0
"""Seconds a browser waits for rows before it is told to try again."""


def computed_page(canvas: Canvas, cell: str, fingerprint: str, number: int, run: Run | None) -> dict[str, Any]:
    """The page from a worker. Raises Problem when the result is outdated, fails, or takes too long."""
    spec = {**lineage(canvas, cell, fingerprint, run), "cell": cell, "page": number}
    return asked("read_page", spec)


def asked(task: str, spec: dict[str, Any], patience: float = PATIENCE) -> dict[str, Any]:
    """The answer of a task of the workers. Raises Problem when it fails or takes longer than `patience` seconds."""
    from canvas.celery import app

    try:
        answer = app.send_task(f"workers.tasks.{task}", args=[spec], queue="interactive", expires=patience)
        found: dict[str, Any] = answer.get(timeout=patience)
    except CeleryTimeout as error:
        raise Problem(503, "busy", "The workers are busy. Try again in a moment.") from error
    except (OperationalError, OSError) as error:
        raise Problem(503, "no_workers", "No worker can be reached. The rows come back when they do.") from error
    if failed := found.get("error"):
        raise Problem(409, failed["code"], failed["message"])
    return found


def lineage(canvas: Canvas, cell: str, fingerprint: str, run: Run | None) -> dict[str, Any]:
    """The graph that leads to this fingerprint: the canvas's own if it still does, else the one the run kept."""
    graph = Graph.from_json(canvas.graph) if canvas.graph else Graph({})
    prints = graph.fingerprints(str(canvas.workspace.salt)) if cell in graph.cells else {}
    if prints.get(cell) == fingerprint:
        needed = graph.upstream(cell)
        return {"graph": needed.to_json(), "fingerprints": {c: prints[c] for c in needed.cells}}
    if run is not None and run.spec.get("graph"):
        return {"graph": run.spec["graph"], "fingerprints": run.spec["fingerprints"]}
    raise Problem(409, "outdated", "The table has changed since. Its newest rows are on their way.")
