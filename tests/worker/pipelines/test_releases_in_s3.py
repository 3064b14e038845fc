"""A release whose images lie in S3 and whose files go there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from threading import Thread
from typing import Any

import boto3
import pytest
from moto.server import DomainDispatcherApplication, create_backend_app
from pydantic import SecretStr
from werkzeug.serving import make_server

from backend.core.storage import open_store
from tests.worker.bench import Bench
from tests.worker.pipelines.test_broken_releases import ask, assert_nothing_is_seen, retry
from tests.worker.release_lab import Lab

DENIED = b"<Error><Code>AccessDenied</Code><Message>The key has expired.</Message></Error>"


class Bucket:
    """An S3-compatible server that can be told to fail."""

    def __init__(self) -> None:
        self._app = DomainDispatcherApplication(create_backend_app)
        self.writes = 0
        self.denies_after: int | None = None
        self.hiccups: set[int] = set()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "PUT" and environ["PATH_INFO"].count("/") > 1:
            self.writes += 1
            if self.denies_after is not None and self.writes > self.denies_after:
                start_response("403 Forbidden", [("Content-Type", "application/xml")])
                return [DENIED]
            if self.writes in self.hiccups:
                start_response("503 Slow Down", [("Content-Type", "application/xml")])
                return [b""]
        return self._app(environ, start_response)  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Bucket, str]]:
    bucket = Bucket()
    server = make_server("127.0.0.1", 0, bucket, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    client = boto3.client(
        "s3", endpoint_url=url, region_name="us-east-1",
        aws_access_key_id="key", aws_secret_access_key="secret",
    )  # fmt: skip
    client.create_bucket(Bucket="infants")
    yield bucket, url
    server.shutdown()
    thread.join()


@pytest.fixture
def bucket(served: tuple[Bucket, str]) -> Bucket:
    bucket = served[0]
    bucket.writes, bucket.denies_after, bucket.hiccups = 0, None, set()
    return bucket


@pytest.fixture
def lab(checked_lab: Lab, served: tuple[Bucket, str], bucket: Bucket) -> Lab:
    """A checked lab whose files lie in a bucket."""
    here = checked_lab.bench
    settings = here.settings.model_copy(
        update={
            "storage_url": f"s3://infants/{here.settings.data_dir.parent.name}",
            "s3_endpoint": served[1],
            "s3_access_key_id": "key",
            "s3_secret_access_key": SecretStr("secret"),
        }
    )
    store = open_store(settings)
    for key in here.files():
        store.put(key, checked_lab.storage.read(key))
    bucket.writes = 0
    there = Bench(settings, here.maintainer_id)
    there.engine.dispose()
    there.engine = here.engine
    return Lab(there, checked_lab.ids)


def test_a_release_in_s3_is_the_same_as_on_disk(lab: Lab, published_lab: Lab) -> None:
    assert lab.publish(lab.release).state == "succeeded"
    on_disk = published_lab.row(lab.release)
    assert lab.row(lab.release).content_sha256 == on_disk.content_sha256
    assert lab.files(lab.release) == published_lab.files(lab.release)


def test_short_failures_of_s3_are_ridden_out(lab: Lab, bucket: Bucket) -> None:
    bucket.hiccups = {3, 12}
    assert lab.publish(lab.release).state == "succeeded"
    assert len(lab.files(lab.release)) == lab.row(lab.release).files


def test_s3_that_fails_midway_is_named_and_the_retry_completes(lab: Lab, bucket: Bucket) -> None:
    bucket.denies_after = 9
    job = ask(lab)
    ended = lab.bench.run(job)
    assert ended.state == "failed"
    assert "The store failed" in str(ended.error)
    assert "Retry when the store is well" in str(ended.error)
    assert_nothing_is_seen(lab)
    assert lab.storage.delete_prefix("releases/") == 0
    bucket.denies_after = None
    assert retry(lab, job).state == "succeeded"
    assert len(lab.files(lab.release)) == lab.row(lab.release).files
