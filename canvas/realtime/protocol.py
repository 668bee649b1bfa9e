"""Frames of the live socket: varuints, the four channels, close codes and bounded reading of them."""

from __future__ import annotations

import json
from typing import Any

SYNC, AWARENESS, JSON, ACK = 0, 1, 100, 101
STEP_1, STEP_2, UPDATE = 0, 1, 2
PROTOCOL, SCHEMA = 1, 1

SIGN_IN, NO_ACCESS, FORBIDDEN_WRITE, BAD_FRAME = 4401, 4403, 4003, 1007
CANVAS_FULL, TOO_SLOW, WRONG_CLIENT, RESTARTING = 4005, 4008, 4009, 1012

MAX_FRAME = 1024 * 1024
MAX_AWARENESS = 16 * 1024
MAX_STATE_VECTOR = 256 * 1024
MAX_CLIENT_ID = 2**53 - 1
EMPTY_UPDATE = b"\x00\x00"
"""A step 2 with nothing in it is no update: it is neither stored nor counted."""


class Refused(Exception):
    """A frame no honest client makes: the socket that sent it is closed with `code`."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


def bad(reason: str) -> Refused:
    """The refusal for a frame that is not well formed."""
    return Refused(BAD_FRAME, reason)


def write_varuint(number: int) -> bytes:
    """An unsigned integer in 7-bit groups, lowest first, as lib0 writes it."""
    out = bytearray()
    while number > 127:
        out.append(128 | (number & 127))
        number >>= 7
    out.append(number)
    return bytes(out)


def write_bytes(data: bytes) -> bytes:
    """Bytes behind their own length."""
    return write_varuint(len(data)) + data


class Reader:
    """A cursor over bytes that refuses to read past the end or a number beyond 2^53."""

    __slots__ = ("data", "end", "pos")

    def __init__(self, data: bytes) -> None:
        self.data, self.pos, self.end = data, 0, len(data)

    def left(self) -> int:
        """How many bytes are unread."""
        return self.end - self.pos

    def byte(self) -> int:
        """The next byte."""
        if self.pos >= self.end:
            raise bad("the frame ends early")
        value = self.data[self.pos]
        self.pos += 1
        return value

    def varuint(self) -> int:
        """An unsigned integer below 2^53."""
        number = shift = 0
        while True:
            if self.pos >= self.end:
                raise bad("the frame ends early")
            value = self.data[self.pos]
            self.pos += 1
            number |= (value & 127) << shift
            if value < 128:
                if number > MAX_CLIENT_ID:
                    raise bad("a number is too large")
                return number
            shift += 7
            if shift > 56:
                raise bad("a number is too long")

    def count(self, least: int = 1) -> int:
        """A declared number of things, each at least `least` bytes long: never more than the bytes left allow."""
        number = self.varuint()
        if number * least > self.end - self.pos:
            raise bad("a count is larger than the bytes that are left")
        return number

    def take(self, length: int) -> bytes:
        """The next `length` bytes."""
        if length > self.end - self.pos:
            raise bad("a length is larger than the bytes that are left")
        self.pos += length
        return self.data[self.pos - length : self.pos]

    def block(self) -> bytes:
        """Bytes behind their own length."""
        return self.take(self.varuint())

    def text(self) -> str:
        """A string: strict UTF-8 behind its byte length."""
        try:
            return self.block().decode("utf-8")
        except UnicodeDecodeError:
            raise bad("a string is not UTF-8") from None


def sync_frame(kind: int, payload: bytes) -> bytes:
    """A y-protocols sync message."""
    return bytes((SYNC, kind)) + write_bytes(payload)


def json_frame(message: dict[str, Any]) -> bytes:
    """A control or event message."""
    return bytes((JSON,)) + json.dumps(message, separators=(",", ":"), ensure_ascii=False, default=str).encode()


def ack_frame(count: int) -> bytes:
    """How many of this socket's update frames are durable."""
    return bytes((ACK,)) + write_varuint(count)


def read_frame(data: bytes) -> tuple[int, int, bytes]:
    """Split a client's frame into channel, sync kind (0 for others) and payload; JSON and ACK are server-only."""
    if len(data) > MAX_FRAME:
        raise bad("the frame is larger than 1 MiB")
    reader = Reader(data)
    channel = reader.varuint()
    if channel == SYNC:
        kind = reader.varuint()
        if kind not in (STEP_1, STEP_2, UPDATE):
            raise bad("an unknown sync message")
        payload = reader.block()
    elif channel == AWARENESS:
        kind, payload = 0, reader.block()
    else:
        raise bad("an unknown channel")
    if reader.left():
        raise bad("bytes after the end of the message")
    return channel, kind, payload


def read_state_vector(data: bytes) -> dict[int, int]:
    """Clocks by client id of a state vector."""
    if len(data) > MAX_STATE_VECTOR:
        raise bad("the state vector is too large")
    reader = Reader(data)
    clocks = {}
    for _ in range(reader.count(2)):
        client = reader.varuint()
        clocks[client] = reader.varuint()
    if reader.left():
        raise bad("bytes after the state vector")
    return clocks


def write_state_vector(clocks: dict[int, int]) -> bytes:
    """The inverse of `read_state_vector`."""
    body = b"".join(write_varuint(client) + write_varuint(clock) for client, clock in sorted(clocks.items()))
    return write_varuint(len(clocks)) + body
