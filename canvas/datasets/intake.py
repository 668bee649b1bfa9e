"""Taking in a file: name made safe, size and quota held, bytes hashed on their way into the store."""

from __future__ import annotations

import re
import shutil
import unicodedata
import uuid
from typing import Protocol

from django.conf import settings

from canvas.datasets.models import Upload
from canvas.datasets.sources import extension
from canvas.datasets.versions import used
from workers.store import Store

EXTENSIONS = ("csv", "tsv", "tab", "txt", "json", "jsonl", "ndjson", "parquet", "xlsx", "xls", "xlsb", "ods",
              "sqlite", "sqlite3", "db")
CHUNK = 1024 * 1024
SPARE_DISK = 512 * 1024**2
"""Bytes the disk keeps free, so that the journal can always be written."""


class Readable(Protocol):
    """Something bytes come from."""

    def read(self, size: int) -> bytes:
        """At most `size` bytes; none at the end."""


class Refused(Exception):
    """The file was not kept. `status` is HTTP's."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def safe_name(name: str) -> str:
    """A file name without path, control or direction-changing characters, at most 120 long, its extension kept."""
    text = "".join(c for c in unicodedata.normalize("NFC", name) if unicodedata.category(c)[0] != "C")
    text = " ".join(re.split(r"[/\\]", text)[-1].split()).strip(" .")
    stem, dot, ending = text.rpartition(".")
    return f"{stem[: 119 - len(ending)]}.{ending}" if dot and stem else text[:120]


def receive(workspace_id: uuid.UUID, canvas_id: uuid.UUID, actor_key: str, name: str, length: int | None,
            body: Readable) -> Upload:
    """Stream `body` into the store and make its row; the caller checked the right. Raises Refused, keeping nothing."""
    name = safe_name(name)
    if extension(name) not in EXTENSIONS:
        words = f"“{name}” is not a table this reads. Use CSV, TSV, JSON, Parquet, Excel or SQLite."
        raise Refused(415, "unknown_type", words)
    room = _room(workspace_id, length)
    with Store.from_url(settings.STORE_URL).raw_writer() as writer:
        while chunk := body.read(CHUNK):
            writer.write(chunk)
            if writer.size > room:
                raise _too_big()
        if length is not None and writer.size != length:
            raise Refused(400, "cut_short", "The upload broke off. Send the file again.")
        if writer.size == 0:
            raise Refused(400, "empty_file", f"“{name}” is empty. Pick a file with at least a header line.")
        digest, size = writer.commit()
    return Upload.objects.create(workspace_id=workspace_id, canvas_id=canvas_id, name=name, sha256=digest, size=size,
                                 actor=actor_key)


def _room(workspace_id: uuid.UUID, length: int | None) -> int:
    """Bytes this file may have. Raises Refused when its announced length is more."""
    wanted = length or 0
    if wanted > settings.MAX_UPLOAD:
        raise _too_big()
    kept = used(workspace_id)
    if kept + wanted > settings.WORKSPACE_QUOTA:
        raise Refused(507, "quota", "The workspace has no room left. Ask its administrator for more.")
    store = Store.from_url(settings.STORE_URL)
    free = shutil.disk_usage(store.root).free - SPARE_DISK
    if wanted > free:
        raise Refused(507, "disk_full", "The server's disk is full. Tell whoever runs it; nothing was kept.")
    return min(settings.MAX_UPLOAD, settings.WORKSPACE_QUOTA - kept, max(free, 0))


def _too_big() -> Refused:
    """The refusal for size."""
    limit = f"{settings.MAX_UPLOAD / 1024**3:.3g} GiB"
    words = f"The file is larger than this server keeps ({limit}). Split it, or send it as Parquet."
    return Refused(413, "too_big", words)
