"""/api/canvases: listing, making, renaming, duplicating, the bin."""

from __future__ import annotations

import uuid
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone
from ninja import Query, Router, Status
from pydantic import Field

from canvas import access, doorbell, starters
from canvas.api.entry import Asked, Body, need_user
from canvas.api.errors import Problem
from canvas.documents.models import Canvas
from canvas.sharing.models import Grant

router = Router()


class NewCanvas(Body):
    """A canvas to make."""

    name: str | None = Field(None, min_length=1, max_length=120)
    template: str | None = Field(None, max_length=64)


class Rename(Body):
    """A canvas's new name."""

    name: str = Field(min_length=1, max_length=120)


@router.get("")
def listing(request: Asked, search: str = Query("", max_length=120), bin: bool = False) -> list[dict[str, Any]]:
    """Every canvas one may see, last edited first; with `bin=1` those one may restore."""
    found = access.canvases_for(request.actor, binned=bin, search=search)
    people: dict[uuid.UUID, list[dict[str, str]]] = {}
    for grant in Grant.objects.filter(canvas__in=[c.pk for c in found if c.role.may("edit")]).select_related("user"):
        shown = {"name": str(grant.user), "color": access.colour_of(f"user:{grant.user_id}")}
        people.setdefault(grant.canvas_id, []).append(shown)
    return [as_json(canvas, people.get(canvas.pk, [])) for canvas in found]


@router.post("", response={201: dict})
def create(request: Asked, payload: NewCanvas) -> Status:
    """A canvas in one's own workspace, blank or from a template."""
    actor = need_user(request)
    starter = starters.starter(payload.template or "blank")
    if starter is None:
        raise Problem(400, "unknown_template", "There is no such template.", field="template")
    workspace = access.workspace_of(actor)
    with transaction.atomic():
        canvas = Canvas.objects.create(workspace=workspace, owner_id=actor.user_id, name=payload.name or starter.name)
        starters.fill(canvas, starter.cells, starter.edges, actor)
    return Status(201, _fresh(actor, canvas.pk))


@router.patch("/{uuid:canvas_id}")
def rename(request: Asked, canvas_id: uuid.UUID, payload: Rename) -> dict[str, Any]:
    """Give it another name; everyone who has it open sees that."""
    canvas = access.canvas_for(request.actor, canvas_id, "edit")
    with transaction.atomic():
        Canvas.objects.filter(pk=canvas.pk).update(name=payload.name, edited_at=timezone.now())
        transaction.on_commit(partial(doorbell.publish, canvas.pk, {"canvas": {"name": payload.name}}))
    return _fresh(request.actor, canvas.pk)


@router.post("/{uuid:canvas_id}/duplicate", response={201: dict})
def duplicate(request: Asked, canvas_id: uuid.UUID) -> Status:
    """A copy in one's own workspace. Across workspaces the files come along, so that needs the right to edit."""
    actor = need_user(request)
    canvas = access.canvas_for(actor, canvas_id, "view")
    workspace = access.workspace_of(actor)
    if canvas.workspace_id != workspace.pk:
        canvas = access.canvas_for(actor, canvas_id, "edit")
    with transaction.atomic():
        copy = Canvas.objects.create(workspace=workspace, owner_id=actor.user_id, name=f"{canvas.name[:113]} (copy)")
        starters.copy_into(copy, canvas, actor)
    return Status(201, _fresh(actor, copy.pk))


@router.delete("/{uuid:canvas_id}", response={204: None})
def to_bin(request: Asked, canvas_id: uuid.UUID) -> Status:
    """Into the bin; everyone's sockets close."""
    canvas = access.canvas_for(request.actor, canvas_id, "manage")
    _set_deleted(canvas, timezone.now())
    return Status(204, None)


@router.post("/{uuid:canvas_id}/restore")
def restore(request: Asked, canvas_id: uuid.UUID) -> dict[str, Any]:
    """Out of the bin, with links and people as they were."""
    canvas = access.canvas_for(request.actor, canvas_id, "manage", binned=True)
    _set_deleted(canvas, None)
    return _fresh(request.actor, canvas.pk)


@router.delete("/{uuid:canvas_id}/forever", response={204: None})
def forget(request: Asked, canvas_id: uuid.UUID) -> Status:
    """Delete for good what is in the bin; its owner only."""
    canvas = access.canvas_for(request.actor, canvas_id, "own", binned=True)
    canvas.delete()
    return Status(204, None)


def as_json(canvas: Canvas, people: list[dict[str, str]]) -> dict[str, Any]:
    """A canvas in the listing."""
    owner = {"name": str(canvas.owner), "color": access.colour_of(f"user:{canvas.owner_id}")}
    return {
        "id": str(canvas.pk), "name": canvas.name,
        "owner": {"id": f"user:{canvas.owner_id}", "name": str(canvas.owner)},
        "edited_at": canvas.edited_at.isoformat(), "role": canvas.role.value, "people": [owner, *people],
        "layout": canvas.layout or {"cells": [], "edges": []},
        "deleted_at": canvas.deleted_at.isoformat() if canvas.deleted_at else None,
    }


def _fresh(actor: access.Actor, canvas_id: uuid.UUID) -> dict[str, Any]:
    """The canvas as it is now."""
    return as_json(access.canvas_for(actor, canvas_id, "view"), [])


def _set_deleted(canvas: Canvas, at: Any) -> None:
    """Move into or out of the bin; roles change with that."""
    with access.changing(canvas.pk):
        Canvas.objects.filter(pk=canvas.pk).update(deleted_at=at)
