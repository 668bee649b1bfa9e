"""One canvas in this process: its room, its seats, and the loop that commits, broadcasts, acks and rings."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from django.db import Error as DatabaseError
from pycrdt import merge_updates

from canvas.documents.document import stored
from canvas.documents.models import Canvas
from canvas.realtime import commit as log_commit
from canvas.realtime.commit import AccessMoved, Batch, Behind, Derived, Gone, Row, in_reader, in_writer
from canvas.realtime.guard import Shape, decode
from canvas.realtime.presence import Presence, awareness_frame
from canvas.realtime.protocol import (
    BAD_FRAME,
    NO_ACCESS,
    STEP_2,
    UPDATE,
    Refused,
    ack_frame,
    json_frame,
    sync_frame,
)
from canvas.realtime.room import Polluted, Room
from canvas.realtime.seat import Seat

log = logging.getLogger(__name__)
MAX_WAITING = 1000
LAYOUT_EVERY = 2.0
GAP_PER_SEAT, LONGEST_GAP = 0.0004, 0.04
"""Seconds between two commits, by how many sockets hear of each: the edits of a crowd share commits and frames."""


@dataclass(slots=True)
class Waiting:
    """An accepted frame on its way to being durable: an update's delta, or an answer that must not overtake updates."""

    seat: Seat
    delta: bytes | None = None
    asked: bytes | None = None
    answer: bytes | None = None


@dataclass(slots=True)
class Outside:
    """What a hub needs of the world around it; tests put their own in."""

    kinds: Any
    ring: Callable[[str, dict[str, Any]], None]
    sources: Callable[[str, set[str]], dict[str, str]]
    roles: Callable[[str, list[Any]], tuple[int, list[Any]]]
    graph_changed: Callable[[str, str], Awaitable[None]]
    committed: Callable[[Hub, list[Row]], None]


class Hub:
    """Everything of one canvas that lives in this process; used on the event loop only."""

    def __init__(self, canvas_id: str, outside: Outside) -> None:
        self.canvas_id, self.outside = canvas_id, outside
        self.room = Room(outside.kinds)
        self.seats: set[Seat] = set()
        self.presence = Presence()
        self.owners: dict[int, str] = {}
        self.epoch = self.access_epoch = self.rev = 0
        self.waiting: deque[Waiting] = deque()
        self.ready = asyncio.Event()
        self.turn, self.turn_of_events = asyncio.Lock(), asyncio.Lock()
        self.space = asyncio.Event()
        self.space.set()
        self._wake = asyncio.Event()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._layout_at = 0.0
        self._layout_due = self._graph_due = False
        self._failures = self.rows_loaded = 0

    async def open(self) -> None:
        """Load the canvas and start to commit."""
        row, self.owners, (seq, updates) = await in_reader(self._read_all)
        self.epoch, self.access_epoch, self.rev = row["epoch"], row["access_epoch"], row["state_rev"]
        self.rows_loaded = len(updates)
        self.room.open(seq, updates)
        await self._resolve()
        self.room.projector.take_changed()
        graph, problems = self._projected()
        if (graph, problems) != (row["graph"], row["diagnostics"]):
            # A document made by the server (template, copy, restore), or kinds that have changed since.
            self._graph_is_due()
        self.ready.set()
        self.spawn(self._commit_for_ever())

    def _read_all(self) -> tuple[dict[str, Any], dict[int, str], tuple[int, list[bytes]]]:
        columns = Canvas.objects.values("epoch", "access_epoch", "state_rev", "graph", "diagnostics")
        row = columns.get(pk=self.canvas_id, deleted_at__isnull=True)
        return row, log_commit.owners(self.canvas_id), stored(self.canvas_id)

    def _projected(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Graph and diagnostics as they are stored."""
        seen = self.room.projector.projection()
        return seen.graph.to_json(), {"cells": dict(seen.cell_problems), "edges": dict(seen.edge_problems)}

    def _graph_is_due(self) -> None:
        self.room.projector.mark_changed()
        self._graph_due = True
        self._wake.set()

    def spawn(self, work: Any) -> asyncio.Task[Any]:
        """Run a coroutine for as long as the hub lives."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("a task of the hub ended", exc_info=error, extra={"canvas_id": self.canvas_id})

    async def close(self) -> None:
        """Flush, then let the room go."""
        deadline = asyncio.get_running_loop().time() + 10
        while (self.waiting or self._layout_due) and asyncio.get_running_loop().time() < deadline and self._tasks:
            self._layout_at = 0.0
            self._wake.set()
            await asyncio.sleep(0.01)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.room.close()

    # --- what sockets do

    async def offer(self, seat: Seat, update: bytes) -> None:
        """Accept a client's update wholly or raise Refused; it is durable once acked."""
        await self.space.wait()
        shape = decode(update)
        await self._own(seat, shape)
        await self.ready.wait()
        try:
            delta = self.room.accept(update, lambda client: self.owners.get(client) == seat.actor.key, shape)
        except Polluted:
            self.ready.clear()
            self.spawn(self._rebuild())
            raise
        self._queue(Waiting(seat, delta=delta))

    async def ask(self, seat: Seat, state_vector: bytes) -> None:
        """Answer a sync step 1 once everything the answer holds is durable."""
        await self.ready.wait()
        self._queue(Waiting(seat, asked=state_vector, answer=self.room.diff(state_vector)))

    def _queue(self, item: Waiting) -> None:
        self.waiting.append(item)
        if len(self.waiting) >= MAX_WAITING:
            self.space.clear()
        self._wake.set()

    async def _own(self, seat: Seat, shape: Shape) -> None:
        """Bind client ids nobody used yet to who brings them: edits made offline by a page that is closed by now."""
        free = [c for c in shape.ranges if c not in self.owners and c not in self.room.clocks]
        if len(free) > 16:
            raise Refused(BAD_FRAME, "the update brings too many new clients")
        if free:
            self.owners.update(await in_writer(log_commit.claim, self.canvas_id, free, seat.actor.key))

    def broadcast(self, frame: bytes, but: Seat | None = None) -> None:
        """Queue a frame for every seat."""
        for seat in self.seats:
            if seat is not but:
                seat.put(frame)

    # --- the loop

    async def _commit_for_ever(self) -> None:
        clock, begun = asyncio.get_running_loop().time, 0.0
        while True:
            await self._wake.wait()
            if (pause := begun + min(LONGEST_GAP, GAP_PER_SEAT * len(self.seats)) - clock()) > 0:
                await asyncio.sleep(pause)
            begun = clock()
            self._wake.clear()
            await self.ready.wait()
            async with self.turn:
                if self.ready.is_set() and (self.waiting or self._graph_due or self._layout_now()):
                    await self._round()

    async def _round(self) -> None:
        """One transaction with all that waits; on any trouble nothing is popped and the loop comes again."""
        items, rows = list(self.waiting), []
        for item in items:
            if item.delta is not None:
                rows.append(Row(item.seat.actor.key, item.seat.client_id, item.delta))
        try:
            changed, derived = await self._derive(bool(rows), len(items))
            if rows or changed or derived.layout is not None:
                batch = Batch(self.canvas_id, self.epoch, self.room.seq, self.access_epoch, rows, derived)
                self.room.seq = await in_writer(log_commit.commit, batch)
        except Exception as trouble:  # noqa: BLE001 - whatever it is, the loop must live
            self.room.projector.mark_changed()
            self._wake.set()
            await self._recover(trouble)
            return
        self._failures, self._graph_due = 0, False
        if derived.layout is not None:
            self._layout_at, self._layout_due = asyncio.get_running_loop().time(), False
        self._landed(items, rows)
        if rows:
            self.outside.ring(self.canvas_id, {"seq": self.room.seq})
            self.outside.committed(self, rows)
        if changed:
            actor = rows[-1].actor if rows else ""
            self.spawn(self.outside.graph_changed(self.canvas_id, actor))

    async def _derive(self, edited: bool, count: int) -> tuple[bool, Derived]:
        """What the projection now says, if it changed; nothing is awaited once `count` items are known to be all."""
        room = self.room
        if room.unresolved():
            await self._resolve()
        self._layout_due |= edited
        layout = room.layout() if self._layout_now() else None
        if len(self.waiting) != count or not room.projector.take_changed():
            return False, Derived(layout=layout)
        return True, Derived(*self._projected(), layout)

    def _layout_now(self) -> bool:
        return self._layout_due and asyncio.get_running_loop().time() - self._layout_at >= LAYOUT_EVERY

    def tick(self) -> None:
        """Called every two seconds: the layout of the last edits is written even when nobody edits again."""
        if self._layout_due:
            self._wake.set()

    def _landed(self, items: list[Waiting], rows: list[Row]) -> None:
        """Broadcast what is durable, then ack it, then answer who asked."""
        for _ in items:
            self.waiting.popleft()
        if len(self.waiting) < MAX_WAITING:
            self.space.set()
        authors = {id(i.seat): i.seat for i in items if i.delta is not None}
        if rows:
            merged = rows[0].data if len(rows) == 1 else merge_updates(*(r.data for r in rows))
            self.broadcast(sync_frame(UPDATE, merged), next(iter(authors.values())) if len(authors) == 1 else None)
        acked = {}
        for item in items:
            if item.asked is None:
                item.seat.durable += 1
                acked[id(item.seat)] = item.seat
        for seat in acked.values():
            seat.put(ack_frame(seat.durable))
        for item in items:
            if item.answer is not None:
                item.seat.put(sync_frame(STEP_2, item.answer), free=True)

    async def _recover(self, trouble: Exception) -> None:
        if isinstance(trouble, Behind):
            await self._catch_up(trouble.rows)
        elif isinstance(trouble, AccessMoved):
            await self._apply_roles(*await self._read_roles())
        elif isinstance(trouble, Gone):
            self.waiting.clear()
            for seat in list(self.seats):
                seat.close(trouble.code, str(trouble))
        else:
            # Whatever it is, no ack goes out: browsers show "Saving" and keep what they have until it is over.
            self._failures += 1
            log.error("a commit failed", exc_info=trouble, extra={"canvas_id": self.canvas_id})
            await asyncio.sleep(min(5.0, 0.1 * 2**self._failures) * (0.5 + random.random()))

    async def _resolve(self) -> None:
        wanted = self.room.unresolved()
        if wanted:
            self.room.projector.set_sources(await in_reader(self.outside.sources, self.canvas_id, wanted))

    # --- what other processes did

    async def hear(self, seq: int) -> None:
        """Somebody says the log has reached `seq`."""
        if seq <= self.room.seq:
            return
        async with self.turn:
            if seq > self.room.seq and self.ready.is_set():
                await self._catch_up(await in_reader(log_commit.tail, self.canvas_id, self.room.seq))

    async def _catch_up(self, rows: list[tuple[int, bytes]] | None) -> None:
        """Apply foreign rows in seq order and pass them on; the caller holds the turn."""
        if rows is None:
            await self._reload(tell=True)
            return
        before = self.room.seq
        try:
            for seq, data in rows:
                self.room.follow(seq, data)
        except Refused:
            await self._reload(tell=True)
            return
        if rows:
            merged = rows[0][1] if len(rows) == 1 else merge_updates(*(data for _, data in rows))
            self.broadcast(sync_frame(UPDATE, merged))
        await self._settle_graph(before)

    async def _settle_graph(self, before: int) -> None:
        """Foreign rows changed the projection: who wrote them wrote the graph too, or it is ours to write."""
        await self._resolve()
        if not self.room.projector.changed() or self.waiting:
            return
        written = await in_reader(log_commit.graph_seq, self.canvas_id)
        if self.waiting:
            return
        if written > before:
            self.room.projector.take_changed()
        else:
            self._graph_is_due()

    async def _rebuild(self) -> None:
        async with self.turn:
            await self._reload(tell=False)

    async def _reload(self, tell: bool) -> None:
        """Start the replica anew from the log and put what waits on top; the caller holds the turn."""
        self.ready.clear()
        before = self.room.doc.get_state() if tell and self.room.doc is not None else None
        while True:
            try:
                self.room.open(*await in_reader(stored, self.canvas_id))
                break
            except DatabaseError as trouble:
                await self._recover(trouble)
        if before is not None:
            self.broadcast(sync_frame(UPDATE, self.room.diff(before)))
        self._replay()
        self.room.projector.mark_changed()
        self.ready.set()
        self._wake.set()

    def _replay(self) -> None:
        """Apply again what waits, in order; what does not hold without a dropped update closes its socket."""
        kept: deque[Waiting] = deque()
        for item in self.waiting:
            if item.delta is not None:
                try:
                    self.room.accept(item.delta, lambda client: True)
                except Refused as refusal:
                    item.seat.close(refusal.code, refusal.reason)
                    continue
            if item.asked is not None:
                item.answer = self.room.diff(item.asked)
            kept.append(item)
        self.waiting = kept

    # --- rights

    async def recheck(self) -> None:
        """Roles may have changed: read them again (commits go on meanwhile) and act on every seat at once."""
        found = await self._read_roles()
        async with self.turn:
            await self._apply_roles(*found)

    async def _read_roles(self) -> tuple[list[Seat], int, list[Any]]:
        seats = list(self.seats)
        return seats, *await in_reader(self.outside.roles, self.canvas_id, [s.actor for s in seats])

    async def _apply_roles(self, seats: list[Seat], epoch: int, roles: list[Any]) -> None:
        """Act on roles as they were at `epoch`; the caller holds the turn."""
        if epoch < self.access_epoch:
            return
        self.access_epoch = epoch
        lost = False
        for seat, role in zip(seats, roles, strict=True):
            if role is None:
                seat.close(NO_ACCESS, "you no longer have access")
            elif role != seat.role:
                seat.put(json_frame({"type": "role", "role": role.value}))
            seat.role = role
            lost |= not seat.may("edit") and any(i.seat is seat and i.delta is not None for i in self.waiting)
        if lost:
            self.waiting = deque(i for i in self.waiting if i.delta is None or i.seat.may("edit"))
            await self._reload(tell=False)

    # --- presence

    def tell_presence(self) -> bytes | None:
        """Send what changed in the last tick to all seats; the payload for other processes."""
        payload = self.presence.take_dirty()
        if payload is not None:
            self.broadcast(awareness_frame(payload))
        return payload
