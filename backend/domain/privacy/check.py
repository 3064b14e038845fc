"""What must hold of a masked frame, looked at apart from how its regions came about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backend.domain.masks import BoolMask
from backend.domain.pixels import is_inside
from backend.domain.privacy.faces import GROUNDS, Doubt, Ground, HeadRegion
from backend.domain.privacy.people import Person
from backend.domain.skeleton import FACE, label


@dataclass(frozen=True, slots=True)
class OpenFace:
    """A joint of a face that no mask covers.

    Attributes:
        person: Whose.
        joint: Its name.
        x: Image pixels.
        y: Image pixels.
    """

    person: str
    joint: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class FrameCheck:
    """What was found in one frame.

    Attributes:
        open_faces: Joints of faces outside of all masked pixels: the frame must not be released.
        unmasked: People without a region: the frame must not be released.
        weakest: The weakest ground of a region; None where nobody is in the frame.
        doubts: Of all regions, each once.
        share: Of the image that is masked.
    """

    open_faces: tuple[OpenFace, ...]
    unmasked: tuple[str, ...]
    weakest: Ground | None
    doubts: tuple[Doubt, ...]
    share: float

    @property
    def passed(self) -> bool:
        """Whether everybody is masked, as far as the labels know of people."""
        return not self.open_faces and not self.unmasked

    @property
    def uncertain(self) -> bool:
        """Whether a person should look at it: somebody may be masked in the wrong place."""
        weak = self.weakest is not None and self.weakest not in (
            Ground.FACE_JOINTS,
            Ground.FITTED_HEAD,
        )
        return weak or bool(self.doubts) or not self.passed


def check_frame(
    people: Sequence[Person], regions: Sequence[HeadRegion], covered: BoolMask
) -> FrameCheck:
    """Hold a frame's masked pixels against the people in it.

    Joints are looked up in the pixels that were masked, not in the regions; those beyond the image
    show nothing. Sure or not, any joint of a face counts.

    Args:
        people: Everybody in the frame, adults included.
        regions: What was masked for whom.
        covered: (height, width) bool, the pixels that were masked.
    """
    height, width = covered.shape
    open_faces = []
    for person in people:
        for joint in FACE:
            x, y = (float(v) for v in person.points[joint])
            if not (np.isfinite(x) and np.isfinite(y)) or not is_inside(x, y, width, height):
                continue
            if not covered[min(int(y), height - 1), min(int(x), width - 1)]:
                open_faces.append(OpenFace(person.name, label(joint), x, y))
    # By name and number: two people of one name need two regions.
    left = Counter(person.name for person in people)
    left.subtract(region.person for region in regions)
    grounds = [region.ground for region in regions]
    return FrameCheck(
        tuple(open_faces),
        tuple(sorted(left.elements())),
        max(grounds, key=GROUNDS.index) if grounds else None,
        tuple(sorted({doubt for region in regions for doubt in region.doubts})),
        float(covered.mean()) if covered.size else 0.0,
    )
