"""The audit log: every change, found by person, frame, joint, kind and time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from backend.core.database.tables import Comment, PostureRevision, Recording, Waiver
from backend.domain.operations import MoveJoint, SwapSides, TakeEstimate
from backend.domain.reviews import Mark
from backend.domain.workflow import Event, Stage
from backend.labelling.annotations.repository import get_annotation, to_skeleton
from backend.labelling.marks import joints as joint_marks
from backend.labelling.marks import service as marks
from backend.labelling.marks.schemas import JointMarksIn
from backend.labelling.workflow import service as workflow
from tests.factories import (
    KEEP,
    accept,
    bearer,
    edit,
    frame_ids_of,
    make_annotator,
    make_candidates,
    make_inspector,
    make_maintainer,
    make_recording,
)


class Lab:
    """A recording that was annotated, submitted and marked."""

    def __init__(self, client: TestClient, session: Session) -> None:
        self.client, self.session = client, session
        self.ann, self.ins = make_annotator(session), make_inspector(session)
        self.recording: Recording = make_recording(session, annotator=self.ann)
        make_candidates(session, self.recording)
        self.frames = frame_ids_of(session, self.recording)
        for frame in self.frames:
            accept(session, self.ann, frame)
        edit(session, self.ann, self.frames[0], MoveJoint(9, 50, 60), KEEP)
        workflow.fire(session, self.recording, Event.SUBMIT, self.ann)
        marks.mark(session, self.ins, self.frames[0], Mark.REVISE)
        session.add(
            Comment(
                recording_id=self.recording.id, frame_id=self.frames[0], joint=9, round=1,
                body="wrist", author_id=self.ins.id,
            )
        )  # fmt: skip
        self.boss = bearer(session, make_maintainer(session))
        session.commit()

    def ask(self, headers: dict[str, str] | None = None, **params: Any) -> dict[str, Any]:
        answer = self.client.get("/api/v1/changes", params=params, headers=headers or self.boss)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def kinds(self, **params: Any) -> list[str]:
        return [item["kind"] for item in self.ask(**params)["items"]]


@pytest.fixture
def lab(client: TestClient, committed: Session) -> Lab:
    return Lab(client, committed)


def test_all_kinds_of_changes_of_a_recording_are_one_list(lab: Lab) -> None:
    found = lab.kinds(recording_id=lab.recording.id)
    assert sorted(set(found)) == ["act", "comment", "joints", "mark"]
    assert found.count("joints") == 3 + 3 + 1
    # The inspector has the recording from the first word on, which is an act of its own.
    assert found.count("act") == 2


def test_changes_of_a_frame_by_one_person(lab: Lab) -> None:
    items = lab.ask(frame_id=lab.frames[0], person_id=lab.ann.id)["items"]
    assert [item["what"] for item in items] == ["corrected", "accepted"]
    assert items[0]["frame"] == {"id": lab.frames[0], "position": 0}
    assert items[0]["recording"]["id"] == lab.recording.id
    assert items[0]["operations"][0]["type"] == "moveJoint"


def test_a_joint_is_found_by_what_moved_it_and_what_was_said_of_it(lab: Lab) -> None:
    # The model that proposed the infant placed every joint.
    assert lab.kinds(frame_id=lab.frames[0], joint=9) == ["comment", "joints", "joints"]
    assert lab.kinds(frame_id=lab.frames[0], joint=10) == ["joints"]
    assert lab.kinds(frame_id=lab.frames[0], joint=10, person_id=lab.ann.id) == []


def test_exchanged_sides_are_changes_of_the_joints_that_they_name(
    lab: Lab, committed: Session
) -> None:
    lab.recording.stage = Stage.ANNOTATING.value
    edit(committed, lab.ann, lab.frames[1], SwapSides((9, 10)))
    edit(committed, lab.ann, lab.frames[2], SwapSides())
    committed.commit()
    swapped = {
        joint: len(lab.kinds(person_id=lab.ann.id, joint=joint, kind="joints"))
        for joint in (9, 10, 11)
    }
    assert swapped == {9: 3, 10: 2, 11: 1}


def test_joints_that_were_inferred_are_changes_of_every_joint(lab: Lab, committed: Session) -> None:
    lab.recording.stage = Stage.ANNOTATING.value
    skeleton = to_skeleton(get_annotation(committed, lab.frames[1]).keypoints)
    assert skeleton is not None
    edit(committed, lab.ann, lab.frames[1], TakeEstimate(skeleton, (lab.frames[0],), 1))
    committed.commit()
    assert lab.kinds(frame_id=lab.frames[1], person_id=lab.ann.id, joint=3) == ["joints"]


def test_what_was_undone_is_named_by_the_version_that_holds_again(
    lab: Lab, committed: Session
) -> None:
    lab.recording.stage = Stage.ANNOTATING.value
    frame = lab.frames[2]
    there = to_skeleton(get_annotation(committed, frame).keypoints)
    assert there is not None
    x, y = there.joints[9].x, there.joints[9].y
    edit(committed, lab.ann, frame, MoveJoint(9, x + 5, y))
    edit(committed, lab.ann, frame, MoveJoint(9, x, y))
    edit(committed, lab.ann, frame, KEEP)
    committed.commit()
    versions = {v["version"]: v["back_to"] for v in lab.ask(frame_id=frame, kind="joints")["items"]}
    last = max(versions)
    assert versions[last - 2] is None
    assert (versions[last - 1], versions[last]) == (last - 3, last - 1)
    shown = lab.client.get(f"/api/v1/frames/{frame}/history", headers=lab.boss).json()
    assert {v["version"]: v["back_to"] for v in shown} == versions


def test_marks_on_joints_postures_and_waivers_are_changes_too(lab: Lab, committed: Session) -> None:
    frame = lab.frames[0]
    joint_marks.judge(committed, lab.ins, frame, JointMarksIn(round=1, wrong=[9], right=[3]))
    committed.add_all(
        [
            Waiver(
                recording_id=lab.recording.id, frame_id=frame, joint=9, doubt="unsure", x=1, y=2,
                holds=True, round=1, author_id=lab.ann.id, operation_id=uuid4(),
            ),
            PostureRevision(
                recording_id=lab.recording.id, version=1, round=1, author_id=lab.ann.id,
                operation_id=uuid4(), ranges=[],
                strokes=[{"first": 0, "last": 2, "code": 33, "origin": "placed"}],
            ),
        ]
    )  # fmt: skip
    committed.commit()
    assert lab.kinds(frame_id=frame, joint=9, kind=["mark", "waiver"]) == ["waiver", "mark"]
    assert lab.kinds(frame_id=frame, joint=10, kind=["mark", "waiver"]) == []
    (mark,) = lab.ask(frame_id=frame, kind="mark")["items"]
    assert mark["details"] == {"wrong": [9], "right": [3]}
    (named,) = lab.ask(recording_id=lab.recording.id, kind="posture")["items"]
    assert named["details"]["strokes"][0]["code"] == 33
    assert lab.kinds(person_id=lab.ann.id, kind=["posture", "waiver"]) == ["waiver", "posture"]


def test_by_kind_and_time(lab: Lab) -> None:
    assert lab.kinds(recording_id=lab.recording.id, kind=["mark", "comment"]) == [
        "comment",
        "mark",
    ]
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    assert lab.kinds(recording_id=lab.recording.id, since=later) == []
    assert len(lab.kinds(recording_id=lab.recording.id, until=later)) == 11


def test_pages_hold_every_change_once_also_where_many_share_an_instant(
    lab: Lab, committed: Session
) -> None:
    for table in ("annotation_revisions", "frame_marks", "comments", "audit_entries"):
        committed.execute(
            text(f"UPDATE {table} SET created_at = '2020-02-02T00:00Z' WHERE id IN (SELECT id"
                 f" FROM {table} ORDER BY id DESC LIMIT 3)")
        )  # fmt: skip
    committed.commit()
    whole = [item["key"] for item in lab.ask(recording_id=lab.recording.id)["items"]]
    seen: list[str] = []
    cursor = None
    while True:
        page = lab.ask(
            recording_id=lab.recording.id, limit=2, **({"cursor": cursor} if cursor else {})
        )
        seen += [item["key"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == whole
    assert len(set(seen)) == len(seen)


def test_people_see_their_own_changes_only(lab: Lab, committed: Session) -> None:
    own = bearer(committed, lab.ann)
    committed.commit()
    items = lab.ask(own, recording_id=lab.recording.id)["items"]
    assert {item["person"]["id"] for item in items} == {lab.ann.id}
    answer = lab.client.get("/api/v1/changes", params={"person_id": lab.ins.id}, headers=own)
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "cursor", ["junk", "2026-01-01T00:00:00+00:00 joints-x", "2026-01-01T00:00:00 act-1", "x act-1"]
)
def test_a_strange_cursor_is_refused(lab: Lab, cursor: str) -> None:
    answer = lab.client.get("/api/v1/changes", params={"cursor": cursor}, headers=lab.boss)
    assert answer.status_code == 422


def test_what_models_did_can_be_left_out(lab: Lab) -> None:
    every = lab.ask(recording_id=lab.recording.id)["items"]
    people = lab.ask(recording_id=lab.recording.id, people_only=True)["items"]
    assert [item["key"] for item in people] == [i["key"] for i in every if i["person"] is not None]
    assert len(people) < len(every)
