"""Drives one cell: resolves its inputs, hands each step to the store and to the event channel."""

from __future__ import annotations

import hashlib
import json
import platform
import sys
import threading
import time
import traceback
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel

from workers import registry
from workers.engine import duck
from workers.events import CellFailed, CellSchema, ColumnInfo
from workers.graph import Graph
from workers.kind import BEST, Cancel, Cancelled, CellError, CellKind, Step, Work
from workers.ports import Table
from workers.resolve import (
    error_fields,
    inputs_of,
    keep_model,
    keep_pages,
    keep_plan,
    keep_table,
    kept_table,
    load_model,
    open_engine,
    outputs_of,
    params_of,
    schema_of,
)
from workers.steps import Emit, StepStream
from workers.store import Store

Grant = Mapping[str, Any]
NO_GRANT: Grant = {}
LOOK = "look"


class _PutBack(Exception):
    """The first step is out, and others wait for theirs; says what is read."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended, or that it was put back after its first step.

    `error` is {"code", "message", "param", "fix", "detail", "missing"} of a bad end; `reads` names the tables of a run
    that was put back.
    """

    state: Literal["done", "failed", "stopped", "put back"]
    fingerprint: str
    elapsed_ms: float
    error: dict[str, Any] | None = None
    rows: int | None = None
    bytes: int = 0
    versions: dict[str, str] = field(default_factory=dict)
    outputs: Mapping[str, Any] = field(default_factory=dict)
    reads: str = ""


def run_cell(graph: Graph, cell: str, fingerprints: Mapping[str, str], store: Store, emit: Emit, *, run: str = "local",
             canvas: str = "", cancel: Cancel | None = None, timeout: float | None = None,
             on_table: Callable[[], None] = lambda: None, rest: float = 0.0, grant: Grant = NO_GRANT,
             trials: Any = None, turns: bool = False, shown: int = 0) -> Outcome:
    """Run one cell to its exact answer; every end, good or bad, is an Outcome. Inputs must have landed.

    Emits CellSchema once a table that materialises stands, CellStep per step (at most four a second after the first),
    or CellFailed; that it runs is told by who holds it. The final step is stored before it is emitted. `on_table` is
    called when the table stands: what follows can start then. `rest`: seconds a cell with a plan pauses after its first
    rows, so that charts which read through it go first. With `turns`, a kind that takes turns is put back after its
    first step (`shown`: 1).
    """
    started = time.perf_counter()
    fingerprint, token, kind = fingerprints[cell], cancel or Cancel(), registry.kinds().get(graph.cells[cell].kind)
    limit = timeout or (kind or CellKind).timeout
    alarm = _alarm(limit, token)
    stream = StepStream(cell, fingerprint, run, canvas, store, emit, started, shown)
    state: Literal["done", "failed", "stopped", "put back"] = "done"
    outputs: Mapping[str, Any] = {}
    error, name = None, ""
    try:
        if kind is None:
            raise CellError("unknown_kind", f"This server has no kind “{graph.cells[cell].kind}”.")
        with store.lease(*fingerprints.values()), _engine_of(store, run, token):
            given = _arguments(kind, graph, cell, fingerprints, store, stream, token, on_table, grant, trials)
            outputs = _drive(kind, graph, cell, fingerprints, store, stream, token, given, rest, turns)
    except _PutBack as putting:
        state, name = "put back", str(putting)
    except BaseException as problem:
        if isinstance(problem, (KeyboardInterrupt, SystemExit)):
            raise
        # A stop that arrives while pages are kept comes too late: the exact answer is out.
        state, error = ("done", None) if stream.final and token.is_set() else _classified(problem, token, limit)
    finally:
        alarm.cancel()
        stream.close()
    if error is not None and state == "failed":
        emit(CellFailed(cell=cell, fingerprint=fingerprint, run=run, **_told(error)))
    return Outcome(state, fingerprint, (time.perf_counter() - started) * 1000, error, stream.rows,
                   store.size_of(fingerprint), versions_of(kind), outputs, name)


def _alarm(seconds: float, token: Cancel) -> threading.Timer:
    """Ends the run when it takes too long."""
    alarm = threading.Timer(seconds, token.set, ("timeout",))
    alarm.daemon = True
    alarm.start()
    return alarm


def look(graph: Graph, cell: str, prints: Mapping[str, str], store: Store, canvas: str = "") -> list[BaseModel]:
    """What a cell shows before it runs: a step that is not final, or why it cannot run; nothing while inputs lack."""
    kind, told = registry.kind(graph.cells[cell].kind), list[BaseModel]()
    stream = StepStream(cell, prints[cell], LOOK, canvas, store, told.append, time.perf_counter())
    try:
        with store.lease(*prints.values()), _engine_of(store, LOOK, Cancel()):
            inputs = inputs_of(graph, cell, prints, store)
            work = work_of(prints[cell], store)
            step = kind.look(params_of(graph, cell, prints, store), **inputs, work=work)
            if store.step(prints[cell]) is None:
                stream.push(step, final=False)
    except CellError as error:
        if error.code not in ("needs_settings", "not_landed"):
            view = {"type": "problem", **_told(error_fields(error))}
            stream.push(Step(view, fraction=0.0, exact=False), final=False)
    return told


@contextmanager
def _engine_of(store: Store, run: str, token: Cancel) -> Iterator[None]:
    """The engine reads this store, and its queries in this thread stop with the run."""
    open_engine(store)
    with duck.engine().run_scope(run):
        token.on_set(lambda: duck.interrupt(run))
        yield


def _arguments(kind: CellKind, graph: Graph, cell: str, prints: Mapping[str, str], store: Store, stream: StepStream,
               token: Cancel, on_table: Callable[[], None], grant: Grant, trials: Any) -> tuple[Any, dict[str, Any]]:
    """What `compute` takes: params, what arrives at the ports, and the Work of the run if the kind asks for it."""
    token.check()
    params, inputs = params_of(graph, cell, prints, store), inputs_of(graph, cell, prints, store)
    if registry.takes_work(kind):
        def standing(table: Table) -> Table:
            _tell_schema(stream, cell, prints[cell], store, table)
            on_table()
            return table

        inputs["work"] = work_of(prints[cell], store, graph.cells[cell].source_token, token, stream.run, standing,
                                 grant, trials)
    return params, inputs


def _drive(kind: CellKind, graph: Graph, cell: str, prints: Mapping[str, str], store: Store, stream: StepStream,
           token: Cancel, given: tuple[Any, Mapping[str, Any]], rest: float, turns: bool) -> Mapping[str, Any]:
    """Pull steps out of the kind until the exact one; returns the outputs."""
    params, inputs = given
    lazy = kind.is_lazy(graph.cells[cell].params)
    if lazy:
        _tell_plan(stream, graph, cell, prints, store)
    pause, last = rest if lazy else 0.0, None
    with closing(_steps(kind.compute(params, **inputs))) as steps:
        for step in steps:
            token.check()
            if last is not None:
                stream.push(last, final=False)
            last = step
            if not step.exact:
                stream.push(step, final=False)
                last = None
                if turns and kind.takes_turns:
                    raise _PutBack(_reads(inputs))
                token.wait(pause)
                pause = 0.0
    token.check()
    if last is None:
        raise RuntimeError(f"{kind.name} ended without an exact step")
    outputs = _landed_outputs(kind, graph, cell, prints, store, last)
    stream.push(last, final=True)
    table = next((v for v in outputs.values() if isinstance(v, Table)), None)
    if table is not None:
        if not kind.is_lazy(graph.cells[cell].params) and not store.has_table(prints[cell]):
            _tell_schema(stream, cell, prints[cell], store, table)
        if not token.is_set():
            keep_pages(table, prints[cell], store)
    return outputs


def _reads(inputs: Mapping[str, Any]) -> str:
    """A name for the tables that a run reads; the same for runs that could share a scan."""
    ops = [value.op for value in inputs.values() if isinstance(value, Table)]
    return hashlib.sha256(json.dumps(ops, sort_keys=True, default=str).encode()).hexdigest()[:32]


def _tell_plan(stream: StepStream, graph: Graph, cell: str, prints: Mapping[str, str], store: Store) -> None:
    """Keep and publish the columns of a cell whose tables exist before it ran, unless they are known."""
    if Table not in registry.kind(graph.cells[cell].kind).outputs.values() or store.schema(prints[cell]) is not None:
        return
    if outputs := schema_of(outputs_of(graph, cell, prints, store)):
        store.put_schema(prints[cell], {"outputs": outputs})
        stream.emit(CellSchema(cell=cell, fingerprint=prints[cell],
                               outputs={n: [ColumnInfo(**c) for c in columns] for n, columns in outputs.items()}))


def _tell_schema(stream: StepStream, cell: str, fingerprint: str, store: Store, table: Table) -> None:
    """Keep and publish the columns of a table that stands."""
    outputs = schema_of({"table": table})
    store.put_schema(fingerprint, {"outputs": outputs})
    stream.emit(CellSchema(cell=cell, fingerprint=fingerprint,
                           outputs={"table": [ColumnInfo(**column) for column in outputs["table"]]}))


def work_of(fingerprint: str, store: Store, source_token: str = "", cancel: Cancel | None = None,
            run: str = "local", standing: Callable[[Table], Table] = lambda table: table,
            grant: Grant = NO_GRANT, trials: Any = None) -> Work:
    """The Work of a run: what a kind that reads a source or keeps a table is given."""
    return Work(fingerprint, store, source_token, cancel or Cancel(), run,
                lambda table: standing(keep_table(table, fingerprint, store)),
                lambda table: standing(keep_plan(table, fingerprint, store)),
                lambda: standing(kept_table(fingerprint, store)),
                lambda predictor, name=BEST: keep_model(predictor, fingerprint, store, name),
                lambda model: load_model(store, model), trials, grant)


def _steps(steps: Iterable[Step]) -> Generator[Step, None, None]:
    """A generator over whatever compute returned, so that it can always be closed."""
    yield from steps


def _landed_outputs(kind: CellKind, graph: Graph, cell: str, prints: Mapping[str, str], store: Store,
                    last: Step) -> Mapping[str, Any]:
    if not kind.outputs:
        return {}
    lazy = kind.is_lazy(graph.cells[cell].params)
    if lazy or store.has_table(prints[cell]) or store.has_parts(prints[cell], ["model"]):
        return outputs_of(graph, cell, prints, store)
    return last.outputs


def _classified(problem: BaseException, token: Cancel,
                limit: float) -> tuple[Literal["failed", "stopped"], dict[str, Any] | None]:
    """A state and an error for whatever ended a run early."""
    if token.is_set() or isinstance(problem, Cancelled):
        if token.reason == "timeout":
            error = CellError("timeout", f"Stopped after {limit:.0f} s, the longest this cell may take.")
            return "failed", error_fields(error)
        return "stopped", error_fields(CellError("stopped", "Stopped."))
    if isinstance(problem, CellError):
        return "failed", error_fields(problem)
    if isinstance(problem, MemoryError):
        return "failed", error_fields(CellError("memory", "This needs more memory than a cell may use. Filter first."))
    detail = "".join(traceback.format_exception(problem))[-8000:]
    message = "Something went wrong inside this cell. It is our fault, not yours; the details say where."
    return "failed", error_fields(CellError("internal", message, detail=detail))


def _told(error: dict[str, Any]) -> dict[str, Any]:
    """What a browser is told of an error; which tables are missing concerns the scheduler."""
    return {k: v for k, v in error.items() if k != "missing"}


def versions_of(kind: CellKind | None) -> dict[str, str]:
    """What computed a result: the kind's version and those of the libraries that were loaded."""
    found = {"python": platform.python_version()}
    if kind is not None:
        found[kind.name] = str(kind.version)
    for name in ("duckdb", "pyarrow", "pandas", "sklearn"):
        if module := sys.modules.get(name):
            found[name] = str(getattr(module, "__version__", ""))
    return found
