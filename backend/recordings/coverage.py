"""Which moments of a recording its cameras saw: in numbers, and in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import Camera
from backend.recordings.facts import Facts, facts_of

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
    """Count a recording's moments by the cameras that saw them."""
    cameras = session.execute(
        select(Camera.id, Camera.name)
        .where(Camera.recording_id == recording_id)
        .order_by(Camera.index)
    )
    return coverage_by(facts_of(session, recording_id), [(row.id, row.name) for row in cameras])


def coverage_by(facts: Facts, cameras: Sequence[tuple[int, str]]) -> Coverage:
    """Count moments by the cameras that saw them.

    Args:
        facts: What the recording's frames say together.
        cameras: Id and name of each, in their order.
    """
    several = len(cameras) > 1
    moments = sum(facts.moments.values())
    each = tuple(
        CameraCoverage(key, name, moments - facts.frames.get(key, 0)) for key, name in cameras
    )
    complete = facts.moments.get(len(cameras), 0)
    alone = facts.moments.get(1, 0) if several else 0
    words = None
    if several and complete < moments:
        ends = [(name, facts.ends_s[key]) for key, name in cameras if key in facts.ends_s]
        words = in_words(moments, complete, alone, [(c.name, c.missing) for c in each], ends)
    return Coverage(moments, complete, alone, each, words)


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
