"""Columns to sort by, as several kinds take them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, Field

from workers.kind import NeedsSettings
from workers.ports import Column
from workers.preview import column_of


class OrderKey(BaseModel):
    """A column, and which end comes first."""

    column: str | None = Field(None, title="Column", json_schema_extra={"picker": "column", "of": "table", "types": []})
    descending: bool = Field(False, title="Largest first")


def order_of(keys: Sequence[OrderKey], columns: Sequence[Column], param: str) -> list[dict[str, Any]]:
    """The keys as the sort ops take them; raises NeedsSettings for one without a column."""
    if any(not key.column for key in keys):
        raise NeedsSettings("Pick a column to sort by", missing=("Sort by",))
    return [{"column": column_of(key.column or "", columns, param).name, "descending": key.descending} for key in keys]
