"""What undoing an import would do, as the HTTP interface says it."""

from __future__ import annotations

from pydantic import BaseModel


class CountOut(BaseModel):
    """So many things of one kind."""

    name: str
    count: int
    text: str
    """The same in words: `3 frames that people annotated`."""


class UndoOut(BaseModel):
    """What undoing an import removes, and what stands against it."""

    recording_id: int
    name: str
    goes: list[CountOut]
    prevents: list[CountOut]
    """Empty where it may be undone."""
