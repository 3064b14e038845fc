"""Frames accepted in playback: refused, sampled or taken, as a release's rule says."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.session import transaction
from backend.core.database.tables import Annotation, AnnotationRevision, Recording, User
from backend.domain.errors import Conflict, Forbidden
from backend.domain.ranges import RangeAct
from backend.domain.releases.playback import PlaybackPolicy
from backend.labelling.ranges import checks
from backend.labelling.ranges import repository as range_rows
from backend.publishing.releases.settings import ReleaseSettings
from tests.factories import frame_ids_of
from tests.worker.release_lab import Lab


def accepted_in_playback(lab: Lab, session: Session) -> list[int]:
    """The first recording, as if its frames had been accepted in playback."""
    recording = session.get_one(Recording, lab.recordings[0])
    frames = frame_ids_of(session, recording)
    act = range_rows.begin(
        session,
        recording_id=recording.id,
        user_id=lab.annotator,
        operation_id=uuid.uuid4(),
        kind=RangeAct.PLAYBACK.value,
        round=recording.round,
        request={},
        changed=len(frames),
        skipped=[],
    )
    assert act is not None
    kept = session.scalars(
        select(Annotation.frame_id).where(
            Annotation.frame_id.in_(frames), Annotation.verdict == "keep"
        )
    ).all()
    values = {"verdict": "keep", "reason": None, "reason_text": None, "fps": 5.0}
    range_rows.decide(session, act, kept, values | {"operations": "[]"})
    return list(kept)


def policy(lab: Lab, wanted: PlaybackPolicy, share: float = 1.0) -> None:
    def change(settings: ReleaseSettings) -> None:
        settings.playback.policy = wanted
        settings.playback.share = share

    lab.settings(lab.release, change)


def blocked(lab: Lab) -> int:
    gate = lab.check(lab.release).gate or []
    return sum(entry["count"] for entry in gate if entry["kind"] == "in_playback")


def test_the_rule_refuses_them_takes_them_or_waits_for_the_sample(lab: Lab) -> None:
    with transaction(lab.bench.engine) as session:
        frames = accepted_in_playback(lab, session)
    policy(lab, PlaybackPolicy.REFUSED)
    assert blocked(lab) == len(frames) > 0
    policy(lab, PlaybackPolicy.ALLOWED)
    assert lab.check(lab.release).state == "checked"
    policy(lab, PlaybackPolicy.SAMPLED)
    assert blocked(lab) == len(frames)
    with transaction(lab.bench.engine) as session:
        for frame in frames:
            version = session.get_one(Annotation, frame).version
            wrong = [9] if frame == frames[0] else []
            checks.check(session, lab.me(session), frame, version, wrong)
    # What was found wrong is still to be corrected.
    assert blocked(lab) == 1
    with transaction(lab.bench.engine) as session:
        version = session.get_one(Annotation, frames[0]).version
        checks.check(session, lab.me(session), frames[0], version, [])
    assert lab.check(lab.release).state == "checked"


def test_nobody_vouches_for_what_they_accepted_or_did_not_see(lab: Lab) -> None:
    with transaction(lab.bench.engine) as session:
        frame, *_ = accepted_in_playback(lab, session)
        annotator = session.get_one(User, lab.annotator)
        version = session.get_one(Annotation, frame).version
        with pytest.raises(Forbidden, match="inspector"):
            checks.check(session, annotator, frame, version, [])
        annotator.roles = [*annotator.roles, "maintainer"]
        session.flush()
        with pytest.raises(Forbidden, match="yourself"):
            checks.check(session, annotator, frame, version, [])
        with pytest.raises(Conflict, match="changed"):
            checks.check(session, lab.me(session), frame, version - 1, [])
        other = session.get_one(Recording, lab.recordings[1])
        with pytest.raises(Conflict, match="not accepted in playback"):
            checks.check(session, lab.me(session), frame_ids_of(session, other)[0], 1, [])
        revision = session.scalar(
            select(AnnotationRevision).where(
                AnnotationRevision.frame_id == frame, AnnotationRevision.version == version
            )
        )
        assert revision is not None
        assert revision.playback_fps == 5.0
