"""People who annotate, gold frames of theirs, and a frame that two of them answered."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from backend.core.database.tables import Annotation, Attempt, QualityRule, Recording, User
from backend.domain.attempts import GoldUse, Take
from backend.domain.operations import MoveJoint, Operation
from backend.domain.workflow import Stage
from backend.labelling.attempts import marking, service
from backend.labelling.attempts.schemas import AdjudicationIn, ChoiceIn, MarkGoldIn
from tests.factories import (
    KEEP,
    accept,
    annotation_of,
    edit,
    frame_ids_of,
    make_annotator,
    make_candidates,
    make_maintainer,
    make_recording,
)


class Lab:
    """An approved recording by Ann, one that Ann corrects now, and Ben who annotates elsewhere."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.boss = make_maintainer(session)
        self.ann = make_annotator(session, name="Ann")
        self.ben = make_annotator(session, name="Ben")
        self.approved = make_recording(session, Stage.ANNOTATING, frames=4, annotator=self.ann)
        make_candidates(session, self.approved)
        self.truth = frame_ids_of(session, self.approved)
        for frame_id in self.truth:
            edit(session, self.ann, frame_id, MoveJoint(9, 300.0, 200.0), KEEP)
        self.approved.stage = Stage.APPROVED.value
        session.flush()

    def rules(self, **changes: Any) -> None:
        self.session.execute(update(QualityRule).values(**changes))
        self.session.expire_all()

    def gold(self, use: GoldUse = GoldUse.CHECK, draw: int = 4) -> list[int]:
        wanted = MarkGoldIn(recording_id=self.approved.id, draw=draw, use=use)
        return marking.mark_gold(self.session, self.boss, wanted).frame_ids

    def work(self, user: User, frames: int) -> Recording:
        """Somebody decides frames of a recording of their own."""
        recording = make_recording(self.session, frames=frames, annotator=user)
        make_candidates(self.session, recording)
        for frame_id in frame_ids_of(self.session, recording):
            accept(self.session, user, frame_id)
        return recording

    def stack(self, user: User) -> list[Attempt]:
        ids = [frame.id for frame in service.stack(self.session, user).frames]
        return [self.session.get_one(Attempt, key) for key in ids]

    def write(self, user: User, attempt: Attempt, *operations: Operation) -> uuid.UUID:
        key = uuid.uuid4()
        service.apply_operations(
            self.session, user, attempt.id, attempt.version, key, operations, seconds_shown=2.0
        )
        return key


class Two:
    """A frame that Ann annotated, and Ben after her."""

    def __init__(self, lab: Lab) -> None:
        self.lab, self.session = lab, lab.session
        lab.rules(double_share=1.0)
        self.recording = lab.work(lab.ann, 1)
        (self.frame,) = frame_ids_of(self.session, self.recording)
        lab.session.execute(
            update(Annotation).where(Annotation.frame_id.in_(lab.truth)).values(updated_by_id=None)
        )
        lab.work(lab.ben, 1)
        (self.attempt,) = lab.stack(lab.ben)
        lab.write(lab.ben, self.attempt, MoveJoint(9, 110.0, 200.0), KEEP)
        service.close(self.session, lab.ben, self.attempt.id)
        self.first = list(annotation_of(self.session, self.frame).keypoints or [])

    def wanted(self, *choices: ChoiceIn, **changes: Any) -> AdjudicationIn:
        body = {
            "operation_id": uuid.uuid4(),
            "version": annotation_of(self.session, self.frame).version,
            "verdict": Take.FIRST,
            "choices": list(choices),
        }
        return AdjudicationIn.model_validate(body | changes)
