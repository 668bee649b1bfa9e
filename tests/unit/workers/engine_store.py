"""A store in a temporary directory for engine tests: the fixture `engine_store`."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fixtures.subscribers import subscribers
from workers.engine import tables, use_store
from workers.ports import Table

_NAMES = itertools.count()


@pytest.fixture(scope="session")
def engine_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of the session: opening an engine costs more than most tests."""
    root: Path = tmp_path_factory.mktemp("results")
    return root


@pytest.fixture
def engine_store(engine_root: Path) -> Callable[[], tuple[str, Path]]:
    """Point this process's engine at the store; call it for a fresh (fingerprint, directory)."""
    use_store(engine_root.joinpath)

    def fresh() -> tuple[str, Path]:
        name = f"made{next(_NAMES):06d}"
        return name, engine_root / name

    return fresh


@pytest.fixture(scope="module")
def stored_subscribers(engine_root: Path) -> Table:
    """The generated subscribers, written once: a literal table is parsed anew by each query."""
    use_store(engine_root.joinpath)
    if not (engine_root / "subscribers").exists():
        tables.materialise(subscribers(), engine_root / "subscribers")
    return tables.stored("subscribers")
