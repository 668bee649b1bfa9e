"""A store in a temporary directory for engine tests: the fixture `engine_store`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from workers.engine import use_store


@pytest.fixture
def engine_store(tmp_path: Path) -> Iterator[Path]:
    """Point this process's engine at an empty store; gives its root, a directory a fingerprint."""
    root = tmp_path / "results"
    root.mkdir()
    use_store(lambda fingerprint: root / fingerprint)
    yield root
