"""What a draft's rule selects, in numbers, while somebody edits it."""

from __future__ import annotations

from typing import Final

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.core.database.tables import Recording, Release, ReleaseFrame
from backend.core.database.tables.recordings import Source
from backend.domain.consents import ConsentScope
from backend.domain.releases.selection import Step
from backend.domain.workflow import Stage
from backend.publishing.releases import in_playback, repository
from backend.publishing.releases.passed_over import frames_passed_over
from backend.publishing.releases.schemas import (
    EffectOut,
    HeldOut,
    InfantOut,
    LeftOut,
    RecordingOut,
)
from backend.publishing.releases.selecting import Chosen, choose, hours
from backend.publishing.releases.settings import ReleaseSettings
from backend.publishing.releases.splitting import held_by

_NAMED: Final = 5
"""So many recordings are named in a remark."""

_WORDS = {
    Step.POSTURE: "frames in another posture, or in none that was named",
    Step.FLAGGED: "frames with an unwanted quality flag",
    Step.THINNED: "frames of moments that are passed over",
    Step.NEAR_DUPLICATE: "frames that nearly repeat an earlier one",
    Step.SHARE: "frames beyond the largest share of an infant",
}


def effect_of(
    session: Session, release: Release, settings: ReleaseSettings, audience: ConsentScope
) -> EffectOut:
    """What a rule selects now.

    Args:
        session: A transaction.
        release: The release, for the splits of its infants and the version before it.
        settings: The settings as they are being edited.
        audience: The audience as it is being edited.
    """
    chosen = choose(session, settings.selection, audience)
    # Sides that the settings as they are being edited do not know would be dropped with them.
    known = {target.name for target in settings.splitting.targets}
    splits = {
        key: row
        for key, row in repository.splits(session, release.id).items()
        if row.split in known or row.inherited
    }
    held, notes = held_by(
        session,
        chosen,
        settings.splitting,
        {key: row.split for key, row in splits.items() if row.split in known},
    )
    frames_of = _frames_by_recording(chosen)
    infants: dict[int, InfantOut] = {}
    for recording in chosen.recordings.values():
        frames = frames_of.get(recording.id, 0)
        row = splits.get(recording.infant_id)
        infant = infants.setdefault(
            recording.infant_id,
            InfantOut(
                id=recording.infant_id,
                pseudonym=recording.pseudonym,
                sex=recording.sex,
                ages_months=[],
                sources=[],
                scope=recording.scope,
                recordings=0,
                frames=0,
                split=row.split if row else None,
                inherited=row.inherited if row else False,
            ),
        )
        if not frames:
            continue
        infant.frames += frames
        infant.recordings += 1
        if recording.age_months is not None:
            infant.ages_months = sorted({*infant.ages_months, recording.age_months})
        infant.sources = sorted({*infant.sources, Source(recording.source)})
    outside = frames_passed_over(session, settings.selection, chosen)
    taken = [infant for infant in infants.values() if infant.frames]
    playback = in_playback.report(session, chosen.frame_ids.tolist(), settings.playback)
    return EffectOut(
        frames=int(chosen.selected.taken.sum()),
        of_frames=len(chosen.columns) + sum(outside.values()),
        recordings=len(frames_of),
        infants=len(taken),
        hours=hours(chosen),
        left_out=[
            *(LeftOut(what=what, count=count) for what, count in outside.items()),
            *(
                LeftOut(what=_WORDS[step], count=count)
                for step, count in chosen.selected.left_out.items()
                if count
            ),
        ],
        unconsented=[
            RecordingOut(id=r.id, name=r.name, infant=r.pseudonym, infant_id=r.infant_id)
            for r in chosen.unconsented
        ],
        remarks=[
            *_worked_on(session, release),
            *chosen.selected.remarks,
            *in_playback.remarks(playback),
        ],
        playback=playback,
        split_notes=[_in_words(note) for note in notes],
        table=sorted(taken, key=lambda infant: (-infant.frames, infant.pseudonym)),
        held=[
            HeldOut(
                kind=one.kind,
                name=one.name,
                split=one.split,
                amount=one.amount,
                total=one.total,
                target=one.target,
            )
            for one in held
        ],
    )


def _frames_by_recording(chosen: Chosen) -> dict[int, int]:
    keys, counts = np.unique(chosen.columns.recording[chosen.selected.taken], return_counts=True)
    return dict(zip(keys.tolist(), counts.tolist(), strict=True))


def _in_words(note: str) -> str:
    """A note with its source as people say it; names of splits stay as they were given."""
    for source in Source:
        words = source.value.replace("_", " ")
        if note.startswith(source.value):
            note = words.capitalize() + note.removeprefix(source.value)
        note = note.replace(source.value, words)
    return note


def _worked_on(session: Session, release: Release) -> list[str]:
    """Recordings that the version before held and that are not approved any more."""
    if release.base_id is None:
        return []
    of = ReleaseFrame
    rows = session.execute(
        select(Recording.name, func.count())
        .join(of, of.recording_id == Recording.id)
        .where(of.release_id == release.base_id, Recording.stage != Stage.APPROVED.value)
        .group_by(Recording.id)
        .order_by(Recording.name)
    ).all()
    if not rows:
        return []
    frames = sum(count for _, count in rows)
    names = ", ".join(name for name, _ in rows[:_NAMED])
    more = f" and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
    version = repository.get(session, release.base_id).version
    return [
        f"{frames:,} frames of {version} are left out, because their recordings are being worked"
        f" on again: {names}{more}."
    ]
