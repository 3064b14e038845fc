"""What is told of a checkpoint that is known by name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from backend.models.checkpoints.designs import ARCHITECTURES, AnyConfig, WeightKind


@dataclass(frozen=True, slots=True)
class KnownWeights:
    """One checkpoint that is published, ships, or was added under a name of its own.

    Attributes:
        name: What people type, for example ``rtmo-l``.
        kind: Pose or segmentation.
        variant: The architecture's size, for example t, w32 or base_plus.
        url: Where its authors publish it; "" for what ships and for people's own.
        sha256: The file's SHA-256 in hex, or its first digits where only those are published;
            "" for people's own.
        size: The file's size in bytes where known.
        about: Training data and quality, one line.
        licence: SPDX identifier of the weights' licence.
        shipped: Where the file lies within the product; None for those that are downloaded.
        demonstration: Good for the rendered demo only; no other recording gets it unless somebody
            names it.
        architecture: The network whose tensors the file must hold; None where it is not checked.
        prelabels_demo: Whether it is good enough to pre-label the demo when that is imported.
        config: How it is used; None for its architecture's own.
        chosen: Whether a maintainer made it the one of its kind that jobs take.
    """

    name: str
    kind: WeightKind
    variant: str
    url: str
    sha256: str
    size: int | None
    about: str
    licence: str = "Apache-2.0"
    shipped: Path | None = None
    demonstration: bool = False
    prelabels_demo: bool = False
    architecture: str | None = None
    config: AnyConfig | None = None
    chosen: bool = False

    @property
    def own(self) -> bool:
        """Whether somebody added it under a name of its own."""
        return self.shipped is None and not self.url

    @property
    def used_with(self) -> AnyConfig | None:
        """How it is used; None where its architecture is not known."""
        known = ARCHITECTURES.get(self.architecture or "")
        return self.config or (known.config if known else None)

    @property
    def file_name(self) -> str:
        """The name of the file in the weights folder: the product's name, the source's suffix."""
        if self.shipped is not None:
            return self.shipped.name
        return self.name + ("." + self.url.rsplit(".", 1)[-1] if self.url else ".pth")
