"""Django's registration of the documents app."""

from django.apps import AppConfig


class DocumentsApp(AppConfig):
    """The documents app."""

    name = "canvas.documents"
    label = "documents"
    default_auto_field = "django.db.models.BigAutoField"
