"""The Celery app with a database: sends runs to the pools, and in the orchestrating worker lands, advances and sweeps."""

from __future__ import annotations

import os
import threading

import django
from celery import Celery
from celery.signals import worker_ready, worker_shutting_down

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "canvas.settings")

from django.apps import apps
from django.conf import settings as django_settings

from workers.celery import settings

if not apps.ready and not apps.app_configs:
    django.setup()

app = Celery("canvas", include=["canvas.runs.tasks"])
app.conf.update(settings(django_settings.REDIS_URL), task_default_queue="orchestrate", broker_connection_timeout=2)

_closing = threading.Event()


@worker_ready.connect  # type: ignore[untyped-decorator]
def start_sweeping(sender: object = None, **_: object) -> None:
    """Sweep from a thread of the orchestrating worker: no schedule file, and a busy pool cannot delay it."""
    if getattr(getattr(sender, "app", None), "main", "") != app.main:
        return
    from canvas.runs.sweep import keep_sweeping

    threading.Thread(target=keep_sweeping, args=(_closing,), name="sweep", daemon=True).start()


@worker_shutting_down.connect  # type: ignore[untyped-decorator]
def stop_sweeping(**_: object) -> None:
    """Let the thread end with its worker."""
    _closing.set()
