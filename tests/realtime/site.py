"""A whole Inkling web process for tests: own home, own database, seeded people, start, stop and kill."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent

SEED = """
import json, sys, django
django.setup()
from importlib import import_module
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from canvas.accounts.models import Membership, User, Workspace
from canvas.documents.models import Canvas
from canvas.sharing.models import Grant
sessions = import_module(settings.SESSION_ENGINE)
space = Workspace.objects.create(name="Test")
out = {"people": [], "canvases": []}
for role in json.loads(sys.argv[1]):
    user = User.objects.create_user(f"{role}{len(out['people'])}@example.org", None, name=role.title())
    session = sessions.SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    out["people"].append({"id": str(user.pk), "role": role, "session": session.session_key, "user": user})
owner = next(p["user"] for p in out["people"] if p["role"] == "owner")
for _ in range(int(sys.argv[2])):
    canvas = Canvas.objects.create(workspace=space, owner=owner)
    for person in out["people"]:
        if person["role"] not in ("owner", "stranger"):
            Grant.objects.create(canvas=canvas, user=person["user"], role=person["role"])
    out["canvases"].append(str(canvas.pk))
for person in out["people"]:
    del person["user"]
print(json.dumps({**out, "cookie": settings.SESSION_COOKIE_NAME}))
"""


def free_port() -> int:
    """A port nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Site:
    """One database with one or more web processes on it."""

    def __init__(self, database_url: str = "", redis_url: str = "", **env: str) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="inkling-site-"))
        self.env = {
            **os.environ, "INKLING_HOME": str(self.home), "DJANGO_SETTINGS_MODULE": "canvas.settings",
            "DATABASE_URL": database_url or f"sqlite:///{self.home / 'db.sqlite3'}",
            "REDIS_URL": redis_url or f"unix://{self.home / 'none.sock'}", "ALLOWED_HOSTS": "127.0.0.1,localhost",
            "SECRET_KEY": "a-key-for-tests-only", "LOG_LEVEL": "WARNING", **env,
        }
        self.servers: list[subprocess.Popen[bytes]] = []
        self.seeded: dict[str, Any] = {}

    def run(self, *args: str) -> str:
        """Run Python in the site's environment; what it printed."""
        done = subprocess.run([sys.executable, *args], cwd=ROOT, env=self.env, capture_output=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr.decode()[-4000:])
        return done.stdout.decode()

    def prepare(self, roles: list[str], canvases: int = 1) -> Site:
        """Migrate, then make people with sessions and canvases shared with each by their role."""
        self.run("manage.py", "migrate", "--verbosity=0")
        self.seeded = json.loads(self.run("-c", SEED, json.dumps(roles), str(canvases)).splitlines()[-1])
        return self

    def start(self, port: int = 0) -> int:
        """Start a web process and wait until it answers; its port."""
        port = port or free_port()
        log = (self.home / f"web-{port}.log").open("ab")
        server = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "canvas.asgi:application", "--host", "127.0.0.1", "--port", str(port),
             "--ws-max-size", "1048576", "--ws-per-message-deflate", "false", "--no-access-log",
             "--log-level", "warning", "--timeout-graceful-shutdown", "5"],
            cwd=ROOT, env=self.env, stdout=log, stderr=log, start_new_session=True)
        self.servers.append(server)
        for _ in range(600):
            if server.poll() is not None:
                raise RuntimeError(self.logs())
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=2).close()
                return port
            except urllib.error.HTTPError:
                return port
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("the server does not answer: " + self.logs())

    def kill(self, server: subprocess.Popen[bytes] | None = None, sig: int = signal.SIGKILL) -> int:
        """End a web process (the last one) and wait for it."""
        server = server or self.servers[-1]
        if server.poll() is None:
            server.send_signal(sig)
        server.wait(20)
        self.servers.remove(server)
        return int(server.returncode)

    def close(self) -> None:
        """End all web processes."""
        for server in list(self.servers):
            self.kill(server)

    def logs(self) -> str:
        """What the web processes wrote."""
        return "".join(path.read_text(errors="replace") for path in sorted(self.home.glob("web-*.log")))

    def session(self, role: str) -> str:
        """The Cookie header of the first person with a role."""
        person = next(p for p in self.seeded["people"] if p["role"] == role)
        return f"{self.seeded['cookie']}={person['session']}"

    def sql(self, code: str) -> Any:
        """Run Django code in the site's environment; `out` is what it answers."""
        script = f"import django, json\ndjango.setup()\n{code}\nprint(json.dumps(out, default=str))"
        return json.loads(self.run("-c", script).splitlines()[-1])
