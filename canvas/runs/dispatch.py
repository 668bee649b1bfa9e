"""Messages to the workers: send a run, cancel one, ask for schemas; the sweep makes lost ones good."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

import redis
from django.conf import settings

from canvas.runs.grants import grant_of
from canvas.runs.models import Run

CANCEL_KEPT_SECONDS = 600
ASK_AGAIN_SECONDS = 20
TYPING_SECONDS = 0.25
"""Keys that follow each other faster are one question."""
_typed: dict[str, tuple[list[str], threading.Timer]] = {}
_turn = threading.Lock()
log = logging.getLogger(__name__)


@lru_cache(maxsize=2)
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=1)


def client() -> redis.Redis:
    """This process's Redis client; short time limits, since an edit must not wait for a dead Redis."""
    return _client(settings.REDIS_URL)


def _try(what: str, work: Callable[[], object]) -> bool:
    """Do something with Redis; False, and a line in the log, when it is away."""
    from kombu.exceptions import OperationalError

    try:
        work()
    except (redis.RedisError, OperationalError, OSError) as error:
        log.warning("%s: Redis is away (%s)", what, type(error).__name__)
        return False
    return True


def send_run(run: Run) -> bool:
    """Put a run into its queue. False when Redis is away: the row stays queued and the sweep sends it later."""
    from canvas.celery import app

    spec = {**run.spec, "run": str(run.pk), "attempt": run.attempt}
    # Not kept with the run: it is for this message alone.
    if given := grant_of(run):
        spec["grant"] = given
    # Named here: otherwise Celery writes out the whole graph once more, for a log that nobody keeps.
    return _try("a run was not sent", lambda: app.send_task(
        "workers.tasks.run_cell", args=[spec], queue=run.queue, ignore_result=True, retry=False,
        argsrepr=f"run {run.pk}"))


def cancel(runs: Iterable[str]) -> None:
    """Stop runs: the key holds those that have not started, the channel interrupts those that have."""
    runs = list(runs)

    def tell() -> None:
        with client().pipeline(transaction=False) as pipe:
            for run in runs:
                pipe.set(f"cancel:{run}", "1", ex=CANCEL_KEPT_SECONDS)
                pipe.publish("cancel", run)
            pipe.execute()

    if runs:
        _try("a run was not cancelled", tell)


def finish(runs: Iterable[str]) -> None:
    """Ask runs to end with the best they have; the key tells a later attempt, too."""
    runs = list(runs)

    def tell() -> None:
        with client().pipeline(transaction=False) as pipe:
            for run in runs:
                pipe.set(f"finish:{run}", "1", ex=CANCEL_KEPT_SECONDS)
                pipe.publish("cancel", f"finish:{run}")
            pipe.execute()

    if runs:
        _try("a run was not asked to finish", tell)


def is_held(run: str) -> bool:
    """Whether a worker has taken a run: its lease says so before the row does. No, while Redis is away."""
    return _exists(f"lease:{run}")


def is_finishing(run: str) -> bool:
    """Whether a run was asked to finish; no, while Redis is away."""
    return _exists(f"finish:{run}")


def _exists(key: str) -> bool:
    found: list[bool] = []
    _try(f"{key} was not looked up", lambda: found.append(bool(client().exists(key))))
    return any(found)


def ask_looks(canvas: str, graph: Mapping[str, Any], prints: Mapping[str, str], cells: Iterable[str]) -> None:
    """Have a worker look at cells that wait for Run; what they show comes as steps. Each is asked for rarely."""
    from canvas.celery import app

    def ask(cell: str) -> None:
        if client().set(f"look:{canvas}:{cell}:{prints[cell]}", "1", ex=ASK_AGAIN_SECONDS, nx=True):
            app.send_task("workers.tasks.look", args=[canvas, dict(graph), dict(prints), cell],
                          queue="interactive", ignore_result=True, retry=False)

    for cell in cells:
        _try("a look was not asked for", lambda cell=cell: ask(cell))  # type: ignore[misc]


def ask_schemas(canvas: str, graph: Mapping[str, Any], prints: Mapping[str, str], cells: list[str]) -> None:
    """Have a worker compile the columns of cells; the answers come as events. The same ones are asked for rarely."""
    from canvas.celery import app

    text = canvas + "".join(sorted(prints[c] for c in cells))
    key = f"describe:{hashlib.sha256(text.encode()).hexdigest()}"

    def ask() -> None:
        if client().set(key, "1", ex=ASK_AGAIN_SECONDS, nx=True):
            app.send_task("workers.tasks.describe", args=[canvas, dict(graph), dict(prints), cells],
                          queue="interactive", ignore_result=True, retry=False)

    if cells:
        _try("schemas were not asked for", ask)


def ask_schemas_soon(canvas: str, graph: Mapping[str, Any], prints: Mapping[str, str], cells: list[str]) -> None:
    """The same for cells that somebody types in: asked when the keys rest, of the last text alone."""
    asked = [prints[c] for c in cells]
    with _turn:
        waiting = _typed.get(canvas)
        if not cells or (waiting and waiting[0] == asked):
            return
        if waiting:
            waiting[1].cancel()
        timer = threading.Timer(TYPING_SECONDS, _rested, (canvas, asked, graph, prints, cells))
        timer.daemon = True
        _typed[canvas] = (asked, timer)
        timer.start()


def _rested(canvas: str, asked: list[str], graph: Mapping[str, Any], prints: Mapping[str, str],
            cells: list[str]) -> None:
    with _turn:
        if _typed.get(canvas, ([], None))[0] == asked:
            del _typed[canvas]
    ask_schemas(canvas, graph, prints, cells)
