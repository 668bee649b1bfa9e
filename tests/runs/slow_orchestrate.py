"""`celery -A tests.runs.slow_orchestrate`: the orchestrating worker, with the kinds of these tests."""

from canvas.celery import app
from tests.runs import slow_kinds

slow_kinds.install()
__all__ = ["app"]
