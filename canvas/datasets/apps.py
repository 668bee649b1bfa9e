"""Django's registration of the datasets app."""

from django.apps import AppConfig


class DatasetsApp(AppConfig):
    """The datasets app."""

    name = "canvas.datasets"
    label = "datasets"
    default_auto_field = "django.db.models.BigAutoField"
