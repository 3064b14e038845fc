"""What a filmstrip shows, as columns: a part of a recording in a fixed number of queries.

A filmstrip may have 100,000 cells. Each query reads one table in the order in which it lies, and
gives whole columns; what few frames have (marks, comments, what was sent back) comes by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Double,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    select,
)
from sqlalchemy.orm import Session

from backend.core.database.columns import Query, Statement, by_columns, read_columns
from backend.core.database.tables import (
    Annotation,
    Comment,
    Frame,
    FrameBox,
    FrameMark,
    Moment,
    Recording,
)
from backend.domain.boxes import BoxStatus
from backend.domain.quality import QualityFlag, quality_bits
from backend.domain.reviews import Mark, ReviewKind
from backend.domain.verdicts import DiscardReason, FrameState
from backend.labelling.conditions import BOX_STALE, KEPT, box_mark
from backend.overview.frames.repository import changed_frames, returned_frames
from backend.recordings.facts import facts_of

Integers = NDArray[np.int64]
Numbers = NDArray[np.float64]

STATES: Final = tuple(FrameState)
REASONS: Final = (None, *DiscardReason)
MARKS: Final = (None, *Mark)
STATUSES: Final = (None, *BoxStatus)
FLAGS: Final = tuple(QualityFlag)


@dataclass(frozen=True, slots=True)
class Part:
    """Which frames of a recording are asked for.

    Attributes:
        start: Position from which on.
        count: At most so many; None for all.
    """

    start: int = 0
    count: int | None = None


@dataclass(frozen=True, slots=True)
class FrameTable:
    """Frames of a recording in working order; all columns have one length.

    ``state``, ``reason``, ``mark`` and ``status`` are places in :data:`STATES`, :data:`REASONS`,
    :data:`MARKS` and :data:`STATUSES`; ``flags`` has the n-th bit set for the n-th of
    :data:`FLAGS`. A frame without a box has the status 0 and a consistency of NaN, as has a box
    whose consistency is not known. ``repeats`` is 0 for a frame that repeats none.
    """

    id: Integers
    position: Integers
    camera: Integers
    moment: Integers
    moment_index: Integers
    time_s: Numbers
    sharpness: Numbers
    mean_luma: Numbers
    repeats: Integers
    flags: Integers
    state: Integers
    reason: Integers
    mark: Integers
    status: Integers
    flagged: Integers
    stale: Integers
    consistency: Numbers
    comments: Integers
    returned: Integers
    changed: Integers
    in_playback: Integers
    version: Integers

    def __len__(self) -> int:
        return len(self.id)

    def first(self, n: int) -> FrameTable:
        """The first ``n`` frames."""
        return FrameTable(*(getattr(self, field.name)[:n] for field in fields(self)))


def read(session: Session, recording: Recording, kind: ReviewKind, part: Part) -> FrameTable:
    """Frames of a recording in working order.

    Args:
        session: A session.
        recording: The recording session.
        kind: Whose marks to show.
        part: Which of its frames.
    """
    session.flush()
    median = facts_of(session, recording.id).median_sharpness
    which = {"recording": recording.id, "start": part.start, "count": part.count}
    frames = _sorted(read_columns(session, _frames(), which), by=1)
    ids, position, camera, moment, repeats, time_s, sharpness, luma = frames
    few = _Few(ids)
    indices = _moment_indices(session, recording.id, moment)
    low, high = (int(ids.min()), int(ids.max())) if len(ids) else (0, -1)
    which = {"recording": recording.id, "low": low, "high": high, "round": recording.round}
    labels = _sorted(read_columns(session, _labels(kind), which), by=0)
    labelled, packed, version, consistency = labels
    at = np.searchsorted(labelled, ids)
    packed, version, consistency = packed[at], version[at], consistency[at]
    mark = packed >> 9 & 3
    noted = few.values(session, _marks(recording.id, kind, recording.round))
    mark = np.where((mark == 0) & (packed >> 6 & 3 == 0), noted, mark)
    nothing = np.zeros(len(ids), dtype=np.int64)
    returned = changed = nothing
    if recording.round > 1:
        returned = few.among(returned_frames(session, recording.id))
        changed = few.among(changed_frames(session, recording.id, recording.round, low, high))
    return FrameTable(
        id=ids,
        position=position,
        camera=camera,
        moment=moment,
        moment_index=indices,
        time_s=time_s,
        sharpness=sharpness,
        mean_luma=luma,
        repeats=repeats,
        flags=quality_bits(sharpness, luma, median_sharpness=median, repeats=repeats > 0),
        state=packed & 3,
        reason=packed >> 2 & 15,
        mark=mark,
        status=packed >> 6 & 3,
        flagged=packed >> 8 & 1,
        stale=packed >> 11 & 1,
        consistency=consistency,
        comments=few.values(session, _comments(recording.id)),
        returned=returned,
        changed=changed,
        in_playback=packed >> 12 & 1,
        version=version,
    )


def _sorted(columns: list[NDArray[Any]], by: int) -> list[NDArray[Any]]:
    order = np.argsort(columns[by])
    return [column[order] for column in columns]


_RECORDING: Final = bindparam("recording", type_=BigInteger)
_LOW, _HIGH = bindparam("low", type_=BigInteger), bindparam("high", type_=BigInteger)


@cache
def _frames() -> Statement:
    return by_columns(
        select(
            Frame.id,
            cast(Frame.position, BigInteger),
            Frame.camera_id,
            Frame.moment_id,
            func.coalesce(Frame.duplicate_of_id, 0),
            Frame.time_s,
            Frame.sharpness,
            Frame.mean_luma,
        )
        .where(
            Frame.recording_id == _RECORDING,
            Frame.position >= bindparam("start", type_=BigInteger),
        )
        .order_by(Frame.position)
        .limit(bindparam("count", type_=BigInteger))
    )


@cache
def _moments() -> Statement:
    return by_columns(
        select(Moment.id, cast(Moment.index, BigInteger)).where(
            Moment.recording_id == _RECORDING, Moment.id.between(_LOW, _HIGH)
        )
    )


def _moment_indices(session: Session, recording_id: int, moment: Integers) -> Integers:
    low, high = (int(moment.min()), int(moment.max())) if len(moment) else (0, -1)
    which: dict[str, int | None] = {"recording": recording_id, "low": low, "high": high}
    ids, index = _sorted(read_columns(session, _moments(), which), by=0)
    found: Integers = index[np.searchsorted(ids, moment)]
    return found


def _place(column: Any, values: tuple[Any, ...]) -> ColumnElement[int]:
    """The place of a column's word in a tuple of words; 0 where it has none."""
    words = {str(value): n for n, value in enumerate(values) if value is not None}
    return case(words, value=column, else_=0)


@cache
def _labels(kind: ReviewKind) -> Statement:
    """By frame: everything that is one of a few words, in one number; and the box's consistency."""
    boxed = FrameBox.frame_id.is_not(None)
    parts: list[tuple[int, ColumnElement[int]]] = [
        (0, _place(Annotation.state, STATES)),
        (2, _place(Annotation.reason, REASONS)),
        (6, _place(FrameBox.status, STATUSES)),
        (8, case((FrameBox.flagged, 1), else_=0)),
        (11, case((and_(boxed, BOX_STALE), 1), else_=0)),
        (12, case((Annotation.playback_fps.is_not(None), 1), else_=0)),
    ]
    if kind is ReviewKind.BOXES:
        parts.append((9, _place(box_mark(bindparam("round", type_=BigInteger)), MARKS)))
    packed = sum((value * (1 << shift) for shift, value in parts[1:]), parts[0][1])
    return by_columns(
        select(
            Annotation.frame_id,
            cast(packed, BigInteger),
            cast(Annotation.version, BigInteger),
            func.coalesce(FrameBox.consistency, cast(literal("NaN"), Double)),
        )
        .outerjoin(
            FrameBox,
            and_(
                FrameBox.frame_id == Annotation.frame_id,
                FrameBox.frame_id.between(_LOW, _HIGH),
                FrameBox.recording_id == _RECORDING,
                KEPT,
            ),
        )
        .where(Annotation.recording_id == _RECORDING, Annotation.frame_id.between(_LOW, _HIGH))
    )


def _marks(recording_id: int, kind: ReviewKind, round_number: int) -> Query:
    return select(FrameMark.frame_id, _place(FrameMark.mark, MARKS)).where(
        FrameMark.recording_id == recording_id,
        FrameMark.kind == kind.value,
        FrameMark.round == round_number,
    )


def _comments(recording_id: int) -> Query:
    return (
        select(Comment.frame_id, func.count())
        .where(Comment.recording_id == recording_id, Comment.resolved_at.is_(None))
        .group_by(Comment.frame_id)
    )


class _Few:
    """What only some frames have, as columns for all of a part."""

    def __init__(self, ids: Integers) -> None:
        self.ids = ids
        self.order = np.argsort(ids)

    def values(self, session: Session, query: Query) -> Integers:
        """A column of the values that a query gives by frame; 0 for those that it leaves out."""
        rows = session.execute(query).all()
        column = np.zeros(len(self.ids), dtype=np.int64)
        if rows and len(self.ids):
            frames, values = np.array([tuple(row) for row in rows], dtype=np.int64).T
            at, here = self._find(frames)
            column[at] = values[here]
        return column

    def among(self, frames: set[int]) -> Integers:
        """1 for each of these frames."""
        column = np.zeros(len(self.ids), dtype=np.int64)
        if frames and len(self.ids):
            at, _ = self._find(np.fromiter(frames, dtype=np.int64))
            column[at] = 1
        return column

    def _find(self, frames: Integers) -> tuple[Integers, NDArray[np.bool_]]:
        """Where those frames stand that are here, and which of them are."""
        place = np.searchsorted(self.ids, frames, sorter=self.order)
        at = self.order[np.minimum(place, len(self.ids) - 1)]
        here = self.ids[at] == frames
        return at[here], here
