"""The same blob store on S3-compatible storage, chosen by one setting."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from backend.core.settings import Settings
from backend.core.storage import ObjectBlobStore, StorageError, open_store, store_failure
from backend.domain.errors import NotFound


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """An S3-compatible server on the loopback address."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    client = boto3.client(
        "s3", endpoint_url=url, region_name="us-east-1",
        aws_access_key_id="key", aws_secret_access_key="secret",
    )  # fmt: skip
    client.create_bucket(Bucket="infants")
    yield url
    server.stop()


@pytest.fixture
def store(endpoint: str, tmp_path: Path) -> ObjectBlobStore:
    return open_store(
        Settings(
            data_dir=tmp_path,
            storage_url="s3://infants/lab",
            s3_endpoint=endpoint,
            s3_access_key_id="key",
            s3_secret_access_key="secret",
        )
    )


def test_a_blob_goes_to_the_bucket_and_back(store: ObjectBlobStore, tmp_path: Path) -> None:
    store.put("recordings/1/a.jpg", b"pixels")
    assert store.read("recordings/1/a.jpg") == b"pixels"
    store.download("recordings/1/a.jpg", tmp_path / "a.jpg")
    assert (tmp_path / "a.jpg").read_bytes() == b"pixels"
    assert store.local_path("recordings/1/a.jpg") is None


def test_a_large_file_is_sent_in_parts(store: ObjectBlobStore, tmp_path: Path) -> None:
    (tmp_path / "video.mp4").write_bytes(bytes(range(256)) * 4096 * 12)
    store.put("source/video.mp4", tmp_path / "video.mp4")
    size, chunks = store.stream("source/video.mp4")
    assert size == 12 * 1024 * 1024
    assert b"".join(chunks) == (tmp_path / "video.mp4").read_bytes()


def test_a_blob_is_copied_within_the_bucket(store: ObjectBlobStore) -> None:
    store.put("recordings/1/b.jpg", b"pixels")
    store.copy("recordings/1/b.jpg", "releases/1/b.jpg")
    store.delete("recordings/1/b.jpg")
    assert store.read("releases/1/b.jpg") == b"pixels"
    with pytest.raises(NotFound):
        store.copy("recordings/1/b.jpg", "releases/1/c.jpg")


def test_an_absent_blob_and_a_removed_prefix(store: ObjectBlobStore) -> None:
    for key in ("recordings/2/x", "recordings/2/y/z", "recordings/23/x"):
        store.put(key, b".")
    assert store.delete_prefix("recordings/2/") == 2
    with pytest.raises(NotFound):
        store.read("recordings/2/x")
    assert store.exists("recordings/23/x")


def test_a_bucket_that_does_not_exist_is_said_and_nothing_is_called_missing(
    endpoint: str, tmp_path: Path
) -> None:
    store = open_store(
        Settings(
            data_dir=tmp_path,
            storage_url="s3://mistyped/lab",
            s3_endpoint=endpoint,
            s3_access_key_id="key",
            s3_secret_access_key="secret",
        )
    )
    for act in (
        lambda: store.put("a.jpg", b"pixels"),
        lambda: store.read("a.jpg"),
        lambda: store.stream("a.jpg"),
        lambda: store.delete_prefix("recordings/1/"),
    ):
        with pytest.raises(StorageError) as told:
            act()
        assert "there is no such bucket" in (store_failure(told.value) or "")
