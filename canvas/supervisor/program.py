"""A supervised program: how it is started, where it logs, and when it may be started again."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

BACKOFF = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
HEALTHY_AFTER = 30.0
ROOT = Path(__file__).resolve().parent.parent.parent
LOG_LIMIT = 5 * 1024 * 1024


@dataclass(frozen=True)
class Program:
    """What to run: its name, its command line, extra environment, and a probe that says when it is ready."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    nice: int = 0
    ready: Callable[[], bool] = lambda: True


class Child:
    """One program's process group: started in its own session, logged to a file, restarted with growing pauses."""

    def __init__(self, program: Program, home: Path, watch: Callable[[str], None]) -> None:
        self.program, self._watch = program, watch
        self.log = home / "log" / f"{program.name}.log"
        self.pid_file = home / "run" / f"{program.name}.pid"
        for path in (self.log, self.pid_file):
            path.parent.mkdir(parents=True, exist_ok=True)
        self.process: subprocess.Popen[bytes] | None = None
        self.failures, self.next_start, self._started = 0, 0.0, 0.0

    def start(self) -> None:
        """Start the program; the guardian learns its group before anything can go wrong."""
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))
        prefix = ("nice", "-n", str(self.program.nice)) if self.program.nice else ()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                (*prefix, *self.program.command), env={**os.environ, **self.program.environment},
                cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )
        self._watch(f"+{self.process.pid}\n")
        self.pid_file.write_text(str(self.process.pid))
        self._started = time.monotonic()

    def check(self) -> str:
        """Start it again if it died and its pause is over; words for the terminal, or "" when nothing changed."""
        if self.process is None:
            if time.monotonic() >= self.next_start:
                self.start()
            return ""
        code = self.process.poll()
        if code is None:
            return ""
        if time.monotonic() - self._started > HEALTHY_AFTER:
            self.failures = 0
        self.clear()
        pause = BACKOFF[min(self.failures, len(BACKOFF) - 1)]
        self.failures += 1
        self.next_start = time.monotonic() + pause
        return f"{self.program.name} ended ({_words(code)}), starting it again in {pause:g} s; see {self.log}"

    def clear(self) -> None:
        """Kill whatever is left of the group (pool children of a dead master) and forget it."""
        if self.process is None:
            return
        self.signal(signal.SIGKILL)
        self.process.wait()
        self._watch(f"-{self.process.pid}\n")
        self.pid_file.unlink(missing_ok=True)
        self.process = None

    def signal(self, number: int) -> None:
        """Send a signal to the whole group, if it is still there."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, number)
            except (ProcessLookupError, PermissionError):
                return

    @property
    def running(self) -> bool:
        """Whether the program's first process lives."""
        return self.process is not None and self.process.poll() is None


def _words(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
