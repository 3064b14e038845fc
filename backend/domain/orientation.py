"""The eight orientations of Exif: which way stored pixels must be turned to be seen upright.

Cameras store what their sensor saw and write beside it how to turn it. Some programs turn, some do
not, so labels of a turned photograph are in *stored* or in *upright* pixels, and both look sound.
Inside of the product everything is upright.

Sources: Exif 2.32 (CIPA DC-008), tag 0x0112 "Orientation"; TIFF 6.0, tag 274.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backend.domain.boxes import Box
from backend.domain.keypoints import Joint, Skeleton
from backend.domain.limits import MAX_SHAPE_DIFFERENCE
from backend.domain.masks import BoolMask

Size = tuple[int, int]
"""Width and height in pixels."""


class Orientation(IntEnum):
    """What must be done to stored pixels to see them upright, numbered as in Exif (tag 0x0112)."""

    UPRIGHT = 1
    FLIP_HORIZONTALLY = 2
    ROTATE_180 = 3
    FLIP_VERTICALLY = 4
    TRANSPOSE = 5
    ROTATE_90_CLOCKWISE = 6
    TRANSVERSE = 7
    ROTATE_90_COUNTERCLOCKWISE = 8

    @property
    def swaps_sides(self) -> bool:
        """Whether width and height change places."""
        return self >= Orientation.TRANSPOSE

    @property
    def mirrors(self) -> bool:
        """Whether the stored picture is a mirror image of what was to be seen."""
        return self in (2, 4, 5, 7)

    @property
    def degrees_clockwise(self) -> int:
        """The rotation without its mirroring: 0, 90, 180 or 270."""
        return {3: 180, 4: 180, 5: 90, 6: 90, 7: 270, 8: 270}.get(int(self), 0)

    def upright_size(self, stored: Size) -> Size:
        """Size of the upright image."""
        return (stored[1], stored[0]) if self.swaps_sides else stored


class LabelPixels(StrEnum):
    """Which pixels the labels of a photograph count."""

    STORED = "stored"
    """Those of the file, as if its Exif orientation were not there."""

    UPRIGHT = "upright"
    """Those that a viewer shows."""


def label_pixels(
    orientation: Orientation, stored: Size, said: Size | None, reach: tuple[float, float] | None
) -> LabelPixels | None:
    """What can be known of the pixels that an image's labels count.

    The size that an annotation file gives for the image tells it where width and height change
    places: only one of the two sizes fits. A square image, or one that is flipped or upside down,
    has the same size both ways. Nor is it believed where labels reach beyond the size that is said
    and would fit the other one.

    Args:
        orientation: Of the image.
        stored: Its size in the file, without turning.
        said: The size that the annotation file gives; None where it gives none.
        reach: The furthest x and y of its labels in the annotation file; None without labels.

    Returns:
        None where it cannot be known, or where the size that is said fits neither way.
    """
    if orientation is Orientation.UPRIGHT:
        return LabelPixels.UPRIGHT
    if not orientation.swaps_sides or stored[0] == stored[1] or said is None:
        return None
    upright = orientation.upright_size(stored)
    if said not in (stored, upright):
        return None
    other = upright if said == stored else stored
    if reach is not None and not _fits(reach, said) and _fits(reach, other):
        return None
    return LabelPixels.STORED if said == stored else LabelPixels.UPRIGHT


def size_as_stored_or_upright(orientation: Orientation, stored: Size, said: Size) -> Size | None:
    """Which of the two sizes of a turned image a reduced or enlarged size has the shape of.

    Returns:
        The stored or the upright size; None where the shape fits neither, or both.
    """

    def alike(size: Size) -> bool:
        return abs(said[0] * size[1] / (said[1] * size[0]) - 1) <= MAX_SHAPE_DIFFERENCE

    fitting = {size for size in (stored, orientation.upright_size(stored)) if alike(size)}
    return fitting.pop() if len(fitting) == 1 else None


def upright_points(
    points: ArrayLike, orientation: Orientation, stored: Size
) -> NDArray[np.float64]:
    """Continuous coordinates of stored pixels as coordinates of upright pixels.

    Args:
        points: (…, 2) x, y with the centre of the first pixel at 0.5.
        orientation: Of the image.
        stored: Size of the stored image.
    """
    points = np.asarray(points, dtype=np.float64)
    x, y = points[..., 0], points[..., 1]
    width, height = stored
    match orientation:
        case Orientation.FLIP_HORIZONTALLY:
            turned = (width - x, y)
        case Orientation.ROTATE_180:
            turned = (width - x, height - y)
        case Orientation.FLIP_VERTICALLY:
            turned = (x, height - y)
        case Orientation.TRANSPOSE:
            turned = (y, x)
        case Orientation.ROTATE_90_CLOCKWISE:
            turned = (height - y, x)
        case Orientation.TRANSVERSE:
            turned = (height - y, width - x)
        case Orientation.ROTATE_90_COUNTERCLOCKWISE:
            turned = (y, width - x)
        case _:
            turned = (x, y)
    return np.stack(turned, axis=-1)


def upright_skeleton(skeleton: Skeleton, orientation: Orientation, stored: Size) -> Skeleton:
    """A skeleton of stored pixels in upright pixels; names of joints stay, also in a mirror."""
    if orientation is Orientation.UPRIGHT:
        return skeleton
    places = upright_points([(j.x, j.y) for j in skeleton.joints], orientation, stored)
    return Skeleton(
        tuple(
            Joint(float(x), float(y), joint.visibility) if joint.present else joint
            for joint, (x, y) in zip(skeleton.joints, places, strict=True)
        )
    )


def upright_box(box: Box, orientation: Orientation, stored: Size) -> Box:
    """A box of stored pixels in upright pixels."""
    if orientation is Orientation.UPRIGHT:
        return box
    corners = upright_points(
        [(box.x, box.y), (box.x + box.width, box.y + box.height)], orientation, stored
    )
    (x0, y0), (x1, y1) = corners.min(axis=0), corners.max(axis=0)
    return Box(float(x0), float(y0), float(x1 - x0), float(y1 - y0))


def upright_mask(mask: BoolMask, orientation: Orientation) -> BoolMask:
    """A mask (height, width) of stored pixels in upright pixels."""
    match orientation:
        case Orientation.FLIP_HORIZONTALLY:
            return mask[:, ::-1]
        case Orientation.ROTATE_180:
            return mask[::-1, ::-1]
        case Orientation.FLIP_VERTICALLY:
            return mask[::-1]
        case Orientation.TRANSPOSE:
            return mask.T
        case Orientation.ROTATE_90_CLOCKWISE:
            return mask.T[:, ::-1]
        case Orientation.TRANSVERSE:
            return mask.T[::-1, ::-1]
        case Orientation.ROTATE_90_COUNTERCLOCKWISE:
            return mask.T[::-1]
        case _:
            return mask


def _fits(reach: tuple[float, float], size: Size) -> bool:
    return reach[0] <= size[0] and reach[1] <= size[1]
