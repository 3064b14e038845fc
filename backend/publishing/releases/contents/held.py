"""Which frames a release holds: those that it froze, or those that a draft's rule selects now.

A draft's selection takes a second at InfantNet's size, so it is remembered together with all that
it hangs on. Approved recordings are read-only: their labels change only when they are reopened and
approved anew.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import orjson
from jaxtyping import Int
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.orm import Session

from backend.core.database.tables import Release
from backend.domain.consents import ConsentScope
from backend.publishing.releases import repository, service
from backend.publishing.releases.contents import labels as label_columns
from backend.publishing.releases.contents.labels import Labels
from backend.publishing.releases.contents.remembered import Remembered
from backend.publishing.releases.selecting import choose
from backend.publishing.releases.settings import ReleaseSettings

_STANDING: Final = """
SELECT md5(coalesce((
           SELECT string_agg(concat_ws(',', r.id, r.infant_id, r.source, r.age_months, r.consent,
                      r.stage_since, r.round, r.inspector_id, r.synchronisation_id, r.is_demo),
                  ';' ORDER BY r.id)
           FROM recordings r WHERE r.stage = 'approved'), '')),
       (SELECT coalesce(max(id), 0) FROM infant_consents),
       (SELECT concat_ws(',', count(*), sum(version), max(id)) FROM fits),
       (SELECT md5(coalesce(string_agg(concat_ws(',', infant_id, split), ';' ORDER BY infant_id),
                            ''))
        FROM release_splits WHERE release_id = :release)
"""


@dataclass(frozen=True, slots=True)
class Selected:
    """What a draft's rule selects now.

    Attributes:
        recordings: Ids of the recordings of which frames are taken, rising.
        frames: Ids of the frames, rising.
        splits: By infant its split.
        with_fits: Whether body fits belong to the release.
    """

    recordings: list[int]
    frames: Int[NDArray[Any], " n"]
    splits: Mapping[int, str]
    with_fits: bool


@dataclass(frozen=True, slots=True)
class Held:
    """The frames of a release.

    Attributes:
        release: The release.
        selected: What its rule selects; None where its frames are frozen.
        key: All that this hangs on.
    """

    release: Release
    selected: Selected | None
    key: Hashable


_selections: Final = Remembered[Selected](8)


def held_by(session: Session, release: Release) -> Held:
    """Which frames a release holds.

    Args:
        session: A transaction.
        release: The release.
    """
    key = key_of(session, release)
    if release.frozen_at is not None:
        return Held(release, None, key)
    return Held(release, _selections.get(key, lambda: _select(session, release)), key)


def key_of(session: Session, release: Release) -> Hashable:
    """All that the frames of a release, and what is said of them, hang on."""
    if release.frozen_at is not None:
        # A check that freezes anew has a job of its own, even within one second.
        return (release.id, release.frozen_at, release.job_id)
    standing = tuple(session.execute(text(_STANDING), {"release": release.id}).one())
    return (release.id, release.audience, orjson.dumps(release.settings), standing)


def _select(session: Session, release: Release) -> Selected:
    settings: ReleaseSettings = service.settings_of(release)
    chosen = choose(session, settings.selection, ConsentScope(release.audience))
    recordings = np.unique(chosen.columns.recording[chosen.selected.taken])
    splits = repository.splits(session, release.id)
    return Selected(
        recordings=recordings.tolist(),
        frames=np.sort(chosen.frame_ids),
        splits={infant: row.split for infant, row in splits.items()},
        with_fits=settings.packaging.fits,
    )


def labels_of(session: Session, held: Held) -> Labels:
    """Labels of the frames as columns."""
    chosen = held.selected
    if chosen is None:
        return label_columns.frozen(session, held.release.id)
    return label_columns.current(
        session, chosen.recordings, chosen.frames, chosen.splits, with_fits=chosen.with_fits
    )
