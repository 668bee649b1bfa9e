"""`celery -A tests.runs.slow_workers`: the compute workers, with the kinds of these tests."""

from tests.runs import slow_kinds
from workers.celery import app

slow_kinds.install()
__all__ = ["app"]
