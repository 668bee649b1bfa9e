"""Celery tasks of the orchestrating worker: started, tabled, landed, advance_task, sweep, compact."""

from __future__ import annotations

import threading
from typing import Any

from celery.signals import worker_ready, worker_shutting_down

from canvas.celery import app

_closing = threading.Event()


@worker_ready.connect  # type: ignore[untyped-decorator]
def start_sweeping(**_: object) -> None:
    """Sweep from a thread of the orchestrating worker: no schedule file, and a busy pool cannot delay it."""
    from canvas.runs.sweep import keep_sweeping

    threading.Thread(target=keep_sweeping, args=(_closing,), name="sweep", daemon=True).start()


@worker_shutting_down.connect  # type: ignore[untyped-decorator]
def stop_sweeping(**_: object) -> None:
    """Let the thread end with its worker."""
    _closing.set()


@app.task(name="canvas.runs.tasks.started")  # type: ignore[untyped-decorator]
def started(run: str, attempt: int, worker: str = "") -> None:
    """A worker holds a run that lasts long enough to be worth saying."""
    from canvas.runs import landing

    landing.started(run, attempt, worker)


@app.task(name="canvas.runs.tasks.tabled")  # type: ignore[untyped-decorator]
def tabled(run: str, attempt: int) -> None:
    """The table of a run stands, although the run goes on."""
    from canvas.runs import landing

    landing.tabled(run, attempt)


@app.task(name="canvas.runs.tasks.landed")  # type: ignore[untyped-decorator]
def landed(outcome: dict[str, Any]) -> None:
    """A run ended: {run, attempt, fingerprint, state, error, elapsed_ms, rows, bytes, versions}."""
    from canvas.runs import landing

    landing.landed(outcome)


@app.task(name="canvas.runs.tasks.advance_task")  # type: ignore[untyped-decorator]
def advance_task(canvas: str, actor: str | None = None, force: list[str] | None = None,
                 stop: list[str] | None = None) -> None:
    """Advance a canvas from another process."""
    from canvas.runs.advance import advance

    advance(canvas, actor, force or (), stop or ())


@app.task(name="canvas.runs.tasks.sweep")  # type: ignore[untyped-decorator]
def sweep() -> None:
    """Sweep now, besides the thread that does it every few seconds."""
    from canvas.runs import sweep as sweeping

    sweeping.sweep()


@app.task(name="canvas.runs.tasks.compact")  # type: ignore[untyped-decorator]
def compact(canvas: str) -> None:
    """Fold a canvas's long history into a snapshot."""
    from canvas.documents.history import compact as fold

    fold(canvas)
