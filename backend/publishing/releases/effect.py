"""What a draft's rule selects, in numbers, while somebody edits it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container
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
from backend.publishing.releases.contents.origins import boxes_approved
from backend.publishing.releases.passed_over import frames_passed_over
from backend.publishing.releases.schemas import (
    EffectOut,
    HeldOut,
    InfantOut,
    LeftOut,
    RecordingOut,
)
from backend.publishing.releases.selecting import Chosen, choose, hours, without_posture
from backend.publishing.releases.settings import ReleaseSettings, Selection
from backend.publishing.releases.splitting import held_by

_NAMED: Final = 5
"""So many recordings are named in a remark."""

_SOURCES = {
    Source.YOUTUBE: "YouTube",
    Source.HOME_VISIT: "home visits",
    Source.OTHER: "other sources",
}

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
        {key for key, row in splits.items() if row.inherited and row.split in known},
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
        hours=hours(session, chosen),
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
            *_without_posture(chosen, settings.selection),
            *_unseen_boxes(session, chosen),
            *chosen.selected.remarks,
            *in_playback.remarks(playback),
        ],
        playback=playback,
        split_notes=[*_dropped(session, release, known), *(_in_words(note) for note in notes)],
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
    for source, words in _SOURCES.items():
        start, of = f"{source.value}: ", f"of all frames of {source.value}"
        if note.startswith(start):
            note = f"{words[0].upper()}{words[1:]}: {note.removeprefix(start)}"
        note = note.replace(of, f"of all frames of {words}")
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


def _without_posture(chosen: Chosen, rule: Selection) -> list[str]:
    """Frames for which the check asks a posture that nobody named."""
    if not rule.posture_required:
        return []
    bare = int(without_posture(chosen).sum())
    return [f"{_frames(bare)} no posture yet: the check blocks until each has one."] if bare else []


def _unseen_boxes(session: Session, chosen: Chosen) -> list[str]:
    """Boxes that a model made, that nothing speaks against, and that nobody said anything of."""
    frames = chosen.frame_ids
    unseen = len(frames) - boxes_approved(session, frames)
    if not unseen:
        return []
    return [
        f"{_frames(unseen)} a box that no inspector approved. Where nothing speaks against a box it"
        " may go out; the datasheet says how many."
    ]


def _frames(count: int) -> str:
    return "1 frame has" if count == 1 else f"{count:,} frames have"


def _dropped(session: Session, release: Release, known: Container[str]) -> list[str]:
    """Infants whose split the settings, as they are being edited, do not have any more."""
    rows = repository.splits(session, release.id).values()
    gone = Counter(row.split for row in rows if row.split not in known and not row.inherited)
    if not gone:
        return []
    many = sum(gone.values())
    who = "1 infant leaves its split" if many == 1 else f"{many} infants leave their splits"
    return [
        f"{who} ({', '.join(sorted(gone))}) as soon as this is saved, and for good: these splits"
        " are not wanted any more."
    ]
