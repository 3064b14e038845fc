"""What the papers of a release are written from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from sqlalchemy.orm import Session

from backend.core.database.tables import Dataset, Release
from backend.publishing.releases import repository
from backend.publishing.releases.fits import BodyUsed
from backend.publishing.releases.publishing import created_at
from backend.publishing.releases.settings import Packaging


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
        )
