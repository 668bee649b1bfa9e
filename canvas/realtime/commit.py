"""Group commit: all that arrived during the last commit becomes rows of one transaction under the row lock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, ParamSpec, TypeVar

from django.db import close_old_connections, connection, transaction
from django.db.models import Model
from django.utils import timezone

from canvas.documents.models import Canvas, Client, Update
from canvas.realtime.protocol import NO_ACCESS, WRONG_CLIENT

P = ParamSpec("P")
T = TypeVar("T")

# One thread writes, so that group commit batches; another reads, so that loading a canvas never delays an ack.
_writer = ThreadPoolExecutor(1, thread_name_prefix="inkling-write")
_reader = ThreadPoolExecutor(1, thread_name_prefix="inkling-read")
_background = ThreadPoolExecutor(2, thread_name_prefix="inkling-after")


async def in_writer(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run in the thread that writes."""
    return await asyncio.get_running_loop().run_in_executor(_writer, lambda: _fresh(call, *args, **kwargs))


async def in_reader(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run in the thread that reads."""
    return await asyncio.get_running_loop().run_in_executor(_reader, lambda: _fresh(call, *args, **kwargs))


async def in_background(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run what follows a commit (runs, compaction) where it delays neither reads nor writes."""
    return await asyncio.get_running_loop().run_in_executor(_background, lambda: _fresh(call, *args, **kwargs))


def _fresh(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Never run on a connection that timed out or broke."""
    close_old_connections()
    try:
        return call(*args, **kwargs)
    finally:
        close_old_connections()


def close_connections() -> None:
    """Close the connections of all three pools; for orderly ends."""
    for pool, size in ((_writer, 1), (_reader, 1), (_background, 2)):
        for done in [pool.submit(connection.close) for _ in range(size)]:
            done.result(timeout=5)


class Behind(Exception):
    """The log is ahead of the room: it must apply these rows before anything of it is committed."""

    def __init__(self, rows: list[tuple[int, bytes]] | None) -> None:
        super().__init__("the log is ahead")
        self.rows = rows
        """(seq, data) of the missing rows; None when they are folded into a snapshot by now."""


class AccessMoved(Exception):
    """Roles changed since they were last read; nothing was committed."""

    def __init__(self, epoch: int) -> None:
        super().__init__("roles changed")
        self.epoch = epoch


class Gone(Exception):
    """The canvas is deleted, or its document was replaced; `code` closes its sockets."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


@dataclass(slots=True)
class Row:
    """One accepted update that waits for its seq."""

    actor: str
    client_id: int
    data: bytes


@dataclass(slots=True)
class Derived:
    """What the projection says of the document after a batch; None leaves a column as it is."""

    graph: dict[str, Any] | None = None
    diagnostics: dict[str, Any] | None = None
    layout: dict[str, Any] | None = None


@dataclass(slots=True)
class Batch:
    """What one transaction writes for one canvas."""

    canvas_id: str
    epoch: int
    seq: int
    access_epoch: int
    rows: Sequence[Row]
    derived: Derived = field(default_factory=Derived)


def commit(batch: Batch) -> int:
    """Write a batch and return the new head. Raises Behind, AccessMoved or Gone, and then wrote nothing."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_locking(), [_stored(Canvas, "id", batch.canvas_id)])
        found = cursor.fetchone()
        if found is None:
            raise Gone(NO_ACCESS, "the canvas was deleted")
        head, epoch, access_epoch = found
        if epoch != batch.epoch:
            raise Gone(WRONG_CLIENT, "the document was replaced")
        if access_epoch != batch.access_epoch:
            raise AccessMoved(access_epoch)
        if head != batch.seq:
            raise Behind(tail(batch.canvas_id, batch.seq, head))
        if batch.rows:
            head = _append(cursor, batch, head)
        fields: dict[str, Any] = {}
        if batch.derived.graph is not None:
            fields = {"graph": batch.derived.graph, "graph_seq": head, "diagnostics": batch.derived.diagnostics}
        if batch.derived.layout is not None:
            fields["layout"] = batch.derived.layout
        if fields:
            Canvas.objects.filter(pk=batch.canvas_id).update(**fields)
    return head


def _append(cursor: Any, batch: Batch, head: int) -> int:
    """Write the rows and the new head. Plain SQL: each edit comes here, and a query set costs more than the disk."""
    canvas_id, at = _stored(Canvas, "id", batch.canvas_id), _stored(Update, "at", timezone.now())
    updates, canvases = Update._meta.db_table, Canvas._meta.db_table
    cursor.executemany(
        f"INSERT INTO {updates} (canvas_id, seq, actor, client_id, data, at) VALUES (%s, %s, %s, %s, %s, %s)",
        [(canvas_id, seq, row.actor, row.client_id, row.data, at) for seq, row in enumerate(batch.rows, head + 1)])
    head += len(batch.rows)
    cursor.execute(f"UPDATE {canvases} SET head_seq = %s, edited_at = %s WHERE id = %s", [head, at, canvas_id])
    return head


def _locking() -> str:
    """The query that reads a canvas's head and holds its row, where the database locks rows."""
    lock = " FOR UPDATE" if connection.features.has_select_for_update else ""
    return (f"SELECT head_seq, epoch, access_epoch FROM {Canvas._meta.db_table} "
            f"WHERE id = %s AND deleted_at IS NULL{lock}")


def _stored(model: type[Model], field: str, value: Any) -> Any:
    """A value as the database keeps it in a column."""
    return model._meta.get_field(field).get_db_prep_save(value, connection)


def tail(canvas_id: str, after: int, head: int | None = None) -> list[tuple[int, bytes]] | None:
    """Rows of the log above `after`; None when some of them were folded into a snapshot already."""
    if head is None:
        head = Canvas.objects.values_list("head_seq", flat=True).get(pk=canvas_id)
    rows = [(seq, bytes(data)) for seq, data in Update.objects.filter(canvas_id=canvas_id, seq__gt=after, seq__lte=head)
            .order_by("seq").values_list("seq", "data")]
    return rows if [seq for seq, _ in rows] == list(range(after + 1, head + 1)) else None


def owners(canvas_id: str) -> dict[int, str]:
    """Who owns each client id of a canvas."""
    return dict(Client.objects.filter(canvas_id=canvas_id).values_list("client_id", "actor"))


def claim(canvas_id: str, client_ids: Iterable[int], actor: str) -> dict[int, str]:
    """Bind free client ids to an actor for good, and say who owns each of the given ones now."""
    ids = list(client_ids)
    with transaction.atomic():
        Client.objects.bulk_create([Client(canvas_id=canvas_id, client_id=c, actor=actor) for c in ids],
                                   ignore_conflicts=True)
        return dict(Client.objects.filter(canvas_id=canvas_id, client_id__in=ids).values_list("client_id", "actor"))


def heads(canvas_ids: Iterable[str]) -> dict[str, tuple[int, int, int]]:
    """(head_seq, state_rev, access_epoch) of each canvas that still exists; one indexed query for all open ones."""
    rows = Canvas.objects.filter(pk__in=list(canvas_ids), deleted_at__isnull=True)
    return {str(pk): (head, rev, access)
            for pk, head, rev, access in rows.values_list("pk", "head_seq", "state_rev", "access_epoch")}


def graph_seq(canvas_id: str) -> int:
    """The seq whose projection the stored graph is."""
    return int(Canvas.objects.values_list("graph_seq", flat=True).get(pk=canvas_id))
