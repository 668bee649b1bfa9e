"""One job in a forked child: lock everything first, then run it and leave its answer in files."""

from __future__ import annotations

import importlib
import json
import os
import resource
import sys
import sysconfig
import traceback
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NoReturn

from workers.sandbox import kernel, seccomp

READABLE = (
    "/usr/lib", "/lib", "/lib64", "/usr/lib64", "/usr/local/lib", "/usr/share/zoneinfo", "/etc/ld.so.cache",
    "/etc/localtime", "/dev/urandom", "/dev/random", "/dev/zero", "/proc/self", "/proc/meminfo", "/proc/cpuinfo",
    "/proc/stat", "/proc/sys/vm/overcommit_memory", "/sys/fs/cgroup", "/sys/devices/system/cpu",
)
"""Of the machine: libraries, time zones, randomness, and what DuckDB and BLAS ask of processors and memory."""

OUT_OF_ADDRESSES = 4 * 1024**3


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes of memory beyond the imports, seconds of wall clock, bytes of one file."""

    memory: int
    seconds: float
    file: int


@cache
def libraries() -> tuple[str, ...]:
    """Where this interpreter's own libraries and packages lie; never the program that started it."""
    paths = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    shared = sysconfig.get_config_var("LIBDIR")
    return tuple(sorted({os.path.realpath(p) for p in [*paths, shared] if p}))


def warm(kind: str) -> None:
    """Touch what the first job of a kind would otherwise be the first to touch."""
    libraries()
    ready = getattr(_job(kind), "warm", None)
    if ready is not None:
        ready()


def _job(kind: str) -> object:
    return importlib.import_module(f"workers.sandbox.{kind}_job")


def main(kind: str, folder: Path, limits: Limits) -> NoReturn:
    """Never returns: 0 when an answer was written, 3 when the locks did not close, 4 when the job's own code broke."""
    code = 3
    try:
        lock(folder, limits)
        code = 4
        _job(kind).run(folder)  # type: ignore[attr-defined]
        code = 0
    except BaseException:  # noqa: BLE001 - a child never goes back into the fork-server's code
        with suppress(BaseException):
            (folder / "out" / "fault.txt").write_text(traceback.format_exc()[-4000:])
    finally:
        os._exit(code)


def lock(folder: Path, limits: Limits) -> None:
    """Everything a child gives up, in the order in which the kernel lets go of it."""
    os.setsid()
    kernel.die_with_parent()
    _quiet()
    os.chdir(folder / "tmp")
    os.environ.clear()
    os.environ.update(dict.fromkeys(("HOME", "TMPDIR", "MPLCONFIGDIR"), str(folder / "tmp")), LANG="C.UTF-8")
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
    data, space = _used("VmData"), _used("VmSize")
    kernel.limit((
        (resource.RLIMIT_DATA, data + limits.memory), (resource.RLIMIT_AS, space + limits.memory + OUT_OF_ADDRESSES),
        (resource.RLIMIT_FSIZE, limits.file), (resource.RLIMIT_CPU, int(limits.seconds * 4) + 1),
        (resource.RLIMIT_NOFILE, 256), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_MEMLOCK, 0),
        *(((resource.RLIMIT_NPROC, 4096),) if os.getuid() else ()),
    ))
    sys.path[:] = [p for p in sys.path if os.path.realpath(p or ".") in set(libraries()) or "lib-dynload" in p]
    kernel.no_new_privileges()
    kernel.restrict_files({
        **dict.fromkeys((*READABLE, *libraries(), str(folder / "in")), kernel.READ),
        "/dev/null": kernel.READ | kernel.WRITE, str(folder / "out"): kernel.WRITE, str(folder / "tmp"): kernel.WRITE,
    })
    kernel.drop_capabilities()
    kernel.undumpable()
    seccomp.install()


def _quiet() -> None:
    """No descriptor of the fork-server's is left; what C code prints goes nowhere."""
    nothing = os.open("/dev/null", os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    os.closerange(3, 65_536)


def _used(name: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) * 1024
    return 0


def read_job(folder: Path) -> dict[str, object]:
    """What the supervisor asks for."""
    wanted: dict[str, object] = json.loads((folder / "in" / "job.json").read_text(encoding="utf-8"))
    return wanted
