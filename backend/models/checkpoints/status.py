"""What the folder of checkpoints says of one of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from backend.models.checkpoints.designs import WeightKind
from backend.models.checkpoints.known import KnownWeights

Source = Literal["downloaded", "uploaded", "shipped"]


@dataclass(frozen=True, slots=True)
class WeightStatus:
    """One known checkpoint and whether it is here.

    Attributes:
        name: What people type.
        kind: Pose or segmentation.
        present: Whether the worker can use it.
        path: Where it lies or would lie.
        bytes: Its size here; None if absent.
        sha256: Its hash here; None if absent.
        source: Downloaded, added from a file, or shipped with the product; None if absent.
        published: Whether it is the very file that its authors published; None if absent.
        untrained: Whether it holds random numbers, for tests only.
        partial_bytes: What an unfinished download has fetched so far.
        expected_bytes: The published file's size, where known.
        about: One line on training data and quality.
        licence: SPDX identifier.
        url: Where the authors publish it; "" for what ships and for people's own.
        demonstration: Good for the rendered demo only.
        chosen: Whether a maintainer made it the one of its kind that jobs take.
        takes: Whole images, boxes of people, or prompts; None where that is not known.
    """

    name: str
    kind: WeightKind
    present: bool
    path: Path
    bytes: int | None
    sha256: str | None
    source: Source | None
    published: bool | None
    untrained: bool
    partial_bytes: int
    expected_bytes: int | None
    about: str
    licence: str
    url: str
    demonstration: bool = False
    takes: Literal["image", "boxes", "prompts"] | None = None
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Usable:
    """A checkpoint that is here, with all that it takes to load it.

    Attributes:
        known: What is known of it, its configuration included.
        path: The file.
        sha256: Its hash.
    """

    known: KnownWeights
    path: Path
    sha256: str
