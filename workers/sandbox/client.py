"""The door to the sandbox for kinds: the tier this machine has, and one job from its start to its end."""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workers.kind import Cancel, CellError
from workers.sandbox.host import ROOT, START_SECONDS, told
from workers.sandbox.job import Allowance, Ended, Job, job

LOOK = 0.2
"""Seconds between two looks at what a job has printed."""


@dataclass(frozen=True, slots=True)
class Tier:
    """What was proved at start: the letter, words for people, and the outcome of each attack."""

    letter: str
    words: str
    attacks: Mapping[str, str] = field(default_factory=dict)


class Sandbox:
    """The sandbox service of this machine: the supervised one named by SANDBOX_HOME, else one of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._own: subprocess.Popen[bytes] | None = None
        self._home: Path | None = None
        self._pid = 0

    def tier(self) -> Tier:
        """The tier, as soon as it is proved."""
        found = self._state()
        return Tier(str(found["tier"]), str(found["words"]), dict(found["attacks"]))

    def _state(self) -> dict[str, Any]:
        """What the service says of itself; waits for it while it starts."""
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            found = told(self._find_home())
            if found["tier"]:
                return found
            time.sleep(0.05)
        return {"tier": "C", "words": "The sandbox of this machine does not answer.", "attacks": {}}

    def _find_home(self) -> Path:
        if given := os.environ.get("SANDBOX_HOME"):
            return Path(given)
        with self._lock:
            if self._pid != os.getpid() or self._own is None or self._own.poll() is not None:
                self._start_own()
            assert self._home is not None
            return self._home

    def _start_own(self) -> None:
        """A service that ends with this process: it watches the pipe that only we hold."""
        self._pid, self._home = os.getpid(), Path(tempfile.mkdtemp(prefix="inkling-jobs-"))
        self._own = subprocess.Popen(
            [sys.executable, "-m", "workers.sandbox", str(self._home), "--until-stdin-closes"], cwd=ROOT,
            stdin=subprocess.PIPE)
        atexit.register(self.close)

    def close(self) -> None:
        """End a service that this process started."""
        if self._own is not None and self._pid == os.getpid():
            self._own.terminate()
            self._own.wait()
            self._own = None

    @contextmanager
    def start(self, kind: str, wanted: Mapping[str, Any], files: Mapping[str, Path], allow: Allowance,
              cancel: Cancel) -> Iterator[Job]:
        """A job under way, which ends with `cancel` at the latest; raises CellError no_sandbox or sandbox_away."""
        off = {"python": os.environ.get("DISABLE_PYTHON_CELLS"), "sql": os.environ.get("DISABLE_SQL_CELLS")}
        if off.get(kind) not in (None, "", "0"):
            raise CellError("switched_off", "Cells of this kind are switched off on this server.")
        found = self._state()
        if found["tier"] == "C":
            raise CellError("no_sandbox", f"{found['words']} Ask whoever runs this server; the health page says more.")
        try:
            with job(Path(found["jobs"]), Path(found["doors"][kind]), wanted, files, allow) as running:
                cancel.on_set(running.hang_up)
                yield running
        except (ConnectionError, FileNotFoundError, TimeoutError) as error:
            raise away() from error


def away() -> CellError:
    """The service went while somebody asked; it is started again by whoever watches it."""
    return CellError("sandbox_away", "The sandbox is starting again. Run the cell once more in a few seconds.")


def finish(running: Job, cancel: Cancel, on_printed: Callable[[str], None] = lambda text: None) -> Iterator[str]:
    """Wait for the end of a job, giving what it printed whenever that grew. Raises CellError for a bad end."""
    seen = ""
    while (ended := running.poll(LOOK)) is None:
        cancel.check()
        if (now := running.printed()) != seen:
            seen = now
            yield seen
    cancel.check()
    check_end(ended)


def check_end(ended: Ended) -> None:
    """Raise the typed error of a job that did not come to its own end."""
    if ended.reason == "ended" and ended.code == 0:
        return
    if ended.reason == "time":
        raise CellError("timeout", "Stopped at its time limit.", param="seconds")
    if ended.reason == "memory" or (ended.reason == "ended" and ended.code == -9):
        raise CellError("out_of_memory", "This needs more memory than the cell may use.", param="memory")
    if ended.reason == "files":
        raise CellError("too_much_written", "This writes more to disk than a cell may.")
    if ended.reason in ("away", "refused"):
        raise away()
    if ended.code < 0 or ended.code > 4:
        raise CellError("crashed", f"The code ended the process it ran in ({_signal(ended.code)}).")
    raise CellError("internal", "The sandbox did not come up. It is our fault, not yours.", detail=ended.detail)


def _signal(code: int) -> str:
    import signal

    names = {signal.SIGSEGV: "it crashed", signal.SIGABRT: "it aborted", signal.SIGBUS: "it crashed"}
    return names.get(signal.Signals(-code), f"signal {-code}") if -64 < code < 0 else f"exit code {code}"


sandbox = Sandbox()
"""The sandbox of this process."""

__all__ = ["Allowance", "Sandbox", "Tier", "check_end", "finish", "sandbox"]
