"""What a new canvas can start with, and how cells get onto a canvas on the server: templates and copies."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, cast

from django.db import transaction

from canvas.access import Actor
from canvas.datasets.sources import copy_uploads, share_connections, tokens_for
from canvas.documents import document
from canvas.documents.models import Canvas, Update
from canvas.documents.projection import KindLike, project, wanted_source
from canvas.runs.advance import advance
from workers import registry

FOLDER = Path(__file__).with_name("starting")
Cells = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Starter:
    """A canvas to begin with: cells and edges by id, as in the document."""

    id: str
    name: str
    title: str
    about: str
    cells: Cells = field(default_factory=dict)
    edges: Cells = field(default_factory=dict)


@lru_cache(maxsize=1)
def starters() -> dict[str, Starter]:
    """All starters by id, in file order; each is one JSON file."""
    found = [Starter(id=re.sub(r"^\d+-", "", path.stem), **json.loads(path.read_text()))
             for path in sorted(FOLDER.glob("*.json"))]
    return {starter.id: starter for starter in found}


def starter(starter_id: str) -> Starter | None:
    """One starter, or None."""
    return starters().get(starter_id)


def listing() -> list[dict[str, Any]]:
    """What the home page shows of each."""
    return [{"id": s.id, "name": s.title, "description": s.about, "layout": layout_of(s.cells, s.edges)}
            for s in starters().values()]


def layout_of(cells: Cells, edges: Cells) -> dict[str, Any]:
    """The little picture of a canvas: boxes with their kind, edges by index."""
    order = {cell_id: index for index, cell_id in enumerate(cells)}
    whole = [e for e in edges.values() if e["from"] in order and e["to"] in order]
    return {"cells": [[*cell["pos"], *cell["size"], cell["kind"]] for cell in cells.values()],
            "edges": [[order[e["from"]], order[e["to"]]] for e in whole]}


def fill(canvas: Canvas, cells: Cells, edges: Cells, actor: Actor, *, run: Collection[str] = ()) -> None:
    """Write cells and edges as the first update of a new canvas, and let it run once that is committed.

    `run`: cells to run although they are dear, as soon as what feeds them is there. Call inside the transaction
    that made the canvas.
    """
    if not cells:
        return
    wanted = {source for cell in cells.values() if (source := wanted_source(cell))}
    kinds = cast(Mapping[str, KindLike], registry.kinds())
    seen = project({"cells": cells, "edges": edges}, kinds, tokens_for(canvas.workspace_id, wanted, canvas.pk))
    Update.objects.create(canvas=canvas, seq=1, actor=actor.key, client_id=0, data=document.new_document(cells, edges))
    canvas.head_seq = canvas.graph_seq = 1
    canvas.graph = seen.graph.to_json()
    canvas.diagnostics = {"cells": dict(seen.cell_problems), "edges": dict(seen.edge_problems)}
    canvas.layout = layout_of(cells, edges)
    canvas.save(update_fields=["head_seq", "graph_seq", "graph", "diagnostics", "layout"])
    transaction.on_commit(partial(advance, canvas.pk, actor.key, force=run))


def copy_into(copy: Canvas, original: Canvas, actor: Actor) -> None:
    """Fill `copy` with what people wrote on `original`; files come along when it lies in another workspace."""
    written = document.document_json(original.pk)
    cells = written["cells"]
    if copy.workspace_id == original.workspace_id:
        share_connections(original, copy)
    else:
        cells = _with_own_files(cells, copy, original, actor)
    fill(copy, cells, written["edges"], actor)


def _with_own_files(cells: Cells, copy: Canvas, original: Canvas, actor: Actor) -> Cells:
    """The cells with each upload replaced by a row of the copy's workspace; only uploads of the original's count."""
    sources = {str(cell.get("params", {}).get("source", "")) for cell in cells.values()}
    mine = copy_uploads(sources, original.workspace_id, copy, actor.key)
    return {cell_id: {**cell, "params": {**cell.get("params", {}),
                                         **({"source": mine[cell["params"]["source"]]}
                                            if cell.get("params", {}).get("source") in mine else {})}}
            for cell_id, cell in cells.items()}
