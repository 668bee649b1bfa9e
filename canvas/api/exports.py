"""/api/canvases/{id}/…/exports: a cell's table as CSV, Excel or Parquet, streamed while a worker writes it."""

from __future__ import annotations

import asyncio
import csv
import io
import re
import time
import unicodedata
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any, Literal

from django.conf import settings
from django.core.cache import cache
from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header
from ninja import Router, Status
from pydantic import Field

from canvas import access
from canvas.api.cells import CellId, owned
from canvas.api.entry import Asked, Body
from canvas.api.errors import Problem
from canvas.api.reading import lineage
from canvas.runs import dispatch
from canvas.security.rates import over_limit
from workers.engine.exporting import guarded
from workers.store import Store

router = Router()
TYPES = {"csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet",
         "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
FIRST_BYTES = 8.0
"""Seconds to wait for the first bytes, so that what cannot be exported is said instead of a broken download."""
LONGEST = 1800.0
CHUNK = 1 << 18


class Wanted(Body):
    """Which result, as what, and under which name; `raw` leaves texts that begin like a formula as they are."""

    fingerprint: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    form: Literal["csv", "xlsx", "parquet"]
    name: Annotated[str, Field(max_length=120)] = "table"
    raw: bool = False


@router.post("/{uuid:canvas_id}/cells/{cell}/exports", response={202: dict})
def start(request: Asked, canvas_id: uuid.UUID, cell: CellId, payload: Wanted) -> Status:
    """Have the file written; {"url"} streams it. Whoever may only view gets the rows they see, which are stored."""
    canvas = access.canvas_for(request.actor, canvas_id, "view")
    run = owned(canvas, cell, payload.fingerprint)
    if over_limit(request, "export", 20, 60, request.actor.key):
        raise Problem(429, "too_many", "That is more than 20 exports in a minute. Wait a little.")
    export = uuid.uuid4().hex
    told: dict[str, Any] = {"actor": request.actor.key, "canvas": str(canvas.pk), "form": payload.form,
                            "name": _file_name(payload.name, payload.form), "print": payload.fingerprint,
                            "raw": payload.raw, "task": ""}
    if canvas.role.may("run"):
        spec = {**lineage(canvas, cell, payload.fingerprint, run), "run": export, "cell": cell, "form": payload.form,
                "raw": payload.raw}
        told["task"] = _sent(spec)
        _wait_for_bytes(export, told["task"])
    elif payload.form != "csv" or Store.from_url(settings.STORE_URL).page(payload.fingerprint, 0) is None:
        raise Problem(403, "no_access", "Viewers can take the rows they see as CSV. Ask for the right to run for more.")
    cache.set(f"export:{export}", told, LONGEST)
    return Status(202, {"url": f"/api/canvases/{canvas.pk}/exports/{export}", "name": told["name"],
                        "whole": bool(told["task"])})


@router.get("/{uuid:canvas_id}/exports/{export}")
def stream(request: Asked, canvas_id: uuid.UUID, export: str) -> StreamingHttpResponse:
    """The bytes, to the one who asked for them."""
    canvas = access.canvas_for(request.actor, canvas_id, "view")
    told = cache.get(f"export:{export}") if re.fullmatch(r"[0-9a-f]{32}", export) else None
    if told is None or (told["actor"], told["canvas"]) != (request.actor.key, str(canvas.pk)):
        raise access.NotFound("This download is over. Start it again.")
    body = _growing(export, told["task"]) if told["task"] else _stored(told["print"], told["raw"])
    response = StreamingHttpResponse(body, content_type=TYPES[told["form"]])
    response["Content-Disposition"] = content_disposition_header(True, told["name"])
    response["Cache-Control"] = "private, no-store"
    return response


def _file_name(name: str, form: str) -> str:
    """A file name of what people call the cell."""
    text = "".join(c if unicodedata.category(c)[0] not in "CZ" else " " for c in name)
    return (re.sub(r'[\\/:*?"<>|]+', "-", " ".join(text.split())).strip(" .-") or "table") + f".{form}"


def _sent(spec: dict[str, Any]) -> str:
    from celery.exceptions import OperationalError as CeleryAway
    from kombu.exceptions import OperationalError

    from canvas.celery import app

    try:
        task = app.send_task("workers.tasks.export_table", args=[spec], queue="interactive", expires=LONGEST)
    except (CeleryAway, OperationalError, OSError) as error:
        raise Problem(503, "no_workers", "No worker can be reached. Try again in a moment.") from error
    return str(task.id)


def _outcome(task: str) -> dict[str, Any] | None:
    """What the worker answered, or None while it writes."""
    from canvas.celery import app

    answer = app.AsyncResult(task)
    if not answer.ready():
        return None
    found: dict[str, Any] = answer.result if isinstance(answer.result, dict) else {
        "error": {"code": "broken", "message": "The export broke off. Try again."}}
    return found


def _paths(export: str) -> tuple[Path, Path]:
    path = Store.from_url(settings.STORE_URL).export_path(export)
    return path.with_suffix(".part"), path


def _wait_for_bytes(export: str, task: str) -> None:
    """Return once there is something to send, or after a while; raises Problem for what cannot be exported."""
    until = time.monotonic() + FIRST_BYTES
    while time.monotonic() < until:
        if outcome := _outcome(task):
            if failed := outcome.get("error"):
                raise Problem(409, failed["code"], failed["message"])
            return
        part, _ = _paths(export)
        if part.exists() and part.stat().st_size > 0:
            return
        time.sleep(0.05)


async def _growing(export: str, task: str) -> AsyncIterator[bytes]:
    """Bytes of the file while the worker writes it; a reader who leaves stops the worker."""
    part, whole = _paths(export)
    at, ended = 0, False
    until = time.monotonic() + LONGEST
    try:
        while True:
            outcome = await asyncio.to_thread(_outcome, task)
            chunk, at = await asyncio.to_thread(_read, part, whole, at)
            if chunk:
                yield chunk
            elif outcome is not None:
                ended = True
                if "error" in outcome:
                    # The browser reports a broken download, never a whole file that is not.
                    raise ConnectionAbortedError(outcome["error"]["code"])
                return
            elif time.monotonic() > until:
                raise ConnectionAbortedError("too_slow")
            else:
                await asyncio.sleep(0.1)
    finally:
        if not ended:
            dispatch.cancel([export])
        for path in (part, whole):
            path.unlink(missing_ok=True)


def _read(part: Path, whole: Path, at: int) -> tuple[bytes, int]:
    """The next bytes from a place on, of the finished file if it is there."""
    for path in (whole, part):
        try:
            with path.open("rb") as file:
                file.seek(at)
                chunk = file.read(CHUNK)
                return chunk, at + len(chunk)
        except FileNotFoundError:
            continue
    return b"", at


async def _stored(fingerprint: str, raw: bool) -> AsyncIterator[bytes]:
    """The stored pages as CSV: what a viewer sees, without asking a worker."""
    store, number = Store.from_url(settings.STORE_URL), 0
    while (page := await asyncio.to_thread(store.page, fingerprint, number)) is not None:
        text = io.StringIO()
        lines = csv.writer(text)
        if number == 0:
            lines.writerow([c["name"] if raw else guarded(c["name"]) for c in page["columns"]])
        lines.writerows([guarded(v) if isinstance(v, str) and not raw else v for v in row] for row in page["rows"])
        yield text.getvalue().encode()
        number += 1


