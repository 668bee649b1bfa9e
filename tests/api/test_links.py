"""Links from end to end: made, opened under a name, changed, expired, revoked."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import redis
from django.conf import settings
from django.utils import timezone

from canvas import access, doorbell
from canvas.documents.models import Canvas
from canvas.sharing import links
from canvas.sharing.models import Link
from tests.api.conftest import Browser, House, by_link, make_canvas, make_link


def shared(house: House, path: str = "", method: str = "GET", body: Any = None) -> Any:
    """A call of the owner to the sharing API."""
    return house.browsers["owner"].call(method, f"{house.path}/sharing{path}", body)


def test_a_new_link_opens_under_a_name_and_leaves_the_address_bar(house: House) -> None:
    made = shared(house, "/links", "POST", {"role": "editor"}).json()
    assert made["url"].startswith("http://localhost/l/")
    guest = Browser()
    path = made["url"].removeprefix("http://localhost")
    page = guest.get(path)
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert b"Flights" in page.content
    assert "You can edit" in page.content.decode()
    answer = guest.post(path, {"name": "  Mei \u202e Lin ", "csrfmiddlewaretoken": page.context["csrf_token"]})
    assert answer.url == f"/c/{house.canvas.pk}/"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    me = guest.get("/api/me").json()
    assert (me["name"], me["guest"]) == ("Mei Lin", True)
    assert guest.call("PATCH", house.path, {"name": "By guest"}).status_code == 200
    assert [link["uses"] for link in shared(house).json()["links"] if link["id"] == made["id"]] == [1]


def test_a_guest_without_a_name_stays_outside(house: House) -> None:
    guest, path = Browser(), links.path_of(house.links["viewer"])
    token = guest.get(path).context["csrf_token"]
    answer = guest.post(path, {"name": " \u200b ", "csrfmiddlewaretoken": token})
    assert answer.status_code == 200
    assert guest.get(f"/c/{house.canvas.pk}/").status_code == 302


def test_a_guests_form_needs_its_token(house: House) -> None:
    assert Browser().post(links.path_of(house.links["viewer"]), {"name": "X"}).status_code == 403


def test_someone_signed_in_redeems_at_once(house: House) -> None:
    stranger = house.browsers["stranger"]
    assert stranger.get(links.path_of(house.links["editor"])).url == f"/c/{house.canvas.pk}/"
    assert stranger.call("GET", "/api/canvases").json()[0]["role"] == "editor"


def test_the_database_alone_cannot_make_a_url(house: House) -> None:
    link = house.links["viewer"]
    token = links.token_of(link.pk)
    assert len(token) == 32
    assert token not in json.dumps(list(Link.objects.values()), default=str)
    assert Link.objects.get(pk=link.pk).token == links.digest_of(token)


def test_every_link_has_another_url(house: House) -> None:
    urls = {shared(house, "/links", "POST", {"role": "viewer"}).json()["url"] for _ in range(5)}
    assert len(urls) == 5


def test_a_link_under_an_old_key_opens_but_is_not_shown(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    path = links.path_of(house.links["viewer"])
    monkeypatch.setattr(settings, "SECRET_KEY", "another-key")
    assert links.path_of(house.links["viewer"]) is None
    assert access.link_for(links.digest_of(path.split("/")[2])).pk == house.links["viewer"].pk


def test_a_revoked_link_opens_nothing_for_newcomers_and_for_those_inside(house: House) -> None:
    link, inside = house.links["editor"], house.browsers["editor"]
    assert inside.get(house.path + "/cells/x/runs").status_code == 200
    assert shared(house, f"/links/{link.pk}", "DELETE").status_code == 204
    assert inside.get(f"/c/{house.canvas.pk}/").status_code == 404
    assert inside.call("PATCH", house.path, {"name": "X"}).status_code == 404
    assert Browser().get(links.path_of(link)).status_code == 404
    assert shared(house, f"/links/{link.pk}", "DELETE").status_code == 404


def test_an_expired_link_opens_nothing(house: House) -> None:
    made = shared(house, "/links", "POST", {"role": "viewer", "expires_days": 1}).json()
    link = Link.objects.get(pk=made["id"])
    guest = by_link(link)
    assert guest.get(f"/c/{house.canvas.pk}/").status_code == 200
    Link.objects.filter(pk=link.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert guest.get(f"/c/{house.canvas.pk}/").status_code == 404
    assert Browser().get(links.path_of(link)).status_code == 404


def test_a_lowered_link_lowers_those_inside(house: House) -> None:
    link, inside = house.links["editor"], house.browsers["editor"]
    assert shared(house, f"/links/{link.pk}", "PATCH", {"role": "viewer"}).json()["role"] == "viewer"
    assert inside.call("PATCH", house.path, {"name": "X"}).status_code == 403


def test_expiry_can_be_taken_off_again(house: House) -> None:
    made = shared(house, "/links", "POST", {"role": "viewer", "expires_days": 3}).json()
    assert made["expires_at"] is not None
    changed = shared(house, f"/links/{made['id']}", "PATCH", {"expires_days": None}).json()
    assert (changed["expires_at"], changed["role"]) == (None, "viewer")


@pytest.mark.parametrize("role", ["owner", "manager", "root", ""])
def test_a_link_never_manages(house: House, role: str) -> None:
    answer = shared(house, "/links", "POST", {"role": role})
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, "role")


def test_a_link_of_another_canvas_is_not_found(house: House) -> None:
    other = make_link(make_canvas(house.stranger), "viewer")
    assert shared(house, f"/links/{other.pk}", "DELETE").status_code == 404
    assert shared(house, f"/links/{other.pk}", "PATCH", {"role": "editor"}).status_code == 404
    assert Link.objects.get(pk=other.pk).revoked_at is None


def test_a_binned_canvas_has_no_links(house: House) -> None:
    assert house.browsers["owner"].call("DELETE", house.path).status_code == 204
    assert Browser().get(links.path_of(house.links["viewer"])).status_code == 404
    assert house.browsers["viewer"].get(f"/c/{house.canvas.pk}/").status_code == 404


def test_a_guest_gets_a_new_session_id_with_the_name(house: House) -> None:
    guest = Browser()
    guest.cookies[settings.SESSION_COOKIE_NAME] = "planted" * 5
    path = links.path_of(house.links["viewer"])
    token = guest.get(path).context["csrf_token"]
    guest.post(path, {"name": "Mei", "csrfmiddlewaretoken": token})
    assert guest.cookies[settings.SESSION_COOKIE_NAME].value != "planted" * 5


def test_guessing_is_slowed_down(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    # Within one window: over the turn of a minute the count begins anew.
    now = time.time()
    monkeypatch.setattr("canvas.security.rates.time", SimpleNamespace(time=lambda: now))
    guesser = Browser()
    answers = [guesser.get(f"/l/guess-{number}/").status_code for number in range(62)]
    assert answers[0] == 404
    assert answers[-1] == 429


@pytest.mark.django_db(transaction=True)
def test_every_change_of_access_rings_after_its_commit(transactional_db: None, valkey_url: str,
                                                       monkeypatch: pytest.MonkeyPatch) -> None:
    from canvas.accounts.people import new_person
    from tests.api.conftest import signed_in

    monkeypatch.setattr(settings, "REDIS_URL", valkey_url)
    doorbell._client.cache_clear()
    owner = new_person("ada@example.org", "Ada")
    canvas = make_canvas(owner)
    ear = redis.Redis.from_url(valkey_url).pubsub(ignore_subscribe_messages=True)
    ear.subscribe(f"canvas:{canvas.pk}")
    ear.get_message(timeout=5)
    browser = signed_in(owner)
    made = browser.call("POST", f"/api/canvases/{canvas.pk}/sharing/links", {"role": "viewer"}).json()
    browser.call("PATCH", f"/api/canvases/{canvas.pk}", {"name": "Renamed"})
    browser.call("DELETE", f"/api/canvases/{canvas.pk}/sharing/links/{made['id']}")
    heard = []
    while len(heard) < 3 and (message := ear.get_message(timeout=5)):
        heard.append(json.loads(message["data"]))
    assert heard == [{"access": {}}, {"canvas": {"name": "Renamed"}}, {"access": {}}]
    assert Canvas.objects.get(pk=canvas.pk).access_epoch == 2
    doorbell._client.cache_clear()


def test_a_silent_redis_costs_no_request(house: House) -> None:
    assert doorbell.publish(house.canvas.pk, {"access": {}}) is False
