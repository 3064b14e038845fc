"""What a frozen release holds, in numbers: InfantNet's Table 2 and what lies behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from backend.domain.skeleton import JOINTS

VERSION = 1

_BY_SOURCE = """
SELECT r.source, f.split, count(*) AS kept, count(DISTINCT f.recording_id) AS recordings,
       count(DISTINCT f.infant_id) AS infants, count(DISTINCT f.camera_id) AS cameras,
       count(f.fit_id) AS fitted
FROM release_frames f JOIN recordings r ON r.id = f.recording_id
WHERE f.release_id = :release GROUP BY r.source, f.split ORDER BY r.source, f.split
"""
_RAW = """
SELECT r.source, s.split, count(*) AS raw
FROM frames f
JOIN recordings r ON r.id = f.recording_id
JOIN (SELECT DISTINCT recording_id, split FROM release_frames WHERE release_id = :release) s
    ON s.recording_id = f.recording_id
GROUP BY r.source, s.split ORDER BY r.source, s.split
"""
_DISCARDS = """
SELECT a.reason, count(*) AS frames
FROM annotations a
WHERE a.verdict = 'discard' AND a.recording_id IN
    (SELECT DISTINCT recording_id FROM release_frames WHERE release_id = :release)
GROUP BY a.reason ORDER BY a.reason
"""
_JOINTS = """
SELECT f.split, j.joint - 1 AS joint, f.keypoints[3 * j.joint]::int AS visibility, count(*) AS n
FROM release_frames f, generate_series(1, 17) AS j(joint)
WHERE f.release_id = :release
GROUP BY f.split, j.joint, visibility ORDER BY f.split, j.joint, visibility
"""
_AGES = """
SELECT f.split, floor(r.age_months)::int AS months, count(*) AS frames,
       count(DISTINCT f.infant_id) AS infants
FROM release_frames f JOIN recordings r ON r.id = f.recording_id
WHERE f.release_id = :release
GROUP BY f.split, months ORDER BY f.split, months NULLS LAST
"""
_SIZES = """
SELECT width, height, count(*) AS images FROM release_frames
WHERE release_id = :release GROUP BY width, height ORDER BY width, height
"""
_BOXES = """
SELECT split, width_bucket(sqrt(box_width * box_height / (width::float8 * height)), 0, 1, 10) - 1
           AS tenth,
       count(*) AS boxes
FROM release_frames WHERE release_id = :release
GROUP BY split, tenth ORDER BY split, tenth
"""
_WORK = """
SELECT count(DISTINCT v.author_id) AS annotators, count(*) AS revisions,
       max(v.round) AS rounds, count(DISTINCT r.inspector_id) AS inspectors
FROM release_frames f
JOIN annotation_revisions v ON v.frame_id = f.frame_id AND v.version <= f.annotation_version
JOIN recordings r ON r.id = f.recording_id
WHERE f.release_id = :release
"""


def count(session: Session, release_id: int) -> dict[str, Any]:
    """Count what a release froze.

    Args:
        session: The transaction in which it was frozen.
        release_id: The release.

    Returns:
        JSON values: ``table`` (source × split: raw and kept frames, recordings, infants, cameras,
        fitted frames), ``discards`` by reason, ``joints`` by split, joint and visibility, ``ages``
        in whole months, ``image_sizes``, ``box_sizes`` (tenths of the side of a square of the same
        share of the image), ``work``.
    """

    def rows(query: str) -> Sequence[Row[Any]]:
        return session.execute(text(query), {"release": release_id}).all()

    raw = {(row.source, row.split): row.raw for row in rows(_RAW)}
    joints: dict[str, dict[str, list[int]]] = {}
    for row in rows(_JOINTS):
        joints.setdefault(row.split, {}).setdefault(JOINTS[row.joint], [0, 0, 0])[
            row.visibility
        ] = row.n
    return {
        "version": VERSION,
        "table": [
            dict(row._mapping) | {"raw": raw.get((row.source, row.split), 0)}
            for row in rows(_BY_SOURCE)
        ],
        "discards": {str(row.reason): row.frames for row in rows(_DISCARDS)},
        "joints": joints,
        "ages": [dict(row._mapping) for row in rows(_AGES)],
        "image_sizes": [dict(row._mapping) for row in rows(_SIZES)],
        "box_sizes": [dict(row._mapping) for row in rows(_BOXES)],
        "work": dict(rows(_WORK)[0]._mapping),
    }
