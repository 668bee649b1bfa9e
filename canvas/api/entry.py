"""Who may enter the API: a session, a CSRF token on every change, JSON or raw bytes only; strict request bodies."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest
from ninja import Schema
from ninja.utils import check_csrf
from pydantic import ConfigDict

from canvas.access import Actor, actor_of
from canvas.api.errors import Problem
from canvas.security.rates import over_limit

_TYPES = ("", "application/json", "application/octet-stream")


class Asked(HttpRequest):
    """A request whose actor is known."""

    actor: Actor


class Body(Schema):
    """A request body; a field nobody declared is an error, so nothing is assigned by surprise."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


def enter(request: HttpRequest) -> Actor:
    """Let in users and guests; raises Problem for everyone else."""
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        # Forms cannot send these types across sites, and a form's body would be read into memory to find a token in it.
        if request.content_type not in _TYPES:
            raise Problem(415, "wrong_type", "Send JSON, or the raw bytes of a file as application/octet-stream.")
        if check_csrf(request) is not None:
            raise Problem(403, "csrf", "The page is out of date. Reload it and try again.")
    actor = actor_of(request)
    if actor.is_anonymous:
        raise Problem(401, "sign_in", "Sign in, or open a link that was shared with you.")
    if over_limit(request, "api", 1200, 60, actor.key):
        raise Problem(429, "too_many", "Too many requests. Wait a minute.")
    cast(Asked, request).actor = actor
    return actor


def need_user(request: Asked) -> Actor:
    """The actor if signed in. Raises Problem for guests."""
    if request.actor.user_id is None:
        raise Problem(403, "sign_in", "Sign in to do this; guests stay on the canvas they were invited to.")
    return request.actor
