"""Canvases over HTTP: listing, search, templates, copies, the bin; nothing assigned that was not declared."""

from __future__ import annotations

import uuid

import pytest
from django.conf import settings

from canvas.datasets.models import Upload
from canvas.documents import document
from canvas.documents.models import Canvas
from canvas.runs.cell_events import cell_events
from canvas.runs.models import CellState
from tests.api.conftest import CELL, PRINT, House, make_canvas
from workers.store import Store


def names(house: House, query: str = "", who: str = "owner") -> list[str]:
    """Names in a listing."""
    return [canvas["name"] for canvas in house.browsers[who].call("GET", f"/api/canvases{query}").json()]


def test_a_listing_says_what_the_home_page_draws(house: House) -> None:
    first = house.browsers["owner"].call("GET", "/api/canvases").json()[0]
    assert first["owner"] == {"id": f"user:{house.owner.pk}", "name": "Ada"}
    assert first["role"] == "owner"
    assert first["layout"] == {"cells": [[0, 0, 300, 200, "dataset"]], "edges": []}
    assert first["people"][0]["name"] == "Ada"


def test_search_finds_every_word(house: House) -> None:
    make_canvas(house.owner, "Weather of Oslo")
    assert names(house, "?search=oslo weather") == ["Weather of Oslo"]
    assert names(house, "?search=oslo flights") == []
    assert names(house, "?search=%25") == []


def test_everyone_sees_only_their_own(house: House) -> None:
    make_canvas(house.stranger, "Secret")
    assert names(house) == ["Flights"]
    assert names(house, who="viewer") == ["Flights"]
    assert names(house, who="stranger") == ["Secret"]


def test_a_template_arrives_as_a_document(house: House) -> None:
    made = house.browsers["owner"].call("POST", "/api/canvases", {"template": "penguins"}).json()
    written = document.document_json(made["id"])
    kinds = sorted(cell["kind"] for cell in written["cells"].values())
    assert kinds == ["aggregate", "chart", "chart", "dataset", "filter", "text"]
    assert made["name"] == "Penguins"
    row = Canvas.objects.get(pk=made["id"])
    assert (row.head_seq, row.graph_seq, len(row.graph["cells"])) == (1, 1, 5)
    assert len(made["layout"]["edges"]) == 4


def test_an_unknown_template_is_refused(house: House) -> None:
    answer = house.browsers["owner"].call("POST", "/api/canvases", {"template": "../x"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "unknown_template")


def test_the_way_into_the_bin_and_back(house: House) -> None:
    owner = house.browsers["owner"]
    assert owner.call("DELETE", house.path).status_code == 204
    assert names(house) == []
    assert names(house, "?bin=1") == ["Flights"]
    assert names(house, "?bin=1", who="editor") == []
    assert owner.call("PATCH", house.path, {"name": "X"}).status_code == 404
    assert owner.call("POST", f"{house.path}/restore").json()["name"] == "Flights"
    assert names(house) == ["Flights"]
    assert owner.call("DELETE", f"{house.path}/forever").status_code == 404
    owner.call("DELETE", house.path)
    assert owner.call("DELETE", f"{house.path}/forever").status_code == 204
    assert not Canvas.objects.filter(pk=house.canvas.pk).exists()


def test_a_copy_is_ones_own(house: House) -> None:
    copy = house.browsers["owner"].call("POST", f"{house.path}/duplicate").json()
    assert copy["name"] == "Flights (copy)"
    assert document.document_json(copy["id"])["cells"] == document.document_json(house.canvas.pk)["cells"]
    assert house.browsers["viewer"].call("GET", f"/api/canvases/{copy['id']}/cells/x/view").status_code in (400, 404)


def test_a_copy_in_another_workspace_brings_its_files(house: House) -> None:
    owner, stranger = house.browsers["owner"], house.browsers["stranger"]
    source = owner.send_file(f"{house.path}/uploads?name=a.csv", b"a,b\n1,2\n").json()["source"]
    other = make_canvas(house.owner, "With data", {"source": source})
    shared = f"/api/canvases/{other.pk}/sharing/people"
    owner.call("POST", shared, {"email": "eve@example.org", "role": "viewer"})
    assert stranger.call("POST", f"/api/canvases/{other.pk}/duplicate").status_code == 403
    owner.call("POST", shared, {"email": "eve@example.org", "role": "editor"})
    copy = stranger.call("POST", f"/api/canvases/{other.pk}/duplicate").json()
    theirs = document.document_json(copy["id"])["cells"][CELL]["params"]["source"]
    upload = Upload.objects.get(pk=theirs.removeprefix("upload:"))
    assert theirs != source
    assert upload.workspace_id == Canvas.objects.get(pk=copy["id"]).workspace_id


@pytest.mark.parametrize("body", [
    {"name": ""}, {"name": "   "}, {"name": "x" * 121}, {"name": 7}, {}, {"name": "A", "owner": str(uuid.uuid4())},
    {"name": "A", "workspace_id": str(uuid.uuid4())}, {"name": "A", "head_seq": 9}, [], "x", None])
def test_nothing_but_a_name_is_assigned(house: House, body: object) -> None:
    before = Canvas.objects.filter(pk=house.canvas.pk).values().get()
    answer = house.browsers["owner"].call("PATCH", house.path, body)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] in ("bad_input", "bad_request")
    assert Canvas.objects.filter(pk=house.canvas.pk).values().get() == before


@pytest.mark.parametrize("wrong", ["11111111-1111-4111-8111-111111111111", "not-an-id", "%2e%2e"])
def test_what_does_not_exist_is_404_in_one_shape(house: House, wrong: str) -> None:
    answer = house.browsers["owner"].call("PATCH", f"/api/canvases/{wrong}", {"name": "X"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


def test_a_foreign_canvas_and_none_look_the_same(house: House) -> None:
    stranger = house.browsers["stranger"]
    paths = (house.path, f"/api/canvases/{uuid.uuid4()}")
    foreign, none = (stranger.call("PATCH", path, {"name": "X"}) for path in paths)
    assert (foreign.status_code, foreign.content) == (none.status_code, none.content)


# --- results: a hash is not a capability


def test_a_result_is_read_through_its_own_cell_only(house: House) -> None:
    other = make_canvas(house.stranger)
    stranger = house.browsers["stranger"]
    mine = f"/api/canvases/{other.pk}/cells"
    assert stranger.call("GET", f"{mine}/{CELL}/pages/0?fingerprint={PRINT}").json()["rows"] == [[1]]
    foreign = "cd" * 32
    secret = {"columns": [], "rows": [["secret"]], "offset": 0, "total": 1}
    Store.from_url(settings.STORE_URL).put_page(foreign, 0, secret)
    CellState.objects.filter(canvas=house.canvas).update(fingerprint=foreign)
    allowed = house.browsers["viewer"].call("GET", f"{house.path}/cells/{CELL}/pages/0?fingerprint={foreign}")
    assert allowed.json()["rows"] == [["secret"]]
    for path in (f"{mine}/{CELL}/pages/0", f"{mine}/{CELL}/view", f"{mine}/other/pages/0"):
        assert stranger.call("GET", f"{path}?fingerprint={foreign}").status_code == 404


def test_a_view_too_large_for_its_event_is_fetched_where_the_event_says(house: House) -> None:
    view = {"type": "printed", "text": "x" * 70_000}
    kept = {"type": "cell_step", "cell": CELL, "fingerprint": PRINT, "run": str(uuid.uuid4()), "step": 1, "final": True,
            "fraction": 1.0, "view": view}
    Store.from_url(settings.STORE_URL).put_step(PRINT, kept)
    (step,) = [event for event in cell_events(house.canvas.pk) if event["type"] == "cell_step"]
    assert step["view"] is None
    assert house.browsers["viewer"].call("GET", step["view_ref"]).json() == view


@pytest.mark.parametrize("odd", ["", "abc", "../../etc", "AB" * 32, "0" * 63])
def test_an_odd_fingerprint_is_refused(house: House, odd: str) -> None:
    assert house.browsers["owner"].call("GET", f"{house.path}/cells/{CELL}/view?fingerprint={odd}").status_code == 400


def test_a_viewer_never_starts_a_computation(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr("canvas.api.cells.computed_page", lambda *args: asked.append(args) or {})
    monkeypatch.setattr("canvas.api.runs.advance", lambda *args, **more: asked.append(args))
    viewer = house.browsers["viewer"]
    page = viewer.call("GET", f"{house.path}/cells/{CELL}/pages/7?fingerprint={PRINT}")
    assert (page.status_code, page.json()["error"]["code"]) == (404, "not_stored")
    assert viewer.call("POST", f"{house.path}/runs", {"cells": [CELL]}).status_code == 403
    assert asked == []
    page = house.browsers["editor"].call("GET", f"{house.path}/cells/{CELL}/pages/7?fingerprint={PRINT}")
    assert page.status_code == 200
    assert len(asked) == 1


def test_runs_are_asked_for_by_cells_of_this_canvas(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr("canvas.api.runs.advance", lambda *args, **more: asked.append(more))
    editor = house.browsers["editor"]
    assert editor.call("POST", f"{house.path}/runs", {"cells": ["nowhere"]}).status_code == 404
    assert editor.call("POST", f"{house.path}/runs", {"cells": [CELL], "graph": {}}).status_code == 400
    assert editor.call("POST", f"{house.path}/runs", {"cells": []}).status_code == 400
    body = {"cells": [CELL], "upstream": True, "force": True}
    assert editor.call("POST", f"{house.path}/runs", body).status_code == 202
    assert asked == [{"force": [CELL], "anew": [CELL]}]


def test_a_fault_of_ours_tells_nothing_and_is_logged(house: House, monkeypatch: pytest.MonkeyPatch,
                                                     caplog: pytest.LogCaptureFixture) -> None:
    def fail(*args: object, **more: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("canvas.access.canvases_for", fail)
    answer = house.browsers["owner"].call("GET", "/api/canvases")
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "broken")
    assert b"secret" not in answer.content
    assert "secret detail" in caplog.text


def test_a_body_that_is_no_json_is_refused(house: House) -> None:
    browser = house.browsers["owner"]
    token = {"X-CSRFToken": browser.cookies["csrftoken"].value}
    for body in (b"{", b"\xff\xfe", b"[" * 100_000):
        answer = browser.generic("PATCH", house.path, body, content_type="application/json", headers=token)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")
    answer = browser.generic("PATCH", house.path, b"x" * 1_100_000, content_type="application/json", headers=token)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_big")
