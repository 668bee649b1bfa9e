"""One-time sign-in URLs for the machine's own user: printed on the terminal, loopback only, used once."""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone

from canvas.accounts.models import SigninToken, User
from canvas.accounts.people import local_owner

LIFETIME = timedelta(minutes=15)


def issue_signin_url(base_url: str = "http://127.0.0.1:8000", user: User | None = None) -> str:
    """A fresh URL that signs in the local owner (or `user`) once. `serve` prints it; nothing else learns it."""
    token = secrets.token_urlsafe(24)
    SigninToken.objects.filter(expires_at__lt=timezone.now()).delete()
    SigninToken.objects.create(user=user or local_owner(), digest=_digest(token), expires_at=timezone.now() + LIFETIME)
    return f"{base_url.rstrip('/')}/signin/{token}/"


def redeem(request: HttpRequest, token: str) -> User | None:
    """The user of a token that is unspent, in time and asked for from this machine; it is spent by that."""
    if not from_this_machine(request):
        return None
    now = timezone.now()
    fresh = SigninToken.objects.filter(digest=_digest(token), used_at__isnull=True, expires_at__gt=now)
    if fresh.update(used_at=now) != 1:
        return None
    return User.objects.filter(signin_tokens__digest=_digest(token), is_active=True).first()


def from_this_machine(request: HttpRequest) -> bool:
    """Whether the peer is loopback, asked for a loopback host, and no proxy stands in between."""
    forwarded = any(header in request.META for header in ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP"))
    host = request.get_host().rsplit(":", 1)[0] if not request.get_host().endswith("]") else request.get_host()
    try:
        loopback = ipaddress.ip_address(request.META.get("REMOTE_ADDR") or "").is_loopback
    except ValueError:
        return False
    return loopback and not forwarded and host in ("localhost", "127.0.0.1", "[::1]")


def _digest(token: str) -> str:
    """What is stored in place of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
