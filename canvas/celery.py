"""The Celery app that knows the database: sends runs to the pools, and lands them in the orchestrating worker."""

from __future__ import annotations

import os

import django
from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "canvas.settings")

from django.apps import apps
from django.conf import settings as django_settings

from workers.celery import settings

if not apps.ready and not apps.app_configs:
    django.setup()

app = Celery("canvas", include=["canvas.runs.tasks"])
app.conf.update(settings(django_settings.REDIS_URL), task_default_queue="orchestrate", broker_connection_timeout=2)
