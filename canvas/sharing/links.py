"""Permission links: made, changed, revoked, redeemed; the database alone cannot make their URLs."""

from __future__ import annotations

import base64
import hashlib
import secrets
import uuid
from datetime import timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac

from canvas.sharing.models import Link


def token_of(link_id: uuid.UUID) -> str:
    """The 192-bit token of a link: a keyed hash of its id. Only who has SECRET_KEY can compute it."""
    mac = salted_hmac("canvas.sharing.link", str(link_id), algorithm="sha256").digest()
    return base64.urlsafe_b64encode(mac[:24]).decode()


def digest_of(token: str) -> str:
    """What is stored and looked up in place of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def path_of(link: Link) -> str | None:
    """The path of a link; None when it was made under an earlier SECRET_KEY (it still opens, but cannot be shown)."""
    token = token_of(link.pk)
    return f"/l/{token}/" if secrets.compare_digest(digest_of(token), link.token) else None


def create_link(canvas_id: uuid.UUID, role: str, actor_key: str, expires_days: int | None = None) -> Link:
    """A new link with a URL of its own; earlier URLs stay what they were. Call inside `access.changing`."""
    link_id = uuid.uuid4()
    return Link.objects.create(pk=link_id, canvas_id=canvas_id, token=digest_of(token_of(link_id)), role=role,
                               actor=actor_key, expires_at=_expiry(expires_days))


def change_link(link: Link, changes: dict[str, Any]) -> None:
    """Change role and expiry; those who came by it have the new role at once. Call inside `access.changing`."""
    if changes.get("role") is not None:
        link.role = changes["role"]
    if "expires_days" in changes:
        link.expires_at = _expiry(changes["expires_days"])
    link.save(update_fields=["role", "expires_at"])


def revoke_link(link: Link) -> None:
    """It opens nothing from now on, neither for newcomers nor for those inside. Call inside `access.changing`."""
    link.revoked_at = timezone.now()
    link.save(update_fields=["revoked_at"])


def redeem(session: Any, link: Link, guest_name: str | None = None) -> None:
    """Remember a link in a session, for a guest under a name. Counted once a session."""
    held = dict(session.get("links") or {})
    if guest_name is not None:
        if session.get("guest") is None:
            # A new identity gets a new session id, so that a planted cookie is worth nothing.
            session.cycle_key()
            session["guest"] = {"id": secrets.token_urlsafe(12), "name": guest_name}
        else:
            session["guest"] = {**session["guest"], "name": guest_name}
    if held.get(str(link.canvas_id)) != str(link.pk):
        Link.objects.filter(pk=link.pk).update(uses=F("uses") + 1)
        held[str(link.canvas_id)] = str(link.pk)
        # A session holds the last 50 canvases; older ones need their link again.
        session["links"] = dict(list(held.items())[-50:])


def _expiry(days: int | None) -> Any:
    """The moment after so many days; None for never."""
    return timezone.now() + timedelta(days=days) if days else None
