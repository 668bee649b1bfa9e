"""Many threads on one database of a process of its own: plans, outcomes and sweeps at the same time."""

# ruff: noqa: E402 - models can be imported only once Django is set up

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import django

django.setup()

from django.core.management import call_command
from django.db import connection

from canvas.accounts.models import User, Workspace
from canvas.documents.models import Canvas
from canvas.runs import dispatch
from canvas.runs.advance import advance
from canvas.runs.landing import landed, started
from canvas.runs.models import CellState, Result, Run
from canvas.runs.sweep import sweep
from workers.graph import Cell, Graph

THREADS = 8


def together(work: Callable[[int], Any]) -> list[Any]:
    """Call `work` from eight threads at the same moment, each with a connection of its own."""
    gate = threading.Barrier(THREADS)

    def one(number: int) -> Any:
        gate.wait()
        try:
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(one, range(THREADS)))


def canvases() -> list[Canvas]:
    """Two canvases of one workspace with an equal cell each."""
    space = Workspace.objects.create(name="Lab")
    owner = User.objects.create_user("a@example.org")
    graph = Graph({"note": Cell("note", "text", params={"code": "# Hello"})}).to_json()
    return [Canvas.objects.create(workspace=space, owner=owner, graph=graph) for _ in range(2)]


def main() -> None:
    """Run every scene and print what came of it."""
    call_command("migrate", verbosity=0)
    dispatch.send_run = lambda run: True
    dispatch.cancel = lambda runs: None
    both = canvases()
    seen: dict[str, Any] = {"engine": connection.vendor}
    together(lambda n: advance(both[n % 2].pk, "user:1"))
    seen["runs after eight plans"] = Run.objects.count()
    run = Run.objects.get()
    seen["starts that count"] = sum(together(lambda n: started(str(run.pk), 1, f"w{n}")))
    Run.objects.update(lease_until=run.queued_at)
    dispatch.client = Silent  # type: ignore[assignment]
    seen["losses seen"] = sum(c["lost"] for c in together(lambda n: sweep()))
    seen["attempt after"] = Run.objects.get().attempt
    outcome = {"run": str(run.pk), "fingerprint": run.fingerprint, "state": "failed", "elapsed_ms": 1.0,
               "error": {"code": "internal", "message": "It broke."}}
    seen["old outcomes that landed"] = sum(together(lambda n: landed({**outcome, "attempt": 1})))
    seen["outcomes that landed"] = sum(together(lambda n: landed({**outcome, "attempt": 2})))
    seen["states"] = sorted(set(CellState.objects.values_list("state", flat=True)))
    seen["revs"] = [Canvas.objects.get(pk=c.pk).state_rev >= 1 for c in both]
    seen["results"] = Result.objects.count()
    print(json.dumps(seen))


class Silent:
    """A Redis in which nobody holds a lease."""

    def mget(self, keys: list[str]) -> list[None]:
        """No lease."""
        return [None] * len(keys)

    def llen(self, queue: str) -> int:
        """An empty queue."""
        return 0


if __name__ == "__main__":
    main()
