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
GATHERING_SECONDS = 2
"""How long others leave the gathering to a process that may have been killed meanwhile."""
Spec = dict[str, Any]


def wait(redis: Any, name: str, spec: Spec) -> bool:
    """Leave a run where the next one to take the turn of its tables finds it; whether it is the first to wait there."""
    with redis.pipeline() as commands:
        commands.rpush(_key(name), json.dumps({**spec, "shown": 1, "rested": time.time() + REST_SECONDS}))
        commands.expire(_key(name), WAITING_SECONDS)
        return bool(commands.execute()[0] == 1)


def take(redis: Any, name: str, run: Callable[[Spec, Meeting], None]) -> None:
    """Take up all runs that wait for these tables, each in a thread, and those that come while they rest.

    Nothing is left to do while another process gathers them. A run that is lost after it was taken up is found by its
    lease.
    """
    if not redis.set(_key(name, "gathered"), 1, nx=True, ex=GATHERING_SECONDS):
        return
    meeting, threads = Meeting(), list[threading.Thread]()

    def start(*, last: bool) -> None:
        for spec in _waiting(redis, name, last):
            meeting.expect()
            threads.append(threading.Thread(target=run, args=(spec, meeting), name=f"run {spec['run']}"))
            threads[-1].start()

    # Until the late ones are here, too: the first to ask must not think that it is alone.
    meeting.expect()
    start(last=False)
    until = time.monotonic() + REST_SECONDS
    for thread in list(threads):
        thread.join(max(0.0, until - time.monotonic()))
    start(last=True)
    meeting.expect(-1)
    for thread in threads:
        thread.join()


def _waiting(redis: Any, name: str, last: bool) -> list[Spec]:
    """Whoever waits now. With the `last` ones, who comes next begins anew: in one step, so that none is missed."""
    with redis.pipeline() as commands:
        commands.lrange(_key(name), 0, -1)
        commands.delete(_key(name), *([_key(name, "gathered")] if last else []))
        return [json.loads(text) for text in commands.execute()[0]]


def _key(name: str, *more: str) -> str:
    return ":".join(("turn", name, *more))
