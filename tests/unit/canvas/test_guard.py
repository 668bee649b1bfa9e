"""The guard: honest updates pass with exact clocks, hostile ones never reach pycrdt."""

from __future__ import annotations

import random
import resource
import time

import pytest
from pycrdt import Map

from canvas.documents.document import cell_as_map, new_document, open_doc
from canvas.realtime.guard import check, decode
from canvas.realtime.protocol import BAD_FRAME, FORBIDDEN_WRITE, Refused, read_state_vector
from tests.realtime import hostile

CELLS = {f"cell{i}": {"kind": "text", "pos": [i * 1.5, 2], "size": [3, 4], "title": "Ä𝄞", "params": {"a": [1, {"b": None}]},
                      "code": "x𝄞y"} for i in range(20)}


@pytest.mark.parametrize("name", hostile.STRUCTURAL)
def test_structural_hostility_is_refused(name: str) -> None:
    known = {5: 1}
    with pytest.raises(Refused) as refusal:
        check(hostile.STRUCTURAL[name](7, 5, 1), known, lambda client: client == 7)
    assert refusal.value.code == BAD_FRAME


@pytest.mark.parametrize("name", hostile.FOREIGN)
def test_writing_as_another_is_refused(name: str) -> None:
    with pytest.raises(Refused) as refusal:
        check(hostile.FOREIGN[name](7, 5, 1), {5: 1}, lambda client: client == 7)
    assert refusal.value.code == FORBIDDEN_WRITE


@pytest.mark.parametrize("name", hostile.MISSHAPEN)
def test_misshapen_updates_are_well_formed(name: str) -> None:
    shape = check(hostile.MISSHAPEN[name](7, 5, 1), {5: 1}, lambda client: client == 7)
    assert shape.ranges.keys() == {7}


def test_honest_document_passes_with_exact_clocks() -> None:
    doc = open_doc([new_document(CELLS, {"e": {"from": "cell0", "fromPort": "a", "to": "cell1", "toPort": "b"}})])
    cells = doc.get("cells", type=Map)
    cells["cell3"]["code"].insert(1, "zz𝄞")
    del cells["cell3"]["code"][0:2]
    cells["cell4"]["params"]["b"] = {"deep": [[1.5, "t", True, None]]}
    del cells["cell5"]
    cells["new"] = cell_as_map({"kind": "chart"})
    shape = decode(doc.get_update())
    assert {client: end for client, (_, end) in shape.ranges.items()} == read_state_vector(doc.get_state())
    assert check(doc.get_update(), {}, lambda client: True).deletes


def test_known_structs_of_others_pass_and_new_ones_do_not() -> None:
    update = new_document(CELLS, {})
    ends = {client: end for client, (_, end) in decode(update).ranges.items()}
    assert check(update, ends, lambda client: False).ranges
    with pytest.raises(Refused):
        check(update, {client: end - 1 for client, end in ends.items()}, lambda client: False)


def test_mutations_are_cheap_and_never_raise_anything_else() -> None:
    seed = new_document(CELLS, {})
    rng = random.Random(20261123)
    before, started, slowest, passed = _peak(), time.process_time(), 0.0, 0
    for _ in range(4000):
        data = bytearray(seed)
        for _ in range(rng.choice((1, 1, 2, 4, 16))):
            spot = rng.randrange(len(data)) if rng.random() < 0.6 else rng.randrange(24)
            data[spot] = rng.choice((0, 1, 127, 128, 255, rng.randrange(256)))
        if rng.random() < 0.2:
            del data[rng.randrange(len(data)) :]
        at = time.process_time()
        try:
            check(bytes(data), {}, lambda client: True)
            passed += 1
        except Refused:
            pass
        slowest = max(slowest, time.process_time() - at)
    assert passed < 4000
    assert slowest < 0.25, "one mutated update must never cost noticeable CPU"
    assert _peak() - before < 64 * 1024, "KiB of memory"
    assert time.process_time() - started < 60


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def test_what_passes_the_guard_does_not_harm_the_replica() -> None:
    """Mutations that pass are applied: pycrdt may refuse them, the process lives and the document stays readable."""
    from canvas.realtime.room import Polluted, Room

    seed = new_document(CELLS, {})
    rng = random.Random(7)
    refused = applied = 0
    for _ in range(600):
        data = bytearray(seed)
        data[rng.randrange(len(data))] = rng.randrange(256)
        room = Room({})
        room.open(0, [])
        try:
            room.accept(bytes(data), lambda client: True)
            applied += 1
            room.full_state()
            room.layout()
        except Polluted:
            room.open(0, [seed])
            assert room.cells.keys() == CELLS.keys()
            refused += 1
        except Refused:
            refused += 1
        room.close()
    assert applied
    assert refused
