"""Which posture a frame has, for queries and for columns of many frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Int
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from backend.core.database.tables import Frame, Moment, PostureRange, PostureState
from backend.domain.postures import PostureLabel


def posture_of_frame() -> ColumnElement[str | None]:
    """Posture of a query's frame, null where nobody named one."""
    of = PostureRange
    return (
        select(of.posture)
        .join(Moment, Moment.recording_id == of.recording_id)
        .where(
            Moment.id == Frame.moment_id,
            of.recording_id == Frame.recording_id,
            Moment.index.between(of.first_moment, of.last_moment),
        )
        .correlate(Frame)
        .scalar_subquery()
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """Ranges of recordings, by recording and first moment.

    Attributes:
        recording: (n,) id of each range's recording.
        first: (n,) its first moment.
        last: (n,) its last moment.
        code: (n,) what was said of it (``domain.postures``).
    """

    recording: Int[NDArray[Any], " n"]
    first: Int[NDArray[Any], " n"]
    last: Int[NDArray[Any], " n"]
    code: Int[NDArray[Any], " n"]

    def codes_at(
        self, recording: Int[NDArray[Any], " n"], moment: Int[NDArray[Any], " n"]
    ) -> Int[NDArray[Any], " n"]:
        """Codes of moments; 0 where nobody said anything.

        Args:
            recording: Id of each moment's recording.
            moment: Index of each within its recording.
        """
        found = np.zeros(len(recording), np.int64)
        if not len(self.recording):
            return found
        # Ranges do not overlap: the last that begins at or before a moment holds it, or none does.
        begins = self.recording << 31 | self.first
        at = np.searchsorted(begins, recording.astype(np.int64) << 31 | moment, side="right") - 1
        near = np.maximum(at, 0)
        inside = (at >= 0) & (self.recording[near] == recording) & (moment <= self.last[near])
        found[inside] = self.code[near][inside]
        return found


def codes_at(
    session: Session,
    recording: Int[NDArray[Any], " n"],
    moment: Int[NDArray[Any], " n"],
) -> Int[NDArray[Any], " n"]:
    """Codes (``domain.postures``) of moments; 0 where nobody said anything.

    Args:
        session: A transaction.
        recording: Id of each moment's recording.
        moment: Index of each within its recording.
    """
    return standing_in(session, np.unique(recording).tolist()).codes_at(recording, moment)


def versions_of(session: Session, recordings: Sequence[int]) -> dict[int, int]:
    """Version of the postures by recording, where any were ever said."""
    of = PostureState
    rows = session.execute(
        select(of.recording_id, of.version).where(of.recording_id.in_(recordings), of.version > 0)
    )
    return {row.recording_id: row.version for row in rows}


def standing_in(session: Session, recordings: Sequence[int]) -> Standing:
    """What holds in some recordings."""
    of = PostureRange
    rows = session.execute(
        select(of.recording_id, of.first_moment, of.last_moment, of.posture_group, of.posture)
        .where(of.recording_id.in_(recordings))
        .order_by(of.recording_id, of.first_moment)
    )
    table = [
        (key, first, last, PostureLabel(group, posture).code)
        for key, first, last, group, posture in rows
    ]
    columns = np.array(table, dtype=np.int64).reshape(-1, 4).T
    return Standing(*(np.ascontiguousarray(column) for column in columns))
