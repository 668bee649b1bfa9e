"""`manage.py person ada@example.org --name Ada`: make an account, or let someone back in."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.urls import reverse

from canvas.accounts.forms import clean_name
from canvas.accounts.models import User
from canvas.accounts.people import new_person


class Command(BaseCommand):
    """Prints an address at which the person sets a password, once."""

    help = "Make an account, or a new way in for one: prints an address at which the person sets a password."

    def add_arguments(self, parser: CommandParser) -> None:
        """Who."""
        parser.add_argument("email")
        parser.add_argument("--name", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the account if there is none, then print the address."""
        email = options["email"].strip().lower()
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(f"{email} is not an e-mail address") from error
        user = User.objects.filter(email=email).first() or new_person(email, clean_name(options["name"])[:80])
        parts = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
        base = settings.PUBLIC_URL or "http://localhost:8000"
        self.stdout.write(f"{base}{reverse('account_reset_password_from_key', kwargs=parts)}")
