"""Blobs on disk: whole or not at all, and gone when removed."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.core.settings import Settings
from backend.core.storage import ObjectBlobStore, open_store
from backend.domain.errors import NotFound


@pytest.fixture
def store(tmp_path: Path) -> ObjectBlobStore:
    return open_store(Settings(data_dir=tmp_path, storage_url=None))


def test_what_is_put_is_read_back(store: ObjectBlobStore) -> None:
    store.put("a/b.jpg", b"pixels")
    assert store.read("a/b.jpg") == b"pixels"
    size, chunks = store.stream("a/b.jpg")
    assert (size, b"".join(chunks)) == (6, b"pixels")


def test_a_file_is_stored_by_path(store: ObjectBlobStore, tmp_path: Path) -> None:
    (tmp_path / "video.mp4").write_bytes(b"frames")
    store.put("source/video.mp4", tmp_path / "video.mp4")
    assert store.read("source/video.mp4") == b"frames"


def test_an_absent_blob_is_named(store: ObjectBlobStore) -> None:
    assert not store.exists("a/b.jpg")
    with pytest.raises(NotFound, match=r"a/b\.jpg"):
        store.read("a/b.jpg")


def test_removing_a_prefix_leaves_its_neighbours(store: ObjectBlobStore) -> None:
    for key in ("recordings/1/x", "recordings/1/y/z", "recordings/12/x"):
        store.put(key, b".")
    assert store.delete_prefix("recordings/1/") == 2
    assert store.exists("recordings/12/x")


def test_removing_twice_is_no_error(store: ObjectBlobStore) -> None:
    store.put("x", b".")
    store.delete("x")
    store.delete("x")
    assert not store.exists("x")
