"""Versions of source cells: recorded when a run lands, listed, and granted what they need when a run is sent."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db.models import Sum
from django.utils import timezone

from canvas.datasets.connections import envelope_of
from canvas.datasets.models import Upload, Version
from canvas.datasets.sources import connection_id
from canvas.documents.models import Canvas
from workers import registry
from workers.graph import Cell, Graph
from workers.kind import PARAM
from workers.store import Store

KEPT = 200
"""Versions listed of one cell."""


def identity(cell: Cell) -> dict[str, Any]:
    """The params that say which data a source cell reads; empty for other cells and for samples."""
    kind = registry.kinds().get(cell.kind)
    if kind is None or not kind.versioned or cell.source_token.startswith("sample:") or not cell.source_token:
        return {}
    return {name: cell.params.get(name, "") for name in kind.versioned}


def digest_of(params: Mapping[str, Any], *, without: tuple[str, ...] = ()) -> str:
    """One name for the same params."""
    told = {name: value for name, value in params.items() if name not in without}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def record(canvas: Canvas, cell: Cell, fingerprint: str, actor: str, rows: int | None) -> Version | None:
    """Remember what a source cell read, once for each of its versions; read again otherwise, it is the same one."""
    params = identity(cell)
    if not params:
        return None
    told = _told(fingerprint)
    fetched = told.get("fetched") or {}
    about = {k: fetched[k] for k in ("etag", "modified", "sha256") if k in fetched} | {"columns": told["columns"]}
    at = datetime.fromtimestamp(fetched["at"], UTC) if "at" in fetched else None
    upload = _upload(params["source"])
    if upload is not None:
        about |= {"name": upload.name, "sha256": upload.sha256}
        at = at or upload.at
    known = {"params": params, "token": cell.source_token, "fingerprint": fingerprint, "about": about, "rows": rows,
             "size": fetched.get("bytes") or (upload.size if upload else 0)}
    version, _ = Version.objects.update_or_create(
        canvas=canvas, cell=cell.id, digest=digest_of(params), defaults=known,
        create_defaults={**known, "actor": actor, "at": at or timezone.now()})
    return version


def _told(fingerprint: str) -> dict[str, Any]:
    """What the final step of a source says of where it came from."""
    store = Store.from_url(settings.STORE_URL)
    view = (store.final(fingerprint) or {}).get("view") or {}
    columns = [{"name": c["name"], "type": c["type"]} for c in (store.manifest(fingerprint) or {}).get("columns", [])]
    return {"fetched": (view.get("source") or {}).get("fetched"), "columns": columns[:500]}


def _upload(source: str) -> Upload | None:
    scheme, _, value = source.partition(":")
    try:
        return Upload.objects.filter(pk=uuid.UUID(value)).first() if scheme == "upload" else None
    except ValueError:
        return None


def versions_of(canvas: Canvas, cell: str) -> list[Version]:
    """The versions of a cell, newest first."""
    return list(Version.objects.filter(canvas=canvas, cell=cell).order_by("-at", "-pk")[:KEPT])


def room(workspace_id: uuid.UUID) -> int:
    """Bytes a workspace may still bring in."""
    return max(0, settings.WORKSPACE_QUOTA - used(workspace_id))


def used(workspace_id: uuid.UUID) -> int:
    """Bytes of the files and snapshots a workspace keeps; what an upload's version names counts once."""
    files = Upload.objects.filter(workspace_id=workspace_id).aggregate(total=Sum("size"))["total"] or 0
    snapshots = Version.objects.filter(canvas__workspace_id=workspace_id).exclude(token__startswith="raw:")
    return files + (snapshots.aggregate(total=Sum("size"))["total"] or 0)


def is_driven(graph: Graph, cell: str) -> bool:
    """Whether links set params that say which data a source reads: what its own params say is not what it asks then."""
    kind = registry.kinds().get(graph.cells[cell].kind)
    ports = {f"{PARAM}{name}" for name in kind.versioned} if kind is not None else set()
    return any(edge.target_port in ports for edge in graph.inputs_of(cell))


def grant(canvas: Canvas, cell: Cell, is_member: bool, driven: bool = False) -> dict[str, Any]:
    """What this run alone is given: the bytes it may bring in, and for a connection its sealed envelope.

    The envelope goes to a run that a member of the workspace caused, or that asks a connection for what a member's run
    has asked before: a guest refreshes, but sends no query of their own, nor by a link that drives its params.
    """
    params = identity(cell)
    if not params:
        return {}
    given: dict[str, Any] = {"room": room(canvas.workspace_id)}
    pk = connection_id(cell.source_token)
    if pk is not None and (is_member or (not driven and _asked_before(canvas, params))):
        given["sealed"] = envelope_of(cell.source_token, pk, canvas.workspace_id)
    return given


def _asked_before(canvas: Canvas, params: Mapping[str, Any]) -> bool:
    """Whether the same rows were read on this canvas; only runs of members get that far first."""
    wanted = digest_of(params, without=("snapshot",))
    rows = Version.objects.filter(canvas=canvas, params__source=params["source"]).order_by("-at")[:KEPT]
    return any(digest_of(row.params, without=("snapshot",)) == wanted for row in rows)
