"""The overview of the lab over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from backend.core.database.tables import Job
from backend.domain.workflow import Stage
from tests.factories import (
    accept,
    annotation_of,
    bearer,
    frame_ids_of,
    make_annotator,
    make_candidates,
    make_inspector,
    make_maintainer,
    make_recording,
)


def look(client: TestClient, session: Session) -> dict[str, Any]:
    headers = bearer(session, make_maintainer(session))
    session.commit()
    answer = client.get("/api/v1/lab", headers=headers)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def stuck_of(lab: dict[str, Any], recording_id: int) -> list[str]:
    return [
        one["why"]
        for one in lab["stuck"]
        if one["recording"] and one["recording"]["id"] == recording_id
    ]


def test_people_are_shown_with_what_they_hold(client: TestClient, committed: Session) -> None:
    ann, ins = make_annotator(committed), make_inspector(committed)
    recording = make_recording(committed, annotator=ann)
    make_candidates(committed, recording)
    accept(committed, ann, frame_ids_of(committed, recording)[0])
    inspected = make_recording(committed, Stage.INSPECTING, inspector=ins)
    lab = look(client, committed)
    people = {person["id"]: person for person in lab["people"]}
    (held,) = people[ann.id]["holds"]
    assert (held["recording"]["id"], held["frames"], held["undecided"]) == (recording.id, 3, 2)
    assert held["last_saved_at"] is not None
    assert people[ann.id]["last_active_at"] is not None
    assert [one["recording"]["id"] for one in people[ins.id]["holds"]] == [inspected.id]
    assert people[ins.id]["holds"][0]["doing"] == "inspect"


def test_every_stage_is_counted(client: TestClient, committed: Session) -> None:
    before = {row["stage"]: row["recordings"] for row in look(client, committed)["stages"]}
    make_recording(committed, Stage.BOXED)
    after = {row["stage"]: row["recordings"] for row in look(client, committed)["stages"]}
    assert after["boxed"] == before["boxed"] + 1
    assert list(after) == [stage.value for stage in Stage]


def test_what_is_stuck_says_why(client: TestClient, committed: Session) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=30)
    ann = make_annotator(committed)
    idle = make_recording(committed, annotator=ann)
    nobodys = make_recording(committed, Stage.PRELABELLED)
    returned = make_recording(committed, Stage.RETURNED, annotator=ann)
    fresh = make_recording(committed, annotator=ann)
    failed = make_recording(committed, Stage.INGESTED, annotator=ann)
    for recording in (idle, nobodys):
        recording.stage_since = long_ago
        for frame_id in frame_ids_of(committed, recording):
            annotation_of(committed, frame_id).updated_at = long_ago
    committed.add(
        Job(kind="prelabel", queue="gpu", recording_id=failed.id, title="Pre-labels", payload={},
            state="failed", error="no weights")
    )  # fmt: skip
    lab = look(client, committed)
    assert stuck_of(lab, idle.id) == ["idle"]
    assert stuck_of(lab, nobodys.id) == ["nobody"]
    assert stuck_of(lab, returned.id) == ["returned"]
    assert stuck_of(lab, fresh.id) == []
    assert stuck_of(lab, failed.id) == ["failed_job"]


def test_a_failed_job_that_was_done_later_is_not_stuck(
    client: TestClient, committed: Session
) -> None:
    recording = make_recording(committed, Stage.PRELABELLED, annotator=make_annotator(committed))
    for state in ("failed", "succeeded"):
        committed.add(
            Job(kind="prelabel", queue="gpu", recording_id=recording.id, title="Pre-labels",
                payload={}, state=state)
        )  # fmt: skip
        committed.flush()
    assert stuck_of(look(client, committed), recording.id) == []


def test_only_maintainers_see_the_lab(client: TestClient, committed: Session) -> None:
    headers = bearer(committed, make_annotator(committed))
    committed.commit()
    assert client.get("/api/v1/lab", headers=headers).status_code == 403


def test_the_rules_are_changed_by_maintainers_and_checked(
    client: TestClient, committed: Session
) -> None:
    boss, ann = (
        bearer(committed, make_maintainer(committed)),
        bearer(committed, make_annotator(committed)),
    )
    committed.commit()
    before = client.get("/api/v1/team/rules", headers=ann).json()
    body = {"handout": "queue", "lease_minutes": 60, "stuck_days": 3}
    assert client.put("/api/v1/team/rules", json=body, headers=ann).status_code == 403
    assert client.put("/api/v1/team/rules", json=body, headers=boss).json() == body
    junk = body | {"lease_minutes": 1}
    assert client.put("/api/v1/team/rules", json=junk, headers=boss).status_code == 422
    assert client.get("/api/v1/team/rules", headers=ann).json() == body
    client.put("/api/v1/team/rules", json=before, headers=boss)
