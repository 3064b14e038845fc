"""Lenses of camera files that cannot be, or hardly: numbers of another unit, size or order.

A file that is read without a word is believed. What no camera has is refused by name; what few
cameras have is said, since a cropped or shifted picture may be meant.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from backend.domain.cameras import Camera, Lens
from worker.calibration.texts import broken

_LEAST_FOCAL, _MOST_FOCAL = 0.15, 60.0
"""Focal length as a share of the picture's longer side: 147° across, and the longest lenses."""
_UNEQUAL: Final = (1.02, 1.5)
"""fx against fy: said, refused. Pixels are square; anamorphic video reaches 1.46."""
_OFF_CENTRE: Final = 0.2
"""Principal point from the middle, as a share of the side."""
_FOLDS_PX: Final = 1.0


def doubts(camera: Camera, file: str) -> list[str]:
    """What is odd about a lens.

    Args:
        camera: From a file.
        file: What to call it.

    Raises:
        InvalidInput: no lens is so.
    """
    where = f"camera {camera.name}: "
    width, height = camera.width, camera.height
    fx, fy = float(camera.K[0, 0]), float(camera.K[1, 1])
    of_side = fx / max(width, height)
    least = _LEAST_FOCAL / 2 if camera.lens is Lens.FISHEYE else _LEAST_FOCAL
    if not least < of_side < _MOST_FOCAL:
        raise broken(
            file,
            f"{where}a focal length of {fx:.4g} px does not fit pictures of {width}×{height}; is it"
            " in another unit, such as millimetres or shares of the picture, or the image size of"
            " other pictures?",
        )
    unequal = max(fx / fy, fy / fx)
    if unequal > _UNEQUAL[1]:
        raise broken(
            file, f"{where}its focal lengths of {fx:.4g} and {fy:.4g} px contradict each other"
        )
    centre = np.array([camera.K[0, 2] / width, camera.K[1, 2] / height])
    if ((centre < 0) | (centre > 1)).any():
        raise broken(
            file,
            f"{where}the centre of its lens, {camera.K[0, 2]:.0f}, {camera.K[1, 2]:.0f}, lies"
            f" outside of its pictures of {width}×{height}; is the image size that of the"
            " calibration?",
        )
    out = []
    if unequal > _UNEQUAL[0]:
        out.append(
            f"{camera.name}: the focal lengths {fx:.1f} and {fy:.1f} px differ, as if its pixels"
            " were not square."
        )
    if (np.abs(centre - 0.5) > _OFF_CENTRE).any():
        out.append(
            f"{camera.name}: the centre of the lens lies at {camera.K[0, 2]:.0f},"
            f" {camera.K[1, 2]:.0f}, far from the middle of {width}×{height}: is that the image"
            " size that it was calibrated with?"
        )
    if _folds(camera):
        out.append(
            f"{camera.name}: its distortion folds the picture over before its edge; are the"
            " coefficients of another lens model, or in another order?"
        )
    return out


def _folds(camera: Camera) -> bool:
    """Whether places near the edge of the picture belong to no direction, or to several."""
    share = np.linspace(0.02, 0.98, 9)
    edge = np.stack(np.meshgrid(share, share), axis=-1).reshape(-1, 2)
    pixels = edge * (camera.width, camera.height)
    xy = camera.undistort(pixels)
    again = camera.distort(xy) @ camera.K[:2, :2].T + camera.K[:2, 2]
    if not np.linalg.norm(again - pixels, axis=1).max() < _FOLDS_PX:
        return True
    if camera.lens is Lens.FISHEYE:
        return False
    # Along each ray from the centre the bent radius must rise.
    radius = np.linspace(0, 1, 40)[:, None, None] * xy
    bent = np.linalg.norm(camera.distort(radius), axis=-1)
    return bool((np.diff(bent, axis=0) < -1e-9).any())
