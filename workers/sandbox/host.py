"""Finds the strongest sandbox this machine gives, proves it by attacking it, and keeps its fork-servers alive."""

from __future__ import annotations

import json
import os
import platform
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from workers.sandbox import child, kernel, proof
from workers.sandbox.syscalls import TABLES

KINDS = ("python", "sql")
STATE = "tier.json"
ROOT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 90.0
WORDS = {
    "A": "Code runs in a bubblewrap container of its own, behind Landlock, a system call filter and limits.",
    "B": "Code runs behind Landlock, a system call filter and limits.",
    "C": "This machine offers no sandbox, so Python and SQL cells are off.",
}
_ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "ARROW_IO_THREADS"), "1")


def told(home: Path) -> dict[str, Any]:
    """What the sandbox of a folder says of itself: tier, words, doors, attacks; tier "" while it starts or is away."""
    try:
        found: dict[str, Any] = json.loads((home / STATE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {"tier": "", "words": "The sandbox is starting, or away.", "attacks": {}}
    return found


def candidates() -> Iterator[str]:
    """Tiers worth trying here, strongest first."""
    if kernel.has_landlock() and platform.machine() in TABLES:
        if shutil.which("bwrap"):
            yield "A"
        yield "B"


class Host:
    """The fork-servers of one machine under one folder: {home}/tier.json says where they listen."""

    def __init__(self, home: Path) -> None:
        self.home, self.jobs = home, home / "jobs"
        for folder in (self.home, self.jobs):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (home / STATE).unlink(missing_ok=True)
        self.doors = home / "doors"
        if len(os.fsencode(self.doors)) > 90:
            # A socket's path may have 107 bytes only, and homes may lie deep.
            self.doors = Path(tempfile.mkdtemp(prefix="inkling-sandbox-"))
        self.doors.mkdir(exist_ok=True, mode=0o700)
        self.tier = "C"
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def open(self) -> dict[str, Any]:
        """Start and prove; returns what was written to tier.json."""
        for left in self.jobs.iterdir():
            shutil.rmtree(left, ignore_errors=True)
        attacks: dict[str, str] = {}
        for tier in candidates():
            self.tier = tier
            for kind in KINDS:
                self.start(kind)
            attacks = proof.prove(self.jobs, self.door("python"), START_SECONDS)
            if attacks and all(outcome == "blocked" for outcome in attacks.values()):
                return self.say(attacks)
            self.stop()
        self.tier = "C"
        return self.say(attacks)

    def door(self, kind: str) -> Path:
        """The socket of a kind of job."""
        return self.doors / f"{kind}.sock"

    def start(self, kind: str) -> None:
        """Start a fork-server with an empty environment and no descriptors of ours."""
        inside = [sys.executable, "-s", "-m", "workers.sandbox.zygote", kind, str(self.door(kind)), str(self.jobs)]
        command = [*bubblewrap(self.jobs, self.doors), *inside] if self.tier == "A" else inside
        self.running[kind] = subprocess.Popen(
            command, cwd=ROOT, env={**_ONE_THREAD, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", "HOME": "/nonexistent",
                                    "PATH": os.environ.get("PATH", "")}, stdin=subprocess.DEVNULL, close_fds=True)

    def stop(self) -> None:
        """End the fork-servers, and with them every job."""
        for process in self.running.values():
            process.kill()
            process.wait()
        self.running.clear()

    def say(self, attacks: dict[str, str]) -> dict[str, Any]:
        """Write tier.json whole."""
        told = {"tier": self.tier, "words": WORDS[self.tier], "jobs": str(self.jobs), "pid": os.getpid(),
                "doors": {kind: str(self.door(kind)) for kind in KINDS}, "attacks": attacks,
                "landlock": kernel.landlock_abi(), "machine": platform.machine()}
        handle, name = tempfile.mkstemp(dir=self.home)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(told, file)
        os.replace(name, self.home / STATE)
        return told

    def watch(self, until_stdin_closes: bool) -> None:
        """Start again what ends; return when whoever started us is gone."""
        pauses = dict.fromkeys(KINDS, 0.0)
        while True:
            if until_stdin_closes and select.select([sys.stdin], [], [], 1.0)[0]:
                return
            if not until_stdin_closes:
                time.sleep(1.0)
            for kind, process in list(self.running.items()):
                if process.poll() is not None and time.monotonic() >= pauses[kind]:
                    pauses[kind] = time.monotonic() + 5.0
                    self.start(kind)

    def close(self) -> None:
        """Leave nothing behind."""
        self.stop()
        with suppress(FileNotFoundError):
            (self.home / STATE).unlink()
        shutil.rmtree(self.doors, ignore_errors=True)


def bubblewrap(jobs: Path, doors: Path) -> list[str]:
    """A container that holds libraries to read, the jobs, and nothing else; no network, no processes of others."""
    binds: list[str] = []
    packages = (sys.prefix, sys.base_prefix, *child.libraries())
    for path in ("/usr", "/lib", "/lib64", *packages, str(ROOT / "workers"), "/etc/ld.so.cache", "/etc/localtime",
                 "/sys/fs/cgroup", "/sys/devices/system/cpu"):
        binds += ["--ro-bind-try", path, path]
    return ["bwrap", "--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--new-session",
            "--tmpfs", "/tmp", *binds, "--proc", "/proc", "--dev", "/dev", "--bind", str(jobs), str(jobs),
            "--bind", str(doors), str(doors), "--chdir", "/", "--"]


def main(home: str, until_stdin_closes: bool) -> None:
    """Serve sandboxes under a folder until told to end."""
    host = Host(Path(home))
    try:
        host.open()
        host.watch(until_stdin_closes)
    finally:
        host.close()
        if until_stdin_closes:
            shutil.rmtree(home, ignore_errors=True)
