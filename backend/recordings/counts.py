"""What recordings add up to, without reading their frames; checked against a recount, and repaired.

Triggers of the database keep the numbers (``core.database.tables.counts``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from backend.core.database.tables import Recording, RecordingCount
from backend.domain.suspicion import SUSPICIOUS

Numbers = Mapping[str, int]
"""By what is counted, such as ``state:corrected``; what there is none of may be missing."""

SUSPICIOUS_FRAMES: Final = "suspicious:frames"
"""Frames with a joint that stands in the suspicion queue, as of the last look at the recording. No
trigger keeps it, since no save changes it: whoever looks does (:func:`keep_suspicious`)."""

_AT_ONCE: Final = 50


def numbers_of(session: Session, recording_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """What recordings add up to, by recording; every one that was asked for is there."""
    found: dict[int, dict[str, int]] = {key: {} for key in recording_ids}
    rows = session.execute(
        select(RecordingCount.recording_id, RecordingCount.what, func.sum(RecordingCount.n))
        .where(RecordingCount.recording_id.in_(recording_ids))
        .group_by(RecordingCount.recording_id, RecordingCount.what)
    )
    for recording_id, what, n in rows:
        found[recording_id][what] = int(n)
    return found


def numbers_of_each() -> ColumnElement[dict[str, int]]:
    """What each ``Recording`` of a query adds up to, as an object in JSON."""
    sums = (
        select(RecordingCount.what, func.sum(RecordingCount.n).label("n"))
        .where(RecordingCount.recording_id == Recording.id)
        .group_by(RecordingCount.what)
        .correlate(Recording)
        .subquery()
    )
    every = func.jsonb_object_agg(sums.c.what, sums.c.n, type_=JSONB)
    return func.coalesce(
        select(every).select_from(sums).scalar_subquery(), func.jsonb_build_object(), type_=JSONB
    )


def those_of(numbers: Numbers, kind: str) -> dict[str, int]:
    """The numbers of one kind, such as ``state`` or ``box``, by the rest of their names."""
    return {
        what.removeprefix(f"{kind}:"): n
        for what, n in numbers.items()
        if n and what.startswith(f"{kind}:")
    }


@dataclass(frozen=True, slots=True)
class Drift:
    """A number that is not what a recount gives: nothing in the product makes one."""

    recording_id: int
    what: str
    kept: int
    counted: int


_DIFFERENT: Final = text(
    """
    SELECT coalesce(k.recording_id, c.recording_id), coalesce(k.what, c.what), coalesce(k.n, 0),
           coalesce(c.n, 0)
    FROM (SELECT recording_id, what, sum(n)::bigint AS n FROM recording_counts
          WHERE recording_id = ANY (:ids) AND what NOT IN ('fits:changes', 'suspicious:frames')
          GROUP BY 1, 2) k
    FULL JOIN (SELECT * FROM counted_labels(:ids)) c USING (recording_id, what)
    WHERE coalesce(k.n, 0) <> coalesce(c.n, 0)
    ORDER BY 1, 2
    """
)


def drifts(session: Session, recording_ids: Sequence[int]) -> list[Drift]:
    """Numbers of recordings that are not what a recount gives."""
    return [Drift(*row) for row in session.execute(_DIFFERENT, {"ids": list(recording_ids)})]


def recount(session: Session, recording_ids: Sequence[int]) -> None:
    """Count recordings anew; what others write meanwhile is counted as well."""
    session.execute(text("SELECT recount_recordings(:ids)"), {"ids": list(recording_ids)})
    keep_suspicious(session, recording_ids)


_SUSPICIOUS: Final = """
    SELECT count(*) AS n
    FROM frame_suspicions s JOIN annotations a ON a.frame_id = s.frame_id
    WHERE s.recording_id = r.id AND s.score >= :score AND a.verdict <> 'discard'
        AND EXISTS (
            SELECT FROM unnest(s.joints) WITH ORDINALITY j(percent, place)
            WHERE j.percent >= :percent AND NOT coalesce((
                SELECT w.holds AND w.x = a.keypoints[3 * j.place - 2]
                    AND w.y = a.keypoints[3 * j.place - 1]
                FROM waivers w
                WHERE w.recording_id = r.id AND w.frame_id = s.frame_id
                    AND w.joint = j.place - 1
                ORDER BY w.id DESC LIMIT 1
            ), false)
        )
"""
"""Of a recording ``r``: how many frames have a joint that nobody answered."""

_KEEP_SUSPICIOUS: Final = text(
    f"""
    INSERT INTO recording_counts (recording_id, what, n)
    SELECT r.id, :what, counted.n - kept.n
    FROM recordings r,
        LATERAL (SELECT coalesce(sum(c.n), 0) AS n FROM recording_counts c
                 WHERE c.recording_id = r.id AND c.what = :what) kept,
        LATERAL ({_SUSPICIOUS}) counted
    WHERE r.id = ANY (:ids) AND counted.n <> kept.n
    """
)

_SUSPICIOUS_IN_PARTS: Final = text(
    f"""
    SELECT r.id, counted.n
    FROM recordings r,
        LATERAL ({_SUSPICIOUS} AND EXISTS (
            SELECT FROM frames f
            JOIN moments m ON m.id = f.moment_id
            JOIN recording_parts p ON p.recording_id = f.recording_id
                AND m.index BETWEEN p.first AND p.last
            WHERE f.id = s.frame_id AND p.user_id = :user_id AND p.submitted_at IS NULL
        )) counted
    WHERE r.id = ANY (:ids)
    """
)

_KNOWN: Final = {
    "percent": round(100 * SUSPICIOUS),
    # A frame's score is at least that of its joints, which are kept as whole percentages.
    "score": SUSPICIOUS - 0.01,
}


def keep_suspicious(session: Session, recording_ids: Sequence[int]) -> None:
    """Keep how many frames of these recordings have a joint that nobody answered.

    Two may not do so at once for one recording; whoever looks at it holds it.
    """
    session.execute(
        _KEEP_SUSPICIOUS, {**_KNOWN, "ids": list(recording_ids), "what": SUSPICIOUS_FRAMES}
    )


def suspicious_in_parts(
    session: Session, user_id: int, recording_ids: Sequence[int]
) -> dict[int, int]:
    """The same of a person's open parts of recordings, counted now."""
    known = {**_KNOWN, "ids": list(recording_ids), "user_id": user_id}
    return {row[0]: row[1] for row in session.execute(_SUSPICIOUS_IN_PARTS, known)}


def repair(session: Session) -> list[Drift]:
    """Compare all recordings with a recount, and put right what differs; gives what differed."""
    every = session.scalars(select(Recording.id).order_by(Recording.id)).all()
    found: list[Drift] = []
    for begin in range(0, len(every), _AT_ONCE):
        found += drifts(session, every[begin : begin + _AT_ONCE])
    recount(session, sorted({drift.recording_id for drift in found}))
    return found
