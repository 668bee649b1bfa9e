"""Django's registration of the runs app."""

from django.apps import AppConfig


class RunsApp(AppConfig):
    """The runs app."""

    name = "canvas.runs"
    label = "runs"
    default_auto_field = "django.db.models.BigAutoField"
