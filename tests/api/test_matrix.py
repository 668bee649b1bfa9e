"""Who may call what: every route by five people; a route that is not listed here fails the build."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.urls import URLPattern, URLResolver

from canvas.access import changing
from canvas.api import api, exports, scripts
from canvas.api import connections as api_connections
from canvas.api import versions as api_versions
from canvas.datasets import connections
from canvas.datasets.models import Version
from canvas.documents.models import Canvas
from canvas.sharing.models import Grant
from canvas.urls import urlpatterns
from tests.api.conftest import CELL, PRINT, House
from workers.store import Store

WHO = ("nobody", "viewer", "editor", "owner", "stranger")
CELLS = {"cells": [CELL]}
ONE = "/canvases/{uuid:canvas_id}"
DATABASE = {"name": "Shop", "form": "postgresql", "host": "db.example.org", "port": 5432, "database": "shop",
            "user": "reader", "password": "word", "tls": "off"}
EXPORT = {"fingerprint": PRINT, "form": "csv", "name": "Table"}
# Route: (body, answers to nobody, viewer link, editor link, owner, stranger).
ALL: dict[str, tuple[Any, tuple[int, int, int, int, int]]] = {
    "GET /me": (None, (401, 200, 200, 200, 200)),
    "PATCH /me": ({"theme": "dark"}, (401, 200, 200, 200, 200)),
    "GET /kinds": (None, (401, 200, 200, 200, 200)),
    "GET /samples": (None, (401, 200, 200, 200, 200)),
    "GET /canvases": (None, (401, 200, 200, 200, 200)),
    "POST /canvases": ({"name": "Mine"}, (401, 403, 403, 201, 201)),
    f"PATCH {ONE}": ({"name": "New"}, (401, 403, 200, 200, 404)),
    f"POST {ONE}/duplicate": (None, (401, 403, 403, 201, 404)),
    f"DELETE {ONE}": (None, (401, 403, 403, 204, 404)),
    f"POST {ONE}/restore": (None, (401, 404, 404, 200, 404)),
    f"DELETE {ONE}/forever": (None, (401, 404, 404, 204, 404)),
    f"POST {ONE}/uploads": (b"a,b\n1,2\n", (401, 403, 201, 201, 404)),
    f"POST {ONE}/runs": (CELLS, (401, 403, 202, 202, 404)),
    f"POST {ONE}/runs/stop": (CELLS, (401, 403, 202, 202, 404)),
    f"GET {ONE}/cells/{{cell}}/pages/{{int:number}}": (None, (401, 200, 200, 200, 404)),
    f"GET {ONE}/cells/{{cell}}/view": (None, (401, 200, 200, 200, 404)),
    f"GET {ONE}/cells/{{cell}}/runs": (None, (401, 403, 200, 200, 404)),
    f"GET {ONE}/connections": (None, (401, 403, 200, 200, 404)),
    f"POST {ONE}/connections": (DATABASE, (401, 403, 403, 201, 404)),
    f"PUT {ONE}/connections/{{uuid:connection_id}}": (DATABASE, (401, 403, 403, 200, 404)),
    f"DELETE {ONE}/connections/{{uuid:connection_id}}": (None, (401, 403, 403, 204, 404)),
    f"POST {ONE}/connections/{{uuid:connection_id}}/use": (None, (401, 403, 403, 200, 404)),
    f"POST {ONE}/connections/{{uuid:connection_id}}/test": (None, (401, 403, 403, 200, 404)),
    f"POST {ONE}/connections/test": (DATABASE, (401, 403, 403, 200, 404)),
    f"GET {ONE}/tables": (None, (401, 403, 200, 200, 404)),
    f"GET {ONE}/cells/{{cell}}/versions": (None, (401, 403, 200, 200, 404)),
    f"POST {ONE}/cells/{{cell}}/versions/check": ({}, (401, 403, 200, 200, 404)),
    f"GET {ONE}/cells/{{cell}}/versions/compare": (None, (401, 403, 200, 200, 404)),
    f"POST {ONE}/cells/{{cell}}/exports": (EXPORT, (401, 202, 202, 202, 404)),
    f"GET {ONE}/exports/{{export}}": (None, (401, 404, 404, 404, 404)),
    f"GET {ONE}/scripts/{{form}}": (None, (401, 403, 200, 200, 404)),
    f"GET {ONE}/sharing": (None, (401, 403, 403, 200, 404)),
    f"POST {ONE}/sharing/links": ({"role": "viewer"}, (401, 403, 403, 201, 404)),
    f"PATCH {ONE}/sharing/links/{{uuid:link_id}}": ({"role": "runner"}, (401, 403, 403, 200, 404)),
    f"DELETE {ONE}/sharing/links/{{uuid:link_id}}": (None, (401, 403, 403, 204, 404)),
    f"POST {ONE}/sharing/people": ({"email": "eve@example.org", "role": "viewer"}, (401, 403, 403, 201, 404)),
    f"PATCH {ONE}/sharing/people/{{uuid:user_id}}": ({"role": "viewer"}, (401, 403, 403, 200, 404)),
    f"DELETE {ONE}/sharing/people/{{uuid:user_id}}": (None, (401, 403, 403, 204, 404)),
}
PAGES = {"home": (302, 200, 200, 200, 200), "canvas": (302, 200, 200, 200, 404), "link": (200, 302, 302, 302, 302),
         "signin": (404, 404, 404, 302, 302), "live": (200,) * 5, "ready": (200,) * 5}


def routes() -> Iterator[str]:
    """Every operation of the API as "METHOD path"."""
    for prefix, router in api._routers:
        for path, view in router.path_operations.items():
            for operation in view.operations:
                for method in operation.methods:
                    # Ninja turns {uuid:x} into one that it parses itself.
                    yield f"{method} {prefix}{path}".replace("{uuidstr:", "{uuid:")


def test_every_route_is_listed() -> None:
    assert set(routes()) == set(ALL)


def test_every_page_is_listed() -> None:
    named = {pattern.name for pattern in urlpatterns if isinstance(pattern, URLPattern)}
    assert named == set(PAGES)
    assert {str(p.pattern) for p in urlpatterns if isinstance(p, URLResolver)} == {"accounts/", "api/"}


def prepare(route: str, house: House) -> str:
    """The address to call, with the state it needs."""
    if route.endswith(("restore", "forever")):
        Canvas.objects.filter(pk=house.canvas.pk).update(deleted_at="2026-01-01T00:00Z")
    friend = house.links["viewer"].pk
    person: uuid.UUID = house.stranger.pk
    if "user_id" in route:
        # Someone else than the stranger, who must not come in by this grant.
        from canvas.accounts.people import new_person

        person = new_person("flo@example.org", "Flo").pk
        with changing(house.canvas.pk):
            Grant.objects.create(canvas=house.canvas, user_id=person, role="editor")
    path = route.split(" ", 1)[1]
    values = {"{uuid:canvas_id}": house.canvas.pk, "{cell}": CELL, "{int:number}": 0, "{uuid:link_id}": friend,
              "{uuid:user_id}": person, "{uuid:connection_id}": saved_connection(house), "{export}": "0" * 32,
              "{form}": "py"}
    for name, value in values.items():
        path = path.replace(name, str(value))
    query = {"uploads": "?name=t.csv", "pages": f"?fingerprint={PRINT}", "view": f"?fingerprint={PRINT}",
             "tables": f"?source=connection:{values['{uuid:connection_id}']}", "compare": two_versions(house)}
    words = path.split("/")
    return f"/api{path}" + next((text for word, text in query.items() if word in words), "")


def saved_connection(house: House) -> uuid.UUID:
    """A connection of the workspace."""
    return connections.save(house.canvas.workspace_id, f"user:{house.owner.pk}", DATABASE).pk


def two_versions(house: House) -> str:
    """The query that compares two versions of the cell."""
    made = [Version.objects.create(canvas=house.canvas, cell=CELL, digest=word * 64, fingerprint=word * 64,
                                   at="2026-01-01T00:00Z").pk for word in "ab"]
    return f"?before={made[0]}&after={made[1]}"


@pytest.mark.parametrize("route", ALL)
def test_who_may_call_it(route: str, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    # No workers here: what they answer is another test's.
    for module in (api_connections, api_versions):
        monkeypatch.setattr(module, "asked", lambda task, spec, patience=0: {"tables": [], "changed": False})
    monkeypatch.setattr(scripts, "asked", lambda task, spec, patience: (
        Store.from_url(settings.STORE_URL).temporary / f"script-{spec['run']}.zip").write_bytes(b"PK"))
    monkeypatch.setattr(exports, "lineage", lambda *about: {})
    monkeypatch.setattr(exports, "_sent", lambda spec: "task")
    monkeypatch.setattr(exports, "_outcome", lambda task: {"done": True})
    body, expected = ALL[route]
    method = route.split()[0]
    # Last comes who may destroy what the others are refused.
    order = ("nobody", "stranger", "viewer", "editor", "owner")
    path = prepare(route, house)
    got = {}
    for who in order:
        browser = house.browsers[who]
        browser.get("/accounts/login/")
        answer = browser.send_file(path, body) if isinstance(body, bytes) else browser.call(method, path, body)
        got[who] = answer.status_code
        if answer.status_code >= 400:
            assert set(answer.json()["error"]) >= {"code", "message"}
    assert got == dict(zip(WHO, expected, strict=True))


@pytest.mark.parametrize("page", PAGES)
def test_who_may_open_it(page: str, house: House) -> None:
    from canvas.sharing import links

    paths = {"home": "/", "canvas": f"/c/{house.canvas.pk}/", "link": links.path_of(house.links["viewer"]),
             "signin": "/signin/never-issued/", "live": "/health/live", "ready": "/health/ready"}
    got = tuple(house.browsers[who].get(paths[page]).status_code for who in WHO)
    assert got == PAGES[page]


def test_no_get_changes_anything(house: House) -> None:
    """A change by GET would need no CSRF token."""
    assert not [route for route in ALL if route.startswith("GET") and ALL[route][0] is not None]


@pytest.mark.parametrize("route", [route for route in ALL if not route.startswith("GET")])
def test_a_change_needs_the_token(route: str, house: House) -> None:
    browser = house.browsers["owner"]
    path = prepare(route, house)
    answer = browser.generic(route.split()[0], path, b"{}", content_type="application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "csrf")
