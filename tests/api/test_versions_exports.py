"""Versions of source cells, and tables as files: who gets what, under which name, and safe to open."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings

from canvas.api import exports
from canvas.api import versions as api_versions
from canvas.datasets import sources, versions
from canvas.datasets.models import Upload, Version
from canvas.documents.models import Canvas
from tests.api.conftest import CELL, PRINT, House
from workers.graph import Cell, Graph
from workers.store import Store

PATH = f"cells/{CELL}/versions"


def shown(house: House, **params: Any) -> Cell:
    """Put a web address on the canvas and pretend that it was read."""
    filled = {"source": "https://example.org/a.csv", "snapshot": "", **params}
    token = sources.tokens_for(house.canvas.workspace_id, [filled["source"]], house.canvas.pk)[filled["source"]]
    cell = Cell(CELL, "url", 1, filled, "a", token)
    Canvas.objects.filter(pk=house.canvas.pk).update(graph=Graph({CELL: cell}).to_json())
    return cell


def read(house: House, cell: Cell, fingerprint: str, at: float, rows: int) -> None:
    """Land a run of the cell."""
    fetched = {"etag": f'"{at}"', "modified": "", "sha256": "cd" * 32, "bytes": 100, "at": at}
    store = Store.from_url(settings.STORE_URL)
    store.put_step(fingerprint, {"final": True, "view": {"type": "table", "source": {"fetched": fetched}}})
    versions.record(house.canvas, cell, fingerprint, f"user:{house.owner.pk}", rows)


def test_each_refresh_is_a_version_and_reading_otherwise_is_none(house: House) -> None:
    read(house, shown(house), "a1" * 32, 1_700_000_000, 10)
    read(house, shown(house, types={"n": "text"}), "a2" * 32, 1_700_000_000, 10)
    read(house, shown(house, snapshot="two"), "a3" * 32, 1_700_000_500, 12)
    told = house.browsers["owner"].call("GET", f"{house.path}/{PATH}").json()
    assert [(v["rows"], v["current"], v["params"]["snapshot"]) for v in told] == [(12, True, "two"), (10, False, "")]
    assert told[1]["at"] == "2023-11-14T22:13:20+00:00"
    shown(house)
    assert [v["current"] for v in house.browsers["owner"].call("GET", f"{house.path}/{PATH}").json()] == [False, True]


def test_a_file_replaced_by_a_newer_one_is_a_version_with_its_name(house: House) -> None:
    for name, digest in (("march.csv", "ab" * 32), ("april.csv", "cd" * 32)):
        upload = Upload.objects.create(workspace_id=house.canvas.workspace_id, name=name, sha256=digest, size=9,
                                       actor="user:1")
        cell = Cell(CELL, "dataset", 1, {"source": f"upload:{upload.pk}"}, "a", f"raw:{digest}:csv")
        versions.record(house.canvas, cell, digest, "user:1", 5)
    told = versions.versions_of(house.canvas, CELL)
    assert [row.about["name"] for row in told] == ["april.csv", "march.csv"]
    assert versions.used(house.canvas.workspace_id) == 18, "a file counts once, not once more for its version"


def test_samples_and_other_cells_have_no_versions(house: House) -> None:
    sample = Cell(CELL, "dataset", 1, {"source": "sample:penguins"}, "a", "sample:penguins:1")
    assert versions.record(house.canvas, sample, PRINT, "user:1", 5) is None
    assert versions.record(house.canvas, Cell(CELL, "filter"), PRINT, "user:1", 5) is None


def test_a_cell_that_has_not_arrived_yet_has_no_versions(house: House) -> None:
    assert house.browsers["owner"].get(f"{house.path}/cells/Newcomer0001/versions").json() == []


def test_something_newer_is_asked_for_once_in_a_while(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(api_versions, "asked", lambda task, spec, patience: asked.append(spec) or {"changed": True})
    read(house, shown(house), "a1" * 32, 1_700_000_000, 10)
    answers = [house.browsers["owner"].call("POST", f"{house.path}/{PATH}/check", {}).json() for _ in range(3)]
    assert answers == [{"changed": True}] * 3 and len(asked) == 1
    house.browsers["owner"].call("POST", f"{house.path}/{PATH}/check", {"anew": True})
    assert len(asked) == 2
    assert asked[0]["known"] == {"etag": '"1700000000"', "modified": "", "bytes": 100}


def test_versions_of_another_cell_cannot_be_compared(house: House) -> None:
    mine = Version.objects.create(canvas=house.canvas, cell=CELL, digest="a", fingerprint=PRINT, at="2026-01-01T00:00Z")
    other = Version.objects.create(canvas=house.canvas, cell="other", digest="b", fingerprint=PRINT,
                                   at="2026-01-01T00:00Z")
    path = f"{house.path}/{PATH}/compare?before={mine.pk}&after={other.pk}"
    assert house.browsers["owner"].call("GET", path).status_code == 404


# exports ----------------------------------------------------------------------------------------------------


def body_of(answer: Any) -> bytes:
    async def collected() -> bytes:
        return b"".join([part async for part in answer.streaming_content])

    return async_to_sync(collected)()


def wanted(**more: Any) -> dict[str, Any]:
    return {"fingerprint": PRINT, "form": "csv", "name": "My / trips", **more}


def test_a_viewer_gets_the_rows_they_see_without_a_worker(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "_sent", lambda spec: pytest.fail("a viewer started a computation"))
    store = Store.from_url(settings.STORE_URL)
    columns = [{"name": "=who", "type": "text"}, {"name": "n", "type": "integer"}]
    store.put_page(PRINT, 0, {"columns": columns, "rows": [["=1+1", -1], ["plain", 2]], "offset": 0, "total": 3})
    store.put_page(PRINT, 1, {"columns": columns, "rows": [["@x", None]], "offset": 2, "total": 3})
    made = house.browsers["viewer"].call("POST", f"{house.path}/cells/{CELL}/exports", wanted()).json()
    answer = house.browsers["viewer"].get(made["url"])
    assert list(csv.reader(io.StringIO(body_of(answer).decode()))) == [
        ["'=who", "n"], ["'=1+1", "-1"], ["plain", "2"], ["'@x", ""]]
    assert answer["Content-Disposition"] == 'attachment; filename="My - trips.csv"'
    assert made["whole"] is False
    refused = house.browsers["viewer"].call("POST", f"{house.path}/cells/{CELL}/exports", wanted(form="xlsx"))
    assert refused.status_code == 403


def test_a_download_is_for_who_asked_and_for_a_result_of_the_cell(house: House) -> None:
    made = house.browsers["viewer"].call("POST", f"{house.path}/cells/{CELL}/exports", wanted()).json()
    assert house.browsers["owner"].get(made["url"]).status_code == 404
    foreign = wanted(fingerprint="ef" * 32)
    assert house.browsers["owner"].call("POST", f"{house.path}/cells/{CELL}/exports", foreign).status_code == 404


def test_what_a_worker_refuses_is_said_before_a_download_starts(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "lineage", lambda *about: {})
    monkeypatch.setattr(exports, "_sent", lambda spec: "task")
    refusal = {"error": {"code": "too_many_rows", "message": "Excel holds 1,048,575 rows."}}
    monkeypatch.setattr(exports, "_outcome", lambda task: refusal)
    answer = house.browsers["owner"].call("POST", f"{house.path}/cells/{CELL}/exports", wanted(form="xlsx"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "too_many_rows")


async def test_a_file_is_streamed_while_it_grows(own_store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "ab" * 16
    part, whole = exports._paths(name)
    part.write_bytes(b"first,")
    outcomes = iter([None, None, {"done": True}, {"done": True}, {"done": True}])
    monkeypatch.setattr(exports, "_outcome", lambda task: next(outcomes))
    stream = exports._growing(name, "task")
    assert await anext(stream) == b"first,"
    part.write_bytes(b"first,second")
    assert await anext(stream) == b"second"
    part.replace(whole)
    assert [chunk async for chunk in stream] == [] and not whole.exists()


async def test_who_leaves_stops_the_worker(own_store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    cancelled: list[Any] = []
    monkeypatch.setattr("canvas.runs.dispatch.cancel", cancelled.extend)
    monkeypatch.setattr(exports, "_outcome", lambda task: None)
    name = "cd" * 16
    exports._paths(name)[0].write_bytes(b"first,")
    stream = exports._growing(name, "task")
    await anext(stream)
    await stream.aclose()
    assert cancelled == [name]
