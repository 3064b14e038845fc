"""Proposed postures of a recording over HTTP."""

from __future__ import annotations

import numpy as np
from fastapi.testclient import TestClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from backend.core.database.tables import Annotation
from backend.domain.workflow import Stage
from tests.backend.domain.test_posture_proposals import SITS_PX
from tests.factories import bearer, frame_ids_of, make_annotator, make_recording

API = "/api/v1"


def test_joints_of_an_infant_that_sits_are_proposed_as_sitting(
    client: TestClient, committed: Session
) -> None:
    annotator = make_annotator(committed)
    recording = make_recording(
        committed, Stage.ANNOTATING, annotator=annotator, frames=6, cameras=2
    )
    flat = np.concatenate([SITS_PX, np.full((17, 1), 2.0)], axis=1).ravel().tolist()
    ids = frame_ids_of(committed, recording)
    seen = [frame for frame in ids if frame not in (ids[2], ids[8])]
    committed.execute(
        update(Annotation)
        .where(Annotation.frame_id.in_(seen))
        .values(keypoints=flat, state="accepted")
    )
    headers = bearer(committed, annotator)
    committed.commit()
    found = client.get(f"{API}/recordings/{recording.id}/postures/proposals", headers=headers)
    assert found.status_code == 200, found.text
    told = found.json()
    assert [(p["first"], p["last"], p["group"], p["posture"]) for p in told["proposals"]] == [
        (0, 1, "sitting", None),
        (3, 5, "sitting", None),
    ]
    assert (told["from_fits"], told["from_images"]) == (0, 5)
    postures = client.get(f"{API}/recordings/{recording.id}/postures", headers=headers).json()
    assert postures["covered"] == 0


def test_without_joints_nothing_is_proposed(client: TestClient, committed: Session) -> None:
    annotator = make_annotator(committed)
    recording = make_recording(committed, Stage.ANNOTATING, annotator=annotator)
    headers = bearer(committed, annotator)
    committed.commit()
    path = f"{API}/recordings/{recording.id}/postures/proposals"
    told = client.get(path, headers=headers).json()
    assert told["proposals"] == []
    assert told["remarks"] == ["There are no joints yet to propose postures from."]
    assert (
        client.get(f"{API}/recordings/999999999/postures/proposals", headers=headers).status_code
        == 404
    )
