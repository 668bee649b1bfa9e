"""Roles: every source of one, their order, and that none outlives its source."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from canvas import access
from canvas.access import Actor, NoAccess, NotFound, Role, canvas_for, canvases_for, role_of
from canvas.accounts.models import Membership, User
from canvas.accounts.people import ensure_workspace, new_person
from canvas.datasets.models import Upload
from canvas.documents.models import Canvas
from canvas.sharing import links
from canvas.sharing.models import Grant, Link


@pytest.fixture
def ada(db: None) -> User:
    """An owner."""
    return new_person("ada@example.org", "Ada")


@pytest.fixture
def eve(db: None) -> User:
    """Someone else."""
    return new_person("eve@example.org", "Eve")


@pytest.fixture
def canvas(ada: User) -> Canvas:
    """Ada's canvas."""
    return Canvas.objects.create(workspace=ensure_workspace(ada), owner=ada, name="Flights")


def user(person: User, **more: object) -> Actor:
    """The actor of a user."""
    return Actor(user_id=person.pk, name=str(person), **more)


def guest(*held: Link) -> Actor:
    """A guest who opened links."""
    return Actor(guest_id="g1", name="Guest", links={str(link.canvas_id): str(link.pk) for link in held})


def open_link(canvas: Canvas, role: str) -> Link:
    """A link."""
    return links.create_link(canvas.pk, role, "user:x")


def test_roles_have_an_order() -> None:
    assert sorted([Role.OWNER, Role.VIEWER, Role.EDITOR, Role.RUNNER, Role.MANAGER, Role.COMMENTER]) == list(Role)
    assert [need for need in access.NEEDS if Role.EDITOR.may(need)] == ["view", "comment", "run", "edit"]
    assert Role.VIEWER <= Role.VIEWER
    assert not Role.RUNNER.may("edit")


def test_every_source_gives_its_role(ada: User, eve: User, canvas: Canvas) -> None:
    assert role_of(user(ada), canvas.pk) is Role.OWNER
    assert role_of(user(eve), canvas.pk) is None
    assert role_of(Actor(), canvas.pk) is None
    assert role_of(guest(open_link(canvas, "commenter")), canvas.pk) is Role.COMMENTER
    Grant.objects.create(canvas=canvas, user=eve, role="runner")
    assert role_of(user(eve), canvas.pk) is Role.RUNNER
    Membership.objects.create(workspace=canvas.workspace, user=eve, role="editor")
    assert role_of(user(eve), canvas.pk) is Role.EDITOR


def test_the_strongest_source_counts(eve: User, canvas: Canvas) -> None:
    Grant.objects.create(canvas=canvas, user=eve, role="editor")
    weak = open_link(canvas, "viewer")
    assert role_of(user(eve, links={str(canvas.pk): str(weak.pk)}), canvas.pk) is Role.EDITOR


def test_a_role_nobody_knows_gives_nothing(eve: User, canvas: Canvas) -> None:
    Grant.objects.create(canvas=canvas, user=eve, role="emperor")
    assert role_of(user(eve), canvas.pk) is None


def end_revoke(link: Link) -> None:
    Link.objects.filter(pk=link.pk).update(revoked_at=timezone.now())


def end_expire(link: Link) -> None:
    Link.objects.filter(pk=link.pk).update(expires_at=timezone.now() - timedelta(seconds=1))


def end_bin(link: Link) -> None:
    Canvas.objects.filter(pk=link.canvas_id).update(deleted_at=timezone.now())


def end_delete(link: Link) -> None:
    Link.objects.filter(pk=link.pk).delete()


@pytest.mark.parametrize("end", [end_revoke, end_expire, end_bin, end_delete])
def test_a_link_gives_nothing_after_its_end(canvas: Canvas, end: Callable[[Link], None]) -> None:
    link = open_link(canvas, "editor")
    assert role_of(guest(link), canvas.pk) is Role.EDITOR
    end(link)
    assert role_of(guest(link), canvas.pk) is None
    assert canvases_for(guest(link)) == []
    with pytest.raises(NotFound):
        access.link_for(link.token)


def test_a_link_opens_its_own_canvas_only(ada: User, canvas: Canvas) -> None:
    other = Canvas.objects.create(workspace=canvas.workspace, owner=ada)
    link = open_link(canvas, "editor")
    forged = Actor(guest_id="g", links={str(other.pk): str(link.pk)})
    assert role_of(forged, other.pk) is None


@pytest.mark.parametrize("forged", ["", "x", "../..", "1 OR 1=1", "11111111-1111-4111-8111-111111111111"])
def test_forged_ids_give_nothing(canvas: Canvas, forged: str) -> None:
    assert role_of(Actor(guest_id="g", links={str(canvas.pk): forged}), canvas.pk) is None
    assert role_of(guest(open_link(canvas, "viewer")), forged) is None


def test_someone_deactivated_has_no_role(ada: User, eve: User, canvas: Canvas) -> None:
    Grant.objects.create(canvas=canvas, user=eve, role="editor")
    User.objects.update(is_active=False)
    assert role_of(user(ada), canvas.pk) is None
    assert role_of(user(eve), canvas.pk) is None


def test_a_session_that_ended_takes_its_rights_along(ada: User, canvas: Canvas) -> None:
    Session.objects.create(session_key="k" * 32, session_data="", expire_date=timezone.now() + timedelta(hours=1))
    actor = user(ada, session_key="k" * 32)
    assert role_of(actor, canvas.pk) is Role.OWNER
    Session.objects.all().delete()
    assert role_of(actor, canvas.pk) is None


def test_a_new_password_ends_what_came_by_the_old_one(ada: User, canvas: Canvas) -> None:
    actor = user(ada, credential=ada.password)
    assert role_of(actor, canvas.pk) is Role.OWNER
    assert ada.password not in repr(actor)
    ada.set_password("another good one")
    ada.save()
    assert role_of(actor, canvas.pk) is None


def test_not_found_comes_before_no_access(eve: User, canvas: Canvas) -> None:
    with pytest.raises(NotFound):
        canvas_for(user(eve), canvas.pk, "view")
    viewer = guest(open_link(canvas, "viewer"))
    assert canvas_for(viewer, canvas.pk, "view").role is Role.VIEWER
    for need in ("comment", "run", "edit", "manage", "own"):
        with pytest.raises(NoAccess):
            canvas_for(viewer, canvas.pk, need)


def test_a_check_is_one_query(ada: User, canvas: Canvas, django_assert_num_queries: Callable) -> None:
    with django_assert_num_queries(1):
        assert role_of(user(ada, links={str(canvas.pk): str(uuid.uuid4())}, session_key=None), canvas.pk) is Role.OWNER
    with django_assert_num_queries(1):
        assert len(canvases_for(user(ada))) == 1


def test_an_upload_is_reached_through_a_canvas_of_its_workspace(ada: User, eve: User, canvas: Canvas) -> None:
    bytes_of_it = {"sha256": "0" * 64, "size": 1, "actor": "x"}
    upload = Upload.objects.create(workspace=canvas.workspace, canvas=canvas, name="a.csv", **bytes_of_it)
    assert access.upload_for(user(ada), canvas.pk, upload.pk).pk == upload.pk
    other = Canvas.objects.create(workspace=ensure_workspace(eve), owner=eve)
    for actor, where in ((user(eve), canvas), (user(eve), other)):
        with pytest.raises(NotFound):
            access.upload_for(actor, where.pk, upload.pk)


def test_only_who_has_an_account_has_a_workspace(eve: User, canvas: Canvas) -> None:
    assert access.workspace_of(user(eve)) == ensure_workspace(eve)
    for actor in (Actor(), guest(open_link(canvas, "editor"))):
        with pytest.raises(NoAccess):
            access.workspace_of(actor)


def test_changing_raises_the_epoch_only_if_it_holds(canvas: Canvas) -> None:
    with access.changing(canvas.pk):
        open_link(canvas, "viewer")
    assert access.canvas_epochs([canvas.pk]) == {str(canvas.pk): 1}

    with pytest.raises(RuntimeError), access.changing(canvas.pk):
        open_link(canvas, "viewer")
        raise RuntimeError
    assert access.canvas_epochs([canvas.pk]) == {str(canvas.pk): 1}
    assert Link.objects.count() == 1


def test_an_actor_keeps_its_key_and_colour(ada: User) -> None:
    assert user(ada).key == f"user:{ada.pk}"
    assert Actor(guest_id="g1").key == "guest:g1"
    assert Actor().is_anonymous
    assert Actor(guest_id="g1").is_guest
    assert not user(ada).is_guest
    assert user(ada).colour == user(ada).colour
    assert user(ada).colour in access.PEER_COLOURS


def test_what_ended_in_silence_is_noticed_for_many_at_once(ada: User, eve: User, canvas: Canvas) -> None:
    here, link = str(canvas.pk), open_link(canvas, "viewer")
    Session.objects.create(session_key="k" * 32, session_data="", expire_date=timezone.now() + timedelta(hours=1))
    signed_in = user(ada, session_key="k" * 32, credential=ada.password)
    people = [signed_in, signed_in, user(eve, credential=eve.password), guest(link)]
    assert not access.lapsed(here, people)
    assert not access.lapsed(here, [])
    end_expire(link)
    assert access.lapsed(here, people)
    assert not access.lapsed(here, people[:-1])
    User.objects.filter(pk=eve.pk).update(is_active=False)
    assert access.lapsed(here, people[:-1])
    assert not access.lapsed(here, people[:2])
    Session.objects.all().delete()
    assert access.lapsed(here, people[:2])
