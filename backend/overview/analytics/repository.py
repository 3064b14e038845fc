"""Sums of work by person, recording and week, of revisions, marks and samples of a span of time.

Two reads of the revisions by their index on time, one of the few samples; nothing is kept ready,
since the page is for looking back. ``EXPLAIN`` of the first two: an index scan, a sort by frame, a
hash join with frames.

Cameras of a moment that are looked at together are each shown for the whole time; it counts once.
So no save counts for more than the time since the person's save before of any of the moment's
frames.
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
               r.keypoints, jsonb_array_length(r.operations) AS actions, r.seconds_shown,
               r.propagated IS NOT NULL AS propagated, r.playback_fps IS NOT NULL AS in_playback,
               date_trunc('week', r.created_at AT TIME ZONE 'UTC')::date AS week,
               extract(epoch FROM r.created_at - lag(r.created_at) OVER (
                   PARTITION BY r.author_id ORDER BY r.created_at, r.id)) AS gap,
               extract(epoch FROM r.created_at - lag(r.created_at) OVER (
                   PARTITION BY r.author_id, f.moment_id ORDER BY r.created_at, r.id)) AS apart
        FROM annotation_revisions r JOIN frames f ON f.id = r.frame_id
        WHERE r.created_at >= :since AND r.created_at < :until AND r.author_id IS NOT NULL
          AND (CAST(:person AS bigint) IS NULL OR r.author_id = :person)
    ), frames_of AS (
        SELECT author_id, recording_id, week, frame_id, count(*) AS saves,
               sum(actions) AS actions,
               sum(CASE WHEN seconds_shown IS NOT NULL THEN least(seconds_shown, apart)
                        WHEN gap <= :idle THEN gap END) AS active,
               bool_or(seconds_shown IS NOT NULL) AS measured,
               (array_agg(propagated ORDER BY version DESC))[1] AS propagated,
               (array_agg(in_playback ORDER BY version DESC))[1] AS in_playback,
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
           count(*) FILTER (WHERE o.measured),
           count(*) FILTER (WHERE o.state = 'accepted'),
           count(*) FILTER (WHERE o.state = 'corrected'),
           count(*) FILTER (WHERE o.state = 'discarded'),
           count(*) FILTER (WHERE o.propagated AND o.state IN ('accepted', 'corrected')),
           count(*) FILTER (WHERE o.in_playback AND o.state IN ('accepted', 'corrected')),
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

_SAMPLED: Final = text(
    """
    WITH sampled AS (
        SELECT s.recording_id, s.round, s.finished_at, unnest(s.frame_ids) AS frame_id
        FROM inspection_samples s
        WHERE s.finished_at >= :since AND s.finished_at < :until
    ), of_frames AS (
        SELECT p.recording_id, p.finished_at AS at, p.frame_id, a.author_id, a.joints,
               (SELECT count(*) FROM joint_marks j WHERE j.frame_id = p.frame_id
                AND j.round = p.round AND j.mark = 'wrong') AS named,
               EXISTS (SELECT 1 FROM frame_marks k WHERE k.frame_id = p.frame_id
                       AND k.kind = 'keypoints' AND k.round = p.round AND k.mark = 'revise') AS back
        FROM sampled p CROSS JOIN LATERAL (
            SELECT r.author_id, (SELECT count(*) FROM generate_series(0, 16) i
                                 WHERE r.verdict = 'keep' AND r.keypoints[3*i+3] > 0) AS joints
            FROM annotation_revisions r
            WHERE r.frame_id = p.frame_id AND r.author_id IS NOT NULL
              AND r.created_at <= p.finished_at
            ORDER BY r.version DESC LIMIT 1
        ) a
        UNION ALL
        SELECT c.recording_id, c.checked_at, c.frame_id, r.author_id, c.joints,
               cardinality(c.wrong), false
        FROM playback_checks c
        JOIN annotation_revisions r
          ON r.frame_id = c.frame_id AND r.version = c.annotation_version
        WHERE c.checked_at >= :since AND c.checked_at < :until AND r.author_id IS NOT NULL
    )
    SELECT o.author_id, u.name, o.recording_id, v.name,
           date_trunc('week', o.at AT TIME ZONE 'UTC')::date, sum(o.joints),
           sum(CASE WHEN o.named > 0 THEN o.named WHEN o.back THEN o.joints ELSE 0 END)
    FROM of_frames o
    JOIN users u ON u.id = o.author_id
    JOIN recordings v ON v.id = o.recording_id
    WHERE CAST(:person AS bigint) IS NULL OR o.author_id = :person
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
        measured, accepted, corrected, discarded, propagated, in_playback, joints, px = rest
        effort = Effort(
            frames=frames,
            saves=int(saves),
            actions=int(actions),
            active_s=active,
            timed_frames=timed,
            measured=measured,
            accepted=accepted,
            corrected=corrected,
            discarded=discarded,
            propagated=propagated,
            in_playback=in_playback,
            joints_moved=joints,
            moved_px=px,
        )
        yield Piece(person, name, recording, title, week, effort)
    marks = {name: values[name] for name in ("since", "until", "person")}
    for person, name, recording, title, week, marked, returned in session.execute(_MARKS, marks):
        effort = Effort(marked=marked, returned=returned)
        yield Piece(person, name, recording, title, week, effort)
    for person, name, recording, title, week, joints, wrong in session.execute(_SAMPLED, marks):
        # A frame that goes back without named joints counts with all of its own.
        effort = Effort(sampled_joints=int(joints), wrong_joints=min(int(wrong), int(joints)))
        yield Piece(person, name, recording, title, week, effort)
