"""`manage.py demo`: make a demo canvas."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from canvas.accounts.models import User
from canvas.accounts.people import local_owner
from canvas.demos import DEMOS, make_demo


class Command(BaseCommand):
    """Adds a demo canvas for the local owner, or for the person with the given e-mail address."""

    help = "Make a demo canvas: " + ", ".join(f"{name} (“{demo.name}”)" for name, demo in DEMOS.items())

    def add_arguments(self, parser: CommandParser) -> None:
        """Which one, and whose canvas it will be."""
        parser.add_argument("name", nargs="?", default="delays", choices=list(DEMOS), help="which demo")
        parser.add_argument("--owner", metavar="E-MAIL", help="whose canvas it will be; the local owner if left out")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it and print where it is."""
        email = options["owner"]
        owner = User.objects.filter(email=email.lower()).first() if email else local_owner()
        if owner is None:
            raise CommandError(f"Nobody here has the address {email}.")
        canvas = make_demo(owner, options["name"])
        self.stdout.write(f"/c/{canvas.pk}/")
