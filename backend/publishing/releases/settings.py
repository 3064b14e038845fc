"""What a release is asked to be, as it is stored with it and reused by the next version."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from backend.core.database.tables.recordings import Source
from backend.domain.pixels import COCO_JOINTS, OutsideJoints, PixelRule
from backend.domain.postures import label_of_posture
from backend.domain.privacy.rule import (
    DEFAULT_CELLS,
    MAX_CELLS,
    MIN_CELLS,
    MaskingMethod,
    MaskingRule,
)
from backend.domain.quality import QualityFlag
from backend.domain.releases.playback import PlaybackPolicy
from backend.domain.releases.selection import FrameRule
from backend.domain.splits.folds import fold_shares
from backend.domain.splits.objective import EVERY_SOURCE
from backend.labelling.postures.schemas import Posture

SPLIT_NAME = r"^[a-z][a-z0-9_-]{0,39}$"
MAX_SPLITS = 20
SplitName = Annotated[str, Field(pattern=SPLIT_NAME)]
Share = Annotated[float, Field(gt=0, le=1)]
PartOfSource = Annotated[float, Field(ge=0, le=1)]
Months = Annotated[float, Field(ge=0, le=60)]


class Selection(BaseModel):
    """Which frames, as a rule.

    All conditions hold together. ``recordings`` null means every approved recording, ``postures``
    null every frame, also those without one. With ``posture_required`` frames without a posture
    keep the release from being made.
    """

    model_config = ConfigDict(extra="forbid")

    recordings: list[int] | None = Field(None, max_length=100_000)
    sources: list[Source] | None = None
    min_age_months: Months | None = None
    max_age_months: Months | None = None
    postures: list[Posture] | None = Field(None, min_length=1)
    posture_required: bool = False
    consented_only: bool = True
    demo: bool = False
    without_flags: list[QualityFlag] = Field(default_factory=list)
    every_nth: int = Field(1, ge=1, le=10_000)
    near_duplicates: bool = True
    max_share: Share | None = None

    @model_validator(mode="after")
    def _ages_in_order(self) -> Self:
        low, high = self.min_age_months, self.max_age_months
        if low is not None and high is not None and low > high:
            raise ValueError(f"no age is above {low:g} and below {high:g} months")
        return self

    def frame_rule(self) -> FrameRule:
        """The part of the rule that looks at single frames."""
        return FrameRule(
            postures=(
                None
                if self.postures is None
                else frozenset(label_of_posture(posture).code for posture in self.postures)
            ),
            without_flags=frozenset(self.without_flags),
            every_nth=self.every_nth,
            near_duplicates=self.near_duplicates,
            max_share=self.max_share,
        )


class SplitTarget(BaseModel):
    """One side of the split and the share of frames that it should have."""

    model_config = ConfigDict(extra="forbid")

    name: SplitName
    share: Share


class Splitting(BaseModel):
    """The sides of the split.

    ``by_source`` holds the shares of sources that differ from the others. ``folds`` asks for so
    many folds of a cross-validation instead: then the targets are ``fold_1`` to ``fold_k`` with
    equal shares, whatever else is said.
    """

    model_config = ConfigDict(extra="forbid")

    targets: list[SplitTarget] = Field(
        default_factory=lambda: [
            SplitTarget(name="train", share=0.8),
            SplitTarget(name="val", share=0.1),
            SplitTarget(name="test", share=0.1),
        ],
        min_length=1,
        max_length=MAX_SPLITS,
    )
    by_source: dict[Source, dict[SplitName, PartOfSource]] = Field(default_factory=dict)
    folds: int | None = Field(None, ge=2, le=MAX_SPLITS)
    seed: int = Field(1, ge=0, lt=2**31)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.folds is not None:
            shares = fold_shares(self.folds)
            self.targets = [SplitTarget(name=name, share=share) for name, share in shares.items()]
            self.by_source = {}
        names = [target.name for target in self.targets]
        if len(set(names)) < len(names):
            raise ValueError("two splits have the same name")
        _require_whole("the splits", [target.share for target in self.targets])
        for source, parts in self.by_source.items():
            if strange := sorted(set(parts) - set(names)):
                raise ValueError(f"{source.value} asks for a split {strange[0]}, which is none")
            _require_whole(f"the splits of {source.value}", list(parts.values()))
        return self

    def shares(self) -> dict[str, dict[str, float]]:
        """Wanted shares by source and split, ``*`` for all other sources."""
        every = {target.name: target.share for target in self.targets}
        # A split that a source does not name takes nothing of it.
        own = {
            source.value: {name: parts.get(name, 0.0) for name in every}
            for source, parts in self.by_source.items()
        }
        return {EVERY_SOURCE: every} | own


def _require_whole(what: str, shares: list[float]) -> None:
    total = sum(shares)
    if abs(total - 1) > 0.001:
        raise ValueError(f"the shares of {what} add up to {total:g}, not to 1")


class Images(StrEnum):
    """Whether a release brings its images."""

    NONE = "none"
    STORED = "stored"
    """With faces, without metadata."""
    MASKED = "masked"
    """With every known head masked, without metadata."""


class ImageCoding(StrEnum):
    """How the images of a release are coded."""

    STORED = "stored"
    """As they are stored: JPEG stays JPEG, PNG stays PNG."""
    JPEG = "jpeg"
    PNG = "png"

    @property
    def suffix(self) -> str | None:
        """How files end; None where it depends on the stored file."""
        return {ImageCoding.JPEG: ".jpg", ImageCoding.PNG: ".png"}.get(self)


class Masks(StrEnum):
    """Where the infants' masks are."""

    ANNOTATIONS = "annotations"
    """As run lengths in the annotations."""
    FILES = "files"
    """There, and as PNG files beside."""


class Packaging(BaseModel):
    """What is written beside the annotations, and how."""

    model_config = ConfigDict(extra="forbid")

    images: Images = Images.MASKED
    masking: MaskingMethod = MaskingMethod.BLUR
    masking_cells: int = Field(DEFAULT_CELLS, ge=MIN_CELLS, le=MAX_CELLS)
    coding: ImageCoding = ImageCoding.STORED
    jpeg_quality: int = Field(95, ge=50, le=100)
    masks: Masks = Masks.ANNOTATIONS
    fits: bool = True
    cameras: bool = True
    provenance: bool = True
    pixels: PixelRule = COCO_JOINTS
    outside: OutsideJoints = OutsideJoints.KEEP

    def masking_rule(self) -> MaskingRule | None:
        """How heads are masked; None where they are not."""
        if self.images is not Images.MASKED:
            return None
        return MaskingRule(self.masking, self.masking_cells)


class PlaybackRule(BaseModel):
    """Whether frames that were accepted in playback go into the release.

    ``allowed``: as they are. ``sampled``: once a random sample of this share was checked frame by
    frame, and what was found wrong is corrected. ``refused``: not before each was looked at.
    """

    model_config = ConfigDict(extra="forbid")

    policy: PlaybackPolicy = PlaybackPolicy.SAMPLED
    share: Share = 0.05
    seed: int = Field(1, ge=0, lt=2**31)


class ReleaseSettings(BaseModel):
    """All that decides what a release holds."""

    model_config = ConfigDict(extra="forbid")

    selection: Selection = Field(default_factory=Selection)
    splitting: Splitting = Field(default_factory=Splitting)
    packaging: Packaging = Field(default_factory=Packaging)
    playback: PlaybackRule = Field(default_factory=PlaybackRule)
