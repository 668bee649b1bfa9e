"""Django's registration of the accounts app."""

from django.apps import AppConfig


class AccountsApp(AppConfig):
    """The accounts app."""

    name = "canvas.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks."""
        from canvas.security import checks  # noqa: F401
