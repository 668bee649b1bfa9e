"""One replica of one canvas: applies accepted updates and keeps the projection of what they touched."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pycrdt import Doc, Map

from canvas.documents import schema
from canvas.documents.document import open_doc
from canvas.documents.projection import KindLike, Projector, wanted_source
from canvas.realtime import guard
from canvas.realtime.protocol import BAD_FRAME, CANVAS_FULL, Refused, read_state_vector

log = logging.getLogger(__name__)


class Polluted(Refused):
    """The update is refused, but parts of it reached the replica: it must be rebuilt from the log."""


class Room:
    """A Yjs replica with its clocks, its JSON mirror and its projection. Lives on one thread: the event loop's."""

    def __init__(self, kinds: Mapping[str, KindLike]) -> None:
        self.kinds = kinds
        self.seq = 0
        self.doc: Doc | None = None
        self.clocks: dict[int, int] = {}
        self.cells: dict[str, dict[str, Any]] = {}
        self._sources: dict[str, str] = {}
        """The source that each cell which reads one names."""
        self.projector = Projector(kinds)
        self._subscriptions: list[tuple[Any, Any]] = []
        self._delta: list[bytes] = []
        self._touched: dict[str, set[str]] = {root: set() for root in schema.ROOTS}
        self._full: tuple[int, bytes] | None = None
        self._edits = self._size = 0

    def open(self, seq: int, updates: Iterable[bytes]) -> None:
        """Start from the log. The former replica, if any, is let go."""
        self.close()
        updates = list(updates)
        self.seq, self.doc = seq, open_doc(updates)
        self._size = sum(map(len, updates))
        self._edits += 1
        self.clocks = read_state_vector(self.doc.get_state())
        # A rebuild starts the mirror anew; sources already resolved stay known.
        sources = self.projector.sources
        self.cells, self._sources, self.projector = {}, {}, Projector(self.kinds)
        self.projector.sources = sources
        self._observe()
        for root in schema.ROOTS:
            self._touched[root].update(self.doc.get(root, type=Map).keys())
        self._mirror(strict=False)

    def close(self) -> None:
        """Let the replica go. Observers are dropped one by one: each that is not keeps the whole document alive."""
        for shared, subscription in self._subscriptions:
            shared.unobserve(subscription)
        self._subscriptions.clear()
        self._delta.clear()
        self.doc, self._full = None, None

    def accept(self, update: bytes, owns: Callable[[int], bool], shape: guard.Shape | None = None) -> bytes | None:
        """Check and apply a client's update; what it changed as an update of its own, None when nothing.

        Raises Refused before anything happened, Polluted when the replica must be rebuilt.
        """
        shape = guard.check(update, self.clocks, owns, shape)
        if shape.empty:
            return None
        self._stay_small(len(update))
        delta = self._apply(update)
        if len(shape.ranges) > 1:
            self._expect(shape)
        for client, (_, end) in shape.ranges.items():
            self.clocks[client] = max(end, self.clocks.get(client, 0))
        try:
            self._mirror(strict=True)
        except Refused:
            raise
        except Exception as error:
            log.exception("an accepted update could not be read")
            raise Polluted(BAD_FRAME, f"the update cannot be read ({type(error).__name__})") from None
        return delta

    def _stay_small(self, more: int) -> None:
        """A hard stop far above what an honest canvas needs; encoding tells the true size only when it is in doubt."""
        self._size += more
        if self._size > schema.MAX_DOCUMENT:
            self._size = len(self.full_state()) + more
            if self._size > schema.MAX_DOCUMENT:
                raise Refused(CANVAS_FULL, "the canvas holds all it can")

    def follow(self, seq: int, update: bytes) -> None:
        """Apply a row of the log that another process wrote. Rows come in seq order, without gaps."""
        self._apply(update)
        for client, (_, end) in guard.decode(update).ranges.items():
            self.clocks[client] = max(end, self.clocks.get(client, 0))
        self.seq = seq
        self._mirror(strict=False)

    def full_state(self) -> bytes:
        """The whole document as one update; encoded once per state."""
        assert self.doc is not None
        if self._full is None or self._full[0] != self._edits:
            self._full = (self._edits, self.doc.get_update())
        return self._full[1]

    def diff(self, state_vector: bytes) -> bytes:
        """What someone with that state vector lacks."""
        assert self.doc is not None
        clocks = read_state_vector(state_vector)
        if not any(clocks.values()):
            return self.full_state()
        return self.doc.get_update(state_vector)

    def unresolved(self) -> set[str]:
        """Sources that cells name and nobody resolved yet."""
        return set(self._sources.values()) - self.projector.sources.keys()

    def layout(self) -> dict[str, Any]:
        """Where cells lie and how they are linked, for thumbnails: {cells: [[x, y, w, h, kind]], edges: [[i, j]]}."""
        ids = sorted(self.cells)[: schema.MAX_CELLS]
        place = {cell_id: i for i, cell_id in enumerate(ids)}
        boxes = []
        for cell_id in ids:
            cell = self.cells[cell_id]
            boxes.append([*(cell.get("pos") or [0, 0]), *(cell.get("size") or [420, 280]), cell.get("kind") or ""])
        links = [[place[e.source], place[e.target]] for e in self.projector.projection().graph.edges
                 if e.source in place and e.target in place]
        return {"cells": boxes, "edges": links}

    def _observe(self) -> None:
        doc = self.doc
        assert doc is not None
        self._subscriptions.append((doc, doc.observe(lambda event: self._delta.append(event.update))))
        for root in ("cells", "edges", "meta"):
            shared = doc.get(root, type=Map)
            self._subscriptions.append((shared, shared.observe_deep(self._note(self._touched[root]))))

    @staticmethod
    def _note(touched: set[str]) -> Callable[[Any], None]:
        def note(events: Any) -> None:
            for event in events:
                if event.path:
                    touched.add(event.path[0])
                else:
                    touched.update(event.keys)

        return note

    def _apply(self, update: bytes) -> bytes | None:
        """Apply bytes; yrs panics derive from BaseException, and whatever it raises may have left half of them in."""
        assert self.doc is not None
        self._delta.clear()
        try:
            self.doc.apply_update(update)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # noqa: BLE001 - yrs panics are no Exceptions
            raise Polluted(BAD_FRAME, f"the update cannot be applied ({type(error).__name__})") from None
        self._edits += bool(self._delta)
        return self._delta[0] if self._delta else None

    def _expect(self, shape: guard.Shape) -> None:
        """Several clients in one update could wait for each other for ever: all must have arrived."""
        assert self.doc is not None
        have = read_state_vector(self.doc.get_state())
        if any(have.get(client, 0) < end for client, (_, end) in shape.ranges.items()):
            raise Polluted(BAD_FRAME, "the update waits for something unknown")

    def _mirror(self, strict: bool) -> None:
        """Read what was touched into the mirror and the projection; `strict` refuses what no honest client writes."""
        doc = self.doc
        assert doc is not None
        touched = self._touched
        try:
            for edge_id in touched["edges"]:
                self.projector.set_edge(edge_id, self._read(doc, "edges", edge_id, strict))
            for cell_id in touched["cells"]:
                self._mirror_cell(cell_id, self._read(doc, "cells", cell_id, strict), strict)
            for key in touched["meta"]:
                self._read(doc, "meta", key, strict)
        finally:
            for keys in touched.values():
                keys.clear()

    def _mirror_cell(self, cell_id: str, cell: Any, strict: bool) -> None:
        before = self.cells.get(cell_id)
        if cell is None:
            self.cells.pop(cell_id, None)
        else:
            if strict and before and before.get("kind") and cell.get("kind") not in (None, before["kind"]):
                raise Polluted(BAD_FRAME, "the kind of a cell never changes")
            self.cells[cell_id] = cell
        if source := wanted_source(cell):
            self._sources[cell_id] = source
        else:
            self._sources.pop(cell_id, None)
        self.projector.set_cell(cell_id, cell)

    @staticmethod
    def _read(doc: Doc, root: str, key: str, strict: bool) -> Any:
        """One entry of a root as JSON; None when it is gone or, unless strict, not readable."""
        try:
            value = doc.get(root, type=Map).get(key)
            return None if value is None else _READERS[root](key, value)
        except schema.Misshapen as error:
            if strict:
                raise Polluted(BAD_FRAME, str(error)) from None
            return None


_READERS: dict[str, Callable[[str, Any], Any]] = {
    "cells": schema.read_cell, "edges": schema.read_edge, "meta": schema.read_meta,
}
