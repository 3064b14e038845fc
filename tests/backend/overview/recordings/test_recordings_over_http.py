"""Recordings over HTTP: what their list and pages read."""

from __future__ import annotations

from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from backend.domain.workflow import Stage
from tests.factories import bearer, make_maintainer, make_recording


def test_a_recording_of_which_nothing_is_there_yet_is_shown(
    client: TestClient, committed: Session
) -> None:
    recording = make_recording(committed, Stage.INGESTING, frames=0)
    headers = bearer(committed, make_maintainer(committed))
    committed.commit()
    shown = client.get(f"/api/v1/recordings/{recording.id}", headers=headers)
    assert shown.status_code == 200, shown.text
    assert (shown.json()["frames"], shown.json()["open_comments"]) == (0, 0)
    listed = client.get("/api/v1/recordings", headers=headers)
    assert listed.status_code == 200, listed.text
    assert recording.id in [item["id"] for item in listed.json()["items"]]
