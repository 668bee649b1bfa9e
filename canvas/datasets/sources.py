"""What a cell's `source` stands for: tokens of uploads and samples, for fingerprints and for workers."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from canvas.datasets.intake import extension
from canvas.datasets.models import Upload
from canvas.documents.models import Canvas
from workers import samples


def tokens_for(workspace_id: uuid.UUID | str, sources: Iterable[str]) -> dict[str, str]:
    """The token of each source that exists in this workspace; what is missing here is missing in the answer. One query.

    "upload:<id>" gives "raw:<sha256>:<extension>", "sample:<name>" gives "sample:<name>:<version>".
    """
    wanted = set(sources)
    ids = {source: parsed for source in wanted if (parsed := _upload_id(source))}
    rows = Upload.objects.filter(workspace_id=workspace_id, pk__in=list(ids.values())) if ids else []
    kept = {row.pk: f"raw:{row.sha256}:{extension(row.name)}" for row in rows}
    tokens = {source: kept[pk] for source, pk in ids.items() if pk in kept}
    known = ((f"sample:{sample['name']}", str(sample["version"])) for sample in samples.samples())
    versions = {source: f"{source}:{version}" for source, version in known}
    return tokens | {source: versions[source] for source in wanted if source in versions}


def copy_uploads(sources: Iterable[str], from_workspace: uuid.UUID, copy: Canvas, actor_key: str) -> dict[str, str]:
    """Own rows in the workspace of `copy` for those uploads that `from_workspace` holds: old source to new source."""
    wanted = [parsed for source in sources if (parsed := _upload_id(source))]
    mine = {}
    for upload in Upload.objects.filter(workspace_id=from_workspace, pk__in=wanted):
        own = Upload.objects.create(
            workspace_id=copy.workspace_id, canvas=copy, name=upload.name, sha256=upload.sha256, size=upload.size,
            actor=actor_key,
        )
        mine[f"upload:{upload.pk}"] = f"upload:{own.pk}"
    return mine


def _upload_id(source: str) -> uuid.UUID | None:
    """The id in "upload:<id>", None for anything else."""
    scheme, _, value = source.partition(":")
    try:
        return uuid.UUID(value) if scheme == "upload" else None
    except ValueError:
        return None
