"""Sites on SQLite and on PostgreSQL, each with people of every role; fresh canvases for each test."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.realtime.site import Site

ROLES = ["owner", "editor", "viewer", "stranger"]
CANVASES = 16


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def any_site(request: pytest.FixtureRequest, valkey_url: str) -> Iterator[Site]:
    """A running site on either database."""
    yield from _running(request, request.param, valkey_url)


@pytest.fixture(scope="module")
def site(request: pytest.FixtureRequest, valkey_url: str) -> Iterator[Site]:
    """A running site on SQLite."""
    yield from _running(request, "sqlite", valkey_url)


def _running(request: pytest.FixtureRequest, database: str, redis_url: str) -> Iterator[Site]:
    url = _database(request.getfixturevalue("postgres_server")) if database == "postgres" else ""
    site = Site(url, redis_url).prepare(ROLES, CANVASES)
    site.port = site.start()
    yield site
    site.close()


def _database(server: Any) -> str:
    import psycopg

    name = f"live{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return str(server.get_uri(name))


@pytest.fixture
def canvas(request: pytest.FixtureRequest) -> str:
    """A canvas no other test of the module uses."""
    name = "any_site" if "any_site" in request.fixturenames else "site"
    return str(request.getfixturevalue(name).seeded["canvases"].pop())
