"""/api/canvases/{id}/sharing: links, and people with roles, for those who manage the canvas."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from ninja import Router, Status
from pydantic import AfterValidator, Field

from canvas import access
from canvas.access import Role
from canvas.api.entry import Asked, Body
from canvas.api.errors import Problem
from canvas.documents.models import Canvas
from canvas.security.rates import over_limit
from canvas.sharing import links
from canvas.sharing.models import Grant, Link

router = Router()


def _among(roles: tuple[Role, ...]) -> Any:
    """A role word out of `roles`."""

    def check(word: str) -> str:
        if word not in {role.value for role in roles}:
            raise ValueError("pick one of " + ", ".join(role.value for role in roles))
        return word

    return AfterValidator(check)


LinkRole = Annotated[str, _among(access.LINKABLE)]
PersonRole = Annotated[str, _among(access.GRANTABLE)]
Days = Annotated[int, Field(ge=1, le=3650)]


class NewLink(Body):
    """A link to make."""

    role: LinkRole
    expires_days: Days | None = None


class LinkChange(Body):
    """What to change of a link; `expires_days: null` means never."""

    role: LinkRole | None = None
    expires_days: Days | None = None


class NewPerson(Body):
    """Someone to share with."""

    email: str = Field(min_length=3, max_length=254)
    role: PersonRole


class PersonChange(Body):
    """Someone's new role."""

    role: PersonRole


@router.get("/{uuid:canvas_id}/sharing")
def show(request: Asked, canvas_id: uuid.UUID) -> dict[str, Any]:
    """Who may do what here, and by which links."""
    return _state(access.canvas_for(request.actor, canvas_id, "manage"), request)


@router.post("/{uuid:canvas_id}/sharing/links", response={201: dict})
def add_link(request: Asked, canvas_id: uuid.UUID, payload: NewLink) -> Status:
    """A new link with its own URL."""
    canvas = access.canvas_for(request.actor, canvas_id, "manage")
    if canvas.links.filter(revoked_at__isnull=True).count() >= 100:
        raise Problem(409, "too_many", "There are 100 links already. Revoke one first.")
    with access.changing(canvas.pk):
        link = links.create_link(canvas.pk, payload.role, request.actor.key, payload.expires_days)
    return Status(201, _link_json(link, request))


@router.patch("/{uuid:canvas_id}/sharing/links/{uuid:link_id}")
def change_link(request: Asked, canvas_id: uuid.UUID, link_id: uuid.UUID, payload: LinkChange) -> dict[str, Any]:
    """Another role or expiry, for newcomers and for those inside."""
    link = access.link_on(access.canvas_for(request.actor, canvas_id, "manage"), link_id)
    with access.changing(canvas_id):
        links.change_link(link, payload.dict(exclude_unset=True))
    return _link_json(link, request)


@router.delete("/{uuid:canvas_id}/sharing/links/{uuid:link_id}", response={204: None})
def remove_link(request: Asked, canvas_id: uuid.UUID, link_id: uuid.UUID) -> Status:
    """The link opens nothing from now on."""
    link = access.link_on(access.canvas_for(request.actor, canvas_id, "manage"), link_id)
    with access.changing(canvas_id):
        links.revoke_link(link)
    return Status(204, None)


@router.post("/{uuid:canvas_id}/sharing/people", response={201: dict})
def add_person(request: Asked, canvas_id: uuid.UUID, payload: NewPerson) -> Status:
    """Give someone with an account a role. Who has none can be sent a link."""
    canvas = access.canvas_for(request.actor, canvas_id, "manage")
    if over_limit(request, "people", 60, 3600, request.actor.key):
        raise Problem(429, "too_many", "That is more than 60 invitations in an hour. Wait a little.")
    user = access.person(payload.email)
    if user is None:
        text = f"Nobody has an account with {payload.email} here. Copy a link and send it instead."
        raise Problem(404, "no_account", text, field="email")
    return Status(201, _set_role(canvas, request.actor, user.pk, payload.role))


@router.patch("/{uuid:canvas_id}/sharing/people/{uuid:user_id}")
def change_person(request: Asked, canvas_id: uuid.UUID, user_id: uuid.UUID, payload: PersonChange) -> dict[str, Any]:
    """Another role for someone who has one."""
    canvas = access.canvas_for(request.actor, canvas_id, "manage")
    _existing(canvas, user_id)
    return _set_role(canvas, request.actor, user_id, payload.role)


@router.delete("/{uuid:canvas_id}/sharing/people/{uuid:user_id}", response={204: None})
def remove_person(request: Asked, canvas_id: uuid.UUID, user_id: uuid.UUID) -> Status:
    """Take a role away. The owner stays."""
    canvas = access.canvas_for(request.actor, canvas_id, "manage")
    grant = _existing(canvas, user_id)
    with access.changing(canvas.pk):
        grant.delete()
    return Status(204, None)


def _existing(canvas: Canvas, user_id: uuid.UUID) -> Grant:
    """Someone's grant. Raises NotFound, or Problem for the owner."""
    _keep_owner(canvas, user_id)
    grant = Grant.objects.filter(canvas=canvas, user_id=user_id).first()
    if grant is None:
        raise access.NotFound("This person has no role of their own here.")
    return grant


def _keep_owner(canvas: Canvas, user_id: uuid.UUID) -> None:
    """Refuse to touch the owner's role."""
    if user_id == canvas.owner_id:
        raise Problem(409, "owner_fixed", "The owner's role cannot be changed.")


def _set_role(canvas: Canvas, actor: access.Actor, user_id: uuid.UUID, word: str) -> dict[str, Any]:
    """Give `user_id` a role that is not above the giver's."""
    _keep_owner(canvas, user_id)
    if Role(word) > canvas.role:
        raise access.NoAccess(f"You have the role {canvas.role.value} here and cannot give a higher one.")
    with access.changing(canvas.pk):
        grant, _ = Grant.objects.update_or_create(canvas=canvas, user_id=user_id, defaults={"role": word})
    return _person_json(grant)


def _state(canvas: Canvas, request: Asked) -> dict[str, Any]:
    """The share dialog's content."""
    people = canvas.grants.select_related("user").order_by("at")
    open_links = canvas.links.filter(revoked_at__isnull=True).order_by("created_at")
    owner = {"id": str(canvas.owner_id), "name": str(canvas.owner), "email": canvas.owner.email, "role": "owner"}
    return {"owner": owner, "people": [_person_json(grant) for grant in people],
            "links": [_link_json(link, request) for link in open_links]}


def _person_json(grant: Grant) -> dict[str, Any]:
    """A person in the dialog."""
    return {"id": str(grant.user_id), "name": str(grant.user), "email": grant.user.email, "role": grant.role,
            "color": access.colour_of(f"user:{grant.user_id}")}


def _link_json(link: Link, request: Asked) -> dict[str, Any]:
    """A link in the dialog, with a URL that works where the reader is."""
    path = links.path_of(link)
    return {"id": str(link.pk), "role": link.role, "url": request.build_absolute_uri(path) if path else None,
            "expires_at": link.expires_at.isoformat() if link.expires_at else None, "uses": link.uses}
