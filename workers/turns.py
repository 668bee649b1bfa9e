"""Runs that were put back wait here for their next turn; those that read the same tables take it together."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import Any

from workers.engine.meeting import Meeting
from workers.leases import WAITING_SECONDS

REST_SECONDS = 0.25
"""Before the next turn: until then processors are for browsers that draw first steps, and for the next value of a drag.
"""
Spec = dict[str, Any]


def wait(redis: Any, name: str, spec: Spec) -> None:
    """Leave a run where the next one to take the turn of its tables finds it."""
    with redis.pipeline() as commands:
        commands.rpush(_key(name), json.dumps({**spec, "shown": 1, "rested": time.time() + REST_SECONDS}))
        commands.expire(_key(name), WAITING_SECONDS)
        commands.execute()


def take(redis: Any, name: str, run: Callable[[Spec, Meeting], None]) -> None:
    """Take up all runs that wait for these tables, each in a thread, and those that come while they rest.

    A run that is lost on the way is found by its lease, as any other.
    """
    meeting, threads = Meeting(), list[threading.Thread]()

    def start() -> None:
        for spec in _waiting(redis, name):
            meeting.expect()
            threads.append(threading.Thread(target=run, args=(spec, meeting), name=f"run {spec['run']}"))
            threads[-1].start()

    # Until the late ones are here, too: the first to ask must not think that it is alone.
    meeting.expect()
    start()
    until = time.monotonic() + REST_SECONDS
    for thread in list(threads):
        thread.join(max(0.0, until - time.monotonic()))
    if threads:
        start()
    meeting.expect(-1)
    for thread in threads:
        thread.join()


def _waiting(redis: Any, name: str) -> list[Spec]:
    with redis.pipeline() as commands:
        commands.lrange(_key(name), 0, -1)
        commands.delete(_key(name))
        return [json.loads(text) for text in commands.execute()[0]]


def _key(name: str) -> str:
    return f"turn:{name}"
