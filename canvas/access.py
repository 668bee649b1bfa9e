"""The only door to canvases, uploads, connections and links: who is asking, and what they may do there now."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from typing import Any

from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from canvas import doorbell
from canvas.accounts.models import Membership, User, Workspace
from canvas.datasets.models import Connection, Upload
from canvas.documents.models import Canvas
from canvas.sharing.models import Grant, Link

PEER_COLOURS = ("coral", "blue", "plum", "moss", "rose", "umber", "slate", "indigo")


class NotFound(Exception):
    """There is no such thing, or the actor may not know that there is."""


class NoAccess(Exception):
    """The actor may see the thing, but not do this to it."""


class Role(Enum):
    """What someone may do on a canvas; each role includes all before it."""

    VIEWER = "viewer"
    COMMENTER = "commenter"
    RUNNER = "runner"
    EDITOR = "editor"
    MANAGER = "manager"
    OWNER = "owner"

    @property
    def rank(self) -> int:
        """Position in the order, from 0."""
        return list(Role).index(self)

    def __lt__(self, other: Role) -> bool:
        return self.rank < other.rank

    def __le__(self, other: Role) -> bool:
        return self.rank <= other.rank

    def __gt__(self, other: Role) -> bool:
        return self.rank > other.rank

    def __ge__(self, other: Role) -> bool:
        return self.rank >= other.rank

    def may(self, need: str) -> bool:
        """Whether the role covers a need: view, comment, run, edit, manage or own."""
        return self >= NEEDS[need]


NEEDS = dict(zip(("view", "comment", "run", "edit", "manage", "own"), Role, strict=True))
GRANTABLE = (Role.VIEWER, Role.COMMENTER, Role.RUNNER, Role.EDITOR, Role.MANAGER)
LINKABLE = (Role.VIEWER, Role.COMMENTER, Role.RUNNER, Role.EDITOR)
# A workspace's owner manages all its canvases; owning one stays with the person who made it.
_OF_MEMBERSHIP = {"owner": Role.MANAGER, "editor": Role.EDITOR, "runner": Role.RUNNER, "viewer": Role.VIEWER}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: a signed-in user, a guest who came by a link, or nobody. Holds what was claimed, never a role."""

    user_id: uuid.UUID | None = None
    guest_id: str | None = None
    name: str = ""
    links: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Redeemed links by canvas id; each is looked up again at every check."""
    session_key: str | None = None
    """The session it came by; once that has ended, so has every right."""
    credential: str | None = field(default=None, repr=False, compare=False)
    """The stored password hash at that time: a new password ends open sockets as it ends sessions."""

    @property
    def key(self) -> str:
        """Stable name in rows and messages."""
        return f"user:{self.user_id}" if self.user_id else f"guest:{self.guest_id}" if self.guest_id else "anonymous"

    @property
    def is_guest(self) -> bool:
        """Whether it came by a link without signing in."""
        return self.user_id is None and self.guest_id is not None

    @property
    def is_anonymous(self) -> bool:
        """Whether it is nobody yet."""
        return self.user_id is None and self.guest_id is None

    @property
    def colour(self) -> str:
        """The name of a peer colour, always the same for the same actor."""
        return colour_of(self.key)


def colour_of(key: str) -> str:
    """A peer colour for an actor's key."""
    return PEER_COLOURS[hashlib.sha256(key.encode()).digest()[0] % len(PEER_COLOURS)]


def actor_of(request_or_scope: Any) -> Actor:
    """The actor of an HTTP request or of an ASGI scope with session and user. Reads rows: call it in a thread."""
    is_scope = isinstance(request_or_scope, dict)
    session = request_or_scope.get("session") if is_scope else getattr(request_or_scope, "session", None)
    user = request_or_scope.get("user") if is_scope else getattr(request_or_scope, "user", None)
    held = dict(session.get("links") or {}) if session is not None else {}
    session_key = session.session_key if session is not None else None
    if user is not None and user.is_authenticated:
        return Actor(user_id=user.pk, name=str(user), links=held, session_key=session_key, credential=user.password)
    guest = (session.get("guest") if session is not None else None) or {}
    if not guest:
        return Actor()
    return Actor(guest_id=guest["id"], name=guest["name"], links=held, session_key=session_key)


def canvas_for(actor: Actor, canvas_id: uuid.UUID | str, need: str, *, binned: bool = False) -> Canvas:
    """The canvas, if the actor may do `need` on it; `.role` is set on it.

    Raises NotFound when it does not exist, lies in the bin (unless `binned` asks for that) or is not theirs to see,
    NoAccess when they may see it but not do this.
    """
    canvas = _reachable(actor).filter(pk=_uuid(canvas_id), deleted_at__isnull=not binned).first()
    role = _role(canvas) if canvas is not None else None
    # Whoever came by a link does not even learn what lies in the bin.
    if canvas is None or role is None or (binned and not role.may("manage")):
        raise NotFound("There is no such canvas, or it was not shared with you.")
    canvas.role = role
    if not role.may(need):
        raise NoAccess(f"This needs the right to {need}; you have the role {role.value} here.")
    return canvas


def role_of(actor: Actor, canvas_id: uuid.UUID | str) -> Role | None:
    """The actor's role right now, read from the database in one query; None when there is none."""
    try:
        return canvas_for(actor, canvas_id, "view").role
    except NotFound:
        return None


def lapsed(canvas_id: str, actors: Iterable[Actor]) -> bool:
    """Whether a session, password or link that one of these people came by has ended; three queries for all of them."""
    actors = list(actors)
    sessions = {actor.session_key for actor in actors if actor.session_key is not None}
    credentials = {(actor.user_id, actor.credential) for actor in actors if actor.credential is not None}
    links = {_uuid(actor.links[canvas_id]) for actor in actors if canvas_id in actor.links}
    users = User.objects.filter(pk__in={pk for pk, _ in credentials}, is_active=True)
    return (_living_sessions(sessions).count() < len(sessions)
            or not credentials <= set(users.values_list("pk", "password"))
            or _open_links().filter(pk__in=links).count() < len(links))


def canvases_for(actor: Actor, *, binned: bool = False, search: str = "") -> list[Canvas]:
    """All canvases the actor may see, last edited first, each with `.role`. In the bin: those they manage."""
    found = _reachable(actor).filter(deleted_at__isnull=not binned).select_related("owner").order_by("-edited_at")
    for word in search.split()[:8]:
        found = found.filter(name__icontains=word)
    seen = []
    for canvas in found[:500]:
        role = _role(canvas)
        if role is not None and (role.may("manage") or not binned):
            canvas.role = role
            seen.append(canvas)
    return seen


def upload_for(actor: Actor, canvas_id: uuid.UUID | str, upload_id: uuid.UUID | str, need: str = "view") -> Upload:
    """An upload of the workspace that the canvas belongs to. Both ends are checked; raises NotFound or NoAccess."""
    canvas = canvas_for(actor, canvas_id, need)
    upload = Upload.objects.filter(pk=_uuid(upload_id), workspace_id=canvas.workspace_id).first()
    if upload is None:
        raise NotFound("There is no such upload here.")
    return upload


def is_member(actor_key: str, workspace_id: uuid.UUID) -> bool:
    """Whether an actor is a member of the workspace who may edit there; whoever came by a link or a grant is not."""
    scheme, _, user_id = actor_key.partition(":")
    mine = Membership.objects.filter(user_id=_uuid(user_id), workspace_id=workspace_id, user__is_active=True,
                                     role__in=("owner", "editor"))
    return scheme == "user" and mine.exists()


def connection_for(actor: Actor, canvas_id: uuid.UUID | str, connection_id: uuid.UUID | str) -> Connection:
    """A saved connection of the canvas's workspace, for a member who edits there. Raises NotFound or NoAccess."""
    canvas = member_canvas(actor, canvas_id)
    found = Connection.objects.filter(pk=_uuid(connection_id), workspace_id=canvas.workspace_id).exclude(sealed="")
    if (connection := found.first()) is None:
        raise NotFound("There is no such connection.")
    return connection


def member_canvas(actor: Actor, canvas_id: uuid.UUID | str) -> Canvas:
    """The canvas, for a member of its workspace who may edit it. Raises NotFound or NoAccess."""
    canvas = canvas_for(actor, canvas_id, "edit")
    if not is_member(actor.key, canvas.workspace_id):
        raise NoAccess("Connections belong to the workspace. Ask one of its members to add or change them.")
    return canvas


def link_for(digest: str) -> Link:
    """The link with this token hash if it still opens a canvas. Raises NotFound, always with the same words."""
    link = _open_links().filter(token=digest, canvas__deleted_at__isnull=True).select_related("canvas").first()
    if link is None:
        raise NotFound("This link does not work (any more).")
    return link


def link_on(canvas: Canvas, link_id: uuid.UUID | str) -> Link:
    """A link of a canvas that `canvas_for` gave out. Raises NotFound for another canvas's or a revoked link."""
    link = Link.objects.filter(pk=_uuid(link_id), canvas=canvas, revoked_at__isnull=True).first()
    if link is None:
        raise NotFound("There is no such link.")
    return link


def workspace_of(actor: Actor) -> Workspace:
    """Where an actor's new canvases live: the first workspace they own or edit. Raises NoAccess for guests."""
    mine = Membership.objects.filter(user_id=actor.user_id, role__in=("owner", "editor")).select_related("workspace")
    found = mine.order_by(models.Case(models.When(role="owner", then=0), default=1), "pk").first()
    if actor.user_id is None or found is None:
        raise NoAccess("Sign in to make canvases of your own.")
    return found.workspace


@contextmanager
def changing(canvas_id: uuid.UUID | str) -> Iterator[None]:
    """Around every change of roles or links: one transaction with a higher access epoch, then the sockets' bell."""
    with transaction.atomic():
        yield
        Canvas.objects.filter(pk=canvas_id).update(access_epoch=F("access_epoch") + 1)
        transaction.on_commit(partial(doorbell.publish, canvas_id, {"access": {}}))


def canvas_epochs(canvas_ids: Iterable[uuid.UUID | str]) -> dict[str, int]:
    """Access epochs of canvases, for the sockets' safety poll."""
    return {str(pk): epoch for pk, epoch in
            Canvas.objects.filter(pk__in=list(canvas_ids)).values_list("pk", "access_epoch")}


def _reachable(actor: Actor) -> QuerySet[Canvas]:
    """Canvases with the actor's sources of role as annotations; those without any are left out. One query."""
    nothing = models.Value(None, output_field=models.CharField())
    ways = Q(pk__in=[])
    notes: dict[str, Any] = {"is_owner": models.Value(False), "by_membership": nothing, "by_grant": nothing}
    rows = Canvas.objects.all()
    if actor.user_id is not None:
        active = {"user_id": actor.user_id, "user__is_active": True}
        member = Membership.objects.filter(workspace_id=OuterRef("workspace_id"), **active)
        grant = Grant.objects.filter(canvas_id=OuterRef("pk"), **active)
        mine = Q(owner_id=actor.user_id, owner__is_active=True)
        notes = {"is_owner": models.Case(models.When(mine, then=models.Value(True)), default=models.Value(False)),
                 "by_membership": Subquery(member.values("role")[:1]), "by_grant": Subquery(grant.values("role")[:1])}
        ways = mine | Q(by_membership__isnull=False) | Q(by_grant__isnull=False)
    held = [link_id for value in actor.links.values() if (link_id := _uuid(value))]
    by_link = _open_links().filter(canvas_id=OuterRef("pk"), pk__in=held).values("role")[:1] if held else None
    rows = rows.annotate(**notes, by_link=Subquery(by_link) if by_link is not None else nothing)
    if actor.session_key is not None:
        rows = rows.filter(Exists(_living_sessions([actor.session_key])))
    if actor.credential is not None:
        rows = rows.filter(Exists(User.objects.filter(pk=actor.user_id, password=actor.credential, is_active=True)))
    return rows.filter(ways | Q(by_link__isnull=False))


def _role(canvas: Canvas) -> Role | None:
    """The strongest role of an annotated row; a word nobody knows gives nothing."""
    known = {role.value: role for role in Role}
    found = [Role.OWNER] if canvas.is_owner else []
    found += [role for role in (_OF_MEMBERSHIP.get(canvas.by_membership or ""), known.get(canvas.by_grant or ""),
                                known.get(canvas.by_link or "")) if role is not None]
    return max(found, default=None)


def _open_links() -> QuerySet[Link]:
    """Links neither revoked nor expired."""
    return Link.objects.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now()), revoked_at__isnull=True)


def _living_sessions(keys: Iterable[str]) -> QuerySet[Any]:
    """The rows of those sessions that have not ended."""
    from django.contrib.sessions.models import Session

    return Session.objects.filter(pk__in=list(keys), expire_date__gt=timezone.now())


def _uuid(value: uuid.UUID | str) -> uuid.UUID | None:
    """A UUID, or None for anything that is not spelled like one."""
    if isinstance(value, uuid.UUID):
        return value
    try:
        return uuid.UUID(value)
    except (ValueError, AttributeError, TypeError):
        return None


def person(email: str) -> User | None:
    """An active user by exact e-mail address, for sharing."""
    return User.objects.filter(email=email.strip().lower(), is_active=True).first()
