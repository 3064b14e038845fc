"""What a recording's propagation is made from, as columns."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import and_, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.core.database.columns import read_column_groups
from backend.core.database.tables import (
    Annotation,
    AnnotationRevision,
    Calibration,
    Camera,
    Fit,
    FlowFile,
    Foretold,
    Frame,
    Moment,
    Propagation,
    PropagationSolve,
    Recording,
)
from backend.domain.skeleton import N_JOINTS
from backend.domain.suspicion.looking import HASTY_S
from backend.domain.trajectories.settings import DEFAULTS
from backend.domain.verdicts import FrameState

Columns = dict[str, NDArray[Any]]

_FRAMES: Final = """
SELECT f.id, f.position, f.camera_id AS camera, m.index AS moment, f.time_s AS time,
       f.width, f.height
FROM frames f JOIN moments m ON m.id = f.moment_id
WHERE f.recording_id = %(recording)s
"""
_PEOPLE: Final = """
SELECT c.id, c.frame_id AS frame, c.rank, c.score, c.keypoints AS joints,
       f.camera_id AS camera
FROM candidates c JOIN frames f ON f.id = c.frame_id
WHERE f.recording_id = %(recording)s AND NOT c.retired AND c.apart IS NULL
  AND c.rank < %(most)s
"""
_VERSIONS: Final = """
SELECT a.frame_id AS frame, a.version, a.frame_id / 1000 AS part
FROM annotations a WHERE a.recording_id = %(recording)s
"""
_SAID: Final = """
SELECT a.frame_id AS frame, a.version,
       CASE a.verdict WHEN 'keep' THEN 1 WHEN 'discard' THEN 2 ELSE 0 END AS verdict,
       coalesce(a.candidate_id, 0) AS candidate,
       CASE WHEN a.updated_by_id IS NULL THEN 0 ELSE 1 END AS touched,
       coalesce((a.propagated ->> 'joints')::int, 0) AS carried,
       coalesce(a.keypoints, array_fill('NaN'::float8, ARRAY[51])) AS joints,
       coalesce(c.skeleton, array_fill('NaN'::float8, ARRAY[51])) AS proposed,
       coalesce(looked.seconds, 'NaN'::float8) AS seconds,
       CASE WHEN a.playback_fps IS NULL THEN 0 ELSE 1 END AS in_playback,
       a.frame_id / 1000 AS part
FROM annotations a LEFT JOIN candidates c ON c.id = a.candidate_id
LEFT JOIN LATERAL (
  SELECT sum(r.seconds_shown)::float8 AS seconds FROM annotation_revisions r
  WHERE r.frame_id = a.frame_id AND a.state = 'accepted'
) looked ON true
WHERE a.recording_id = %(recording)s AND a.frame_id = ANY(%(frames)s)
"""


def frames(session: Session, recording_id: int) -> Columns:
    """``id``, ``position``, ``camera``, ``moment``, ``time``, ``width``, ``height`` in order."""
    kinds = dict.fromkeys(("id", "camera"), "int8")
    kinds |= dict.fromkeys(("position", "moment", "width", "height"), "int4") | {"time": "float8"}
    found = read_column_groups(session, _FRAMES, {"recording": recording_id}, kinds, by="camera")
    order = np.argsort(found["position"], kind="stable")
    return {name: column[order] for name, column in found.items()}


def people(session: Session, recording_id: int, most: int) -> Columns:
    """``id``, ``frame``, ``rank``, ``score``, ``joints`` (n, 17, 3) of the newest candidates."""
    kinds = {"id": "int8", "frame": "int8", "rank": "int4", "score": "float8", "joints": "float8"}
    values = {"recording": recording_id, "most": most}
    found = read_column_groups(session, _PEOPLE, values, kinds, by="camera, frame / 1000")
    found["joints"] = found["joints"].reshape(-1, N_JOINTS, 3)
    return found


def versions(session: Session, recording_id: int) -> Columns:
    """``frame`` and ``version`` of the annotations, by frame."""
    kinds = {"frame": "int8", "version": "int4"}
    found = read_column_groups(session, _VERSIONS, {"recording": recording_id}, kinds, by="part")
    order = np.argsort(found["frame"])
    return {name: column[order] for name, column in found.items()}


def said(session: Session, recording_id: int, frame_ids: NDArray[np.int64]) -> Columns:
    """What stands in annotations of these frames.

    ``frame``, ``version``, ``verdict`` (0 undecided, 1 keep, 2 discard), ``candidate`` (0: none),
    ``touched`` (by a person), ``carried`` (bits of joints that were inferred), ``joints`` and
    ``proposed``, the chosen person's (n, 17, 3); NaN where there are none. ``seconds`` for which an
    accepted frame was looked at, NaN where nobody measured; ``in_playback``.
    """
    kinds = dict.fromkeys(("frame", "candidate"), "int8")
    kinds |= dict.fromkeys(("version", "verdict", "touched", "carried", "in_playback"), "int4")
    kinds |= dict.fromkeys(("joints", "proposed", "seconds"), "float8")
    values = {"recording": recording_id, "frames": frame_ids.tolist()}
    found = read_column_groups(session, _SAID, values, kinds, by="part")
    for name in ("joints", "proposed"):
        found[name] = found[name].reshape(-1, N_JOINTS, 3)
    return found


def any_unseen(session: Session, recording_id: int) -> bool:
    """Whether some frame is undecided, or was let stand without a look."""
    seconds = (
        select(func.sum(AnnotationRevision.seconds_shown))
        .where(AnnotationRevision.frame_id == Annotation.frame_id)
        .scalar_subquery()
    )
    accepted = Annotation.state == FrameState.ACCEPTED.value
    unseen = or_(Annotation.playback_fps.is_not(None), seconds < HASTY_S)
    query = select(Annotation.frame_id).where(
        Annotation.recording_id == recording_id,
        or_(Annotation.state == FrameState.UNDECIDED.value, and_(accepted, unseen)),
    )
    return session.scalar(query.limit(1)) is not None


def cameras(session: Session, recording_id: int) -> list[tuple[int, str]]:
    """Id and name of the cameras, in their order."""
    rows = session.execute(
        select(Camera.id, Camera.name)
        .where(Camera.recording_id == recording_id)
        .order_by(Camera.index)
    )
    return [(row.id, row.name) for row in rows]


def calibration(session: Session, recording: Recording) -> Calibration | None:
    """The one in use."""
    known = recording.calibration_id
    return session.get(Calibration, known) if known is not None else None


def flow_files(session: Session, recording_id: int) -> list[FlowFile]:
    """Stored motion, camera by camera in order."""
    return list(
        session.scalars(
            select(FlowFile)
            .where(FlowFile.recording_id == recording_id)
            .order_by(FlowFile.camera_id, FlowFile.first_position)
        )
    )


def standing(session: Session, recording: Recording) -> str:
    """A stamp of all that is evidence and not said by people; another one means: read it anew."""
    motion, files = session.execute(
        select(func.max(FlowFile.id), func.count()).where(FlowFile.recording_id == recording.id)
    ).one()
    bodies = session.scalar(select(func.max(Fit.run_id)).where(Fit.recording_id == recording.id))
    parts = (
        recording.stage_since.isoformat(), recording.calibration_id, recording.synchronisation_id,
        recording.prelabel_sha256, motion, files, bodies,
    )  # fmt: skip
    return "/".join("-" if part is None else str(part) for part in parts)


def propagation(session: Session, recording_id: int, *, lock: bool = False) -> Propagation:
    """How a recording's corrections travel; its row is made where there is none."""
    query = select(Propagation).where(Propagation.recording_id == recording_id)
    if lock:
        query = query.with_for_update()
    query = query.execution_options(populate_existing=True)
    row = session.scalar(query)
    if row is None:
        values = {"recording_id": recording_id, "target": round(1 - DEFAULTS.target_oks, 6)}
        session.execute(insert(Propagation).values(**values).on_conflict_do_nothing())
        row = session.scalars(query).one()
    return row


def solves(session: Session, recording_id: int, most: int) -> list[PropagationSolve]:
    """The latest solves, oldest first."""
    rows = session.scalars(
        select(PropagationSolve)
        .where(PropagationSolve.recording_id == recording_id)
        .order_by(PropagationSolve.number.desc())
        .limit(most)
    ).all()
    return list(reversed(rows))


def frames_around(session: Session, recording_id: int, frame_id: int, window: int) -> list[int]:
    """Frames of all cameras whose moment is at most so many moments from that of a frame."""
    here = (
        select(Moment.index)
        .join(Frame, Frame.moment_id == Moment.id)
        .where(Frame.id == frame_id, Frame.recording_id == recording_id)
        .scalar_subquery()
    )
    rows = session.scalars(
        select(Frame.id)
        .join(Moment, Moment.id == Frame.moment_id)
        .where(
            Moment.recording_id == recording_id, Moment.index.between(here - window, here + window)
        )
    )
    return list(rows)


def frame_count(session: Session, recording_id: int) -> int:
    """How many frames a recording has."""
    count = select(func.count()).select_from(Frame).where(Frame.recording_id == recording_id)
    return session.execute(count).scalar_one()


def foretold(session: Session, recording_id: int) -> list[Foretold]:
    """What was foretold of frames, in the order in which they were answered."""
    return list(
        session.scalars(
            select(Foretold)
            .where(Foretold.recording_id == recording_id)
            .order_by(Foretold.told_at, Foretold.frame_id)
        )
    )


def keep_foretold(session: Session, row: dict[str, Any]) -> None:
    """Keep what was foretold of a frame; what is kept already stays, but where people were asked
    once more (all deviations are 0)."""
    query = insert(Foretold).values(**row)
    if any(row["sigma"]):
        query = query.on_conflict_do_nothing()
    else:
        query = query.on_conflict_do_update(index_elements=["frame_id"], set_=row)
    session.execute(query)
