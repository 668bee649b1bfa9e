"""What realtime asks of the other parts: roles, kinds, sources, cell states, and what follows a commit."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from canvas import access
from canvas.access import Actor, Role, role_of
from canvas.documents import history
from canvas.documents.models import Canvas
from canvas.realtime.commit import Row, in_background
from canvas.realtime.hub import Hub, Outside

log = logging.getLogger(__name__)
_running: dict[str, bool] = {}
"""Canvases whose graph is being advanced; True when it changed again meanwhile."""


def outside(ring: Callable[[str, dict[str, Any]], None]) -> Outside:
    """The real world."""
    from workers.registry import kinds

    return Outside(kinds(), ring, sources, roles, graph_changed, committed)


def roles(canvas_id: str, actors: list[Actor]) -> tuple[int, list[Role | None]]:
    """The access epoch, read first, and each actor's role; an actor at several sockets is asked for once."""
    epoch = Canvas.objects.values_list("access_epoch", flat=True).filter(pk=canvas_id).first()
    found: dict[Any, Role | None] = {}
    out = []
    for actor in actors:
        key = (actor.key, actor.session_key, tuple(sorted(actor.links.items())))
        if key not in found:
            found[key] = role_of(actor, canvas_id)
        out.append(found[key])
    return epoch or 0, out


def lapsed(canvas_id: str, actors: list[Actor]) -> bool:
    """Whether a right of one of these people may have run out in silence."""
    return access.lapsed(canvas_id, actors)


def sources(canvas_id: str, wanted: set[str]) -> dict[str, str]:
    """Tokens of sources that belong to the canvas's workspace."""
    from canvas.datasets.sources import tokens_for

    workspace = Canvas.objects.values_list("workspace_id", flat=True).get(pk=canvas_id)
    return tokens_for(workspace, wanted, canvas_id)


def cell_events(canvas_id: str, since_rev: int = 0) -> list[dict[str, Any]]:
    """The states of cells that changed above a revision."""
    from canvas.runs import advance

    return advance.cell_events(canvas_id, since_rev)


def state_rev(canvas_id: str) -> int:
    """The revision of a canvas's cell states."""
    return Canvas.objects.values_list("state_rev", flat=True).get(pk=canvas_id)


async def graph_changed(canvas_id: str, actor: str) -> None:
    """Advance a canvas off the event loop; changes that come meanwhile are one more round, not many."""
    if canvas_id in _running:
        _running[canvas_id] = True
        return
    _running[canvas_id] = False
    try:
        while True:
            _running[canvas_id] = False
            await in_background(_advance, canvas_id, actor)
            if not _running[canvas_id]:
                return
    finally:
        del _running[canvas_id]


def _advance(canvas_id: str, actor: str) -> None:
    from canvas.runs import advance

    try:
        advance.advance(canvas_id, actor or None)
    except Exception:
        # The sweep of the orchestrating worker comes again; an edit must not fail because a run could not start.
        log.exception("a canvas was not advanced", extra={"canvas_id": canvas_id})


def committed(hub: Hub, rows: list[Row]) -> None:
    """Count what was written; keep a version every five minutes and fold the log when it is long."""
    keeper = _keepers.setdefault(hub, _Keeper(hub.rows_loaded))
    keeper.rows += len(rows)
    keeper.bytes += sum(len(row.data) for row in rows)
    now = time.monotonic()
    if keeper.versioned_at is None or now - keeper.versioned_at > history.VERSION_EVERY:
        keeper.versioned_at = now
        state = hub.room.full_state()
        hub.spawn(in_background(history.keep, hub.canvas_id, hub.room.seq, rows[-1].actor, state))
    if keeper.rows >= history.FOLD_ROWS or keeper.bytes >= history.FOLD_BYTES:
        keeper.rows = keeper.bytes = 0
        hub.spawn(in_background(history.compact, hub.canvas_id))


class _Keeper:
    """What was written to a canvas since its last version and its last snapshot."""

    def __init__(self, rows: int) -> None:
        self.rows, self.bytes = rows, 0
        self.versioned_at: float | None = None


_keepers: WeakKeyDictionary[Hub, _Keeper] = WeakKeyDictionary()
