"""Rings a canvas's Redis channel after a commit; a lost ring is made good by the safety poll."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import redis
from django.conf import settings

log = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def _client(url: str) -> redis.Redis:
    """One pooled client a process; short time limits, since a web request must not wait for a dead Redis."""
    return redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1)


def publish(canvas_id: uuid.UUID | str, *messages: Mapping[str, Any]) -> bool:
    """Send messages, in one trip, to everyone who watches the canvas. Returns False, and logs, when Redis is away."""
    try:
        with _client(settings.REDIS_URL).pipeline(transaction=False) as pipe:
            for message in messages:
                pipe.publish(f"canvas:{canvas_id}", json.dumps(message))
            pipe.execute()
    except (redis.RedisError, OSError) as error:
        log.warning("doorbell not rung: %s", type(error).__name__, extra={"canvas_id": canvas_id})
        return False
    return True
