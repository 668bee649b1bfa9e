"""A bounded structural decoder of Yjs v1 updates that runs before pycrdt sees a byte of them."""

from __future__ import annotations

import math
import struct as packing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from canvas.documents.schema import MAX_DEPTH, MAX_KEY, ROOTS
from canvas.realtime.protocol import FORBIDDEN_WRITE, MAX_FRAME, Reader, Refused, bad

MAX_STRUCTS = 20_000
MAX_CLIENTS = 64
MAX_GONE = 1 << 20
"""Length one update may claim for content that is already deleted."""
MAX_VALUES = 200_000
MAX_CLOCK = 1 << 40
MAX_INNER_KEY = 512
MAX_TYPE_DEPTH = 2
"""Types below a root that one update may nest: a cell, then its params or code."""

GC, DELETED, STRING, TYPE, ANY = 0, 1, 4, 7, 8
MAP_TYPE, TEXT_TYPE = 1, 2
_LEFT, _RIGHT, _SUB = 0x80, 0x40, 0x20
_REFUSED = {2: "legacy JSON", 3: "binary content", 5: "an embed", 6: "formatting", 9: "a sub-document", 10: "a gap"}

Id = tuple[int, int]


@dataclass(slots=True)
class Shape:
    """What an update claims: clock ranges by client, whether it deletes, and what it refers to."""

    structs: int = 0
    ranges: dict[int, tuple[int, int]] = field(default_factory=dict)
    deletes: list[tuple[int, int, int]] = field(default_factory=list)
    refs: dict[int, int] = field(default_factory=dict)
    """The highest clock of each client that is used as origin or parent."""

    @property
    def empty(self) -> bool:
        """Whether it says nothing at all."""
        return not self.ranges and not self.deletes


def decode(update: bytes) -> Shape:
    """Walk a whole update within bounds of its own size. Raises Refused for anything outside our document's shape."""
    if len(update) > MAX_FRAME:
        raise bad("the update is larger than 1 MiB")
    return _Walk(update).run()


def check(update: bytes, known: Mapping[int, int], owns: Callable[[int], bool], shape: Shape | None = None) -> Shape:
    """Hold an update (decoded already, if `shape` is given) against what is known and whose ids the sender may use."""
    shape = shape or decode(update)
    ends = dict(known)
    for client, (first, end) in shape.ranges.items():
        have = known.get(client, 0)
        if first > have:
            raise bad("the update starts after a gap")
        if end > have and not owns(client):
            raise Refused(FORBIDDEN_WRITE, "the update writes as another client")
        ends[client] = max(have, end)
    for client, clock in shape.refs.items():
        if clock >= ends.get(client, 0):
            raise bad("the update refers to something unknown")
    for client, clock, length in shape.deletes:
        if clock + length > ends.get(client, 0):
            raise bad("the update deletes something unknown")
    return shape


class _Walk:
    """One pass over one update."""

    def __init__(self, update: bytes) -> None:
        self.reader = Reader(update)
        self.shape = Shape()
        self.depths: dict[Id, int] = {}
        self.gone = self.values = 0

    def run(self) -> Shape:
        """The shape of the update; every byte of it was read."""
        reader = self.reader
        clients = reader.count(3)
        if clients > MAX_CLIENTS:
            raise bad("the update holds too many clients")
        for _ in range(clients):
            self._client()
        for _ in range(reader.count(2)):
            self._deletions()
        if reader.left():
            raise bad("bytes after the end of the update")
        return self.shape

    def _client(self) -> None:
        reader, shape = self.reader, self.shape
        count = reader.count(2)
        client, clock = reader.varuint(), reader.varuint()
        if not count or client in shape.ranges:
            raise bad("a client without structs, or twice")
        shape.structs += count
        if shape.structs > MAX_STRUCTS:
            raise bad("the update holds too many structs")
        first = clock
        for _ in range(count):
            clock += self._struct(client, clock)
            if clock > MAX_CLOCK:
                raise bad("a clock is too high")
        shape.ranges[client] = (first, clock)

    def _deletions(self) -> None:
        reader = self.reader
        client = reader.varuint()
        for _ in range(reader.count(2)):
            clock, length = reader.varuint(), reader.varuint()
            if not length:
                raise bad("an empty deletion")
            self.shape.deletes.append((client, clock, length))

    def _struct(self, client: int, clock: int) -> int:
        """Read one struct; its length in clocks."""
        info = self.reader.byte()
        kind = info & 0x1F
        if kind == GC:
            if info:
                raise bad("a malformed struct")
            return self._gone()
        if kind in _REFUSED:
            raise bad(f"the update holds {_REFUSED[kind]}")
        depth = self._place(info, client, clock)
        if kind == DELETED:
            return self._gone()
        if kind == STRING:
            text = self.reader.text()
            # Clocks count UTF-16 units, as JavaScript strings do.
            length = len(text) + sum(c > "\uffff" for c in text)
        elif kind == TYPE:
            if self.reader.byte() not in (MAP_TYPE, TEXT_TYPE):
                raise bad("the update holds a type the document does not have")
            if depth > MAX_TYPE_DEPTH:
                raise bad("types are nested too deep")
            self.depths[client, clock] = depth
            length = 1
        elif kind == ANY:
            length = self.reader.count()
            for _ in range(length):
                self._value(0)
        else:
            raise bad("an unknown kind of content")
        if not length:
            raise bad("an empty struct")
        return length

    def _gone(self) -> int:
        length = self.reader.varuint()
        self.gone += length
        if not length or self.gone > MAX_GONE:
            raise bad("the update claims too much deleted content")
        return length

    def _place(self, info: int, client: int, clock: int) -> int:
        """Read where a struct goes; its depth below a root as far as this update tells."""
        reader = self.reader
        if info & _LEFT:
            self._ref(client, clock)
        if info & _RIGHT:
            self._ref(client, clock)
        if info & (_LEFT | _RIGHT):
            return 1
        depth = 1
        parent = reader.varuint()
        if parent == 1:
            if reader.text() not in ROOTS or not info & _SUB:
                raise bad("the update writes outside the document's roots")
        elif parent == 0:
            depth = self.depths.get(self._ref(client, clock), 0) + 1
        else:
            raise bad("a malformed parent")
        if info & _SUB and not 0 < len(reader.text()) <= MAX_KEY:
            raise bad("a key is too long or empty")
        return depth

    def _ref(self, client: int, clock: int) -> Id:
        other, at = self.reader.varuint(), self.reader.varuint()
        if other == client and at >= clock:
            raise bad("the update refers to itself or its future")
        if at > self.shape.refs.get(other, -1):
            self.shape.refs[other] = at
        return other, at

    def _value(self, depth: int) -> None:
        """Read one JSON value."""
        reader = self.reader
        self.values += 1
        if depth > MAX_DEPTH or self.values > MAX_VALUES:
            raise bad("a value is nested too deep or too large")
        tag = reader.byte()
        if tag in (120, 121, 126, 127):
            return
        if tag == 119:
            reader.text()
        elif tag == 125:
            self._varint()
        elif tag in (123, 124):
            raw = reader.take(8 if tag == 123 else 4)
            if not math.isfinite(packing.unpack(">d" if tag == 123 else ">f", raw)[0]):
                raise bad("a number is not finite")
        elif tag == 118:
            for _ in range(reader.count(2)):
                if len(reader.text()) > MAX_INNER_KEY:
                    raise bad("a key is too long")
                self._value(depth + 1)
        elif tag == 117:
            for _ in range(reader.count()):
                self._value(depth + 1)
        else:
            raise bad("a value is not JSON")

    def _varint(self) -> None:
        """A signed integer: six bits in the first byte, seven in each that follows."""
        reader = self.reader
        value, length = reader.byte(), 1
        while value >= 128:
            value, length = reader.byte(), length + 1
            if length > 8:
                raise bad("a number is too long")
