"""Bodies of the weights endpoints."""

from __future__ import annotations

from pydantic import BaseModel

from backend.models.checkpoints.registry import WeightKind


class WeightItem(BaseModel):
    """One known checkpoint and whether it is on this machine."""

    name: str
    kind: WeightKind
    title: str
    licence: str
    url: str
    present: bool
    path: str
    bytes: int | None
    sha256: str | None
    source: str | None
    published: bool | None
    """Whether it is the very file that its authors published; null if absent."""
    expected_bytes: int | None
    partial_bytes: int
    untrained: bool
    in_use: bool
    """Whether model jobs take this one unless told otherwise."""
    demonstration: bool
    """Whether it is good for the rendered demo only, and for nothing else."""


class WeightAdd(BaseModel):
    """A finished upload that holds the checkpoint."""

    upload_id: int
