"""Uploads: streamed, hashed, kept whole or refused whole."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from django.conf import settings

from canvas.datasets.models import Upload
from canvas.datasets.sources import tokens_for
from tests.api.conftest import House
from workers.store import Store

CSV = b"city,degrees\nOslo,4\nRoma,19\n"


def kept_files() -> list[Path]:
    """Raw files in the store."""
    return [path for path in (Path(settings.STORE_URL) / "raw").rglob("*") if path.is_file()]


def upload(house: House, name: str, data: bytes = CSV, who: str = "owner"):
    """Send a file."""
    return house.browsers[who].send_file(f"{house.path}/uploads?name={name}", data)


def test_bytes_arrive_under_their_hash(house: House) -> None:
    answer = upload(house, "weather.csv")
    digest = hashlib.sha256(CSV).hexdigest()
    assert answer.status_code == 201
    assert answer.json() | {"name": "weather.csv", "size": len(CSV)} == answer.json()
    assert Store.from_url(settings.STORE_URL).raw_path(digest).read_bytes() == CSV
    row = Upload.objects.get(pk=answer.json()["upload"])
    assert (row.sha256, row.workspace_id, row.actor) == (digest, house.canvas.workspace_id, f"user:{house.owner.pk}")
    source = answer.json()["source"]
    assert tokens_for(house.canvas.workspace_id, [source, "upload:nonsense", "sample:penguins", "sample:no"]) == {
        source: f"raw:{digest}:csv", "sample:penguins": "sample:penguins:1"}


def test_a_source_of_another_workspace_has_no_token(house: House) -> None:
    source = upload(house, "weather.csv").json()["source"]
    theirs = house.stranger.memberships.get().workspace_id
    assert tokens_for(theirs, [source]) == {}


@pytest.mark.parametrize(("name", "status", "code"), [
    ("virus.exe", 415, "unknown_type"), ("page.html", 415, "unknown_type"), ("frame.feather", 415, "unknown_type"),
    ("noending", 415, "unknown_type"), ("empty.csv", 400, "empty_file")])
def test_what_is_no_table_is_not_kept(house: House, name: str, status: int, code: str) -> None:
    answer = upload(house, name, b"" if name == "empty.csv" else CSV)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert not kept_files()
    assert not Upload.objects.exists()


@pytest.mark.parametrize(("given", "kept"), [
    ("../../etc/passwd.csv", "passwd.csv"), ("C:\\data\\a.csv", "a.csv"), ("a%00b%0d%0a.csv", "ab.csv"),
    ("%E2%80%AEvsc.csv", "vsc.csv"), ("x" * 300 + ".csv", "x" * 116 + ".csv"), ("%20%20.csv.csv%20", "csv.csv")])
def test_names_are_made_safe(house: House, given: str, kept: str) -> None:
    assert upload(house, given).json()["name"] == kept


def test_more_bytes_than_allowed_are_dropped(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "MAX_UPLOAD", 10)
    answer = upload(house, "weather.csv")
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_big")
    assert not kept_files()


def test_a_liar_about_length_is_caught_while_writing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "MAX_UPLOAD", 10)
    monkeypatch.setattr("canvas.api.uploads._length", lambda request: None)
    assert upload(house, "weather.csv").status_code == 413
    assert not kept_files()


def test_an_upload_that_breaks_off_is_dropped(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("canvas.api.uploads._length", lambda request: len(CSV) + 1)
    answer = upload(house, "weather.csv")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "cut_short")
    assert not kept_files()


def test_a_full_workspace_takes_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    assert upload(house, "weather.csv").status_code == 201
    monkeypatch.setattr(settings, "WORKSPACE_QUOTA", len(CSV) + 5)
    answer = upload(house, "again.csv")
    assert (answer.status_code, answer.json()["error"]["code"]) == (507, "quota")


def test_a_form_is_no_upload(house: House) -> None:
    browser = house.browsers["owner"]
    for kind in ("multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "text/plain", "text/csv"):
        answer = browser.generic("POST", f"{house.path}/uploads?name=a.csv", CSV, content_type=kind,
                                 headers={"X-CSRFToken": browser.cookies["csrftoken"].value})
        assert answer.status_code == 415


def test_a_large_body_is_read_in_pieces(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.core.handlers.wsgi import WSGIRequest

    sizes = []
    read = WSGIRequest.read

    def watched(self, *size):
        sizes.append(size)
        return read(self, *size)

    monkeypatch.setattr(WSGIRequest, "read", watched)
    assert upload(house, "large.csv", b"a,b\n" + b"1,2\n" * 1_000_000).status_code == 201
    assert len(sizes) >= 4
    assert all(size and size[0] <= 1024 * 1024 for size in sizes)
