"""Who is in an image, as far as masking faces needs to know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backend.domain.boxes import Box
from backend.domain.errors import InvalidInput
from backend.domain.estimates import PoseEstimate
from backend.domain.keypoints import Skeleton
from backend.domain.limits import LOW_SCORE
from backend.domain.masks import Rle
from backend.domain.privacy.heads import PersonKind
from backend.domain.privacy.regions import FAR
from backend.domain.skeleton import N_JOINTS

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FittedHead:
    """The head of a fitted body, seen by the image's camera.

    Attributes:
        points: (n, 2) pixels, n ≥ 1: projected vertices of the head, or its middle alone.
        radius: Pixels around each point that belong to the head as well; 0 for vertices.
    """

    points: Array
    radius: float = 0.0

    def __post_init__(self) -> None:
        if (
            self.points.ndim != 2
            or self.points.shape[1:] != (2,)
            or not len(self.points)
            or not np.isfinite(self.points).all()
        ):
            raise InvalidInput("A fitted head needs points of two finite numbers.")
        if not (np.isfinite(self.radius) and self.radius >= 0):
            raise InvalidInput("The radius of a fitted head must be 0 or more.")
        if len(self.points) < 3 and self.radius == 0:
            raise InvalidInput("A fitted head needs a radius or at least three vertices.")


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """One person in one image; coordinates are continuous image pixels.

    Attributes:
        name: For reports: ``infant``, ``other person 2``.
        kind: Whose proportions.
        points: (17, 2), NaN where a joint is not placed.
        sure: (17,) whether a joint's place is relied upon: all that people placed, and those of a
            model whose score is not low. The others are covered as well, but measure nothing.
        unreadable: Joints that are said to be there, without a place that is a number.
        box: The person's box, if known.
        mask: The person's mask, if known; its size is the image's.
        head: The head of the fitted body, if there is one.
        beside: Whether the person was found in the frame before or after only.
    """

    name: str
    kind: PersonKind
    points: Array
    sure: NDArray[np.bool_]
    unreadable: int = 0
    box: Box | None = None
    mask: Rle | None = None
    head: FittedHead | None = None
    beside: bool = False

    def __post_init__(self) -> None:
        if self.points.shape != (N_JOINTS, 2) or self.sure.shape != (N_JOINTS,):
            raise InvalidInput(f"{self.name}: a person has {N_JOINTS} joints.", person=self.name)
        object.__setattr__(self, "points", np.clip(self.points, -FAR, FAR))

    @classmethod
    def labelled(
        cls,
        skeleton: Skeleton | None,
        *,
        name: str = "infant",
        kind: PersonKind = PersonKind.INFANT,
        box: Box | None = None,
        mask: Rle | None = None,
        head: FittedHead | None = None,
    ) -> Self:
        """A person whose joints people placed; visible and occluded ones count alike."""
        points = np.full((N_JOINTS, 2), np.nan)
        for index, joint in enumerate(skeleton.joints if skeleton is not None else ()):
            if joint.present:
                points[index] = joint.x, joint.y
        return cls(name, kind, points, np.isfinite(points[:, 0]), 0, box, mask, head)

    @classmethod
    def scored(
        cls,
        keypoints: ArrayLike,
        scores: ArrayLike,
        *,
        name: str,
        kind: PersonKind = PersonKind.UNKNOWN,
        box: Box | None = None,
        mask: Rle | None = None,
        head: FittedHead | None = None,
    ) -> Self:
        """A person whom a model found; every joint with a score above 0 counts.

        A joint that is no number does not disappear: the person is reported as doubtful.

        Args:
            keypoints: (17, 2) pixels.
            scores: (17,), a score that is no number counts as 1.
            name: For reports.
            kind: Whose proportions.
            box: The model's box.
            mask: A mask, if there is one.
            head: The head of the fitted body, if there is one.

        Raises:
            InvalidInput: not 17 joints.
        """
        points = np.array(keypoints, dtype=np.float64)
        known = np.nan_to_num(np.array(scores, dtype=np.float64), nan=1.0)
        if points.shape != (N_JOINTS, 2) or known.shape != (N_JOINTS,):
            raise InvalidInput(f"{name}: a person has {N_JOINTS} joints.", person=name)
        readable = np.isfinite(points).all(axis=1)
        placed = (known > 0) & readable
        points[~placed] = np.nan
        unreadable = int(((known > 0) & ~readable).sum())
        return cls(name, kind, points, placed & (known >= LOW_SCORE), unreadable, box, mask, head)

    @classmethod
    def estimated(
        cls, estimate: PoseEstimate, *, name: str, kind: PersonKind = PersonKind.UNKNOWN
    ) -> Self:
        """A candidate of a pose model; a box that is none is left out."""
        x, y, width, height = estimate.box
        usable = bool(np.isfinite(estimate.box).all()) and width > 0 and height > 0
        box = Box(x, y, width, height) if usable else None
        return cls.scored(estimate.keypoints, estimate.scores, name=name, kind=kind, box=box)
