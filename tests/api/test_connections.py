"""Saved connections: members use them, guests only what is there; passwords go in and are nowhere in clear."""

from __future__ import annotations

import io
import json
import logging
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core import serializers

from canvas.access import changing
from canvas.accounts.models import Membership
from canvas.accounts.people import new_person
from canvas.api import connections as api_connections
from canvas.datasets import connections, sources, versions
from canvas.datasets.models import Connection, Upload, Version
from canvas.documents.models import Canvas
from canvas.runs import dispatch
from canvas.runs.advance import advance
from canvas.runs.models import Run
from canvas.sharing.models import Grant
from tests.api.conftest import House, make_canvas, signed_in
from workers.engine.connect import sealing
from workers.graph import Cell, Edge, Graph
from workers.kind import CellError

CANARY = "canary-Pa55-word-ünïque"
DATABASE = {"name": "Shop", "form": "postgresql", "host": "db.example.org", "port": 5432, "database": "shop",
            "user": "reader", "password": CANARY, "tls": "off"}


def saved(house: House) -> str:
    answer = house.browsers["owner"].call("POST", f"{house.path}/connections", DATABASE)
    assert answer.status_code == 201
    return str(answer.json()["id"])


def cell_of(house: House, connection: str, **params: Any) -> Cell:
    token = sources.tokens_for(house.canvas.workspace_id, [f"connection:{connection}"], house.canvas.pk)
    filled = {"source": f"connection:{connection}", "table": "", "query": "", "snapshot": "", "types": {}, **params}
    return Cell("d", "database", 1, filled, "d", token.get(f"connection:{connection}", ""))


def test_a_password_never_comes_out_again(house: House) -> None:
    made = saved(house)
    told = house.browsers["owner"].call("GET", f"{house.path}/connections")
    assert [c["name"] for c in told.json()] == ["Shop"]
    for secret in (CANARY, "sealed", "password"):
        assert secret not in told.content.decode()
    row = Connection.objects.get(pk=made)
    token = sources.token_of(row.pk, row.form)
    assert sealing.opened(row.sealed, token, connections.ring())["password"] == CANARY
    with pytest.raises(CellError):
        sealing.opened(row.sealed, token.replace("postgresql", "mysql"), connections.ring())


def test_an_envelope_moved_to_another_row_does_not_open(house: House) -> None:
    one, other = Connection.objects.get(pk=saved(house)), Connection.objects.get(pk=saved(house))
    with pytest.raises(CellError, match="enter it again"):
        sealing.opened(one.sealed, sources.token_of(other.pk, other.form), connections.ring())


def test_a_newer_key_in_front_still_opens_what_the_older_sealed() -> None:
    old, new = b"o" * 32, b"n" * 32
    envelope = sealing.seal({"password": CANARY}, "row", [old])
    assert sealing.opened(envelope, "row", [new, old])["password"] == CANARY
    with pytest.raises(CellError):
        sealing.opened(envelope, "row", [new])


def test_a_change_needs_the_password_again(house: House) -> None:
    made = saved(house)
    lacking = {k: v for k, v in DATABASE.items() if k != "password"} | {"host": "mine.example.org"}
    assert house.browsers["owner"].call("PUT", f"{house.path}/connections/{made}", lacking).status_code == 400
    whole = {**DATABASE, "host": "new.example.org"}
    answer = house.browsers["owner"].call("PUT", f"{house.path}/connections/{made}", whole)
    assert answer.json()["host"] == "new.example.org"


def test_a_guest_who_edits_sees_the_names_in_use_and_no_more(house: House) -> None:
    used = saved(house)
    connections.save(house.canvas.workspace_id, "user:1", {**DATABASE, "name": "Payroll"})
    told = house.browsers["editor"].call("GET", f"{house.path}/connections").json()
    assert told == [{"id": used, "name": "Shop", "form": "postgresql", "used": True}]


def test_a_guest_does_not_look_around_in_a_database(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    source = f"connection:{saved(house)}"
    monkeypatch.setattr(api_connections, "asked", lambda task, spec, patience: {"tables": [{"name": "salaries"}]})
    path = f"{house.path}/tables?source={source}"
    assert house.browsers["editor"].call("GET", path).json() == {"tables": None}
    assert house.browsers["owner"].call("GET", path).json() == {"tables": [{"name": "salaries"}]}


def test_somebody_invited_by_mail_is_no_member(house: House) -> None:
    with changing(house.canvas.pk):
        Grant.objects.create(canvas=house.canvas, user=house.stranger, role="editor")
    answer = signed_in(house.stranger).call("POST", f"{house.path}/connections", DATABASE)
    assert answer.status_code == 403 and "members" in answer.json()["error"]["message"]


def test_a_connection_means_nothing_on_a_canvas_where_nobody_put_it_to_use(house: House) -> None:
    made = saved(house)
    other = make_canvas(house.owner, "Other")
    source = f"connection:{made}"
    token = sources.tokens_for(house.canvas.workspace_id, [source], house.canvas.pk)[source]
    assert token == f"{source}:postgresql:{house.canvas.pk}" and str(sources.connection_id(token)) == made
    assert sources.tokens_for(house.canvas.workspace_id, [source], other.pk) == {}
    assert house.browsers["owner"].call("POST", f"/api/canvases/{other.pk}/connections/{made}/use").status_code == 200
    there = sources.tokens_for(house.canvas.workspace_id, [source], other.pk)[source]
    assert there != token, "a guest of one canvas cannot name what was read for another"


def test_another_workspace_can_neither_see_nor_use_it(house: House) -> None:
    made = saved(house)
    theirs = make_canvas(house.stranger, "Theirs")
    browser = house.browsers["stranger"]
    assert browser.call("GET", f"/api/canvases/{theirs.pk}/connections").json() == []
    for method, path in (("POST", "/use"), ("POST", "/test"), ("DELETE", ""), ("PUT", "")):
        body = DATABASE if method == "PUT" else None
        assert browser.call(method, f"/api/canvases/{theirs.pk}/connections/{made}{path}", body).status_code == 404
    assert sources.tokens_for(theirs.workspace_id, [f"connection:{made}"], theirs.pk) == {}


def test_a_guest_refreshes_but_sends_no_query_of_their_own(house: House) -> None:
    made = saved(house)
    known, refreshed = cell_of(house, made, table="orders"), cell_of(house, made, table="orders", snapshot="later")
    own = cell_of(house, made, query="SELECT * FROM salaries")
    assert "sealed" not in versions.grant(house.canvas, known, is_member=False)
    assert "sealed" in versions.grant(house.canvas, own, is_member=True)
    versions.record(house.canvas, known, "ab" * 32, "user:1", 3)
    assert "sealed" in versions.grant(house.canvas, refreshed, is_member=False)
    assert "sealed" not in versions.grant(house.canvas, own, is_member=False)


def test_a_guest_cannot_drive_a_query_by_a_link_either(house: House) -> None:
    made = saved(house)
    known = cell_of(house, made, table="orders")
    versions.record(house.canvas, known, "ab" * 32, "user:1", 3)
    driven = Graph({"d": known, "c": Cell("c", "control")}, (Edge("e", "c", "value", "d", "param.query"),))
    assert versions.is_driven(driven, "d") and not versions.is_driven(Graph({"d": known}), "d")
    assert "sealed" not in versions.grant(house.canvas, known, is_member=False, driven=True)
    assert "sealed" in versions.grant(house.canvas, known, is_member=True, driven=True)


def test_a_forgotten_connection_gives_nothing_new(house: House) -> None:
    made = saved(house)
    cell = cell_of(house, made, table="orders")
    assert house.browsers["owner"].call("DELETE", f"{house.path}/connections/{made}").status_code == 204
    row = Connection.objects.get(pk=made)
    assert (row.sealed, row.host, row.user) == ("", "", "")
    assert versions.grant(house.canvas, cell, is_member=True)["sealed"] == ""
    assert house.browsers["owner"].call("GET", f"{house.path}/connections").json() == []


def test_a_test_speaks_of_the_database_and_never_of_the_password(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(api_connections, "asked", lambda task, spec, patience: seen.append(spec) or {"tables": [1, 2]})
    answer = house.browsers["owner"].call("POST", f"{house.path}/connections/test", DATABASE)
    assert answer.json() == {"works": True, "tables": 2, "message": ""} and CANARY not in json.dumps(seen)
    assert Connection.objects.count() == 0


def test_the_canary_is_nowhere_in_clear(house: House, monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    """Save, run, fail, list and copy; then look for the password in every row, file, message and log line."""
    messages: list[str] = []
    from canvas.celery import app

    monkeypatch.setattr(app, "send_task", lambda *args, **kwargs: messages.append(json.dumps([args, kwargs])))
    with caplog.at_level(logging.DEBUG):
        made = saved(house)
        cell = cell_of(house, made, table="orders")
        Canvas.objects.filter(pk=house.canvas.pk).update(graph=Graph({"d": cell}).to_json())
        advance(house.canvas.pk, f"user:{house.owner.pk}")
        run = Run.objects.get(cell="d")
        assert dispatch.send_run(run)
        house.browsers["owner"].call("POST", f"{house.path}/connections", {**DATABASE, "port": "x"})
        house.browsers["owner"].call("POST", f"{house.path}/duplicate")
    assert '"sealed": "1.' in messages[-1], "the run carries the envelope"
    assert "sealed" not in json.dumps(run.spec)
    rows = io.StringIO()
    for model in (Connection, Upload, Version, Run, Canvas):
        rows.write(serializers.serialize("json", model.objects.all()))
    files = b"".join(p.read_bytes() for p in Path(settings.STORE_URL).rglob("*") if p.is_file())
    everything = "\n".join([rows.getvalue(), *messages, caplog.text, files.decode(errors="replace")])
    assert DATABASE["host"] in everything, "the net has no fish in it"
    for spelled in (CANARY, CANARY.encode().hex(), json.dumps(CANARY)[1:-1]):
        assert spelled not in everything


def test_members_of_the_workspace_share_them(house: House) -> None:
    friend = new_person("mia@example.org", "Mia")
    Membership.objects.create(user=friend, workspace_id=house.canvas.workspace_id, role="editor")
    saved(house)
    assert [c["name"] for c in signed_in(friend).call("GET", f"{house.path}/connections").json()] == ["Shop"]
    watcher = new_person("zoe@example.org", "Zoe")
    Membership.objects.create(user=watcher, workspace_id=house.canvas.workspace_id, role="viewer")
    assert signed_in(watcher).call("GET", f"{house.path}/connections").status_code == 403


