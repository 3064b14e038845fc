"""Archives that are never stored, opened by the standard library."""

from __future__ import annotations

import io
import tarfile
import zipfile
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from backend.core.settings import Settings
from backend.core.storage import BlobStore, open_store
from backend.domain.errors import Conflict
from backend.publishing.releases.archive import Archive, TarArchive, ZipArchive
from backend.publishing.releases.publishing import WrittenFile, written

TIME = datetime(2026, 11, 29, 21, 14, 36, tzinfo=UTC)
KINDS = [TarArchive, ZipArchive]


@pytest.fixture
def store(tmp_path: Path) -> BlobStore:
    return open_store(Settings(data_dir=tmp_path, storage_url=None, demo=False))


@pytest.fixture
def contents(store: BlobStore) -> dict[str, bytes]:
    """Files of all sizes around a block's, under short, long and foreign names."""
    rng = np.random.default_rng(5)
    names = {
        "empty": 0, "one": 1, "block": 512, "more": 513, "large": 3_000_000,
        "images/Säugling/€.png": 77, "images/" + "n" * 200 + ".jpg": 1000,
    }  # fmt: skip
    made = {name: rng.bytes(size) for name, size in names.items()}
    for name, data in made.items():
        store.put(f"at/{name}", data)
    return made


def packed(kind: type[Archive], contents: dict[str, bytes]) -> Archive:
    return kind([written(*item) for item in contents.items()], "at/", "crawlers-1.0.0", TIME)


def whole(archive: Archive, store: BlobStore) -> bytes:
    return b"".join(archive.read(store, 0, archive.size))


class Virtual(io.RawIOBase):
    """An archive as a file that is read where it is asked."""

    def __init__(self, archive: Archive, store: BlobStore) -> None:
        self.archive, self.store, self.at = archive, store, 0

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.at

    def seek(self, offset: int, whence: int = 0) -> int:
        self.at = offset + (0, self.at, self.archive.size)[whence]
        return self.at

    def read(self, size: int = -1) -> bytes:
        stop = self.archive.size if size < 0 else min(self.archive.size, self.at + size)
        data = b"".join(self.archive.read(self.store, self.at, stop))
        self.at += len(data)
        return data


def test_a_tar_unpacks_to_what_was_packed(store: BlobStore, contents: dict[str, bytes]) -> None:
    data = whole(packed(TarArchive, contents), store)
    with tarfile.open(fileobj=io.BytesIO(data)) as file:
        found = {m.name: file.extractfile(m).read() for m in file.getmembers()}  # type: ignore[union-attr]
        assert {m.mtime for m in file.getmembers()} == {int(TIME.timestamp())}
    assert found == {f"crawlers-1.0.0/{name}": data for name, data in contents.items()}


def test_a_zip_unpacks_to_what_was_packed(store: BlobStore, contents: dict[str, bytes]) -> None:
    with zipfile.ZipFile(io.BytesIO(whole(packed(ZipArchive, contents), store))) as file:
        assert file.testzip() is None
        assert {i.compress_type for i in file.infolist()} == {zipfile.ZIP_STORED}
        assert {i.date_time for i in file.infolist()} == {(2026, 11, 29, 21, 14, 36)}
        found = {name: file.read(name) for name in file.namelist()}
    assert found == {f"crawlers-1.0.0/{name}": data for name, data in contents.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_any_part_is_the_same_as_that_part_of_the_whole(
    kind: type[Archive], store: BlobStore, contents: dict[str, bytes]
) -> None:
    archive = packed(kind, contents)
    data = whole(archive, store)
    assert len(data) == archive.size
    rng = np.random.default_rng(1)
    cuts = sorted({0, 1, 29, 30, 511, 512, 513, archive.size, archive.size - 1, archive.size - 22,
                   *rng.integers(0, archive.size, 40).tolist()})  # fmt: skip
    for start, stop in pairwise(cuts):
        assert b"".join(archive.read(store, start, stop)) == data[start:stop]
    for start in cuts[-6:]:
        assert b"".join(archive.read(store, start, archive.size)) == data[start:]


def test_a_zip_of_more_files_than_it_once_could_hold(store: BlobStore) -> None:
    files = [WrittenFile(f"{i:06d}", 0, "", 0) for i in range(70_000)]
    archive = ZipArchive(files, "at/", "many", TIME)
    with zipfile.ZipFile(Virtual(archive, store)) as file:
        names = file.namelist()
    assert (len(names), names[-1]) == (70_000, "many/069999")


def test_a_zip_beyond_four_gigabytes_is_read_from_its_far_end(
    store: BlobStore, tmp_path: Path
) -> None:
    store.put("at/last", b"the last of all")
    path = store.local_path("at/video")
    assert path is not None
    size = 5 << 30
    with path.open("wb") as file:
        file.truncate(size)  # holes: nothing is written
    files = [WrittenFile("video", size, "", 0), written("last", b"the last of all")]
    archive = ZipArchive(files, "at/", "long", TIME)
    with zipfile.ZipFile(Virtual(archive, store)) as packed:
        assert packed.getinfo("long/video").file_size == size
        assert packed.getinfo("long/last").header_offset > 1 << 32
        assert packed.read("long/last") == b"the last of all"
        with packed.open("long/video") as video:
            assert video.read(100) == bytes(100)


def test_a_tar_of_a_file_beyond_eight_gigabytes_gives_its_size(store: BlobStore) -> None:
    archive = TarArchive([WrittenFile("video", 9 << 30, "", 0)], "at/", "long", TIME)
    head = b"".join(archive.read(store, 0, 1536))
    with tarfile.open(fileobj=io.BytesIO(head)) as file:
        member = file.next()
    assert member is not None
    assert member.size == 9 << 30


def test_a_release_of_before_is_given_out_as_tar_only(store: BlobStore) -> None:
    with pytest.raises(Conflict, match=r"take the \.tar"):
        ZipArchive([WrittenFile("README.md", 5, "0" * 64)], "at/", "old", TIME)
