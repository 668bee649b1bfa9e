"""Who is here: awareness checked on arrival, owned by its socket, sent to others in one frame per tick."""

from __future__ import annotations

import json
from typing import Any

from canvas.realtime.protocol import (
    AWARENESS,
    FORBIDDEN_WRITE,
    MAX_AWARENESS,
    Reader,
    Refused,
    bad,
    write_bytes,
    write_varuint,
)

FORGET_AFTER = 35.0
"""Seconds after which a state from another process that nobody repeats is no longer told to newcomers."""
FIELDS = ("cursor", "selection", "drag", "editing", "viewport", "caret")
MAX_NESTING = 8


def read_own(payload: bytes, client_id: int, user: dict[str, Any]) -> tuple[int, str] | None:
    """The clock and cleaned state of a client's awareness message; None when it only repeats others' states."""
    if len(payload) > MAX_AWARENESS:
        raise bad("the awareness message is too large")
    reader, found = Reader(payload), None
    for _ in range(reader.count(3)):
        client, clock, text = reader.varuint(), reader.varuint(), reader.text()
        if client != client_id:
            raise Refused(FORBIDDEN_WRITE, "awareness of another client")
        found = (clock, _clean(text, user))
    if reader.left():
        raise bad("bytes after the awareness message")
    return found


def _clean(text: str, user: dict[str, Any]) -> str:
    """Keep the known fields and put in the user the server knows."""
    if text.count("[") + text.count("{") > 4 * MAX_NESTING + text.count(","):
        raise bad("the awareness state is nested too deep")
    try:
        state = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise bad("the awareness state is not JSON") from None
    if state is None:
        return "null"
    if not isinstance(state, dict):
        raise bad("the awareness state is not an object")
    kept = {key: state[key] for key in FIELDS if key in state}
    return json.dumps({**kept, "user": user}, separators=(",", ":"), ensure_ascii=False)


def _no_constant(word: str) -> float:
    raise ValueError(word)


class Presence:
    """The latest awareness state of each client of a canvas, here and in other processes."""

    def __init__(self) -> None:
        self.states: dict[int, tuple[int, str]] = {}
        self._dirty: set[int] = set()
        self._elsewhere: dict[int, float] = {}

    def set(self, client_id: int, clock: int, state: str) -> None:
        """Take a state of one of our sockets; an older clock is a late frame."""
        held = self.states.get(client_id)
        if held and clock < held[0]:
            return
        self.states[client_id] = (clock, state)
        self._elsewhere.pop(client_id, None)
        self._dirty.add(client_id)

    def leave(self, client_id: int) -> None:
        """A socket is gone: tell the others at the next tick."""
        if client_id in self.states:
            self.states[client_id] = (self.states[client_id][0] + 1, "null")
            self._dirty.add(client_id)

    def take_dirty(self) -> bytes | None:
        """One frame payload with all that changed since the last tick."""
        if not self._dirty:
            return None
        payload = self._encode(self._dirty)
        for client in self._dirty:
            if self.states[client][1] == "null":
                del self.states[client]
        self._dirty.clear()
        return payload

    def everyone(self, now: float) -> bytes | None:
        """One frame payload with all who are here, for a newcomer."""
        for client in [c for c, at in self._elsewhere.items() if now - at > FORGET_AFTER]:
            del self._elsewhere[client]
            self.states.pop(client, None)
        here = [c for c, (_, state) in self.states.items() if state != "null"]
        return self._encode(here) if here else None

    def merge(self, payload: bytes, now: float) -> None:
        """Take what another process told its sockets; ours are never overwritten."""
        reader = Reader(payload)
        for _ in range(reader.count(3)):
            client, clock, state = reader.varuint(), reader.varuint(), reader.text()
            if client in self.states and client not in self._elsewhere:
                continue
            self.states[client] = (clock, state)
            self._elsewhere[client] = now
            if state == "null":
                self.states.pop(client)
                self._elsewhere.pop(client)

    def _encode(self, clients: Any) -> bytes:
        parts = [write_varuint(len(clients))]
        for client in clients:
            clock, state = self.states[client]
            parts += [write_varuint(client), write_varuint(clock), write_bytes(state.encode())]
        return b"".join(parts)


def awareness_frame(payload: bytes) -> bytes:
    """A y-protocols awareness message."""
    return bytes((AWARENESS,)) + write_bytes(payload)
