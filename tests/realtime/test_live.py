"""The live document over real sockets: convergence, resume, commit before ack, on both databases."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from typing import Any

import pytest
import websockets
from pycrdt import Map

from canvas.realtime import protocol as p
from tests.realtime.peer import Peer
from tests.realtime.site import Site


async def _peers(site: Site, canvas: str, *roles: str) -> list[Peer]:
    return [await Peer(site.port, canvas, site.session(role)).ready() for role in roles]


def _rows(site: Site, canvas: str) -> Any:
    return site.sql(
        "from canvas.documents.models import Canvas, Update\n"
        "from canvas.documents.document import document_json\n"
        f"c = Canvas.objects.get(pk='{canvas}')\n"
        "out = {'rows': list(c.updates.order_by('seq').values_list('seq', 'actor')), 'head': c.head_seq,\n"
        "       'graph': c.graph, 'graph_seq': c.graph_seq, 'layout': c.layout, 'json': document_json(c.pk)}")


async def test_two_people_converge_and_the_database_agrees(any_site: Site, canvas: str) -> None:
    a, b = await _peers(any_site, canvas, "owner", "editor")
    first = a.add(title="mine", code="hello")
    await a.saved()
    await b.until(lambda: first in b.json["cells"])
    second = b.add(title="yours", kind="no such kind")
    b.cell(first)["pos"] = [99.0, 1.5]
    b.cell(first)["code"].insert(5, " there")
    a.cell(first)["title"] = "renamed"
    await asyncio.gather(a.saved(), b.saved())
    await a.until(lambda: a.json == b.json and second in a.json["cells"])
    assert a.json["cells"][first]["code"] == "hello there"
    assert a.json["cells"][first]["pos"] == [99, 1.5]
    await asyncio.gather(a.leave(), b.leave())
    stored = _rows(any_site, canvas)
    assert stored["json"] == a.json
    assert [seq for seq, _ in stored["rows"]] == list(range(1, stored["head"] + 1))
    assert len({actor for _, actor in stored["rows"]}) == 2
    assert {c["id"] for c in stored["graph"]["cells"]} == {first, second}
    assert stored["graph_seq"] <= stored["head"]


async def test_commit_broadcast_ack_in_this_order(any_site: Site, canvas: str) -> None:
    a, b = await _peers(any_site, canvas, "owner", "editor")
    a.add()
    a.order.clear()
    b.order.clear()
    await a.saved()
    await b.until(lambda: "update" in b.order)
    assert a.order == ["ack"], "an author hears no echo, only that it is durable"
    assert b.order == ["update"]
    stored = _rows(any_site, canvas)
    assert stored["head"] == 1
    await asyncio.gather(a.leave(), b.leave())


async def test_resume_by_state_vector_after_edits_on_both_sides(any_site: Site, canvas: str) -> None:
    a, b = await _peers(any_site, canvas, "owner", "editor")
    kept = a.add()
    await a.saved()
    await b.until(lambda: kept in b.json["cells"])
    await a.leave()
    offline = [a.add(title=f"offline {i}") for i in range(5)]
    a.cell(kept)["title"] = "offline too"
    meanwhile = b.add(title="meanwhile")
    await b.saved()
    await a.ready()
    await a.until(lambda: a.acked >= a.sent and meanwhile in a.json["cells"])
    await b.until(lambda: b.json == a.json)
    assert set(offline) < set(b.json["cells"])
    assert b.json["cells"][kept]["title"] == "offline too"
    await asyncio.gather(a.leave(), b.leave())


async def test_edits_of_a_page_closed_while_offline_are_still_accepted(site: Site, canvas: str) -> None:
    """The next page brings them under the earlier page's client id, which only its author can know."""
    earlier = Peer(site.port, canvas, site.session("owner"))
    cell = earlier.add(title="written offline")
    page = Peer(site.port, canvas, site.session("owner"))
    page.doc.apply_update(earlier.doc.get_update())
    page._outbox.clear()
    await page.ready()
    await page.until(lambda: page.acked >= page.sent > 0)
    await page.leave()
    assert cell in _rows(site, canvas)["json"]["cells"]


async def test_repeating_what_is_known_is_acked_but_not_stored(site: Site, canvas: str) -> None:
    (a,) = await _peers(site, canvas, "owner")
    a.add()
    await a.saved()
    for _ in range(3):
        a.sent += 1
        await a.send(p.sync_frame(p.UPDATE, a.doc.get_update()))
    await a.until(lambda: a.acked == a.sent)
    await a.leave()
    assert _rows(site, canvas)["head"] == 1


async def test_roles_and_strangers(site: Site, canvas: str) -> None:
    (a,) = await _peers(site, canvas, "owner")
    cell = a.add()
    await a.saved()
    viewer = await Peer(site.port, canvas, site.session("viewer")).ready()
    await viewer.until(lambda: cell in viewer.json["cells"])
    assert viewer.told("welcome")[0]["role"] == "viewer"
    await viewer.present({"cursor": [1, 2], "user": {"name": "Someone else"}})
    await a.until(lambda: viewer.doc.client_id in a.presence)
    assert a.presence[viewer.doc.client_id]["user"]["name"] == "Viewer"
    viewer.add()
    await viewer.flush()
    await viewer.cut()
    assert viewer.closed == p.FORBIDDEN_WRITE
    stranger = await Peer(site.port, canvas, site.session("stranger")).ready()
    nobody = await Peer(site.port, canvas, "a=b").ready()
    assert (stranger.closed, nobody.closed) == (p.NO_ACCESS, p.SIGN_IN)
    assert list(a.json["cells"]) == [cell]
    await a.leave()


async def test_a_client_id_belongs_to_whom_it_was_bound_first(site: Site, canvas: str) -> None:
    (a,) = await _peers(site, canvas, "owner")
    thief = await Peer(site.port, canvas, site.session("editor"), client_id=a.doc.client_id).ready()
    assert thief.closed == p.WRONG_CLIENT
    other = await Peer(site.port, canvas, site.session("editor")).ready()
    await other.present({"cursor": None}, client=a.doc.client_id)
    await other.cut()
    assert other.closed == p.FORBIDDEN_WRITE
    a.add()
    await a.saved()
    await a.leave()


async def test_wrong_epoch_origin_and_path(site: Site, canvas: str) -> None:
    late = Peer(site.port, canvas, site.session("owner"))
    await late.join(epoch=7)
    await late.cut()
    assert late.closed == p.WRONG_CLIENT
    for origin in ("http://evil.example", f"http://127.0.0.1:{site.port + 1}", "null", f"https://127.0.0.1:{site.port}"):
        with pytest.raises(websockets.InvalidStatus):
            await Peer(site.port, canvas, site.session("owner")).join(origin=origin)
    with pytest.raises(websockets.InvalidStatus):
        await websockets.connect(f"ws://127.0.0.1:{site.port}/ws/other/", origin=f"http://127.0.0.1:{site.port}")


async def test_presence_is_coalesced_told_to_newcomers_and_ends_with_the_socket(site: Site, canvas: str) -> None:
    a, b = await _peers(site, canvas, "owner", "editor")
    for clock in range(1, 40):
        await a.present({"cursor": [clock, 0], "selection": ["x"], "junk": 1}, clock=clock)
    await b.until(lambda: b.presence.get(a.doc.client_id, {}).get("cursor") == [39, 0])
    assert set(b.presence[a.doc.client_id]) == {"cursor", "selection", "user"}
    (late,) = await _peers(site, canvas, "viewer")
    await late.until(lambda: a.doc.client_id in late.presence)
    await a.leave()
    await b.until(lambda: b.presence[a.doc.client_id] is None)
    await asyncio.gather(b.leave(), late.leave())


async def test_a_lowered_role_and_a_revoked_one_act_on_open_sockets(site: Site, canvas: str) -> None:
    editor, viewer = await _peers(site, canvas, "editor", "viewer")
    site.sql(
        "from canvas import doorbell\nfrom canvas.documents.models import Canvas\n"
        "from canvas.sharing.models import Grant\n"
        f"Grant.objects.filter(canvas_id='{canvas}', role='editor').update(role='viewer')\n"
        f"Grant.objects.filter(canvas_id='{canvas}', user__name='Viewer').delete()\n"
        f"out = Canvas.objects.filter(pk='{canvas}').update(access_epoch=1)\n"
        f"doorbell.publish('{canvas}', {{'access': {{}}}})")
    await editor.until(lambda: editor.told("role"))
    assert editor.told("role") == [{"type": "role", "role": "viewer"}]
    await viewer.cut()
    assert viewer.closed == p.NO_ACCESS
    editor.add()
    await editor.flush()
    await editor.cut()
    assert editor.closed == p.FORBIDDEN_WRITE
    assert _rows(site, canvas)["head"] == 0


async def test_a_revoked_role_is_seen_at_commit_even_when_no_bell_rang(site: Site, canvas: str) -> None:
    (editor,) = await _peers(site, canvas, "editor")
    site.sql(
        "from canvas.documents.models import Canvas\nfrom canvas.sharing.models import Grant\n"
        f"Grant.objects.filter(canvas_id='{canvas}', role='editor').delete()\n"
        f"out = Canvas.objects.filter(pk='{canvas}').update(access_epoch=5)")
    editor.add()
    await editor.flush()
    await editor.cut()
    assert editor.closed == p.NO_ACCESS
    assert editor.acked == 0
    assert _rows(site, canvas)["head"] == 0


async def test_events_rung_on_the_doorbell_reach_every_socket(site: Site, canvas: str) -> None:
    (viewer,) = await _peers(site, canvas, "viewer")
    await viewer.until(lambda: viewer.told("cells"))
    site.sql("from canvas import doorbell\n"
             f"doorbell.publish('{canvas}', {{'event': {{'type': 'cell_step', 'cell': 'x'}}}})\n"
             f"doorbell.publish('{canvas}', {{'canvas': {{'name': 'New name'}}}})\nout = 1")
    await viewer.until(lambda: viewer.told("canvas"))
    assert viewer.told("cell_step") == [{"type": "cell_step", "cell": "x"}]
    assert viewer.told("canvas") == [{"type": "canvas", "name": "New name"}]
    await viewer.leave()


async def test_two_processes_follow_one_log(any_site: Site, canvas: str) -> None:
    second = any_site.start()
    try:
        a = await Peer(any_site.port, canvas, any_site.session("owner")).ready()
        b = await Peer(second, canvas, any_site.session("editor")).ready()
        made = []
        for i in range(12):
            made += [a.add(title=f"a{i}"), b.add(title=f"b{i}")]
            await asyncio.gather(a.flush(), b.flush())
        await asyncio.gather(a.saved(), b.saved())
        await a.until(lambda: set(made) == set(a.json["cells"]))
        await b.until(lambda: b.json == a.json)
        await a.present({"cursor": [5, 5]})
        await b.until(lambda: a.doc.client_id in b.presence)
        await asyncio.gather(a.leave(), b.leave())
    finally:
        any_site.kill(sig=signal.SIGTERM)
    stored = _rows(any_site, canvas)
    assert stored["json"] == a.json
    assert {c["id"] for c in stored["graph"]["cells"]} == set(made)


async def test_restart_keeps_every_acknowledged_edit(any_site: Site, canvas: str) -> None:
    (a,) = await _peers(any_site, canvas, "owner")
    acked = [a.add() for _ in range(10)]
    await a.saved()
    any_site.kill()
    await a.cut()
    lonely = a.add(title="while it was away")
    any_site.start(any_site.port)
    await a.ready()
    await a.until(lambda: a.acked >= a.sent)
    (b,) = await _peers(any_site, canvas, "editor")
    assert set(b.json["cells"]) == {*acked, lonely}
    any_site.kill(sig=signal.SIGTERM)
    await b.cut()
    assert b.closed == p.RESTARTING
    any_site.start(any_site.port)


async def test_a_slow_reader_is_cut_and_equal_after_it_returns(site: Site, canvas: str) -> None:
    (a,) = await _peers(site, canvas, "owner")
    slow = await Peer(site.port, canvas, site.session("editor")).join(max_queue=1)
    slow.reading.cancel()
    cell = a.add(code="x")
    for i in range(20):
        text = a.cell(cell)["code"]
        text.insert(0, str(i % 10) * 900_000)
        del text[0:900_000]
        await a.saved()
    fresh = await Peer(site.port, canvas, site.session("viewer")).ready()
    assert fresh.closed is None, "the others go on"
    async with asyncio.timeout(30):
        received = await _drain(slow)
    assert slow.ws.close_code == p.TOO_SLOW
    assert sum(received) < 20 * 900_000
    again = await Peer(site.port, canvas, site.session("editor")).ready()
    assert again.json == a.json
    await asyncio.gather(a.leave(), fresh.leave(), again.leave())


async def test_a_text_of_a_big_paste_is_chunked_by_the_frame_limit(site: Site, canvas: str) -> None:
    (a,) = await _peers(site, canvas, "owner")
    with a.doc.transaction():
        cells = [a.add() for _ in range(1000)]
    await a.saved()
    (b,) = await _peers(site, canvas, "viewer")
    assert set(b.doc.get("cells", type=Map).keys()) == set(cells)
    await asyncio.gather(a.leave(), b.leave())


async def test_a_document_made_by_the_server_gets_its_graph_when_it_is_opened(site: Site, canvas: str) -> None:
    site.sql(
        "from canvas.documents.document import new_document\nfrom canvas.documents.models import Canvas, Update\n"
        "update = new_document({'a': {'kind': 'dataset', 'pos': [5, 6], 'size': [7, 8], 'title': 'hi'}}, {})\n"
        f"Update.objects.create(canvas_id='{canvas}', seq=1, actor='server', client_id=1, data=update)\n"
        f"out = Canvas.objects.filter(pk='{canvas}').update(head_seq=1)")
    (a,) = await _peers(site, canvas, "viewer")
    assert a.json["cells"]["a"]["title"] == "hi"
    await a.until(lambda: any(e["type"] == "cell_status" and e["cell"] == "a" for e in _events(a)))
    await a.leave()
    stored = _rows(site, canvas)
    assert [(c["id"], c["kind"]) for c in stored["graph"]["cells"]] == [("a", "dataset")]
    assert (stored["graph_seq"], stored["head"]) == (1, 1)


async def test_restore_reaches_open_pages_and_the_graph(site: Site, canvas: str) -> None:
    (a,) = await _peers(site, canvas, "owner")
    kept = a.add(title="kept")
    await a.saved()
    version = site.sql("from canvas.documents import history\n"
                       f"out = history.keep_now('{canvas}', 'user:x', 'good').pk")
    before = a.json
    del a.doc.get("cells", type=Map)[kept]
    a.add(title="later")
    await a.saved()
    site.sql("from canvas import doorbell\nfrom canvas.documents import history\n"
             f"out = history.restore('{canvas}', {version}, 'user:x')\n"
             f"doorbell.publish('{canvas}', {{'seq': out}})")
    await a.until(lambda: a.json == before)
    a.cell(kept)["title"] = "and on it goes"
    await a.saved()
    await a.leave()
    stored = _rows(site, canvas)
    assert [c["id"] for c in stored["graph"]["cells"]] == [kept]
    assert stored["json"] == a.json


def _events(peer: Peer) -> list[dict[str, Any]]:
    """Every event told to a page, in the state at connect or since."""
    return [e for m in peer.messages for e in (m["events"] if m["type"] == "cells" else [m])]


async def _drain(peer: Peer) -> list[int]:
    sizes = []
    with contextlib.suppress(websockets.ConnectionClosed):
        async for frame in peer.ws:
            sizes.append(len(frame))
    return sizes
