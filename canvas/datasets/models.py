"""Uploaded files, saved connections and versions: which bytes and which databases a workspace may read."""

from __future__ import annotations

import uuid

from django.db import models


class Upload(models.Model):
    """A file kept as raw bytes in the store under its hash."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="uploads")
    canvas = models.ForeignKey("documents.Canvas", on_delete=models.SET_NULL, null=True, related_name="uploads")
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    actor = models.CharField(max_length=64)
    at = models.DateTimeField(auto_now_add=True)


class Connection(models.Model):
    """A database somebody saved. All that leads into it is in `sealed`; the other fields are for people to read.

    A deleted one keeps its row without its seal: what was read through it stays, nothing new comes.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="connections")
    name = models.CharField(max_length=80)
    form = models.CharField(max_length=20)
    host = models.CharField(max_length=255)
    port = models.IntegerField()
    database = models.CharField(max_length=128)
    user = models.CharField(max_length=128)
    tls = models.CharField(max_length=10, default="prefer")
    sealed = models.TextField(blank=True)
    actor = models.CharField(max_length=64)
    at = models.DateTimeField(auto_now=True)
    canvases = models.ManyToManyField("documents.Canvas", related_name="connections")
    """Where a member put it to use; only there its id in a document means anything."""


class Version(models.Model):
    """What a source cell read once: the params that say which data, and what came of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    canvas = models.ForeignKey("documents.Canvas", on_delete=models.CASCADE, related_name="data_versions")
    cell = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    params = models.JSONField(default=dict)
    token = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    about = models.JSONField(default=dict)
    rows = models.BigIntegerField(null=True)
    size = models.BigIntegerField(default=0)
    actor = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["canvas", "cell", "digest"], name="one_row_per_version")]
