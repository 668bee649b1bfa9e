"""How often someone may do something: counts per address or actor in the shared cache."""

from __future__ import annotations

import time

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest


def over_limit(request: HttpRequest, what: str, times: int, seconds: int, key: str | None = None) -> bool:
    """Count one try; True when there were more than `times` in this window of `seconds` (by address unless `key`)."""
    who = key or get_adapter().get_client_ip(request)
    slot = f"rate:{what}:{who}:{int(time.time() // seconds)}"
    if cache.add(slot, 1, timeout=seconds):
        return False
    try:
        return cache.incr(slot) > times
    except ValueError:
        return False
