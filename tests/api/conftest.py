"""Five people at the door: nobody, a viewer and an editor by link, the owner, a stranger with an account."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from canvas import access, starters
from canvas.accounts.models import User
from canvas.accounts.people import new_person
from canvas.documents.models import Canvas
from canvas.runs.models import CellState
from canvas.sharing import links
from canvas.sharing.models import Link
from workers.store import Store


class Browser(Client):
    """A test client that speaks JSON and sends the CSRF token as the app does."""

    def __init__(self, **more: Any) -> None:
        super().__init__(enforce_csrf_checks=True, SERVER_NAME="localhost", **more)

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """A request to the API."""
        token = self.cookies["csrftoken"].value if "csrftoken" in self.cookies else ""
        data = b"" if body is None else json.dumps(body).encode()
        return self.generic(method, path, data, content_type="application/json", headers={"X-CSRFToken": token}, **more)

    def send_file(self, path: str, data: bytes, **more: Any) -> Any:
        """An upload."""
        return self.generic("POST", path, data, content_type="application/octet-stream",
                            headers={"X-CSRFToken": self.cookies["csrftoken"].value}, **more)


@dataclass
class House:
    """A canvas with links, and people around it."""

    owner: User
    stranger: User
    canvas: Canvas
    links: dict[str, Link]
    browsers: dict[str, Browser] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """The canvas's address in the API."""
        return f"/api/canvases/{self.canvas.pk}"


def signed_in(user: User) -> Browser:
    """A browser of someone with an account."""
    browser = Browser()
    browser.force_login(user, "django.contrib.auth.backends.ModelBackend")
    browser.get("/")
    return browser


def by_link(link: Link, name: str = "Guest") -> Browser:
    """A browser that opened a link and gave a name."""
    browser = Browser()
    address = links.path_of(link)
    assert address is not None
    page = browser.get(address)
    answer = browser.post(address, {"name": name, "csrfmiddlewaretoken": page.context["csrf_token"]})
    assert answer.status_code == 302, answer.content
    return browser


CELL = "note_cell_0123456789"
PRINT = "ab" * 32


def make_canvas(user: User, name: str = "Flights", params: dict[str, Any] | None = None) -> Canvas:
    """A canvas with one data cell, and a result of it whose first page is stored."""
    actor = access.Actor(user_id=user.pk, name=str(user))
    canvas = Canvas.objects.create(workspace=access.workspace_of(actor), owner=user, name=name)
    cells = {CELL: {"kind": "dataset", "pos": [0, 0], "size": [300, 200], "z": "a0", "title": "Note",
                                      "name": "note", "params": params or {}, "code": "# Hello", "mode": "auto"}}
    starters.fill(canvas, cells, {}, actor)
    told = {"fingerprint": PRINT, "state": "done", "rev": 1}
    CellState.objects.update_or_create(canvas=canvas, cell=CELL, defaults=told)
    store = Store.from_url(settings.STORE_URL)
    store.put_page(PRINT, 0, {"columns": [{"name": "a", "type": "integer"}], "rows": [[1]], "offset": 0, "total": 1})
    store.put_step(PRINT, {"final": True, "view": {"type": "markdown", "text": "Hello"}})
    return canvas


def make_link(canvas: Canvas, role: str, days: int | None = None) -> Link:
    """A link."""
    with access.changing(canvas.pk):
        return links.create_link(canvas.pk, role, f"user:{canvas.owner_id}", days)


@pytest.fixture
def house(db: None, own_store: object) -> House:
    """A canvas with people around it."""
    owner, stranger = new_person("ada@example.org", "Ada"), new_person("eve@example.org", "Eve")
    canvas = make_canvas(owner)
    made = {role: make_link(canvas, role) for role in ("viewer", "editor")}
    house = House(owner, stranger, canvas, made)
    house.browsers = {
        "nobody": Browser(), "viewer": by_link(made["viewer"], "Vic"), "editor": by_link(made["editor"], "Edi"),
        "owner": signed_in(owner), "stranger": signed_in(stranger)}
    return house


@pytest.fixture(autouse=True)
def own_store(tmp_path: Path) -> Iterator[Callable[[], str]]:
    """A store of its own for each test."""
    before = settings.STORE_URL
    settings.STORE_URL = str(tmp_path / "store")
    yield lambda: settings.STORE_URL
    settings.STORE_URL = before
