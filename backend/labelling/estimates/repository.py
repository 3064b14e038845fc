"""Estimates as rows: a recording's are replaced together, and read some frames at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ARRAY, BigInteger, any_, delete, literal, select
from sqlalchemy.orm import Session

from backend.core.database.columns import read_column_groups
from backend.core.database.copying import copy_rows
from backend.core.database.tables import Annotation, Candidate, Estimate, Frame
from backend.domain.keypoints import ABSENT_JOINT, Joint, Skeleton, Visibility
from backend.domain.operations import TakeEstimate
from backend.domain.skeleton import N_JOINTS
from backend.domain.verdicts import FrameState


@dataclass(frozen=True, slots=True, eq=False)
class Inferred:
    """The infant in one frame, as inferred from others.

    Attributes:
        frame_id: The frame.
        joints: (17, 2) image pixels.
        sigma: (17,) pixels.
        visibility: (17,) proposed: 0, 1, 2.
        sources: Ids of the confirmed frames that say most, the nearest first.
    """

    frame_id: int
    joints: NDArray[np.float64]
    sigma: NDArray[np.float64]
    visibility: NDArray[np.int64]
    sources: tuple[int, ...]

    @property
    def skeleton(self) -> Skeleton:
        """As it becomes a frame's joints: hundredths of pixels."""
        return Skeleton(
            tuple(
                Joint(round(float(x), 2), round(float(y), 2), Visibility(int(seen)))
                if seen
                else ABSENT_JOINT
                for (x, y), seen in zip(self.joints, self.visibility, strict=True)
            )
        )


NEAR_PX: Final = 0.05
"""An estimate that is so near to the one that stands, joint by joint, is the same to any eye."""

_MOST_SOURCES: Final = 2
"""An estimate leans on the confirmed frames before and after it."""

_STANDING: Final = """
SELECT e.frame_id AS frame, e.joints, e.sigma, e.visibility::int8[] AS visibility,
       (e.sources || ARRAY[0, 0]::int8[])[1:2] AS sources,
       cardinality(e.sources) AS leans, e.frame_id / 1000 AS part
FROM estimates e WHERE e.recording_id = %(recording)s
"""
_KINDS: Final = {
    "frame": "int8", "joints": "float8", "sigma": "float8", "visibility": "int8",
    "sources": "int8", "leans": "int4",
}  # fmt: skip


def replace(session: Session, recording_id: int, solve: int, found: Iterable[Inferred]) -> int:
    """Make these a recording's estimates; those before go. Returns how many were written.

    Those that stand already, to a hair's breadth, are not written again: after most corrections a
    small part of a recording changes, and each row that is written is work for the database that
    saves wait for.

    Args:
        session: A transaction.
        recording_id: The recording.
        solve: Number of the propagation that inferred them.
        found: The estimates; every place is a number.
    """
    every = list(found)
    standing = read_column_groups(
        session, _STANDING, {"recording": recording_id}, _KINDS, by="part"
    )
    same = _same(standing, every)
    fresh = [one for one, stays in zip(every, same, strict=True) if not stays]
    stays = {one.frame_id for one, kept in zip(every, same, strict=True) if kept}
    gone = [frame for frame in standing["frame"].tolist() if frame not in stays]
    if gone:
        every_gone = literal(gone, ARRAY(BigInteger))  # one value, however many they are
        session.execute(delete(Estimate).where(Estimate.frame_id == any_(every_gone)))
    if fresh:
        copy_rows(
            session,
            "estimates",
            ("frame_id", "recording_id", "solve", "joints", "sigma", "visibility", "sources"),
            (
                (
                    one.frame_id, recording_id, solve, one.joints.ravel().tolist(),
                    one.sigma.tolist(), one.visibility.tolist(), list(one.sources),
                )
                for one in fresh
            ),
        )  # fmt: skip
    return len(fresh)


def _same(standing: dict[str, NDArray[Any]], found: Sequence[Inferred]) -> NDArray[np.bool_]:
    """Which estimates stand already."""
    same = np.zeros(len(found), dtype=bool)
    if not found or not len(standing["frame"]):
        return same
    order = np.argsort(standing["frame"])
    frames = standing["frame"][order]
    ids = np.array([one.frame_id for one in found])
    at = np.minimum(np.searchsorted(frames, ids), len(frames) - 1)
    known = frames[at] == ids
    row = order[at]

    def column(name: str, width: int) -> NDArray[Any]:
        return np.asarray(standing[name].reshape(-1, width)[row])

    joints = np.array([one.joints.ravel() for one in found])
    sigma = np.array([one.sigma for one in found])
    seen = np.array([one.visibility for one in found])
    padded = np.array([(*one.sources, 0, 0)[:_MOST_SOURCES] for one in found])
    leans = np.array([len(one.sources) for one in found])
    same = (
        known
        & (np.abs(joints - column("joints", 2 * N_JOINTS)) <= NEAR_PX).all(axis=1)
        & (np.abs(sigma - column("sigma", N_JOINTS)) <= NEAR_PX + 0.02 * sigma).all(axis=1)
        & (seen == column("visibility", N_JOINTS)).all(axis=1)
        & (leans == standing["leans"][row])
        & (leans <= _MOST_SOURCES)
    )
    return np.asarray(same & (padded == column("sources", _MOST_SOURCES)).all(axis=1))


def discard(session: Session, recording_id: int) -> None:
    """Take a recording's estimates away."""
    session.execute(delete(Estimate).where(Estimate.recording_id == recording_id))


def of_frames(session: Session, frame_ids: Collection[int]) -> list[tuple[int, Inferred]]:
    """Estimates of frames that nobody decided, each with the number of its solve."""
    rows = session.scalars(
        select(Estimate)
        .join(Annotation, Annotation.frame_id == Estimate.frame_id)
        .join(Frame, Frame.id == Estimate.frame_id)
        .where(Estimate.frame_id.in_(frame_ids), Annotation.state == FrameState.UNDECIDED.value)
        .order_by(Frame.position)
    )
    return [(row.solve, _inferred(row)) for row in rows]


def acts_of_taking(session: Session, frame_ids: Sequence[int]) -> dict[int, TakeEstimate]:
    """For frames that nobody decided or corrected, what a person does who takes their estimate.

    Whoever accepts many frames at once puts this before the verdict of each frame. Left out are
    frames without an estimate, those whose estimate is the pre-label, and those whose joints a
    person moved: what a person placed is never moved.
    """
    found = of_frames(session, frame_ids)
    ids = [one.frame_id for _, one in found]
    rows = session.execute(
        select(Annotation.frame_id, Annotation.keypoints, Candidate.skeleton)
        .outerjoin(Candidate, Candidate.id == Annotation.candidate_id)
        .where(Annotation.frame_id.in_(ids))
    )
    now = {row.frame_id: (row.keypoints, row.skeleton) for row in rows}
    acts = {}
    for solve, one in found:
        keypoints, proposed = now[one.frame_id]
        skeleton = one.skeleton
        if keypoints != proposed or not skeleton.num_keypoints:
            continue
        if [float(value) for value in skeleton.to_flat()] != keypoints:
            acts[one.frame_id] = TakeEstimate(skeleton, one.sources, solve)
    return acts


def _inferred(row: Estimate) -> Inferred:
    return Inferred(
        row.frame_id,
        np.asarray(row.joints, dtype=float).reshape(N_JOINTS, 2),
        np.asarray(row.sigma, dtype=float),
        np.asarray(row.visibility, dtype=np.int64),
        tuple(row.sources),
    )
