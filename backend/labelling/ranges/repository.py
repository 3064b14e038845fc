"""Acts on ranges in the database: each step one statement, whatever the number of frames."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ARRAY, BigInteger, Row, bindparam, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.core.database.tables import AnnotationRevision, RangeAct
from backend.labelling.annotations.repository import counted_together


def act_of(session: Session, operation_id: uuid.UUID) -> RangeAct | None:
    """The act with this operation id, if it was done."""
    return session.scalar(select(RangeAct).where(RangeAct.operation_id == operation_id))


def begin(session: Session, **values: Any) -> RangeAct | None:
    """Write down an act; None where one with its operation id is there.

    The same act sent twice at once waits here for the other to end.
    """
    made = (
        insert(RangeAct)
        .values(**values)
        .on_conflict_do_nothing(index_elements=["operation_id"])
        .returning(RangeAct)
    )
    return session.scalar(made)


def proposal_of(session: Session, act: RangeAct | None) -> int | None:
    """The proposal that an act took, or that the act took which it takes back, and so on."""
    while act is not None:
        if act.undoes_id is None:
            found: int | None = act.request.get("proposal")
            return found
        act = session.get(RangeAct, act.undoes_id)
    return None


# One after the other in the order of their ids, as everybody does: two ranges that share frames
# wait for each other, and never both.
_HOLD: Final = text(
    """
    SELECT a.frame_id, a.version, a.verdict, a.state, a.updated_by_id, u.name AS by,
           coalesce(
               EXISTS (SELECT FROM generate_series(3, 51, 3) v WHERE a.keypoints[v] > 0), false
           ) AS has_joints,
           a.approved_round IS NOT NULL AS locked
    FROM annotations a
        LEFT JOIN users u ON u.id = a.updated_by_id
    WHERE a.recording_id = :recording AND a.frame_id = ANY (:frames)
    ORDER BY a.frame_id
    FOR UPDATE OF a
    """
).bindparams(bindparam("frames", type_=ARRAY(BigInteger)))


def hold(session: Session, recording_id: int, frames: Sequence[int]) -> dict[int, Row[Any]]:
    """Frames of a recording as they are, held for this transaction."""
    rows = session.execute(_HOLD, {"recording": recording_id, "frames": list(frames)})
    return {row.frame_id: row for row in rows}


# Ids of single writes are unique: those of an act follow from its own and the frame's.
_OPERATION: Final = "CAST(md5(CAST(:operation AS text) || ':' || a.frame_id) AS uuid)"
_SAME: Final = (
    "a.candidate_id IS NOT NULL AND a.keypoints IS NOT DISTINCT FROM c.skeleton"
    " OR a.keypoints IS NULL"
)
_DECIDE: Final = text(
    f"""
    WITH made AS (
        INSERT INTO annotation_revisions (
            frame_id, version, round, author_id, operation_id, operations, verdict, reason,
            reason_text, state, candidate_id, keypoints, playback_fps, range_act_id
        )
        SELECT a.frame_id, a.version + 1, :round, :author, {_OPERATION},
               CAST(:operations AS jsonb), :verdict, :reason, :reason_text,
               CASE :verdict WHEN 'undecided' THEN 'undecided' WHEN 'discard' THEN 'discarded'
                    ELSE CASE WHEN {_SAME} THEN 'accepted' ELSE 'corrected' END END,
               a.candidate_id, a.keypoints, CAST(:fps AS double precision), :act
        FROM annotations a LEFT JOIN candidates c ON c.id = a.candidate_id
        WHERE a.frame_id = ANY (:frames)
        RETURNING frame_id, version, verdict, reason, reason_text, state, playback_fps, created_at
    )
    UPDATE annotations a
    SET version = made.version, verdict = made.verdict, reason = made.reason,
        reason_text = made.reason_text, state = made.state, playback_fps = made.playback_fps,
        updated_by_id = :author, updated_at = made.created_at
    FROM made WHERE made.frame_id = a.frame_id
    """
).bindparams(
    bindparam("frames", type_=ARRAY(BigInteger)),
    *(bindparam(name, type_=AnnotationRevision.__table__.c.verdict.type)
      for name in ("verdict", "reason")),
    bindparam("reason_text", type_=AnnotationRevision.__table__.c.reason_text.type),
)  # fmt: skip

# What a frame was before an act stands in the revision before it; before the first there is none.
_RESTORE: Final = text(
    f"""
    WITH made AS (
        INSERT INTO annotation_revisions (
            frame_id, version, round, author_id, operation_id, operations, verdict, reason,
            reason_text, state, candidate_id, keypoints, playback_fps, range_act_id
        )
        SELECT a.frame_id, a.version + 1, :round, :author, {_OPERATION},
               jsonb_build_array(jsonb_build_object(
                   'type', 'setVerdict', 'verdict', coalesce(b.verdict, 'undecided'),
                   'reason', b.reason, 'text', b.reason_text
               )),
               coalesce(b.verdict, 'undecided'), b.reason, b.reason_text,
               coalesce(b.state, 'undecided'), b.candidate_id, b.keypoints, b.playback_fps, :act
        FROM annotations a
            LEFT JOIN annotation_revisions b
                ON b.frame_id = a.frame_id AND b.version = a.version - 1
        WHERE a.frame_id = ANY (:frames)
        RETURNING frame_id, version, verdict, reason, reason_text, state, candidate_id, keypoints,
                  playback_fps, created_at
    )
    UPDATE annotations a
    SET version = made.version, verdict = made.verdict, reason = made.reason,
        reason_text = made.reason_text, state = made.state, candidate_id = made.candidate_id,
        keypoints = made.keypoints, playback_fps = made.playback_fps,
        updated_by_id = :author, updated_at = made.created_at
    FROM made WHERE made.frame_id = a.frame_id
    """
).bindparams(bindparam("frames", type_=ARRAY(BigInteger)))


def decide(session: Session, act: RangeAct, frames: Sequence[int], values: dict[str, Any]) -> None:
    """Give frames that are held a verdict: for each a revision, and the row that it makes current.

    Args:
        session: The transaction that holds them.
        act: What it belongs to.
        frames: Ids.
        values: ``verdict``, ``reason``, ``reason_text``, ``fps``, and ``operations`` as JSON text.
    """
    with counted_together(session):
        session.execute(_DECIDE, {**_of(act), "frames": list(frames), **values})


def restore(session: Session, act: RangeAct, frames: Sequence[int]) -> None:
    """Give frames that are held the state that they had one version ago, as a new version."""
    with counted_together(session):
        session.execute(_RESTORE, {**_of(act), "frames": list(frames)})


def _of(act: RangeAct) -> dict[str, Any]:
    return {
        "round": act.round,
        "author": act.user_id,
        "operation": str(act.operation_id),
        "act": act.id,
    }


def revisions_of(
    session: Session, act_id: int
) -> Sequence[Row[int, int, str, str | None, float | None]]:
    """What an act made of each frame, in the order of their ids."""
    of = AnnotationRevision
    query = (
        select(of.frame_id, of.version, of.state, of.reason, of.playback_fps)
        .where(of.range_act_id == act_id)
        .order_by(of.frame_id)
    )
    return session.execute(query).all()


def joints_of(session: Session, recording_id: int, frames: Sequence[int]) -> Sequence[Row[Any]]:
    """Version, joints and the people found of frames, for the checks; not held."""
    return session.execute(_JOINTS, {"recording": recording_id, "frames": list(frames)}).all()


_JOINTS: Final = text(
    """
    SELECT a.frame_id, a.version, a.keypoints, c.keypoints AS found, f.camera_id, f.position,
           f.width, f.height, f.sharpness, f.mean_luma
    FROM annotations a
        JOIN frames f ON f.id = a.frame_id
        LEFT JOIN candidates c ON c.id = a.candidate_id
    WHERE a.recording_id = :recording AND a.frame_id = ANY (:frames) AND a.keypoints IS NOT NULL
        AND a.verdict = 'undecided'
    ORDER BY f.camera_id, f.position
    """
).bindparams(bindparam("frames", type_=ARRAY(BigInteger)))
