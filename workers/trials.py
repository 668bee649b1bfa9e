"""AutoML trials on other workers: a crew sends them out and gathers results; each worker runs one at a time."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workers.kind import Cancel
from workers.leases import CANCEL_CHANNEL, Leases, cancel_key, lease_key

if TYPE_CHECKING:
    from workers.automl.shelf import Shelf
    from workers.automl.trial import TrialResult, TrialSpec
    from workers.store import Store

QUEUE, SEARCHES = "trials", "searches"
MUSTER = "trials:crew"
"""Redis set of the processes that run trials, scored by when they last said so."""
FRESH_SECONDS = 5.0
LOOK_SECONDS = 0.1
LOST_SECONDS = 0.5
RESEND_SECONDS = 20.0
GRACE_SECONDS = 0.15
"""How long a cancelled trial may take to notice; learners that never look at the flag end with their process."""
KEPT_SECONDS = 600
log = logging.getLogger("workers.trials")


def load() -> None:
    """Import the learners before the pool forks; none of them may start threads here."""
    from importlib import import_module

    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    for name in ("pandas", "pyarrow", "sklearn.pipeline", "sklearn.compose", "sklearn.ensemble", "sklearn.linear_model",
                 "lightgbm", "catboost", "skops.io", "threadpoolctl", "workers.automl.search", "workers.automl.shelf"):
        import_module(name)


def me() -> str:
    """This process, as leases name it."""
    return f"{socket.gethostname()}:{os.getpid()}"


def enlist(leases: Leases, redis: Any) -> None:
    """Say every second that this process runs trials."""
    def keep_saying() -> None:
        while True:
            try:
                redis.zadd(MUSTER, {me(): time.time()})
                redis.zremrangebyscore(MUSTER, 0, time.time() - 60)
            except Exception as error:  # noqa: BLE001 - a Redis that is away comes back, and so do we
                log.warning("the crew was not told: %s", error)
            time.sleep(1.0)

    threading.Thread(target=keep_saying, name="muster", daemon=True).start()


def recruited(shelf: Shelf, over: Callable[[], bool], search: str, redis: Any,
              send: Callable[[dict[str, Any]], None]) -> Crew | None:
    """A crew of as many trial workers as there are, or None when there are none."""
    count = int(redis.zcount(MUSTER, time.time() - FRESH_SECONDS, "+inf"))
    return Crew(shelf, over, search, redis, send, count) if count else None


@dataclass(slots=True)
class _Out:
    """A trial under way."""

    spec: TrialSpec
    run: str
    sent: float
    seen: str = ""


@dataclass
class Crew:
    """An executor of trials over a queue. Messages are small JSON; rows, results and models are in the store.

    A message is {"run", "attempt", "search", "rows", "problem", "spec"}; an answer on the list `trials:<search>` is the
    run of the trial alone: its result is on the shelf. A trial that is there already is not run again.
    """

    shelf: Shelf
    over: Callable[[], bool]
    search: str
    redis: Any
    send: Callable[[dict[str, Any]], None]
    slots: int
    _out: dict[str, _Out] = field(default_factory=dict)
    _known: list[TrialResult] = field(default_factory=list)
    _attempts: dict[str, int] = field(default_factory=dict)
    _looked: float = 0.0

    def start(self, spec: TrialSpec) -> None:
        """Send a trial out, unless its result is known."""
        if (known := self.shelf.get(spec)) is not None:
            self._known.append(known)
            return
        run = f"{self.search}.{self.shelf.key(spec)[:20]}"
        attempt = self._attempts[run] = self._attempts.get(run, 0) + 1
        self._out[run] = _Out(spec, run, time.monotonic())
        self.send({"run": run, "attempt": attempt, "search": self.search, "rows": self.shelf.rows,
                   "problem": self.shelf.problem, "spec": spec.json()})

    def wait(self, timeout: float | None) -> list[TrialResult]:
        """Results that came within `timeout` seconds; empty at once when the search is over."""
        end = None if timeout is None else time.monotonic() + timeout
        found, self._known = self._known, []
        while not found and self._out and not self.over():
            left = LOOK_SECONDS if end is None else min(LOOK_SECONDS, end - time.monotonic())
            if left <= 0:
                break
            answer = self.redis.blpop(self._list, timeout=max(left, 0.01))
            while answer is not None:
                found += self._landed(answer[1].decode())
                more = self.redis.lpop(self._list)
                answer = None if more is None else (self._list, more)
            found += self._lost()
        return found

    @property
    def _list(self) -> str:
        return f"trials:{self.search}"

    def _landed(self, run: str) -> list[TrialResult]:
        from workers.automl.trial import TrialResult

        out = self._out.pop(run, None)
        if out is None:
            return []
        return [self.shelf.get(out.spec) or TrialResult(out.spec, error="lost")]

    def _lost(self) -> list[TrialResult]:
        """Trials whose worker died: its process is gone, or nobody renews the lease any more."""
        from workers.automl.trial import TrialResult

        if time.monotonic() - self._looked < LOST_SECONDS or not self._out:
            return []
        self._looked = time.monotonic()
        gone = []
        leases = self.redis.mget([lease_key(run) for run in self._out])
        for out, lease in zip(list(self._out.values()), leases, strict=True):
            holder = lease.decode().partition(":")[2] if lease is not None else ""
            dead = bool(holder) and not _alive(holder)
            late = time.monotonic() - out.sent > RESEND_SECONDS
            unheard = not holder and (out.seen or (late and not self.redis.llen(QUEUE)))
            out.seen = holder or out.seen
            if dead or unheard:
                self._out.pop(out.run)
                gone.append(self.shelf.get(out.spec) or TrialResult(out.spec, error="lost"))
        return gone

    def close(self) -> None:
        """Cancel what runs or waits, and forget the answers."""
        if self._out:
            with self.redis.pipeline(transaction=False) as pipe:
                for run in self._out:
                    pipe.set(cancel_key(run), "1", ex=KEPT_SECONDS)
                    pipe.publish(CANCEL_CHANNEL, run)
                pipe.execute()
        self._out, self._known = {}, []
        self.redis.delete(self._list)


def _alive(holder: str) -> bool:
    """Whether a process of this machine runs; of others only their leases tell."""
    host, _, pid = holder.rpartition(":")
    if host != socket.gethostname():
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except (ValueError, PermissionError):
        return True
    return True


def work(message: dict[str, Any], store: Store, redis: Any, leases: Leases) -> None:
    """Run the trial of a message under a lease, put its result on the shelf, and say so."""
    from threadpoolctl import threadpool_limits

    from workers.automl.shelf import Shelf
    from workers.automl.trial import TrialResult, TrialSpec, trial

    cancel, ended = Cancel(), threading.Event()
    held = leases.take(message["run"], int(message["attempt"]), cancel)
    if held is None or cancel.is_set():
        return
    cancel.on_set(lambda: threading.Thread(target=_end_late, args=(ended,), daemon=True).start())
    try:
        shelf, spec = Shelf(store, message["rows"], message["problem"]), TrialSpec.of(message["spec"])
        if shelf.get(spec) is None:
            try:
                with store.lease(shelf.rows, shelf.problem), threadpool_limits(1):
                    result = trial(spec, shelf.material(), cancel.is_set)
            except FileNotFoundError:
                result = TrialResult(spec, error="stopped")  # its search is over, and its rows were cleared away
            if result.error == "stopped":
                return
            shelf.put(result)
        redis.rpush(f"trials:{message['search']}", message["run"])
        redis.expire(f"trials:{message['search']}", KEPT_SECONDS)
    finally:
        ended.set()
        leases.release(held)


def _end_late(ended: threading.Event) -> None:
    if not ended.wait(GRACE_SECONDS):
        log.warning("a trial did not notice that it was cancelled; this process ends")
        os._exit(70)
