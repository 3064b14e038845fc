"""Releases by the command line, before the running product with its workers."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import time
import zipfile
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from backend.core.database.session import transaction
from backend.domain.workflow import Stage
from tests.backend.cli.conftest import Cli
from tests.factories import frames_of, make_annotator, make_boxed_recording, unique
from tests.fixtures.server import Person, Server
from tests.integration.people import PATIENCE_S

pytestmark = pytest.mark.xdist_group("cli")  # one running product for all of them

Api = httpx.Client


@pytest.fixture
def api(server: Server, maintainer: Person) -> Api:
    headers = {"Authorization": f"Bearer {maintainer.token}"}
    return httpx.Client(base_url=f"{server.url}/api/v1", headers=headers, timeout=60)


def approved(server: Server) -> int:
    """A recording with stored images."""
    with transaction(server.engine) as session:
        recording = make_boxed_recording(session, make_annotator(session), stage=Stage.APPROVED)
        for frame in frames_of(session, recording):
            path = server.data_dir / "blobs" / frame.image_key
            path.parent.mkdir(parents=True, exist_ok=True)
            rng = np.random.default_rng(frame.id)
            pixels = rng.integers(0, 255, (frame.height, frame.width, 3), np.uint8)
            Image.fromarray(pixels).save(path, quality=80)
            frame.sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
            frame.dhash = int.from_bytes(rng.bytes(8), "big", signed=True)
        return recording.id


def wait(api: Api, job: dict[str, Any]) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        found: dict[str, Any] = api.get(f"/jobs/{job['id']}").json()
        if found["state"] not in ("queued", "running"):
            return found
        time.sleep(0.1)
    pytest.fail(f"{job} does not end")


def ok(answer: httpx.Response) -> Any:
    assert answer.is_success, answer.text
    return answer.json()


def publish(server: Server, api: Api, name: str) -> dict[str, Any]:
    """Select, split, check and publish, as a maintainer's script does."""
    recordings = [approved(server), approved(server)]
    dataset = ok(api.post("/datasets", json={"name": name, "title": "Infants who crawl"}))
    release = ok(api.post("/releases", json={"dataset_id": dataset["id"]}))
    at = f"/releases/{release['id']}"
    settings = release["settings"]
    settings["selection"]["recordings"] = recordings
    settings["splitting"]["targets"] = [
        {"name": "train", "share": 0.5},
        {"name": "test", "share": 0.5},
    ]
    about = {"licence": "CC BY-NC 4.0", "contact": "lab@example.org"}
    effect = ok(api.post(f"{at}/effect", json={"settings": settings, "audience": "internal"}))
    assert (effect["frames"], effect["infants"]) == (6, 2)
    ok(api.patch(at, json={"settings": settings, **about}))
    ok(api.post(f"{at}/splits/proposal", json={}))
    assert wait(api, ok(api.post(f"{at}/check")))["state"] == "succeeded"
    checked = ok(api.get(at))
    assert (checked["state"], checked["gate"]) == ("checked", [])
    assert wait(api, ok(api.post(f"{at}/publication")))["state"] == "succeeded"
    published: dict[str, Any] = ok(api.get(at))
    assert published["state"] == "published"
    return published


def test_a_colleague_with_a_token_fetches_a_release_and_goes_on_where_it_broke_off(
    cli: Cli, server: Server, api: Api, tmp_path: Path
) -> None:
    name = unique("crawlers")
    release = publish(server, api, name)
    at = f"/releases/{release['id']}"
    assert name in cli("releases", "list").out
    whole = api.get(f"{at}/archive.tar").content
    # What a fetch that broke off leaves behind.
    part = tmp_path / f"{name}-1.0.0.{release['content_sha256'][:12]}.tar.part"
    part.write_bytes(whole[:5000])
    outcome = cli("releases", "pull", f"{name}@1.0.0", "--out", tmp_path, "--shards")
    assert outcome.code == 0, outcome.err
    assert "all hashes right" in outcome.err
    folder = tmp_path / f"{name}-1.0.0"
    assert not part.exists()
    document = json.loads((folder / "annotations/train.json").read_text())
    assert all((folder / image["file_name"]).is_file() for image in document["images"])
    with tarfile.open(tmp_path / f"{name}-1.0.0-shards" / "train-000000.tar") as shard:
        assert len(shard.getnames()) == 2 * len(document["images"])
    again = cli("releases", "pull", f"{name}@1.0.0", "--out", tmp_path)
    assert again.code == 1
    assert "there already" in again.err


def test_what_arrives_damaged_is_not_kept(
    cli: Cli, server: Server, api: Api, tmp_path: Path
) -> None:
    name = unique("crawlers")
    release = publish(server, api, name)
    whole = bytearray(api.get(f"/releases/{release['id']}/archive.tar").content)
    whole[700] ^= 1
    part = tmp_path / f"{name}-1.0.0.{release['content_sha256'][:12]}.tar.part"
    part.write_bytes(whole)
    outcome = cli("releases", "pull", name, "--out", tmp_path)
    assert outcome.code == 1
    assert "did not arrive as they were published" in outcome.err
    assert not (tmp_path / f"{name}-1.0.0").exists()


def test_parts_of_an_archive_are_given_out(server: Server, api: Api) -> None:
    release = publish(server, api, unique("crawlers"))
    at = f"/releases/{release['id']}/archive.tar"
    whole = api.get(at).content
    answer = api.get(at, headers={"Range": "bytes=100-299"})
    assert answer.status_code == 206
    assert answer.content == whole[100:300]
    assert answer.headers["content-range"] == f"bytes 100-299/{len(whole)}"
    assert api.get(at, headers={"Range": "bytes=-7"}).content == whole[-7:]
    beyond = api.get(at, headers={"Range": f"bytes={len(whole)}-"})
    assert beyond.status_code == 416
    changed = api.get(at, headers={"Range": "bytes=5-9", "If-Range": '"another"'})
    assert (changed.status_code, changed.content) == (200, whole)


def test_a_zip_is_given_out_as_well(server: Server, api: Api) -> None:
    release = publish(server, api, unique("crawlers"))
    at = f"/releases/{release['id']}/archive.zip"
    whole = api.get(at)
    assert whole.headers["content-type"] == "application/zip"
    assert whole.headers["content-disposition"].endswith('-1.0.0.zip"')
    assert api.get(at, headers={"Range": "bytes=5000-"}).content == whole.content[5000:]
    with zipfile.ZipFile(io.BytesIO(whole.content)) as file:
        assert file.testzip() is None
        assert len(file.namelist()) == release["files"]


def test_shards_are_made_of_a_folder_without_a_server(bare: Cli, tmp_path: Path) -> None:
    outcome = bare("releases", "shards", tmp_path)
    assert outcome.code == 1
    assert "not the folder of a release" in outcome.err


def test_a_release_that_does_not_exist_is_named(cli: Cli) -> None:
    outcome = cli("releases", "pull", "nobody@1.0.0")
    assert outcome.code == 1
    assert "no dataset nobody" in outcome.err


def test_predictions_are_measured_and_their_numbers_printed(
    cli: Cli, server: Server, api: Api, tmp_path: Path
) -> None:
    name = unique("crawlers")
    release = publish(server, api, name)
    at = f"/releases/{release['id']}"
    truth = ok(api.get(f"{at}/files/annotations/test.json"))
    members = ("image_id", "category_id", "keypoints")
    results = [{k: a[k] for k in members} | {"score": 0.9} for a in truth["annotations"]]
    path = tmp_path / "results.json"
    path.write_text(json.dumps(results))
    said = ("--split", "test", "--model", "pose-net", "--setting", "zero-shot")
    outcome = cli("evaluate", f"{name}@1.0.0", path, *said)
    assert outcome.code == 0, outcome.err
    assert "AP\t1.000\t" in outcome.out
    (entry,) = ok(api.get(f"{at}/evaluations"))["entries"]
    assert f"/releases/{release['id']}/leaderboard/{entry['id']}" in outcome.err
    again = cli("evaluate", f"{name}@1.0.0", path, *said)
    assert again.code == 1
    assert "measured as pose-net on test already" in again.err
    results[0]["keypoints"] = [1] * 48
    path.write_text(json.dumps(results))
    refused = cli("evaluate", f"{name}@1.0.0", path, *said)
    assert refused.code == 1
    assert "keypoints of another length than 51: 1 ([0]: 48)" in refused.err


def test_a_papers_table_says_of_each_row_what_it_lacks(
    cli: Cli, server: Server, api: Api, tmp_path: Path
) -> None:
    name = unique("crawlers")
    release = publish(server, api, name)
    truth = ok(api.get(f"/releases/{release['id']}/files/annotations/test.json"))
    members = ("image_id", "category_id", "keypoints")
    path = tmp_path / "results.json"
    path.write_text(
        json.dumps([{k: a[k] for k in members} | {"score": 0.9} for a in truth["annotations"]])
    )
    said = ("--split", "test", "--model", "hrnet-w32", "--setting", "zero-shot")
    assert cli("evaluate", f"{name}@1.0.0", path, *said).code == 0
    rows = ("--row", "hrnet-w32", "--row", "vitpose-s")
    outcome = cli("bench", "table3", "--release", name, *rows, "--json")
    assert outcome.code == 0, outcome.err
    hrnet, vitpose = outcome.json["rows"]
    assert hrnet["zero_shot"]["AP"] == 1.0
    assert (hrnet["fine_tuned"], hrnet["gain"], vitpose["zero_shot"]) == (None, None, None)
    assert "infantnet weights pull hrnet-w32" in hrnet["why"]
    assert outcome.json["mean_gain"] is None
    wrong = cli("bench", "table3", "--release", name, "--row", "hrnet-w31")
    assert wrong.code == 2
    assert "There is no row hrnet-w31; rows: hourglass-256" in wrong.err
