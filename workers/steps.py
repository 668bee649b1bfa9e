"""Steps on their way out: numbered, clean JSON, kept in the store, at most four a second published."""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel

from workers.events import INLINE_VIEW_LIMIT, CellStatus, CellStep
from workers.kind import Step
from workers.store import Store

STEP_GAP = 0.25
"""Seconds between published steps after the first one: at most four a second reach a browser."""

Emit = Callable[[BaseModel], None]


class StepStream:
    """Numbers steps, keeps the newest in the store, and publishes at most four a second after the first.

    The first `shown` are only numbered: they were out already.
    """

    def __init__(self, cell: str, fingerprint: str, run: str, canvas: str, store: Store, emit: Emit,
                 started: float, shown: int = 0) -> None:
        self.cell, self.fingerprint, self.run, self.canvas = cell, fingerprint, run, canvas
        self.emit = emit
        self.rows: int | None = None
        self.final = False
        self._store, self._started = store, started
        self._number, self._again, self._next = 0, shown, 0.0
        self._pending: Step | None = None
        self._timer: threading.Timer | None = None
        self._lock = threading.RLock()

    def push(self, step: Step, *, final: bool) -> None:
        """Publish a step now, or shortly if another one was just published; a newer step replaces a waiting one."""
        with self._lock:
            if self._again and not final:
                # These were out before the run was put back.
                self._number, self._again = self._number + 1, self._again - 1
                return
            wait = self._next - time.monotonic()
            if final or wait <= 0:
                self._forget()
                self._publish(step, final)
                return
            self._pending = step
            if self._timer is None:
                self._timer = threading.Timer(wait, self._late)
                self._timer.daemon = True
                self._timer.start()

    def close(self) -> None:
        """Publish what still waits (the partial answer a stopped run leaves behind)."""
        self._late()

    def _late(self) -> None:
        with self._lock:
            step = self._pending
            self._forget()
            if step is not None:
                self._publish(step, False)

    def _forget(self) -> None:
        self._pending = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _publish(self, step: Step, final: bool) -> None:
        if not step.view and not final:
            # Progress without anything to show yet: the gauge moves, the last result stays.
            self._next = time.monotonic() + STEP_GAP
            self.emit(CellStatus(cell=self.cell, fingerprint=self.fingerprint, state="running", run=self.run,
                                 fraction=round(step.fraction, 4), reason=step.note))
            return
        self._number += 1
        self._next = time.monotonic() + STEP_GAP
        self.rows = step.rows if step.rows is not None else self.rows
        view, inline = json_view(step.view)
        event = CellStep(
            cell=self.cell, fingerprint=self.fingerprint, run=self.run, step=self._number, final=final,
            fraction=1.0 if final else min(max(step.fraction, 0.0), 1.0), view=inline, rows=step.rows,
            columns=len(view["columns"]) if view.get("type") == "table" else None,
            interval=step.interval, note=step.note, elapsed_ms=round((time.perf_counter() - self._started) * 1000, 1),
            finished_at=time.time() if final else None,
            view_ref=None if inline is not None else
            f"/api/canvases/{self.canvas}/cells/{self.cell}/view?fingerprint={self.fingerprint}")
        kept = {**event.model_dump(), "view": view}
        if final or inline is None:
            # What is called final, and what a browser will fetch, is on disk before anybody hears of it.
            self._store.put_step(self.fingerprint, kept)
            self.final = self.final or final
            self.emit(event)
        else:
            self.emit(event)
            self._store.put_step(self.fingerprint, kept)


def json_view(view: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """A view as clean JSON, and what of it rides inline: a table sheds rows to fit 64 KB, else None."""
    try:
        text = json.dumps(view, allow_nan=False, ensure_ascii=False)
    except ValueError:
        view = _finite(view)
        text = json.dumps(view, allow_nan=False, ensure_ascii=False)
    clean: dict[str, Any] = json.loads(text)
    inline, size = clean, len(text.encode())
    while size > INLINE_VIEW_LIMIT - 2048 and inline.get("type") == "table" and len(inline["rows"]) > 10:
        # The browser reads the rest from the pages, so the first rows are enough to paint at once.
        inline = {**inline, "rows": inline["rows"][: len(inline["rows"]) // 2]}
        size = len(json.dumps(inline, ensure_ascii=False).encode())
    return clean, inline if size <= INLINE_VIEW_LIMIT - 2048 else None


def _finite(value: Any) -> Any:
    """JSON has no NaN or infinity; a missing number is null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {k: _finite(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(v) for v in value]
    return value
