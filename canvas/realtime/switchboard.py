"""All open hubs of this process: opening, unloading, the doorbell through Redis, the poll, the tick."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import secrets
from collections import deque
from collections.abc import Callable
from itertools import count
from typing import Any

import redis.asyncio
from django.conf import settings
from redis.exceptions import RedisError

from canvas.realtime import world
from canvas.realtime.commit import heads, in_reader
from canvas.realtime.hub import Hub, Outside
from canvas.realtime.presence import awareness_frame
from canvas.realtime.protocol import NO_ACCESS, RESTARTING, Refused, json_frame

log = logging.getLogger(__name__)
UNLOAD_AFTER = 60.0
POLL_EVERY, TICK_EVERY, HEARTBEAT_EVERY = 2.0, 0.1, 15.0
BEATS_PER_RECHECK = 4
INITIAL_SYNCS = 4


class Switchboard:
    """One per event loop. Redis only rings the bell: without it the poll finds everything two seconds later."""

    def __init__(self, outside: Outside | None = None, redis_url: str | None = None) -> None:
        self.outside = outside or world.outside(self.ring)
        self.hubs: dict[str, Hub] = {}
        self.syncs = asyncio.Semaphore(INITIAL_SYNCS)
        self.name = secrets.token_hex(8)
        self.stopping = False
        self._url = settings.REDIS_URL if redis_url is None else redis_url
        self._opening: dict[str, asyncio.Lock] = {}
        self._idle: dict[str, float] = {}
        self._out: deque[tuple[str, str]] = deque(maxlen=10_000)
        self._heads: dict[str, int] = {}
        self._alone: set[str] = set()
        """Canvases nobody else listened to at the last ring: theirs wait for the next tick, one for many commits."""
        self._out_wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._listening: Any = None

    def start(self) -> None:
        """Start the loops that belong to the process; a second call does nothing."""
        if self._tasks:
            return
        loops: list[Callable[[], Any]] = [self._poll, self._tick, self._heartbeat]
        if self._url:
            loops += [self._listen, self._send]
        self._tasks = [asyncio.get_running_loop().create_task(self._for_ever(work)) for work in loops]

    async def _for_ever(self, work: Callable[[], Any]) -> None:
        """Run a loop; when it fails, say so and start it again."""
        pause = 0.5
        while True:
            try:
                await work()
            except (RedisError, OSError) as error:
                log.warning("the doorbell is out of reach (%s)", type(error).__name__)
            except Exception:
                log.exception("a loop of the switchboard failed")
            await asyncio.sleep(pause)
            pause = min(pause * 2, 10.0)

    async def hub(self, canvas_id: str) -> Hub:
        """The open hub of a canvas; loads it if it is the first to ask."""
        async with self._opening.setdefault(canvas_id, asyncio.Lock()):
            hub = self.hubs.get(canvas_id)
            if hub is None:
                hub = Hub(canvas_id, self.outside)
                # Subscribed before it loads: what is published meanwhile is above the seq it finds.
                self.hubs[canvas_id] = hub
                try:
                    await self._subscribe(canvas_id)
                    await hub.open()
                except BaseException:
                    del self.hubs[canvas_id]
                    raise
            self._idle[canvas_id] = asyncio.get_running_loop().time()
            return hub

    async def stop(self) -> None:
        """Close all sockets with 1012 and flush all hubs."""
        self.stopping = True
        for hub in self.hubs.values():
            for seat in hub.seats:
                seat.close(RESTARTING, "the server restarts")
        await asyncio.gather(*(hub.close() for hub in self.hubs.values()), return_exceptions=True)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.hubs.clear()

    # --- the doorbell

    def ring(self, canvas_id: str, message: dict[str, Any]) -> None:
        """Tell other processes; never waits, and a lost message is made good by their poll."""
        if not self._url:
            return
        if message.keys() == {"seq"}:
            self._heads[canvas_id] = message["seq"]
            if canvas_id in self._alone:
                return
        else:
            self._out.append((f"canvas:{canvas_id}", json.dumps(message, separators=(",", ":"))))
        self._out_wake.set()

    def _client(self) -> redis.asyncio.Redis:
        # redis-py 8 gives up on an idle socket after 5 s unless told otherwise.
        return redis.asyncio.Redis.from_url(self._url, socket_timeout=None, socket_connect_timeout=2)

    async def _send(self) -> None:
        async with self._client() as client:
            while True:
                await self._out_wake.wait()
                self._out_wake.clear()
                while self._out:
                    await client.publish(*self._out.popleft())
                heads, self._heads = self._heads, {}
                for canvas_id, seq in heads.items():
                    heard = await client.publish(f"canvas:{canvas_id}", json.dumps({"seq": seq}))
                    (self._alone.add if heard <= 1 else self._alone.discard)(canvas_id)

    async def _listen(self) -> None:
        async with self._client() as client, client.pubsub() as pubsub:
            await pubsub.subscribe("canvas:-", *(f"canvas:{c}" for c in self.hubs))
            self._listening = pubsub
            try:
                while True:
                    message = await pubsub.get_message(ignore_subscribe_messages=True, timeout=None)
                    if message and message["type"] == "message":
                        self._heard(message["channel"].decode().removeprefix("canvas:"), message["data"])
            finally:
                self._listening = None

    async def _subscribe(self, canvas_id: str) -> None:
        if self._listening is not None:
            try:
                await self._listening.subscribe(f"canvas:{canvas_id}")
            except (RedisError, OSError):
                log.warning("not subscribed to the doorbell", extra={"canvas_id": canvas_id})

    def _heard(self, canvas_id: str, data: bytes) -> None:
        """Act on one ring. What is not understood is left alone: a newer process may have sent it."""
        hub = self.hubs.get(canvas_id)
        if hub is None or not hub.ready.is_set():
            return
        try:
            message = json.loads(data)
        except ValueError:
            return
        if not isinstance(message, dict):
            return
        if isinstance(message.get("event"), dict):
            hub.broadcast(json_frame(message["event"]))
        if isinstance(message.get("seq"), int) and message["seq"] > hub.room.seq:
            hub.spawn(hub.hear(message["seq"]))
        if isinstance(message.get("rev"), int):
            hub.spawn(self._cells_moved(hub, message["rev"], sent=message.get("sent") is True))
        if "access" in message:
            hub.spawn(hub.recheck())
        if isinstance(message.get("canvas"), dict):
            hub.broadcast(json_frame({"type": "canvas", **message["canvas"]}))
        if message.get("from") not in (None, self.name) and isinstance(message.get("awareness"), str):
            self._presence_elsewhere(hub, message["awareness"])

    def _presence_elsewhere(self, hub: Hub, text: str) -> None:
        payload = base64.b64decode(text)
        try:
            hub.presence.merge(payload, asyncio.get_running_loop().time())
        except Refused:
            return
        hub.broadcast(awareness_frame(payload))

    async def _cells_moved(self, hub: Hub, rev: int, *, sent: bool = False) -> None:
        """States of cells changed: send what is newer than what was sent; nothing if the events came with the ring."""
        async with hub.turn_of_events:
            if rev <= hub.rev:
                return
            if sent and rev == hub.rev + 1:
                hub.rev = rev
                return
            events = await in_reader(world.cell_events, hub.canvas_id, hub.rev)
            hub.rev = max([rev, *(e.get("rev") or 0 for e in events)])
        for event in events:
            hub.broadcast(json_frame(event))

    # --- loops

    async def _poll(self) -> None:
        """One query for all open canvases, so that a lost ring costs two seconds and no more."""
        while True:
            await asyncio.sleep(POLL_EVERY)
            await self._unload()
            found = await in_reader(heads, list(self.hubs)) if self.hubs else {}
            for canvas_id, hub in list(self.hubs.items()):
                if not hub.ready.is_set():
                    continue
                hub.tick()
                if canvas_id not in found:
                    for seat in hub.seats:
                        seat.close(NO_ACCESS, "the canvas was deleted")
                    continue
                head, rev, access = found[canvas_id]
                if head > hub.room.seq:
                    hub.spawn(hub.hear(head))
                if rev > hub.rev:
                    hub.spawn(self._cells_moved(hub, rev))
                if access != hub.access_epoch:
                    hub.spawn(hub.recheck())

    async def _unload(self) -> None:
        now = asyncio.get_running_loop().time()
        for canvas_id, hub in list(self.hubs.items()):
            if hub.seats:
                self._idle[canvas_id] = now
            elif now - self._idle.get(canvas_id, now) > UNLOAD_AFTER:
                await self.let_go(canvas_id)

    async def let_go(self, canvas_id: str) -> None:
        """Flush and unload a canvas nobody looks at."""
        async with self._opening.setdefault(canvas_id, asyncio.Lock()):
            hub = self.hubs.get(canvas_id)
            if hub is None or hub.seats:
                return
            del self.hubs[canvas_id]
            self._idle.pop(canvas_id, None)
            self._alone.discard(canvas_id)
            await hub.close()
            if self._listening is not None:
                await self._listening.unsubscribe(f"canvas:{canvas_id}")

    async def _tick(self) -> None:
        """Presence: at most one frame per canvas per tick."""
        while True:
            await asyncio.sleep(TICK_EVERY)
            if self._heads:
                self._out_wake.set()
            for canvas_id, hub in list(self.hubs.items()):
                payload = hub.tell_presence()
                if payload is not None:
                    self.ring(canvas_id, {"awareness": base64.b64encode(payload).decode(), "from": self.name})

    async def _heartbeat(self) -> None:
        for beat in count(1):
            await asyncio.sleep(HEARTBEAT_EVERY)
            for hub in list(self.hubs.values()):
                hub.broadcast(json_frame({"type": "heartbeat", "head_seq": hub.room.seq}))
                hub.spawn(self._rights(hub, every=beat % BEATS_PER_RECHECK == 0))

    @staticmethod
    async def _rights(hub: Hub, every: bool) -> None:
        """Links expire and sessions end without anybody ringing; reading every role anew costs more and is rarer."""
        if every or await in_reader(world.lapsed, hub.canvas_id, [seat.actor for seat in hub.seats]):
            await hub.recheck()


_current: tuple[asyncio.AbstractEventLoop, Switchboard] | None = None


def switchboard() -> Switchboard:
    """The switchboard of the running loop; made and started by the first to ask."""
    global _current
    loop = asyncio.get_running_loop()
    if _current is None or _current[0] is not loop:
        _current = (loop, Switchboard())
    _current[1].start()
    return _current[1]
