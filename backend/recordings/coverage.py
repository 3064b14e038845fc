"""Which moments of a recording its cameras saw: in numbers, and in words."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.core.database.tables import Camera, Frame, Moment

_SAME_END_S = 0.05
"""Below this cameras end together: hardly more than a frame."""


@dataclass(frozen=True, slots=True)
class CameraCoverage:
    """In how many moments a camera has no picture."""

    camera_id: int
    name: str
    missing: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """Who saw what.

    Attributes:
        moments: How many there are.
        complete: How many of them all cameras saw.
        alone: How many only one of several cameras saw.
        cameras: In their order.
        words: What a person should know, such as ``camera 2 ends 2.0 s before camera 1 and has no
            picture in 6 of 30 moments: 6 moments are seen by one camera only.``; None where every
            camera saw every moment.
    """

    moments: int
    complete: int
    alone: int
    cameras: tuple[CameraCoverage, ...]
    words: str | None


def coverage_of(session: Session, recording_id: int) -> Coverage:
    """Count a recording's moments by the cameras that saw them, in two queries."""
    rows = session.execute(
        select(Camera.id, Camera.name, func.count(Frame.id), func.max(Moment.time_s))
        .outerjoin(Frame, Frame.camera_id == Camera.id)
        .outerjoin(Moment, Moment.id == Frame.moment_id)
        .where(Camera.recording_id == recording_id)
        .group_by(Camera.id)
        .order_by(Camera.index)
    ).all()
    seen = (
        select(func.count(Frame.camera_id.distinct()).label("cameras"))
        .where(Frame.recording_id == recording_id)
        .group_by(Frame.moment_id)
        .subquery()
    )
    counts = select(seen.c.cameras, func.count()).group_by(seen.c.cameras)
    by_count: dict[int, int] = {row[0]: row[1] for row in session.execute(counts)}
    moments = sum(by_count.values())
    cameras = tuple(CameraCoverage(row[0], row[1], moments - row[2]) for row in rows)
    complete = by_count.get(len(rows), 0)
    alone = by_count.get(1, 0) if len(rows) > 1 else 0
    words = None
    if len(rows) > 1 and complete < moments:
        ends = [(row[1], row[3]) for row in rows if row[3] is not None]
        words = in_words(moments, complete, alone, [(c.name, c.missing) for c in cameras], ends)
    return Coverage(moments, complete, alone, cameras, words)


def in_words(
    moments: int,
    complete: int,
    alone: int,
    missing: list[tuple[str, int]],
    ends: list[tuple[str, float]],
) -> str:
    """What is not seen by all, for people.

    Args:
        moments: How many there are.
        complete: How many all cameras saw.
        alone: How many only one saw.
        missing: Per camera, its name and in how many moments it has no picture.
        ends: Per camera, its name and the time of its last moment.
    """
    last, latest = max(ends, key=lambda end: end[1])
    early = {name: latest - end for name, end in ends if latest - end > _SAME_END_S}
    parts = []
    for name, count in missing:
        said = [f"ends {early[name]:.1f} s before {last}"] if name in early else []
        said += [f"has no picture in {count} of {moments} moments"] if count else []
        if said:
            parts.append(f"{name} {' and '.join(said)}")
    partly = moments - complete
    if alone == partly:
        what = f"{_moments(alone)} seen by one camera only"
    else:
        what = f"{_moments(partly)} not seen by all cameras"
        what += f", {alone} of them by one only" if alone else ""
    return f"{', '.join(parts)}: {what}."


def _moments(count: int) -> str:
    return f"{count} moment is" if count == 1 else f"{count} moments are"
