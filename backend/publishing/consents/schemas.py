"""Bodies of the endpoints of consents."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, Field

from backend.core.jobs.schemas import JobOut, Named
from backend.domain.consents import ConsentScope
from backend.domain.releases.lifecycle import ReleaseState


class ConsentIn(BaseModel):
    """One entry. The scope ``none`` takes the consent back."""

    scope: ConsentScope
    given_on: date
    document: Annotated[
        str,
        Field(
            min_length=1,
            max_length=120,
            description="Number of the signed document in the group's own archive, never a name.",
        ),
    ]
    note: Annotated[str, Field(max_length=4000)] | None = None


class ConsentOut(BaseModel):
    """One entry of an infant's consents."""

    id: int
    scope: ConsentScope
    given_on: date
    document: str
    note: str | None
    noted_by: Named | None
    created_at: datetime


class InfantState(StrEnum):
    """Where an infant stands between consent and erasure."""

    AGREED = "agreed"
    """The family has an entry, or the recordings' own consents count."""
    WITHDRAWN = "withdrawn"
    """Taken back; recordings are still in the store."""
    ERASING = "erasing"
    ERASED = "erased"
    """Taken back, and no recording is left."""


class HeldBy(BaseModel):
    """A release that holds images or labels of an infant, and how many of its frames."""

    release_id: int
    dataset: str
    title: str
    version: str
    state: ReleaseState
    audience: ConsentScope
    frames: int
    files_removed_at: datetime | None


class InfantItem(BaseModel):
    """An infant with the consent that counts; null while only the recordings' own count.

    ``by_recordings`` is what the recordings' own consents allow, from the narrowest; ``published``
    counts published releases that hold an infant whose consent was taken back.
    """

    id: int
    pseudonym: str
    sex: str | None
    recordings: int
    frames: int
    scope: ConsentScope | None
    by_recordings: list[ConsentScope]
    given_on: date | None
    document: str | None
    state: InfantState
    published: int


class RecordingHeld(BaseModel):
    """A recording of an infant and what the store holds of it."""

    id: int
    name: str
    frames: int
    videos: int
    scans: int


class StoredOut(BaseModel):
    """What erasing removes beside the recordings themselves."""

    exports: int
    uploads: int


class ConsentsOut(BaseModel):
    """All entries of an infant, newest first, and who holds what of it.

    ``checked`` are releases that become drafts again by a withdrawal; ``published`` those that are
    out, and withdrawn ones whose files are still in the store.
    """

    infant: InfantItem
    entries: list[ConsentOut]
    recordings: list[RecordingHeld]
    stored: StoredOut
    checked: list[HeldBy]
    published: list[HeldBy]
    erasure: JobOut | None


class ErasureAsked(BaseModel):
    """To erase an infant, its pseudonym is typed once more."""

    pseudonym: Annotated[str, Field(max_length=200)]
