"""Hostile Yjs updates written byte by byte, each by its name: what one bad editor can send."""

from __future__ import annotations

import struct
from collections.abc import Callable

from canvas.realtime.protocol import write_bytes, write_varuint

DELETED, JSON, BINARY, STRING, EMBED, FORMAT, TYPE, ANY, SUBDOC, SKIP = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
SUB = 0x20


def text(value: str) -> bytes:
    """A string as lib0 writes it."""
    return write_bytes(value.encode())


varuint = write_varuint


def item(kind: int, content: bytes, root: str = "cells", key: str = "k") -> bytes:
    """An item under a root with a key."""
    return bytes((kind | SUB, 1)) + text(root) + text(key) + content


def child(kind: int, content: bytes, client: int, clock: int, key: str = "k") -> bytes:
    """An item under another item with a key."""
    return bytes((kind | SUB, 0)) + varuint(client) + varuint(clock) + text(key) + content


def update(client: int, clock: int, *structs: bytes, deletes: bytes = b"\x00") -> bytes:
    """An update of one client."""
    return b"\x01" + varuint(len(structs)) + varuint(client) + varuint(clock) + b"".join(structs) + deletes


def any_value(value: bytes) -> bytes:
    """The content of a single JSON value."""
    return b"\x01" + value


def cell(client: int, clock: int, *fields: bytes, key: str = "cell") -> bytes:
    """A cell with raw fields, as one update; each field is the bytes of a child of it."""
    return update(client, clock, item(TYPE, b"\x01", key=key), *fields)


def _nested(depth: int) -> bytes:
    return any_value(b"\x75\x01" * depth + b"\x7e")


def _maps(client: int, depth: int) -> bytes:
    below = (child(TYPE, b"\x01", client, at) for at in range(depth - 1))
    return update(client, 0, item(TYPE, b"\x01"), *below)


def _tiny(client: int, count: int) -> bytes:
    first = item(ANY, any_value(b"\x7e"))
    rest = (bytes((ANY | 0x80,)) + varuint(client) + varuint(at) + any_value(b"\x7e") for at in range(count - 1))
    return update(client, 0, first, *rest)


Make = Callable[[int, int, int], bytes]
"""From the sender's client id, a victim's client id and the victim's next clock to bytes."""

STRUCTURAL: dict[str, Make] = {
    "count bomb": lambda me, victim, clock: b"\xff\xff\xff\x7f",
    "40,000 nested arrays": lambda me, victim, clock: update(me, 0, item(ANY, _nested(40_000), "meta")),
    "5,000 nested arrays": lambda me, victim, clock: update(me, 0, item(ANY, _nested(5_000), "meta")),
    "2,000 nested maps": lambda me, victim, clock: _maps(me, 2_000),
    "XML type": lambda me, victim, clock: update(me, 0, item(TYPE, b"\x03" + text("p"))),
    "sub-document": lambda me, victim, clock: update(me, 0, item(SUBDOC, text("guid") + b"\x76\x00")),
    "too many structs": lambda me, victim, clock: _tiny(me, 60_000),
    "clock gap": lambda me, victim, clock: update(me, 5, item(TYPE, b"\x01")),
    "client above 2^53": lambda me, victim, clock: update(2**53 + 7, 0, item(TYPE, b"\x01")),
    "GC of 2^32": lambda me, victim, clock: update(me, 0, b"\x00" + varuint(2**32)),
    "NaN": lambda me, victim, clock: update(
        me, 0, item(ANY, any_value(b"\x7b" + struct.pack(">d", float("nan"))), "meta")),
    "infinity": lambda me, victim, clock: update(
        me, 0, item(ANY, any_value(b"\x7c" + struct.pack(">f", float("inf"))), "meta")),
    "foreign root": lambda me, victim, clock: update(me, 0, item(ANY, any_value(b"\x7e"), "users")),
    "garbage": lambda me, victim, clock: bytes(range(200, 256)) * 3,
    "truncation": lambda me, victim, clock: update(me, 0, item(TYPE, b"\x01"), item(ANY, any_value(b"\x78")))[:-4],
    "bytes after the end": lambda me, victim, clock: update(me, 0, item(TYPE, b"\x01")) + b"\x00",
    "huge struct count": lambda me, victim, clock: b"\x01" + varuint(2**40) + varuint(me) + b"\x00\x00",
    "huge string": lambda me, victim, clock: update(me, 0, bytes((STRING | SUB, 1)) + text("meta") + varuint(2**31)),
    "huge array": lambda me, victim, clock: update(me, 0, item(ANY, varuint(2**35), "meta")),
    "array type": lambda me, victim, clock: update(me, 0, item(TYPE, b"\x00")),
    "binary": lambda me, victim, clock: update(me, 0, item(BINARY, write_bytes(b"abc"), "meta")),
    "legacy JSON": lambda me, victim, clock: update(me, 0, item(JSON, b"\x01" + text("{}"), "meta")),
    "embed": lambda me, victim, clock: update(me, 0, item(EMBED, text("{}"), "meta")),
    "format": lambda me, victim, clock: update(me, 0, item(FORMAT, text("b") + text("1"), "meta")),
    "skip": lambda me, victim, clock: update(me, 0, bytes((SKIP, 5))),
    "long key": lambda me, victim, clock: update(me, 0, item(ANY, any_value(b"\x7e"), "meta", "k" * 65)),
    "no key under a root": lambda me, victim, clock: update(
        me, 0, bytes((ANY, 1)) + text("cells") + any_value(b"\x7e")),
    "own future": lambda me, victim, clock: update(me, 0, child(ANY, any_value(b"\x7e"), me, 3)),
    "unknown parent": lambda me, victim, clock: update(me, 0, child(ANY, any_value(b"\x7e"), victim, clock + 50)),
    "unknown deletion": lambda me, victim, clock: b"\x00\x01" + varuint(victim) + b"\x01\x00" + varuint(2**30),
    "not UTF-8": lambda me, victim, clock: update(me, 0, item(ANY, any_value(b"\x77\x02\xff\xfe"), "meta")),
    "empty struct": lambda me, victim, clock: update(me, 0, item(ANY, b"\x00", "meta")),
}
"""Refused by the guard alone, with close code 1007."""

FOREIGN: dict[str, Make] = {
    "the victim's client id": lambda me, victim, clock: update(victim, clock, item(ANY, any_value(b"\x7e"), "meta")),
}
"""Refused with close code 4003."""

MISSHAPEN: dict[str, Make] = {
    "a cell that is a value": lambda me, victim, clock: update(me, 0, item(ANY, any_value(b"\x78"))),
    "a cell that is a text": lambda me, victim, clock: update(me, 0, item(TYPE, b"\x02")),
    "a kind that is a number": lambda me, victim, clock: cell(me, 0, child(ANY, any_value(b"\x7d\x05"), me, 0, "kind")),
    "a position of three": lambda me, victim, clock: cell(
        me, 0, child(ANY, any_value(b"\x75\x03\x7d\x01\x7d\x01\x7d\x01"), me, 0, "pos")),
    "params that are a text": lambda me, victim, clock: cell(me, 0, child(TYPE, b"\x02", me, 0, "params")),
    "code that is a map": lambda me, victim, clock: cell(me, 0, child(TYPE, b"\x01", me, 0, "code")),
    "a type in an edge": lambda me, victim, clock: update(me, 0, item(TYPE, b"\x01", "edges")),
    "an edge of numbers": lambda me, victim, clock: update(me, 0, item(ANY, any_value(b"\x7d\x01"), "edges")),
    "a bad cell id": lambda me, victim, clock: update(me, 0, item(TYPE, b"\x01", key="<script>")),
}
"""Well formed, refused by the schema check after it was applied: the room is rebuilt. Close code 1007."""
