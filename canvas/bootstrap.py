"""What pages and the API tell the browser app about the person and about the kinds of cells."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.http import HttpRequest

from canvas.access import Actor
from canvas.accounts.models import User
from workers import registry


def user_json(request: HttpRequest, actor: Actor) -> dict[str, Any]:
    """The person of this browser, for the bootstrap and /api/me."""
    theme = request.user.theme if isinstance(request.user, User) else request.session.get("theme", "system")
    email = request.user.email if isinstance(request.user, User) else None
    return {"id": actor.key, "name": actor.name, "guest": actor.is_guest, "theme": theme, "color": actor.colour,
            "email": email}


def kind_declarations() -> list[dict[str, Any]]:
    """What the browser needs to know of every cell kind."""
    return list(_declarations())


@lru_cache(maxsize=1)
def _declarations() -> tuple[dict[str, Any], ...]:
    """Made once a process: kinds are files, and files do not change under a running server."""
    return tuple(registry.declaration(kind) for kind in registry.kinds().values())
