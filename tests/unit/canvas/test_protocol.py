"""Frames and presence: what is written is what is read, within bounds."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canvas.realtime import protocol as p
from canvas.realtime.presence import Presence, read_own

USER = {"id": "user:1", "name": "Ann", "color": "blue"}


@given(st.integers(0, 2**53 - 1))
def test_varuints_round_trip(number: int) -> None:
    reader = p.Reader(p.write_varuint(number))
    assert reader.varuint() == number
    assert reader.left() == 0


@given(st.dictionaries(st.integers(0, 2**53 - 1), st.integers(0, 2**40), max_size=20))
def test_state_vectors_round_trip(clocks: dict[int, int]) -> None:
    assert p.read_state_vector(p.write_state_vector(clocks)) == clocks


@given(st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        channel, kind, payload = p.read_frame(data)
    except p.Refused as refusal:
        assert refusal.code == p.BAD_FRAME
    else:
        assert channel in (p.SYNC, p.AWARENESS)
        assert kind in (p.STEP_1, p.STEP_2, p.UPDATE)
        assert len(payload) < len(data)


def _awareness(client: int, text: str) -> bytes:
    return b"\x01" + p.write_varuint(client) + b"\x05" + p.write_bytes(text.encode())


def test_presence_keeps_known_fields_and_the_servers_user() -> None:
    said = read_own(_awareness(7, '{"cursor":[1,2],"user":{"name":"Eve"},"evil":"<script>"}'), 7, USER)
    assert said is not None
    assert (said[0], json.loads(said[1])) == (5, {"cursor": [1, 2], "user": USER})


@pytest.mark.parametrize("text", ["[1]", "7", "{", '{"cursor":NaN}', "[" * 4000, '"x"'])
def test_bad_presence_is_refused_on_arrival(text: str) -> None:
    with pytest.raises(p.Refused) as refusal:
        read_own(_awareness(7, text), 7, USER)
    assert refusal.value.code == p.BAD_FRAME


def test_presence_of_another_is_refused() -> None:
    with pytest.raises(p.Refused) as refusal:
        read_own(_awareness(8, "{}"), 7, USER)
    assert refusal.value.code == p.FORBIDDEN_WRITE


def test_presence_is_told_once_and_ends_when_someone_leaves() -> None:
    here, elsewhere = Presence(), Presence()
    here.set(7, 1, '{"cursor":[1,1]}')
    here.set(7, 2, '{"cursor":[2,2]}')
    here.set(7, 1, '{"cursor":[0,0]}')
    told = here.take_dirty()
    assert told is not None
    assert b"[2,2]" in told
    assert here.take_dirty() is None
    elsewhere.merge(told, now=100.0)
    assert elsewhere.everyone(101.0) == told
    assert elsewhere.everyone(200.0) is None, "nobody repeats it: it is forgotten"
    here.leave(7)
    gone = here.take_dirty()
    assert gone is not None
    assert b"null" in gone
    assert here.everyone(0.0) is None
