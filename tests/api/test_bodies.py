"""What may be spooled of a request's body before anybody asks who sent it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from django.conf import settings

from canvas.security.bodies import BodyLimit

UPLOAD = "/api/canvases/11111111-1111-4111-8111-111111111111/uploads"
COOKIE = (b"cookie", b"a=b; inkling_session=xyz")
LARGE = 3 * 1024 * 1024


def send(path: str, size: int, headers: list[tuple[bytes, bytes]], method: str = "POST") -> tuple[int, int]:
    """Status, and how many bytes the inner application was given."""
    taken, out = 0, []
    chunk = 512 * 1024

    async def inner(scope: Any, receive: Any, answer: Any) -> None:
        nonlocal taken
        more = True
        while more:
            message = await receive()
            taken += len(message["body"])
            more = message["more_body"]
        await answer({"type": "http.response.start", "status": 200, "headers": []})

    left = size

    async def receive() -> dict[str, Any]:
        nonlocal left
        now = min(chunk, left)
        left -= now
        return {"type": "http.request", "body": b"x" * now, "more_body": left > 0}

    async def answer(message: dict[str, Any]) -> None:
        out.append(message)

    scope = {"type": "http", "method": method, "path": path, "headers": headers}
    asyncio.run(BodyLimit(inner)(scope, receive, answer))
    if out[0]["status"] == 413:
        assert json.loads(out[1]["body"])["error"]["code"] == "too_big"
    return out[0]["status"], taken


def length(size: int) -> tuple[bytes, bytes]:
    """The header that announces a size."""
    return (b"content-length", str(size).encode())


def test_an_upload_of_someone_with_a_session_passes() -> None:
    assert send(UPLOAD, LARGE, [COOKIE, length(LARGE)]) == (200, LARGE)


@pytest.mark.parametrize(("path", "headers"), [
    (UPLOAD, [length(LARGE)]), ("/api/me", [COOKIE, length(LARGE)]), ("/accounts/login/", [length(LARGE)]),
    (UPLOAD + "/x", [COOKIE, length(LARGE)])])
def test_a_large_body_elsewhere_is_refused_unread(path: str, headers: list) -> None:
    assert send(path, LARGE, headers) == (413, 0)


def test_a_body_that_says_no_size_is_cut_off() -> None:
    status, taken = send(UPLOAD, LARGE, [COOKIE])
    assert status == 413
    assert taken <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def test_a_body_longer_than_announced_is_cut_off() -> None:
    assert send("/api/me", LARGE, [COOKIE, length(10)])[0] == 413


def test_small_bodies_pass() -> None:
    assert send("/api/me", 1000, [length(1000)]) == (200, 1000)
