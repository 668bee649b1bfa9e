"""A public server that is not safe refuses to start and says which setting is missing."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from canvas.security import checks
from canvas.security.logs import Line

ROOT = Path(__file__).resolve().parents[3]
SAFE = {
    "PUBLIC_URL": "https://canvas.example.org", "HTTPS": True, "ALLOWED_HOSTS": ["canvas.example.org"], "DEBUG": False,
    "SECRET_KEY": "k" * 40, "MAIL_URL": "smtp://mail.example.org", "SIGNUP": "open", "INSECURE_LAN": False}


def said(monkeypatch: pytest.MonkeyPatch, host: str = "0.0.0.0", **changes: object) -> str:
    """The refusals for a public server with these changes."""
    for name, value in {**SAFE, **changes}.items():
        monkeypatch.setattr(settings, name, value)
    return "\n".join(checks.problems(host))


def test_a_safe_public_server_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(monkeypatch) == ""


@pytest.mark.parametrize(("change", "names"), [
    ({"ALLOWED_HOSTS": ["*"]}, "ALLOWED_HOSTS"), ({"ALLOWED_HOSTS": [".example.org"]}, "ALLOWED_HOSTS"),
    ({"ALLOWED_HOSTS": ["localhost"]}, "ALLOWED_HOSTS"), ({"DEBUG": True}, "DEBUG"),
    ({"SECRET_KEY": "short"}, "SECRET_KEY"),
    ({"HTTPS": False, "PUBLIC_URL": ""}, "PUBLIC_URL"), ({"MAIL_URL": ""}, "MAIL_URL")])
def test_an_unsafe_public_server_is_told_why(monkeypatch: pytest.MonkeyPatch, change: dict, names: str) -> None:
    assert names in said(monkeypatch, **change)


@pytest.mark.parametrize("change", [{"MAIL_URL": "", "SIGNUP": "closed"}, {"HTTPS": False, "INSECURE_LAN": True}])
def test_a_knowing_choice_is_respected(monkeypatch: pytest.MonkeyPatch, change: dict) -> None:
    assert said(monkeypatch, **change) == ""


def test_a_local_server_needs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    local = {"ALLOWED_HOSTS": ["localhost", "127.0.0.1", "[::1]"], "PUBLIC_URL": "", "HTTPS": False, "MAIL_URL": "",
             "DEBUG": True}
    assert said(monkeypatch, "127.0.0.1", **local) == ""
    assert "ALLOWED_HOSTS" in said(monkeypatch, "127.0.0.1", **{**local, "ALLOWED_HOSTS": ["*"]})


def manage(home: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run manage.py with an environment of its own."""
    clean = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    return subprocess.run([sys.executable, "manage.py", *words], cwd=ROOT, text=True, capture_output=True, check=False,
                          env={**clean, "INKLING_HOME": str(home), **environment})


def test_check_deploy_fails_for_an_unsafe_and_passes_for_a_safe_server(tmp_path: Path) -> None:
    unsafe = manage(tmp_path, "check", "--deploy", ALLOWED_HOSTS="*")
    assert unsafe.returncode == 1
    assert "ALLOWED_HOSTS must name each host" in unsafe.stderr
    safe = manage(tmp_path, "check", "--deploy", "--fail-level", "WARNING", ALLOWED_HOSTS="canvas.example.org",
                  PUBLIC_URL="https://canvas.example.org", MAIL_URL="smtp://u:p@mail.example.org", TRUSTED_PROXIES="1")
    assert safe.returncode == 0, safe.stderr


def test_the_secret_key_is_made_once_and_is_the_owners_alone(tmp_path: Path) -> None:
    assert manage(tmp_path, "check").returncode == 0
    key = tmp_path / "secret-key"
    first = key.read_text()
    assert key.stat().st_mode & 0o777 == 0o600
    assert len(first) >= 60
    manage(tmp_path, "check")
    assert key.read_text() == first


def test_vite_files_are_immutable_and_others_are_not() -> None:
    immutable = settings.WHITENOISE_IMMUTABLE_FILE_TEST
    assert immutable("", "/static/app/assets/main-SkD8VYgd.js")
    assert immutable("", "/static/app/assets/main-S_-8VYgd.css.gz")
    assert not immutable("", "/static/app/manifest.json")
    assert not immutable("", "/static/public/pages.css")


def test_a_log_line_is_one_json_object_without_secrets() -> None:
    path = "/l/aTokenOfALink/?x=1\r\nforged"
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, "Not Found: %s", (path,), None)
    line = Line().format(record)
    assert "\n" not in line
    assert "aTokenOfALink" not in line
    assert json.loads(line)["message"] == "Not Found: /l/[hidden]/"
