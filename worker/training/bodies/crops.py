"""The camera of a crop: a view that looks at the infant's middle.

Cutting a square out of a picture leaves its perspective behind: the same body looks different at
the border. Here the camera is turned instead (a homography, exact whatever the depth), so that its
axis goes through the middle of the box; distortion is taken out in the same step. Whatever is
learnt holds in this camera, and is turned back afterwards without loss. Turning about the axis and
mirroring are augmentations that the truth follows exactly.

Weak perspective in the crop (Kanazawa et al. 2018) is three numbers: a size s in half widths of the
crop per metre and a shift (x, y) in metres; the depth of the pelvis is then 2·f / (S·s).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.domain.cameras import Camera, assumed_camera
from backend.domain.errors import InvalidInput
from worker.training.material import Sample

Array = NDArray[np.float64]
Image = NDArray[np.uint8]

MARGIN: Final = 1.25
"""Side of the crop by the longer side of the box."""
_OPENCV: Final = 0.5
"""OpenCV's pixel 0 is ours at .5."""


@dataclass(frozen=True, eq=False)
class Crop:
    """A square view of one infant.

    Attributes:
        side: Of the square in pixels.
        focal: In pixels of the square.
        R: (3, 3) from the picture's camera to the crop's.
        mirrored: Whether x is turned round afterwards.
        camera: Of the picture, at the origin.
    """

    side: int
    focal: float
    R: Array
    mirrored: bool
    camera: Camera

    def cut(self, image: Image) -> Image:
        """(S, S, 3) of an image (H, W, 3)."""
        step = max(1, int(self.camera.K[0, 0] / self.focal))
        if step > 1:
            # Averaged first: a crop made smaller by interpolation alone would shimmer.
            height, width = (n // step for n in image.shape[:2])
            whole = image[: height * step, : width * step]
            small = cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA)
            image = np.asarray(small, np.uint8)
        at = (np.arange(self.side) + 0.5 - self.side / 2) / self.focal
        x, y = np.meshgrid(-at if self.mirrored else at, at)
        rays = np.stack([x, y, np.ones_like(x)], axis=-1) @ self.R
        # Rays that look backwards see nothing.
        found = np.nan_to_num(self.camera.project_local(rays), nan=-1e5) / step - _OPENCV
        maps = found.astype(np.float32)
        cut = cv2.remap(image, maps, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
        return np.ascontiguousarray(cut, np.uint8)

    def points(self, pixels: Array) -> Array:
        """(N, 2) pixels of the picture to pixels of the crop."""
        turned = _rays(pixels, self.camera) @ self.R.T
        found = turned[:, :2] / turned[:, 2:] * self.focal + self.side / 2
        if self.mirrored:
            found[:, 0] = self.side - found[:, 0]
        return np.asarray(found, float)

    def into(self, points: Array) -> Array:
        """(..., 3) points of the picture's camera to the crop's."""
        found = np.asarray(points) @ self.R.T
        return found * np.array([-1.0, 1, 1]) if self.mirrored else found

    def back(self, points: Array) -> Array:
        """(..., 3) points of the crop's camera to the picture's."""
        found = np.asarray(points, float)
        return np.asarray((found * np.array([-1.0, 1, 1]) if self.mirrored else found) @ self.R)


def crop_of(
    sample: Sample,
    side: int,
    *,
    roll: float = 0.0,
    zoom: float = 1.0,
    shift: tuple[float, float] = (0.0, 0.0),
    mirrored: bool = False,
) -> Crop:
    """The crop of a sample.

    Args:
        sample: Its box says where to look; without a calibrated camera one is assumed.
        side: Pixels of the crop.
        roll: Radians about the axis.
        zoom: Above 1 the infant is larger.
        shift: Of the middle, in shares of the box's longer side.
        mirrored: Left and right exchanged.

    Raises:
        InvalidInput: the sample has no box.
    """
    x, y, width, height = sample.box
    longer = max(width, height)
    if not longer > 0:
        raise InvalidInput(f"{sample.image.name} has no box around its infant.", fault="no box")
    camera = camera_of(sample)
    middle = np.array([x + width / 2, y + height / 2]) + longer * np.asarray(shift)
    corners = middle + longer * MARGIN / 2 / zoom * np.array(
        [[0, 0], [-1, 0], [1, 0], [0, -1], [0, 1]]
    )
    rays = _rays(corners, camera)
    R = _looking(rays[0], roll)
    turned = rays[1:] @ R.T
    # As far as the sides lie from the middle, however the crop is turned.
    reach = float(np.linalg.norm(turned[:, :2] / turned[:, 2:], axis=1).max())
    return Crop(side, side / 2 / reach, R, mirrored, camera)


def by_joints(sample: Sample) -> Sample:
    """A sample whose box is the rectangle around its labelled joints: all that is known of a body
    where there is no picture to look at."""
    placed = sample.joints[sample.joints[:, 2] > 0, :2]
    if not len(placed):
        return sample
    x, y = (float(v) for v in placed.min(axis=0))
    width, height = (float(v) for v in np.maximum(np.ptp(placed, axis=0), 1.0))
    return replace(sample, box=(x, y, width, height))


def camera_of(sample: Sample) -> Camera:
    """The camera of a sample, at the origin; an assumed one where it is not calibrated."""
    if sample.K is None:
        return assumed_camera("view", sample.width, sample.height)
    distortion = np.zeros(0) if sample.distortion is None else np.asarray(sample.distortion, float)
    return Camera(
        "view", sample.width, sample.height, sample.K, distortion, T_camera_world=np.eye(4)
    )


def _rays(pixels: Array, camera: Camera) -> Array:
    flat = np.asarray(camera.undistort(pixels))
    return np.column_stack([flat, np.ones(len(flat))])


def _looking(ray: Array, roll: float) -> Array:
    """(3, 3) smallest turn that brings a ray to the axis, then one about it."""
    x, y, z = (float(v) for v in ray)
    axis = np.array([y, -x, 0.0])
    sine = float(np.hypot(x, y))
    turned = np.eye(3)
    if sine > 1e-12:
        turned, _ = cv2.Rodrigues(axis / sine * np.arctan2(sine, z))
    about, _ = cv2.Rodrigues(np.array([0.0, 0.0, roll]))
    return np.asarray(about @ turned, float)
