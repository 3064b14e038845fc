"""Approved recordings that a rule does not look into, and how many kept frames they have."""

from __future__ import annotations

from collections import Counter
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import Recording
from backend.domain.verdicts import FrameState
from backend.domain.workflow import Stage
from backend.publishing.releases.selecting import Chosen
from backend.publishing.releases.settings import Selection
from backend.recordings import counts

_KEPT: Final = tuple(f"state:{state}" for state in (FrameState.ACCEPTED, FrameState.CORRECTED))

NOT_NAMED: Final = "frames of recordings that are not chosen"
OTHER_SOURCE: Final = "frames of other sources"
OTHER_AGE: Final = "frames at other ages, or at one that is not known"
NO_CONSENT: Final = "frames without consent to this audience"


def frames_passed_over(session: Session, rule: Selection, chosen: Chosen) -> dict[str, int]:
    """Kept frames of approved recordings outside of a rule, by the first reason, in words.

    Demo recordings count only where the rule takes them.
    """
    conditions = [Recording.stage == Stage.APPROVED.value]
    if not rule.demo:
        conditions.append(~Recording.is_demo)
    rows = session.execute(
        select(Recording.id, Recording.source, Recording.age_months).where(*conditions)
    ).all()
    outside: dict[str, list[int]] = {}
    unconsented = {recording.id for recording in chosen.unconsented}
    for row in rows:
        if row.id in chosen.recordings:
            continue
        if rule.recordings is not None and row.id not in rule.recordings:
            why = NOT_NAMED
        elif rule.sources is not None and row.source not in rule.sources:
            why = OTHER_SOURCE
        elif row.id in unconsented:
            why = NO_CONSENT
        else:
            why = OTHER_AGE
        outside.setdefault(why, []).append(row.id)
    kept: Counter[int] = Counter()
    numbers = counts.numbers_of(session, [key for keys in outside.values() for key in keys])
    for key, those in numbers.items():
        kept[key] = sum(those.get(what, 0) for what in _KEPT)
    order = (NOT_NAMED, OTHER_SOURCE, OTHER_AGE, NO_CONSENT)
    found = {why: sum(kept[key] for key in outside.get(why, ())) for why in order}
    return {why: count for why, count in found.items() if count}
