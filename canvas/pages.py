"""The pages a browser opens by address: home, a canvas, a link, the one-time sign-in, health, errors."""

from __future__ import annotations

import uuid
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import login
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_safe

from canvas import access, starters
from canvas.accounts import signin as onetime
from canvas.accounts.forms import GuestForm
from canvas.accounts.models import User
from canvas.bootstrap import kind_declarations, user_json
from canvas.security.rates import over_limit
from canvas.sharing import links
from workers.sandbox import host as sandbox_host

ROLE_WORDS = {
    "viewer": "You can look at everything and change nothing.",
    "commenter": "You can look at everything and comment.",
    "runner": "You can look at everything and run cells.",
    "editor": "You can edit the canvas together with everyone on it.",
}


@require_safe
@never_cache
@ensure_csrf_cookie
def home(request: HttpRequest) -> HttpResponse:
    """All canvases of the actor; who is nobody signs in first."""
    actor = access.actor_of(request)
    if actor.is_anonymous:
        return redirect("account_login")
    boot = {"page": "home", "user": user_json(request, actor), "templates": starters.listing()}
    return _app(request, boot, "Canvases")


@require_safe
@never_cache
@ensure_csrf_cookie
def canvas(request: HttpRequest, canvas_id: uuid.UUID) -> HttpResponse:
    """One canvas. What one may not see does not exist; who is nobody yet is asked to sign in first."""
    actor = access.actor_of(request)
    if actor.is_anonymous:
        return redirect(f"{reverse('account_login')}?{urlencode({'next': request.path})}")
    try:
        row = access.canvas_for(actor, canvas_id, "view")
    except access.NotFound:
        return not_found(request)
    about = {"id": str(row.pk), "name": row.name, "role": row.role.value, "epoch": row.epoch,
             "workspace": str(row.workspace_id)}
    boot = {"page": "canvas", "user": user_json(request, actor), "canvas": about, "kinds": kind_declarations(),
            "sandbox": sandbox_words()}
    return _app(request, boot, row.name)


@never_cache
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Exchange a link's token for a place in the session, so that it leaves the address bar."""
    if over_limit(request, "link", 60, 60):
        return _quiet(_message(request, "Too many tries", "Wait a minute, then open the link again.", 429))
    try:
        found = access.link_for(links.digest_of(token))
    except access.NotFound:
        text = "It was revoked, has expired, or was copied incompletely. Ask whoever sent it for a new one."
        return _quiet(_message(request, "This link does not work", text, 404))
    actor = access.actor_of(request)
    form = GuestForm(request.POST or None, initial={"name": actor.name})
    if not actor.is_anonymous or (request.method == "POST" and form.is_valid()):
        links.redeem(request.session, found, form.cleaned_data["name"] if actor.is_anonymous else None)
        return _quiet(redirect("canvas", canvas_id=found.canvas_id))
    shown = {"form": form, "canvas_name": found.canvas.name, "can": ROLE_WORDS[found.role], "next": request.path}
    # Not no-referrer: browsers would send the form with "Origin: null", which the CSRF check refuses.
    return _quiet(render(request, "link.html", shown), "same-origin")


@require_GET
@never_cache
def signin(request: HttpRequest, token: str) -> HttpResponse:
    """The one-time URL from the terminal. Elsewhere than on this machine it does not exist."""
    user = onetime.redeem(request, token)
    if user is not None:
        login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    elif not request.user.is_authenticated or not onetime.from_this_machine(request):
        text = ("Sign-in addresses work once, within 15 minutes, on the machine that printed them. "
                "Start the server again for a new one.")
        return _quiet(_message(request, "This address was used or is too old", text, 404))
    return _quiet(redirect("home"))


@require_safe
@never_cache
def live(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> HttpResponse:
    """ok, degraded (edits work, runs wait: Redis is away) or down (no database)."""
    import redis

    parts = {"database": True, "redis": True}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        parts["database"] = False
    try:
        redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1).ping()
    except (redis.RedisError, OSError):
        parts["redis"] = False
    status = "down" if not parts["database"] else "ok" if parts["redis"] else "degraded"
    told = {"status": status, **parts, "sandbox": sandbox_words()}
    return JsonResponse(told, status=503 if status == "down" else 200)


def sandbox_words() -> dict[str, Any]:
    """The tier that SQL and Python cells run in on this machine, and how many attacks on it failed at its start."""
    told = sandbox_host.told(Path(settings.SANDBOX_HOME))
    blocked = sum(outcome == "blocked" for outcome in told["attacks"].values())
    return {"tier": told["tier"], "words": told["words"], "blocked": blocked, "attacks": len(told["attacks"])}


def chrome(request: HttpRequest) -> dict[str, Any]:
    """For every template: the theme, and the stylesheets of the built app."""
    user = getattr(request, "user", None)
    session = getattr(request, "session", {})
    theme = user.theme if isinstance(user, User) else session.get("theme", "system")
    return {"theme": theme, "app_styles": _styles(_manifest_stamp()), "built": _manifest().exists() or vite_dev(),
            "signup_open": settings.SIGNUP == "open"}


def vite_dev() -> bool:
    """Whether Vite's development server gives the app."""
    return bool(settings.DJANGO_VITE["default"]["dev_mode"])


def _manifest() -> Path:
    """Where the build says what it made."""
    return Path(settings.DJANGO_VITE["default"]["manifest_path"])


def _manifest_stamp() -> float:
    """Changes with every build; 0 without one."""
    return _manifest().stat().st_mtime if _manifest().exists() else 0.0


@lru_cache(maxsize=2)
def _styles(stamp: float) -> tuple[str, ...]:
    """Stylesheets of the entry, so that plain pages share its tokens and fonts."""
    import json

    if not stamp:
        return ()
    entry = json.loads(_manifest().read_text()).get("src/main.tsx", {})
    return tuple(f"{settings.STATIC_URL}app/{name}" for name in entry.get("css", ()))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The page for what does not exist or may not be seen: the same for both."""
    if request.path.startswith("/api/"):
        return JsonResponse({"error": {"code": "not_found", "message": "There is nothing here."}}, status=404)
    text = "Either it does not exist, or it was not shared with you. Ask its owner for a link."
    return _message(request, "Nothing here", text, 404)


def broken(request: HttpRequest) -> HttpResponse:
    """The page for our own faults."""
    text = "This is our fault and was written to the log. What was saved is safe; reload to go on."
    if request.path.startswith("/api/"):
        return JsonResponse({"error": {"code": "broken", "message": text}}, status=500)
    return _message(request, "Something broke", text, 500)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form came without its token: an old tab, or another site's doing."""
    text = "The page was open for too long, or cookies are blocked. Reload it and try again."
    return _message(request, "Reload and try again", text, 403)


def _message(request: HttpRequest, title: str, text: str, status: int) -> HttpResponse:
    """A plain page that says one thing and what to do next."""
    return render(request, "message.html", {"title": title, "text": text}, status=status)


def _app(request: HttpRequest, bootstrap: dict[str, Any], title: str) -> HttpResponse:
    """The page the browser app mounts in."""
    return render(request, "app.html", {"bootstrap": bootstrap, "title": title})


def _quiet(response: HttpResponse, policy: str = "no-referrer") -> HttpResponse:
    """An answer whose address holds a secret: it must not leave the site in a Referer header."""
    response.headers["Referrer-Policy"] = policy
    return response
