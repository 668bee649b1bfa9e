"""Django's registration of the sharing app."""

from django.apps import AppConfig


class SharingApp(AppConfig):
    """The sharing app."""

    name = "canvas.sharing"
    label = "sharing"
    default_auto_field = "django.db.models.BigAutoField"
