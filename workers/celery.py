"""The Celery app of the compute workers, configured from the environment only: no Django, no database."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init, worker_process_init

DEFAULT_REDIS = "redis://127.0.0.1:6379/0"


def redis_url() -> str:
    """REDIS_URL as redis-py reads it."""
    return os.environ.get("REDIS_URL", DEFAULT_REDIS)


def broker_url(url: str) -> str:
    """The same address as Kombu spells it: unix:///path?db=0 becomes redis+socket:///path?virtual_host=0."""
    if not url.startswith("unix://"):
        return url
    path, _, query = url.removeprefix("unix://").partition("?")
    return f"redis+socket://{path}" + (f"?{query.replace('db=', 'virtual_host=')}" if query else "")


def settings(url: str) -> dict[str, Any]:
    """Celery settings that every app of the project shares."""
    address = broker_url(url)
    return {
        "broker_url": address,
        "result_backend": address,
        "task_serializer": "json", "result_serializer": "json", "accept_content": ["json"],
        "result_expires": 300,
        # A message is a doorbell: the run's row is the truth, so it is acked at once and a lost one is swept up.
        "task_acks_late": False, "worker_prefetch_multiplier": 1, "task_ignore_result": True,
        "task_default_queue": "interactive", "broker_connection_retry_on_startup": True,
        "broker_transport_options": {"visibility_timeout": 43_200, "socket_timeout": None, "socket_keepalive": True},
        "redis_socket_timeout": None, "redis_backend_health_check_interval": 30,
        "worker_hijack_root_logger": False, "worker_send_task_events": False, "task_send_sent_event": False,
        "worker_cancel_long_running_tasks_on_connection_loss": False,
    }


app = Celery("workers", include=["workers.tasks"])
app.conf.update(settings(redis_url()))


def queues() -> set[str]:
    """The queues this worker takes from."""
    return set(app.amqp.queues.consume_from)


@worker_init.connect  # type: ignore[untyped-decorator]
def load(sender: Any = None, **_: object) -> None:
    """Import the libraries before the pool forks: its processes share them, and a new one is ready at once."""
    if getattr(sender, "app", None) is app:
        from workers import resolve, trials

        if queues() & {trials.QUEUE, trials.SEARCHES}:
            trials.load()
        if queues() != {trials.QUEUE}:
            resolve.load()


@worker_process_init.connect  # type: ignore[untyped-decorator]
def warm(**_: object) -> None:
    """Open the engine after the fork and start the watcher, so that the first query a person makes is fast."""
    from workers import tasks

    tasks.start_process()
