"""What the tests of real workers do to an installation: `python -m tests.runs.scenes <scene>`."""

# ruff: noqa: E402 - models can be imported only once Django is set up

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import django

django.setup()

from django.core.management import call_command

from canvas.accounts.models import User, Workspace
from canvas.documents.models import Canvas
from canvas.runs import dispatch
from canvas.runs.advance import advance, cell_events
from canvas.runs.models import LIVE, CellState, Result, Run
from tests.runs import slow_kinds
from workers.graph import Cell, Graph

MARK = -7.0


def canvas_of(*cells: Cell) -> Canvas:
    """A canvas with these cells, advanced."""
    owner = User.objects.first() or User.objects.create_user("a@example.org")
    space = Workspace.objects.first() or Workspace.objects.create(name="Lab")
    graph = Graph({c.id: c for c in cells}).to_json()
    canvas = Canvas.objects.create(workspace=space, owner=owner, graph=graph)
    advance(canvas.pk, "user:1")
    return canvas


def slow(seconds: float, name: str = "slow", kind: str = "slow") -> Cell:
    """A cell that takes that long and is like no other."""
    return Cell(name, kind, params={"seconds": seconds, "number": random.randrange(10**9)})


def until(fact: Callable[[], Any], seconds: float = 90) -> Any:
    """The first true value of `fact`."""
    end = time.monotonic() + seconds
    while not (value := fact()):
        if time.monotonic() > end:
            raise TimeoutError(json.dumps(list(Run.objects.values_list("cell", "state", "attempt"))))
        time.sleep(0.005)
    return value


def holder(run: Run) -> int:
    """The pid of the worker process that holds a run."""
    lease = until(lambda: dispatch.client().get(f"lease:{run.pk}"))
    return int(lease.decode().rpartition(":")[2])


def holders_of(canvas: Canvas) -> list[int]:
    """The pids of the worker processes that hold runs of a canvas right now."""
    keys = [f"lease:{pk}" for pk in Run.objects.filter(canvas=canvas, state__in=LIVE).values_list("pk", flat=True)]
    return [int(lease.decode().rpartition(":")[2]) for lease in dispatch.client().mget(keys) if lease] if keys else []


def ended(canvas: Canvas) -> list[str]:
    """States of the canvas's runs once all of them are terminal."""
    until(lambda: not Run.objects.filter(canvas=canvas, state__in=LIVE).exists())
    return sorted(Run.objects.filter(canvas=canvas).values_list("state", flat=True))


def run() -> dict[str, Any]:
    """Two cells, one of them long enough to be seen running."""
    canvas = canvas_of(slow(1.5), Cell("note", "text", params={"code": "# Hello"}))
    until(lambda: CellState.objects.get(canvas=canvas, cell="slow").state == "running")
    states = ended(canvas)
    until(lambda: CellState.objects.filter(canvas=canvas, state="done").count() == 2)
    steps = {e["cell"]: e["view"] for e in cell_events(canvas.pk) if e["type"] == "cell_step"}
    return {"states": states, "text": steps["note"]["text"], "results": Result.objects.count()}


def cancel(kind: str) -> dict[str, Any]:
    """Stop a run that is under way; the time until its worker has let go of it."""
    canvas = canvas_of(slow(120, kind=kind))
    held = Run.objects.get(canvas=canvas)
    holder(held)
    time.sleep(0.5)
    began = time.perf_counter()
    advance(canvas.pk, "user:1", stop=["slow"])
    told = time.perf_counter()
    until(lambda: dispatch.client().get(f"lease:{held.pk}") is None)
    return {"states": ended(canvas), "cell": CellState.objects.get(canvas=canvas).state,
            "told_ms": round((told - began) * 1000), "freed_ms": round((time.perf_counter() - began) * 1000)}


def kill(whom: str) -> dict[str, Any]:
    """kill -9 of the pool child, or of the whole pool, that holds a run."""
    canvas = canvas_of(slow(2))
    held = Run.objects.get(canvas=canvas)
    pid = holder(held)
    began = time.monotonic()
    if whom == "pool":
        home = Path(os.environ["TEST_HOME"])
        os.killpg(int((home / "run" / "interactive.pid").read_text()), signal.SIGKILL)
    else:
        os.kill(pid, signal.SIGKILL)
    states = ended(canvas)
    held.refresh_from_db()
    return {"states": states, "attempts": held.attempt, "losses": held.losses, "results": Result.objects.filter(
        fingerprint=held.fingerprint).count(), "seconds": round(time.monotonic() - began, 1)}


def poison() -> dict[str, Any]:
    """A cell that kills each worker it meets, and one beside it that does not."""
    began = time.monotonic()
    canvas = canvas_of(slow(1, "bad", "poison"), slow(1, "good"))
    states = ended(canvas)
    until(lambda: CellState.objects.get(canvas=canvas, cell="bad").state == "error")
    failed = [e["code"] for e in cell_events(canvas.pk) if e["type"] == "cell_failed"]
    return {"states": states, "failed": failed, "seconds": round(time.monotonic() - began, 1)}


def broker() -> dict[str, Any]:
    """The broker forgets everything while runs wait."""
    canvas = canvas_of(*(slow(0.5, f"s{n}") for n in range(6)))
    dispatch.client().flushall()
    return {"states": ended(canvas)}


def crashes(rounds: str) -> dict[str, Any]:
    """Kill a worker again and again while twelve runs are queued at a time."""
    chance, table = random.Random(7), []
    home = Path(os.environ["TEST_HOME"])
    for number in range(int(rounds)):
        canvas = canvas_of(*(slow(chance.uniform(0.1, 1.5), f"s{n}") for n in range(12)))
        holders = until(partial(holders_of, canvas))
        time.sleep(chance.uniform(0, 0.6))
        whom = "pool" if number % 4 == 3 else "child"
        pid = holders[0] if whom == "child" else int((home / "run" / "interactive.pid").read_text())
        began = time.monotonic()
        try:
            (os.killpg if whom == "pool" else os.kill)(pid, signal.SIGKILL)
        except ProcessLookupError:
            whom = f"{whom} (gone already)"
        states = ended(canvas)
        attempts = list(Run.objects.filter(canvas=canvas).values_list("attempt", flat=True))
        results = Result.objects.filter(run__canvas=canvas).count()
        table.append([number + 1, whom, len(states), states.count("done"), max(attempts), results,
                      round(time.monotonic() - began, 1)])
    return {"rows": table, "live": Run.objects.filter(state__in=LIVE).count()}


def cell_of(name: str, **given: Any) -> Cell:
    """A cell of a kind, named like it, its params checked as a server would."""
    from workers import registry

    kind = registry.kinds()[name]
    return Cell(name, name, kind.version, kind.params(**given).model_dump(mode="json"), name, picked=kind.picked())


def forced(cell: str, cells: list[Cell], *links: tuple[str, str]) -> tuple[Canvas, Run]:
    """A canvas of cells, linked (from, port) to `cell`; once all before it stand, it is run."""
    from workers.graph import Edge

    canvas = canvas_of(*cells)
    edges = tuple(Edge(f"e{n}", source, port, cell, port) for n, (source, port) in enumerate(links))
    Canvas.objects.filter(pk=canvas.pk).update(graph=Graph({c.id: c for c in cells}, edges).to_json())
    advance(canvas.pk, "user:1")
    before = [source for source, _ in links]
    until(lambda: CellState.objects.filter(canvas=canvas, cell__in=before, state__in=("done", "cached")).count()
          == len(before))
    advance(canvas.pk, "user:1", force=[cell])
    return canvas, until(lambda: Run.objects.filter(canvas=canvas, cell=cell).first())


def mark_chunk(path: Path) -> int:
    """Change a number in all rows of a chunk, so that the whole table tells whether it was kept; how many they are."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    chunk = pq.read_table(path)
    chunk = chunk.set_column(chunk.schema.get_field_index("x0"), "x0", pa.array([MARK] * chunk.num_rows))
    pq.write_table(chunk, path.with_name("marked"))
    path.with_name("marked").replace(path)
    return int(chunk.num_rows)


def scoring(rows: str) -> dict[str, Any]:
    """kill -9 of the worker that predicts the rows of a table, when it has written some; who goes on keeps those."""
    from workers.engine import tables
    from workers.resolve import open_engine, stored_table
    from workers.store import Store

    cells = [cell_of("made", rows=int(rows), columns=4), cell_of("taught"), cell_of("executor")]
    canvas, held = forced("executor", cells, ("made", "table"), ("taught", "model"))
    store = Store(os.environ["STORE_URL"])
    folder = store.folder(held.fingerprint) / "chunks"
    pid = holder(held)
    first = until(lambda: sorted(folder.glob("chunk-*"))[2:] and sorted(folder.glob("chunk-*"))[0])
    os.kill(pid, signal.SIGSTOP)  # whoever goes on must find the chunk marked, however soon that is
    marked = mark_chunk(first)
    os.kill(pid, signal.SIGKILL)
    states = ended(canvas)
    held.refresh_from_db()
    open_engine(store)
    kept = stored_table(store, held.fingerprint)
    found, names = tables.rows_of(kept), [column.name for column in kept.columns]
    numbers = [row[names.index("number")] for row in found]
    resumed = {row[names.index("x0")] for row in found[:marked]} == {MARK}
    return {"states": states, "attempts": held.attempt, "rows": len(numbers), "distinct": len(set(numbers)),
            "in_order": numbers == sorted(numbers), "resumed": resumed,
            "results": Result.objects.filter(fingerprint=held.fingerprint).count()}


def budget(rows: str, columns: str, seconds: str) -> dict[str, Any]:
    """How long a search of so many seconds takes: for its worker, and from the click until it is committed."""
    from workers.store import Store

    cells = [cell_of("made", rows=int(rows), columns=int(columns)),
             cell_of("automl", target="late", budget="seconds", seconds=int(seconds), exclude=["number"])]
    _, held = forced("automl", cells, ("made", "table"))
    while held.state in LIVE:
        time.sleep(0.05)
        held.refresh_from_db()
    step = Store(os.environ["STORE_URL"]).final(held.fingerprint)
    view = step["view"]
    return {"state": held.state, "error": held.error, "cell": step["elapsed_ms"] / 1000,
            "worker": held.elapsed_ms / 1000, "committed": (held.finished_at - held.queued_at).total_seconds(),
            "whole": sum(r["complete"] for r in view["rows"]), "searched": view["elapsed"],
            "trials": view["trials"], "pipelines": view["pipelines"], "first": view["curve"][0]["seconds"],
            "kept": len(view["kept"]), "reports": len(view["reports"]), "versus": len(view["versus"]),
            "learning": len((view["learning"] or {"points": []})["points"]), "score": view["test"]["score"]}


def search(whom: str) -> dict[str, Any]:
    """kill -9 of a trial worker, or of the worker that plans a search, while trials run."""
    from workers import registry
    from workers.graph import Edge
    from workers.samples import token_of
    from workers.store import Store

    kind, source = registry.kinds()["automl"], "sample:penguins"
    params = kind.params(target="species", budget="trials", trials=40, seed=random.randrange(10**6)).model_dump()
    cells = {"data": Cell("data", "dataset", registry.kinds()["dataset"].version, {"source": source}, "data",
                          token_of(source)),
             "search": Cell("search", "automl", kind.version, params, "search", picked=kind.picked())}
    canvas = canvas_of(*cells.values())
    Canvas.objects.filter(pk=canvas.pk).update(
        graph=Graph(cells, (Edge("e", "data", "table", "search", "table"),)).to_json())
    advance(canvas.pk, "user:1")
    until(lambda: CellState.objects.filter(canvas=canvas, cell="data", state__in=("done", "cached")).exists())
    advance(canvas.pk, "user:1", force=["search"])
    held = until(lambda: Run.objects.filter(canvas=canvas, cell="search").first())
    store, redis = Store(os.environ["STORE_URL"]), dispatch.client()
    first = until(lambda: [r for r in ((store.step(held.fingerprint) or {}).get("view") or {}).get("rows", [])
                           if not r["quick"] and r["family"] != "dummy"])
    leases = until(lambda: redis.keys(f"lease:{held.pk}.*")) if whom == "trial" else [f"lease:{held.pk}".encode()]
    os.kill(int(redis.get(leases[0]).decode().rpartition(":")[2]), signal.SIGKILL)
    states = ended(canvas)
    held.refresh_from_db()
    view = store.final(held.fingerprint)["view"]
    ids = [row["id"] for row in view["rows"]]
    return {"states": states, "attempts": held.attempt, "trials": view["trials"], "state": view["state"],
            "twice": len(ids) - len(set(ids)), "before": len(first),
            "results": Result.objects.filter(fingerprint=held.fingerprint).count()}


def migrate() -> dict[str, Any]:
    """Make the tables."""
    call_command("migrate", verbosity=0)
    return {}


if __name__ == "__main__":
    slow_kinds.install()
    print(json.dumps(globals()[sys.argv[1]](*sys.argv[2:])))
