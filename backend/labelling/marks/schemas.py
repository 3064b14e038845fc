"""Marks as the HTTP interface takes them."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from backend.domain.reviews import Mark


class MarkBody(BaseModel):
    """The inspector's mark on a frame; null takes it away."""

    mark: Mark | None


class BulkMarkIn(BaseModel):
    """Mark every frame good that has no mark yet."""

    mark: Literal[Mark.GOOD]
    only_unmarked: Literal[True] = True


class Marked(BaseModel):
    """How many frames were marked."""

    marked: int
