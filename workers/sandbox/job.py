"""One job from outside: its folder, its line to a fork-server, its end."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a job may take: MB of memory, seconds, bytes of one file and of all it writes."""

    memory: int = 1024
    seconds: float = 60.0
    file: int = 2048 * MIB
    files: int = 4096 * MIB


@dataclass(frozen=True, slots=True)
class Ended:
    """How a job ended. `reason`: ended (see `code`), stopped, time, memory, files, refused, away."""

    reason: Literal["ended", "stopped", "time", "memory", "files", "refused", "away"]
    code: int = 0
    cpu: float = 0.0
    peak: int = 0
    detail: str = ""


@dataclass
class Job:
    """A job under way: poll it until it has ended, read its folder, or hang up."""

    folder: Path
    _line: socket.socket
    ended: Ended | None = None
    _heard: bytes = field(default=b"", repr=False)

    def poll(self, seconds: float) -> Ended | None:
        """Wait for the end; None when it is still running after so many seconds."""
        if self.ended is None:
            self._line.settimeout(seconds)
            try:
                piece = self._line.recv(4096)
            except TimeoutError:
                return None
            except OSError:
                piece = b""
            self._heard += piece
            if piece and b"\n" not in self._heard:
                return None
            self.ended = _read(self._heard)
        return self.ended

    def hang_up(self) -> None:
        """Have it killed; safe from any thread, and at any time."""
        with suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)

    def printed(self) -> str:
        """What it has printed so far."""
        return (read_file(self.folder / "out" / "printed.txt", 256 * 1024) or b"").decode("utf-8", "replace")


def _read(heard: bytes) -> Ended:
    try:
        told = json.loads(heard)
        return Ended(told["reason"], int(told.get("code", 0)), float(told.get("cpu", 0)), int(told.get("peak", 0)),
                     str(told.get("detail", "")))
    except (ValueError, KeyError, TypeError):
        return Ended("away")


@contextmanager
def job(jobs: Path, door: Path, wanted: Mapping[str, Any], files: Mapping[str, Path],
        allow: Allowance) -> Iterator[Job]:
    """Start a job with `wanted` as its in/job.json and files under in/; its folder goes when the block ends.

    Raises OSError when no fork-server listens.
    """
    folder = jobs / secrets.token_hex(8)
    for place in (folder, folder / "in", folder / "out", folder / "tmp"):
        place.mkdir(mode=0o700)
    line = socket.socket(socket.AF_UNIX)
    try:
        for name, path in files.items():
            _link(path, folder / "in" / name)
        (folder / "in" / "job.json").write_text(json.dumps(wanted, ensure_ascii=False), encoding="utf-8")
        line.settimeout(5.0)
        line.connect(str(door))
        line.sendall(json.dumps({"job": folder.name, "memory": allow.memory, "seconds": allow.seconds,
                                 "file": allow.file, "files": allow.files}).encode() + b"\n")
        yield Job(folder, line)
    finally:
        line.close()
        shutil.rmtree(folder, ignore_errors=True)


def _link(source: Path, target: Path) -> None:
    """Another name for the same bytes; a copy where the disk is another one."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def read_file(path: Path, limit: int) -> bytes | None:
    """A file that hostile code left: a plain one, of one name, and at most `limit` bytes of it; else None."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    with os.fdopen(handle, "rb") as file:
        return file.read(limit) if is_plain(os.fstat(handle)) else None


def is_plain(facts: os.stat_result) -> bool:
    """Whether a file is a regular one that has no other name."""
    import stat

    return stat.S_ISREG(facts.st_mode) and facts.st_nlink == 1
