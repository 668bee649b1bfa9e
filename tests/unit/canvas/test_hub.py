"""A hub with a database of the test's making: no ack without a commit, and one trouble never becomes another's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError
from pycrdt import Map

from canvas.access import Role
from canvas.documents.document import cell_as_map, new_document, open_doc
from canvas.realtime import hub as hubs
from canvas.realtime import protocol as p
from canvas.realtime.commit import AccessMoved, Behind
from canvas.realtime.hub import Hub, Outside
from canvas.realtime.seat import Seat
from tests.unit.canvas.test_projection import KINDS


class World:
    """A log in memory, with troubles to come and a record of what was asked."""

    def __init__(self) -> None:
        self.rows: list[bytes] = [new_document({"a": {"kind": "note", "code": ""}}, {})]
        self.troubles: list[Exception] = []
        self.rung: list[dict[str, Any]] = []
        self.graphs: list[Any] = []
        self.sizes: list[int] = []
        self.roles: dict[str, Role | None] = {}

    def commit(self, batch: Any) -> int:
        """As the database does it."""
        if self.troubles:
            raise self.troubles.pop(0)
        if batch.seq != len(self.rows):
            raise Behind(list(enumerate(self.rows[batch.seq :], batch.seq + 1)))
        self.rows += [row.data for row in batch.rows]
        self.sizes += [len(batch.rows)] if batch.rows else []
        if batch.derived.graph is not None:
            self.graphs.append(batch.derived.graph)
        return len(self.rows)

    async def graph_changed(self, canvas_id: str, actor: str) -> None:
        """Nothing runs here."""

    def outside(self) -> Outside:
        """What the hub sees."""
        return Outside(KINDS, lambda canvas, message: self.rung.append(message), lambda canvas, wanted: {},
                       lambda canvas, actors: (1, [self.roles.get(a.key, Role.EDITOR) for a in actors]),
                       self.graph_changed, lambda hub, rows: None)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """A world in place of the database."""
    world = World()
    row = {"epoch": 1, "access_epoch": 0, "state_rev": 0, "graph": {}, "diagnostics": {}}
    monkeypatch.setattr(hubs.log_commit, "commit", world.commit)
    monkeypatch.setattr(hubs.log_commit, "claim", lambda canvas, ids, actor: dict.fromkeys(ids, actor))
    monkeypatch.setattr(hubs.log_commit, "graph_seq", lambda canvas: 0)
    monkeypatch.setattr(hubs, "stored", lambda canvas: (len(world.rows), list(world.rows)))
    monkeypatch.setattr(Hub, "_read_all", lambda self: (row, {}, (len(world.rows), list(world.rows))))
    return world


@pytest.fixture
async def hub(world: World) -> AsyncIterator[Hub]:
    """An open hub at rest: the round that writes its first graph is over, so what a test does is all there is."""
    hub = Hub("canvas", world.outside())
    await hub.open()
    await until(lambda: world.graphs and not hub.turn.locked())
    yield hub
    await hub.close()


def sit(hub: Hub, key: str) -> Seat:
    """A seat at the hub."""
    seat = Seat(SimpleNamespace(key=key), 1, Role.EDITOR, {})
    hub.seats.add(seat)
    return seat


def an_edit(hub: Hub, cell: str) -> bytes:
    """A page's update that adds a cell."""
    page = open_doc([hub.room.full_state()])
    known = page.get_state()
    page.get("cells", type=Map)[cell] = cell_as_map({"kind": "note"})
    return page.get_update(known)


async def until(fact: Any) -> None:
    """Wait for something that always comes true."""
    async with asyncio.timeout(20):
        while not fact():
            await asyncio.sleep(0.01)


def channels(seat: Seat) -> list[int]:
    """The channels of the queued frames, in order."""
    return [frame[0] for frame, _ in seat.frames]


async def test_no_ack_and_no_broadcast_while_the_database_is_away(hub: Hub, world: World) -> None:
    author, other = sit(hub, "x"), sit(hub, "y")
    world.troubles = [OperationalError("away"), OperationalError("still away")]
    await hub.offer(author, an_edit(hub, "new"))
    await until(lambda: len(world.troubles) == 1)
    assert (channels(author), channels(other), author.durable) == ([], [], 0)
    await until(lambda: author.frames)
    assert (channels(author), channels(other), author.durable) == ([p.ACK], [p.SYNC], 1)
    assert len(world.rows) == 2
    assert [c["id"] for c in world.graphs[-1]["cells"]] == ["a", "new"]


async def test_foreign_rows_come_first_and_reach_every_seat(hub: Hub, world: World) -> None:
    author = sit(hub, "x")
    foreign = an_edit(hub, "foreign")
    mine = an_edit(hub, "mine")
    world.rows.append(foreign)
    await hub.offer(author, mine)
    await until(lambda: author.durable)
    assert hub.room.cells.keys() == {"a", "foreign", "mine"}
    assert channels(author) == [p.SYNC, p.ACK]
    assert hub.room.seq == len(world.rows) == 3
    assert {c["id"] for c in world.graphs[-1]["cells"]} == {"a", "foreign", "mine"}


async def test_rows_that_were_folded_away_reload_the_room(hub: Hub, world: World) -> None:
    seat = sit(hub, "x")
    world.rows.append(an_edit(hub, "folded"))
    async with hub.turn:
        await hub._catch_up(None)
    assert "folded" in hub.room.cells
    assert channels(seat) == [p.SYNC]
    assert hub.room.seq == 2


async def test_an_edit_of_someone_who_lost_the_role_meanwhile_is_dropped_alone(hub: Hub, world: World) -> None:
    lost, kept = sit(hub, "lost"), sit(hub, "kept")
    world.roles, world.troubles = {"lost": Role.VIEWER}, [AccessMoved(1)]
    async with hub.turn:
        await hub.offer(lost, an_edit(hub, "theirs"))
        await hub.offer(kept, an_edit(hub, "ours"))
    await until(lambda: kept.durable)
    assert hub.room.cells.keys() == {"a", "ours"}
    assert (lost.durable, channels(lost)[0]) == (0, p.JSON)
    assert len(world.rows) == 2


async def test_an_answer_never_holds_what_is_not_durable(hub: Hub, world: World) -> None:
    author, reader = sit(hub, "x"), sit(hub, "y")
    async with hub.turn:
        await hub.offer(author, an_edit(hub, "new"))
        await hub.ask(reader, b"\x00")
        await asyncio.sleep(0)
        assert channels(reader) == []
    await until(lambda: len(reader.frames) == 2)
    assert channels(reader) == [p.SYNC, p.SYNC]
    assert len(world.rows) == 2


async def test_closing_flushes_what_waits(world: World) -> None:
    hub = Hub("canvas", world.outside())
    await hub.open()
    await hub.offer(sit(hub, "x"), an_edit(hub, "last"))
    await hub.close()
    assert len(world.rows) == 2
    assert hub.room.doc is None


async def test_edits_of_a_crowd_share_a_commit_and_a_frame(hub: Hub, world: World,
                                                           monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hubs, "GAP_PER_SEAT", 1.0)
    monkeypatch.setattr(hubs, "LONGEST_GAP", 0.5)
    author, other = sit(hub, "x"), sit(hub, "y")
    await hub.offer(author, an_edit(hub, "first"))
    await until(lambda: author.durable == 1)
    for cell in ("second", "third"):
        await hub.offer(author, an_edit(hub, cell))
        await asyncio.sleep(0.05)
    await until(lambda: author.durable == 3)
    assert world.sizes == [1, 2]
    assert channels(other) == [p.SYNC, p.SYNC]
