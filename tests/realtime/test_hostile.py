"""Each hostile update closes only the socket that sent it; document and other sockets are unharmed."""

from __future__ import annotations

import asyncio
import contextlib

import psutil
import pytest
import websockets

from canvas.realtime import protocol as p
from tests.realtime import hostile
from tests.realtime.peer import Peer
from tests.realtime.site import Site

CORPUS = {
    **{name: (make, p.BAD_FRAME) for name, make in hostile.STRUCTURAL.items()},
    **{name: (make, p.FORBIDDEN_WRITE) for name, make in hostile.FOREIGN.items()},
    **{name: (make, p.BAD_FRAME) for name, make in hostile.MISSHAPEN.items()},
}
FRAMES = {
    "a text frame": "hello",
    "an empty frame": b"",
    "an unknown channel": b"\x07\x00",
    "a server's ack": p.ack_frame(9),
    "a server's event": p.json_frame({"type": "role", "role": "owner"}),
    "an unknown sync message": b"\x00\x09\x00",
    "a length beyond the frame": b"\x00\x02\xff\xff\x03",
    "a varuint without end": b"\xff" * 12,
    "awareness count bomb": bytes((p.AWARENESS,)) + p.write_bytes(b"\xff\xff\xff\x7f"),
    "awareness that ends early": bytes((p.AWARENESS,)) + p.write_bytes(b"\x01\x01\x01\x09{"),
    "state vector bomb": p.sync_frame(p.STEP_1, b"\xff\xff\xff\x7f"),
}


async def test_every_hostile_update_closes_only_its_own_socket(site: Site, canvas: str) -> None:
    victim = await Peer(site.port, canvas, site.session("owner")).ready()
    watcher = await Peer(site.port, canvas, site.session("viewer")).ready()
    cell = victim.add(title="untouched", code="kept")
    await victim.saved()
    server = psutil.Process(site.servers[0].pid)
    memory = server.memory_info().rss
    closes = {}
    for turn, (name, (make, _)) in enumerate(CORPUS.items()):
        attacker = await Peer(site.port, canvas, site.session("editor")).ready()
        clocks = p.read_state_vector(victim.doc.get_state())
        bad = make(attacker.doc.client_id, victim.doc.client_id, clocks[victim.doc.client_id])
        await attacker.send(p.sync_frame(p.UPDATE if turn % 2 else p.STEP_2, bad))
        await attacker.cut()
        closes[name] = attacker.closed
        assert attacker.acked == 0, name
        victim.cell(cell)["title"] = name
        await victim.saved()
    assert closes == {name: code for name, (_, code) in CORPUS.items()}
    await watcher.until(lambda: watcher.json == victim.json)
    assert (victim.closed, watcher.closed) == (None, None)
    fresh = await Peer(site.port, canvas, site.session("viewer")).ready()
    assert fresh.json == victim.json
    assert list(fresh.json["cells"]) == [cell]
    assert server.is_running()
    assert server.memory_info().rss - memory < 64 * 1024 * 1024
    await asyncio.gather(*(peer.leave() for peer in (victim, watcher, fresh)))


@pytest.mark.parametrize("name", FRAMES)
async def test_malformed_frames_close_their_socket(site: Site, name: str, shared_canvas: str) -> None:
    other = await Peer(site.port, shared_canvas, site.session("owner")).ready()
    attacker = await Peer(site.port, shared_canvas, site.session("viewer")).ready()
    await attacker.ws.send(FRAMES[name])
    await attacker.cut()
    assert attacker.closed == p.BAD_FRAME
    other.add()
    await other.saved()
    await other.leave()


@pytest.fixture(scope="session")
def shared_canvas(site: Site) -> str:
    """One canvas for all malformed frames."""
    return str(site.seeded["canvases"].pop())


async def test_a_frame_above_the_limit_is_cut_before_our_code(site: Site, canvas: str) -> None:
    attacker = await Peer(site.port, canvas, site.session("editor")).ready()
    other = await Peer(site.port, canvas, site.session("owner")).ready()
    with contextlib.suppress(websockets.ConnectionClosed):
        await attacker.send(b"\x00\x02" + b"\xff" * 3_000_000)
    await attacker.cut()
    # 1006 when the reset of the connection, with bytes still unread, overtakes the close frame.
    assert attacker.closed in (1009, 1006)
    other.add()
    await other.saved()
    await other.leave()


async def test_a_refused_update_in_the_middle_of_waiting_ones_harms_none_of_them(site: Site, canvas: str) -> None:
    """The room is rebuilt while others' accepted edits still wait for their commit."""
    honest = [await Peer(site.port, canvas, site.session("owner")).ready() for _ in range(3)]
    made = []
    for turn in range(12):
        attacker = await Peer(site.port, canvas, site.session("editor")).ready()
        bad = hostile.MISSHAPEN["a kind that is a number"](attacker.doc.client_id, 1, 1)
        made += [peer.add(title=f"{turn}") for peer in honest]
        await asyncio.gather(*(peer.flush() for peer in honest), attacker.send(p.sync_frame(p.UPDATE, bad)))
        await attacker.cut()
    await asyncio.gather(*(peer.saved() for peer in honest))
    for peer in honest:
        await peer.until(lambda peer=peer: set(peer.json["cells"]) == set(made))
        assert peer.closed is None
        await peer.leave()
