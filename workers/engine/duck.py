"""The engine host: one warm DuckDB a process, opened after the fork, with limits, interrupts and typed errors."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workers.engine.manifest import SQL_TYPES, Manifest, read_manifest
from workers.engine.ops import Inline, OpNode, Stored
from workers.kind import CellError

Locate = Callable[[str], Path]
"""Directory of a stored table, by fingerprint."""

EXACT = "exact"


class Cancelled(Exception):
    """The run was interrupted; not a failure."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one process may take; the defaults suit two engines on a small machine."""

    threads: int = 2
    memory: str = "1GB"
    spill: str = "20GB"


@dataclass(frozen=True, slots=True)
class Rows:
    """A fetched result: names and tuples."""

    names: list[str]
    rows: list[tuple[Any, ...]]


class Scratch:
    """A folder to spill into, locked while its process lives; what killed processes left in theirs is removed first."""

    def __init__(self) -> None:
        home = Path(tempfile.gettempdir()) / f"inkling-engines-{os.getuid()}"
        home.mkdir(mode=0o700, exist_ok=True)
        for old in home.iterdir():
            with suppress(OSError), (old / "lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(old, ignore_errors=True)
        # Made under another name: one that is not locked yet must not look like one that was left behind.
        made = Path(tempfile.mkdtemp(prefix="engine-"))
        self._lock = (made / "lock").open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self.folder = made.rename(home / made.name)

    def close(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self._lock.close()


def sql_text(value: str) -> str:
    """A text literal."""
    return "'" + value.replace("'", "''") + "'"


def sql_name(value: str) -> str:
    """A quoted identifier."""
    return '"' + value.replace('"', '""') + '"'


class Engine:
    """Runs SQL over stored tables. Cursors are per query; views over Parquet are made once."""

    def __init__(self, locate: Locate, limits: Limits = Limits()) -> None:
        import duckdb

        self.pid = os.getpid()
        self.locate, self.limits = locate, limits
        self._scratch = Scratch()
        self._connection = duckdb.connect(
            config={
                "threads": limits.threads,
                "memory_limit": limits.memory,
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
                "allow_community_extensions": "false",
            }
        )
        for statement in (
            f"SET temp_directory = {sql_text(str(self._scratch.folder))}",
            f"SET max_temp_directory_size = {sql_text(limits.spill)}",
            "SET parquet_metadata_cache = true",
            "SET python_enable_replacements = false",
            "SET TimeZone = 'UTC'",
            "SET enable_progress_bar = true",
            "SET enable_progress_bar_print = false",
        ):
            self._connection.execute(statement)
        self._lock = threading.Lock()
        self._views: set[str] = set()
        self._manifests: dict[str, Manifest] = {}
        self._running: dict[str, set[Any]] = {}
        self._cancelled: set[str] = set()
        self._scopes: dict[str, int] = {}
        self._scope = threading.local()

    def close(self) -> None:
        """Free memory and the spill directory."""
        self._connection.close()
        self._scratch.close()

    def manifest(self, fingerprint: str) -> Manifest:
        """The manifest of a stored table, kept in memory since tables are immutable."""
        if fingerprint not in self._manifests:
            if len(self._manifests) > 5_000:
                self._manifests.clear()
            self._manifests[fingerprint] = read_manifest(self.locate(fingerprint))
        return self._manifests[fingerprint]

    @contextmanager
    def run_scope(self, run: str) -> Iterator[None]:
        """Queries of this thread inside the block belong to `run`, so that `interrupt(run)` reaches them."""
        before = getattr(self._scope, "run", "")
        self._scope.run = run
        with self._lock:
            self._scopes[run] = self._scopes.get(run, 0) + 1
        try:
            yield
        finally:
            self._scope.run = before
            with self._lock:
                self._scopes[run] -= 1
                # Several threads may work for one run: it is over with the last of them.
                if not self._scopes[run]:
                    del self._scopes[run]
                    self._cancelled.discard(run)

    def interrupt(self, run: str | None = None) -> None:
        """Stop what a run does, now and next; without a run, whatever is running. Safe from any thread."""
        with self._lock:
            if run is not None:
                self._cancelled.add(run)
                if len(self._cancelled) > 10_000:
                    self._cancelled = {run}
        if self._press(run):
            # DuckDB forgets an interrupt that comes just before a statement starts, so it is pressed until it takes.
            threading.Thread(target=self._keep_pressing, args=(run,), name="interrupt", daemon=True).start()

    def _press(self, run: str | None) -> bool:
        with self._lock:
            hit = [c for r, cursors in self._running.items() if run in (None, r) for c in cursors]
            for cursor in hit:
                cursor.interrupt()
        return bool(hit) and run is not None

    def _keep_pressing(self, run: str) -> None:
        for _ in range(600):
            time.sleep(0.05)
            with self._lock:
                stopped = run not in self._cancelled
            if stopped or not self._press(run):
                return

    @contextmanager
    def cursor(self) -> Iterator[Any]:
        """A cursor that `interrupt` reaches; errors inside become CellError or Cancelled."""
        run = getattr(self._scope, "run", "")
        with self._lock:
            if run in self._cancelled:
                raise Cancelled(run)
            cursor = self._connection.cursor()
            self._running.setdefault(run, set()).add(cursor)
        try:
            yield cursor
        except (CellError, Cancelled):
            raise
        except Exception as error:
            raise self._explain(error) from error
        finally:
            with self._lock:
                self._running[run].discard(cursor)
                if not self._running[run]:
                    del self._running[run]
            cursor.close()

    def give_way(self, seconds: float) -> None:
        """Leave the CPU to what people wait for; raises Cancelled as soon as this thread's run is interrupted."""
        run, until = getattr(self._scope, "run", ""), time.monotonic() + seconds
        while True:
            with self._lock:
                if run in self._cancelled:
                    raise Cancelled(run)
            if (left := until - time.monotonic()) <= 0:
                return
            time.sleep(min(left, 0.02))

    def fetch(self, sql: str, parameters: Sequence[Any] = ()) -> Rows:
        """Run one statement and fetch everything."""
        with self.cursor() as cursor:
            result = cursor.execute(sql, list(parameters)) if parameters else cursor.execute(sql)
            names = [d[0] for d in result.description or ()]
            return Rows(names, result.fetchall())

    def arrow(self, sql: str) -> Any:
        """Run one statement and give a pyarrow Table."""
        with self.cursor() as cursor:
            return cursor.sql(sql).to_arrow_table()

    def bind(self, sql: str, names: Sequence[tuple[OpNode, str]], level: str = EXACT) -> str:
        """Point the views in compiled SQL at a sample level, making views that are not there yet."""
        for source, name in names:
            target = self._ensure_view(source, name, level)
            if target != name:
                sql = sql.replace(sql_name(name), sql_name(target))
        return sql

    def _ensure_view(self, source: OpNode, name: str, level: str) -> str:
        target = f"{level}_{name}"
        if level == EXACT or not isinstance(source, Stored) or not self._has_level(source, target):
            level, target = EXACT, name
        with self._lock:
            if target not in self._views:
                body = inline_sql(source) if isinstance(source, Inline) else self._files(source, level)
                cursor = self._connection.cursor()
                try:
                    cursor.execute(f"CREATE OR REPLACE VIEW {sql_name(target)} AS {body}")
                except Exception as error:
                    raise self._explain(error) from error
                finally:
                    cursor.close()
                self._views.add(target)
        return target

    def _has_level(self, source: Stored, view: str) -> bool:
        """Whether there are samples; a table too small for them stands for itself, as beside a sampled fact table."""
        return view in self._views or bool(self.manifest(source.fingerprint).samples)

    def _files(self, source: OpNode, level: str) -> str:
        assert isinstance(source, Stored)
        manifest, directory = self.manifest(source.fingerprint), self.locate(source.fingerprint)
        files = list(manifest.parts) if level == EXACT else [s.file for s in manifest.samples if s.name == level]
        if not files:
            raise CellError("result_missing", "The stored table has no such sample. Run the cell again.")
        paths = ", ".join(sql_text(str(directory / f)) for f in files)
        return f"SELECT * FROM read_parquet([{paths}])"

    def drop(self, name: str) -> None:
        """Drop a table of this process, also when the run that made it was told to stop; `name` is quoted."""
        with self._lock:
            cursor = self._connection.cursor()
        try:
            cursor.execute(f"DROP TABLE IF EXISTS {name}")
        finally:
            cursor.close()

    def define_level(self, fingerprint: str, level: str, select: str) -> None:
        """An extra level of a stored table as SQL, with {parts} for its files: seeded draws that test the intervals."""
        name = f"{level}_t_{fingerprint}"
        parts = self._files(Stored(op="stored", fingerprint=fingerprint), EXACT)
        with self.cursor() as cursor:
            cursor.execute(f"CREATE OR REPLACE VIEW {sql_name(name)} AS {select.format(parts=f'({parts})')}")
        with self._lock:
            self._views.add(name)

    def forget(self, fingerprint: str) -> None:
        """Drop what is remembered of a stored table (it was evicted or written again)."""
        with self._lock:
            self._manifests.pop(fingerprint, None)
            self._views = {v for v in self._views if not v.endswith(f"t_{fingerprint}")}

    def _explain(self, error: Exception) -> Exception:
        import duckdb

        text = str(error)
        if isinstance(error, duckdb.InterruptException) or "Query interrupted" in text or "INTERRUPT" in text:
            return Cancelled(text)
        if isinstance(error, duckdb.IOException) and ("No files found" in text or "Cannot open file" in text):
            found = re.search(r"([A-Za-z0-9_-]{16,128})/[^/]+\.parquet", text)
            if found:
                self.forget(found.group(1))
            return CellError("result_missing", "The stored table is gone. Run the cell again.", detail=text[:2000])
        return explain(error)


def explain(error: Exception) -> Exception:
    """A DuckDB error as a CellError in plain words; others unchanged."""
    import duckdb

    text = str(error)
    if isinstance(error, duckdb.OutOfMemoryException):
        return CellError(
            "out_of_memory",
            "This needs more memory than a cell may use. Filter or group the table first.",
            detail=text[:2000],
        )
    if isinstance(error, duckdb.OutOfRangeException):
        return CellError(
            "out_of_range", "A whole number became too large. Use number(…) around the column.", detail=text[:2000]
        )
    if isinstance(error, duckdb.ConversionException):
        found = re.search(r"[Cc]ould not convert string '([^']*)' to (\w+)", text)
        what = (
            f"“{found.group(1)}” does not fit the type {found.group(2).lower()}."
            if found
            else "A value does not fit its type."
        )
        return CellError("type_mismatch", what, detail=text[:2000])
    if isinstance(error, duckdb.Error):
        return CellError(
            "query_failed", "The table could not be computed: " + text.strip().splitlines()[0][:300], detail=text[:2000]
        )
    return error


def inline_sql(source: Inline) -> str:
    """A written-out table as a SELECT."""
    casts = ", ".join(
        f"CAST(c{i} AS {SQL_TYPES[c.type]}) AS {sql_name(c.name)}" for i, c in enumerate(source.columns)
    )
    names = ", ".join(f"c{i}" for i in range(len(source.columns)))
    if not source.rows:
        nulls = ", ".join("NULL" for _ in source.columns)
        return f"SELECT {casts} FROM (VALUES ({nulls})) t({names}) WHERE false"
    rows = ", ".join("(" + ", ".join(_literal(v) for v in row) + ")" for row in source.rows)
    return f"SELECT {casts} FROM (VALUES {rows}) t({names})"


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, (int, float)) else sql_text(str(value))


_STATE: dict[str, Any] = {"engine": None, "locate": None, "limits": Limits()}
_STATE_LOCK = threading.Lock()


def use_store(locate: Locate, limits: Limits = Limits()) -> None:
    """Tell this process where stored tables lie; called at worker start, before or after the fork."""
    with _STATE_LOCK:
        current: Engine | None = _STATE["engine"]
        if current is not None and current.pid == os.getpid():
            if current.locate == locate and current.limits == limits:
                return
            current.close()
        _STATE.update(engine=None, locate=locate, limits=limits)


def engine() -> Engine:
    """The engine of this process, opened on first use and again after a fork."""
    with _STATE_LOCK:
        current: Engine | None = _STATE["engine"]
        if current is None or current.pid != os.getpid():
            current = Engine(_STATE["locate"] or _nowhere, _STATE["limits"])
            _STATE["engine"] = current
        return current


def interrupt(run: str | None = None) -> None:
    """Stop a run's queries in this process, if an engine is open."""
    current: Engine | None = _STATE["engine"]
    if current is not None and current.pid == os.getpid():
        current.interrupt(run)


def _nowhere(fingerprint: str) -> Path:
    raise CellError("result_missing", "No store is open in this process.")
