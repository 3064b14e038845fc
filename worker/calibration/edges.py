"""Corners of dark quadrilaterals on a light ground, from straight lines through their edges.

A corner of a marker is an L: refined by itself it is drawn inwards by the blur and by the marker's
bits. Along the sides blur pulls both ways alike, so that lines through them meet where the corner
is.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from jaxtyping import Float, UInt8
from numpy.typing import NDArray

Array = NDArray[np.float64]

_ALONG: Final = np.linspace(0.14, 0.86, 15)
_STEP_PX: Final = 0.4
_SHOWN: Final = 0.75
"""Share of a side along which its edge must be seen."""


def meet_of_sides(
    gray: UInt8[NDArray[np.uint8], "h w"], quads: Float[Array, "n 4 2"], reach: float
) -> Float[Array, "n 4 2"]:
    """Corners once more, by lines through the sides; NaN where a side is not seen.

    Args:
        gray: The picture.
        quads: (n, 4, 2) pixels, each in order around the quadrilateral.
        reach: How far the ground is plain on both sides of an edge, as a share of a side.
    """
    out = quads.copy()
    if not len(quads):
        return out
    for _ in range(2):
        # A marker that is lost in the first round must not spoil the others in the second.
        there = np.isfinite(out).all(axis=(1, 2))
        if not there.any():
            break
        out[there] = _once(gray, out[there], reach)
        out[~there] = np.nan
    moved = np.linalg.norm(out - quads, axis=-1)
    side = np.linalg.norm(quads - np.roll(quads, -1, axis=1), axis=-1).min(axis=1)
    lost = ~np.isfinite(out).all(axis=(1, 2)) | (moved.max(axis=1) > np.maximum(2, 0.15 * side))
    out[lost] = np.nan
    return out


def _once(gray: NDArray[np.uint8], quads: Array, reach: float) -> Array:
    start, end = quads, np.roll(quads, -1, axis=1)
    along = end - start
    length = np.linalg.norm(along, axis=-1, keepdims=True)
    normal = np.stack((along[..., 1], -along[..., 0]), axis=-1) / length
    # Outwards: away from the middle.
    middle = quads.mean(axis=1, keepdims=True)
    outside = ((start + end) / 2 - middle) * normal
    normal *= np.sign(outside.sum(axis=-1, keepdims=True))
    half = float(np.clip(reach * np.median(length), 1.2, 6.0))
    offsets = np.arange(-half, half + 1e-9, _STEP_PX)
    on_side = start[:, :, None] + along[:, :, None] * _ALONG[:, None]
    at = on_side[..., None, :] + normal[:, :, None, None] * offsets[:, None]
    values = cv2.remap(
        gray, at[..., 0].reshape(-1, len(offsets)).astype(np.float32),
        at[..., 1].reshape(-1, len(offsets)).astype(np.float32), cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    ).reshape(at.shape[:-1]).astype(float)  # fmt: skip
    rise = np.maximum(np.diff(values, axis=-1), 0)
    top = rise.max(axis=-1, keepdims=True)
    rise = np.where(rise > 0.25 * top, rise, 0)
    total = rise.sum(axis=-1)
    middle_of_step = (offsets[:-1] + offsets[1:]) / 2
    place = (rise * middle_of_step).sum(axis=-1) / np.maximum(total, 1e-9)
    weight = np.where(top[..., 0] > 2.0, total, 0.0)
    # A line through the places: an offset and a slope along the side, robustly.
    t = _ALONG - 0.5
    for _ in range(3):
        s0, s1, s2 = (weight * 1).sum(-1), (weight * t).sum(-1), (weight * t * t).sum(-1)
        b0, b1 = (weight * place).sum(-1), (weight * t * place).sum(-1)
        det = s0 * s2 - s1 * s1
        offset, slope = (s2 * b0 - s1 * b1) / det, (s0 * b1 - s1 * b0) / det
        left = np.abs(place - offset[..., None] - slope[..., None] * t)
        weight = np.where(top[..., 0] > 2.0, total, 0.0) / (1 + np.square(left / 0.3))
    # A side of which a part is hidden, or that is not straight, is none.
    shown = ((left < 0.8) & (top[..., 0] > 2.0)).mean(axis=-1)
    offset = np.where(shown >= _SHOWN, offset, np.nan)
    first = start + normal * (offset - 0.5 * slope)[..., None]
    second = end + normal * (offset + 0.5 * slope)[..., None]
    return _meeting(np.roll(first, 1, axis=1), np.roll(second, 1, axis=1), first, second)


def _meeting(a: Array, b: Array, c: Array, d: Array) -> Array:
    """Where lines a–b and c–d meet."""
    u, v, w = b - a, d - c, c - a
    det = u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0]
    det = np.where(np.abs(det) > 1e-9, det, np.nan)
    share = (w[..., 0] * v[..., 1] - w[..., 1] * v[..., 0]) / det
    return np.asarray(a + share[..., None] * u)


def sharpness(gray: UInt8[NDArray[np.uint8], "h w"], corners: Float[Array, "n 2"]) -> float:
    """Steepest change across edges between corners, as a share of the board's contrast."""
    x0, y0 = np.maximum(np.floor(corners.min(axis=0)).astype(int), 0)
    x1, y1 = np.ceil(corners.max(axis=0)).astype(int) + 1
    part = gray[y0:y1, x0:x1]
    if part.size == 0:
        return 0.0
    contrast = float(np.percentile(part, 95) - np.percentile(part, 5)) or 1.0
    dx = cv2.Sobel(part, cv2.CV_32F, 1, 0, ksize=3)
    dy = cv2.Sobel(part, cv2.CV_32F, 0, 1, ksize=3)
    return float(np.percentile(np.hypot(dx, dy), 98)) / (4 * contrast)
