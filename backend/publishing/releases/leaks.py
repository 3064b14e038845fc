"""Infants, videos and images of a selection that would stand on two sides of its split."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from sqlalchemy.orm import Session

from backend.core.database.tables import Release
from backend.domain.postures import label_of_code
from backend.domain.releases.gate import Blocking
from backend.domain.splits.components import Component, find_components
from backend.domain.splits.near_duplicates import by_groups, find_near_duplicates
from backend.domain.splits.units import Link, LinkReason, SplitUnit
from backend.publishing.releases import repository
from backend.publishing.releases.selecting import Chosen


def components_of(session: Session, chosen: Chosen) -> list[Component]:
    """What of a selection has to stay together: infants, videos, images that nearly repeat.

    Infants are named by their pseudonyms, as people read them; :func:`ids_of` leads back.
    """
    taken = chosen.selected.taken
    recordings, counts = np.unique(chosen.columns.recording[taken], return_counts=True)
    videos = repository.video_hashes(session, recordings.tolist())
    postures = _postures(chosen)
    units = [
        SplitUnit(
            recording=key,
            infant=chosen.recordings[key].pseudonym,
            videos=frozenset(videos.get(key, ())),
            source=chosen.recordings[key].source,
            frames=count,
            age_months=chosen.recordings[key].age_months,
            sex=chosen.recordings[key].sex,
            postures=postures.get(key, {}),
        )
        for key, count in zip(recordings.tolist(), counts.tolist(), strict=True)
    ]
    return find_components(units, _links(chosen))


def _postures(chosen: Chosen) -> dict[int, dict[str, int]]:
    """By recording how many frames of a selection are in which posture, where one is named."""
    taken = chosen.selected.taken
    pairs = np.stack([chosen.columns.recording[taken], chosen.columns.posture[taken]], axis=1)
    found: dict[int, dict[str, int]] = {}
    kinds, counts = np.unique(pairs, axis=0, return_counts=True)
    for (recording, code), count in zip(kinds.tolist(), counts.tolist(), strict=True):
        posture = label_of_code(code).posture if code else None
        if posture is not None:
            found.setdefault(recording, {})[posture] = count
    return found


def ids_of(chosen: Chosen) -> dict[str, int]:
    """Ids of a selection's infants by pseudonym."""
    return {recording.pseudonym: recording.infant_id for recording in chosen.recordings.values()}


def _links(chosen: Chosen) -> list[Link]:
    taken = chosen.selected.taken
    groups = chosen.columns.recording[taken]
    found = find_near_duplicates(chosen.columns.dhash[taken].view(np.uint64), groups)
    return [
        Link(*pair.groups, LinkReason.NEAR_DUPLICATE, pair.pairs)
        for pair in by_groups(found, groups)
    ]


def leaks_of(session: Session, release: Release, chosen: Chosen) -> Iterator[Blocking]:
    """Components of a selection that lie on more than one side, each with why it belongs together.

    Args:
        session: A transaction.
        release: The draft with its splits.
        chosen: What its rule selects.
    """
    by_id = repository.splits(session, release.id)
    splits = {
        pseudonym: by_id[infant].split
        for pseudonym, infant in ids_of(chosen).items()
        if infant in by_id
    }
    for component in components_of(session, chosen):
        yield from _leaks_in(component, splits, chosen)


def _leaks_in(
    component: Component, splits: Mapping[str, str], chosen: Chosen
) -> Iterator[Blocking]:
    first: dict[str, int] = {}
    for unit in component.units:
        side = splits.get(str(unit.infant))
        if side is not None:
            first.setdefault(side, int(unit.recording))
    if len(first) < 2:
        return
    names = {key: chosen.recordings[int(key)].name for key in component.recordings}
    (one_side, one), *others = first.items()
    for side, other in others:
        why = "; ".join(tie.words(names) for tie in component.why(one, other))
        recording = chosen.recordings[other]
        yield Blocking(
            f"{recording.pseudonym} ({side}) and {chosen.recordings[one].pseudonym} ({one_side})",
            f"They belong together: {why}.",
            recording_id=other,
            infant_id=recording.infant_id,
        )
