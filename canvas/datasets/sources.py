"""What a cell's `source` stands for: tokens of uploads, samples, addresses and connections, for fingerprints."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from canvas.datasets.models import Connection, Upload
from canvas.documents.models import Canvas
from workers import samples

OURS = ("upload", "sample", "connection")


def tokens_for(workspace_id: uuid.UUID | str, sources: Iterable[str],
               canvas_id: uuid.UUID | str | None = None) -> dict[str, str]:
    """The token of each source that exists in this workspace; what is missing here is missing in the answer.

    "upload:<id>" gives "raw:<sha256>:<extension>", "sample:<name>" gives "sample:<name>:<version>",
    "connection:<id>" gives "connection:<id>:<form>:<canvas>" where a member put it to use on this canvas: what was read
    for another one cannot be named here. Anything else is a web address and gives "web:<workspace>", likewise.
    """
    wanted = set(sources)
    ids = {source: parsed for source in wanted if (parsed := _id(source, "upload"))}
    rows = Upload.objects.filter(workspace_id=workspace_id, pk__in=list(ids.values())) if ids else []
    kept = {row.pk: f"raw:{row.sha256}:{extension(row.name)}" for row in rows}
    tokens = {source: kept[pk] for source, pk in ids.items() if pk in kept}
    known = ((f"sample:{sample['name']}", str(sample["version"])) for sample in samples.samples())
    versions = {source: f"{source}:{version}" for source, version in known}
    tokens |= {source: versions[source] for source in wanted if source in versions}
    tokens |= {source: f"web:{workspace_id}" for source in wanted if source.partition(":")[0] not in OURS}
    return tokens | _connections(workspace_id, wanted, canvas_id)


def _connections(workspace_id: uuid.UUID | str, wanted: set[str], canvas_id: uuid.UUID | str | None) -> dict[str, str]:
    ids = {source: parsed for source in wanted if (parsed := _id(source, "connection"))}
    if not ids or canvas_id is None:
        return {}
    rows = Connection.objects.filter(workspace_id=workspace_id, canvases=canvas_id, pk__in=list(ids.values()))
    forms = {row.pk: row.form for row in rows}
    return {source: f"{token_of(pk, forms[pk])}:{canvas_id}" for source, pk in ids.items() if pk in forms}


def token_of(connection: uuid.UUID, form: str) -> str:
    """The name of a connection; its envelope opens under this name only."""
    return f"connection:{connection}:{form}"


def connection_id(token: str) -> uuid.UUID | None:
    """The connection a token speaks of, if it speaks of one."""
    return _id(":".join(token.split(":")[:2]), "connection")


def copy_uploads(sources: Iterable[str], from_workspace: uuid.UUID, copy: Canvas, actor_key: str) -> dict[str, str]:
    """Own rows in the workspace of `copy` for those uploads that `from_workspace` holds: old source to new source."""
    wanted = [parsed for source in sources if (parsed := _id(source, "upload"))]
    mine = {}
    for upload in Upload.objects.filter(workspace_id=from_workspace, pk__in=wanted):
        own = Upload.objects.create(
            workspace_id=copy.workspace_id, canvas=copy, name=upload.name, sha256=upload.sha256, size=upload.size,
            actor=actor_key,
        )
        mine[f"upload:{upload.pk}"] = f"upload:{own.pk}"
    return mine


def share_connections(original: Canvas, copy: Canvas) -> None:
    """A copy in the same workspace uses what the original used."""
    for connection in Connection.objects.filter(canvases=original, workspace_id=copy.workspace_id):
        connection.canvases.add(copy)


def extension(name: str) -> str:
    """The ending of a file name in lower case, without the dot."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def _id(source: str, scheme: str) -> uuid.UUID | None:
    """The id in "<scheme>:<id>", None for anything else."""
    found, _, value = source.partition(":")
    try:
        return uuid.UUID(value) if found == scheme else None
    except ValueError:
        return None
