"""Setting how much is checked, and choosing the frames whose answer is known."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.core.accounts import policies
from backend.core.audit import service as audit
from backend.core.database.tables import GoldFrame, User
from backend.core.jobs.schemas import Named
from backend.domain.attempts import GoldUse
from backend.domain.errors import Conflict, InvalidInput, NotFound
from backend.domain.vouching import drawn
from backend.labelling.attempts import repository
from backend.labelling.attempts.schemas import GoldMarked, GoldOut, MarkGoldIn, QualityRulesBody
from backend.recordings.access import get_recording

_SHARES = ("gold_share", "double_share", "seed")


def change_rules(session: Session, user: User, wanted: QualityRulesBody) -> QualityRulesBody:
    """Set how much is checked; what was given out stays.

    Raises:
        Forbidden: not by this person.
    """
    policies.require(policies.may_set_quality(user), "set how much is checked")
    row = repository.rule_row(session, lock=True)
    before = QualityRulesBody.model_validate(row)
    if before == wanted:
        return wanted
    if any(getattr(before, name) != getattr(wanted, name) for name in _SHARES):
        # What was decided before is not checked afterwards.
        row.since = datetime.now(UTC)
    for name, value in wanted.model_dump().items():
        setattr(row, name, value)
    facts = {"before": before.model_dump(), "after": wanted.model_dump()}
    audit.record(session, user.id, "quality_rules_changed", "team", 1, facts)
    session.flush()
    return wanted


def mark_gold(session: Session, user: User, wanted: MarkGoldIn) -> GoldMarked:
    """Make approved frames gold: their answer is the revision that stands now.

    Those that are gold already stay as they are; drawing with the same seed again draws others.

    Raises:
        NotFound: there is no such recording.
        Forbidden: not by this person.
        InvalidInput: neither frames nor a number are named, or both.
        Conflict: a named frame is not approved, or none is left to draw.
    """
    policies.require(policies.may_set_quality(user), "choose gold frames")
    recording = get_recording(session, wanted.recording_id, lock="share")
    if bool(wanted.frame_ids) == (wanted.draw is not None):
        raise InvalidInput("Name either frames or how many are drawn.")
    if wanted.frame_ids:
        found = dict(repository.approved_frames(session, recording.id, wanted.frame_ids))
        gold = set(
            session.scalars(
                select(GoldFrame.frame_id).where(
                    GoldFrame.recording_id == recording.id,
                    GoldFrame.frame_id.in_(wanted.frame_ids),
                )
            )
        )
        if missing := sorted(set(wanted.frame_ids) - found.keys() - gold):
            raise Conflict(
                f"{len(missing)} of these frames are not approved in this recording.",
                frame_ids=missing[:200],
            )
    else:
        every = dict(repository.approved_frames(session, recording.id))
        chosen = drawn(every, wanted.draw or 0, wanted.seed)
        if not chosen:
            raise Conflict("No approved frame of this recording is left to become gold.")
        found = {frame_id: every[frame_id] for frame_id in chosen}
    if found:
        rows = [
            {
                "frame_id": frame_id,
                "recording_id": recording.id,
                "version": version,
                "use": wanted.use.value,
                "marked_by_id": user.id,
            }
            for frame_id, version in found.items()
        ]
        session.execute(insert(GoldFrame).values(rows).on_conflict_do_nothing())
        facts = {"frames": len(found), "use": wanted.use.value, "drawn": wanted.draw is not None}
        if wanted.draw is not None:
            facts["seed"] = wanted.seed
        audit.record(session, user.id, "gold_marked", "recording", recording.id, facts)
    session.flush()
    return GoldMarked(frame_ids=sorted(found))


def take_back(session: Session, user: User, recording_id: int, use: GoldUse) -> None:
    """Gold frames of a recording are ordinary frames again; answers given to them stay.

    Raises:
        NotFound: there is no such recording, or it has none.
        Forbidden: not by this person.
    """
    policies.require(policies.may_set_quality(user), "choose gold frames")
    get_recording(session, recording_id, lock="share")
    rows = session.scalars(
        select(GoldFrame).where(GoldFrame.recording_id == recording_id, GoldFrame.use == use.value)
    ).all()
    if not rows:
        raise NotFound("This recording has no such gold frames.")
    for row in rows:
        session.delete(row)
    facts = {"frames": len(rows), "use": use.value}
    audit.record(session, user.id, "gold_taken_back", "recording", recording_id, facts)
    session.flush()


def gold(session: Session, user: User) -> list[GoldOut]:
    """Gold frames by recording, and recordings with approved frames that could become gold.

    Raises:
        Forbidden: not by this person.
    """
    policies.require(policies.may_set_quality(user), "choose gold frames")
    return [
        GoldOut(
            recording=Named(id=row.id, name=row.name),
            check=row.check,
            training=row.training,
            changed=row.changed,
            available=row.available,
        )
        for row in repository.gold_by_recording(session)
    ]
