"""`manage.py serve` as a person runs it: starts, restarts what is killed, leaves nothing behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]
SIGN_IN = re.compile(r"http://localhost:\d+/signin/\S+/")


def until(fact: Callable[[], object], what: str, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < end, what
        time.sleep(0.05)


class Serve:
    """One `manage.py serve` with a home of its own."""

    def __init__(self, home: Path, **environment: str) -> None:
        self.home, self.output = home, home / "printed"
        keep = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL", "STORE_URL", "PORT"}}
        self.environment = {**keep, "INKLING_HOME": str(home), "DJANGO_SETTINGS_MODULE": "canvas.settings",
                            **environment}
        self.start()

    def start(self) -> None:
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve", "--no-build", "--no-demo"], cwd=ROOT, env=self.environment,
                stdout=output, stderr=subprocess.STDOUT, start_new_session=True)

    def printed(self) -> str:
        return self.output.read_text()

    def signed_in(self, times: int) -> bool:
        assert self.process.poll() is None, self.printed()
        return len(SIGN_IN.findall(self.printed())) == times

    def pid_of(self, name: str) -> int:
        path = self.home / "run" / f"{name}.pid"
        return int(path.read_text()) if path.exists() and path.read_text() else 0

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def serve() -> Iterator[Serve]:
    with tempfile.TemporaryDirectory(prefix="ink-", ignore_cleanup_errors=True) as folder:
        made = Serve(Path(folder))
        yield made
        made.kill()


def gone(family: list[psutil.Process]) -> bool:
    return not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in family)


def test_a_day_of_serve(serve: Serve) -> None:
    until(lambda: serve.signed_in(1), "no sign-in URL")
    assert {p.name for p in (serve.home / "run").iterdir()} == {
        f"{name}.pid" for name in
        ("valkey", "web", "sandbox", "orchestrate", "interactive", "batch", "searches", "trials")}

    for name in ("web", "interactive", "valkey"):
        old = serve.pid_of(name)
        os.kill(old, signal.SIGKILL)
        until(lambda name=name, old=old: serve.pid_of(name) not in (0, old), f"{name} was not started again")

    family = serve.family()
    serve.process.send_signal(signal.SIGINT)
    assert serve.process.wait(30) == 0
    assert gone(family), [p.cmdline() for p in family if p.is_running()]
    assert serve.printed().rstrip().endswith("Stopped.")

    serve.start()
    until(lambda: serve.signed_in(2), "no sign-in URL at the second start")
    family = serve.family()
    serve.kill()
    until(lambda: gone(family), "a killed supervisor left orphans")


def test_a_taken_port_is_said(serve: Serve) -> None:
    until(lambda: serve.signed_in(1), "no sign-in URL")
    port = SIGN_IN.findall(serve.printed())[0].split(":")[2].split("/")[0]
    with tempfile.TemporaryDirectory(prefix="ink-") as folder:
        other = Serve(Path(folder), PORT=port)
        assert other.process.wait(60) == 1
        assert f"Port {port} is in use" in other.printed()


def test_a_second_serve_of_the_same_home_is_refused(serve: Serve) -> None:
    until(lambda: serve.signed_in(1), "no sign-in URL")
    first = serve.process
    serve.start()
    assert serve.process.wait(60) == 1
    assert "already running" in serve.printed()
    serve.process = first
