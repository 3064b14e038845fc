"""Where the pixels of an image are counted from, and by which rule coordinates cross a border.

**Inside** of the product image coordinates are *continuous*: (0, 0) is the outer corner of the
top-left pixel, so that the centre of the first pixel lies at (0.5, 0.5), the pixel in column c and
row r covers x from c to c + 1 and y from r to r + 1, and an image of W × H pixels reaches from 0 to
W and from 0 to H. All that is stored, sent to the browser, drawn, projected or measured means this.

**Outside** many formats and programs give the *index* of a pixel instead: 0 is the centre of the
first one. Between the two lies half a pixel, which is more than a careful annotation's error. A
coordinate crosses a border by one of the rules of :class:`PixelRule` and in no other way:

==============================================  ===============  ===================================
border                                          rule             why
==============================================  ===============  ===================================
joints of COCO files, whole numbers             ``index``        COCO: "0-indexed" pixels; so read
                                                                 by detectron2 and mmpose
joints of COCO files made by this product       as declared      ``info.infantnet.pixels``; files
                                                                 from before had ``continuous``
COCO results, a list without images             ``index``        compared with COCO's joints
joints with decimals, tool unknown              ``continuous``,  what tools for drawing write (CVAT,
                                                said and can be  Label Studio, labelme); models
                                                chosen           write ``index``
joints of YOLO-pose                             ``continuous``,  shares of the image; ``index`` if
                                                or declared      all are whole pixels, as in sets
                                                                 that were made from COCO
joints of CVAT, Label Studio, labelme           ``continuous``   what tools for drawing write
joints of DeepLabCut                            ``index``        napari: centres are whole numbers
joints of SLEAP                                 ``index``        ``continuous`` before format 1.1
joints of MINI-RGBD                             ``index``        projected by OpenCV's intrinsics
joints in an export                             ``index`` or as  declared in the file
                                                imported
boxes and outlines in COCO files                ``continuous``   COCO's boxes and polygons are edges
                                                                 whatever its joints are
run lengths of masks                            none             they name pixels, no coordinates
joints of mmpose models (RTMO)                  ``index``        trained on COCO's joints
boxes of mmpose models                          ``continuous``   trained on COCO's boxes
points for SAM 2                                ``index``        of its input: it adds half a pixel
OpenCV: intrinsics, corners, projections        ``index``        centre of the first pixel at 0
calibration files of other programs             ``index``        they follow OpenCV
calibration files of this product               ``continuous``   declared in each file
renders, demo truth, body fits, synthesis       ``continuous``   made inside
==============================================  ===============  ===================================

Sources: cocodataset.org, "Data format" (keypoints and boxes "are 0-indexed"; ``maskApi.c`` for
polygons, in which pixel c covers c to c + 1); detectron2, ``data/detection_utils.py`` ("COCO
keypoint coordinates are integer indices: add 0.5 to convert to floating point coordinates");
OpenCV, "Camera Calibration and 3D Reconstruction"; SAM 2, ``prompt_encoder.py`` ("Shift to center
of pixel").
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backend.domain.keypoints import Joint, Skeleton, StoredSkeleton

PIXEL_CENTRE: Final = 0.5
"""Where the centre of the first pixel lies, in the product's continuous coordinates."""


class PixelRule(StrEnum):
    """What a coordinate outside of the product counts."""

    CONTINUOUS = "continuous"
    """The centre of the first pixel is at 0.5, as inside."""

    INDEX = "index"
    """The centre of the first pixel is at 0: whole numbers name pixels."""

    @property
    def shift(self) -> float:
        """What is added on the way in, and taken off on the way out, in pixels."""
        return PIXEL_CENTRE if self is PixelRule.INDEX else 0.0


COCO_JOINTS: Final = PixelRule.INDEX
"""Joints of COCO files whose numbers are whole, and of exports unless something else is asked."""

EDGES: Final = PixelRule.CONTINUOUS
"""Boxes and outlines, in COCO files and of models trained on them: they lie between pixels."""

MMPOSE_JOINTS: Final = PixelRule.INDEX
"""Joints that mmpose's models give: they learned from COCO's."""

SAM2_POINTS: Final = PixelRule.INDEX
"""Points for SAM 2, counted in pixels of its input: it adds the half pixel itself."""

OPENCV: Final = PixelRule.INDEX
"""Corners, projections and intrinsics of OpenCV, and camera files of programs that follow it."""


class RuleOrigin(StrEnum):
    """How the rule of a file came to be known."""

    DECLARED = "declared"
    """The file says so itself."""

    CHOSEN = "chosen"
    """The person who imported it said so."""

    WHOLE_NUMBERS = "whole_numbers"
    """Every joint has whole coordinates, as COCO's have."""

    RESULTS = "results"
    """A list of results, as models write it to be compared with COCO's joints."""

    FORMAT = "format"
    """The format counts so, whoever wrote the file."""

    ASSUMED = "assumed"
    """Nobody knows: coordinates with decimals in a file of an unknown tool."""


@dataclass(frozen=True, slots=True)
class KnownRule:
    """The rule by which a file's joints are read, and how it came to be known."""

    rule: PixelRule
    origin: RuleOrigin


def rule_of_file(
    *,
    declared: PixelRule | None,
    chosen: PixelRule | None,
    whole_numbers: bool,
    results: bool = False,
) -> KnownRule:
    """The rule of a file's joints: as chosen, as declared, by its numbers, or else assumed.

    Args:
        declared: What the file says of itself.
        chosen: What the person who imports it says.
        whole_numbers: Whether every joint that is present has whole coordinates.
        results: Whether the file is a list of results.

    Returns:
        The rule. Where its origin is ``ASSUMED`` the person must be told.
    """
    if chosen is not None:
        return KnownRule(chosen, RuleOrigin.CHOSEN)
    if declared is not None:
        return KnownRule(declared, RuleOrigin.DECLARED)
    if results:
        return KnownRule(COCO_JOINTS, RuleOrigin.RESULTS)
    if whole_numbers:
        return KnownRule(PixelRule.INDEX, RuleOrigin.WHOLE_NUMBERS)
    return KnownRule(PixelRule.CONTINUOUS, RuleOrigin.ASSUMED)


def to_inside(points: ArrayLike, rule: PixelRule) -> NDArray[np.float64]:
    """Coordinates (…, 2) from outside, as they are meant inside."""
    return np.asarray(points, dtype=np.float64) + rule.shift


def to_outside(points: ArrayLike, rule: PixelRule) -> NDArray[np.float64]:
    """Coordinates (…, 2) from inside, as they are meant outside."""
    return np.asarray(points, dtype=np.float64) - rule.shift


def skeleton_to_inside(skeleton: Skeleton, rule: PixelRule) -> Skeleton:
    """A skeleton from outside; absent joints stay at (0, 0)."""
    return _shifted(skeleton, rule.shift)


def skeleton_to_outside(skeleton: Skeleton, rule: PixelRule) -> Skeleton:
    """A skeleton for outside; absent joints stay at (0, 0)."""
    return _shifted(skeleton, -rule.shift)


def intrinsics_to_inside(K: ArrayLike, rule: PixelRule) -> NDArray[np.float64]:
    """An intrinsic matrix (3, 3) from outside: its principal point moves, all else stays."""
    shifted = np.array(K, dtype=np.float64)
    shifted[:2, 2] += rule.shift
    return shifted


def intrinsics_to_outside(K: ArrayLike, rule: PixelRule) -> NDArray[np.float64]:
    """An intrinsic matrix (3, 3) for outside: its principal point moves, all else stays."""
    shifted = np.array(K, dtype=np.float64)
    shifted[:2, 2] -= rule.shift
    return shifted


def is_inside(x: float, y: float, width: float, height: float) -> bool:
    """Whether a point lies in an image of the given size, its border included."""
    return 0 <= x <= width and 0 <= y <= height


class OutsideJoints(StrEnum):
    """What becomes of joints that are placed beyond the border of their image.

    People place joints inside, and a model's guess beyond the border is taken for "not present".
    What an annotation file says stays as it was placed, is counted, and leaves again as it came,
    unless an export is asked to leave such joints out.
    """

    KEEP = "keep"
    DROP = "drop"


def joints_outside(skeleton: Skeleton, width: int, height: int) -> tuple[int, ...]:
    """Indices of the joints that are placed beyond the border of their image."""
    if isinstance(skeleton, StoredSkeleton):
        values = np.asarray(skeleton.values, dtype=np.float64)
        # Absent joints are at (0, 0).
        across, down, _ = values.reshape(-1, 3).max(axis=0).tolist()
        if across <= width and down <= height and values.min() >= 0:
            return ()
    return tuple(
        i
        for i, joint in enumerate(skeleton.joints)
        if joint.present and not is_inside(joint.x, joint.y, width, height)
    )


def _shifted(skeleton: Skeleton, shift: float) -> Skeleton:
    if not shift:
        return skeleton
    return Skeleton(
        tuple(
            Joint(joint.x + shift, joint.y + shift, joint.visibility) if joint.present else joint
            for joint in skeleton.joints
        )
    )
