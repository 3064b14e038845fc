"""What recordings add up to, without reading their frames; checked against a recount, and repaired.

Triggers of the database keep the numbers (``core.database.tables.counts``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, cast, func, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from backend.core.database.tables import Recording, RecordingCount

Numbers = Mapping[str, int]
"""By what is counted, such as ``state:corrected``; what there is none of may be missing."""

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
        select(every).select_from(sums).scalar_subquery(), cast({}, JSONB), type_=JSONB
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
          WHERE recording_id = ANY (:ids) AND what <> 'fits:changes' GROUP BY 1, 2) k
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


def repair(session: Session) -> list[Drift]:
    """Compare all recordings with a recount, and put right what differs; gives what differed."""
    every = session.scalars(select(Recording.id).order_by(Recording.id)).all()
    found: list[Drift] = []
    for begin in range(0, len(every), _AT_ONCE):
        found += drifts(session, every[begin : begin + _AT_ONCE])
    recount(session, sorted({drift.recording_id for drift in found}))
    return found
