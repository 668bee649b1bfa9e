"""Snapshots: what a source gave when it was read, kept as raw bytes, so that no version is ever read twice."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable
from typing import Any

from workers.store import RawWriter, Store

DEFAULT_ROOM = 2 * 1024**3


def key_of(token: str, *parts: str) -> str:
    """The name of a snapshot. Its token holds the workspace, so that no other one can name it."""
    return hashlib.sha256(json.dumps([token, *parts]).encode()).hexdigest()


def taken(store: Store, key: str, take: Callable[[RawWriter], dict[str, Any]]) -> dict[str, Any]:
    """The snapshot of that key: kept earlier, else taken now: `take` writes the bytes and says what they are."""
    if known := store.snapshot(key):
        return known
    with store.raw_writer() as writer:
        record = take(writer)
        digest, size = writer.commit()
    record = {**record, "sha256": digest, "bytes": size, "at": round(time.time(), 3)}
    store.put_snapshot(key, record)
    return record


def room(grant: dict[str, Any]) -> int:
    """Bytes one source may bring in: what the workspace has left, at most what a file may have."""
    limit = int(os.environ.get("MAX_UPLOAD", DEFAULT_ROOM))
    return min(limit, int(grant["room"])) if "room" in grant else limit
