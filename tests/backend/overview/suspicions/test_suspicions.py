"""The suspicion queue on real tables: what is noted, looked at, shown, and waved through."""

from __future__ import annotations

import uuid

import numpy as np
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from backend.core.database.tables import (
    Calibration,
    Frame,
    FrameBox,
    FrameSuspicion,
    Moment,
    Recording,
    SuspicionNote,
    User,
    Waiver,
)
from backend.domain.document import MoveJoint, SetVisibility
from backend.domain.errors import Conflict, Forbidden, InvalidInput
from backend.domain.estimates import PoseEstimate
from backend.domain.keypoints import Visibility
from backend.domain.masks import encode
from backend.domain.skeleton import N_JOINTS
from backend.domain.suspicion import Doubt
from backend.domain.workflow import Stage
from backend.labelling.annotations.service import store_candidates
from backend.labelling.documents.service import Read, apply_operations
from backend.overview.recordings.service import summary
from backend.overview.suspicions import looking, service
from backend.overview.suspicions.schemas import SuspicionsOut, WaiverIn
from backend.recordings.counts import drifts, recount
from tests.backend.domain.suspicion.playing import FPS, kicking
from tests.factories import (
    KEEP,
    accept,
    annotation_of,
    bearer,
    discard,
    edit,
    frame_ids_of,
    make_annotator,
    make_inspector,
    make_recording,
)

KNEE, AT = 14, 20
API = "/api/v1"


def film(
    session: Session,
    annotator: User | None = None,
    *,
    wrong: bool = True,
    inspector: User | None = None,
) -> Recording:
    """Sixty frames with pre-labels; in one, the right knee lies far from the body."""
    recording = make_recording(session, frames=60, annotator=annotator, inspector=inspector)
    moments = select(Moment.id, Moment.index).where(Moment.recording_id == recording.id).subquery()
    session.execute(
        update(Frame).where(Frame.moment_id == moments.c.id).values(time_s=moments.c.index / FPS)
    )
    joints = kicking(60).joints
    if wrong:
        joints[AT, KNEE] += (90, -20)
    ids = frame_ids_of(session, recording)
    people = {
        frame_id: [PoseEstimate(at, np.full(N_JOINTS, 0.8), 0.9, (200, 80, 200, 300))]
        for frame_id, at in zip(ids, joints, strict=True)
    }
    store_candidates(session, people, dict.fromkeys(ids, 0), model="m")
    session.flush()
    return recording


def notes(session: Session, recording: Recording) -> int:
    of_it = SuspicionNote.recording_id == recording.id
    return session.scalar(select(func.count(SuspicionNote.id)).where(of_it)) or 0


def noted_frames(session: Session, recording: Recording) -> list[int | None]:
    of_it = SuspicionNote.recording_id == recording.id
    return list(session.scalars(select(SuspicionNote.frame_id).where(of_it)))


def shown(session: Session, recording: Recording) -> SuspicionsOut:
    return SuspicionsOut.model_validate(service.suspicions(session, recording))


def open_joints(session: Session, recording: Recording) -> list[tuple[int, int]]:
    return [
        (frame.frame_id, joint.joint)
        for frame in shown(session, recording).frames
        for joint in frame.joints
        if joint.waived is None
    ]


def test_prelabels_are_looked_at_and_a_knee_far_from_the_body_is_in_the_queue(session: Session):
    recording = film(session)
    assert notes(session, recording) == 60
    assert looking.look(session, recording) == 60
    assert notes(session, recording) == 0
    (first, *_) = shown(session, recording).frames
    assert first.frame_id == frame_ids_of(session, recording)[AT]
    assert first.joints[0].joint == KNEE
    assert "right knee" in first.joints[0].reason
    assert open_joints(session, recording) == [(first.frame_id, KNEE)]


def test_nothing_noted_is_nothing_done(session: Session):
    assert looking.look(session, make_recording(session)) == 0


def test_a_save_only_notes_its_frame_and_then_its_neighbours_are_looked_at(session: Session):
    annotator = make_annotator(session)
    recording = film(session, annotator)
    looking.look(session, recording)
    frame_id = frame_ids_of(session, recording)[AT]
    right = kicking(60).joints[AT, KNEE]
    edit(session, annotator, frame_id, MoveJoint(KNEE, *map(float, right)))
    assert notes(session, recording) == 1
    assert looking.look(session, recording) == 2 * looking.NEXT_TO + 1
    assert open_joints(session, recording) == []
    row = session.get(FrameSuspicion, frame_id, populate_existing=True)
    assert row is not None
    assert row.version == annotation_of(session, frame_id).version


def test_the_neighbourhood_alone_says_the_same_as_the_whole(session: Session):
    annotator = make_annotator(session)
    recording = film(session, annotator, wrong=False)
    looking.look(session, recording)
    ids = frame_ids_of(session, recording)
    edit(session, annotator, ids[33], MoveJoint(9, 600.0, 400.0))
    looking.look(session, recording)
    near = {row.frame_id: row.joints for row in session.scalars(select(FrameSuspicion))}
    service.ask_to_look(session, annotator, recording)
    session.flush()
    assert looking.look(session, recording) == 60
    session.expire_all()
    whole = {row.frame_id: row.joints for row in session.scalars(select(FrameSuspicion))}
    assert (ids[33], 9) in open_joints(session, recording)
    for frame_id, joints in whole.items():
        np.testing.assert_allclose(near[frame_id], joints, atol=6)


def test_a_frame_that_was_thrown_away_leaves_the_queue(session: Session):
    annotator = make_annotator(session)
    recording = film(session, annotator)
    looking.look(session, recording)
    discard(session, annotator, frame_ids_of(session, recording)[AT])
    assert open_joints(session, recording) == []


def test_a_new_calibration_asks_for_the_whole_recording(session: Session):
    recording = film(session)
    looking.look(session, recording)
    calibration = Calibration(
        recording_id=recording.id, version=1, origin="rendered", phase="session", cameras=[]
    )
    session.add(calibration)
    session.flush()
    recording.calibration_id = calibration.id
    session.flush()
    assert noted_frames(session, recording) == [None]
    assert looking.look(session, recording) == 60


def word(**changes: object) -> WaiverIn:
    return WaiverIn.model_validate(
        {"operation_id": uuid.uuid4(), "joint": KNEE, "doubt": Doubt.JUMP} | changes
    )


def test_a_persons_word_takes_a_joint_from_the_queue_and_its_note_is_kept(session: Session):
    annotator = make_annotator(session)
    recording = film(session, annotator)
    looking.look(session, recording)
    frame_id = frame_ids_of(session, recording)[AT]
    said = word(note="  The leg is behind the toy.  ")
    service.waive(session, annotator, frame_id, said)
    service.waive(session, annotator, frame_id, said)
    assert session.scalar(select(func.count(Waiver.id))) == 1
    assert open_joints(session, recording) == []
    frame = next(f for f in shown(session, recording).frames if f.frame_id == frame_id)
    assert frame.joints[0].waived is not None
    assert frame.joints[0].waived.name == annotator.name
    assert frame.joints[0].waived.note == "The leg is behind the toy."

    service.waive(session, annotator, frame_id, word(holds=False))
    assert open_joints(session, recording) == [(frame_id, KNEE)]
    assert session.scalar(select(func.count(Waiver.id))) == 2


def test_a_word_lapses_when_the_joint_is_moved(session: Session):
    annotator = make_annotator(session)
    recording = film(session, annotator)
    looking.look(session, recording)
    frame_id = frame_ids_of(session, recording)[AT]
    service.waive(session, annotator, frame_id, word())
    edit(session, annotator, frame_id, MoveJoint(KNEE, 600.0, 20.0))
    looking.look(session, recording)
    assert (frame_id, KNEE) in open_joints(session, recording)


def test_nobody_else_may_wave_through_and_an_id_is_used_once(session: Session):
    annotator = make_annotator(session)
    recording = film(session, annotator)
    frame_id = frame_ids_of(session, recording)[AT]
    with pytest.raises(Forbidden):
        service.waive(session, make_annotator(session), frame_id, word())
    said = word()
    service.waive(session, annotator, frame_id, said)
    with pytest.raises(Conflict):
        service.waive(session, annotator, frame_id, said.model_copy(update={"joint": 3}))


def test_one_word_on_a_whole_body_is_one_act_and_leaves_nothing_half_said(session: Session):
    annotator = make_annotator(session)
    recording = film(session, annotator)
    frame_id = frame_ids_of(session, recording)[AT]
    body = word(joint=0, also=[{"joint": j, "x": 10.0 + j, "y": 5.0} for j in range(1, 17)])
    service.waive(session, annotator, frame_id, body)
    service.waive(session, annotator, frame_id, body)
    words = shown(session, recording).words
    assert sorted(w.joint for w in words) == list(range(17))
    assert next(w.x for w in words if w.joint == 9) == 19.0

    edit(session, annotator, frame_id, SetVisibility(9, Visibility.ABSENT))
    before = session.scalar(select(func.count(Waiver.id)))
    with pytest.raises(InvalidInput, match="left wrist is not there"):
        service.waive(
            session, annotator, frame_id, body.model_copy(update={"operation_id": uuid.uuid4()})
        )
    assert session.scalar(select(func.count(Waiver.id))) == before


def test_of_a_joint_that_is_not_there_nothing_can_be_said(session: Session):
    annotator = make_annotator(session)
    recording = make_recording(session, annotator=annotator)
    with pytest.raises(InvalidInput, match="not there"):
        service.waive(session, annotator, frame_ids_of(session, recording)[0], word())


def kept(session: Session, recording: Recording) -> int:
    return summary(session, recording.id).suspicious


def test_lists_say_how_many_frames_are_suspicious_as_of_the_last_look(session: Session):
    annotator = make_annotator(session)
    recording = film(session, annotator)
    assert kept(session, recording) == 0
    looking.look(session, recording)
    assert kept(session, recording) == 1
    frame_id = frame_ids_of(session, recording)[AT]
    service.waive(session, annotator, frame_id, word())
    looking.look(session, recording)
    assert kept(session, recording) == 0
    service.waive(session, annotator, frame_id, word(holds=False))
    looking.look(session, recording)
    assert kept(session, recording) == 1
    recount(session, [recording.id])
    assert drifts(session, [recording.id]) == []
    assert kept(session, recording) == 1
    discard(session, annotator, frame_id)
    looking.look(session, recording)
    assert kept(session, recording) == 0


def test_a_word_about_a_joint_in_a_new_place_may_overtake_the_save(session: Session):
    annotator = make_annotator(session)
    recording = film(session, annotator)
    frame_id = frame_ids_of(session, recording)[AT]
    service.waive(session, annotator, frame_id, word(x=600.0, y=20.0))
    edit(session, annotator, frame_id, MoveJoint(KNEE, 600.0, 20.0))
    looking.look(session, recording)
    assert (frame_id, KNEE) not in open_joints(session, recording)


def test_a_long_recording_is_looked_at_in_parts_and_the_same_is_found(
    session: Session, monkeypatch: pytest.MonkeyPatch
):
    recording = film(session)
    monkeypatch.setattr(looking, "AT_ONCE", 25)
    assert looking.look(session, recording) == 60
    assert open_joints(session, recording) == [(frame_ids_of(session, recording)[AT], KNEE)]


def test_a_joint_outside_the_infants_mask_is_doubted(session: Session):
    annotator = make_annotator(session)
    recording = film(session, annotator, wrong=False)
    frame_id = frame_ids_of(session, recording)[AT]
    row = annotation_of(session, frame_id)
    frame = session.get_one(Frame, frame_id)
    joints = np.array(row.keypoints).reshape(N_JOINTS, 3)
    x, y = joints[:, 0], joints[:, 1]
    wrist = 9
    mask = np.zeros((frame.height, frame.width), bool)
    left, right = int(x.min()) - 5, int(x.max()) + 6
    mask[max(0, int(y.min()) - 5) : int(y.max()) + 6, max(0, left) : right] = True
    at = np.rint(joints[wrist, :2]).astype(int)
    mask[max(0, at[1] - 60) : at[1] + 60, max(0, at[0] - 60) : at[0] + 60] = False
    session.add(
        FrameBox(
            frame_id=frame_id,
            recording_id=recording.id,
            x=1,
            y=1,
            width=9,
            height=9,
            mask_counts=encode(mask)["counts"],
            consistency=0.9,
            origin="model",
            made_from=row.keypoints,
        )
    )
    session.flush()
    looking.look(session, recording)
    found = {
        (frame.frame_id, joint.joint): joint.doubt
        for frame in shown(session, recording).frames
        for joint in frame.joints
    }
    assert found[frame_id, wrist] == Doubt.OFF_MASK


def test_the_inspector_waves_through_while_inspecting(session: Session):
    annotator, inspector = make_annotator(session), make_inspector(session)
    recording = film(session, annotator, inspector=inspector)
    recording.stage = Stage.INSPECTING.value
    session.flush()
    frame_id = frame_ids_of(session, recording)[AT]
    service.waive(session, inspector, frame_id, word())
    with pytest.raises(Forbidden):
        service.waive(session, annotator, frame_id, word())


def test_frames_accepted_without_looking_are_named_and_a_part_is_drawn(session: Session):
    annotator = make_annotator(session)
    recording = film(session, annotator)
    ids = frame_ids_of(session, recording)
    for frame_id, seconds in zip(ids, [0.1] * 30 + [2.0] * 10, strict=False):
        version = annotation_of(session, frame_id).version
        apply_operations(
            session, annotator, frame_id, Read(version), uuid.uuid4(), [KEEP], seconds_shown=seconds
        )
    accept(session, annotator, ids[50])  # a client that does not measure
    found = shown(session, recording)
    assert found.quick == ids[:30]
    assert len(found.sampled) == 10
    assert set(found.sampled) <= set(found.quick)


def test_the_queue_over_the_network(committed: Session, client: TestClient):
    annotator = make_annotator(committed)
    recording = film(committed, annotator)
    headers = bearer(committed, annotator)
    frame_id = frame_ids_of(committed, recording)[AT]
    committed.commit()
    asked = client.post(f"{API}/recordings/{recording.id}/suspicions", headers=headers)
    assert asked.status_code == 202
    assert client.get(f"{API}/recordings/{recording.id}/suspicions", headers=headers).json()[
        "waiting"
    ] == notes(committed, recording)
    looking.look(committed, recording)
    committed.commit()
    body = {"operation_id": str(uuid.uuid4()), "joint": KNEE, "doubt": "jump", "note": "right"}
    path = f"{API}/frames/{frame_id}/waivers"
    assert client.post(path, headers=headers, json=body).status_code == 204
    answer = client.get(f"{API}/recordings/{recording.id}/suspicions", headers=headers)
    found = SuspicionsOut.model_validate(answer.json())
    assert found.waiting == 1  # a word asks for another look, which counts what is left
    assert [(w.joint, w.note) for w in found.words] == [(KNEE, "right")]
    assert [usual.stature is not None for usual in found.usuals] == [True]
    assert [j.waived.note for f in found.frames for j in f.joints if j.waived] == ["right"]
    version = annotation_of(committed, frame_id).version
    saved = client.post(
        f"{API}/frames/{frame_id}/operations",
        headers=headers | {"If-Match": f'"{version}"'},
        json={
            "operation_id": str(uuid.uuid4()),
            "operations": [{"type": "setVerdict", "verdict": "keep"}],
            "seconds_shown": -1,
        },
    )
    assert saved.status_code == 422
