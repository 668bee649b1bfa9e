"""Who may open a socket from where: the exact Origin rule, and routes that must declare what they need."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from importlib import import_module
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user
from django.core.exceptions import ImproperlyConfigured
from django.http import parse_cookie
from django.http.request import split_domain_port, validate_host

Scope = dict[str, Any]
Application = Callable[[Scope, Any, Any], Awaitable[None]]
_SCHEMES = {"ws": "http", "wss": "https"}


def origin_fits(scope: Scope) -> bool:
    """Whether Origin equals the scheme, host and port the socket itself was opened on, or is on the trusted list.

    Channels' own validator takes any port of an allowed host, and every origin when ALLOWED_HOSTS has "*".
    """
    headers = dict(scope.get("headers", ()))
    origin = headers.get(b"origin", b"").decode("latin-1")
    host = headers.get(b"host", b"").decode("latin-1")
    parts = urlsplit(origin)
    if not parts.scheme or not parts.netloc or origin != f"{parts.scheme}://{parts.netloc}":
        return False
    if origin in settings.CSRF_TRUSTED_ORIGINS and "*" not in origin:
        return True
    domain, _ = split_domain_port(host)
    if not domain or not validate_host(domain, [h for h in settings.ALLOWED_HOSTS if h != "*"]):
        return False
    return origin == f"{_scheme(scope, headers)}://{host}".lower()


def _scheme(scope: Scope, headers: dict[bytes, bytes]) -> str:
    """The scheme people use; a proxy's word counts only when the settings trust it."""
    trusted = getattr(settings, "SECURE_PROXY_SSL_HEADER", None)
    if trusted:
        name, value = trusted
        key = name.removeprefix("HTTP_").replace("_", "-").lower().encode()
        return "https" if headers.get(key, b"").decode("latin-1") == value else "http"
    return _SCHEMES.get(scope.get("scheme", "ws"), "http")


def visitor(scope: Scope) -> Scope:
    """The scope with the session and the user its cookie names. Touches the database: call it in a thread.

    Channels' own middleware does this too, but wraps every frame sent to save a session that a socket never changes.
    """
    cookies = parse_cookie(dict(scope.get("headers", ())).get(b"cookie", b"").decode("latin-1"))
    store = import_module(settings.SESSION_ENGINE).SessionStore
    request = SimpleNamespace(session=store(cookies.get(settings.SESSION_COOKIE_NAME)))
    return {**scope, "session": request.session, "user": get_user(request)}


class OriginGate:
    """Refuses a handshake from a foreign page before anything else looks at it."""

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        if origin_fits(scope):
            await self.application(scope, receive, send)
            return
        await receive()
        await send({"type": "websocket.close", "code": 4403})


def declared(consumer: Any) -> Any:
    """The ASGI application of a consumer that says which right it needs; one that does not stops the start."""
    if not isinstance(getattr(consumer, "need", None), str):
        raise ImproperlyConfigured(f"{consumer.__name__} must declare `need`: the right a socket on it asks for")
    return consumer.as_asgi()


async def deny(scope: Scope, receive: Any, send: Any) -> None:
    """The end of every path nobody declared."""
    await receive()
    await send({"type": "websocket.close", "code": 4404})
