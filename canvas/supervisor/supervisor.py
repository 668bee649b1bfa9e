"""Starts the programs in order, restarts what dies, and stops everything on Ctrl-C, SIGTERM or its own death."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from canvas.supervisor import guardian
from canvas.supervisor.program import Child, Program

STOP_GRACE = 3.0
ALARMING = (b"ERROR", b"CRITICAL", b"FATAL", b"Traceback")
LEVELS = ("warning", "error", "critical")


def alarming(line: bytes) -> str:
    """What the terminal should show of a log line: warnings and worse, in one short line; else nothing."""
    if line.startswith(b"{"):
        try:
            entry = json.loads(line)
        except ValueError:
            return ""
        return f"{entry.get('level')}: {entry.get('message')}"[:300] if entry.get("level") in LEVELS else ""
    return line.decode(errors="replace")[:300] if any(word in line for word in ALARMING) else ""


class AlreadyRunning(RuntimeError):
    """Another supervisor holds this data directory."""


class NotReady(RuntimeError):
    """A program did not come up in time."""


class Supervisor:
    """Owns the child processes of one data directory; only one supervisor may hold it at a time."""

    def __init__(self, home: Path, say: Callable[[str], None] = print, lock_wait: float = 8.0) -> None:
        self.home, self.say = home, say
        self.children: list[Child] = []
        self.stopping = threading.Event()
        self._lock = self._claim(lock_wait)
        self._guardian = self._start_guardian()
        self._read: dict[Path, int] = {}

    def _claim(self, wait: float) -> int:
        """Lock the data directory. The guardian shares the lock, so it frees only when the last orphan is gone."""
        self.home.mkdir(parents=True, exist_ok=True)
        lock = os.open(self.home / "serve.lock", os.O_RDWR | os.O_CREAT, 0o600)
        until = time.monotonic() + wait
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return lock
            except BlockingIOError:
                if time.monotonic() >= until:
                    os.close(lock)
                    raise AlreadyRunning(f"Inkling is already running on {self.home}; stop it first.") from None
                time.sleep(0.1)

    def _start_guardian(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-S", "-E", guardian.__file__], stdin=subprocess.PIPE, text=True,
            start_new_session=True, pass_fds=(self._lock,),
        )

    def _watch(self, line: str) -> None:
        """Tell the guardian of a group that started (+) or ended (-)."""
        try:
            self._tell(line)
        except OSError:
            self._renew_guardian()

    def _tell(self, lines: str) -> None:
        assert self._guardian.stdin is not None
        self._guardian.stdin.write(lines)
        self._guardian.stdin.flush()

    def _renew_guardian(self) -> None:
        """Replace a guardian that died and tell the new one of every living group."""
        self._guardian = self._start_guardian()
        self._tell("".join(f"+{c.process.pid}\n" for c in self.children if c.process is not None))

    def start(self, programs: Iterable[Program]) -> None:
        """Start programs without waiting for them."""
        for program in programs:
            child = Child(program, self.home, self._watch)
            self._read[child.log] = child.log.stat().st_size if child.log.exists() else 0
            self.children.append(child)
            child.start()

    def wait_ready(self, names: Iterable[str], timeout: float = 30.0) -> None:
        """Return when the named programs answer; raise NotReady when one does not within `timeout` seconds."""
        waiting = {c.program.name: c for c in self.children if c.program.name in set(names)}
        until = time.monotonic() + timeout
        while waiting and not self.stopping.is_set():
            self.check()
            waiting = {n: c for n, c in waiting.items() if not (c.running and c.program.ready())}
            if waiting and time.monotonic() > until:
                logs = ", ".join(str(c.log) for c in waiting.values())
                raise NotReady(f"{' and '.join(waiting)} did not start within {timeout:g} s; see {logs}")
            self.stopping.wait(0.05 if waiting else 0)

    def catch_signals(self) -> None:
        """Ctrl-C and SIGTERM ask for an orderly stop; a second one does not hurry it."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: self.stopping.set())

    def run(self) -> None:
        """Watch until asked to stop."""
        while not self.stopping.wait(0.2):
            self.check()
            self._tail()

    def check(self) -> None:
        """Start again what died, and say so."""
        if self._guardian.poll() is not None:
            self._renew_guardian()
        for child in self.children:
            if words := child.check():
                self.say(words)

    def _tail(self) -> None:
        """Show new warnings of the logs on the terminal, prefixed with the program's name."""
        for child in self.children:
            size = child.log.stat().st_size if child.log.exists() else 0
            seen = min(self._read.get(child.log, 0), size)
            if size == seen:
                continue
            with child.log.open("rb") as log:
                log.seek(seen)
                fresh = log.read(64 * 1024)
            self._read[child.log] = seen + len(fresh)
            for line in fresh.splitlines():
                if words := alarming(line):
                    self.say(f"[{child.program.name}] {words}")

    def stop(self) -> None:
        """Stop in reverse order of start: those that were started first are needed by the others until the end."""
        for batch in (self.children[1:], self.children[:1]):
            children = [c for c in batch if c.process is not None]
            for child in children:
                child.signal(signal.SIGTERM)
            until = time.monotonic() + STOP_GRACE
            while any(c.running for c in children) and time.monotonic() < until:
                time.sleep(0.05)
            for child in children:
                child.clear()
        if self._guardian.stdin is not None:
            self._guardian.stdin.close()
        self._guardian.wait()
        os.close(self._lock)
