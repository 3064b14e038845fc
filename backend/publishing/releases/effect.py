"""What a draft's rule selects, in numbers, while somebody edits it."""

from __future__ import annotations

import numpy as np
from sqlalchemy.orm import Session

from backend.core.database.tables.recordings import Source
from backend.domain.consents import ConsentScope
from backend.domain.releases.selection import Step
from backend.publishing.releases import repository
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

_WORDS = {
    Step.FLAGGED: "frames with an unwanted quality flag",
    Step.THINNED: "frames of moments that are passed over",
    Step.NEAR_DUPLICATE: "frames that nearly repeat an earlier one",
    Step.SHARE: "frames beyond the largest share of an infant",
}


def effect_of(
    session: Session, release_id: int, settings: ReleaseSettings, audience: ConsentScope
) -> EffectOut:
    """What a rule selects now.

    Args:
        session: A transaction.
        release_id: The release, for the splits of its infants.
        settings: The settings as they are being edited.
        audience: The audience as it is being edited.
    """
    chosen = choose(session, settings.selection, audience)
    # Sides that the settings as they are being edited do not know would be dropped with them.
    known = {target.name for target in settings.splitting.targets}
    splits = {
        key: row
        for key, row in repository.splits(session, release_id).items()
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
    taken = [infant for infant in infants.values() if infant.frames]
    return EffectOut(
        frames=int(chosen.selected.taken.sum()),
        of_frames=len(chosen.columns),
        recordings=len(frames_of),
        infants=len(taken),
        hours=hours(chosen),
        left_out=[
            LeftOut(what=_WORDS[step], count=count)
            for step, count in chosen.selected.left_out.items()
            if count
        ],
        unconsented=[
            RecordingOut(id=r.id, name=r.name, infant=r.pseudonym, infant_id=r.infant_id)
            for r in chosen.unconsented
        ],
        remarks=list(chosen.selected.remarks),
        split_notes=[note.replace("_", " ") for note in notes],
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
