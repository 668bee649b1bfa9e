"""Short questions to what lies outside: which tables a database has, whether a web address has something newer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workers.engine.connect.addresses import url_policy
from workers.engine.connect.databases import tables
from workers.engine.connect.fetch import look
from workers.store import Store


def answer(spec: Mapping[str, Any], store: Store) -> dict[str, Any]:
    """{"ask": "tables", "token", "sealed"} gives {"tables"}; {"ask": "newer", "url", "known"} gives {"changed"}."""
    if spec["ask"] == "tables":
        return {"tables": tables(str(spec["token"]), str(spec.get("sealed", "")), store)}
    address = str(spec["url"])
    found = look(address if "://" in address else f"https://{address}", url_policy(), spec["known"])
    return {"changed": found.changed}
