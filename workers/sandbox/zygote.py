"""A warm fork-server: libraries imported once, one locked child per job, watched and killed from outside."""

from __future__ import annotations

import gc
import importlib
import json
import os
import resource
import selectors
import signal
import socket
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workers.sandbox import child, kernel

LIBRARIES = {
    "python": ("pandas", "numpy", "pyarrow", "pyarrow.parquet", "pyarrow.compute", "plotly.express",
               "plotly.graph_objects", "plotly.io", "workers.sandbox.python_job"),
    "sql": ("duckdb", "workers.sandbox.sql_job"),
}
"""What each kind of job finds imported, by kind."""

TICK = 0.1
MIB = 1024 * 1024


@dataclass
class Job:
    """One running child, and what it may take."""

    pid: int
    pidfd: int
    line: socket.socket
    folder: Path
    until: float
    memory: int
    files: int
    reason: str = ""


class Zygote:
    """Accepts one job per connection; the connection's end is the end of the job, both ways."""

    def __init__(self, kind: str, address: Path, jobs: Path) -> None:
        self.kind, self.jobs = kind, jobs
        self._selector = selectors.DefaultSelector()
        self._running: dict[int, Job] = {}
        self._baseline = _resident(os.getpid())
        self._door = socket.socket(socket.AF_UNIX)
        with suppress(FileNotFoundError):
            address.unlink()
        self._door.bind(str(address))
        self._door.listen(64)
        self._selector.register(self._door, selectors.EVENT_READ, self._accept)

    def serve(self) -> None:
        """Until killed."""
        while True:
            for key, _ in self._selector.select(TICK if self._running else None):
                key.data(key.fileobj)
            for job in list(self._running.values()):
                self._watch(job)

    def _accept(self, door: socket.socket) -> None:
        line, _ = door.accept()
        line.settimeout(1.0)
        try:
            wanted = json.loads(line.makefile().readline(4096))
            folder = self.jobs / str(wanted["job"])
            if folder.parent != self.jobs or not folder.is_dir():
                raise ValueError("no such job")
            self._fork(line, folder, wanted)
        except (OSError, ValueError, KeyError, TypeError) as error:
            with suppress(OSError):
                line.sendall(json.dumps({"reason": "refused", "detail": str(error)[:200]}).encode() + b"\n")
            line.close()

    def _fork(self, line: socket.socket, folder: Path, wanted: dict[str, Any]) -> None:
        memory, seconds = int(wanted["memory"]) * MIB, float(wanted["seconds"])
        limits = child.Limits(memory, seconds, int(wanted["file"]))
        pid = os.fork()
        if pid == 0:
            child.main(self.kind, folder, limits)
        pidfd = os.pidfd_open(pid)
        job = Job(pid, pidfd, line, folder, time.monotonic() + seconds, self._baseline + memory, int(wanted["files"]))
        self._running[pid] = job
        self._selector.register(pidfd, selectors.EVENT_READ, lambda _: self._ended(job))
        self._selector.register(line, selectors.EVENT_READ, lambda _: self._kill(job, "stopped"))

    def _watch(self, job: Job) -> None:
        """Wall clock, resident memory and the sum of files: what no limit of the kernel's bounds."""
        if job.reason or job.pid not in self._running:
            return
        if time.monotonic() > job.until:
            self._kill(job, "time")
        elif _resident(job.pid) > job.memory:
            self._kill(job, "memory")
        elif _size(job.folder) > job.files:
            self._kill(job, "files")

    def _kill(self, job: Job, reason: str) -> None:
        job.reason = job.reason or reason
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(job.pidfd, signal.SIGKILL)
        # A child that made its session takes whatever it could start with it.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(job.pid, signal.SIGKILL)
        if reason == "stopped":
            with suppress(KeyError, ValueError):
                self._selector.unregister(job.line)

    def _ended(self, job: Job) -> None:
        _, status, used = os.wait4(job.pid, 0)
        self._selector.unregister(job.pidfd)
        with suppress(KeyError, ValueError):
            self._selector.unregister(job.line)
        os.close(job.pidfd)
        del self._running[job.pid]
        code = os.waitstatus_to_exitcode(status)
        told = {"reason": job.reason or ("time" if code == -signal.SIGXCPU else "ended"), "code": code,
                "cpu": round(used.ru_utime + used.ru_stime, 3), "peak": used.ru_maxrss * 1024}
        with suppress(OSError):
            job.line.sendall(json.dumps(told).encode() + b"\n")
        job.line.close()


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()
    except (OSError, IndexError, ValueError):
        return 0


def _size(folder: Path) -> int:
    """Bytes a job has written; a file that goes while we look is not counted."""
    total = 0
    for place in (folder / "out", folder / "tmp"):
        for path, _, names in os.walk(place):
            for name in names:
                with suppress(OSError):
                    total += os.lstat(os.path.join(path, name)).st_blocks * 512
    return total


def main(kind: str, address: str, jobs: str) -> None:
    """Import, freeze, and serve: `python -m workers.sandbox.zygote python <socket> <jobs folder>`."""
    kernel.die_with_parent()
    kernel.leave_network()
    for name in LIBRARIES[kind]:
        importlib.import_module(name)
    child.warm(kind)
    gc.collect()
    gc.freeze()
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    Zygote(kind, Path(address), Path(jobs)).serve()


if __name__ == "__main__":
    main(*sys.argv[1:])
