"""Runs trials in child processes of one thread each, or in this one where children are not allowed."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import replace
from multiprocessing import connection, current_process, get_context
from multiprocessing.reduction import ForkingPickler
from typing import Any, Protocol

from workers.automl.material import Material
from workers.automl.trial import TrialResult, TrialSpec, trial


class Executor(Protocol):
    """Whatever runs trials: `start` queues one, `wait` gives results as they come, `close` ends what still runs."""

    slots: int

    def start(self, spec: TrialSpec) -> None:
        """Queue a trial."""

    def wait(self, timeout: float | None) -> list[TrialResult]:
        """Results that came within `timeout` seconds."""

    def close(self) -> None:
        """End all trials."""


Recruit = Callable[[Material, Callable[[], bool]], Executor]
"""Makes the executor of a search, given its rows and the question whether it is over."""


class Packed:
    """A fitted pipeline as the bytes a child of this very process sent; opened when it is needed."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def open(self) -> Any:
        """The pipeline."""
        return ForkingPickler.loads(self.content)


def opened(model: Any) -> Any:
    """A pipeline, unpacked if it came from another process."""
    return model.open() if hasattr(model, "open") else model


class Here:
    """Runs trials one after the other in the calling process."""

    slots = 1

    def __init__(self, material: Material, stop: Callable[[], bool]) -> None:
        self._material, self._stop = material, stop
        self._waiting: list[TrialSpec] = []

    def start(self, spec: TrialSpec) -> None:
        """Queue a trial."""
        self._waiting.append(spec)

    def wait(self, timeout: float | None) -> list[TrialResult]:
        """Run the next trial; it is cut when `timeout` seconds have passed, if its learner looks at the clock."""
        from threadpoolctl import threadpool_limits

        end = None if timeout is None else time.monotonic() + timeout
        spec = self._waiting.pop(0)
        with threadpool_limits(1):
            return [trial(spec, self._material, lambda: self._stop() or (end is not None and time.monotonic() > end))]

    def close(self) -> None:
        """Forget what waits."""
        self._waiting.clear()


def _serve(pipe: Any, others: list[Any], material: Material) -> None:
    from threadpoolctl import threadpool_limits

    for other in others:  # so that the end of the parent is seen as the end of the pipe
        other.close()
    with contextlib.suppress(EOFError, BrokenPipeError, KeyboardInterrupt), threadpool_limits(1):
        while True:
            spec = pipe.recv()
            result = trial(spec, material)
            packed = bytes(ForkingPickler.dumps(result.model))
            pipe.send(replace(result, model=None, bytes=len(packed)))
            pipe.send_bytes(packed)


class Children:
    """Runs each trial in one of `slots` forked processes; a child that dies costs one trial."""

    def __init__(self, material: Material, slots: int) -> None:
        self.slots = slots
        self._material = material
        self._context = get_context("fork")
        self._idle: list[tuple[Any, Any]] = []
        self._busy: dict[Any, tuple[Any, TrialSpec]] = {}
        self._waiting: list[TrialSpec] = []
        for _ in range(slots):
            self._idle.append(self._fork())

    def _fork(self) -> tuple[Any, Any]:
        mine, theirs = self._context.Pipe()
        others = [mine, *[pipe for _, pipe in self._idle], *self._busy]
        process = self._context.Process(target=_serve, args=(theirs, others, self._material), daemon=True)
        process.start()
        theirs.close()
        return process, mine

    def start(self, spec: TrialSpec) -> None:
        """Hand a trial to an idle child, or let it wait for one."""
        self._waiting.append(spec)
        self._hand_out()

    def _hand_out(self) -> None:
        while self._waiting and self._idle:
            process, pipe = self._idle.pop()
            try:
                pipe.send(self._waiting[0])
            except OSError:  # it died while it had nothing to do
                pipe.close()
                process.join(1)
                self._idle.append(self._fork())
                continue
            self._busy[pipe] = (process, self._waiting.pop(0))

    def wait(self, timeout: float | None) -> list[TrialResult]:
        """Results that came within `timeout` seconds; empty if none did."""
        results: list[TrialResult] = []
        ready: list[Any] = connection.wait(list(self._busy), timeout)
        for pipe in ready:
            process, spec = self._busy.pop(pipe)
            try:
                result: TrialResult = pipe.recv()
                results.append(replace(result, model=Packed(pipe.recv_bytes())))
                self._idle.append((process, pipe))
            except (EOFError, OSError):
                pipe.close()
                process.join(1)
                results.append(TrialResult(spec, error="lost"))
                self._idle.append(self._fork())
        self._hand_out()
        return results

    def close(self) -> None:
        """Kill the children, whatever they do."""
        for process, pipe in [*self._idle, *[(p, pipe) for pipe, (p, _) in self._busy.items()]]:
            process.kill()
            process.join()
            pipe.close()
        self._idle, self._busy, self._waiting = [], {}, []


def executor(material: Material, threads: int, hard: bool, stop: Callable[[], bool]) -> Here | Children:
    """Children where there is a second core to use or a hard end to keep, if this process may have them; else here."""
    if current_process().daemon or (threads < 2 and not hard):
        return Here(material, stop)
    return Children(material, threads)
