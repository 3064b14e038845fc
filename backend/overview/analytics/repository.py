"""Sums of work by person, recording and week, of the revisions and marks of a span of time.

Two reads of the revisions by their index on time; nothing is kept ready, since the page is for
looking back. ``EXPLAIN`` of both: an index scan, a sort by frame, a hash join with frames.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session

from backend.domain.effort import IDLE_AFTER_S, Effort

_SAVES: Final = text(
    """
    WITH saves AS (
        SELECT r.author_id, r.frame_id, f.recording_id, r.version, r.state, r.candidate_id,
               r.keypoints, jsonb_array_length(r.operations) AS actions,
               date_trunc('week', r.created_at AT TIME ZONE 'UTC')::date AS week,
               extract(epoch FROM r.created_at - lag(r.created_at) OVER (
                   PARTITION BY r.author_id ORDER BY r.created_at, r.id)) AS gap
        FROM annotation_revisions r JOIN frames f ON f.id = r.frame_id
        WHERE r.created_at >= :since AND r.created_at < :until AND r.author_id IS NOT NULL
          AND (CAST(:person AS bigint) IS NULL OR r.author_id = :person)
    ), frames_of AS (
        SELECT author_id, recording_id, week, frame_id, count(*) AS saves,
               sum(actions) AS actions, sum(gap) FILTER (WHERE gap <= :idle) AS active,
               (array_agg(state ORDER BY version DESC))[1] AS state,
               (array_agg(candidate_id ORDER BY version DESC))[1] AS candidate_id,
               max(version) AS version
        FROM saves GROUP BY 1, 2, 3, 4
    ), moved AS (
        SELECT o.author_id, o.recording_id, o.week, count(*) AS joints, sum(d.px) AS px
        FROM frames_of o
        JOIN annotation_revisions r ON r.frame_id = o.frame_id AND r.version = o.version
        JOIN candidates c ON c.id = o.candidate_id
        CROSS JOIN LATERAL (
            SELECT sqrt((r.keypoints[3*j+1] - c.skeleton[3*j+1]) ^ 2
                      + (r.keypoints[3*j+2] - c.skeleton[3*j+2]) ^ 2) AS px
            FROM generate_series(0, 16) j
            WHERE r.keypoints[3*j+3] > 0 AND c.skeleton[3*j+3] > 0
        ) d
        WHERE o.state = 'corrected' AND d.px > 0
        GROUP BY 1, 2, 3
    )
    SELECT o.author_id, u.name, o.recording_id, v.name, o.week, count(*), sum(o.saves),
           sum(o.actions), coalesce(sum(o.active), 0)::float8, count(o.active),
           count(*) FILTER (WHERE o.state = 'accepted'),
           count(*) FILTER (WHERE o.state = 'corrected'),
           count(*) FILTER (WHERE o.state = 'discarded'),
           coalesce(max(m.joints), 0), coalesce(max(m.px), 0)::float8
    FROM frames_of o
    JOIN users u ON u.id = o.author_id
    JOIN recordings v ON v.id = o.recording_id
    LEFT JOIN moved m USING (author_id, recording_id, week)
    GROUP BY o.author_id, u.name, o.recording_id, v.name, o.week
    """
).bindparams(bindparam("person"))

_MARKS: Final = text(
    """
    SELECT a.author_id, u.name, k.recording_id, v.name,
           date_trunc('week', k.created_at AT TIME ZONE 'UTC')::date, count(*),
           count(*) FILTER (WHERE k.mark = 'revise')
    FROM frame_marks k
    CROSS JOIN LATERAL (
        SELECT r.author_id FROM annotation_revisions r
        WHERE r.frame_id = k.frame_id AND r.author_id IS NOT NULL
          AND r.created_at <= k.created_at
        ORDER BY r.version DESC LIMIT 1
    ) a
    JOIN users u ON u.id = a.author_id
    JOIN recordings v ON v.id = k.recording_id
    WHERE k.kind = 'keypoints' AND k.created_at >= :since AND k.created_at < :until
      AND (CAST(:person AS bigint) IS NULL OR a.author_id = :person)
    GROUP BY 1, 2, 3, 4, 5
    """
).bindparams(bindparam("person"))


@dataclass(frozen=True, slots=True)
class Piece:
    """What one person did in one recording in one week."""

    person_id: int
    person: str
    recording_id: int
    recording: str
    week: date
    effort: Effort


def pieces(
    session: Session, since: datetime, until: datetime, person_id: int | None
) -> Iterator[Piece]:
    """Work in a span of time; of one person, or of all."""
    values: dict[str, Any] = {
        "since": since, "until": until, "person": person_id, "idle": IDLE_AFTER_S,
    }  # fmt: skip
    for row in session.execute(_SAVES, values):
        person, name, recording, title, week, frames, saves, actions, active, timed, *rest = row
        accepted, corrected, discarded, joints, px = rest
        effort = Effort(
            frames=frames,
            saves=int(saves),
            actions=int(actions),
            active_s=active,
            timed_frames=timed,
            accepted=accepted,
            corrected=corrected,
            discarded=discarded,
            joints_moved=joints,
            moved_px=px,
        )
        yield Piece(person, name, recording, title, week, effort)
    marks = {name: values[name] for name in ("since", "until", "person")}
    for person, name, recording, title, week, marked, returned in session.execute(_MARKS, marks):
        effort = Effort(marked=marked, returned=returned)
        yield Piece(person, name, recording, title, week, effort)
