"""Bodies of the endpoints of consents."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, Field

from backend.core.jobs.schemas import Named
from backend.domain.consents import ConsentScope


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


class HeldBy(BaseModel):
    """A published release that holds images or labels of an infant."""

    release_id: int
    dataset: str
    version: str


class InfantItem(BaseModel):
    """An infant with the consent that counts; null while only the recordings' own count."""

    id: int
    pseudonym: str
    sex: str | None
    recordings: int
    scope: ConsentScope | None


class ConsentsOut(BaseModel):
    """All entries of an infant, newest first, and who holds what of it."""

    infant: InfantItem
    entries: list[ConsentOut]
    published: list[HeldBy]


class ErasureAsked(BaseModel):
    """To erase an infant, its pseudonym is typed once more."""

    pseudonym: str


class Erased(BaseModel):
    """What was removed from the store."""

    recordings: int
    files: int
    published: list[HeldBy]
