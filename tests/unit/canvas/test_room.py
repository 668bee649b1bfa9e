"""A room: what it stores of an update, when it must be rebuilt, and that letting it go frees the document."""

from __future__ import annotations

import gc
from typing import Any

import psutil
import pytest
from pycrdt import Map

from canvas.documents.document import new_document, open_doc
from canvas.realtime.protocol import Refused, read_state_vector
from canvas.realtime.room import Polluted, Room
from tests.realtime import hostile
from tests.unit.canvas.test_projection import KINDS

CELLS = {f"c{i}": {"kind": "step", "pos": [i, 2 * i], "size": [3, 4], "params": {"limit": 5}} for i in range(4)}
EDGES = {"e": {"from": "c0", "fromPort": "table", "to": "c1", "toPort": "table"}}


@pytest.fixture
def room() -> Any:
    """A room with four cells."""
    room = Room(KINDS)
    room.open(4, [new_document(CELLS, EDGES)])
    yield room
    room.close()


def everybody(client: int) -> bool:
    """An ownership rule that allows all."""
    return client > 0


def test_a_room_mirrors_what_it_loads(room: Room) -> None:
    assert room.cells == CELLS
    assert room.layout() == {"cells": [[i, 2 * i, 3, 4, "step"] for i in range(4)], "edges": [[0, 1]]}
    assert room.clocks == read_state_vector(room.doc.get_state())


def test_only_what_is_new_is_stored(room: Room) -> None:
    doc = open_doc([room.full_state()])
    doc.get("cells", type=Map)["c1"]["title"] = "new"
    whole = doc.get_update()
    delta = room.accept(whole, everybody)
    assert delta is not None
    assert len(delta) < len(whole) / 4
    assert room.cells["c1"]["title"] == "new"
    assert room.accept(whole, everybody) is None
    assert room.accept(b"\x00\x00", everybody) is None
    assert open_doc([new_document({}, {}), room.full_state()]).get("cells", type=Map)["c1"]["title"] == "new"


def test_deletions_and_text_reach_the_mirror(room: Room) -> None:
    doc = open_doc([room.full_state()])
    del doc.get("cells", type=Map)["c0"]
    del doc.get("edges", type=Map)["e"]
    room.accept(doc.get_update(), everybody)
    assert "c0" not in room.cells
    assert room.projector.projection().graph.edges == ()


@pytest.mark.parametrize("name", hostile.MISSHAPEN)
def test_a_misshapen_update_asks_for_a_rebuild(room: Room, name: str) -> None:
    with pytest.raises(Polluted):
        room.accept(hostile.MISSHAPEN[name](77, 1, 1), everybody)


def test_the_kind_of_a_cell_never_changes(room: Room) -> None:
    doc = open_doc([room.full_state()])
    doc.get("cells", type=Map)["c1"]["kind"] = "note"
    with pytest.raises(Polluted):
        room.accept(doc.get_update(), everybody)


def test_a_panic_of_yrs_is_a_refusal(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    class PanicException(BaseException):
        """As pyo3 raises it."""

    def panic(update: bytes) -> None:
        raise PanicException

    monkeypatch.setattr(room.doc, "apply_update", panic)
    with pytest.raises(Polluted):
        room.accept(new_document({"x": {"kind": "note"}}, {}), everybody)


def test_an_undone_key_is_no_offence(room: Room) -> None:
    doc = open_doc([room.full_state()])
    cell = doc.get("cells", type=Map)["c1"]
    for key in ("kind", "pos", "params", "size"):
        del cell[key]
    room.accept(doc.get_update(), everybody)
    assert room.cells["c1"] == {}
    assert room.layout()["cells"][1] == [0, 0, 420, 280, ""]


def test_a_gap_is_refused_before_anything_happened(room: Room) -> None:
    doc = open_doc([room.full_state()])
    cells = doc.get("cells", type=Map)
    cells["c1"]["title"] = "first"
    after = doc.get_state()
    cells["c1"]["title"] = "second"
    with pytest.raises(Refused) as refusal:
        room.accept(doc.get_update(after), everybody)
    assert not isinstance(refusal.value, Polluted)
    assert "title" not in room.cells["c1"]


def test_rooms_do_not_leak() -> None:
    update = new_document({f"c{i}": {"kind": "note", "code": "x" * 200} for i in range(300)}, {})

    def churn(times: int) -> int:
        for _ in range(times):
            room = Room(KINDS)
            room.open(1, [update])
            room.full_state()
            room.close()
        gc.collect()
        return psutil.Process().memory_info().rss

    warm = churn(20)
    assert churn(60) - warm < 15 * 2**20
