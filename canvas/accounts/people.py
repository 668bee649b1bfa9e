"""Making people: every account gets a workspace of its own; the local owner of a one-command run."""

from __future__ import annotations

from django.db import transaction

from canvas.accounts.models import Membership, User, Workspace

LOCAL_OWNER = "owner@localhost"


def ensure_workspace(user: User) -> Workspace:
    """The user's own workspace, made when there is none yet."""
    with transaction.atomic():
        own = Membership.objects.select_related("workspace").filter(user=user, role="owner").order_by("pk").first()
        if own is not None:
            return own.workspace
        workspace = Workspace.objects.create(name=f"{user}’s workspace"[:120])
        Membership.objects.create(workspace=workspace, user=user, role="owner")
        return workspace


def new_person(email: str, name: str = "", password: str | None = None) -> User:
    """A user with a workspace. Raises IntegrityError when the address is taken."""
    with transaction.atomic():
        user = User.objects.create_user(email, password, name=name)
        ensure_workspace(user)
        return user


def local_owner() -> User:
    """The person a one-command run belongs to; signs in by a one-time URL, has no password."""
    user = User.objects.filter(email=LOCAL_OWNER).first()
    return user or new_person(LOCAL_OWNER, "Owner")
