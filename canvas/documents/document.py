"""Making, loading and reading Yjs documents on the server: new_document, load, document_json."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from pycrdt import Doc, Map, Text

from canvas.documents import schema
from canvas.documents.models import Canvas, Snapshot, Update


def server_client_id() -> int:
    """A fresh client id for a server-side author, in the 32-bit range of Yjs."""
    return 1 + secrets.randbelow(2**32 - 2)


def open_doc(updates: Iterable[bytes] = (), client_id: int | None = None) -> Doc:
    """A document from updates in log order, with its roots declared."""
    doc: Doc = Doc(client_id=client_id or server_client_id())
    for root in schema.ROOTS:
        doc.get(root, type=Map)
    for update in updates:
        doc.apply_update(update)
    return doc


def new_document(cells: Mapping[str, Mapping[str, Any]], edges: Mapping[str, Mapping[str, Any]]) -> bytes:
    """A Yjs update that holds these cells and edges, keyed by id, written by a new server-side client."""
    doc = open_doc()
    with doc.transaction():
        write_all(doc, cells, edges)
        doc.get("meta", type=Map)["v"] = schema.VERSION
    return doc.get_update()


def write_all(doc: Doc, cells: Mapping[str, Mapping[str, Any]], edges: Mapping[str, Mapping[str, Any]]) -> None:
    """Set cells and edges whole. `params` and `code` are created with their cell, never later by two people."""
    cell_map, edge_map = doc.get("cells", type=Map), doc.get("edges", type=Map)
    for cell_id, cell in cells.items():
        cell_map[cell_id] = cell_as_map(cell)
    for edge_id, edge in edges.items():
        edge_map[edge_id] = {f: edge[f] for f in schema.EDGE_FIELDS}


def cell_as_map(cell: Mapping[str, Any]) -> Map:
    """A cell's JSON as the nested types of the document; a cell without code has no text."""
    fields: dict[str, Any] = {k: v for k, v in cell.items() if k not in ("params", "code") and v is not None}
    fields["params"] = Map(dict(cell.get("params") or {}))
    if cell.get("code") is not None:
        fields["code"] = Text(str(cell["code"]))
    return Map(fields)


def read_json(doc: Doc) -> dict[str, Any]:
    """The whole document as plain JSON {cells, edges, meta}. Raises schema.Misshapen."""
    cells, edges, meta = (doc.get(root, type=Map) for root in ("cells", "edges", "meta"))
    return {
        "cells": {cell_id: schema.read_cell(cell_id, cell) for cell_id, cell in cells.items() if cell is not None},
        "edges": {edge_id: schema.read_edge(edge_id, edge) for edge_id, edge in edges.items() if edge is not None},
        "meta": {key: schema.read_meta(key, value) for key, value in meta.items()},
    }


def stored(canvas_id: UUID | str) -> tuple[int, list[bytes]]:
    """The snapshot, if any, and the rows behind it in seq order, with the seq they lead to."""
    snapshot = Snapshot.objects.filter(canvas_id=canvas_id).order_by("-seq").first()
    seq = snapshot.seq if snapshot else 0
    updates = [bytes(snapshot.data)] if snapshot else []
    rows = Update.objects.filter(canvas_id=canvas_id, seq__gt=seq).order_by("seq").values_list("seq", "data")
    for row_seq, data in rows:
        seq = row_seq
        updates.append(bytes(data))
    return seq, updates


def load(canvas_id: UUID | str) -> tuple[int, Doc]:
    """The document as the log has it, and its seq."""
    seq, updates = stored(canvas_id)
    return seq, open_doc(updates)


def document_json(canvas_id: UUID | str) -> dict[str, Any]:
    """What people wrote on a canvas, as plain JSON {cells, edges, meta}."""
    Canvas.objects.only("id").get(pk=canvas_id)
    return read_json(load(canvas_id)[1])
