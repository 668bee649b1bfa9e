"""`manage.py serve`: everything an installation needs, in the foreground, until Ctrl-C."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from canvas.security import checks
from canvas.supervisor import programs
from canvas.supervisor.frontend import BuildFailed, build
from canvas.supervisor.supervisor import AlreadyRunning, NotReady, Supervisor


class Command(BaseCommand):
    """Starts Valkey, the web process and the Celery pools, restarts what dies, and prints one sign-in URL."""

    help = "Run Inkling: Valkey (unless REDIS_URL is set), the web process and the workers."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Address, port, and whether to build the browser app first."""
        parser.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"))
        parser.add_argument("--port", type=int, default=int(os.environ["PORT"]) if os.environ.get("PORT") else None)
        parser.add_argument("--no-build", action="store_true", help="serve the browser app as it is")
        parser.add_argument("--no-demo", action="store_true", help="make no demo canvas on the first start")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare, start, print where things are, watch, stop."""
        began = time.monotonic()
        if refusals := checks.problems(options["host"]):
            raise CommandError("This would not be safe to start:\n  " + "\n  ".join(refusals))
        try:
            supervisor = Supervisor(Path(settings.HOME), self._say)
        except AlreadyRunning as refusal:
            raise CommandError(str(refusal)) from refusal
        supervisor.catch_signals()
        Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
        try:
            self._serve(supervisor, began, **options)
        except (BuildFailed, NotReady, programs.PortTaken) as failure:
            raise CommandError(str(failure)) from failure
        finally:
            supervisor.stop()
        self._say("Stopped.")

    def _serve(self, supervisor: Supervisor, began: float, **options: Any) -> None:
        host, port = options["host"], programs.free_port(options["host"], options["port"])
        base_url = settings.PUBLIC_URL or f"http://{'localhost' if host in LOCAL else host}:{port}"
        environment = {"REDIS_URL": settings.REDIS_URL, "STORE_URL": settings.STORE_URL,
                       "SANDBOX_HOME": settings.SANDBOX_HOME}
        if not os.environ.get("REDIS_URL"):
            supervisor.start([programs.valkey(settings.HOME, settings.REDIS_URL)])
        if not options["no_build"]:
            build(settings.ROOT / "static", self._say)
            collect_if_needed()
        migrate_if_needed()
        supervisor.wait_ready(["valkey"])
        supervisor.start([programs.web(host, port, environment)])
        sign_in = first_things(base_url, demo=not options["no_demo"])
        pools = programs.pools(environment)
        supervisor.start([pool for pool in pools if not pool.nice])
        supervisor.wait_ready(["web"])
        # What gives way to others later gives way at the start, too: people see the page sooner.
        supervisor.start([*(pool for pool in pools if pool.nice), programs.sandbox(settings.SANDBOX_HOME)])
        if supervisor.stopping.is_set():
            return
        self._say(f"\n  Inkling is ready ({time.monotonic() - began:.1f} s). Sign in once with:\n\n    {sign_in}\n")
        self._say(f"  Later: {base_url}   Data: {settings.HOME}   Logs: {settings.HOME / 'log'}   Ctrl-C stops all.\n")
        supervisor.run()
        self._say("Stopping")

    def _say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()


LOCAL = {"127.0.0.1", "0.0.0.0", "::", "::1", "localhost"}


def collect_if_needed() -> None:
    """Copy the built app to where it is served from, compressed; nothing to do when it is there."""
    from canvas.settings import collected

    if not collected():
        call_command("collectstatic", interactive=False, verbosity=0)


def migrate_if_needed() -> None:
    """Apply migrations that are missing; the check alone is cheap."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0, interactive=False)
    connection.close()


def first_things(base_url: str, demo: bool) -> str:
    """The local owner and workspace, on the first start the demo canvas; returns the one-time sign-in URL."""
    from canvas.accounts.people import local_owner
    from canvas.accounts.signin import issue_signin_url

    owner = local_owner()
    if demo:
        from canvas.demos import ensure_demos

        ensure_demos(owner)
    return issue_signin_url(base_url, owner)
