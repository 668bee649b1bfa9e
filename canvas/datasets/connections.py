"""Saved connections: sealed when they are saved, handed on sealed, opened by workers only."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from canvas.datasets.models import Connection
from canvas.datasets.sources import token_of
from canvas.documents.models import Canvas
from workers.engine.connect import sealing
from workers.engine.connect.sealing import owner_of

FIELDS = ("form", "host", "port", "database", "user", "tls")


def ring() -> list[bytes]:
    """The keys that seal, newest first."""
    return [bytes.fromhex(key) for key in settings.CONNECTION_KEYS]


def save(workspace_id: uuid.UUID, actor_key: str, given: Mapping[str, Any],
         known: Connection | None = None) -> Connection:
    """Make or change a connection; its password comes along each time.

    Were an old one kept, whoever edits could point it at a server of their own and read it there.
    """
    row = known or Connection(workspace_id=workspace_id)
    for name in ("name", *FIELDS):
        setattr(row, name, given[name])
    row.actor = actor_key
    row.sealed = sealing.seal({**{name: given[name] for name in FIELDS}, "password": given["password"]},
                              token_of(row.pk, row.form), ring())
    row.save()
    return row


def unsaved(given: Mapping[str, Any]) -> tuple[str, str]:
    """(token, envelope) of a connection that is only being tried."""
    token = token_of(uuid.uuid4(), str(given["form"]))
    return token, sealing.seal({name: given[name] for name in (*FIELDS, "password")}, token, ring())


def forget(connection: Connection) -> None:
    """Delete the way in; what was read through it stays where it was read."""
    Connection.objects.filter(pk=connection.pk).update(sealed="", host="", user="", database="", port=0)


def of_workspace(workspace_id: uuid.UUID) -> list[Connection]:
    """The workspace's connections, by name."""
    return list(Connection.objects.filter(workspace_id=workspace_id).exclude(sealed="").order_by("name", "pk"))


def used_on(canvas: Canvas) -> set[uuid.UUID]:
    """Connections that a member put to use on a canvas."""
    return set(Connection.objects.filter(canvases=canvas).values_list("pk", flat=True))


def envelope_of(token: str, pk: uuid.UUID, workspace_id: uuid.UUID) -> str:
    """The envelope behind a token, or nothing."""
    row = Connection.objects.filter(pk=pk, workspace_id=workspace_id).first()
    return row.sealed if row is not None and token_of(row.pk, row.form) == owner_of(token) else ""
