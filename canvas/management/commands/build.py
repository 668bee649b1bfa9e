"""`manage.py build`: bring the browser app up to date."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from canvas.supervisor.frontend import BuildFailed, build


class Command(BaseCommand):
    """Builds static/dist when its sources, lock file or configuration changed."""

    help = "Build the browser app if it is out of date."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """--force builds in any case."""
        parser.add_argument("--force", action="store_true", help="build even when nothing changed")

    def handle(self, *args: Any, **options: Any) -> None:
        """Build, or say that nothing changed."""
        try:
            built = build(settings.ROOT / "static", self.stdout.write, force=options["force"])
        except BuildFailed as failure:
            raise CommandError(str(failure)) from failure
        self.stdout.write("Built static/dist" if built else "The browser app is up to date")
