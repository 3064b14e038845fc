"""What a recording's frames say together: how many a camera has, who saw which moments, medians.

Frames stand still once a recording is imported, so this is worked out once and kept
(``RecordingFacts``); a trigger throws it away when a frame or a moment changes.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.core.database.tables import Frame, Moment, Recording, RecordingFacts
from backend.domain.workflow import Stage


@dataclass(frozen=True, slots=True)
class Facts:
    """What a recording's frames say together.

    Attributes:
        frames: By camera, how many frames it has; cameras without any are left out.
        ends_s: By camera, the time of its last moment.
        moments: By number of cameras, how many moments so many of them saw.
        median_sharpness: None where there is no frame.
        median_luma: Likewise.
        near_duplicates: How many frames nearly repeat an earlier one.
    """

    frames: dict[int, int]
    ends_s: dict[int, float]
    moments: dict[int, int]
    median_sharpness: float | None
    median_luma: float | None
    near_duplicates: int


def facts_of(session: Session, recording_id: int) -> Facts:
    """What a recording's frames say together, as it was kept or else from the frames."""
    kept = session.scalar(
        select(RecordingFacts.facts).where(RecordingFacts.recording_id == recording_id)
    )
    if kept is not None:
        return _read(kept)
    # Whoever changes frames of an imported recording holds it for an update. While nobody does,
    # and nobody can begin to, what is found may be kept.
    stage = session.scalar(
        select(Recording.stage)
        .where(Recording.id == recording_id)
        .with_for_update(read=True, skip_locked=True)
    )
    facts = _from_frames(session, recording_id)
    if stage is not None and stage != Stage.INGESTING.value:
        session.execute(
            insert(RecordingFacts)
            .values(recording_id=recording_id, facts=_written(facts))
            .on_conflict_do_nothing()
        )
    return facts


def median_sharpness_of(session: Session, recording_ids: Collection[int]) -> dict[int, float]:
    """Median sharpness of many recordings, as it was kept or else from the frames.

    Recordings without frames are left out.
    """
    kept = session.execute(
        select(
            RecordingFacts.recording_id, RecordingFacts.facts["median_sharpness"].as_float()
        ).where(RecordingFacts.recording_id.in_(recording_ids))
    )
    found = {key: median for key, median in kept if median is not None}
    if missing := set(recording_ids) - found.keys():
        counted = session.execute(
            select(Frame.recording_id, func.percentile_cont(0.5).within_group(Frame.sharpness))
            .where(Frame.recording_id.in_(missing))
            .group_by(Frame.recording_id)
        )
        found.update({row[0]: row[1] for row in counted})
    return found


_BY_NUMBER: Final = ("frames", "ends_s", "moments")


def _written(facts: Facts) -> dict[str, Any]:
    """As JSON, whose objects have words for keys: pairs instead."""
    values = asdict(facts)
    return values | {name: list(values[name].items()) for name in _BY_NUMBER}


def _read(values: dict[str, Any]) -> Facts:
    return Facts(**(values | {name: dict(values[name]) for name in _BY_NUMBER}))


def _from_frames(session: Session, recording_id: int) -> Facts:
    cameras = session.execute(
        select(Frame.camera_id, func.count(), func.max(Moment.time_s))
        .join(Moment, Moment.id == Frame.moment_id)
        .where(Frame.recording_id == recording_id)
        .group_by(Frame.camera_id)
    ).all()
    # A camera sees a moment once.
    seen = (
        select(func.count().label("cameras"))
        .where(Frame.recording_id == recording_id)
        .group_by(Frame.moment_id)
        .subquery()
    )
    moments = session.execute(select(seen.c.cameras, func.count()).group_by(seen.c.cameras))
    sharpness, luma, repeats = session.execute(
        select(
            func.percentile_cont(0.5).within_group(Frame.sharpness),
            func.percentile_cont(0.5).within_group(Frame.mean_luma),
            func.count(Frame.duplicate_of_id),
        ).where(Frame.recording_id == recording_id)
    ).one()
    return Facts(
        frames={row[0]: row[1] for row in cameras},
        ends_s={row[0]: row[2] for row in cameras},
        moments={row[0]: row[1] for row in moments},
        median_sharpness=sharpness,
        median_luma=luma,
        near_duplicates=repeats,
    )
