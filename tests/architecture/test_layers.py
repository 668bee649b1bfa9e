"""Who may import whom: the contracts of pyproject.toml hold, and each catches a planted violation."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.architecture.guards import ROOT

# One forbidden import (or module) per contract, as a newcomer would slip it in.
PLANTS = {
    "canvas-layers": ("canvas/spare.py", '"""A module no layer names."""\n'),
    "workers-layers": ("workers/graph.py", "import workers.registry\n"),
    "one-arrow": ("workers/store.py", "import canvas.settings\n"),
    "no-queue-in-computation": ("workers/engine/__init__.py", "import redis\n"),
    "celery-shell": ("workers/leases.py", "import celery\n"),
    "one-compiler": ("workers/cells/table.py", "import ibis\n"),
    "kinds-are-islands": ("workers/cells/filter.py", "import workers.cells.table\n"),
}


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    program = "import sys; from importlinter.cli import lint_imports_command as c; c(sys.argv[1:])"
    command = [sys.executable, "-c", program, "--no-logo", "--no-cache"]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=120, check=False)


def verdicts(output: str) -> dict[str, str]:
    """Contract name -> KEPT or BROKEN."""
    return {name.strip(): verdict for name, verdict in re.findall(r"^(.+?) (KEPT|BROKEN)\b", output, flags=re.M)}


def contract_names() -> dict[str, str]:
    text = (ROOT / "pyproject.toml").read_text()
    return dict(re.findall(r'^id = "(.+)"\nname = "(.+)"', text, flags=re.M))


def test_all_contracts_are_kept():
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert set(verdicts(done.stdout)) == set(contract_names().values())


def test_each_contract_catches_its_planted_violation(tmp_path):
    for package in ("canvas", "workers"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    assert set(PLANTS) == set(contract_names()), "a contract without a planted violation"
    for name, line in PLANTS.values():
        path = tmp_path / name
        path.write_text((path.read_text() if path.exists() else "") + "\n" + line)
    done = lint(tmp_path)
    assert done.returncode != 0
    assert verdicts(done.stdout) == dict.fromkeys(contract_names().values(), "BROKEN")
