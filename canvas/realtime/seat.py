"""A socket's place in a hub: its bounded queue of frames, its rights, its acks and its rate."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

from canvas.realtime.protocol import TOO_SLOW

QUEUE_BYTES = 2 * 1024 * 1024
RATE, BURST = 60.0, 200.0


class Seat:
    """What the hub knows of one socket. Nobody but its own writer waits for a slow reader."""

    def __init__(self, actor: Any, client_id: int, role: Any, user: dict[str, Any]) -> None:
        self.actor, self.client_id, self.role, self.user = actor, client_id, role, user
        self.frames: deque[tuple[bytes, bool]] = deque()
        self.size = 0
        self.durable = 0
        """Update frames of this socket that are committed."""
        self.closing: tuple[int, str] | None = None
        self._loop = asyncio.get_running_loop()
        self._sleeper: asyncio.Future[None] | None = None
        self.empty = asyncio.Event()
        self.empty.set()
        self._tokens, self._filled = BURST, self._loop.time()

    def may(self, need: str) -> bool:
        """Whether the socket's role covers a need."""
        return bool(self.role is not None and self.role.may(need))

    def put(self, frame: bytes, *, free: bool = False) -> None:
        """Queue a frame. A reader too slow for its budget is cut; what it asked for itself is `free`."""
        if self.closing:
            return
        if not free:
            if self.size + len(frame) > QUEUE_BYTES:
                self.close(TOO_SLOW, "too slow")
                return
            self.size += len(frame)
        self.frames.append((frame, free))
        self.empty.clear()
        self._wake()

    def close(self, code: int, reason: str) -> None:
        """Ask the socket to close; what is queued for one that is too slow is let go."""
        if self.closing:
            return
        self.closing = (code, reason)
        if code == TOO_SLOW:
            self.frames.clear()
            self.size = 0
        self._wake()

    async def waiting(self) -> None:
        """Return once there is something to send. A bare future: an Event asks the system for its loop each time."""
        if not self.frames and not self.closing:
            self._sleeper = self._loop.create_future()
            await self._sleeper

    def _wake(self) -> None:
        if self._sleeper is not None and not self._sleeper.done():
            self._sleeper.set_result(None)

    def pop(self) -> bytes | None:
        """The next frame to send."""
        if not self.frames:
            self.empty.set()
            return None
        frame, free = self.frames.popleft()
        if not free:
            self.size -= len(frame)
        return frame

    async def throttle(self) -> None:
        """Wait for a token: a flood is slowed down to its own socket's rate, an honest burst passes."""
        now = self._loop.time()
        self._tokens = min(BURST, self._tokens + (now - self._filled) * RATE)
        self._filled = now
        self._tokens -= 1
        if self._tokens < 0:
            await asyncio.sleep(-self._tokens / RATE)
