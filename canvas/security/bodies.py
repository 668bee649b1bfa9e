"""Bounds what Django may spool of a request body: it stores whole bodies before it asks who is calling."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
_UPLOAD = re.compile(r"/api/canvases/[0-9a-f-]{36}/uploads")


class TooBig(Exception):
    """More bytes came than may."""


class BodyLimit:
    """ASGI: a small limit for every request, the large one only for uploads that announce their size and a session."""

    def __init__(self, app: Callable[[Message, Receive, Send], Awaitable[None]]) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = _limit(scope)
        if _announced(scope) > limit:
            await _refuse(send)
            return
        seen, begun = 0, False

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                raise TooBig
            return message

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, counted, watched)
        except TooBig:
            if not begun:
                await _refuse(send)


def _limit(scope: Message) -> int:
    """Bytes the body of this request may have."""
    cookies = b"; ".join(value for name, value in scope["headers"] if name == b"cookie")
    known = f"{settings.SESSION_COOKIE_NAME}=".encode() in cookies
    if known and scope["method"] == "POST" and _UPLOAD.fullmatch(scope["path"]) and _announced(scope) >= 0:
        return int(settings.MAX_UPLOAD)
    return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


def _announced(scope: Message) -> int:
    """The Content-Length; -1 without one."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return -1


async def _refuse(send: Send) -> None:
    """413 in the API's shape; the connection closes, since the rest of the body is not read."""
    words = "The request is larger than this server takes. Split the file, or send it as Parquet."
    body = json.dumps({"error": {"code": "too_big", "message": words}}).encode()
    length = str(len(body)).encode()
    headers = [(b"content-type", b"application/json"), (b"connection", b"close"), (b"content-length", length)]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
