"""Frames of a selection that were accepted in playback, and what their sample says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from sqlalchemy import ARRAY, BigInteger, Row, bindparam, text
from sqlalchemy.orm import Session

from backend.domain.error_rates import error_rate
from backend.domain.releases.gate import Blocking
from backend.domain.releases.playback import PlaybackPolicy, in_sample
from backend.publishing.releases.schemas import PlaybackReport
from backend.publishing.releases.settings import PlaybackRule

_FRAMES: Final = text(
    """
    SELECT a.frame_id, a.recording_id, r.name AS recording, c.name AS camera, m.index AS moment,
           k.joints, k.wrong
    FROM annotations a
        JOIN frames f ON f.id = a.frame_id
        JOIN recordings r ON r.id = a.recording_id
        JOIN cameras c ON c.id = f.camera_id
        JOIN moments m ON m.id = f.moment_id
        LEFT JOIN playback_checks k
            ON k.frame_id = a.frame_id AND k.annotation_version = a.version
    WHERE a.frame_id = ANY (:frames) AND a.playback_fps IS NOT NULL
    ORDER BY a.frame_id
    """
).bindparams(bindparam("frames", type_=ARRAY(BigInteger)))

# Also of frames that were corrected after they were looked at: what was found counts as found.
_CHECKS: Final = text(
    """
    SELECT DISTINCT ON (frame_id) frame_id, joints, cardinality(wrong) AS wrong
    FROM playback_checks WHERE frame_id = ANY (:frames)
    ORDER BY frame_id, annotation_version
    """
).bindparams(bindparam("frames", type_=ARRAY(BigInteger)))


def _accepted(session: Session, frame_ids: Sequence[int]) -> Sequence[Row[Any]]:
    return session.execute(_FRAMES, {"frames": list(frame_ids)}).all()


def blocking(session: Session, frame_ids: Sequence[int], rule: PlaybackRule) -> Iterator[Blocking]:
    """What of a selection may not go out because it was only seen in playback."""
    if rule.policy is PlaybackPolicy.ALLOWED:
        return
    rows = _accepted(session, frame_ids)
    ids = np.array([row.frame_id for row in rows], dtype=np.int64)
    sampled = in_sample(ids, rule.share, rule.seed)
    for row, drawn in zip(rows, sampled.tolist(), strict=True):
        if why := _why(row, rule, drawn=drawn):
            what = f"{row.recording}, {row.camera}, moment {row.moment + 1}"
            yield Blocking(what, why, row.recording_id, row.frame_id)


def _why(row: Row[Any], rule: PlaybackRule, *, drawn: bool) -> str | None:
    if rule.policy is PlaybackPolicy.REFUSED:
        return "It was accepted in playback, and this release wants every frame looked at."
    if row.wrong:
        n = len(row.wrong)
        return f"{'1 joint was' if n == 1 else f'{n} joints were'} found wrong: correct it."
    if drawn and row.joints is None:
        share = f"{100 * rule.share:.0f} %"
        return f"It is in the random sample of {share}, and nobody has checked it yet."
    return None


def report(session: Session, frame_ids: Sequence[int], rule: PlaybackRule) -> PlaybackReport:
    """How many frames of a selection were accepted in playback, and what their sample says."""
    rows = _accepted(session, frame_ids)
    ids = np.array([row.frame_id for row in rows], dtype=np.int64)
    sampled = in_sample(ids, rule.share, rule.seed)
    checks = session.execute(_CHECKS, {"frames": list(frame_ids)}).all()
    rate = error_rate([row.joints for row in checks], [row.wrong for row in checks])
    return PlaybackReport(
        policy=rule.policy,
        share=rule.share,
        seed=rule.seed,
        frames=len(rows),
        sampled=int(sampled.sum()),
        unchecked=sum(
            row.joints is None for row, drawn in zip(rows, sampled.tolist(), strict=True) if drawn
        ),
        checked=len(checks),
        joints=sum(row.joints for row in checks),
        wrong=sum(row.wrong for row in checks),
        per_1000=rate.estimate if rate else None,
        low=rate.low if rate else None,
        high=rate.high if rate else None,
    )


def remarks(found: PlaybackReport) -> Iterator[str]:
    """The same in words; nothing where nobody accepted in playback."""
    if found.frames:
        n = "1 frame was" if found.frames == 1 else f"{found.frames} frames were"
        words = f"{n} accepted in playback"
        if found.policy is PlaybackPolicy.REFUSED:
            words += ": this release wants each looked at"
        elif found.policy is PlaybackPolicy.SAMPLED:
            left = f"{found.unchecked} of them still to be checked"
            words += (
                f"; the random sample of {100 * found.share:.0f} % (seed {found.seed}) holds"
                f" {found.sampled}, {left if found.unchecked else 'all checked'}"
            )
        yield f"{words}."
    if found.checked:
        yield (
            f"Checked frame by frame: {found.wrong} of {found.joints} joints wrong,"
            f" {found.per_1000:g} in a thousand (95 %: {found.low:g} to {found.high:g})."
        )
