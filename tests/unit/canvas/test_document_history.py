"""The document at rest: log and snapshot load alike, compaction keeps all, restore is an edit."""

from __future__ import annotations

from typing import Any

import pytest
from pycrdt import Map

from canvas.accounts.models import User, Workspace
from canvas.documents import history
from canvas.documents.document import document_json, load, new_document, open_doc, read_json
from canvas.documents.models import Canvas, Client, Snapshot, Update, Version

pytestmark = pytest.mark.django_db
CELLS = {"a": {"kind": "text", "title": "A", "pos": [1, 2.5], "params": {"n": 3, "deep": {"x": [1, None]}},
               "code": "hé𝄞"},
         "b": {"kind": "chart", "params": {}}}
EDGES = {"e": {"from": "a", "fromPort": "table", "to": "b", "toPort": "table"}}


@pytest.fixture
def canvas() -> Canvas:
    """A canvas whose log starts with two cells."""
    owner = User.objects.create_user("o@example.org")
    canvas = Canvas.objects.create(workspace=Workspace.objects.create(name="w"), owner=owner)
    append(canvas, new_document(CELLS, EDGES))
    return canvas


def append(canvas: Canvas, *updates: bytes) -> None:
    """Write rows as a commit does."""
    for update in updates:
        canvas.head_seq += 1
        Update.objects.create(canvas=canvas, seq=canvas.head_seq, actor="user:1", client_id=1, data=update)
    canvas.save()


def edits(canvas: Canvas, count: int) -> None:
    """Many small edits by one client."""
    _, doc = load(canvas.pk)
    updates: list[bytes] = []
    subscription = doc.observe(lambda event: updates.append(event.update))
    for i in range(count):
        doc.get("cells", type=Map)["a"]["pos"] = [float(i), 1.0]
        doc.get("cells", type=Map)["a"]["code"].insert(0, "z")
    doc.unobserve(subscription)
    append(canvas, *updates)


def test_what_is_written_is_what_is_read(canvas: Canvas) -> None:
    found = document_json(canvas.pk)
    assert found["cells"] == CELLS
    assert found["edges"] == EDGES
    assert found["meta"] == {"v": 1}
    assert isinstance(found["cells"]["a"]["params"]["n"], int), "whole numbers stay whole, for fingerprints"


def test_compaction_waits_for_a_long_log_and_keeps_every_word(canvas: Canvas) -> None:
    assert history.compact(canvas.pk) == 0
    edits(canvas, 260)
    before, head = document_json(canvas.pk), canvas.head_seq
    assert history.compact(canvas.pk) == head
    assert Update.objects.filter(canvas=canvas).count() == 0
    assert document_json(canvas.pk) == before
    edits(canvas, 3)
    seq, doc = load(canvas.pk)
    assert seq == head + 6
    assert read_json(doc)["cells"]["a"]["pos"] == [2, 1]
    assert Snapshot.objects.filter(canvas=canvas).count() == 1
    assert history.compact(canvas.pk) == 0


def test_compaction_changes_nothing_when_documents_differ(canvas: Canvas, monkeypatch: pytest.MonkeyPatch) -> None:
    edits(canvas, 260)
    answers = iter(["one", "another"])
    monkeypatch.setattr(history, "digest", lambda doc: next(answers))
    with pytest.raises(history.Differs):
        history.compact(canvas.pk)
    assert Update.objects.filter(canvas=canvas).count() == canvas.head_seq


def test_restore_is_a_forward_edit_that_open_pages_merge(canvas: Canvas) -> None:
    version = history.keep_now(canvas.pk, "user:1", "good")
    assert version is not None
    page = open_doc([bytes(u.data) for u in canvas.updates.order_by("seq")])
    cells = page.get("cells", type=Map)
    known = page.get_state()
    del cells["b"]
    cells["a"]["title"] = "spoilt"
    cells["a"]["code"].insert(0, "spoilt ")
    cells["new"] = Map({"kind": "text", "params": Map({})})
    append(canvas, page.get_update(known))
    head = history.restore(canvas.pk, version.pk, "user:1")
    assert head == 3
    restored = document_json(canvas.pk)
    assert restored["cells"] == CELLS
    assert restored["edges"] == EDGES
    page.apply_update(bytes(canvas.updates.get(seq=head).data))
    assert read_json(page)["cells"] == CELLS, "a page that was open all along says the same"
    assert Version.objects.filter(canvas=canvas, name="Before restore").count() == 1
    assert Client.objects.get(canvas=canvas).actor == history.SERVER
    assert history.restore(canvas.pk, version.pk, "user:1") == head, "restoring twice changes nothing"


def test_versions_are_kept_once_per_seq(canvas: Canvas) -> None:
    first = history.keep_now(canvas.pk, "user:1")
    assert first is not None
    assert first.json["cells"] == CELLS
    assert history.keep_now(canvas.pk, "user:1") is None
    assert history.keep_now(canvas.pk, "user:1", "named") is not None


def test_commit_refuses_what_is_behind_moved_or_gone(canvas: Canvas) -> None:
    from canvas.realtime.commit import AccessMoved, Batch, Behind, Derived, Gone, Row, commit

    def batch(**changes: Any) -> Batch:
        given = {"canvas_id": str(canvas.pk), "epoch": 1, "seq": 1, "access_epoch": 0, "rows": [Row("u", 1, b"x")]}
        return Batch(**{**given, **changes})

    with pytest.raises(Behind) as behind:
        commit(batch(seq=0))
    assert [seq for seq, _ in behind.value.rows] == [1]
    with pytest.raises(AccessMoved):
        commit(batch(access_epoch=3))
    with pytest.raises(Gone):
        commit(batch(epoch=2))
    assert commit(batch(derived=Derived(graph={"cells": [], "edges": []}, diagnostics={"cells": {}, "edges": {}}))) == 2
    canvas.refresh_from_db()
    assert (canvas.head_seq, canvas.graph_seq, canvas.graph) == (2, 2, {"cells": [], "edges": []})
    Update.objects.filter(canvas=canvas, seq=1).delete()
    with pytest.raises(Behind) as folded:
        commit(batch(seq=0))
    assert folded.value.rows is None, "rows that were folded into a snapshot cannot be followed one by one"
