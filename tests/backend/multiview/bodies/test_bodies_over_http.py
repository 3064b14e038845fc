"""Body models over HTTP: who may add them, what is refused, what viewers get."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from backend.core.database.tables import AuditEntry, Body, FitRun, Upload
from backend.core.settings import Settings
from backend.core.storage import open_store
from backend.core.uploads import service as uploads
from backend.multiview.bodies.convert import convert_smil
from backend.multiview.bodies.library import find_model
from backend.multiview.bodies.model_file import OPEN_BODY_FILE, open_body, sha256_of_file
from tests.factories import bearer, make_annotator, make_maintainer, make_recording
from tests.smil_files import geometry, write_model, write_prior

Headers = dict[str, str]
URL = "/api/v1/bodies"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("smil")
    write_model(folder / "smil_web.pkl", geometry())
    write_prior(folder / "smil_pose_prior.pkl", np.zeros(69), np.eye(69))
    convert_smil(folder / "smil_web.pkl", folder / "smil_pose_prior.pkl", folder / "smil.npz")
    return folder


@pytest.fixture
def headers(committed: Session) -> Iterator[Headers]:
    headers = bearer(committed, make_maintainer(committed, name="Mia"))
    committed.commit()
    yield headers
    committed.rollback()
    committed.execute(delete(FitRun).where(FitRun.body_name == "smil"))
    committed.execute(delete(Body))
    committed.commit()


def upload(client: TestClient, headers: Headers, path: Path, name: str | None = None) -> int:
    data = path.read_bytes()
    body = {"filename": name or path.name, "size": len(data)}
    made = client.post("/api/v1/uploads", json=body, headers=headers).json()
    sent = client.patch(
        f"/api/v1/uploads/{made['id']}", content=data, headers={**headers, "Upload-Offset": "0"}
    )
    assert sent.json()["complete"]
    return int(made["id"])


def add_smil(client: TestClient, headers: Headers, files: Path) -> dict[str, Any]:
    request = {
        "upload_id": upload(client, headers, files / "smil_web.pkl"),
        "prior_upload_id": upload(client, headers, files / "smil_pose_prior.pkl"),
    }
    added = client.post(URL, json=request, headers=headers)
    assert added.status_code == 201, added.text
    found: dict[str, Any] = added.json()
    return found


def test_the_open_body_is_there_from_the_start(client: TestClient, headers: Headers) -> None:
    [body] = client.get(URL, headers=headers).json()
    assert body["name"] == "open-infant"
    assert body["is_open"] is True
    assert body["sha256"] == sha256_of_file(OPEN_BODY_FILE)
    assert (body["joints"], body["betas"]) == (24, 20)
    assert body["created_at"] is None
    assert "worker." not in body["about"]
    assert body["about"].endswith(
        "24 joints. With its free scale it serves infants of 0 to 36 months."
    )


def test_smil_is_converted_listed_and_found_by_those_who_fit(
    client: TestClient, headers: Headers, files: Path, committed: Session, settings: Settings
) -> None:
    body = add_smil(client, headers, files)
    assert (body["name"], body["vertices"], body["betas"]) == ("smil", 6890, 20)
    assert body["sha256_source"] == sha256_of_file(files / "smil_web.pkl")
    assert body["created_by"]["name"] == "Mia"
    listed = client.get(URL, headers=headers).json()
    assert [b["name"] for b in listed] == ["open-infant", "smil"]
    assert listed[1] == body
    model = find_model(committed, open_store(settings), "smil")
    assert model.sha256 == body["sha256"]
    acts = committed.scalars(select(AuditEntry).where(AuditEntry.action == "body_added")).all()
    assert acts[-1].details["files"] == ["smil_web.pkl", "smil_pose_prior.pkl"]


def test_a_converted_file_is_taken_as_it_is(
    client: TestClient, headers: Headers, files: Path
) -> None:
    upload_id = upload(client, headers, files / "smil.npz")
    added = client.post(URL, json={"upload_id": upload_id}, headers=headers)
    assert added.status_code == 201, added.text
    assert added.json()["sha256"] == sha256_of_file(files / "smil.npz")


def test_a_second_model_of_the_same_name_is_a_conflict(
    client: TestClient, headers: Headers, files: Path
) -> None:
    add_smil(client, headers, files)
    upload_id = upload(client, headers, files / "smil.npz")
    again = client.post(URL, json={"upload_id": upload_id}, headers=headers)
    assert again.status_code == 409
    assert "is already here" in again.json()["detail"]


def test_a_pickle_that_runs_code_is_refused_by_name_and_adds_nothing(
    client: TestClient,
    headers: Headers,
    tmp_path: Path,
    committed: Session,
    settings: Settings,
) -> None:
    path = tmp_path / "evil.pkl"
    path.write_bytes(b"cos\nsystem\n(S'touch " + str(tmp_path / "mark").encode() + b"'\ntR.")
    upload_id = upload(client, headers, path, "smil_web.pkl")
    refused = client.post(URL, json={"upload_id": upload_id}, headers=headers)
    assert refused.status_code == 422
    assert refused.json()["file"] == "smil_web.pkl"
    assert "os.system" in refused.json()["detail"]
    assert not (tmp_path / "mark").exists()
    assert committed.get_one(Upload, upload_id).consumed_at is None
    assert uploads.path_of(settings.uploads_dir, upload_id).exists()
    assert len(client.get(URL, headers=headers).json()) == 1


def test_the_open_body_cannot_be_added_under_its_own_name(
    client: TestClient, headers: Headers
) -> None:
    upload_id = upload(client, headers, OPEN_BODY_FILE)
    refused = client.post(URL, json={"upload_id": upload_id}, headers=headers)
    assert refused.status_code == 422
    assert "open-infant" in refused.json()["detail"]


def test_a_model_is_removed_with_its_file(
    client: TestClient, headers: Headers, files: Path, committed: Session, settings: Settings
) -> None:
    add_smil(client, headers, files)
    key = committed.scalars(select(Body.key)).one()
    assert open_store(settings).exists(key)
    assert client.delete(f"{URL}/smil", headers=headers).status_code == 204
    assert not open_store(settings).exists(key)
    assert len(client.get(URL, headers=headers).json()) == 1
    assert client.delete(f"{URL}/smil", headers=headers).status_code == 404


def test_a_model_that_fits_were_made_with_stays(
    client: TestClient, headers: Headers, files: Path, committed: Session
) -> None:
    body = add_smil(client, headers, files)
    recording = make_recording(committed)
    committed.add(
        FitRun(
            recording_id=recording.id,
            body_name="smil",
            body_sha256=body["sha256"],
            config_version="1",
            config={},
            betas=[0.0] * 20,
            scale=1.0,
        )
    )
    committed.commit()
    kept = client.delete(f"{URL}/smil", headers=headers)
    assert kept.status_code == 409
    assert "fits were made with smil" in kept.json()["detail"]


def test_the_open_body_stays(client: TestClient, headers: Headers) -> None:
    assert client.delete(f"{URL}/open-infant", headers=headers).status_code == 409


def test_only_maintainers_change_body_models(
    client: TestClient, headers: Headers, committed: Session
) -> None:
    others = bearer(committed, make_annotator(committed))
    committed.commit()
    added = client.post(URL, json={"upload_id": 1}, headers=others)
    removed = client.delete(f"{URL}/smil", headers=others)
    assert (added.status_code, removed.status_code) == (403, 403)
    assert client.get(URL, headers=others).status_code == 200
    assert client.get(URL).status_code == 401


def test_viewers_get_a_shaped_body_that_they_may_keep(client: TestClient, headers: Headers) -> None:
    url = f"{URL}/open-infant/model.bin?betas=1.5,-0.5"
    first = client.get(url, headers=headers)
    assert first.status_code == 200
    assert first.content.startswith(b"INFBODY1")
    assert "no-cache" in first.headers["cache-control"]
    again = client.get(url, headers={**headers, "If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    named = client.get(f"{url}&v={open_body().sha256}", headers=headers)
    assert "immutable" in named.headers["cache-control"]
    other = client.get(f"{URL}/open-infant/model.bin", headers=headers)
    assert other.headers["etag"] != first.headers["etag"]


def test_viewers_asking_for_nonsense_are_told(client: TestClient, headers: Headers) -> None:
    assert client.get(f"{URL}/none/model.bin", headers=headers).status_code == 404
    bad = client.get(f"{URL}/open-infant/model.bin?betas=x", headers=headers)
    assert bad.status_code == 422
    assert "betas" in bad.json()["detail"]
