"""Measures of a frame that help to filter: sharpness, exposure, near-duplicate hash.

All are taken on the luma of the image reduced to a longest side of 640 px, so that numbers of
different recordings can be compared, and so that sensor noise does not count as detail.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from backend.domain.quality import BLACK_LUMA, STANDARD_SIDE, WHITE_LUMA
from worker.media.pixels import BgrImage, shrink


@dataclass(frozen=True, slots=True)
class FrameQuality:
    """Quality measures of one frame.

    Attributes:
        sharpness: Variance of the Laplacian of the luma (kernel 0 1 0 / 1 -4 1 / 0 1 0), in squared
            grey levels. Low is blurred; what is low depends on the scene, so compare within one
            recording. Source: Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy",
            ICPR 2000.
        mean_luma: Mean luma, 0 (black) to 255 (white), Rec. 601 weights.
        dark_share: Share of pixels with luma ≤ 5, in [0, 1].
        bright_share: Share of pixels with luma ≥ 250, in [0, 1].
        difference_hash: 64 bits as an integer in [0, 2**64): whether each of 8×8 cells is darker
            than its right neighbour, row by row, the first in the highest bit. Source: N. Krawetz,
            "Kind of Like That", hackerfactor.com, 2013 (dHash).
    """

    sharpness: float
    mean_luma: float
    dark_share: float
    bright_share: float
    difference_hash: int


def measure(image: BgrImage) -> FrameQuality:
    """Measure one image of shape (height, width, 3), BGR, uint8."""
    small = shrink(image, STANDARD_SIDE)
    luma = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
    laplacian = cv2.Laplacian(luma, cv2.CV_16S, ksize=1)
    _, deviation = cv2.meanStdDev(laplacian)
    histogram = np.bincount(luma.ravel(), minlength=256)
    cells = cv2.resize(luma, (9, 8), interpolation=cv2.INTER_AREA)
    bits = np.packbits(cells[:, :-1] < cells[:, 1:])
    return FrameQuality(
        sharpness=float(deviation[0, 0]) ** 2,
        mean_luma=float(histogram @ np.arange(256)) / luma.size,
        dark_share=float(histogram[: BLACK_LUMA + 1].sum()) / luma.size,
        bright_share=float(histogram[WHITE_LUMA:].sum()) / luma.size,
        difference_hash=int.from_bytes(bits.tobytes(), "big"),
    )


def as_signed(difference_hash: int) -> int:
    """The same 64 bits as a signed integer, for a database's ``bigint``."""
    return difference_hash - 2**64 if difference_hash >= 2**63 else difference_hash


def from_signed(value: int) -> int:
    """The inverse of ``as_signed``."""
    return value % 2**64
