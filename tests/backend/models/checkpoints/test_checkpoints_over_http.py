"""Checkpoints over HTTP: the list, downloads as jobs, files that people bring."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from backend.core.database.tables import Job, Upload
from backend.core.settings import Settings
from backend.core.uploads import service as uploads
from backend.models.checkpoints.architectures import signatures
from backend.models.checkpoints.registry import DEFAULT_POSE, DEFAULT_SEGMENT, DEMO_POSE, KNOWN
from tests.checkpoint_files import write_checkpoint_of
from tests.factories import bearer, make_annotator, make_maintainer

Headers = dict[str, str]


@pytest.fixture
def headers(committed: Session) -> Headers:
    headers = bearer(committed, make_maintainer(committed))
    committed.commit()
    return headers


@pytest.fixture
def checkpoint(tmp_path: Path) -> bytes:
    return write_checkpoint_of(tmp_path / "my.pth", signatures()["rtmo-s"])


def upload(client: TestClient, headers: Headers, data: bytes, filename: str = "my.pth") -> int:
    body = {"filename": filename, "size": len(data)}
    made = client.post("/api/v1/uploads", json=body, headers=headers).json()
    sent = client.patch(
        f"/api/v1/uploads/{made['id']}", content=data, headers={**headers, "Upload-Offset": "0"}
    )
    assert sent.json()["complete"]
    return int(made["id"])


def listed(client: TestClient, headers: Headers) -> dict[str, dict[str, Any]]:
    return {w["name"]: w for w in client.get("/api/v1/weights", headers=headers).json()}


def test_all_known_checkpoints_but_those_of_the_product_are_missing_at_first(
    client: TestClient, headers: Headers
) -> None:
    found = listed(client, headers)
    assert set(found) == set(KNOWN)
    here = {name for name, known in KNOWN.items() if known.shipped and known.shipped.is_file()}
    assert DEMO_POSE in here
    assert {name for name, w in found.items() if w["present"]} == here
    assert {name for name, w in found.items() if w["demonstration"]} == {DEMO_POSE}
    pose = "blazepose-heavy" if "blazepose-heavy" in here else DEFAULT_POSE
    assert {name for name, w in found.items() if w["in_use"]} == {pose, DEFAULT_SEGMENT}


def test_an_uploaded_file_becomes_a_checkpoint_in_use(
    client: TestClient, headers: Headers, settings: Settings, checkpoint: bytes
) -> None:
    data = checkpoint
    upload_id = upload(client, headers, data)
    added = client.post("/api/v1/weights/rtmo-s", json={"upload_id": upload_id}, headers=headers)
    assert added.status_code == 200, added.text
    weight = added.json()
    assert (weight["present"], weight["origin"], weight["bytes"]) == (True, "uploaded", len(data))
    assert weight["published"] is False
    found = listed(client, headers)
    assert found["rtmo-s"]["in_use"]
    assert not found[DEFAULT_POSE]["in_use"]
    assert not uploads.path_of(settings.uploads_dir, upload_id).exists()


def test_a_file_of_random_numbers_is_not_described_as_trained(
    client: TestClient, headers: Headers, tmp_path: Path
) -> None:
    before = listed(client, headers)["rtmo-s"]["title"]
    tensors = signatures()["rtmo-s"]
    data = write_checkpoint_of(tmp_path / "my.pth", tensors, mark="infantnet.untrained")
    body = {"upload_id": upload(client, headers, data)}
    added = client.post("/api/v1/weights/rtmo-s", json=body, headers=headers).json()
    assert added["untrained"]
    assert added["title"] != before
    assert "trained on nothing" in added["title"]


def test_a_file_that_is_no_checkpoint_is_refused_by_name_and_kept(
    client: TestClient, headers: Headers, committed: Session, settings: Settings
) -> None:
    upload_id = upload(client, headers, b"hello " * 1000, "notes.txt")
    refused = client.post(
        f"/api/v1/weights/{DEFAULT_POSE}", json={"upload_id": upload_id}, headers=headers
    )
    assert refused.status_code == 422
    assert refused.json()["file"] == "notes.txt"
    assert committed.get_one(Upload, upload_id).consumed_at is None
    assert uploads.path_of(settings.uploads_dir, upload_id).exists()
    assert not listed(client, headers)[DEFAULT_POSE]["present"]


def test_a_download_is_a_job_and_asked_for_twice_the_same_one(
    client: TestClient, headers: Headers, committed: Session
) -> None:
    one = client.post("/api/v1/weights/sam2.1-small/pull", headers=headers)
    two = client.post("/api/v1/weights/sam2.1-small/pull", headers=headers)
    assert (one.status_code, two.status_code) == (202, 202)
    assert one.json()["id"] == two.json()["id"]
    assert one.json()["kind"] == "pull_weights"
    job = committed.get_one(Job, one.json()["id"])
    assert job.payload == {"name": "sam2.1-small"}


def test_unknown_names_are_not_found(client: TestClient, headers: Headers) -> None:
    pulled = client.post("/api/v1/weights/yolo/pull", headers=headers)
    added = client.post("/api/v1/weights/yolo", json={"upload_id": 1}, headers=headers)
    assert (pulled.status_code, added.status_code) == (404, 404)
    assert "rtmo-l" in pulled.json()["detail"]


def test_only_maintainers_change_checkpoints(client: TestClient, committed: Session) -> None:
    headers = bearer(committed, make_annotator(committed))
    committed.commit()
    pulled = client.post("/api/v1/weights/rtmo-l/pull", headers=headers)
    added = client.post("/api/v1/weights/rtmo-l", json={"upload_id": 1}, headers=headers)
    assert (pulled.status_code, added.status_code) == (403, 403)
    assert client.get("/api/v1/weights", headers=headers).status_code == 200


def test_a_new_name_needs_an_architecture_that_its_tensors_fit(
    client: TestClient, headers: Headers, tmp_path: Path
) -> None:
    data = write_checkpoint_of(tmp_path / "h.pth", signatures()["hrnet-w32"])
    body: dict[str, Any] = {"upload_id": upload(client, headers, data, "h.pth")}
    unnamed = client.post("/api/v1/weights/infants-2", json=body, headers=headers)
    assert unnamed.status_code == 404
    body |= {"architecture": "vitpose-s", "licence": "CC0-1.0", "trained_on": "Our infants."}
    unfit = client.post("/api/v1/weights/infants-2", json=body, headers=headers)
    assert unfit.status_code == 422
    assert "not a checkpoint of vitpose-s" in unfit.json()["detail"]
    body["architecture"] = "hrnet-w32"
    added = client.post("/api/v1/weights/infants-2", json=body, headers=headers)
    assert added.status_code == 200, added.text
    found = listed(client, headers)["infants-2"]
    assert (found["architecture"], found["takes"]) == ("hrnet-w32", "boxes")
    assert (found["licence"], found["title"]) == ("CC0-1.0", "Our infants.")
    assert (found["origin"], found["published"]) == ("uploaded", None)
    assert found["created_by"] is not None
    pulled = client.post("/api/v1/weights/infants-2/pull", headers=headers)
    assert pulled.status_code == 409

    gone = client.delete("/api/v1/weights/infants-2", headers=headers)
    assert gone.status_code == 204
    assert "infants-2" not in listed(client, headers)
    assert not Path(found["path"]).exists()


def test_a_published_name_keeps_its_architecture(
    client: TestClient, headers: Headers, checkpoint: bytes
) -> None:
    body = {"upload_id": upload(client, headers, checkpoint), "architecture": "rtmo-m"}
    refused = client.post("/api/v1/weights/rtmo-s", json=body, headers=headers)
    assert refused.status_code == 422
    assert "name of your own" in refused.json()["detail"]


def test_a_removed_published_checkpoint_is_listed_as_missing(
    client: TestClient, headers: Headers, checkpoint: bytes
) -> None:
    body = {"upload_id": upload(client, headers, checkpoint)}
    path = client.post("/api/v1/weights/rtmo-s", json=body, headers=headers).json()["path"]
    assert client.delete("/api/v1/weights/rtmo-s", headers=headers).status_code == 204
    found = listed(client, headers)["rtmo-s"]
    assert (found["present"], found["sha256"], found["origin"]) == (False, None, None)
    assert not Path(path).exists()
    assert client.delete(f"/api/v1/weights/{DEMO_POSE}", headers=headers).status_code == 409
