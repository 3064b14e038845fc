"""Postures over HTTP."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from backend.core.database.tables import Recording
from backend.domain.workflow import Stage
from tests.factories import bearer, make_annotator, make_recording

API = "/api/v1"
Headers = dict[str, str]


@pytest.fixture
def two(committed: Session) -> tuple[Recording, Headers, Headers]:
    """A recording with its annotator, and somebody else who annotates."""
    annotator = make_annotator(committed)
    recording = make_recording(committed, Stage.ANNOTATING, annotator=annotator, frames=5)
    mine, theirs = bearer(committed, annotator), bearer(committed, make_annotator(committed))
    committed.commit()
    return recording, mine, theirs


def act(*strokes: dict[str, Any]) -> dict[str, Any]:
    return {"strokes": list(strokes), "operation_id": str(uuid.uuid4())}


def test_a_range_is_painted_listed_and_cleared(
    client: TestClient, two: tuple[Recording, Headers, Headers]
) -> None:
    recording, headers, _ = two
    path = f"{API}/recordings/{recording.id}/postures"
    body = act({"first": 1, "last": 3, "group": "prone", "posture": "prone_lying"})
    painted = client.post(path, json=body, headers=headers | {"If-Match": '"0"'})
    assert painted.status_code == 200, painted.text
    assert painted.headers["ETag"] == '"1"'
    assert painted.json()["covered"] == 3
    again = client.post(path, json=body, headers=headers | {"If-Match": '"0"'})
    assert again.json() == painted.json()
    listed = client.get(path, headers=headers)
    assert listed.json() == painted.json()
    clear = act({"first": 0, "last": 4, "group": None})
    cleared = client.post(path, json=clear, headers=headers | {"If-Match": '"1"'}).json()
    assert (cleared["version"], cleared["ranges"]) == (2, [])
    history = client.get(f"{path}/history", headers=headers).json()
    assert [entry["version"] for entry in history] == [2, 1]


@pytest.mark.parametrize(
    ("stroke", "status"),
    [
        ({"first": 1, "last": 3, "group": "prone", "posture": "standing"}, 422),
        ({"first": 1, "last": 3, "group": None, "posture": "standing"}, 422),
        ({"first": 1, "last": 3, "group": "upside_down"}, 422),
        ({"first": -1, "last": 3, "group": "prone"}, 422),
        ({"first": 3, "last": 1, "group": "prone"}, 422),
        ({"first": 0, "last": 5, "group": "prone"}, 422),
        ({"first": 0, "last": 2**31, "group": "prone"}, 422),
        ({"first": 0.5, "last": 2, "group": "prone"}, 422),
    ],
)
def test_what_makes_no_sense_is_refused(
    client: TestClient,
    two: tuple[Recording, Headers, Headers],
    stroke: dict[str, Any],
    status: int,
) -> None:
    recording, headers, _ = two
    path = f"{API}/recordings/{recording.id}/postures"
    found = client.post(path, json=act(stroke), headers=headers | {"If-Match": '"0"'})
    assert found.status_code == status, found.text
    assert client.get(path, headers=headers).json()["version"] == 0


def test_a_write_names_the_version_that_it_read(
    client: TestClient, two: tuple[Recording, Headers, Headers]
) -> None:
    recording, headers, theirs = two
    path = f"{API}/recordings/{recording.id}/postures"
    body = act({"first": 0, "last": 1, "group": "supine"})
    assert client.post(path, json=body, headers=headers).status_code == 428
    assert client.post(path, json=body, headers=headers | {"If-Match": "*"}).status_code == 422
    refused = client.post(path, json=body, headers=theirs | {"If-Match": '"0"'})
    assert refused.status_code == 403


def test_who_comes_second_is_told_what_holds_now(
    client: TestClient, committed: Session, two: tuple[Recording, Headers, Headers]
) -> None:
    recording, headers, theirs = two
    path = f"{API}/recordings/{recording.id}/postures"
    first = act({"first": 0, "last": 1, "group": "supine"})
    client.post(path, json=first, headers=headers | {"If-Match": '"0"'})
    person = client.get(f"{API}/auth/me", headers=theirs).json()["id"]
    recording.annotator_id = person
    committed.commit()
    second = act({"first": 1, "last": 2, "group": "prone"})
    stale = client.post(path, json=second, headers=theirs | {"If-Match": '"0"'})
    assert stale.status_code == 412
    assert stale.json()["current"]["ranges"][0]["group"] == "supine"
