"""The store: bytes by hash, results whole or not at all, leases against eviction."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from workers.store import BadName, Store

FP = "ab" * 32
OTHER = "cd" * 32


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def test_raw_bytes_are_named_by_their_hash(store: Store) -> None:
    digest, size = store.put_raw([b"a,b\n", b"1,2\n"])
    assert (digest, size) == (hashlib.sha256(b"a,b\n1,2\n").hexdigest(), 8)
    assert store.has_raw(digest) and store.raw_path(digest).read_bytes() == b"a,b\n1,2\n"
    assert store.put_raw(b"a,b\n1,2\n") == (digest, size)


def test_an_upload_that_breaks_off_leaves_nothing(store: Store) -> None:
    with pytest.raises(ConnectionError), store.raw_writer() as writer:
        writer.write(b"half")
        raise ConnectionError
    assert list(store.temporary.iterdir()) == []
    assert not (store.root / "raw").exists()


def test_a_result_appears_whole_with_its_manifest_last(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    moved: list[str] = []
    replace = os.replace
    monkeypatch.setattr(os, "replace", lambda a, b: (moved.append(Path(b).name), replace(a, b))[1])
    with store.staging(FP) as folder:
        (folder / "manifest.json").write_text('{"rows": 3}')
        (folder / "part-0000.parquet").write_bytes(b"PAR1")
        assert not store.has_table(FP)
    assert moved[-1] == "manifest.json" and "part-0000.parquet" in moved
    assert store.manifest(FP) == {"rows": 3}


def test_a_result_that_fails_leaves_nothing(store: Store) -> None:
    with pytest.raises(RuntimeError), store.staging(FP) as folder:
        (folder / "manifest.json").write_text("{}")
        raise RuntimeError
    assert not store.has_table(FP) and list(store.temporary.iterdir()) == []


def test_the_final_step_replaces_the_partial_one(store: Store) -> None:
    store.put_step(FP, {"final": False, "view": {"n": 1}})
    assert store.final(FP) is None
    assert store.step(FP) == {"final": False, "view": {"n": 1}}
    store.put_step(FP, {"final": True, "view": {"n": 2}})
    assert store.step(FP) == store.final(FP) == {"final": True, "view": {"n": 2}}
    assert not (store.folder(FP) / "step.json").exists()


def test_pages_and_schemas_round_trip(store: Store) -> None:
    store.put_page(FP, 2, {"rows": [[1]]})
    store.put_schema(FP, {"outputs": {}})
    assert store.page(FP, 2) == {"rows": [[1]]}
    assert store.page(FP, 3) is None
    assert store.schema(FP) == {"outputs": {}}
    assert store.schema(OTHER) is None


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "AB" * 32, "ab" * 40, "ab/cd" * 8, "ab" * 31 + "\n\n"])
def test_a_name_cannot_leave_the_store(store: Store, name: str) -> None:
    for read in (store.folder, store.raw_path, store.manifest, store.final):
        with pytest.raises(BadName):
            read(name)


def test_eviction_drops_the_least_recently_used_and_spares_leased_and_pinned(store: Store) -> None:
    prints = [f"{i:064x}" for i in range(4)]
    for age, fp in enumerate(prints):
        store.put_step(fp, {"final": True, "view": "x" * 1000})
        os.utime(store.folder(fp) / "view.json", (1000 + age, 1000 + age))
    raw, _ = store.put_raw(b"kept for ever")
    with store.lease(prints[0]):
        assert store.evict(budget=2200, pinned=[prints[1]]) == [prints[2], prints[3]]
    assert store.evict(budget=0, pinned=[prints[1]]) == [prints[0]]
    assert store.final(prints[1]) is not None and store.has_raw(raw)


def test_reading_a_result_keeps_it_from_eviction(store: Store) -> None:
    for fp in (FP, OTHER):
        store.put_step(fp, {"final": True, "view": 1})
        os.utime(store.folder(fp) / "view.json", (1000, 1000))
    store.final(FP)
    assert store.evict(budget=store.size_of(FP)) == [OTHER]


def test_a_lease_of_a_dead_process_expires(store: Store) -> None:
    mark = store.root / "leases" / "1.1.1"
    mark.write_text(FP)
    assert store.leased() == {FP}
    os.utime(mark, (1000, 1000))
    assert store.leased() == set() and not mark.exists()


def test_a_store_opens_from_a_path_or_a_file_url(tmp_path: Path) -> None:
    assert Store.from_url(f"file://{tmp_path}/a%20b").root == tmp_path / "a b"
    assert Store.from_url(str(tmp_path / "c")).root == tmp_path / "c"
    with pytest.raises(ValueError, match="s3"):
        Store.from_url("s3://bucket")


def test_no_number_that_json_lacks_is_written(store: Store) -> None:
    with pytest.raises(ValueError, match="JSON"):
        store.put_step(FP, {"final": True, "view": float("nan")})
    assert store.final(FP) is None
