"""Blobs on disk: whole or not at all, and gone when removed."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

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


def test_a_copy_outlives_the_first_and_what_is_put_there_later(store: ObjectBlobStore) -> None:
    store.put("recordings/1/a.jpg", b"pixels")
    store.copy("recordings/1/a.jpg", "releases/1/a.jpg")
    store.put("recordings/1/a.jpg", b"others")
    assert store.read("releases/1/a.jpg") == b"pixels"
    store.delete("recordings/1/a.jpg")
    assert store.read("releases/1/a.jpg") == b"pixels"
    with pytest.raises(NotFound, match=r"recordings/1/a\.jpg"):
        store.copy("recordings/1/a.jpg", "releases/1/b.jpg")


def test_a_copy_onto_another_disk_is_written_again(store: ObjectBlobStore, tmp_path: Path) -> None:
    memory = Path("/dev/shm")
    if not memory.is_dir() or memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no second file system here")
    with TemporaryDirectory(dir=memory) as other:
        (tmp_path / "blobs/releases").symlink_to(other)
        store.put("recordings/1/a.jpg", b"pixels")
        store.copy("recordings/1/a.jpg", "releases/1/a.jpg")
        assert (Path(other) / "1/a.jpg").read_bytes() == b"pixels"


def test_a_removed_prefix_leaves_no_folders(store: ObjectBlobStore) -> None:
    store.put("releases/1/2-1/images/INF-1/a.jpg", b".")
    store.put("releases/2/3-1/README.md", b".")
    store.delete_prefix("releases/1/")
    folder = store.local_path("releases")
    assert folder is not None
    assert [path.name for path in folder.iterdir()] == ["2"]


def test_what_a_killed_writer_left_goes_with_the_prefix(tmp_path: Path) -> None:
    store = open_store(Settings(data_dir=tmp_path))
    folder = tmp_path / "blobs" / "recordings" / "1"
    folder.mkdir(parents=True)
    for name in ("face.jpg#1", "face.jpg#2871", "not a draft.jpg"):
        (folder / name).write_bytes(b"pixels")
    assert store.delete_prefix("recordings/1/") == 3
    assert not folder.exists()
