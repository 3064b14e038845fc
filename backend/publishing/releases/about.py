"""What the papers of a release are written from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.core.database.tables import (
    Dataset,
    Release,
    ReleaseFrame,
    ReleaseRecording,
)
from backend.publishing.releases import repository
from backend.publishing.releases.fits import BodyUsed
from backend.publishing.releases.publishing import created_at
from backend.publishing.releases.settings import Packaging


@dataclass(frozen=True, slots=True)
class MadeUp:
    """Recordings of a release that are not what a reader would take them for.

    Attributes:
        recordings: All of them.
        rendered: Those of the demo: drawn by a computer.
        simulated: Those whose pre-labels were made from known truth instead of by a model.
    """

    recordings: int
    rendered: int
    simulated: int


@dataclass(frozen=True, slots=True)
class About:
    """What the papers of a release are written from.

    Attributes:
        name: Of the dataset.
        title: Of the dataset.
        description: Of the dataset.
        version: Of the release.
        audience: For whom it is.
        licence: Its licence.
        contact: Whom to ask.
        citation: How to cite it, in the authors' words.
        notes: What is to be said of this version.
        created: When its frames were frozen, in UTC.
        splits: Frames and infants by split.
        statistics: What was counted.
        packaging: What is written beside the annotations, and how.
        bodies: Body models that its fits were made with.
        coders: Versions of the libraries by which images are coded anew.
        made_up: What of it was not filmed, or not found by a model.
        on_file: Of how many infants a consent of their own is on file.
        calibrated: Recordings whose cameras are given.
    """

    name: str
    title: str
    description: str
    version: str
    audience: str
    licence: str
    contact: str
    citation: str
    notes: str
    created: datetime
    splits: dict[str, tuple[int, int]]
    statistics: dict[str, object]
    packaging: Packaging
    bodies: Sequence[BodyUsed]
    coders: Mapping[str, str]
    made_up: MadeUp
    on_file: int
    calibrated: int

    @property
    def infants(self) -> int:
        """How many infants are in it; each is in one split."""
        return sum(infants for _, infants in self.splits.values())

    @classmethod
    def of(
        cls,
        session: Session,
        release: Release,
        dataset: Dataset,
        packaging: Packaging,
        bodies: Sequence[BodyUsed],
        coders: Mapping[str, str],
    ) -> Self:
        """Read it from the rows."""
        return cls(
            name=dataset.name,
            title=dataset.title,
            description=dataset.description,
            version=release.version,
            audience=release.audience,
            licence=release.licence,
            contact=release.contact,
            citation=release.citation,
            notes=release.notes,
            created=created_at(release),
            splits=repository.split_counts(release),
            statistics=release.statistics or {},
            packaging=packaging,
            bodies=bodies,
            coders=coders,
            made_up=_made_up(session, release.id),
            on_file=_on_file(session, release.id),
            calibrated=_calibrated(session, release.id),
        )


def _made_up(session: Session, release_id: int) -> MadeUp:
    recordings = (
        select(ReleaseRecording.is_demo, ReleaseRecording.prelabels_simulated)
        .where(ReleaseRecording.release_id == release_id)
        .subquery()
    )
    row = session.execute(
        select(
            func.count(),
            func.count().filter(recordings.c.is_demo),
            func.count().filter(recordings.c.prelabels_simulated),
        ).select_from(recordings)
    ).one()
    return MadeUp(*row)


def _on_file(session: Session, release_id: int) -> int:
    of = ReleaseRecording
    return (
        session.scalar(
            select(func.count(func.distinct(of.infant_id))).where(
                of.release_id == release_id, of.consent_noted
            )
        )
        or 0
    )


def _calibrated(session: Session, release_id: int) -> int:
    of = ReleaseFrame
    return (
        session.scalar(
            select(func.count(func.distinct(of.recording_id))).where(
                of.release_id == release_id, of.calibration_id.is_not(None)
            )
        )
        or 0
    )
