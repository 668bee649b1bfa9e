"""Real databases on loopback, a store, and a person who asks them."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures import databases as servers
from workers import resolve
from workers.engine.connect import databases, sealing
from workers.kind import Cancel
from workers.store import Store


class Asker:
    """Someone with a saved connection."""

    def __init__(self, given: dict[str, Any], store: Store) -> None:
        self.given, self.store = given, store
        self.token = f"connection:11111111-2222-3333-4444-555555555555:{given['form']}"
        resolve.open_engine(store)

    @property
    def envelope(self) -> str:
        """The connection as a worker receives it."""
        return sealing.seal(self.given, self.token, sealing.keys())

    def but(self, **changed: Any) -> Asker:
        """The same with other fields."""
        return Asker({**self.given, **changed}, self.store)

    def tables(self) -> list[dict[str, Any]]:
        """What the picker lists."""
        return databases.tables(self.token, self.envelope, self.store)

    def read(self, table: str = "", query: str = "", cancel: Cancel | None = None, limit: int = 1 << 30) -> Any:
        """Keep an answer: ({"rows", ...}, path of the Parquet)."""
        with self.store.raw_writer() as writer:
            told = databases.keep_answer(self.token, self.envelope, self.store, table, query, writer, limit,
                                         cancel or Cancel(), lambda share: None)
            digest, _ = writer.commit()
        return told, self.store.raw_path(digest)

    def stopped_after(self, seconds: float, query: str) -> Cancel:
        """A cancel that comes while a query runs."""
        cancel = Cancel()
        threading.Timer(seconds, cancel.set).start()
        return cancel


@pytest.fixture(autouse=True)
def operator_allows_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """What no installation has by itself."""
    monkeypatch.setenv("DATABASE_NETWORKS", "127.0.0.0/8")
    monkeypatch.setenv("CONNECTION_KEYS", os.urandom(32).hex())


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    with servers.postgres() as found:
        yield found


@pytest.fixture(scope="session")
def mariadb() -> Iterator[dict[str, Any]]:
    with servers.mariadb() as found:
        yield found
