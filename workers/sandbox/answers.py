"""What hostile code may hand back: read with limits, checked by schema, cleaned; nothing is ever unpickled."""

from __future__ import annotations

import base64
import json
import math
import os
import re
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from workers.kind import CellError
from workers.sandbox.job import is_plain, read_file

ANSWER_LIMIT = 512 * 1024
FIGURE_LIMIT = 8 * 1024 * 1024
TABLE_LIMIT = 2 * 1024**3
FOOTER_LIMIT = 16 * 1024**2
MOST_TRACES = 200
MOST_DEPTH = 20
MOST_TEXT = 5_000
TRACES = frozenset((
    "bar", "box", "contour", "heatmap", "histogram", "histogram2d", "histogram2dcontour", "image", "pie", "scatter",
    "scatterternary", "violin",
))
"""What the browser's chart library can draw."""
_ALIKE = {"scattergl": "scatter", "heatmapgl": "heatmap"}
_NUMBERS = frozenset(("i1", "u1", "i2", "u2", "i4", "u4", "f4", "f8", "u1c"))
_FORBIDDEN = frozenset((
    "template", "images", "source", "src", "updatemenus", "sliders", "frames", "href", "uid", "meta",
))
_TAGS = re.compile(r"<(?!/?(?:b|i|br|sub|sup|em|strong|extra|span)\s*/?>)[^>]*>?", re.IGNORECASE)


class Answer(BaseModel):
    """answer.json of a job; anything else in it is refused."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=True)

    ok: bool
    kind: Literal["table", "figure", "value", "text", "nothing", "columns", ""] = ""
    code: str = Field("", max_length=40, pattern=r"^[a-z_]*$")
    message: str = Field("", max_length=2000)
    line: int | None = Field(None, ge=0, le=1_000_000)
    column: int | None = Field(None, ge=0, le=1_000_000)
    trace: str = Field("", max_length=10_000)
    name: str | None = Field(None, max_length=200)
    rows: int | None = None
    printed: int = 0
    value: bool | int | float | str | None = None
    text: str = Field("", max_length=20_000)
    columns: list[tuple[str, str]] = Field(default_factory=list, max_length=5_000)


def broken(detail: str) -> CellError:
    """The child wrote something no honest child writes."""
    return CellError("bad_answer", "The code left an answer that cannot be read.", detail=detail[:500])


def read_answer(folder: Path) -> Answer:
    """The answer of a job; raises CellError bad_answer."""
    raw = read_file(folder / "out" / "answer.json", ANSWER_LIMIT + 1)
    if raw is None or len(raw) > ANSWER_LIMIT:
        raise broken("answer.json is missing or too large")
    try:
        return Answer.model_validate(_json(raw))
    except (ValidationError, ValueError, RecursionError) as error:
        raise broken(str(error)) from error


def _json(raw: bytes) -> Any:
    return json.loads(raw.decode("utf-8"))


def read_table(folder: Path) -> Path:
    """The path of a job's table after a look at its frame; the engine reads it as it reads any uploaded file."""
    path = folder / "out" / "table.parquet"
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise broken("there is no table") from error
    with os.fdopen(handle, "rb") as file:
        facts = os.fstat(handle)
        if not is_plain(facts) or facts.st_size < 12:
            raise broken("the table is no plain file")
        if facts.st_size > TABLE_LIMIT:
            raise CellError("table_too_large", "The table is larger than 2 GB. Keep fewer rows or columns.")
        head = file.read(4)
        file.seek(-8, os.SEEK_END)
        tail = file.read(8)
    if head != b"PAR1" or tail[4:] != b"PAR1" or int.from_bytes(tail[:4], "little") > FOOTER_LIMIT:
        raise broken("the table is not Parquet")
    return path


def read_figure(folder: Path) -> dict[str, Any]:
    """The figure of a job: known traces, plain numbers, texts without markup; raises CellError."""
    raw = read_file(folder / "out" / "figure.json", FIGURE_LIMIT + 1)
    if raw is None:
        raise broken("there is no figure")
    if len(raw) > FIGURE_LIMIT:
        raise CellError("figure_too_large", "The figure is larger than 8 MB. Aggregate the data before drawing it.")
    try:
        figure = _json(raw)
        traces, layout = figure["data"], figure.get("layout", {})
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise broken(f"the figure is no figure: {error}") from error
    if not isinstance(traces, list) or not isinstance(layout, dict) or not all(isinstance(t, dict) for t in traces):
        raise broken("the figure has no list of traces")
    if len(traces) > MOST_TRACES:
        raise CellError("figure_too_large", f"The figure has {len(traces)} traces; {MOST_TRACES} can be drawn.")
    for trace in traces:
        trace["type"] = _ALIKE.get(str(trace.get("type", "scatter")), trace.get("type", "scatter"))
        if str(trace.get("type", "scatter")) not in TRACES:
            raise CellError("figure_unknown", f"Figures of type {str(trace.get('type'))[:40]} cannot be drawn here.")
    return {"data": [clean(t) for t in traces], "layout": clean(layout)}


def clean(value: Any, depth: int = 0) -> Any:
    """A part of a figure without links, markup, infinities and foreign addresses."""
    if depth > MOST_DEPTH:
        raise broken("the figure is nested too deep")
    if isinstance(value, dict):
        if "bdata" in value:
            return _packed(value)
        return {str(k)[:200]: clean(v, depth + 1) for k, v in value.items() if str(k).lower() not in _FORBIDDEN}
    if isinstance(value, list):
        return [clean(v, depth + 1) for v in value]
    if isinstance(value, str):
        return _TAGS.sub("", value)[:MOST_TEXT]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, int | float | bool) else None


def _packed(value: dict[str, Any]) -> dict[str, Any]:
    """A packed array of numbers: {dtype, bdata, shape?}."""
    kind, data, shape = value.get("dtype"), value.get("bdata"), value.get("shape")
    if kind not in _NUMBERS or not isinstance(data, str):
        raise broken("a packed array is malformed")
    try:
        base64.b64decode(data, validate=True)
    except ValueError as error:
        raise broken("a packed array is malformed") from error
    kept: dict[str, Any] = {"dtype": kind, "bdata": data}
    if isinstance(shape, str) and re.fullmatch(r"[0-9, ]{1,40}", shape):
        kept["shape"] = shape
    return kept


def marks_of(figure: dict[str, Any]) -> int:
    """About how many marks a figure draws."""
    total = 0
    for trace in figure["data"]:
        sizes = [_length(v) for k, v in trace.items() if k in ("x", "y", "z", "values", "labels", "r", "theta")]
        total += max(sizes, default=1)
    return total


def _length(value: Any) -> int:
    if isinstance(value, list):
        return sum(_length(v) for v in value) if value and isinstance(value[0], list) else len(value)
    if isinstance(value, dict) and "bdata" in value:
        return len(value["bdata"]) * 3 // 4 // int(value["dtype"][1])
    return 1
