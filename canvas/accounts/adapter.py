"""Our answers to allauth: who may sign up, and that a new account has a workspace."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest

from canvas.accounts.models import User
from canvas.accounts.people import ensure_workspace


class AccountAdapter(DefaultAccountAdapter):
    """What allauth asks the project."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """SIGNUP=closed shuts the door."""
        return settings.SIGNUP == "open"

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """Store name and address in lower case, then make the workspace."""
        user.name = form.cleaned_data.get("name", "")
        user = super().save_user(request, user, form, commit=False)
        user.email = user.email.lower()
        if commit:
            user.save()
            ensure_workspace(user)
        return user
