"""What a browser is told about cells: status, schema, step, failure, diagnostics; one tagged union."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

State = Literal[
    "not_run", "needs_settings", "queued", "running", "partial", "done", "cached", "stale", "error", "stopped",
    "blocked",
]


class Fix(BaseModel):
    """A repair offered as a button: the params to set, and the words on it."""

    label: str = ""
    params: dict[str, Any] = Field(default_factory=dict)


class CellStatus(BaseModel):
    """A cell changed state. `fingerprint` names what the state is about; `reason` says why, in the user's words."""

    type: Literal["cell_status"] = "cell_status"
    cell: str
    fingerprint: str
    state: State
    rev: int = 0
    run: str | None = None
    fraction: float | None = None
    reason: str = ""
    missing: list[str] = Field(default_factory=list)
    fix: Fix | None = None
    estimate_ms: float | None = None


class ColumnInfo(BaseModel):
    """Name and type word of a column."""

    name: str
    type: str


class CellSchema(BaseModel):
    """The columns each table output of a cell has, known before it ran."""

    type: Literal["cell_schema"] = "cell_schema"
    cell: str
    fingerprint: str
    outputs: dict[str, list[ColumnInfo]]


class CellStep(BaseModel):
    """A better answer of a cell. `view` rides inline up to 64 KB, else `view_ref` names a URL path to fetch."""

    type: Literal["cell_step"] = "cell_step"
    cell: str
    fingerprint: str
    run: str
    step: int
    final: bool
    fraction: float
    view: dict[str, Any] | None = None
    view_ref: str | None = None
    rows: int | None = None
    columns: int | None = None
    interval: str = ""
    note: str = ""
    elapsed_ms: float = 0.0
    finished_at: float | None = None


class Place(BaseModel):
    """Where in a cell's code an error lies, counted from 1."""

    line: int
    column: int = 1


class CellFailed(BaseModel):
    """A run of a cell ended in a typed error; `fix` repairs params in one click."""

    type: Literal["cell_failed"] = "cell_failed"
    cell: str
    fingerprint: str
    run: str | None = None
    code: str
    message: str
    param: str | None = None
    fix: Fix | None = None
    detail: str = ""
    place: Place | None = None


class Diagnostics(BaseModel):
    """What the projection dropped or flagged: reasons by cell id and by edge id (replaces the earlier set)."""

    type: Literal["diagnostics"] = "diagnostics"
    cells: dict[str, list[str]]
    edges: dict[str, list[str]]


Event = Annotated[CellStatus | CellSchema | CellStep | CellFailed | Diagnostics, Field(discriminator="type")]

INLINE_VIEW_LIMIT = 64 * 1024
"""Bytes of JSON up to which a view rides inside its event."""
