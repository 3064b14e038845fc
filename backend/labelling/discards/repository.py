"""What proposals are made from, and the proposals themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Row, delete, select, text
from sqlalchemy.orm import Session

from backend.core.database.tables import DiscardProposal, Frame, User
from backend.domain.discards.evidence import FrameMeasures
from backend.domain.discards.people import InFrame, measures_of_people
from backend.domain.discards.proposals import ProposalState
from backend.domain.errors import NotFound
from backend.domain.estimates import PoseEstimate
from backend.domain.skeleton import N_JOINTS

_FRAMES: Final = text(
    """
    SELECT f.camera_id, f.position, f.sharpness, f.mean_luma, f.dhash, p.scores, p.chosen,
           p.keypoints, p.boxes
    FROM frames f
        JOIN annotations a ON a.frame_id = f.id
        LEFT JOIN LATERAL (
            SELECT array_agg(c.score ORDER BY c.rank) AS scores,
                   array_agg(c.id = a.candidate_id ORDER BY c.rank) AS chosen,
                   array_agg(c.keypoints ORDER BY c.rank) AS keypoints,
                   array_agg(c.box ORDER BY c.rank) AS boxes
            FROM candidates c WHERE c.frame_id = f.id AND NOT c.retired AND c.apart IS NULL
        ) p ON true
    WHERE f.recording_id = :recording
    ORDER BY f.camera_id, f.position
    """
)


def measures_of(
    session: Session, recording_id: int
) -> Iterator[tuple[int, list[int], FrameMeasures]]:
    """By camera: its id, its frames' positions, and what was measured in each of them."""
    rows = session.execute(
        _FRAMES,
        {"recording": recording_id},
        execution_options={"yield_per": 1000, "stream_results": True},
    )
    for camera, of_camera in groupby(rows, key=lambda row: row.camera_id):
        frames = list(of_camera)
        yield camera, [row.position for row in frames], _measures(frames)


def _measures(rows: Sequence[Row[Any]]) -> FrameMeasures:
    return measures_of_people(
        np.array([row.sharpness for row in rows], dtype=np.float64),
        np.array([row.mean_luma for row in rows], dtype=np.float64),
        np.array([row.dhash for row in rows], dtype=np.int64),
        [_in_frame(row) for row in rows],
    )


def _in_frame(row: Row[Any]) -> InFrame:
    if not row.scores:
        return InFrame((), None)
    infant = next((i for i, chosen in enumerate(row.chosen) if chosen), 0)
    return InFrame([_estimate(row, i) for i in range(len(row.scores))], infant)


def _estimate(row: Row[Any], i: int) -> PoseEstimate:
    joints: NDArray[np.float64] = np.asarray(row.keypoints[i]).reshape(N_JOINTS, 3)
    return PoseEstimate(joints[:, :2], joints[:, 2], float(row.scores[i]), tuple(row.boxes[i]))


def proposals_of(session: Session, recording_id: int) -> Sequence[Row[DiscardProposal, str | None]]:
    """Proposals with the name of who decided, in the order of their frames."""
    return session.execute(
        select(DiscardProposal, User.name)
        .outerjoin(User, User.id == DiscardProposal.decided_by_id)
        .where(DiscardProposal.recording_id == recording_id)
        .order_by(DiscardProposal.first, DiscardProposal.id)
    ).all()


def lock_proposal(session: Session, proposal_id: int) -> DiscardProposal:
    """A proposal, held.

    Raises:
        NotFound: there is none; it may have been computed anew.
    """
    row = session.scalar(
        select(DiscardProposal).where(DiscardProposal.id == proposal_id).with_for_update()
    )
    if row is None:
        raise NotFound(f"There is no proposal {proposal_id} any more.")
    return row


def frames_of(session: Session, row: DiscardProposal) -> list[int]:
    """The frames that a proposal is about."""
    return list(
        session.scalars(
            select(Frame.id)
            .where(
                Frame.recording_id == row.recording_id,
                Frame.camera_id == row.camera_id,
                Frame.position.between(row.first, row.last),
            )
            .order_by(Frame.position)
        )
    )


def replace_open(session: Session, recording_id: int, rows: Sequence[DiscardProposal]) -> None:
    """Exchange what nobody decided on for what was computed now."""
    session.execute(
        delete(DiscardProposal).where(
            DiscardProposal.recording_id == recording_id,
            DiscardProposal.state == ProposalState.OPEN.value,
        )
    )
    session.add_all(rows)
    session.flush()
