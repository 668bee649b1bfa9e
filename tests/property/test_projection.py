"""Incremental equals full, whatever is written in whatever order; equal merges project alike."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pycrdt import Doc, Map

from canvas.documents.document import cell_as_map, new_document, open_doc, read_json
from canvas.documents.projection import Projector, project
from canvas.realtime.room import Room
from tests.unit.canvas.test_projection import KINDS

IDS = st.sampled_from([f"c{i}" for i in range(6)])
PORTS = st.sampled_from(["table", "extra", "model", "nope"])
JSON = st.recursive(st.none() | st.booleans() | st.integers(-50, 150) | st.text(max_size=5) | st.floats(-9, 9),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
                    max_leaves=4)
CELL = st.fixed_dictionaries({}, optional={
    "kind": st.sampled_from(["source", "step", "note", "what", ""]), "title": st.text(max_size=4),
    "name": st.text(max_size=4), "mode": st.sampled_from(["auto", "manual", "x"]), "code": st.text(max_size=5),
    "pos": st.tuples(st.integers(0, 9), st.integers(0, 9)).map(list),
    "params": st.dictionaries(st.sampled_from(["source", "skip", "column", "limit", "junk"]), JSON, max_size=3)})
EDGE = st.builds(lambda a, p, b, q: {"from": a, "fromPort": p, "to": b, "toPort": q}, IDS, PORTS, IDS, PORTS)
STEP = st.one_of(
    st.tuples(st.just("cell"), IDS, st.none() | CELL),
    st.tuples(st.just("edge"), st.sampled_from([f"e{i}" for i in range(9)]), st.none() | EDGE),
    st.tuples(st.just("sources"), st.dictionaries(st.text(max_size=2), st.just("token"), max_size=2), st.none()))


@settings(max_examples=150, deadline=None)
@given(st.lists(STEP, max_size=30))
def test_incremental_equals_full(steps: list[tuple[str, Any, Any]]) -> None:
    projector, cells, edges, sources = Projector(KINDS), {}, {}, {}
    for what, key, value in steps:
        if what == "sources":
            sources.update(key)
            projector.set_sources(key)
            continue
        (projector.set_cell if what == "cell" else projector.set_edge)(key, value)
        target = cells if what == "cell" else edges
        target.pop(key, None)
        if value is not None:
            target[key] = value
        if len(cells) % 2:
            projector.projection()
    assert projector.projection() == project({"cells": cells, "edges": edges}, KINDS, sources)
    projector.projection().graph.order()


EDIT = st.tuples(st.sampled_from(["param", "move", "delete", "add", "link", "unlink", "code"]), IDS, IDS, PORTS,
                 st.integers(0, 60))


def _edit(doc: Doc, edit: tuple[str, str, str, str, int], by: str) -> None:
    what, cell, other, port, number = edit
    cells, edges = doc.get("cells", type=Map), doc.get("edges", type=Map)
    with doc.transaction():
        if what == "add":
            cells[f"{by}{number}"] = cell_as_map({"kind": "step", "params": {"limit": number}})
        elif what == "link":
            edges[f"{by}{number}"] = {"from": cell, "fromPort": "table", "to": other, "toPort": port}
        elif what == "unlink":
            for key in sorted(edges.keys())[: number % 3]:
                del edges[key]
        elif cell in cells:
            if what == "delete":
                del cells[cell]
            elif what == "move":
                cells[cell]["pos"] = [float(number), 1.0]
            elif what == "code" and "code" in cells[cell]:
                cells[cell]["code"].insert(0, by)
            else:
                cells[cell]["params"]["limit"] = number


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(EDIT, max_size=6), min_size=3, max_size=3), st.permutations([0, 1, 2]))
def test_three_way_merges_project_equally(edits: list[list[Any]], order: list[int]) -> None:
    start = new_document({f"c{i}": {"kind": ["step", "note", "source"][i % 3], "code": ""} for i in range(6)}, {})
    replicas = [open_doc([start]) for _ in range(3)]
    known = replicas[0].get_state()
    for name, doc, mine in zip("xyz", replicas, edits, strict=True):
        for edit in mine:
            _edit(doc, edit, name)
    updates = [doc.get_update(known) for doc in replicas]
    rooms = []
    for turn in range(3):
        room = Room(KINDS)
        room.open(0, [start])
        for i in (order[turn:] + order[:turn]):
            room.accept(updates[i], lambda client: True)
        rooms.append(room)
    whole = [project(read_json(room.doc), KINDS, {}) for room in rooms]
    assert whole[0] == whole[1] == whole[2]
    assert all(room.projector.projection() == whole[0] for room in rooms), "the mirror of a room is the full projection"
    for room in rooms:
        room.close()
