"""Whether the cameras of a recording saw the same moments, in words."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.core.database.tables import Camera, Frame, Moment

_SAME_END_S = 0.05
"""Below this cameras end together: hardly more than a frame."""


def uneven_cameras(session: Session, recording_id: int) -> str | None:
    """What a person should know of cameras that filmed for different times.

    Returns:
        Such as ``camera 2 ends 2.0 s before camera 1: 6 moments are seen by one camera only.``;
        None where every camera sees every moment.
    """
    ends = session.execute(
        select(Camera.name, func.max(Moment.time_s))
        .join(Frame, Frame.camera_id == Camera.id)
        .join(Moment, Moment.id == Frame.moment_id)
        .where(Camera.recording_id == recording_id)
        .group_by(Camera.id)
        .order_by(Camera.index)
    ).all()
    if len(ends) < 2:
        return None
    seen = (
        select(func.count(Frame.camera_id.distinct()).label("cameras"))
        .where(Frame.recording_id == recording_id)
        .group_by(Frame.moment_id)
        .subquery()
    )
    rows = session.execute(select(seen.c.cameras, func.count()).group_by(seen.c.cameras))
    by_count = {row[0]: row[1] for row in rows}
    partly = sum(n for cameras, n in by_count.items() if cameras < len(ends))
    if not partly:
        return None
    alone = by_count.get(1, 0)
    last, latest = max(ends, key=lambda end: end[1])
    early = [
        f"{name} ends {latest - end:.1f} s before {last}"
        for name, end in ends
        if latest - end > _SAME_END_S
    ]
    if alone == partly:
        missing = f"{_moments(alone)} seen by one camera only"
    else:
        missing = f"{_moments(partly)} not seen by all cameras"
        missing += f", {alone} of them by one only" if alone else ""
    return f"{', '.join(early)}: {missing}." if early else f"{missing}."


def _moments(count: int) -> str:
    return f"{count} moment is" if count == 1 else f"{count} moments are"
