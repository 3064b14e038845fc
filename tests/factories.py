"""Rows for tests, made the way the product makes them, with as few words as a test needs.

Everything is added to the given session and flushed, nothing is committed.
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.accounts import secrets
from backend.core.database.tables import (
    Annotation,
    ApiToken,
    Camera,
    CameraFile,
    Candidate,
    Comment,
    Frame,
    FrameBox,
    FrameMark,
    Infant,
    Moment,
    Recording,
    User,
)
from backend.core.database.tables.recordings import Source
from backend.domain import masks
from backend.domain.boxes import infant_box
from backend.domain.consents import Consent
from backend.domain.document import ChooseCandidate, Operation, SetVerdict
from backend.domain.estimates import PoseEstimate
from backend.domain.keypoints import Joint, Skeleton, Visibility
from backend.domain.reviews import Mark, ReviewKind
from backend.domain.skeleton import N_JOINTS
from backend.domain.verdicts import Decision, DiscardReason, Verdict
from backend.domain.workflow import Role, Stage
from backend.labelling.annotations.service import store_candidates
from backend.labelling.boxes.service import BoxProposal, store_proposal
from backend.labelling.documents.service import Read, apply_operations
from backend.labelling.marks.service import mark_remaining_good
from backend.labelling.samples.service import note_looks

WIDTH, HEIGHT = 640, 480
MODEL = "test-pose"
KEEP = SetVerdict(Decision(Verdict.KEEP))
_numbers = itertools.count(1)


def unique(prefix: str) -> str:
    """A name that no other row has."""
    return f"{prefix}-{next(_numbers)}-{uuid.uuid4().hex[:6]}"


def make_user(
    session: Session, *roles: Role, name: str | None = None, password_hash: str = "unusable"
) -> User:
    """A person; an annotator unless roles are given. Logs in by :func:`bearer` only."""
    name = name or unique("person")
    user = User(
        email=f"{unique('user')}@example.org",
        name=name,
        password_hash=password_hash,
        roles=[role.value for role in roles or (Role.ANNOTATOR,)],
        is_active=True,
        is_demo=False,
    )
    session.add(user)
    session.flush()
    return user


def make_annotator(session: Session, **options: Any) -> User:
    """A person who corrects joints."""
    return make_user(session, Role.ANNOTATOR, **options)


def make_inspector(session: Session, **options: Any) -> User:
    """A person who inspects joints and boxes."""
    return make_user(session, Role.INSPECTOR, **options)


def make_maintainer(session: Session, **options: Any) -> User:
    """A person who imports, assigns, runs models and exports."""
    return make_user(session, Role.MAINTAINER, **options)


def bearer(session: Session, user: User) -> dict[str, str]:
    """Headers that log a person in by an API token; commit before the first request."""
    token = secrets.new_token()
    session.add(
        ApiToken(
            user_id=user.id,
            name=unique("token"),
            prefix=secrets.shown_prefix(token),
            secret_sha256=secrets.digest(token),
        )
    )
    session.flush()
    return {"Authorization": f"Bearer {token}"}


def make_infant(session: Session, pseudonym: str | None = None) -> Infant:
    """An infant."""
    infant = Infant(pseudonym=pseudonym or unique("infant"))
    session.add(infant)
    session.flush()
    return infant


def make_recording(
    session: Session,
    stage: Stage = Stage.ANNOTATING,
    *,
    frames: int = 3,
    cameras: int = 1,
    annotator: User | None = None,
    inspector: User | None = None,
    infant: Infant | None = None,
    round_number: int = 1,
    name: str | None = None,
    source: Source = Source.HOME_VISIT,
    consent: Consent = Consent.RESEARCH_AND_RELEASE,
    age_months: float | None = 9.0,
    size: tuple[int, int] = (WIDTH, HEIGHT),
) -> Recording:
    """A recording session with ``frames`` moments seen by ``cameras`` cameras.

    Its frames have annotations at version 0, as after ingest, whatever the stage.
    """
    recording = Recording(
        name=name or unique("recording"),
        source=source.value,
        infant_id=(infant or make_infant(session)).id,
        age_months=age_months,
        consent=consent.value,
        stage=stage.value,
        round=round_number,
        annotator_id=annotator.id if annotator else None,
        inspector_id=inspector.id if inspector else None,
    )
    session.add(recording)
    session.flush()
    eyes = [
        Camera(recording_id=recording.id, index=i, name=f"camera {i + 1}",
               width=size[0], height=size[1], fps=30.0, source_filename=f"camera{i + 1}.mp4")
        for i in range(cameras)
    ]  # fmt: skip
    moments = [Moment(recording_id=recording.id, index=i, time_s=i / 3) for i in range(frames)]
    session.add_all([*eyes, *moments])
    session.flush()
    pictures = [
        _frame(recording, eye, moment, e * frames + m, size)
        for e, eye in enumerate(eyes)
        for m, moment in enumerate(moments)
    ]
    session.add_all(pictures)
    session.flush()
    session.add_all(Annotation(frame_id=f.id, recording_id=recording.id) for f in pictures)
    session.flush()
    return recording


def _frame(
    recording: Recording, camera: Camera, moment: Moment, position: int, size: tuple[int, int]
) -> Frame:
    key = uuid.uuid4().hex
    return Frame(
        recording_id=recording.id,
        camera_id=camera.id,
        moment_id=moment.id,
        position=position,
        time_s=moment.time_s,
        source_frame=moment.index * 10,
        width=size[0],
        height=size[1],
        sha256=key * 2,
        image_key=f"recordings/{recording.id}/frames/{key}.jpg",
        thumbnail_key=f"recordings/{recording.id}/thumbnails/{key}.jpg",
        sharpness=100.0 + position,
        mean_luma=120.0,
        clipped_dark=0.0,
        clipped_bright=0.0,
        dhash=position,
    )


def store_videos(session: Session, recording: Recording) -> None:
    """Say that each camera's video is stored; there is no file."""
    cameras = session.scalars(select(Camera).where(Camera.recording_id == recording.id))
    session.add_all(
        CameraFile(
            camera_id=camera.id,
            index=0,
            filename=f"{camera.name}.mp4",
            sha256="0" * 64,
            key=f"recordings/{recording.id}/source/{camera.id}.mp4",
        )
        for camera in cameras
    )
    session.flush()


def frames_of(session: Session, recording: Recording) -> list[Frame]:
    """Frames of a recording in working order."""
    return list(
        session.scalars(
            select(Frame).where(Frame.recording_id == recording.id).order_by(Frame.position)
        )
    )


def frame_ids_of(session: Session, recording: Recording) -> list[int]:
    """Ids of a recording's frames in working order."""
    return [frame.id for frame in frames_of(session, recording)]


def annotation_of(session: Session, frame_id: int) -> Annotation:
    """The current annotation of a frame as the database has it."""
    annotation = session.get(Annotation, frame_id, populate_existing=True)
    assert annotation is not None
    return annotation


def make_skeleton(
    x: float = 100.0,
    y: float = 60.0,
    scale: float = 10.0,
    *,
    occluded: Sequence[int] = (),
    absent: Sequence[int] = (),
) -> Skeleton:
    """A skeleton whose joints are all at different places, ``scale`` pixels apart."""
    joints = []
    for i in range(N_JOINTS):
        seen = Visibility.OCCLUDED if i in occluded else Visibility.VISIBLE
        seen = Visibility.ABSENT if i in absent else seen
        joints.append(Joint(x + scale * (i % 4), y + scale * (i // 4), seen))
    return Skeleton(tuple(joints))


def make_estimate(
    x: float = 100.0, y: float = 60.0, scale: float = 10.0, score: float = 0.9
) -> PoseEstimate:
    """A person as a model sees them, at the places of :func:`make_skeleton`."""
    places = [(j.x, j.y) for j in make_skeleton(x, y, scale).joints]
    return PoseEstimate(
        keypoints=np.array(places),
        scores=np.full(N_JOINTS, 0.8),
        score=score,
        box=(x - scale, y - scale, 5 * scale, 6 * scale),
    )


def make_candidates(
    session: Session,
    recording: Recording,
    *,
    people: int = 2,
    proposed: int | None = 0,
    model: str = MODEL,
    simulated: bool = False,
) -> dict[int, list[Candidate]]:
    """Pre-labels: the same ``people`` in each frame, one of them proposed; by frame id."""
    ids = frame_ids_of(session, recording)
    estimates = [make_estimate(100.0 + 120.0 * i, score=0.9 - 0.1 * i) for i in range(people)]
    store_candidates(
        session,
        dict.fromkeys(ids, estimates),
        dict.fromkeys(ids, proposed if people else None),
        model=model,
        simulated=simulated,
    )
    rows = session.scalars(
        select(Candidate)
        .where(Candidate.frame_id.in_(ids), ~Candidate.retired)
        .order_by(Candidate.frame_id, Candidate.rank)
    )
    found: dict[int, list[Candidate]] = {frame_id: [] for frame_id in ids}
    for row in rows:
        found[row.frame_id].append(row)
    return found


def edit(session: Session, user: User, frame_id: int, *operations: Operation) -> Annotation:
    """Write operations as a person does, on top of whatever is stored."""
    version = annotation_of(session, frame_id).version
    apply_operations(session, user, frame_id, Read(version), uuid.uuid4(), operations)
    return annotation_of(session, frame_id)


def accept(session: Session, user: User, frame_id: int) -> Annotation:
    """Accept a frame as it is; the best candidate where nobody is proposed."""
    if annotation_of(session, frame_id).keypoints is not None:
        return edit(session, user, frame_id, KEEP)
    best = session.scalars(
        select(Candidate.id).where(Candidate.frame_id == frame_id).order_by(Candidate.rank)
    ).first()
    assert best is not None, "make_candidates first"
    return edit(session, user, frame_id, ChooseCandidate(best), KEEP)


def discard(
    session: Session,
    user: User,
    frame_id: int,
    reason: DiscardReason = DiscardReason.MOTION_BLUR,
    text: str | None = None,
) -> Annotation:
    """Discard a frame."""
    decision = Decision(Verdict.DISCARD, reason, text)
    return edit(session, user, frame_id, SetVerdict(decision))


def make_proposal(skeleton: Skeleton, **changes: Any) -> BoxProposal:
    """A box as a model proposes it: the joints' rectangle, filled, as mask."""
    bare = infant_box(None, skeleton, WIDTH, HEIGHT)
    pixels = np.zeros((HEIGHT, WIDTH), dtype=bool)
    pixels[
        int(bare.y) : int(np.ceil(bare.y + bare.height)),
        int(bare.x) : int(np.ceil(bare.x + bare.width)),
    ] = True
    values: dict[str, Any] = {
        "made_from": skeleton,
        "box": infant_box(pixels, skeleton, WIDTH, HEIGHT),
        "mask_counts": masks.encode(pixels)["counts"],
        "mask_area": int(pixels.sum()),
        "mask_score": 0.9,
        "consistency": 0.95,
        "flagged": False,
        "attempts": ("points",),
        "model": "test-segmenter",
    }
    return BoxProposal(**(values | changes))


def make_boxes(
    session: Session, recording: Recording, changes: Mapping[int, dict[str, Any]] | None = None
) -> dict[int, FrameBox]:
    """Proposed boxes for all kept frames; ``changes`` to the proposal by frame id."""
    found = {}
    for frame_id in frame_ids_of(session, recording):
        annotation = annotation_of(session, frame_id)
        if annotation.verdict != Verdict.KEEP.value or annotation.keypoints is None:
            continue
        skeleton = Skeleton.from_flat(annotation.keypoints)
        box = store_proposal(
            session, frame_id, make_proposal(skeleton, **(changes or {}).get(frame_id, {}))
        )
        assert box is not None
        found[frame_id] = box
    return found


def make_boxed_recording(
    session: Session,
    annotator: User,
    *,
    frames: int = 3,
    stage: Stage = Stage.INSPECTING_BOXES,
    inspector: User | None = None,
    changes: Mapping[int, dict[str, Any]] | None = None,
) -> Recording:
    """A recording whose frames were all accepted and have boxes, in any stage from then on."""
    recording = make_recording(
        session, Stage.ANNOTATING, frames=frames, annotator=annotator, inspector=inspector
    )
    make_candidates(session, recording)
    for frame_id in frame_ids_of(session, recording):
        accept(session, annotator, frame_id)
    recording.stage = Stage.BOXING.value
    session.flush()
    make_boxes(session, recording, changes)
    recording.stage = stage.value
    session.flush()
    return recording


def make_mark(
    session: Session,
    inspector: User,
    frame_id: int,
    mark: Mark = Mark.REVISE,
    kind: ReviewKind = ReviewKind.KEYPOINTS,
    round_number: int = 1,
) -> FrameMark:
    """An inspector's mark."""
    row = FrameMark(
        recording_id=annotation_of(session, frame_id).recording_id,
        frame_id=frame_id,
        kind=kind.value,
        round=round_number,
        mark=mark.value,
        inspector_id=inspector.id,
    )
    session.add(row)
    session.flush()
    return row


def look_at(session: Session, inspector: User, *frame_ids: int, seconds: float = 2.0) -> None:
    """Frames that an inspector has before them in the recording's round."""
    recording = session.get_one(Recording, annotation_of(session, frame_ids[0]).recording_id)
    looks = dict.fromkeys(frame_ids, seconds)
    note_looks(session, inspector, recording.id, recording.round, looks)


def find_good(session: Session, inspector: User, recording: Recording) -> None:
    """An inspector looks at every frame of a recording and marks what has no mark yet good."""
    look_at(session, inspector, *frame_ids_of(session, recording))
    mark_remaining_good(session, inspector, recording.id)


def make_comment(
    session: Session,
    author: User,
    frame_id: int,
    body: str = "look again",
    *,
    joint: int | None = None,
    round_number: int = 1,
) -> Comment:
    """A comment on a frame or a joint."""
    row = Comment(
        recording_id=annotation_of(session, frame_id).recording_id,
        frame_id=frame_id,
        joint=joint,
        round=round_number,
        body=body,
        author_id=author.id,
    )
    session.add(row)
    session.flush()
    return row
