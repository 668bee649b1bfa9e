"""What an engine spills goes away with it, also when its process was killed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from workers.engine.duck import Scratch

HOLDS = "import time; from workers.engine.duck import Scratch; s = Scratch(); print(s.folder, flush=1); time.sleep(9)"


@pytest.fixture(autouse=True)
def _own_temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))


def test_a_killed_engine_leaves_nothing_once_the_next_one_opens() -> None:
    process = subprocess.Popen([sys.executable, "-c", HOLDS], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    left = Path(process.stdout.readline().strip())
    (left / "spilled.tmp").write_bytes(b"x" * 1000)
    own = Scratch()
    assert left.exists(), "the folder of a living engine was removed"
    process.kill()
    process.wait()
    next_one = Scratch()
    assert not left.exists()
    assert own.folder.exists() and next_one.folder.exists()
    own.close()
    assert not own.folder.exists()
