"""Valkey and the real Celery pools under the real supervisor, in a throw-away home, with the slow kinds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from canvas.supervisor import programs
from canvas.supervisor.program import Program
from canvas.supervisor.supervisor import Supervisor

# The pools read settings of the project: outside of pytest nobody said yet which.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "canvas.settings")
ROOT = Path(__file__).resolve().parents[2]
APPS = {"canvas.celery": "tests.runs.slow_orchestrate", "workers.celery": "tests.runs.slow_workers"}


class Lab:
    """A running installation without a web process; scenes are played in a process of their own."""

    def __init__(self, home: Path, database: str) -> None:
        self.environment = {"INKLING_HOME": str(home), "REDIS_URL": f"unix://{home}/valkey.sock",
                            "STORE_URL": str(home / "store"), "DATABASE_URL": database, "SECRET_KEY": "only-for-tests",
                            "DJANGO_SETTINGS_MODULE": "canvas.settings", "TEST_HOME": str(home)}
        self.said: list[str] = []
        self.supervisor = Supervisor(home, self.said.append)

    def start(self) -> None:
        """Start Valkey, then the pools."""
        home = Path(self.environment["INKLING_HOME"])
        self.supervisor.start([programs.valkey(home, self.environment["REDIS_URL"])])
        self.supervisor.wait_ready(["valkey"])
        self.play("migrate")
        self.supervisor.start([self._slow(p) for p in programs.pools(self.environment)])
        threading.Thread(target=self.supervisor.run, daemon=True).start()

    def _slow(self, program: Program) -> Program:
        return replace(program, command=tuple(APPS.get(word, word) for word in program.command),
                       environment={**self.environment, **program.environment})

    def play(self, scene: str, *words: str, timeout: float = 180) -> Any:
        """Play a scene of tests.runs.scenes; returns what it printed."""
        done = subprocess.run([sys.executable, "-m", "tests.runs.scenes", scene, *words], cwd=ROOT, text=True,
                              env={**os.environ, **self.environment}, capture_output=True, timeout=timeout, check=False)
        if done.returncode:
            raise RuntimeError(f"{scene}: {done.stderr[-4000:]}\n{self.said[-10:]}")
        return json.loads(done.stdout.splitlines()[-1])

    def stop(self) -> None:
        """Stop everything."""
        self.supervisor.stopping.set()
        self.supervisor.stop()


@contextmanager
def running_lab(database: str = "") -> Iterator[Lab]:
    """A lab, started and stopped."""
    with tempfile.TemporaryDirectory(prefix="ink-lab-", ignore_cleanup_errors=True) as folder:
        lab = Lab(Path(folder), database)
        try:
            lab.start()
            yield lab
        finally:
            lab.stop()
