"""Pages: what a browser gets at each address, and which headers come with it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tests.api.conftest import Browser, House


def bootstrap(answer: object) -> dict:
    """What the page hands to the app."""
    found = re.search(r'<script id="bootstrap" type="application/json">(.*?)</script>', answer.content.decode(), re.S)
    assert found is not None
    return json.loads(found[1])


def test_home_lists_templates_and_who_one_is(house: House) -> None:
    boot = bootstrap(house.browsers["owner"].get("/"))
    assert boot["page"] == "home"
    assert boot["user"]["name"] == "Ada"
    assert boot["templates"][0]["id"] == "blank"


def test_home_asks_nobody_to_sign_in(house: House) -> None:
    answer = house.browsers["nobody"].get("/")
    assert answer.status_code == 302
    assert answer.url == "/accounts/login/"


def test_canvas_page_tells_role_and_kinds(house: House) -> None:
    boot = bootstrap(house.browsers["viewer"].get(f"/c/{house.canvas.pk}/"))
    assert boot["canvas"] == {"id": str(house.canvas.pk), "name": "Flights", "role": "viewer", "epoch": 1,
                              "workspace": str(house.canvas.workspace_id)}
    assert boot["user"] | {"guest": True, "name": "Vic"} == boot["user"]
    assert isinstance(boot["kinds"], list)


def test_canvas_page_does_not_exist_for_strangers(house: House) -> None:
    answer = house.browsers["stranger"].get(f"/c/{house.canvas.pk}/")
    assert answer.status_code == 404
    assert b"Flights" not in answer.content


def test_headers_of_every_page(house: House) -> None:
    for path in ("/", f"/c/{house.canvas.pk}/", "/accounts/login/", "/nowhere/", "/api/me"):
        headers = Browser().get(path).headers
        assert "script-src 'self';" in headers["Content-Security-Policy"]
        assert "'unsafe-inline'" not in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["X-Robots-Tag"] == "noindex"


def test_no_page_holds_script_or_style_of_its_own(house: House) -> None:
    for path in ("/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/nowhere/"):
        text = Browser().get(path).content.decode()
        assert not re.search(r"<script(?![^>]*(application/json|src=))", text)
        assert "<style" not in text
        assert " style=" not in text


def test_health(house: House) -> None:
    assert Browser().get("/health/live").json() == {"status": "ok"}
    ready = Browser().get("/health/ready").json()
    assert ready["database"] is True
    assert ready["status"] == ("ok" if ready["redis"] else "degraded")


def test_health_says_which_sandbox_was_proved(house: House, settings: Any, tmp_path: Path) -> None:
    settings.SANDBOX_HOME = str(tmp_path)
    assert Browser().get("/health/ready").json()["sandbox"]["tier"] == ""
    attacks = {"forks": "blocked", "reads": "blocked"}
    told = {"tier": "B", "words": "Code runs behind Landlock.", "attacks": attacks, "doors": {"sql": "/secret/path"}}
    (tmp_path / "tier.json").write_text(json.dumps(told))
    assert Browser().get("/health/ready").json()["sandbox"] == {
        "tier": "B", "words": "Code runs behind Landlock.", "blocked": 2, "attacks": 2}
