"""A maintainer sees where the model is expected to do badly, before anybody looked."""

from __future__ import annotations

from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import delete
from sqlalchemy.orm import Session

from backend.core.database.tables import Candidate, Recording
from backend.domain.operations import MoveJoint
from backend.domain.workflow import Stage
from tests.factories import (
    KEEP,
    bearer,
    edit,
    frame_ids_of,
    make_annotator,
    make_candidates,
    make_maintainer,
    make_recording,
)

SPREAD = (-0.3, -0.1, 0.0, 0.1)


def approved(session: Session, score: float) -> Recording:
    """A recording in which people moved a wrist the farther the less the model was sure."""
    ann = make_annotator(session)
    recording = make_recording(session, frames=len(SPREAD), annotator=ann)
    scored(session, recording, score)
    for frame_id, more in zip(frame_ids_of(session, recording), SPREAD, strict=True):
        edit(session, ann, frame_id, MoveJoint(9, 700.0 - 400 * (score + more), 200.0), KEEP)
    recording.stage = Stage.APPROVED.value
    return recording


def scored(session: Session, recording: Recording, score: float) -> None:
    for people, more in zip(make_candidates(session, recording).values(), SPREAD, strict=True):
        people[0].score = score + more


def test_recordings_are_in_the_order_of_what_a_person_gains_there(
    committed: Session, client: TestClient
) -> None:
    committed.execute(delete(Recording))
    theirs = bearer(committed, make_maintainer(committed))
    for score in (0.7, 0.75, 0.8, 0.85, 0.9):
        approved(committed, score)
    good, bad, empty = (make_recording(committed, Stage.PRELABELLED, frames=4) for _ in range(3))
    scored(committed, good, 0.85)
    scored(committed, bad, 0.32)
    scored(committed, empty, 0.8)
    lost = committed.query(Candidate).filter(
        Candidate.frame_id.in_(frame_ids_of(committed, empty)[:3])
    )
    for candidate in lost:
        candidate.retired = True
    committed.commit()

    report: Any = client.get("/api/v1/quality/prelabels", headers=theirs).json()

    (model,) = report["models"]
    assert len(model["known"]) == 5
    assert 0 < model["coverage"] < 1
    waiting = {row["recording"]["id"]: row for row in model["waiting"]}
    first, *_, last = (row["recording"]["id"] for row in model["waiting"])
    assert last == good.id
    assert first in {bad.id, empty.id}
    assert waiting[empty.id]["nobody"] == 3
    assert waiting[bad.id]["unlike"] is True
    assert waiting[good.id]["unlike"] is False
    assert waiting[good.id]["low"] <= waiting[good.id]["expected"] <= waiting[good.id]["high"]


def test_without_an_approved_recording_nothing_is_forecast(
    committed: Session, client: TestClient
) -> None:
    committed.execute(delete(Recording))
    theirs = bearer(committed, make_maintainer(committed))
    waits = make_recording(committed, Stage.PRELABELLED, frames=4)
    scored(committed, waits, 0.9)
    committed.commit()
    report = client.get("/api/v1/quality/prelabels", headers=theirs).json()
    (model,) = report["models"]
    assert (model["waiting"], model["curve"]) == ([], [])
    assert [one["id"] for one in model["unknown"]] == [waits.id]


def test_annotators_do_not_see_it(committed: Session, client: TestClient) -> None:
    hers = bearer(committed, make_annotator(committed))
    committed.commit()
    answer = client.get("/api/v1/quality/prelabels", headers=hers)
    assert answer.status_code == 403
