"""Every kind that the registry finds keeps the contract."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.contract.conformance import CHECKS, Bench, bench_for
from workers import registry


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("contract")


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", sorted(registry.kinds()))
def test_kind(name: str, check: Callable[[Bench], None], folder: Path) -> None:
    check(bench_for(registry.kind(name), folder))
