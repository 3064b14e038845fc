"""Body fits over HTTP: the list, verdicts, and surfaces as files."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
import trimesh
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from backend.core.database.tables import Recording
from backend.multiview.bodies.mesh import pose_body
from backend.multiview.bodies.model_file import open_body
from tests.backend.multiview.fits.making import make_fits, make_seen_recording
from tests.factories import bearer, make_annotator, make_inspector

API = "/api/v1"
POSE = np.concatenate([[0.3, -0.2, 0.9], np.full(69, 0.05)])
PLACE = np.array([0.1, -0.2, 0.3])


@pytest.fixture
def recording(committed: Session) -> Recording:
    recording = make_seen_recording(committed, make_annotator(committed))
    run = make_fits(committed, recording, pose=POSE, translation=PLACE)
    run.body_sha256 = open_body().sha256
    committed.commit()
    return recording


@pytest.fixture
def headers(committed: Session, recording: Recording) -> dict[str, str]:
    headers = bearer(committed, make_inspector(committed))
    committed.commit()
    return headers


def _fits(client: TestClient, recording: Recording, headers: dict[str, str]) -> list[Any]:
    answer = client.get(f"{API}/recordings/{recording.id}/fits", headers=headers)
    return list(answer.json()["fits"])


def test_a_range_is_verified_and_the_recording_counts_it(
    client: TestClient, recording: Recording, headers: dict[str, str]
) -> None:
    seen = [{"id": f["id"], "version": f["version"]} for f in _fits(client, recording, headers)[:2]]
    path = f"{API}/recordings/{recording.id}/fits/verdicts"
    answer = client.post(path, json={"fits": seen, "status": "verified"}, headers=headers)
    assert answer.status_code == 200
    assert {fit["status"] for fit in answer.json()["fits"]} == {"verified"}
    again = client.post(path, json={"fits": seen, "status": "verified"}, headers=headers)
    assert again.status_code == 412
    counts = client.get(f"{API}/recordings/{recording.id}", headers=headers).json()["fits"]
    assert counts == {"fitted": 1, "verified": 2, "rejected": 0, "stale": 0, "gate_failed": 0}


def test_a_surface_comes_as_obj_in_the_world(
    client: TestClient, recording: Recording, headers: dict[str, str]
) -> None:
    fit = _fits(client, recording, headers)[0]
    answer = client.get(f"{API}/fits/{fit['id']}/mesh.obj", headers=headers)
    mesh = trimesh.load(io.BytesIO(answer.content), file_type="obj", process=False)
    expected = pose_body(open_body(), fit["betas"], POSE, fit["scale"], PLACE)
    assert np.allclose(mesh.bounds[0], expected.vertices.min(axis=0), atol=1e-5)
    assert np.allclose(mesh.bounds[1], expected.vertices.max(axis=0), atol=1e-5)
    assert b"open-infant" in answer.content[:400]


def test_a_surface_comes_as_glb(
    client: TestClient, recording: Recording, headers: dict[str, str]
) -> None:
    fit = _fits(client, recording, headers)[0]
    answer = client.get(f"{API}/fits/{fit['id']}/mesh.glb", headers=headers)
    assert answer.headers["content-type"] == "model/gltf-binary"
    scene = trimesh.load(io.BytesIO(answer.content), file_type="glb")
    (mesh,) = scene.geometry.values()
    assert len(mesh.faces) == len(open_body().faces)


def test_the_viewer_gets_the_shaped_body(
    client: TestClient, recording: Recording, headers: dict[str, str]
) -> None:
    fit = _fits(client, recording, headers)[0]
    answer = client.get(f"{API}/fits/{fit['id']}/model.bin", headers=headers)
    assert answer.content[:8] == b"INFBODY1"


def test_a_surface_of_a_replaced_body_model_is_refused(
    client: TestClient, committed: Session, headers: dict[str, str]
) -> None:
    other = make_seen_recording(committed, make_annotator(committed))
    make_fits(committed, other)
    committed.commit()
    fit = _fits(client, other, headers)[0]
    answer = client.get(f"{API}/fits/{fit['id']}/mesh.obj", headers=headers)
    assert answer.status_code == 409
    assert "a different file" in answer.json()["detail"]


def test_unknown_fits_and_formats_are_told(
    client: TestClient, recording: Recording, headers: dict[str, str]
) -> None:
    assert client.get(f"{API}/fits/999999/mesh.obj", headers=headers).status_code == 404
    fit = _fits(client, recording, headers)[0]
    assert client.get(f"{API}/fits/{fit['id']}/mesh.stl", headers=headers).status_code == 422
