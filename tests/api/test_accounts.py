"""Accounts: sign up, sign in, reset, rate limits, the one-time URL, one's own profile."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone

from canvas.accounts.models import Membership, SigninToken, User
from canvas.accounts.people import LOCAL_OWNER, local_owner, new_person
from canvas.accounts.signin import issue_signin_url
from tests.api.conftest import Browser, House, by_link, signed_in

WORD = "correct horse battery"


def post(browser: Browser, path: str, **fields: str):
    """Open a form and send it."""
    page = browser.get(path)
    return browser.post(path, {**fields, "csrfmiddlewaretoken": page.context["csrf_token"]})


def test_signing_up_makes_a_person_with_a_workspace(db: None) -> None:
    browser = Browser()
    answer = post(browser, "/accounts/signup/", name=" Ada  Lovelace ", email="Ada@Example.org", password1=WORD)
    assert answer.status_code == 302, answer.content
    user = User.objects.get(email="ada@example.org")
    assert user.name == "Ada Lovelace"
    assert user.password.startswith("argon2")
    membership = Membership.objects.get(user=user)
    assert (membership.role, membership.workspace.name) == ("owner", "Ada Lovelace’s workspace")
    assert browser.call("GET", "/api/me").json()["email"] == "ada@example.org"
    assert browser.call("POST", "/api/canvases", {}).status_code == 201


@pytest.mark.parametrize("word", ["short", "password123", "ada@example.org"])
def test_weak_passwords_are_refused(db: None, word: str) -> None:
    answer = post(Browser(), "/accounts/signup/", name="Ada", email="ada@example.org", password1=word)
    assert answer.status_code == 200
    assert b'role="alert"' in answer.content
    assert not User.objects.exists()


def test_a_taken_address_makes_no_second_account(db: None) -> None:
    new_person("ada@example.org", "Ada", WORD)
    post(Browser(), "/accounts/signup/", name="Mallory", email="ADA@example.org", password1=WORD + "2")
    assert [user.name for user in User.objects.all()] == ["Ada"]
    assert not User.objects.get().check_password(WORD + "2")


def test_closed_doors_stay_closed(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "SIGNUP", "closed")
    answer = Browser().get("/accounts/signup/")
    assert "made by an administrator" in answer.content.decode()
    assert "Make an account" not in Browser().get("/accounts/login/").content.decode()


def test_signing_in_and_out(db: None) -> None:
    new_person("ada@example.org", "Ada", WORD)
    browser = Browser()
    assert post(browser, "/accounts/login/?next=/c/", login="ADA@example.org", password=WORD).status_code == 302
    assert browser.get("/api/me").status_code == 200
    assert post(browser, "/accounts/logout/").status_code == 302
    assert browser.get("/api/me").status_code == 401


def test_signing_in_gives_a_new_session_and_goes_where_one_wanted(db: None) -> None:
    new_person("ada@example.org", "Ada", WORD)
    browser = Browser()
    page = browser.get("/accounts/login/?next=/c/11111111-1111-4111-8111-111111111111/")
    assert "/c/11111111" in page.content.decode()
    hostile = post(Browser(), "/accounts/login/?next=https://evil.example/", login="ada@example.org", password=WORD)
    assert hostile.url == "/"


def test_a_wrong_password_and_an_unknown_address_look_the_same(db: None) -> None:
    new_person("ada@example.org", "Ada", WORD)
    texts = []
    for address in ("ada@example.org", "who@example.org"):
        answer = post(Browser(), "/accounts/login/", login=address, password="wrong")
        texts.append(re.findall(r'role="alert">([^<]+)', answer.content.decode()))
    assert texts[0] == texts[1] != []


def test_guessing_passwords_is_slowed_down(db: None) -> None:
    new_person("ada@example.org", "Ada", WORD)
    answers = [post(Browser(), "/accounts/login/", login="ada@example.org", password=f"wrong {n}") for n in range(7)]
    late = post(Browser(), "/accounts/login/", login="ada@example.org", password=WORD)
    assert answers[0].status_code == 200
    assert late.status_code in (200, 429)
    assert "Too many" in late.content.decode()


def test_a_password_is_reset_by_mail_once(db: None) -> None:
    new_person("ada@example.org", "Ada", WORD)
    browser = Browser()
    assert post(browser, "/accounts/password/reset/", email="ada@example.org").status_code == 302
    link = re.search(r"http://localhost(/accounts/password/reset/key/\S+)", mail.outbox[0].body)
    assert link is not None
    form = browser.get(link[1], follow=True)
    path = form.redirect_chain[-1][0]
    fields = {"password1": "another good one", "password2": "another good one"}
    done = browser.post(path, {**fields, "csrfmiddlewaretoken": form.context["csrf_token"]})
    assert done.status_code == 302
    assert User.objects.get().check_password("another good one")
    assert "was used or is too old" in Browser().get(link[1], follow=True).content.decode()


def test_a_reset_for_an_unknown_address_looks_the_same(db: None) -> None:
    known, unknown = Browser(), Browser()
    new_person("ada@example.org", "Ada", WORD)
    first = post(known, "/accounts/password/reset/", email="ada@example.org")
    second = post(unknown, "/accounts/password/reset/", email="who@example.org")
    assert (first.status_code, first.url) == (second.status_code, second.url)


def test_a_new_password_ends_other_sessions(db: None) -> None:
    user = new_person("ada@example.org", "Ada", WORD)
    other = signed_in(user)
    assert other.get("/api/me").status_code == 200
    user.set_password("another good one")
    user.save()
    assert other.get("/api/me").status_code == 401


# --- the one-time URL


def path_of(url: str) -> str:
    """The path of an absolute URL."""
    return "/" + url.split("/", 3)[3]


def test_the_one_time_url_signs_in_the_local_owner_once(db: None) -> None:
    path = path_of(issue_signin_url("http://localhost:8000"))
    first = Browser()
    assert first.get(path).url == "/"
    assert first.get("/api/me").json()["email"] == LOCAL_OWNER
    assert Browser().get(path).status_code == 404
    assert path.split("/")[2] not in SigninToken.objects.get().digest


def test_the_one_time_url_ends_after_15_minutes(db: None) -> None:
    path = path_of(issue_signin_url())
    SigninToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert Browser().get(path).status_code == 404


@pytest.mark.parametrize("how", [
    {"REMOTE_ADDR": "192.0.2.7"}, {"REMOTE_ADDR": ""}, {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
    {"HTTP_FORWARDED": "for=127.0.0.1"}])
def test_the_one_time_url_is_for_this_machine(db: None, how: dict[str, str]) -> None:
    path = path_of(issue_signin_url())
    assert Browser().get(path, **how).status_code == 404
    assert Browser().get(path).status_code == 302


def test_opening_a_spent_url_while_signed_in_just_goes_home(db: None) -> None:
    browser, path = Browser(), path_of(issue_signin_url())
    assert [browser.get(path).status_code for _ in range(2)] == [302, 302]


def test_the_local_owner_is_made_once(db: None) -> None:
    assert local_owner().pk == local_owner().pk
    assert Membership.objects.count() == 1


# --- one's own profile


def test_name_and_theme_are_ones_own_to_change(house: House) -> None:
    browser = house.browsers["owner"]
    assert browser.call("PATCH", "/api/me", {"name": "Ada L.", "theme": "dark"}).json()["theme"] == "dark"
    assert browser.get("/").content.decode().count('data-theme="dark"') == 1
    assert User.objects.get(pk=house.owner.pk).name == "Ada L."


def test_a_guest_changes_its_name_in_its_session(house: House) -> None:
    guest = by_link(house.links["viewer"], "Vic")
    assert guest.call("PATCH", "/api/me", {"name": "Victor"}).json()["name"] == "Victor"
    assert guest.call("GET", "/api/me").json()["name"] == "Victor"


@pytest.mark.parametrize("body", [{"theme": "pink"}, {"name": ""}, {"name": "x" * 81}, {"email": "b@b.org"},
                                  {"is_superuser": True}, {"id": "1"}])
def test_nothing_else_of_a_profile_is_assigned(house: House, body: dict) -> None:
    before = User.objects.filter(pk=house.owner.pk).values().get()
    answer = house.browsers["owner"].call("PATCH", "/api/me", body)
    assert answer.status_code == 400
    assert User.objects.filter(pk=house.owner.pk).values().get() == before


def test_an_account_has_one_address(house: House) -> None:
    browser = house.browsers["owner"]
    assert browser.get("/accounts/email/").url == "/"
    token = browser.cookies["csrftoken"].value
    browser.post("/accounts/email/", {"action_add": "", "email": "eve@example.org", "csrfmiddlewaretoken": token})
    assert User.objects.get(pk=house.owner.pk).email == "ada@example.org"
    assert not EmailAddress.objects.filter(email="eve@example.org").exists()


def test_an_administrator_makes_accounts(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("person", "Flo@example.org", name="Flo")
    assert User.objects.get().name == "Flo"
    assert Membership.objects.count() == 1
    browser = Browser()
    form = browser.get(path_of(capsys.readouterr().out.strip()), follow=True)
    fields = {"password1": WORD, "password2": WORD, "csrfmiddlewaretoken": form.context["csrf_token"]}
    assert browser.post(form.redirect_chain[-1][0], fields).status_code == 302
    assert post(Browser(), "/accounts/login/", login="flo@example.org", password=WORD).url == "/"
    with pytest.raises(CommandError):
        call_command("person", "not-an-address")
