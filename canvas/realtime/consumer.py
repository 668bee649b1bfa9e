"""The live socket of a canvas: who it is, what it may send, and its two lanes (frames in, queue out)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs

from channels.consumer import AsyncConsumer
from channels.exceptions import StopConsumer

from canvas.access import NoAccess, NotFound, actor_of, canvas_for
from canvas.realtime import world
from canvas.realtime.commit import claim, in_reader, in_writer
from canvas.realtime.guard import decode
from canvas.realtime.hub import Hub
from canvas.realtime.origin import visitor
from canvas.realtime.presence import awareness_frame, read_own
from canvas.realtime.protocol import (
    AWARENESS,
    BAD_FRAME,
    CANVAS_FULL,
    EMPTY_UPDATE,
    FORBIDDEN_WRITE,
    MAX_FRAME,
    NO_ACCESS,
    PROTOCOL,
    RESTARTING,
    SCHEMA,
    SIGN_IN,
    STEP_1,
    STEP_2,
    SYNC,
    WRONG_CLIENT,
    Refused,
    json_frame,
    read_frame,
    read_state_vector,
    sync_frame,
    write_state_vector,
)
from canvas.realtime.seat import BURST, RATE, Seat
from canvas.realtime.switchboard import switchboard

log = logging.getLogger(__name__)
MAX_SOCKETS, MAX_SOCKETS_OF_ONE = 250, 64
CELLS_PER_FRAME = 40
SYNC_PATIENCE = 30.0


class CanvasConsumer(AsyncConsumer):
    """One socket on one canvas. Binary frames only; see `protocol`."""

    need = "view"

    async def __call__(self, scope: dict[str, Any], receive: Callable[[], Awaitable[Any]], send: Any) -> None:
        """Message after message on this task. Rows are read in threads of ours, so none need look after connections."""
        self.scope, self.base_send = scope, send
        handlers = {"websocket.connect": self.websocket_connect, "websocket.receive": self.websocket_receive,
                    "websocket.disconnect": self.websocket_disconnect}
        with suppress(StopConsumer):
            while True:
                message = await receive()
                await handlers[message["type"]](message)

    async def websocket_connect(self, message: dict[str, Any]) -> None:
        """Let in who may view, bind the client id, then welcome. Refusals carry a code, so the socket opens first."""
        self.seat: Seat | None = None
        self.hub: Hub | None = None
        self.writer: asyncio.Task[None] | None = None
        await self.send({"type": "websocket.accept"})
        try:
            await self._enter()
        except Refused as refusal:
            await self._refuse(refusal)

    async def _enter(self) -> None:
        board = switchboard()
        if board.stopping:
            raise Refused(RESTARTING, "the server restarts")
        canvas_id = str(self.scope["url_route"]["kwargs"]["canvas_id"])
        client_id, epoch = _query(self.scope)
        actor, canvas = await in_reader(_admit, self.scope, canvas_id)
        if epoch not in (0, canvas.epoch):
            raise Refused(WRONG_CLIENT, "the document was replaced")
        hub = await board.hub(canvas_id)
        if len(hub.seats) >= MAX_SOCKETS or sum(s.actor.key == actor.key for s in hub.seats) >= MAX_SOCKETS_OF_ONE:
            raise Refused(CANVAS_FULL, "too many people are on this canvas")
        await _bind(hub, client_id, actor.key)
        user = {"id": actor.key, "name": actor.name, "color": actor.colour, "guest": actor.is_guest}
        seat = Seat(actor, client_id, canvas.role, user)
        for old in [s for s in hub.seats if s.client_id == client_id]:
            old.close(WRONG_CLIENT, "connected again elsewhere")
            hub.seats.discard(old)
        self.hub, self.seat = hub, seat
        hub.seats.add(seat)
        if canvas.access_epoch != hub.access_epoch:
            await hub.recheck()
        self._welcome(hub, seat)
        self.writer = asyncio.get_running_loop().create_task(self._write(seat))
        await self._tell_cells(hub, seat)

    def _welcome(self, hub: Hub, seat: Seat) -> None:
        """Who you are, what the server has; then the question what you have, if you may write."""
        limits = {"frame": MAX_FRAME, "rate": RATE, "burst": BURST, "sockets": MAX_SOCKETS}
        seat.put(json_frame({
            "type": "welcome", "protocol": PROTOCOL, "schema": SCHEMA, "epoch": hub.epoch, "role": seat.role.value,
            "head_seq": hub.room.seq, "user": seat.user, "limits": limits}), free=True)
        if seat.may("edit"):
            seat.put(sync_frame(STEP_1, write_state_vector(hub.room.clocks)), free=True)
        if everyone := hub.presence.everyone(asyncio.get_running_loop().time()):
            seat.put(awareness_frame(everyone), free=True)

    async def _tell_cells(self, hub: Hub, seat: Seat) -> None:
        """The state of every cell, in one message (or several when large); events that race it carry a newer rev."""
        rev, events = await in_reader(_cells, hub.canvas_id)
        for start in range(0, max(len(events), 1), CELLS_PER_FRAME):
            part = events[start : start + CELLS_PER_FRAME]
            seat.put(json_frame({"type": "cells", "rev": rev, "events": part}), free=True)

    async def _write(self, seat: Seat) -> None:
        """Send what is queued, in order, as fast as this one reader reads."""
        try:
            while True:
                await seat.waiting()
                while (frame := seat.pop()) is not None:
                    await self.send({"type": "websocket.send", "bytes": frame})
                if seat.closing:
                    code, reason = seat.closing
                    await self.send({"type": "websocket.close", "code": code, "reason": reason})
                    return
        except (OSError, RuntimeError):
            seat.close(RESTARTING, "the connection is gone")
        finally:
            self._leave()

    async def websocket_receive(self, message: dict[str, Any]) -> None:
        """One frame from the browser. Anything no honest client sends closes this socket and nothing else."""
        hub, seat = self.hub, self.seat
        if hub is None or seat is None or seat.closing:
            return
        try:
            data = message.get("bytes")
            if data is None:
                raise Refused(BAD_FRAME, "text frames are not spoken here")
            await self._take(hub, seat, *read_frame(data))
        except Refused as refusal:
            log.info("a frame was refused: %s", refusal.reason, extra={"canvas_id": hub.canvas_id})
            seat.close(refusal.code, refusal.reason)
            self._leave()
        except Exception:
            log.exception("a frame failed", extra={"canvas_id": hub.canvas_id})
            seat.close(BAD_FRAME, "the frame could not be read")
            self._leave()

    async def _take(self, hub: Hub, seat: Seat, channel: int, kind: int, payload: bytes) -> None:
        await seat.throttle()
        if seat.closing:
            return
        if seat.role is None:
            raise Refused(NO_ACCESS, "you no longer have access")
        if channel == AWARENESS:
            if own := read_own(payload, seat.client_id, seat.user):
                hub.presence.set(seat.client_id, *own)
        elif channel == SYNC and kind == STEP_1:
            await self._answer(hub, seat, payload)
        elif kind == STEP_2 and payload == EMPTY_UPDATE:
            return
        elif seat.may("edit"):
            await hub.offer(seat, payload)
        else:
            shape = decode(payload)
            # A step 2 repeats all deletions its sender has seen; only new content or an update is a write.
            if shape.ranges or (kind != STEP_2 and not shape.empty):
                raise Refused(FORBIDDEN_WRITE, "your role here is to view")

    async def _answer(self, hub: Hub, seat: Seat, state_vector: bytes) -> None:
        """Answer a step 1; at most four large answers are under way in this process at a time."""
        read_state_vector(state_vector)
        async with switchboard().syncs:
            await hub.ask(seat, state_vector)
            try:
                async with asyncio.timeout(SYNC_PATIENCE):
                    await seat.empty.wait()
            except TimeoutError:
                raise Refused(4008, "too slow") from None

    async def websocket_disconnect(self, message: dict[str, Any]) -> None:
        """The socket is gone."""
        self._leave()
        if self.writer is not None:
            self.writer.cancel()
        raise StopConsumer

    def _leave(self) -> None:
        hub, seat = self.hub, self.seat
        if hub is None or seat is None or seat not in hub.seats:
            return
        hub.seats.discard(seat)
        hub.presence.leave(seat.client_id)

    async def _refuse(self, refusal: Refused) -> None:
        await self.send({"type": "websocket.close", "code": refusal.code, "reason": refusal.reason})


def _query(scope: dict[str, Any]) -> tuple[int, int]:
    """The Yjs client id and the epoch the browser holds (0: none yet) from the URL."""
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    try:
        client_id, epoch = int(query["client"][0]), int(query.get("epoch", ["0"])[0])
    except (KeyError, ValueError):
        raise Refused(WRONG_CLIENT, "the URL names no client id") from None
    if not 0 < client_id < 2**53:
        raise Refused(WRONG_CLIENT, "the client id is out of range")
    return client_id, epoch


def _admit(scope: dict[str, Any], canvas_id: str) -> tuple[Any, Any]:
    """The actor and the canvas they may view."""
    actor = actor_of(visitor(scope))
    try:
        return actor, canvas_for(actor, canvas_id, CanvasConsumer.need)
    except (NotFound, NoAccess):
        if actor.is_anonymous:
            raise Refused(SIGN_IN, "sign in first") from None
        raise Refused(NO_ACCESS, "you have no access to this canvas") from None


async def _bind(hub: Hub, client_id: int, actor_key: str) -> None:
    """Bind the client id for good, before anybody else can hear of it."""
    owner = hub.owners.get(client_id)
    if owner is None:
        if client_id in hub.room.clocks:
            raise Refused(WRONG_CLIENT, "this client id is taken")
        owner = (await in_writer(claim, hub.canvas_id, [client_id], actor_key)).get(client_id)
        if owner is not None:
            hub.owners[client_id] = owner
    if owner != actor_key:
        raise Refused(WRONG_CLIENT, "this client id is taken")


def _cells(canvas_id: str) -> tuple[int, list[dict[str, Any]]]:
    """The revision, read first, and the events that tell every cell's state."""
    return world.state_rev(canvas_id), world.cell_events(canvas_id, 0)
