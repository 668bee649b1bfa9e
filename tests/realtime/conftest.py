"""Sites on SQLite and on PostgreSQL, each with people of every role; fresh canvases for each test."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.realtime.site import Site

ROLES = ["owner", "editor", "viewer", "stranger"]
CANVASES = 40


@pytest.fixture(scope="session")
def site(valkey_url: str) -> Iterator[Site]:
    """A running site on SQLite."""
    yield from _running("", valkey_url)


@pytest.fixture(scope="session")
def postgres_site(valkey_url: str, postgres_server: Any) -> Iterator[Site]:
    """A running site on PostgreSQL."""
    yield from _running(_database(postgres_server), valkey_url)


@pytest.fixture(params=["site", "postgres_site"])
def any_site(request: pytest.FixtureRequest) -> Site:
    """A running site on either database."""
    return request.getfixturevalue(request.param)


def _running(database_url: str, redis_url: str) -> Iterator[Site]:
    site = Site(database_url, redis_url).prepare(ROLES, CANVASES)
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
    """A canvas no other test uses."""
    name = "any_site" if "any_site" in request.fixturenames else "site"
    return str(request.getfixturevalue(name).seeded["canvases"].pop())
