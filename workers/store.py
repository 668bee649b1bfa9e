"""Content-addressed results on disk: raw bytes, Parquet, views, pages; leases and eviction."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO
from urllib.parse import unquote, urlsplit

LEASE_SECONDS = 60.0
"""How long a lease guards a result against eviction unless it is renewed."""

EXPORT_SECONDS = 3600.0
"""How long a file made for a download may lie."""

DEFAULT_BUDGET = 40 * 1024**3
"""Bytes of results kept by `Store.evict` when nothing else is said."""

MODEL = "best.model.json"
"""The file that says a model of a result is there, moved in last."""


class BadName(ValueError):
    """A fingerprint, hash or file name that could leave the store."""


def _checked(digest: str) -> str:
    # Names reach us from URLs and task messages; hex only, so that no path can be built from them.
    if not 16 <= len(digest) <= 64 or not set(digest) <= set("0123456789abcdef"):
        raise BadName(f"not a digest: {digest[:80]!r}")
    return digest


def _fsync_dir(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class RawWriter:
    """Receives bytes as they arrive, hashes them, and keeps them under their hash on `commit`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        handle, name = tempfile.mkstemp(dir=store.temporary, prefix="raw-")
        self._file: BinaryIO | None = os.fdopen(handle, "wb")
        self._path = Path(name)
        self._hash = hashlib.sha256()
        self.size = 0
        self.folder = store.temporary
        """Where more temporary files may lie."""

    def write(self, chunk: bytes) -> None:
        """Append bytes."""
        if self._file is None:
            raise ValueError("the upload is already closed")
        self._file.write(chunk)
        self._hash.update(chunk)
        self.size += len(chunk)

    def commit(self) -> tuple[str, int]:
        """Sync, name by hash; returns (sha256, bytes)."""
        if self._file is None:
            raise ValueError("the upload is already closed")
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._file = None
        digest = self._hash.hexdigest()
        target = self._store.raw_path(digest)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(self._path, target)
        _fsync_dir(target.parent)
        return digest, self.size

    def abort(self) -> None:
        """Drop what was received; harmless after `commit`."""
        if self._file is not None:
            self._file.close()
            self._file = None
            self._path.unlink(missing_ok=True)

    def __enter__(self) -> RawWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.abort()


class Store:
    """Raw bytes by hash and results by fingerprint under one folder; every write is tmp, fsync, rename.

    A result folder holds `manifest.json` with the Parquet it lists (a materialised table, written by the engine) or
    `plan.json` (a table that is read through others), `view.json` (the final step), `step.json` (the newest partial
    step), `pages/<k>.json`, `schema.json`.
    """

    def __init__(self, root: str | os.PathLike[str], budget: int = DEFAULT_BUDGET) -> None:
        self.root = Path(root)
        self._results = str(self.root / "results")
        self.budget = budget
        self.temporary = self.root / "tmp"
        self.exports = self.root / "exports"
        for folder in (self.temporary, self.exports):
            folder.mkdir(parents=True, exist_ok=True)
        (self.root / "leases").mkdir(exist_ok=True)

    @classmethod
    def from_url(cls, url: str) -> Store:
        """A store for a path or a `file:` URL; other schemes raise ValueError."""
        parts = urlsplit(url)
        if parts.scheme == "file":
            return cls(unquote(parts.path))
        if "://" in url:
            raise ValueError(f"STORE_URL must be a path or a file: URL, not {parts.scheme}:")
        return cls(url)

    # raw bytes ------------------------------------------------------------------------------------------------

    def raw_writer(self) -> RawWriter:
        """A writer for bytes that arrive in pieces; use it as a context manager, then call `commit`."""
        return RawWriter(self)

    def put_raw(self, chunks: bytes | Iterable[bytes]) -> tuple[str, int]:
        """Keep bytes; returns (sha256, size)."""
        with self.raw_writer() as writer:
            for chunk in [chunks] if isinstance(chunks, bytes) else chunks:
                writer.write(chunk)
            return writer.commit()

    def raw_path(self, digest: str) -> Path:
        """Where bytes of that hash are or would be."""
        return self.root / "raw" / _checked(digest)[:2] / digest

    def has_raw(self, digest: str) -> bool:
        """Whether bytes of that hash are kept."""
        return self.raw_path(digest).is_file()

    def put_snapshot(self, key: str, record: Mapping[str, Any]) -> None:
        """Remember what a source gave when it was read: {"sha256", "ending", "bytes", "at", ...}."""
        self._put(self._snapshot_path(key), dict(record), sync=True)

    def snapshot(self, key: str) -> dict[str, Any] | None:
        """What a source gave under that key, if its bytes are still kept."""
        record = _read_json(self._snapshot_path(key))
        return record if record is not None and self.has_raw(str(record.get("sha256", ""))) else None

    def _snapshot_path(self, key: str) -> Path:
        return self.root / "snapshots" / _checked(key)[:2] / f"{key}.json"

    def export_path(self, name: str) -> Path:
        """Where a file for a download is written."""
        return self.exports / f"{_checked(name)}.file"

    def sweep_exports(self) -> None:
        """Remove what downloads left behind an hour ago."""
        for old in self.exports.iterdir():
            with suppress(FileNotFoundError):
                if time.time() - old.stat().st_mtime > EXPORT_SECONDS:
                    shutil.rmtree(old) if old.is_dir() else old.unlink()

    # results --------------------------------------------------------------------------------------------------

    def folder(self, fingerprint: str) -> Path:
        """The folder of a result; it may not exist yet."""
        # In one piece: each of several parts would cost more than the look at the disk that follows.
        return Path(f"{self._results}/{_checked(fingerprint)[:2]}/{fingerprint}")

    @contextmanager
    def staging(self, fingerprint: str) -> Iterator[Path]:
        """A temporary folder whose files move into the result when the block ends well; the manifest moves last."""
        folder = Path(tempfile.mkdtemp(dir=self.temporary, prefix="result-"))
        try:
            with self.lease(fingerprint):
                yield folder
                self._move_in(folder, self.folder(fingerprint))
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @staticmethod
    def _move_in(source: Path, target: Path) -> None:
        target.mkdir(parents=True, exist_ok=True)
        # The manifest names the other files, so a reader that sees it must find them all.
        files = sorted((p for p in source.rglob("*") if p.is_file()), key=lambda p: (p.name == "manifest.json", str(p)))
        for path in files:
            with path.open("rb") as handle:
                os.fsync(handle.fileno())
            goal = target / path.relative_to(source)
            goal.parent.mkdir(parents=True, exist_ok=True)
            os.replace(path, goal)
        _fsync_dir(target)

    def manifest(self, fingerprint: str) -> dict[str, Any] | None:
        """The manifest of a materialised table, or None; reading it counts as use."""
        return self._read(fingerprint, "manifest.json", touch=True)

    def has_table(self, fingerprint: str) -> bool:
        """Whether a table of that fingerprint stands: materialised, or as a plan over tables that stand."""
        folder = self.folder(fingerprint)
        if (folder / "manifest.json").is_file():
            return True
        plan = _read_json(folder / "plan.json")
        return plan is not None and all(self.has_table(each) for each in plan["reads"])

    def has_parts(self, fingerprint: str, parts: Iterable[str]) -> bool:
        """Whether a result has all of these beside its view: "table", "model"."""
        return all(self.has_table(fingerprint) if part == "table" else (self.folder(fingerprint) / MODEL).is_file()
                   for part in parts)

    def put_plan(self, fingerprint: str, plan: Mapping[str, Any]) -> None:
        """Keep how a table is read through others: {"op", "columns", "reads": fingerprints of the tables below}."""
        self._write(fingerprint, "plan.json", dict(plan))

    def plan(self, fingerprint: str) -> dict[str, Any] | None:
        """How a table is read through others, all of which stand; reading it counts as use of them."""
        plan = self._read(fingerprint, "plan.json", touch=True)
        if plan is None or not all(self.has_table(each) for each in plan["reads"]):
            return None
        for each in plan["reads"]:
            _touch(self.folder(each) / "manifest.json")
        return plan

    def put_step(self, fingerprint: str, step: Mapping[str, Any]) -> None:
        """Keep the newest step; a final one becomes the view and replaces the partial one."""
        name = "view.json" if step.get("final") else "step.json"
        # A partial step that a power cut loses is computed again anyway, so nobody waits for the disk.
        self._write(fingerprint, name, dict(step), sync=bool(step.get("final")))
        if step.get("final"):
            (self.folder(fingerprint) / "step.json").unlink(missing_ok=True)

    def final(self, fingerprint: str) -> dict[str, Any] | None:
        """The final step ({"view", "rows", ...}) or None."""
        return self._read(fingerprint, "view.json", touch=True)

    def step(self, fingerprint: str) -> dict[str, Any] | None:
        """The final step, else the newest partial one, else None."""
        return self.final(fingerprint) or self._read(fingerprint, "step.json")

    def put_page(self, fingerprint: str, number: int, page: Mapping[str, Any]) -> None:
        """Keep page `number` ({"columns", "rows", "offset", "total"})."""
        self._write(fingerprint, f"pages/{int(number)}.json", dict(page))

    def page(self, fingerprint: str, number: int) -> dict[str, Any] | None:
        """A stored page or None."""
        return self._read(fingerprint, f"pages/{int(number)}.json")

    def put_schema(self, fingerprint: str, outputs: Mapping[str, Any]) -> None:
        """Keep what `describe` found: {"outputs": {...}} or {"failed": {...}}."""
        self._write(fingerprint, "schema.json", dict(outputs))

    def schema(self, fingerprint: str) -> dict[str, Any] | None:
        """What `describe` found earlier, or None."""
        return self._read(fingerprint, "schema.json")

    def size_of(self, fingerprint: str) -> int:
        """Bytes of a result."""
        return _bytes_under(self.folder(fingerprint))

    def drop(self, fingerprint: str) -> None:
        """Remove a result; the rename first makes it vanish whole."""
        folder = self.folder(fingerprint)
        grave = Path(tempfile.mkdtemp(dir=self.temporary, prefix="drop-"))
        with suppress(FileNotFoundError):
            os.replace(folder, grave / "result")
        shutil.rmtree(grave, ignore_errors=True)

    def _write(self, fingerprint: str, name: str, value: Any, sync: bool = True) -> None:
        self._put(self.folder(fingerprint) / name, value, sync)

    def _put(self, target: Path, value: Any, sync: bool) -> None:
        handle, temporary = tempfile.mkstemp(dir=self.temporary, prefix="json-")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            # Not json.dump, which goes through Python for each item and takes ten times as long.
            file.write(json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False))
            if sync:
                file.flush()
                os.fsync(file.fileno())
        try:
            os.replace(temporary, target)
        except FileNotFoundError:
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(temporary, target)

    def _read(self, fingerprint: str, name: str, touch: bool = False) -> dict[str, Any] | None:
        path = self.folder(fingerprint) / name
        value = _read_json(path)
        if value is not None and touch:
            _touch(path)
        return value

    # leases and eviction --------------------------------------------------------------------------------------

    @contextmanager
    def lease(self, *fingerprints: str) -> Iterator[None]:
        """Guard results against eviction while they are read or written."""
        name = f"{os.getpid()}.{threading.get_ident()}.{time.monotonic_ns()}"
        mark = self.root / "leases" / name
        # Moved in whole: one that is still empty would guard nothing.
        (self.temporary / name).write_text("\n".join(_checked(fingerprint) for fingerprint in set(fingerprints)))
        os.replace(self.temporary / name, mark)
        try:
            yield
        finally:
            mark.unlink(missing_ok=True)

    def renew(self) -> None:
        """Keep this process' leases of long runs alive."""
        for mark in (self.root / "leases").glob(f"{os.getpid()}.*"):
            _touch(mark)

    def leased(self) -> set[str]:
        """Fingerprints somebody holds; marks of dead processes expire and are removed."""
        held = set[str]()
        for mark in (self.root / "leases").iterdir():
            try:
                if time.time() - mark.stat().st_mtime < LEASE_SECONDS:
                    held.update(mark.read_text().split())
                else:
                    mark.unlink(missing_ok=True)
            except FileNotFoundError:
                continue
        return held

    def evict(self, budget: int | None = None, pinned: Iterable[str] = ()) -> list[str]:
        """Drop least recently used results until they fit the budget; never raw bytes, pinned or leased results."""
        keep = set(pinned) | self.leased()
        results = []
        for folder in (self.root / "results").glob("??/*"):
            used = max((p.stat().st_mtime for p in folder.glob("*.json")), default=0.0)
            results.append((used, folder.name, _bytes_under(folder)))
        total = sum(size for _, _, size in results)
        dropped = []
        for _, fingerprint, size in sorted(results):
            if total <= (self.budget if budget is None else budget):
                break
            if fingerprint not in keep:
                self.drop(fingerprint)
                dropped.append(fingerprint)
                total -= size
        return dropped


def _touch(path: Path) -> None:
    """Count as used."""
    with suppress(FileNotFoundError):
        os.utime(path)


def _read_json(path: Path) -> dict[str, Any] | None:
    """A JSON file, or None when it is not there or not whole."""
    try:
        value: dict[str, Any] = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    return value


def _bytes_under(folder: Path) -> int:
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())
