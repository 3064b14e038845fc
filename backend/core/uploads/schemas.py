"""Bodies of the uploads endpoints."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

Sha256 = Annotated[
    str, StringConstraints(strip_whitespace=True, to_lower=True, pattern=r"^[0-9a-fA-F]{64}$")
]


class UploadCreate(BaseModel):
    """A file that is about to be sent."""

    filename: Annotated[str, StringConstraints(min_length=1, max_length=1000)]
    size: Annotated[int, Field(ge=0, le=2**62, description="bytes")]
    sha256: Sha256 | None = None


class UploadItem(BaseModel):
    """A file being received; ``offset`` is where the next chunk begins."""

    id: int
    filename: str
    size: int
    offset: int
    complete: bool
