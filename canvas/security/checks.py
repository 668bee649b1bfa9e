"""Refuses a public start that is not safe; each refusal names the missing setting."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Critical, Tags, register

LOOPBACK = ("localhost", "127.0.0.1", "[::1]", "::1")


def is_public(host: str = "") -> bool:
    """Whether people on other machines can reach this server: by its bind address, its hosts or its public URL."""
    bound = bool(host) and host not in LOOPBACK
    hosts = [name for name in settings.ALLOWED_HOSTS if name not in (*LOOPBACK, "testserver")]
    return bound or bool(hosts) or urlsplit(settings.PUBLIC_URL).hostname not in (None, *LOOPBACK)


def problems(host: str = "") -> list[str]:
    """Why this server must not start as it is set up; empty for a safe one. `serve` calls it with its bind address."""
    found = []
    if "*" in settings.ALLOWED_HOSTS or any(name.startswith(".") for name in settings.ALLOWED_HOSTS):
        found.append("ALLOWED_HOSTS must name each host; * and .domain let other sites open sockets as your users.")
    if len(settings.SECRET_KEY) < 32 and is_public(host):
        found.append("SECRET_KEY must have 32 characters or more: take what `openssl rand -base64 48` prints.")
    if not is_public(host):
        return found
    if settings.DEBUG:
        found.append("DEBUG must be 0: it shows settings and data of failed requests to everyone.")
    if settings.DJANGO_VITE["default"]["dev_mode"]:
        found.append("VITE_DEV must be 0: it lets scripts in from a development server.")
    if not any(name not in LOOPBACK for name in settings.ALLOWED_HOSTS):
        found.append("ALLOWED_HOSTS must name the host people use, e.g. ALLOWED_HOSTS=canvas.example.org.")
    if not settings.HTTPS and not settings.INSECURE_LAN:
        found.append("PUBLIC_URL must be the https:// address people use; or set INSECURE_LAN=1 in a trusted network.")
    if settings.SIGNUP == "open" and not settings.MAIL_URL:
        found.append("MAIL_URL must be set, so that addresses can be proved; or SIGNUP=closed with `manage.py person`.")
    return found


@register(Tags.security, deploy=True)
def public_start(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """`manage.py check --deploy` says the same."""
    return [Critical(words, id=f"inkling.E{number:03}") for number, words in enumerate(problems(), 1)]
