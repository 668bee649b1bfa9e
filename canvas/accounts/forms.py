"""Names people choose: what sign-up asks besides allauth's fields, and a guest's name."""

from __future__ import annotations

import unicodedata

from django import forms
from django.http import HttpRequest

from canvas.accounts.models import User


def clean_name(name: str) -> str:
    """One line without control or direction-changing characters; two names must not look alike by tricks."""
    kept = "".join(c for c in unicodedata.normalize("NFC", name) if unicodedata.category(c)[0] != "C")
    return " ".join(kept.split())


class NameForm(forms.Form):
    """What sign-up asks besides address and password."""

    name = forms.CharField(max_length=80, label="Your name", widget=forms.TextInput(attrs={"autocomplete": "name"}))
    field_order = ("name", "email", "password1")

    def clean_name(self) -> str:
        """The name as others will see it."""
        name = clean_name(self.cleaned_data["name"])
        if not name:
            raise forms.ValidationError("Enter a name that others can read.")
        return name

    def signup(self, request: HttpRequest, user: User) -> None:
        """The adapter has stored it already."""


class GuestForm(NameForm):
    """What a link asks of someone who has no account."""

    name = forms.CharField(max_length=40, label="Your name",
                           widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True}))
