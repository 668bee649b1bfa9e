"""Versions, restore as a forward edit, and compaction of the log by replay."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import Length
from django.utils import timezone
from pycrdt import Doc, Map, Text

from canvas.documents import schema
from canvas.documents.document import cell_as_map, load, open_doc, read_json, server_client_id, stored
from canvas.documents.models import Canvas, Client, Snapshot, Update, Version

VERSION_EVERY = 300.0
FOLD_ROWS, FOLD_BYTES = 500, 512 * 1024
KEEP_VERSIONS = 500
SERVER = "server"


class Differs(RuntimeError):
    """The folded document is not what the log says; nothing was changed."""


def keep(canvas_id: UUID | str, seq: int, actor: str, data: bytes, name: str = "") -> Version | None:
    """Keep a full state as a version, unless one of that seq exists and this one has no name."""
    if not name and Version.objects.filter(canvas_id=canvas_id, seq=seq).exists():
        return None
    version = Version.objects.create(canvas_id=canvas_id, seq=seq, actor=actor, name=name[:120], data=data,
                                     json=read_json(open_doc([data])))
    old = Version.objects.filter(canvas_id=canvas_id, name="").order_by("-seq").values_list("pk", flat=True)
    Version.objects.filter(pk__in=list(old[KEEP_VERSIONS:])).delete()
    return version


def keep_now(canvas_id: UUID | str, actor: str, name: str = "") -> Version | None:
    """Keep the state of this moment, on demand."""
    seq, doc = load(canvas_id)
    return keep(canvas_id, seq, actor, doc.get_update(), name)


def compact(canvas_id: UUID | str) -> int:
    """Fold the log into one snapshot when it has grown long; returns how many rows were folded.

    By replay, never by merging updates (that is worse than linear). Raises Differs if the folded document projects
    to anything else than the log; then nothing is changed.
    """
    with transaction.atomic():
        Canvas.objects.select_for_update().only("id").get(pk=canvas_id)
        rows = Update.objects.filter(canvas_id=canvas_id)
        size = rows.aggregate(size=Sum(Length("data")))["size"] or 0
        count = rows.count()
        if count < FOLD_ROWS and size < FOLD_BYTES:
            return 0
        seq, updates = stored(canvas_id)
        doc = open_doc(updates)
        data = doc.get_update()
        if digest(doc) != digest(open_doc([data])):
            raise Differs(f"compaction of canvas {canvas_id} at seq {seq} gave another document")
        Snapshot.objects.create(canvas_id=canvas_id, seq=seq, data=data)
        Snapshot.objects.filter(canvas_id=canvas_id, seq__lt=seq).delete()
        return rows.filter(seq__lte=seq).delete()[0]


def digest(doc: Doc) -> str:
    """A hash of what the document says."""
    return hashlib.sha256(json.dumps(read_json(doc), sort_keys=True, default=str).encode()).hexdigest()


def restore(canvas_id: UUID | str, version_id: int, actor: str) -> int:
    """Bring back a version as a forward edit by a server-side author; returns the new head.

    Nothing is replaced: the difference is written as ordinary updates, so connected clients and undo stay sound. The
    state before it is kept as a version. The caller rings the doorbell after commit.
    """
    version = Version.objects.get(pk=version_id, canvas_id=canvas_id)
    with transaction.atomic():
        canvas = Canvas.objects.select_for_update().only("id", "head_seq").get(pk=canvas_id)
        seq, doc = load(canvas_id)
        keep(canvas_id, seq, actor, doc.get_update(), "Before restore")
        client = server_client_id()
        Client.objects.create(canvas_id=canvas_id, client_id=client, actor=SERVER)
        update = difference(doc, version.json, client)
        if update is None:
            return seq
        now = timezone.now()
        Update.objects.create(canvas_id=canvas_id, seq=seq + 1, actor=actor, client_id=client, data=update)
        Canvas.objects.filter(pk=canvas.pk).update(head_seq=seq + 1, edited_at=now)
    return seq + 1


def difference(doc: Doc, wanted: dict[str, Any], client_id: int) -> bytes | None:
    """The edit, by a new author, that makes a document say `wanted`; None when it already does."""
    before = doc.get_state()
    mine = open_doc([doc.get_update()], client_id=client_id)
    now = read_json(mine)
    if now["cells"] == wanted["cells"] and now["edges"] == wanted["edges"]:
        return None
    cells, edges = mine.get("cells", type=Map), mine.get("edges", type=Map)
    with mine.transaction():
        for edge_id in now["edges"].keys() - wanted["edges"].keys():
            del edges[edge_id]
        for cell_id in now["cells"].keys() - wanted["cells"].keys():
            del cells[cell_id]
        for cell_id, cell in wanted["cells"].items():
            if cell_id not in now["cells"]:
                cells[cell_id] = cell_as_map(cell)
            elif cell != now["cells"][cell_id]:
                _write_cell(cells, cell_id, now["cells"][cell_id], cell)
        for edge_id, edge in wanted["edges"].items():
            if edge != now["edges"].get(edge_id):
                edges[edge_id] = {f: edge[f] for f in schema.EDGE_FIELDS}
    return mine.get_update(before)


def _write_cell(cells: Map, cell_id: str, now: dict[str, Any], wanted: dict[str, Any]) -> None:
    """Set only what differs; text is edited in place, so that editors bound to it stay bound."""
    cell = cells[cell_id]
    if ("params" in now) != ("params" in wanted) or ("code" in now) != ("code" in wanted):
        cells[cell_id] = cell_as_map(wanted)
        return
    for key in (now.keys() | wanted.keys()) - {"params", "code"}:
        _write_key(cell, key, now, wanted)
    for name in now.get("params", {}).keys() | wanted.get("params", {}).keys():
        _write_key(cell["params"], name, now["params"], wanted["params"])
    if now.get("code") != wanted.get("code"):
        text: Text = cell["code"]
        text.clear()
        text += wanted["code"]


def _write_key(shared: Map, key: str, now: dict[str, Any], wanted: dict[str, Any]) -> None:
    if key not in wanted:
        if key in now:
            del shared[key]
    elif now.get(key) != wanted[key]:
        shared[key] = wanted[key]
