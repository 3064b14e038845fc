"""What keeps a selection from becoming a release, with the place to mend each thing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any

import numpy as np
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from backend.core.database.tables import (
    Annotation,
    Camera,
    Fit,
    Frame,
    FrameBox,
    Moment,
    Recording,
    Release,
)
from backend.domain.consents import ConsentScope, allows
from backend.domain.fits import FitStatus
from backend.domain.releases.gate import MAX_LISTED, Blocking, GateKind
from backend.labelling.conditions import BOX_USABLE
from backend.multiview.fits.standing import STALE_FIT
from backend.publishing.releases import in_playback, repository
from backend.publishing.releases.images import STORED_SHA256, StoredImages
from backend.publishing.releases.leaks import leaks_of
from backend.publishing.releases.selecting import Chosen, among, without_posture
from backend.publishing.releases.settings import Images, ReleaseSettings

__all__ = ["Gate", "find_blocking"]


@dataclass(slots=True)
class Gate:
    """What blocks, by kind: how many in all, and the first of them."""

    counts: dict[GateKind, int] = field(default_factory=dict)
    listed: dict[GateKind, list[Blocking]] = field(default_factory=dict)

    def add(self, kind: GateKind, found: Iterable[Blocking]) -> None:
        """Note what blocks; only the first are kept."""
        items = iter(found)
        first = list(islice(items, MAX_LISTED))
        if first:
            self.listed[kind] = first
            self.counts[kind] = len(first) + sum(1 for _ in items)

    @property
    def open(self) -> bool:
        """Whether nothing blocks."""
        return not self.counts


def find_blocking(
    session: Session,
    release: Release,
    settings: ReleaseSettings,
    chosen: Chosen,
    images: StoredImages,
    moved: Mapping[int, str],
) -> Gate:
    """Look for everything that blocks a release.

    Args:
        session: A transaction.
        release: The draft.
        settings: Its settings.
        chosen: What its rule selects now.
        images: What was read of the store.
        moved: By infant why it cannot be on the side where it is: ``drafts.follow``.
    """
    gate = Gate()
    audience = ConsentScope(release.audience)
    if not len(chosen.frame_ids):
        gate.add(GateKind.EMPTY, [Blocking("The selection", "It holds no frame.")])
    gate.add(GateKind.UNAPPROVED, _unapproved(chosen))
    gate.add(GateKind.UNCONSENTED, _unconsented(chosen, audience))
    stale = [_stale_boxes(session, chosen)]
    if settings.packaging.fits:
        stale.append(_stale_fits(session, chosen))
    gate.add(GateKind.STALE, chain.from_iterable(stale))
    if settings.selection.posture_required:
        gate.add(GateKind.WITHOUT_POSTURE, _without_posture(chosen))
    gate.add(GateKind.UNASSIGNED, _unassigned(session, release, chosen))
    gate.add(GateKind.LEAKING, chain(_moved(chosen, moved), leaks_of(session, release, chosen)))
    gate.add(
        GateKind.IN_PLAYBACK,
        in_playback.blocking(session, chosen.frame_ids.tolist(), settings.playback),
    )
    gate.add(GateKind.DUPLICATE, _duplicates(session, chosen))
    if settings.packaging.images is not Images.NONE:
        gate.add(GateKind.UNREADABLE, _unreadable(session, chosen, images))
    if settings.packaging.images is Images.STORED and audience is ConsentScope.PUBLIC:
        gate.add(GateKind.UNMASKED, _unmasked(chosen))
    return gate


def _unapproved(chosen: Chosen) -> Iterator[Blocking]:
    for recording in chosen.unapproved:
        stage = recording.stage.value.replace("_", " ")
        yield Blocking(recording.name, f"It is {stage}.", recording_id=recording.id)
    for recording_id in chosen.missing:
        yield Blocking(f"Recording {recording_id}", "It does not exist.")


def _taken_recordings(chosen: Chosen) -> set[int]:
    return set(np.unique(chosen.columns.recording[chosen.selected.taken]).tolist())


def _unconsented(chosen: Chosen, audience: ConsentScope) -> Iterator[Blocking]:
    for recording_id in sorted(_taken_recordings(chosen)):
        recording = chosen.recordings[recording_id]
        if not allows(recording.scope, audience):
            agreed = "to nothing" if recording.scope is ConsentScope.NONE else (
                f"to {recording.scope.value} use only"
            )  # fmt: skip
            yield Blocking(
                f"{recording.name} ({recording.pseudonym})",
                f"The family agreed {agreed}; this release is {audience.value}.",
                recording_id=recording.id,
                infant_id=recording.infant_id,
            )


def _stale_boxes(session: Session, chosen: Chosen) -> Iterator[Blocking]:
    rows = session.execute(
        _named(chosen.frame_ids.tolist())
        .add_columns(FrameBox.frame_id.is_(None).label("missing"))
        .join(Annotation, Annotation.frame_id == Frame.id)
        .outerjoin(FrameBox, FrameBox.frame_id == Frame.id)
        .where(BOX_USABLE.is_not(True))
    )
    for row in rows:
        why = "It has no box." if row.missing else "Its box is older than its joints, or sent back."
        yield Blocking(_frame_words(row), why, row.recording_id, row.id)


def _stale_fits(session: Session, chosen: Chosen) -> Iterator[Blocking]:
    rows = session.execute(
        select(Fit.recording_id, func.count())
        .where(
            Fit.recording_id.in_(_taken_recordings(chosen)),
            Fit.status == FitStatus.VERIFIED.value,
            STALE_FIT,
        )
        .group_by(Fit.recording_id)
        .order_by(Fit.recording_id)
    )
    for recording_id, count in rows:
        fits = "1 verified body fit is" if count == 1 else f"{count} verified body fits are"
        yield Blocking(
            f"{chosen.recordings[recording_id].name}, body fits",
            f"{fits} older than the joints they were made from.",
            recording_id=recording_id,
        )


def _without_posture(chosen: Chosen) -> Iterator[Blocking]:
    taken = chosen.selected.taken
    recordings, without = chosen.columns.recording[taken], without_posture(chosen)
    frames = chosen.frame_ids[without]
    bare = np.unique(recordings[without], return_index=True, return_counts=True)
    for recording_id, first, count in zip(*(column.tolist() for column in bare), strict=True):
        many = "1 frame has" if count == 1 else f"{count:,} frames have"
        yield Blocking(
            f"{chosen.recordings[recording_id].name}, postures",
            f"{many} no posture.",
            recording_id=recording_id,
            frame_id=int(frames[first]),
        )


def _moved(chosen: Chosen, moved: Mapping[int, str]) -> Iterator[Blocking]:
    recordings = {chosen.recordings[key].infant_id: key for key in _taken_recordings(chosen)}
    for infant_id, why in sorted(moved.items()):
        if (key := recordings.get(infant_id)) is not None:
            yield Blocking(chosen.recordings[key].pseudonym, why, infant_id=infant_id)


def _unassigned(session: Session, release: Release, chosen: Chosen) -> Iterator[Blocking]:
    splits = repository.splits(session, release.id)
    infants = {chosen.recordings[key].infant_id: key for key in _taken_recordings(chosen)}
    for infant_id, recording_id in sorted(infants.items()):
        if infant_id not in splits:
            recording = chosen.recordings[recording_id]
            yield Blocking(
                recording.pseudonym,
                "This infant is in no split.",
                infant_id=infant_id,
            )


def _duplicates(session: Session, chosen: Chosen) -> Iterator[Blocking]:
    ids = chosen.frame_ids.tolist()
    twice = select(Frame.sha256).where(among(ids)).group_by(Frame.sha256).having(func.count() > 1)
    rows = session.execute(
        _named(ids)
        .add_columns(Frame.sha256)
        .where(Frame.sha256.in_(twice))
        .order_by(Frame.sha256, Frame.id)
    )
    first: dict[str, str] = {}
    for row in rows:
        words = _frame_words(row)
        if (other := first.setdefault(row.sha256, words)) != words:
            yield Blocking(words, f"The same image as {other}.", row.recording_id, row.id)


def _unreadable(session: Session, chosen: Chosen, images: StoredImages) -> Iterator[Blocking]:
    rows = session.execute(
        _named(chosen.frame_ids.tolist())
        .add_columns(Frame.image_key, STORED_SHA256)
        .execution_options(yield_per=1000)
    )
    for row in rows:
        if why := images.fault(row.image_key, row.stored):
            yield Blocking(_frame_words(row), why, row.recording_id, row.id)


def _unmasked(chosen: Chosen) -> Iterator[Blocking]:
    for recording_id in sorted(_taken_recordings(chosen)):
        recording = chosen.recordings[recording_id]
        yield Blocking(
            recording.name,
            "Its images would go to the public with faces as they are: have them masked, or leave"
            " the images out.",
            recording_id=recording_id,
        )


def _frame_words(row: Any) -> str:
    return f"{row.recording}, {row.camera}, moment {row.moment + 1}"


def _named(frame_ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    """Frames by id with what they are called."""
    return (
        select(
            Frame.id,
            Frame.recording_id,
            Recording.name.label("recording"),
            Camera.name.label("camera"),
            Moment.index.label("moment"),
        )
        .join(Recording, Recording.id == Frame.recording_id)
        .join(Camera, Camera.id == Frame.camera_id)
        .join(Moment, Moment.id == Frame.moment_id)
        .where(among(frame_ids))
        .order_by(Frame.id)
    )
