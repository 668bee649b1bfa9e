"""The Celery shell around the runner: run_cell, describe, read_page; JSON in, events and outcomes out."""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cached_property
from typing import Any

from pydantic import BaseModel

from workers import registry, resolve, runner, steps, trials, turns
from workers.celery import app, queues, redis_url
from workers.events import CellStep
from workers.graph import Graph
from workers.kind import Cancel, Cancelled, CellError
from workers.leases import Held, Leases
from workers.store import Store

LANDED = "canvas.runs.tasks.landed"
STARTED = "canvas.runs.tasks.started"
TABLED = "canvas.runs.tasks.tabled"
WORTH_SAYING_SECONDS = 0.4
BATCH_NICENESS = 3
REST_SECONDS, REST_AMONG_OTHERS = 0.12, 0.35
ORCHESTRATE = "orchestrate"
log = logging.getLogger("workers.tasks")


class Process:
    """What one worker process holds: its Redis, store and leases."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.leases = Leases(self.connect, self._end_ignoring, lambda: self.store.renew())
        self.specs: dict[str, dict[str, Any]] = {}

    @cached_property
    def redis(self) -> Any:
        """The client that publishes events."""
        return self.connect()

    @cached_property
    def store(self) -> Store:
        """The store named by STORE_URL."""
        return Store.from_url(os.environ.get("STORE_URL", "var/store"))

    @staticmethod
    def connect() -> Any:
        """A Redis client without a read timeout: redis-py 8 would drop an idle subscription after five seconds."""
        import redis

        return redis.Redis.from_url(redis_url(), socket_timeout=None, health_check_interval=30)

    def publish(self, canvas: str, event: BaseModel) -> None:
        """Send an event to whoever watches the canvas; a lost one is made good by state on reconnect."""
        from redis.exceptions import RedisError

        try:
            self.redis.publish(f"canvas:{canvas}", json.dumps({"event": event.model_dump(mode="json")}))
        except (RedisError, OSError) as error:
            log.warning("an event of canvas %s was not published: %s", canvas, error)

    def _end_ignoring(self, held: Held) -> None:
        # Python code that neither yields nor queries cannot be interrupted: land it, and let Celery fork afresh.
        spec = self.specs.get(held.run)
        if spec is not None:
            failed = held.cancel.reason == "timeout"
            error = resolve.error_fields(CellError("timeout" if failed else "stopped", "Stopped."))
            land(spec, runner.Outcome("failed" if failed else "stopped", spec["fingerprint"], 0.0, error))
        log.error("run %s ignored its cancel; this process ends", held.run)
        os._exit(70)


_process: Process | None = None
_guard = threading.Lock()


def process() -> Process:
    """The Process of this pid; made anew after a fork, since connections and threads do not survive one."""
    global _process
    with _guard:
        if _process is None or _process.pid != os.getpid():
            _process = Process()
            _process.leases.start()
        return _process


def start_process() -> None:
    """Called in each fresh worker process: connect, listen for cancels, open and warm the engine."""
    if queues() == {trials.QUEUE}:
        trials.enlist(process().leases, process().connect())
        return
    registry.kinds()
    if queues() == {"batch"}:
        # Reading a large file must not slow the charts that people wait for.
        os.nice(BATCH_NICENESS)
    resolve.warm(process().store)


def land(spec: dict[str, Any], outcome: runner.Outcome) -> None:
    """Tell the orchestrating worker how a run ended; if Redis is gone the sweep finds the result in the store."""
    app.send_task(LANDED, args=[{
        "run": spec["run"], "attempt": spec["attempt"], "fingerprint": outcome.fingerprint, "state": outcome.state,
        "error": outcome.error, "elapsed_ms": round(outcome.elapsed_ms, 1), "rows": outcome.rows,
        "bytes": outcome.bytes, "versions": outcome.versions}], queue=ORCHESTRATE, ignore_result=True)


def say(task: str, run: str, *words: Any) -> None:
    """Tell the orchestrating worker how far a run is; lost, it is made good by the lease and by the outcome."""
    try:
        app.send_task(task, args=[run, *words], queue=ORCHESTRATE, ignore_result=True)
    except Exception as error:  # noqa: BLE001 - a broker can be away in many ways, and the run goes on in all of them
        log.warning("run %s: %s was not said: %s", run, task, error)


@contextmanager
def saying_started(held: Held) -> Iterator[None]:
    """Tell the orchestrating worker of a run that is not over in a moment: what a page loaded meanwhile shows."""
    timer = threading.Timer(WORTH_SAYING_SECONDS, say, (STARTED, held.run, held.attempt, held.owner))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


@app.task(name="workers.tasks.run_cell")  # type: ignore[untyped-decorator]
def run_cell(spec: dict[str, Any]) -> None:
    """Run one cell: spec = {run, attempt, canvas, cell, fingerprint, graph, fingerprints, anew?, grant?}.

    With `turns` others were sent with it: after its first step it waits for its next turn.
    """
    _run(spec, nullcontext())


@app.task(name="workers.tasks.take_turn")  # type: ignore[untyped-decorator]
def take_turn(name: str) -> None:
    """The next turn of the runs that read these tables, all that wait for it."""
    turns.take(process().redis, name, lambda spec, meeting: _run(spec, meeting.seat()))


def wait_for_turn(redis: Any, name: str, spec: dict[str, Any]) -> None:
    """Have a run wait for its next turn; the first to wait calls for it, once more in case the gatherer is killed."""
    if turns.wait(redis, name, spec):
        for seconds in (0, turns.GATHERING_SECONDS + 1):
            take_turn.apply_async([name], queue="interactive", countdown=seconds)


def _run(spec: dict[str, Any], seat: AbstractContextManager[None]) -> None:
    """Run a cell to its end or until it is put back; `shown` steps of it are out already, and it rests until `rested`.
    """
    here = process()
    cancel = Cancel()
    shown = int(spec.get("shown", 0))
    with seat:
        held = here.leases.take(spec["run"], int(spec["attempt"]), cancel, again=bool(shown))
        if held is None:
            return
        here.specs[spec["run"]] = spec
        alone, taken_up = not spec.get("turns"), bool(shown)
        rest = 0.0 if taken_up else REST_SECONDS if alone else REST_AMONG_OTHERS
        try:
            # Clocks of two machines may differ.
            cancel.wait(min(turns.REST_SECONDS, max(0.0, float(spec.get("rested", 0.0)) - time.time())))
            outcome = kept_outcome(spec, here) if not spec.get("anew") else None
            if outcome is None:
                with saying_started(held):
                    outcome = runner.run_cell(
                        Graph.from_json(spec["graph"]), spec["cell"], spec["fingerprints"], here.store,
                        lambda event: here.publish(spec["canvas"], event), run=spec["run"], canvas=spec["canvas"],
                        cancel=cancel, on_table=lambda: say(TABLED, spec["run"], int(spec["attempt"])),
                        rest=rest, grant=spec.get("grant") or {}, trials=recruiter(here, held),
                        turns=not alone and not taken_up, shown=shown)
            if outcome.state == "put back":
                here.leases.put_back(held)
                wait_for_turn(here.redis, outcome.reads, spec)
            elif cancel.reason != "superseded":
                land(spec, outcome)
        finally:
            here.specs.pop(spec["run"], None)
            here.leases.release(held)


def recruiter(here: Process, held: Held) -> Any:
    """Offers a run the trial workers there are: None when there are none."""
    def recruit(shelf: Any, over: Any) -> Any:
        def send(message: dict[str, Any]) -> None:
            app.send_task("workers.tasks.run_trial", args=[message], queue=trials.QUEUE, ignore_result=True)

        return trials.recruited(shelf, over, f"{held.run}.{held.attempt}", here.connect(), send)

    return recruit


@app.task(name="workers.tasks.run_trial")  # type: ignore[untyped-decorator]
def run_trial(message: dict[str, Any]) -> None:
    """Run one trial of a search: see workers.trials.Crew for the message."""
    here = process()
    trials.work(message, here.store, here.redis, here.leases)


def kept_outcome(spec: dict[str, Any], here: Process) -> runner.Outcome | None:
    """The outcome of a run whose result is stored already: an attempt that died before landing, or an equal cell."""
    fingerprint = spec["fingerprint"]
    step = here.store.final(fingerprint)
    cell: dict[str, Any] = next((c for c in spec["graph"]["cells"] if c["id"] == spec["cell"]), {"kind": ""})
    kind = registry.kinds().get(cell["kind"])
    if step is None or kind is None or not here.store.has_parts(fingerprint, kind.lands_with(cell["params"])):
        return None
    _, inline = steps.json_view(step["view"])
    event = CellStep(**{**step, "view": inline, "cell": spec["cell"], "run": spec["run"]})
    here.publish(spec["canvas"], event)
    return runner.Outcome("done", fingerprint, float(step["elapsed_ms"]), None, step["rows"],
                          here.store.size_of(fingerprint), runner.versions_of(kind))


@app.task(name="workers.tasks.describe")  # type: ignore[untyped-decorator]
def describe(canvas: str, graph: dict[str, Any], fingerprints: dict[str, str], cells: list[str]) -> None:
    """Publish the columns of cells, compiled without reading data."""
    here = process()
    for event in resolve.describe(Graph.from_json(graph), fingerprints, cells, here.store):
        here.publish(canvas, event)


@app.task(name="workers.tasks.look")  # type: ignore[untyped-decorator]
def look(canvas: str, graph: dict[str, Any], fingerprints: dict[str, str], cell: str) -> None:
    """Publish what a cell shows before it runs, and keep it for who comes later."""
    here = process()
    for event in runner.look(Graph.from_json(graph), cell, fingerprints, here.store, canvas):
        here.publish(canvas, event)


@app.task(name="workers.tasks.read_page", ignore_result=False)  # type: ignore[untyped-decorator]
def read_page(spec: dict[str, Any]) -> dict[str, Any]:
    """A page of a cell's table: spec = {cell, graph, fingerprints, page}; a typed error comes back as {"error"}."""
    try:
        return resolve.read_page(Graph.from_json(spec["graph"]), spec["cell"], spec["fingerprints"], process().store,
                                 int(spec["page"]))
    except CellError as error:
        return {"error": resolve.error_fields(error)}


@app.task(name="workers.tasks.ask_source", ignore_result=False)  # type: ignore[untyped-decorator]
def ask_source(spec: dict[str, Any]) -> dict[str, Any]:
    """A short question to a database or a web address; a typed error comes back as {"error"}."""
    from workers.engine.connect import asking

    try:
        return asking.answer(spec, process().store)
    except CellError as error:
        return {"error": resolve.error_fields(error)}


@app.task(name="workers.tasks.compare_tables", ignore_result=False)  # type: ignore[untyped-decorator]
def compare_tables(spec: dict[str, Any]) -> dict[str, Any]:
    """Two stored tables side by side: spec = {before, after}, fingerprints of results that stand."""
    from workers.engine.comparing import compare

    store = process().store
    resolve.open_engine(store)
    before, after = (resolve.stored_table(store, spec[name]) for name in ("before", "after"))
    if before is None or after is None:
        return {"error": resolve.error_fields(CellError(
            "result_missing", "One of the two is not kept ready any more. Show that version once, then compare."))}
    try:
        return compare(before, after)
    except CellError as error:
        return {"error": resolve.error_fields(error)}


@app.task(name="workers.tasks.export_table", ignore_result=False)  # type: ignore[untyped-decorator]
def export_table(spec: dict[str, Any]) -> dict[str, Any]:
    """Write a cell's table as a file: spec = {run, cell, graph, fingerprints, form, raw}; the store names the file."""
    here, cancel = process(), Cancel()
    held = here.leases.take(spec["run"], 1, cancel)
    if held is None:
        return {"error": resolve.error_fields(CellError("stopped", "Stopped."))}
    try:
        resolve.export(Graph.from_json(spec["graph"]), spec["cell"], spec["fingerprints"], here.store, spec["run"],
                       spec["form"], bool(spec["raw"]), cancel)
        return {"done": True}
    except (CellError, Cancelled) as error:
        told = error if isinstance(error, CellError) else CellError("stopped", "Stopped.")
        return {"error": resolve.error_fields(told)}
    finally:
        here.leases.release(held)


@app.task(name="workers.tasks.export_script", ignore_result=False)  # type: ignore[untyped-decorator]
def export_script(spec: dict[str, Any]) -> dict[str, Any]:
    """Write cells as code with their data: spec = {run, cells, graph, fingerprints, form, titles, order, notes}."""
    from workers.packing import pack
    from workers.scripts import Note, export

    here = process()
    try:
        exported = export(Graph.from_json(spec["graph"]), spec["fingerprints"], here.store, spec["cells"],
                          titles=spec["titles"], notes=[Note(**note) for note in spec["notes"]], order=spec["order"])
        pack(exported, spec["form"], here.store.temporary / f"script-{spec['run']}.zip")
        return {"done": True}
    except CellError as error:
        return {"error": resolve.error_fields(error)}
