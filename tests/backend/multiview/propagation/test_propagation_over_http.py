"""Corrections travel, as the editor asks for it: over HTTP, with the thread behind the requests."""

from __future__ import annotations

import time
import uuid
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from backend.core.database.tables import Job, Recording, User
from backend.domain.operations import operation_to_json
from tests.factories import (
    KEEP,
    annotation_of,
    bearer,
    frame_ids_of,
    make_annotator,
    make_candidates,
    make_maintainer,
    make_recording,
)

Headers = dict[str, str]


@pytest.fixture
def person(committed: Session) -> User:
    return make_annotator(committed)


@pytest.fixture
def headers(committed: Session, person: User) -> Headers:
    found = bearer(committed, person)
    committed.commit()
    return found


@pytest.fixture
def recording(committed: Session, person: User) -> Recording:
    recording = make_recording(committed, frames=9, annotator=person)
    make_candidates(committed, recording, people=1)
    committed.commit()
    return recording


def _wait(client: TestClient, url: str, headers: Headers, until: Any) -> Any:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        found = client.get(url, headers=headers).json()
        if until(found):
            return found
        time.sleep(0.1)
    raise AssertionError(found)


def _keep(client: TestClient, headers: Headers, frame_id: int, version: int) -> None:
    body = {"operation_id": str(uuid.uuid4()), "operations": [operation_to_json(KEEP)]}
    saved = client.post(
        f"/api/v1/frames/{frame_id}/operations",
        json=body,
        headers=headers | {"If-Match": f'"{version}"'},
    )
    assert saved.status_code == 200, saved.text


def test_asking_how_it_stands_solves_it_and_a_save_is_answered_at_once(
    client: TestClient, committed: Session, recording: Recording, headers: Headers
) -> None:
    url = f"/api/v1/recordings/{recording.id}/propagation"
    ids = frame_ids_of(committed, recording)
    first = client.post(f"{url}/near", json={"frame_id": ids[4]}, headers=headers).json()
    assert (first["ready"], first["frames"]) == (False, [])
    _wait(client, url, headers, lambda found: found["number"] == 1)
    _keep(client, headers, ids[4], annotation_of(committed, ids[4]).version)
    asked = {"frame_id": ids[4], "window": 2}
    near = client.post(f"{url}/near", json=asked, headers=headers).json()
    assert near["ready"]
    assert near["frames"] == [*ids[2:4], *ids[5:7]]
    assert near["solve"] == 2
    assert [len(near[name]) for name in ("joints", "sigma", "visibility")] == [136, 68, 68]
    assert all(ids[4] in sources for sources in near["sources"])
    # The whole follows by itself, and is then what everybody reads.
    after = _wait(client, url, headers, lambda found: found["number"] == 2)
    assert (after["up_to_date"], [one["confirmed"] for one in after["history"]]) == (True, [0, 1])
    stored = client.get(f"{url}/frames", params={"around": ids[4], "window": 2}, headers=headers)
    assert stored.json()["frames"] == near["frames"]
    question = client.get(f"{url}/next", headers=headers).json()
    assert question["ready"]
    assert question["frame_id"] in set(ids) - {ids[4]}


def test_an_estimate_is_taken_as_one_write(
    client: TestClient, committed: Session, recording: Recording, headers: Headers
) -> None:
    frame_id = frame_ids_of(committed, recording)[0]
    joints = [{"x": 10.0 + i, "y": 20.0, "v": 2} for i in range(17)]
    take = {"type": "takeEstimate", "joints": joints, "sources": [frame_id], "solve": 4}
    body = {"operation_id": str(uuid.uuid4()), "operations": [take, operation_to_json(KEEP)]}
    version = annotation_of(committed, frame_id).version
    named = headers | {"If-Match": f'"{version}"'}
    saved = client.post(f"/api/v1/frames/{frame_id}/operations", json=body, headers=named)
    assert saved.status_code == 200, saved.text
    assert saved.json()["propagated"] == {"sources": [frame_id], "solve": 4, "joints": 2**17 - 1}
    again = client.post(f"/api/v1/frames/{frame_id}/operations", json=body, headers=named)
    assert again.json() == saved.json()


@pytest.mark.parametrize(
    "change",
    [
        {"joints": None},
        {"solve": 0},
        {"sources": list(range(1, 40))},
        {"sources": ["x"]},
        {"joints": [{"x": 1, "y": 1, "v": 2}]},
    ],
)
def test_junk_is_refused_and_changes_nothing(
    client: TestClient,
    committed: Session,
    recording: Recording,
    headers: Headers,
    change: dict[str, Any],
) -> None:
    frame_id = frame_ids_of(committed, recording)[0]
    joints = [{"x": 10.0, "y": 20.0, "v": 2}] * 17
    take = {"type": "takeEstimate", "joints": joints, "sources": [], "solve": 1} | change
    body = {"operation_id": str(uuid.uuid4()), "operations": [take]}
    version = annotation_of(committed, frame_id).version
    answer = client.post(
        f"/api/v1/frames/{frame_id}/operations",
        json=body,
        headers=headers | {"If-Match": f'"{version}"'},
    )
    assert answer.status_code == 422
    assert annotation_of(committed, frame_id).version == version


def test_frames_of_other_recordings_are_not_known_here(
    client: TestClient, committed: Session, recording: Recording, headers: Headers
) -> None:
    other = frame_ids_of(committed, make_recording(committed))[0]
    committed.commit()
    url = f"/api/v1/recordings/{recording.id}/propagation"
    _wait(client, url, headers, lambda found: found["number"] == 1)
    near = client.post(f"{url}/near", json={"frame_id": other}, headers=headers)
    stored = client.get(f"{url}/frames", params={"around": other}, headers=headers)
    assert (near.status_code, stored.status_code) == (404, 404)
    assert (
        client.get("/api/v1/recordings/999999999/propagation", headers=headers).status_code == 404
    )


def test_strangers_neither_switch_it_nor_measure_motion(
    client: TestClient, committed: Session, recording: Recording
) -> None:
    stranger = bearer(committed, make_annotator(committed))
    maintainer = bearer(committed, make_maintainer(committed))
    committed.commit()
    url = f"/api/v1/recordings/{recording.id}"
    off = {"enabled": False}
    assert client.patch(f"{url}/propagation", json=off, headers=stranger).status_code == 403
    assert client.post(f"{url}/motion", headers=stranger).status_code == 403
    assert client.patch(f"{url}/propagation", json=off, headers=maintainer).status_code == 200
    assert client.get(f"{url}/propagation/next", headers=maintainer).status_code == 409
    job = client.post(f"{url}/motion", headers=maintainer)
    assert (job.status_code, job.json()["kind"]) == (202, "measure_motion")
    assert client.post(f"{url}/motion", headers=maintainer).status_code == 409
    assert committed.get(Job, job.json()["id"]) is not None
