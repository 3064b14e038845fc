"""Bodies of the weights endpoints."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from backend.core.jobs.schemas import Named
from backend.models.checkpoints.designs import Codec, WeightKind


class WeightItem(BaseModel):
    """One known checkpoint and whether it is on this machine."""

    name: str
    kind: WeightKind
    architecture: str
    takes: Literal["image", "boxes", "prompts"]
    """Whole images; or boxes of people, which another checkpoint finds; or points and boxes."""
    config: dict[str, Any]
    """How it is used: the size of its input, its codec, its least score."""
    title: str
    """What it was trained on, and how good it is."""
    licence: str
    url: str
    """Where its authors publish it; empty for what ships and for people's own."""
    present: bool
    path: str
    bytes: int | None
    sha256: str | None
    origin: Literal["shipped", "downloaded", "uploaded"] | None
    """Where the file that is here came from; null if absent."""
    published: bool | None
    """Whether it is the very file that its authors published; null if absent, or published by
    nobody."""
    expected_bytes: int | None
    partial_bytes: int
    untrained: bool
    in_use: bool
    """Whether model jobs take this one unless told otherwise."""
    chosen: bool
    """Whether a maintainer chose it for these jobs."""
    demonstration: bool
    """Whether it is good for the rendered demo only, and for nothing else."""
    added_at: datetime | None
    created_by: Named | None
    """Who added the file."""


class WeightAdd(BaseModel):
    """A finished upload that holds the checkpoint; for a new name, also what it is."""

    upload_id: int
    architecture: Annotated[str | None, Field(max_length=80)] = None
    """Needed for a new name; the file's tensors must be those of this architecture."""
    licence: Annotated[str | None, Field(max_length=200)] = None
    trained_on: Annotated[str | None, Field(max_length=1000)] = None
    width: Annotated[int | None, Field(ge=1, le=10_000)] = None
    """Of the input in pixels, where it is not the architecture's usual one."""
    height: Annotated[int | None, Field(ge=1, le=10_000)] = None
    codec: Codec | None = None

    def config_changes(self) -> dict[str, Any]:
        """What differs from how the architecture is used usually."""
        return self.model_dump(include={"width", "height", "codec"}, exclude_none=True)
