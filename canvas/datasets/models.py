"""Uploaded files: who brought which bytes into which workspace."""

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
