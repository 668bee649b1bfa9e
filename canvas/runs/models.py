"""Runs as rows: the audit trail, the lease and the fence; and each cell's latest state."""

from __future__ import annotations

import uuid

from django.db import models

LIVE = ("queued", "leased")
"""States of a run that still goes on; done, failed, quarantined, stopped and cancelled are terminal."""


class Run(models.Model):
    """One computation of one cell. `attempt` fences: only the newest attempt may land.

    It is raised before each (re)sending; `losses` counts the attempts whose worker died.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    canvas = models.ForeignKey("documents.Canvas", on_delete=models.CASCADE, related_name="runs")
    cell = models.CharField(max_length=64)
    kind = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64)
    state = models.CharField(max_length=12, default="queued")
    queue = models.CharField(max_length=16, default="interactive")
    actor = models.CharField(max_length=64, blank=True)
    attempt = models.IntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=120, blank=True)
    spec = models.JSONField(default=dict)
    error = models.JSONField(null=True, blank=True)
    versions = models.JSONField(default=dict)
    elapsed_ms = models.FloatField(null=True, blank=True)
    rows = models.BigIntegerField(null=True, blank=True)
    queued_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    losses = models.IntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["fingerprint"]),
            models.Index(fields=["canvas", "state"]),
            models.Index(fields=["state", "lease_until"]),
            models.Index(fields=["canvas", "cell", "queued_at"]),
        ]


class Result(models.Model):
    """A final result that exists in the store; fresh means a row of that fingerprint is here."""

    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="results")
    fingerprint = models.CharField(max_length=64)
    kind = models.CharField(max_length=64)
    rows = models.BigIntegerField(null=True, blank=True)
    size = models.BigIntegerField(default=0)
    elapsed_ms = models.FloatField(default=0)
    run = models.ForeignKey(Run, on_delete=models.SET_NULL, null=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "fingerprint"], name="one_result")]


class CellState(models.Model):
    """What browsers were last told about a cell; `rev` orders it within the canvas."""

    canvas = models.ForeignKey("documents.Canvas", on_delete=models.CASCADE, related_name="cell_states")
    cell = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64)
    state = models.CharField(max_length=16)
    shown = models.CharField(max_length=64, blank=True)
    rev = models.BigIntegerField()
    detail = models.JSONField(default=dict)
    run = models.ForeignKey(Run, on_delete=models.SET_NULL, null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["canvas", "cell"], name="one_state_per_cell")]
