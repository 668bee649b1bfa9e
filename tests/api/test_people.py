"""People with roles: given, changed, taken; never above one's own, never the owner's."""

from __future__ import annotations

import pytest

from canvas.accounts.people import new_person
from canvas.sharing.models import Grant
from tests.api.conftest import House, signed_in


def give(house: House, role: str, who: str = "owner", email: str = "eve@example.org"):
    """Share with someone by address."""
    return house.browsers[who].call("POST", f"{house.path}/sharing/people", {"email": email, "role": role})


def test_someone_invited_comes_in_at_once(house: House) -> None:
    assert give(house, "editor", email=" EVE@example.org ").json()["role"] == "editor"
    assert house.browsers["stranger"].call("PATCH", house.path, {"name": "By Eve"}).status_code == 200
    state = house.browsers["owner"].call("GET", f"{house.path}/sharing").json()
    assert state["owner"]["email"] == "ada@example.org"
    assert [(p["name"], p["role"]) for p in state["people"]] == [("Eve", "editor")]


def test_a_lowered_and_a_removed_role_count_at_once(house: House) -> None:
    give(house, "editor")
    person = f"{house.path}/sharing/people/{house.stranger.pk}"
    owner, eve = house.browsers["owner"], house.browsers["stranger"]
    assert owner.call("PATCH", person, {"role": "viewer"}).status_code == 200
    assert eve.call("PATCH", house.path, {"name": "X"}).status_code == 403
    assert owner.call("DELETE", person).status_code == 204
    assert eve.call("PATCH", house.path, {"name": "X"}).status_code == 404
    assert owner.call("DELETE", person).status_code == 404


def test_nobody_has_an_account_with_that_address(house: House) -> None:
    answer = give(house, "editor", email="who@example.org")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "no_account")
    assert "Copy a link" in answer.json()["error"]["message"]


@pytest.mark.parametrize("role", ["owner", "god", "", None])
def test_ownership_is_not_given_away(house: House, role: str | None) -> None:
    assert give(house, role).status_code == 400
    assert not Grant.objects.exists()


def test_a_manager_shares_but_never_touches_the_owner(house: House) -> None:
    give(house, "manager")
    flo = new_person("flo@example.org", "Flo")
    eve = house.browsers["stranger"]
    assert give(house, "manager", who="stranger", email="flo@example.org").status_code == 201
    assert signed_in(flo).call("GET", f"{house.path}/sharing").status_code == 200
    for method, body in (("PATCH", {"role": "viewer"}), ("DELETE", None)):
        answer = eve.call(method, f"{house.path}/sharing/people/{house.owner.pk}", body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "owner_fixed")
    assert give(house, "viewer", who="stranger", email="ada@example.org").status_code == 409
    assert eve.call("DELETE", house.path).status_code == 204
    assert eve.call("DELETE", f"{house.path}/forever").status_code == 403


def test_an_editor_cannot_raise_anyone(house: House) -> None:
    give(house, "editor")
    assert give(house, "manager", who="stranger").status_code == 403
    assert give(house, "manager", who="editor").status_code == 403
    assert [grant.role for grant in Grant.objects.all()] == ["editor"]


def test_a_person_has_one_role(house: House) -> None:
    give(house, "editor")
    give(house, "viewer")
    assert [grant.role for grant in Grant.objects.all()] == ["viewer"]


@pytest.mark.parametrize("extra", [{"user_id": "x"}, {"canvas": "x"}, {"at": "2020-01-01"}])
def test_nothing_else_is_assigned(house: House, extra: dict) -> None:
    body = {"email": "eve@example.org", "role": "viewer", **extra}
    assert house.browsers["owner"].call("POST", f"{house.path}/sharing/people", body).status_code == 400
    assert not Grant.objects.exists()
