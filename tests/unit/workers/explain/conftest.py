"""Models that explanations are tried on, each trained once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from threadpoolctl import threadpool_limits

from tests.unit.workers.explain.shops import Shop, trained


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> Iterator[None]:
    """As in a worker: tests side by side must not fight for cores."""
    import lightgbm
    import sklearn.ensemble  # the limit reaches only what is loaded

    assert lightgbm and sklearn
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="session")
def leaving() -> Shop:
    """Who leaves: a blend of trees and a line."""
    return trained("left", ("lightgbm", "line"))


@pytest.fixture(scope="session")
def spending() -> Shop:
    """How much is spent: a blend of trees and a line."""
    return trained("spent", ("lightgbm", "line"))


@pytest.fixture(scope="session")
def plans() -> Shop:
    """Three classes."""
    return trained("plan", ("lightgbm", "line"))
