"""Frames over HTTP: what a browser or a script gets."""

from __future__ import annotations

import io

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image
from sqlalchemy.orm import Session

from backend.core.database.tables import Recording, User
from backend.core.settings import Settings
from backend.core.storage import open_store
from backend.domain.document import MoveJoint, SetSkeleton
from backend.domain.keypoints import Joint, Skeleton, Visibility
from backend.domain.skeleton import N_JOINTS
from backend.domain.workflow import Stage
from tests.factories import (
    KEEP,
    bearer,
    edit,
    frame_ids_of,
    frames_of,
    make_annotator,
    make_boxed_recording,
    make_candidates,
    make_inspector,
    make_recording,
)

API = "/api/v1"


@pytest.fixture
def annotator(committed: Session) -> User:
    return make_annotator(committed)


@pytest.fixture
def headers(committed: Session, annotator: User) -> dict[str, str]:
    headers = bearer(committed, annotator)
    committed.commit()
    return headers


@pytest.fixture
def recording(committed: Session, annotator: User) -> Recording:
    recording = make_recording(committed, annotator=annotator)
    make_candidates(committed, recording)
    committed.commit()
    return recording


def test_the_filmstrip_is_read(
    client: TestClient, recording: Recording, headers: dict[str, str]
) -> None:
    answer = client.get(f"{API}/recordings/{recording.id}/frames", headers=headers)
    assert answer.status_code == 200
    assert [frame["position"] for frame in answer.json()["frames"]] == [0, 1, 2]


def test_the_document_carries_its_version_as_etag(
    client: TestClient, committed: Session, recording: Recording, headers: dict[str, str]
) -> None:
    frame_id = frame_ids_of(committed, recording)[0]
    answer = client.get(f"{API}/frames/{frame_id}", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["ETag"] == '"1"'
    assert answer.json()["annotation"]["version"] == 1


def test_the_document_says_what_deserves_a_second_look(
    client: TestClient,
    committed: Session,
    annotator: User,
    recording: Recording,
    headers: dict[str, str],
) -> None:
    """Two wrists in one place; and sides swapped against the previous frame, once that is kept."""
    first, second, _ = frame_ids_of(committed, recording)
    upright = tuple(
        Joint(300.0 + (10 + 5 * i if i % 2 else -10 - 5 * i), 50.0 + 20 * i, Visibility.VISIBLE)
        for i in range(N_JOINTS)
    )
    skeleton = Skeleton(upright)
    edit(committed, annotator, first, SetSkeleton(None, skeleton))
    edit(committed, annotator, second, SetSkeleton(None, skeleton.swapped()))
    committed.commit()

    def checks(frame_id: int) -> list[tuple[str, list[int]]]:
        answer = client.get(f"{API}/frames/{frame_id}", headers=headers).json()
        return [(check["kind"], check["joints"]) for check in answer["checks"]]

    assert checks(second) == checks(first) == []
    edit(committed, annotator, first, KEEP)
    committed.commit()
    assert checks(second) == [("exchanged", [])]
    edit(committed, annotator, first, MoveJoint(9, upright[10].x, upright[10].y))
    committed.commit()
    assert ("same_spot", [9, 10]) in checks(first)


@pytest.mark.parametrize("path", ["", "/image", "/thumbnail", "/mask.png", "/history"])
def test_strangers_see_nothing(
    client: TestClient, committed: Session, recording: Recording, path: str
) -> None:
    frame_id = frame_ids_of(committed, recording)[0]
    assert client.get(f"{API}/frames/{frame_id}{path}").status_code == 401


def test_an_image_is_sent_once_and_kept_for_ever(
    client: TestClient,
    committed: Session,
    recording: Recording,
    headers: dict[str, str],
    settings: Settings,
) -> None:
    frame = frames_of(committed, recording)[0]
    open_store(settings).put(frame.image_key, b"\xff\xd8 picture")
    open_store(settings).put(frame.thumbnail_key, b"\xff\xd8 small")
    for name, body in (("image", b"\xff\xd8 picture"), ("thumbnail", b"\xff\xd8 small")):
        path = f"{API}/frames/{frame.id}/{name}"
        answer = client.get(path, headers=headers)
        assert answer.content == body
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
        again = client.get(path, headers=headers | {"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_a_lost_image_is_not_found(
    client: TestClient, committed: Session, recording: Recording, headers: dict[str, str]
) -> None:
    frame_id = frame_ids_of(committed, recording)[0]
    answer = client.get(f"{API}/frames/{frame_id}/image", headers=headers)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_the_mask_is_white_inside_and_transparent_outside(
    client: TestClient, committed: Session, annotator: User, headers: dict[str, str]
) -> None:
    recording = make_boxed_recording(committed, annotator, frames=1)
    committed.commit()
    (frame_id,) = frame_ids_of(committed, recording)
    box = client.get(f"{API}/frames/{frame_id}", headers=headers).json()["box"]
    answer = client.get(box["mask_url"], headers=headers)
    assert answer.headers["Content-Type"] == "image/png"
    assert "immutable" in answer.headers["Cache-Control"]
    pixels = np.asarray(Image.open(io.BytesIO(answer.content)).convert("RGBA"))
    assert pixels.shape == (480, 640, 4)
    assert (pixels[..., :3] == 255).all()
    assert (pixels[..., 3] == 255).sum() == box["mask_area"]
    assert set(np.unique(pixels[..., 3])) == {0, 255}
    rows, columns = np.nonzero(pixels[..., 3])
    assert (columns.min(), rows.min()) == (box["x"], box["y"])
    etag = {"If-None-Match": answer.headers["ETag"]}
    assert client.get(box["mask_url"], headers=headers | etag).status_code == 304


def test_a_frame_without_a_mask_says_so(
    client: TestClient, committed: Session, recording: Recording, headers: dict[str, str]
) -> None:
    frame_id = frame_ids_of(committed, recording)[0]
    answer = client.get(f"{API}/frames/{frame_id}/mask.png", headers=headers)
    assert answer.status_code == 404


def test_the_inspector_marks_frames_and_then_the_rest(
    client: TestClient, committed: Session, recording: Recording
) -> None:
    recording.stage = Stage.INSPECTING.value
    inspector = bearer(committed, make_inspector(committed))
    committed.commit()
    first, *_ = frame_ids_of(committed, recording)
    answer = client.put(f"{API}/frames/{first}/mark", json={"mark": "revise"}, headers=inspector)
    assert answer.json() == {"mark": "revise"}
    path = f"{API}/recordings/{recording.id}/marks"
    body = {"mark": "good", "only_unmarked": True}
    assert client.post(path, json=body, headers=inspector).json() == {"marked": 0, "unseen": 2}
    looks = [{"frame_id": i, "seconds": 1.5} for i in frame_ids_of(committed, recording)]
    seen = client.post(
        f"{API}/recordings/{recording.id}/looks",
        json={"round": 1, "looks": looks},
        headers=inspector,
    )
    assert seen.json() == {"noted": 3}
    assert client.post(path, json=body, headers=inspector).json() == {"marked": 2, "unseen": 0}
    strip = client.get(f"{API}/recordings/{recording.id}/frames", headers=inspector).json()
    assert [frame["mark"] for frame in strip["frames"]] == ["revise", "good", "good"]
    assert client.post(path, json={"mark": "revise"}, headers=inspector).status_code == 422


def test_an_annotator_does_not_mark(
    client: TestClient, committed: Session, recording: Recording, headers: dict[str, str]
) -> None:
    recording.stage = Stage.INSPECTING.value
    committed.commit()
    frame_id = frame_ids_of(committed, recording)[0]
    answer = client.put(f"{API}/frames/{frame_id}/mark", json={"mark": "good"}, headers=headers)
    assert answer.status_code == 403


@pytest.mark.parametrize("frame_id", ["0", "-1", "x", str(2**63)])
def test_an_id_that_cannot_be_is_refused_clearly(
    client: TestClient, recording: Recording, headers: dict[str, str], frame_id: str
) -> None:
    assert client.get(f"{API}/frames/{frame_id}", headers=headers).status_code == 422
