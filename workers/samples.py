"""The tables that come with the program, as pages and pickers list them; light to import."""

from __future__ import annotations

from typing import Any

from workers.engine.samples import find
from workers.engine.samples import samples as present


def samples() -> list[dict[str, Any]]:
    """Name, title, about, rows, columns and version of each sample; its source is "sample:<name>"."""
    return present()


def token_of(source: str) -> str:
    """The token of "sample:<name>": its version makes the fingerprint. Raises CellError for an unknown one."""
    name = source.removeprefix("sample:")
    return f"sample:{name}:{find(name).version}"
