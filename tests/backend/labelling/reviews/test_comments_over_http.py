"""Comments over HTTP."""

from __future__ import annotations

import uuid

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from backend.core.database.tables import Recording
from backend.domain.workflow import Stage
from tests.factories import (
    bearer,
    frame_ids_of,
    make_annotator,
    make_inspector,
    make_recording,
)

API = "/api/v1"


@pytest.fixture
def recording(committed: Session) -> Recording:
    return make_recording(committed, Stage.INSPECTING, annotator=make_annotator(committed))


@pytest.fixture
def headers(committed: Session, recording: Recording) -> dict[str, str]:
    headers = bearer(committed, make_inspector(committed))
    committed.commit()
    return headers


@pytest.fixture
def frame_id(committed: Session, recording: Recording) -> int:
    return frame_ids_of(committed, recording)[0]


def test_a_comment_is_written_changed_resolved_and_taken_back(
    client: TestClient, recording: Recording, headers: dict[str, str], frame_id: int
) -> None:
    path = f"{API}/frames/{frame_id}/comments"
    answer = client.post(path, json={"body": "too low", "joint": 9}, headers=headers)
    assert answer.status_code == 201
    comment = answer.json()
    assert (comment["joint"], comment["resolved_by"]) == (9, None)
    own = f"{API}/comments/{comment['id']}"
    assert client.patch(own, json={"body": "higher"}, headers=headers).json()["body"] == "higher"
    resolved = client.patch(own, json={"resolved": True}, headers=headers).json()
    assert resolved["resolved_by"]["id"] == comment["author"]["id"]
    listed = client.get(f"{API}/recordings/{recording.id}/comments", headers=headers).json()
    assert listed == [resolved]
    shown = client.get(f"{API}/frames/{frame_id}", headers=headers).json()["comments"]
    assert shown == [resolved]
    assert client.delete(own, headers=headers).status_code == 204
    assert client.delete(own, headers=headers).status_code == 404


@pytest.mark.parametrize(
    "body", [{"body": "  "}, {"body": ""}, {}, {"body": "x", "joint": 17}, {"body": "x" * 5000}]
)
def test_a_comment_that_says_nothing_is_refused(
    client: TestClient, headers: dict[str, str], frame_id: int, body: dict[str, object]
) -> None:
    answer = client.post(f"{API}/frames/{frame_id}/comments", json=body, headers=headers)
    assert answer.status_code == 422


def test_a_comment_that_is_sent_again_is_written_once(
    client: TestClient, headers: dict[str, str], frame_id: int
) -> None:
    body = {"body": "look again", "joint": 3, "operation_id": str(uuid.uuid4())}
    path = f"/api/v1/frames/{frame_id}/comments"
    first = client.post(path, json=body, headers=headers)
    again = client.post(path, json=body, headers=headers)
    assert (again.status_code, again.json()) == (201, first.json())
    document = client.get(f"/api/v1/frames/{frame_id}", headers=headers).json()
    assert document["comments"] == [first.json()]
    elsewhere = client.post(f"/api/v1/frames/{frame_id + 1}/comments", json=body, headers=headers)
    assert elsewhere.status_code == 409
