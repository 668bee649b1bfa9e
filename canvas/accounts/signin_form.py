"""allauth's sign-in form with our words, apart from forms.py, which allauth imports while it builds its own."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm


class SignInForm(LoginForm):
    """allauth's form with our words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = "E-mail"
        self.fields["password"].label = "Password"
        self.fields["password"].help_text = ""
        for name in ("login", "password"):
            # The label says it already, and a placeholder goes away just when one needs it.
            self.fields[name].widget.attrs.pop("placeholder", None)
