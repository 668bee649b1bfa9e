"""The demo canvases, the first things a new owner sees: real data, laid out and run."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from canvas.access import Actor, canvases_for
from canvas.accounts.models import User
from canvas.accounts.people import ensure_workspace
from canvas.demos import delays, late, network
from canvas.demos.parts import Demo
from canvas.documents.models import Canvas
from canvas.starters import fill

DEMOS: Mapping[str, Demo] = {"delays": delays.demo(), "network": network.demo(), "late": late.demo()}
"""By name, in the order of the home page, in which they also run: the first one is looked at first."""


def make_demo(owner: User, name: str) -> Canvas:
    """A fresh demo canvas of the owner; its cells run as soon as it is committed."""
    demo = DEMOS[name]
    cells, edges = demo.document()
    with transaction.atomic():
        canvas = Canvas.objects.create(workspace=ensure_workspace(owner), owner=owner, name=demo.name)
        fill(canvas, cells, edges, Actor(user_id=owner.pk, name=str(owner)), run=cells)
    return canvas


def ensure_demos(owner: User) -> list[Canvas]:
    """The demo canvases on the first start; none when the owner has any canvas, be it in the bin."""
    actor = Actor(user_id=owner.pk, name=str(owner))
    if canvases_for(actor) or canvases_for(actor, binned=True):
        return []
    made = [make_demo(owner, name) for name in DEMOS]
    for canvas in reversed(made):
        Canvas.objects.filter(pk=canvas.pk).update(edited_at=timezone.now())
    return made
