"""Who computes what: leases with heartbeat in Redis, cancel requests, and the end of runs that ignore them."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from workers.kind import Cancel

LEASE_SECONDS = 8
HEARTBEAT_SECONDS = 2.0
WAITING_SECONDS = 60
"""How long a run that was put back may wait for its turn before it counts as lost."""
GRACE_SECONDS = 5.0
"""How long a run may ignore its cancel before the worker process ends itself; Celery starts a fresh one."""

CANCEL_CHANNEL = "cancel"
FINISH = "finish:"
"""What the name of a run on the cancel channel begins with when it shall end with the best it has."""
log = logging.getLogger("workers.leases")


def lease_key(run: str) -> str:
    """Redis key that says which attempt and worker hold a run."""
    return f"lease:{run}"


def finish_key(run: str) -> str:
    """Redis key that says a run shall end with the best it has."""
    return f"{FINISH}{run}"


def cancel_key(run: str) -> str:
    """Redis key that says a run must stop, or must not start."""
    return f"cancel:{run}"


@dataclass(slots=True)
class Held:
    """A run this process holds."""

    run: str
    attempt: int
    cancel: Cancel
    beat: float = 0.0
    told: float | None = None
    owner: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}")

    def value(self) -> str:
        """What the lease key holds."""
        return f"{self.attempt}:{self.owner}"


class Leases:
    """The runs of one worker process: one thread beats their leases, one listens for cancels.

    `on_ignored(held)` is called once for a run that ignored its cancel for five seconds.
    """

    def __init__(self, connect: Callable[[], Any], on_ignored: Callable[[Held], None] = lambda held: None,
                 on_beat: Callable[[], None] = lambda: None) -> None:
        self._connect, self._on_ignored, self._on_beat = connect, on_ignored, on_beat
        self._redis = connect()
        self._held: dict[str, Held] = {}
        self._lock = threading.Lock()
        self._closed = threading.Event()

    def start(self) -> None:
        """Start both threads."""
        for work in (self._listen, self._beat):
            threading.Thread(target=work, name=f"leases{work.__name__}", daemon=True).start()

    def close(self) -> None:
        """End both threads."""
        self._closed.set()

    def take(self, run: str, attempt: int, cancel: Cancel, *, again: bool = False) -> Held | None:
        """Hold a run, or None when this or a newer attempt is held by another; `again` takes up what was put back."""
        held = Held(run, attempt, cancel)
        current = self._redis.get(lease_key(run))
        if current is not None and int(current.split(b":")[0]) >= attempt + again:
            return None
        with self._lock:
            self._held[run] = held
        # After it is listed: a cancel that arrives between the two is seen by one of them.
        with self._redis.pipeline() as commands:
            commands.set(lease_key(run), held.value(), ex=LEASE_SECONDS)
            commands.exists(cancel_key(run))
            commands.exists(finish_key(run))
            _, cancelled, finish = commands.execute()
        if cancelled:
            cancel.set()
        if finish:
            cancel.finish()
        return held

    def put_back(self, held: Held) -> None:
        """Let go of a run that waits in its queue again: the lease lasts a while, so nobody takes it for lost."""
        with self._lock:
            self._held.pop(held.run, None)
        self._redis.set(lease_key(held.run), held.value(), ex=WAITING_SECONDS)

    def release(self, held: Held) -> None:
        """Let go of a run; the key is left to expire if Redis cannot be reached."""
        with self._lock:
            if self._held.pop(held.run, None) is None:
                return
        try:
            if self._redis.get(lease_key(held.run)) == held.value().encode():
                self._redis.delete(lease_key(held.run))
        except (self._errors(), OSError) as error:
            log.warning("could not release the lease of run %s: %s", held.run, error)

    @staticmethod
    def _errors() -> type[Exception]:
        from redis.exceptions import RedisError

        return RedisError

    def _runs(self) -> list[Held]:
        with self._lock:
            return list(self._held.values())

    def _listen(self) -> None:
        while not self._closed.is_set():
            try:
                channel = self._connect().pubsub(ignore_subscribe_messages=True)
                channel.subscribe(CANCEL_CHANNEL)
                while not self._closed.is_set():
                    message = channel.get_message(timeout=1.0)
                    if message is not None:
                        self._heard(message["data"].decode())
            except (self._errors(), OSError) as error:
                log.warning("listening for cancels again after: %s", error)
                self._closed.wait(1.0)

    def _heard(self, word: str) -> None:
        """A run to cancel, or to finish with what it has."""
        run = word.removeprefix(FINISH)
        if run == word:
            return self.cancel(run)
        with self._lock:
            held = self._held.get(run)
        if held is not None:
            held.cancel.finish()
        return None

    def cancel(self, run: str) -> None:
        """Tell a run of this process to stop, if it is here."""
        with self._lock:
            held = self._held.get(run)
        if held is not None:
            held.cancel.set()

    def _beat(self) -> None:
        while not self._closed.wait(0.5):
            now = time.monotonic()
            for held in self._runs():
                self._watch(held, now)
                if now - held.beat >= HEARTBEAT_SECONDS:
                    held.beat = now
                    self._renew(held)
            self._on_beat()

    def _watch(self, held: Held, now: float) -> None:
        if not held.cancel.is_set():
            return
        if held.told is None:
            held.told = now
        elif now - held.told > GRACE_SECONDS:
            with self._lock:
                self._held.pop(held.run, None)
            self._on_ignored(held)

    def _renew(self, held: Held) -> None:
        """Refresh the lease; a run that another attempt took over, or that was cancelled unheard, stops."""
        try:
            current = self._redis.get(lease_key(held.run))
            if current is not None and current != held.value().encode():
                held.cancel.set("superseded")
                return
            self._redis.set(lease_key(held.run), held.value(), ex=LEASE_SECONDS)
            if self._redis.exists(cancel_key(held.run)):
                held.cancel.set()
            if self._redis.exists(finish_key(held.run)):
                held.cancel.finish()
        except (self._errors(), OSError) as error:
            log.warning("could not renew the lease of run %s: %s", held.run, error)
