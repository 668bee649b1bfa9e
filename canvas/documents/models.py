"""A canvas at rest: its row, the log of updates, snapshots, versions, and who holds which client id."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models


class Canvas(models.Model):
    """A canvas. `head_seq` orders its updates; `graph` is what the projection made of them at `graph_seq`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="canvases")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="canvases")
    name = models.CharField(max_length=120, default="Untitled canvas")
    head_seq = models.BigIntegerField(default=0)
    epoch = models.IntegerField(default=1)
    graph = models.JSONField(default=dict)
    graph_seq = models.BigIntegerField(default=0)
    diagnostics = models.JSONField(default=dict)
    layout = models.JSONField(default=dict)
    state_rev = models.BigIntegerField(default=0)
    access_epoch = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True)


class Update(models.Model):
    """One accepted Yjs update; `(canvas, seq)` is the only order there is."""

    canvas = models.ForeignKey(Canvas, on_delete=models.CASCADE, related_name="updates")
    seq = models.BigIntegerField()
    actor = models.CharField(max_length=64)
    client_id = models.BigIntegerField()
    data = models.BinaryField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["canvas", "seq"], name="one_update_per_seq")]


class Snapshot(models.Model):
    """The whole document at `seq`; rows up to it are folded in."""

    canvas = models.ForeignKey(Canvas, on_delete=models.CASCADE, related_name="snapshots")
    seq = models.BigIntegerField()
    data = models.BinaryField()
    at = models.DateTimeField(auto_now_add=True)


class Version(models.Model):
    """A full state kept for history."""

    canvas = models.ForeignKey(Canvas, on_delete=models.CASCADE, related_name="versions")
    seq = models.BigIntegerField()
    name = models.CharField(max_length=120, blank=True)
    actor = models.CharField(max_length=64)
    data = models.BinaryField()
    json = models.JSONField(default=dict)
    at = models.DateTimeField(auto_now_add=True)


class Client(models.Model):
    """Which actor owns a Yjs client id on a canvas; nobody else may write under it."""

    canvas = models.ForeignKey(Canvas, on_delete=models.CASCADE, related_name="clients")
    client_id = models.BigIntegerField()
    actor = models.CharField(max_length=64)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["canvas", "client_id"], name="one_owner_per_client")]
