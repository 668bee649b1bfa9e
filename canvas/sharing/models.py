"""Links and grants: how people other than workspace members get into a canvas."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models


class Link(models.Model):
    """A permission link; only the hash of its token is kept beside the token's encrypted form."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    canvas = models.ForeignKey("documents.Canvas", on_delete=models.CASCADE, related_name="links")
    token = models.CharField(max_length=64, unique=True)
    role = models.CharField(max_length=12)
    actor = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    uses = models.IntegerField(default=0)


class Grant(models.Model):
    """A role given to one user on one canvas."""

    canvas = models.ForeignKey("documents.Canvas", on_delete=models.CASCADE, related_name="grants")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=12)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["canvas", "user"], name="one_grant")]
