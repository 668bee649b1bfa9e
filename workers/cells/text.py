"""Write a note in Markdown beside the cells it explains.

Headings, lists, links and emphasis work as usual. Notes take no input and give none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import Field

from workers.kind import CellKind, Params, Step


class TextParams(Params):
    """The text itself arrives as `code`: people write it together in the cell, not in the form."""

    code: str = Field("", title="Text", json_schema_extra={"hidden": True})


class Kind(CellKind):
    """Markdown shown as it is."""

    name, title, group, icon, shortcut = "text", "Text", "Explore", "type", "T"
    params = TextParams
    view, size, code = "markdown", (320, 160), "markdown"
    computes = False

    def compute(self, params: TextParams) -> Iterator[Step]:
        """The text."""
        yield Step(view={"type": "markdown", "text": params.code})

    def example(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """A small note."""
        return {"code": "## Late flights\n\nDelays grow through the day; see the **chart** on the right."}, {}
