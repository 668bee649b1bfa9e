"""/api/canvases/{id}/connections: databases of the workspace, for members; passwords go in and never come out."""

from __future__ import annotations

import uuid
from typing import Annotated, Any, Literal

from ninja import Query, Router, Status
from pydantic import Field, SecretStr

from canvas import access
from canvas.api.entry import Asked, Body
from canvas.api.errors import Problem
from canvas.api.reading import asked
from canvas.datasets import connections
from canvas.datasets.models import Connection
from canvas.datasets.sources import token_of, tokens_for
from canvas.security.rates import over_limit

router = Router()
PATIENCE = 25.0
"""Seconds for a database to answer: finding it, logging in and listing its tables each have their own."""


class Given(Body):
    """A database and how to log in."""

    name: Annotated[str, Field(max_length=80)] = ""
    form: Literal["postgresql", "mysql"]
    host: Annotated[str, Field(min_length=1, max_length=255)]
    port: Annotated[int, Field(ge=1, le=65535)]
    database: Annotated[str, Field(min_length=1, max_length=128)]
    user: Annotated[str, Field(min_length=1, max_length=128)]
    password: Annotated[SecretStr, Field(max_length=1000)]
    tls: Literal["prefer", "verify", "off"] = "prefer"

    def plain(self) -> dict[str, Any]:
        """The fields, with the password as it is typed."""
        return {**self.model_dump(), "password": self.password.get_secret_value(),
                "name": self.name or f"{self.database} on {self.host}"}


@router.get("/{uuid:canvas_id}/connections")
def listing(request: Asked, canvas_id: uuid.UUID) -> list[dict[str, Any]]:
    """All connections of the workspace for its members; for others who edit, the names of those in use here."""
    canvas = access.canvas_for(request.actor, canvas_id, "edit")
    used = connections.used_on(canvas)
    rows = connections.of_workspace(canvas.workspace_id)
    if access.is_member(request.actor.key, canvas.workspace_id):
        return [_told(row) | {"used": row.pk in used} for row in rows]
    return [{"id": str(row.pk), "name": row.name, "form": row.form, "used": True} for row in rows if row.pk in used]


@router.post("/{uuid:canvas_id}/connections", response={201: dict})
def create(request: Asked, canvas_id: uuid.UUID, payload: Given) -> Status:
    """Save a connection and put it to use on this canvas."""
    canvas = access.member_canvas(request.actor, canvas_id)
    _not_too_often(request)
    row = connections.save(canvas.workspace_id, request.actor.key, payload.plain())
    row.canvases.add(canvas)
    return Status(201, _told(row) | {"used": True})


@router.put("/{uuid:canvas_id}/connections/{uuid:connection_id}")
def change(request: Asked, canvas_id: uuid.UUID, connection_id: uuid.UUID, payload: Given) -> dict[str, Any]:
    """Replace a connection, its password included."""
    row = access.connection_for(request.actor, canvas_id, connection_id)
    if payload.form != row.form:
        raise Problem(409, "another_form", "The kind of database cannot change. Add another connection.")
    return _told(connections.save(row.workspace_id, request.actor.key, payload.plain(), row))


@router.delete("/{uuid:canvas_id}/connections/{uuid:connection_id}", response={204: None})
def forget(request: Asked, canvas_id: uuid.UUID, connection_id: uuid.UUID) -> Status:
    """Forget a connection and its password; tables that were read through it stay."""
    connections.forget(access.connection_for(request.actor, canvas_id, connection_id))
    return Status(204, None)


@router.post("/{uuid:canvas_id}/connections/{uuid:connection_id}/use")
def use(request: Asked, canvas_id: uuid.UUID, connection_id: uuid.UUID) -> dict[str, Any]:
    """Let this canvas read through a connection."""
    row = access.connection_for(request.actor, canvas_id, connection_id)
    row.canvases.add(access.member_canvas(request.actor, canvas_id))
    return _told(row) | {"used": True}


@router.post("/{uuid:canvas_id}/connections/test")
def test(request: Asked, canvas_id: uuid.UUID, payload: Given) -> dict[str, Any]:
    """Try a connection that is not saved yet: {"works", "tables": how many it shows, "message": why it fails}."""
    access.member_canvas(request.actor, canvas_id)
    _not_too_often(request)
    token, sealed = connections.unsaved(payload.plain())
    return _tried(token, sealed)


@router.post("/{uuid:canvas_id}/connections/{uuid:connection_id}/test")
def test_saved(request: Asked, canvas_id: uuid.UUID, connection_id: uuid.UUID) -> dict[str, Any]:
    """Try a saved connection."""
    row = access.connection_for(request.actor, canvas_id, connection_id)
    _not_too_often(request)
    return _tried(token_of(row.pk, row.form), row.sealed)


@router.get("/{uuid:canvas_id}/tables")
def tables(request: Asked, canvas_id: uuid.UUID, source: str = Query(..., max_length=200)) -> dict[str, Any]:
    """{"tables"} behind a source: of an uploaded SQLite file for whoever edits, of a connection for members, else null:
    a guest writes the name of a table, but does not look around in a database."""
    canvas = access.canvas_for(request.actor, canvas_id, "edit")
    token = tokens_for(canvas.workspace_id, [source], canvas.pk).get(source, "")
    _not_too_often(request)
    if token.startswith("raw:"):
        return {"tables": _tables(token, "")}
    if not access.is_member(request.actor.key, canvas.workspace_id):
        return {"tables": None}
    row = access.connection_for(request.actor, canvas_id, source.removeprefix("connection:"))
    return {"tables": _tables(token_of(row.pk, row.form), row.sealed)}


def _tables(token: str, sealed: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = asked("ask_source", {"ask": "tables", "token": token, "sealed": sealed},
                                        PATIENCE)["tables"]
    return found


def _tried(token: str, sealed: str) -> dict[str, Any]:
    """How a test went. That a database refuses is its result, not an error of the request."""
    try:
        return {"works": True, "tables": len(_tables(token, sealed)), "message": ""}
    except Problem as problem:
        if problem.status != 409:
            raise
        return {"works": False, "tables": 0, "message": problem.message}


def _told(row: Connection) -> dict[str, Any]:
    """A connection as members see it; there is no way to its password."""
    plain = ("name", "form", "host", "port", "database", "user", "tls")
    return {"id": str(row.pk), **{name: getattr(row, name) for name in plain}}


def _not_too_often(request: Asked) -> None:
    if over_limit(request, "connection", 60, 60, request.actor.key):
        raise Problem(429, "too_many", "That is more than 60 questions to databases in a minute. Wait a little.")
