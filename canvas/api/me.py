"""/api/me: one's own name and theme."""

from __future__ import annotations

from typing import Any, Literal

from ninja import Router
from pydantic import Field

from canvas.access import actor_of
from canvas.accounts.forms import clean_name
from canvas.accounts.models import User
from canvas.api.entry import Asked, Body
from canvas.api.errors import Problem
from canvas.bootstrap import user_json

router = Router()


class Profile(Body):
    """What one may change about oneself."""

    name: str | None = Field(None, max_length=80)
    theme: Literal["system", "light", "dark"] | None = None


@router.get("/me")
def show(request: Asked) -> dict[str, Any]:
    """Who this browser is."""
    return user_json(request, request.actor)


@router.patch("/me")
def change(request: Asked, payload: Profile) -> dict[str, Any]:
    """Change name or theme; a guest's are kept in the session."""
    name = clean_name(payload.name) if payload.name is not None else None
    if name == "":
        raise Problem(400, "bad_input", "Enter a name that others can read.", field="name")
    if isinstance(request.user, User):
        request.user.name = name or request.user.name
        request.user.theme = payload.theme or request.user.theme
        request.user.save(update_fields=["name", "theme"])
    else:
        if name:
            request.session["guest"] = {**request.session["guest"], "name": name[:40]}
        request.session["theme"] = payload.theme or request.session.get("theme", "system")
    return user_json(request, actor_of(request))
