"""Writing over HTTP: preconditions, conflicts, retries, bad input."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import AnnotationRevision, Recording, User
from backend.domain.workflow import Stage
from tests.factories import (
    annotation_of,
    bearer,
    frame_ids_of,
    make_annotator,
    make_candidates,
    make_recording,
)

KEEP = {"type": "setVerdict", "verdict": "keep"}
MOVE = {"type": "moveJoint", "joint": 3, "x": 40, "y": 50.5}


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


@pytest.fixture
def frame_id(committed: Session, recording: Recording) -> int:
    return frame_ids_of(committed, recording)[0]


def write(
    client: TestClient,
    frame_id: int,
    headers: dict[str, str],
    operations: list[dict[str, Any]],
    if_match: str | None = '"1"',
    operation_id: str | None = None,
) -> httpx.Response:
    if if_match is not None:
        headers = headers | {"If-Match": if_match}
    body = {"operation_id": operation_id or str(uuid.uuid4()), "operations": operations}
    return client.post(f"/api/v1/frames/{frame_id}/operations", json=body, headers=headers)


def test_a_write_answers_the_new_version(
    client: TestClient, committed: Session, frame_id: int, headers: dict[str, str], annotator: User
) -> None:
    answer = write(client, frame_id, headers, [MOVE, KEEP])
    assert answer.status_code == 200
    assert answer.headers["ETag"] == '"2"'
    annotation = answer.json()
    assert (annotation["version"], annotation["state"]) == (2, "corrected")
    assert annotation["joints"][3] == {"x": 40.0, "y": 50.5, "v": 2}
    assert annotation["updated_by"] == {"id": annotator.id, "name": annotator.name}
    committed.rollback()
    assert annotation_of(committed, frame_id).version == 2
    read = client.get(f"/api/v1/frames/{frame_id}", headers=headers).json()
    assert (read["box"], read["mark"]) == (annotation.pop("box"), annotation.pop("mark"))
    assert read["annotation"] == annotation


def test_a_write_must_name_the_version_that_it_read(
    client: TestClient, frame_id: int, headers: dict[str, str]
) -> None:
    assert write(client, frame_id, headers, [KEEP], if_match=None).status_code == 428
    assert write(client, frame_id, headers, [KEEP], if_match="*").status_code == 422
    assert write(client, frame_id, headers, [KEEP], if_match='"soon"').status_code == 422


def test_a_stale_write_gets_what_it_needs_to_merge(
    client: TestClient, frame_id: int, headers: dict[str, str]
) -> None:
    current = write(client, frame_id, headers, [MOVE]).json()
    answer = write(client, frame_id, headers, [KEEP])
    assert answer.status_code == 412
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["current"] == current
    assert answer.json()["base"]["version"] == 1


def test_a_retry_is_answered_as_the_first_time(
    client: TestClient, frame_id: int, headers: dict[str, str]
) -> None:
    operation_id = str(uuid.uuid4())
    first = write(client, frame_id, headers, [MOVE], operation_id=operation_id)
    again = write(client, frame_id, headers, [MOVE], operation_id=operation_id)
    assert (again.status_code, again.json()) == (200, first.json())
    assert again.headers["ETag"] == first.headers["ETag"]
    steps = client.get(f"/api/v1/frames/{frame_id}/history", headers=headers).json()
    assert [step["version"] for step in steps] == [1, 2]


def test_what_a_tab_of_an_older_version_sends_is_done_once_also_when_a_newer_one_sends_it_again(
    client: TestClient, committed: Session, frame_id: int, headers: dict[str, str]
) -> None:
    before = client.get(f"/api/v1/frames/{frame_id}", headers=headers).json()["annotation"]
    old = {"operation_id": str(uuid.uuid4()), "operations": [{"type": "swapSides"}, KEEP]}
    path, precondition = f"/api/v1/frames/{frame_id}/operations", headers | {"If-Match": '"1"'}
    first = client.post(path, json=old, headers=precondition)
    assert first.status_code == 200, first.text
    assert first.json()["joints"][9] == before["joints"][10]
    swap = {"type": "swapSides", "joints": None}
    new = old | {"operations": [swap, KEEP], "seconds_shown": 2.5, "box_version": None}
    again = client.post(path, json=new, headers=precondition)
    assert (again.status_code, again.json()) == (200, first.json())
    sent = AnnotationRevision.operation_id == uuid.UUID(str(old["operation_id"]))
    found = committed.scalars(select(AnnotationRevision).where(sent)).all()
    assert [revision.seconds_shown for revision in found] == [None]


def test_a_write_after_submission_is_refused(
    client: TestClient,
    committed: Session,
    recording: Recording,
    frame_id: int,
    headers: dict[str, str],
) -> None:
    recording.stage = Stage.INSPECTING.value
    committed.commit()
    answer = write(client, frame_id, headers, [KEEP])
    assert answer.status_code == 409
    assert "inspecting" in answer.json()["detail"]


def test_somebody_else_is_refused(
    client: TestClient, committed: Session, frame_id: int, recording: Recording
) -> None:
    other = bearer(committed, make_annotator(committed))
    committed.commit()
    assert write(client, frame_id, other, [KEEP]).status_code == 403


@pytest.mark.parametrize(
    "operation",
    [
        {"type": "teleport"},
        {"type": "moveJoint", "joint": 17, "x": 1, "y": 1},
        {"type": "moveJoint", "joint": 0, "x": "NaN", "y": 1},
        {"type": "moveJoint", "joint": 0, "x": 1},
        {"type": "moveJoint", "joint": 0, "x": 1, "y": 1, "z": 1},
        {"type": "moveJoint", "joint": 0, "x": 10_000, "y": 1},
        {"type": "setVisibility", "joint": 0, "visibility": 3},
        {"type": "setSkeleton", "candidateId": None, "joints": []},
        {"type": "chooseCandidate", "candidateId": 2**70},
        {"type": "setVerdict", "verdict": "discard"},
        {"type": "setVerdict", "verdict": "discard", "reason": "boring"},
        {"type": "setVerdict", "verdict": "discard", "reason": "other"},
    ],
)
def test_an_operation_that_makes_no_sense_is_refused_and_changes_nothing(
    client: TestClient,
    committed: Session,
    frame_id: int,
    headers: dict[str, str],
    operation: dict[str, Any],
) -> None:
    answer = write(client, frame_id, headers, [MOVE, operation])
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    committed.rollback()
    assert annotation_of(committed, frame_id).version == 1


def test_a_write_without_operations_is_refused(
    client: TestClient, frame_id: int, headers: dict[str, str]
) -> None:
    assert write(client, frame_id, headers, []).status_code == 422
