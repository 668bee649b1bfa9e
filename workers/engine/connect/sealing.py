"""Sealed envelopes: credentials as AES-256-GCM, bound to whom they belong; a key may be replaced by a newer one."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Mapping
from typing import Any

from workers.kind import CellError


def keys() -> list[bytes]:
    """The keys of this process, newest first; none where no server handed them over."""
    return [bytes.fromhex(word) for word in os.environ.get("CONNECTION_KEYS", "").split(",") if word.strip()]


def owner_of(token: str) -> str:
    """Whom the envelope of a source token belongs to: the connection, on whichever canvas it is used."""
    return ":".join(token.split(":")[:3])


def seal(value: Mapping[str, Any], owner: str, ring: list[bytes]) -> str:
    """An envelope only the same owner's name opens. `owner` is no secret; it binds the envelope to its row."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(12)
    body = AESGCM(ring[0]).encrypt(nonce, json.dumps(value).encode(), owner.encode())
    return f"1.{_name(ring[0])}.{base64.urlsafe_b64encode(nonce + body).decode()}"


def opened(envelope: str, owner: str, ring: list[bytes]) -> dict[str, Any]:
    """What is in an envelope. Raises CellError sealed when it is another owner's, damaged, or its key is gone."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        version, name, text = envelope.split(".")
        key = next(k for k in ring if version == "1" and _name(k) == name)
        raw = base64.urlsafe_b64decode(text)
        value: dict[str, Any] = json.loads(AESGCM(key).decrypt(raw[:12], raw[12:], owner.encode()))
        return value
    except (ValueError, StopIteration, InvalidTag):
        raise CellError("sealed", "The saved password can no longer be read. Edit the connection and enter it again.",
                        param="source") from None


def _name(key: bytes) -> str:
    """Which key it is, without telling anything of it."""
    return hashlib.sha256(b"name" + key).hexdigest()[:8]
