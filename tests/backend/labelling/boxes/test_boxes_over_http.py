"""Boxes over HTTP."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete
from sqlalchemy.orm import Session

from backend.core.database.tables import BoxRevision, FrameBox, Recording, User
from tests.factories import (
    bearer,
    frame_ids_of,
    make_annotator,
    make_boxed_recording,
    make_inspector,
)

API = "/api/v1"
DRAWN = {"x": 20, "y": 30, "width": 200, "height": 100}


@pytest.fixture
def inspector(committed: Session) -> User:
    return make_inspector(committed)


@pytest.fixture
def recording(committed: Session, inspector: User) -> Recording:
    return make_boxed_recording(committed, make_annotator(committed), inspector=inspector)


@pytest.fixture
def headers(committed: Session, inspector: User, recording: Recording) -> dict[str, str]:
    headers = bearer(committed, inspector)
    committed.commit()
    return headers


@pytest.fixture
def frame_id(committed: Session, recording: Recording) -> int:
    return frame_ids_of(committed, recording)[0]


def test_boxes_are_listed_without_their_masks(
    client: TestClient, recording: Recording, headers: dict[str, str]
) -> None:
    path = f"{API}/recordings/{recording.id}/boxes"
    boxes = client.get(path, params={"order": "position"}, headers=headers).json()
    assert [box["position"] for box in boxes] == [0, 1, 2]
    assert all(box["has_mask"] and "mask_counts" not in box for box in boxes)
    frame_id = boxes[0].pop("frame_id")
    boxes[0].pop("position")
    document = client.get(f"{API}/frames/{frame_id}", headers=headers).json()
    assert document["box"].pop("made_from") == document["annotation"]["joints"]
    assert document["box"] == boxes[0]
    assert client.get(path, params={"order": "size"}, headers=headers).status_code == 422


def test_a_box_is_drawn_on_the_version_that_was_seen(
    client: TestClient, headers: dict[str, str], frame_id: int
) -> None:
    path = f"{API}/frames/{frame_id}/box"
    assert client.put(path, json=DRAWN, headers=headers).status_code == 428
    answer = client.put(path, json=DRAWN, headers=headers | {"If-Match": '"1"'})
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
    assert answer.json()["origin"] == "human"
    stale = client.put(path, json=DRAWN, headers=headers | {"If-Match": '"1"'})
    assert stale.status_code == 412
    assert stale.json()["current"] == answer.json()
    none_yet = client.put(path, json=DRAWN, headers=headers | {"If-Match": "*"})
    assert none_yet.status_code == 412


def test_a_first_box_is_drawn_on_a_frame_that_has_none(
    client: TestClient, committed: Session, headers: dict[str, str], frame_id: int
) -> None:
    for table in (BoxRevision, FrameBox):
        committed.execute(delete(table).where(table.frame_id == frame_id))
    committed.commit()
    path = f"{API}/frames/{frame_id}/box"
    answer = client.put(path, json=DRAWN, headers=headers | {"If-Match": "*"})
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"1"')
    box = answer.json()
    assert (box["origin"], box["has_mask"], box["status"]) == ("human", False, "proposed")
    assert client.get(f"{API}/frames/{frame_id}", headers=headers).json()["box"] == box


@pytest.mark.parametrize(
    "body",
    [
        {"x": 0, "y": 0, "width": 0, "height": 5},
        {"x": 0, "y": 0, "width": 5, "height": -5},
        {"x": "NaN", "y": 0, "width": 5, "height": 5},
        {"x": 0, "y": 0, "width": "Infinity", "height": 5},
        {"x": 5000, "y": 0, "width": 5, "height": 5},
        {"x": 0, "y": 0},
    ],
)
def test_a_box_that_cannot_be_is_refused(
    client: TestClient, headers: dict[str, str], frame_id: int, body: dict[str, object]
) -> None:
    path = f"{API}/frames/{frame_id}/box"
    answer = client.put(path, json=body, headers=headers | {"If-Match": '"1"'})
    assert answer.status_code == 422


def test_a_box_is_judged_and_the_rest_approved(
    client: TestClient, recording: Recording, headers: dict[str, str], frame_id: int
) -> None:
    path = f"{API}/frames/{frame_id}/box/status"
    seen = headers | {"If-Match": '"1"'}
    answer = client.put(path, json={"status": "sent_back"}, headers=seen)
    assert (answer.json()["status"], answer.headers["ETag"]) == ("sent_back", '"2"')
    path = f"{API}/recordings/{recording.id}/boxes/approve-remaining"
    answer = client.post(path, json={"include_flagged": False}, headers=headers)
    assert answer.json() == {"approved": 2}
    strip = client.get(f"{API}/recordings/{recording.id}/frames", headers=headers).json()
    assert [frame["mark"] for frame in strip["frames"]] == ["revise", "good", "good"]


def test_a_new_mask_is_asked_for(
    client: TestClient, recording: Recording, headers: dict[str, str], frame_id: int
) -> None:
    answer = client.post(f"{API}/frames/{frame_id}/box/rerun", headers=headers)
    assert answer.status_code == 202
    job = answer.json()
    assert (job["kind"], job["state"]) == ("boxes", "queued")
    assert job["recording"] == {"id": recording.id, "name": recording.name}
    jobs = client.get(f"{API}/jobs", params={"recording_id": recording.id}, headers=headers).json()
    assert [item["id"] for item in jobs["items"]] == [job["id"]]
