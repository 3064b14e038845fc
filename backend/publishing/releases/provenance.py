"""Where every joint of a release comes from: model, person, inspector, round.

A joint that still lies where the chosen person of a model had it is the model's; somebody looked at
it and let it be. One that lies as it was inferred from other frames is propagated: somebody took
it. Any other was placed by whoever last changed it. Who approved is the inspector of
the recording's last round before the release was frozen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Row, Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from backend.core.database.tables import (
    AnnotationRevision,
    Candidate,
    ReleaseFrame,
    ReleaseRecording,
)
from backend.domain.releases.origins import settled_since, still_carried, still_theirs
from backend.domain.skeleton import N_JOINTS
from backend.publishing.releases.recordings import recording_of


@dataclass(frozen=True, slots=True)
class JointOrigin:
    """Where one joint comes from.

    Attributes:
        joint: 0 to 16.
        x: Image pixels.
        y: Image pixels.
        visibility: 0, 1 or 2.
        origin: ``model``, ``file``, ``propagated``, ``person``; ``absent`` where nobody placed it.
        model: Whose pre-label was chosen; None where none was.
        model_sha256: Of its checkpoint.
        simulated: Whether that pre-label was made up for the demo.
        changed_by: Who placed the joint; None where it is the model's.
        changed_in_version: Version of the frame in which it came to lie there.
        changed_in_round: Round of the recording in which that was.
        changed_at: When that was.
        accepted_by: Who wrote the frame's last version.
        version: That version.
        round: Its round.
        inspector: Who inspected the recording.
        playback_fps: Frames a second at which it was accepted in playback; None if by itself.
    """

    joint: int
    x: float
    y: float
    visibility: int
    origin: str
    model: str | None
    model_sha256: str | None
    simulated: bool
    changed_by: int | None
    changed_in_version: int
    changed_in_round: int
    changed_at: datetime
    accepted_by: int | None
    version: int
    round: int
    inspector: int | None
    playback_fps: float | None


@dataclass(frozen=True, slots=True)
class FrameOrigins:
    """One frame with the origins of its joints."""

    frame_id: int
    file_name: str
    split: str
    joints: tuple[JointOrigin, ...]


def origins(
    session: Session, release_id: int, frame_id: int | None = None
) -> Iterator[FrameOrigins]:
    """Origins of a release's joints, frame by frame in order of the ids.

    Args:
        session: A transaction.
        release_id: The release.
        frame_id: Only this frame.
    """
    rows = session.execute(
        revisions_of(release_id, frame_id).execution_options(yield_per=1000, stream_results=True)
    )
    for _, revisions in groupby(rows, key=lambda row: row.frame_id):
        yield _frame(list(revisions))


_Last = aliased(AnnotationRevision)
_BITS = AnnotationRevision.propagated["joints"].as_integer()


def revisions_of(release_id: int, frame_id: int | None = None) -> Select[*tuple[Any, ...]]:
    """A row for each revision up to the frozen one, by frame and version."""
    of = ReleaseFrame
    query = (
        select(
            of.frame_id,
            of.file_name,
            of.split,
            AnnotationRevision.version,
            AnnotationRevision.round,
            AnnotationRevision.author_id,
            AnnotationRevision.created_at,
            AnnotationRevision.keypoints,
            func.coalesce(_BITS, 0).label("carried"),
            AnnotationRevision.playback_fps,
            Candidate.skeleton,
            Candidate.model,
            Candidate.simulated,
            Candidate.source,
            ReleaseRecording.prelabel_model,
            ReleaseRecording.prelabel_sha256,
            ReleaseRecording.inspector_id,
        )
        .join(
            AnnotationRevision,
            and_(
                AnnotationRevision.frame_id == of.frame_id,
                AnnotationRevision.version <= of.annotation_version,
            ),
        )
        .join(
            _Last,
            and_(_Last.frame_id == of.frame_id, _Last.version == of.annotation_version),
        )
        .join(ReleaseRecording, recording_of(of))
        .outerjoin(Candidate, Candidate.id == _Last.candidate_id)
        .where(of.release_id == release_id)
        .order_by(of.frame_id, AnnotationRevision.version)
    )
    return query if frame_id is None else query.where(of.frame_id == frame_id)


def _flat(values: Sequence[float] | None) -> NDArray[np.float64]:
    return np.zeros((N_JOINTS, 3)) if values is None else np.asarray(values).reshape(N_JOINTS, 3)


def _frame(revisions: list[Row[Any]]) -> FrameOrigins:
    last = revisions[-1]
    history = np.stack([_flat(row.keypoints) for row in revisions])
    now = history[-1]
    since = settled_since(history, np.zeros(1, dtype=np.int64))[0]
    theirs = np.full_like(now, np.nan) if last.skeleton is None else _flat(last.skeleton)
    own = still_theirs(now[None], theirs[None])[0]
    carried = still_carried(np.array([last.carried]))[0]
    joints = []
    for joint in range(N_JOINTS):
        row = revisions[since[joint]]
        x, y, visibility = now[joint].tolist()
        joints.append(
            JointOrigin(
                joint=joint,
                x=x,
                y=y,
                visibility=int(visibility),
                origin=_origin(own[joint], carried[joint], visibility, last),
                model=last.model,
                model_sha256=(last.prelabel_sha256 if last.model == last.prelabel_model else None),
                simulated=bool(last.simulated),
                changed_by=None if own[joint] else row.author_id,
                changed_in_version=row.version,
                changed_in_round=row.round,
                changed_at=row.created_at,
                accepted_by=last.author_id,
                version=last.version,
                round=last.round,
                inspector=last.inspector_id,
                playback_fps=last.playback_fps,
            )
        )
    return FrameOrigins(last.frame_id, last.file_name, last.split, tuple(joints))


def _origin(own: bool, carried: bool, visibility: float, last: Row[Any]) -> str:
    if own:
        return "file" if last.source is not None else "model"
    if carried and visibility:
        return "propagated"
    return "person" if visibility else "absent"
