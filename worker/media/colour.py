"""From decoded samples to red, green and blue, as the video says how it was coded.

Matrix and range are those that the video names (ITU-T H.273); what names none is taken as
``backend.domain.videos.untagged_matrix`` says, and as of limited range, grey as of full range. High
dynamic range (PQ and HLG, Rec. ITU-R BT.2100) is mapped to what a screen shows: highlights are
rolled off as in Rep. ITU-R BT.2390. Codings that cannot be read give grey pictures, their luma.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from av import VideoFrame
from av.video.reformatter import Colorspace
from numpy.typing import NDArray

from backend.domain.videos import Matrix, untagged_matrix
from worker.media.pixels import BgrImage

_UNSPECIFIED: Final = (0, 2)
_MATRICES: Final = {
    1: Colorspace.ITU709,
    4: Colorspace.FCC,
    5: Colorspace.ITU601,
    6: Colorspace.ITU601,
    7: Colorspace.SMPTE240M,
    9: Colorspace.BT2020,
}
_UNTAGGED: Final = {Matrix.BT601: Colorspace.ITU601, Matrix.BT709: Colorspace.ITU709}
_PQ: Final = 16
_HLG: Final = 18
_BT2020_PRIMARIES: Final = 9
_LIMITED: Final = 1

_WHITE_NITS: Final = 203.0
"""Reference white of high dynamic range (Rep. ITU-R BT.2408)."""
_PEAK_NITS: Final = 1000.0
_KNEE: Final = 0.6
"""Of reference white: what is darker stays as it is."""
_DISPLAY_GAMMA: Final = 2.4
_CODES: Final = 4096
# Rec. ITU-R BT.2087, linear BT.2020 to BT.709, for channels in the order of BGR.
_TO_709: Final = np.array(
    [[1.1187, -0.1006, -0.0182], [-0.0083, 1.1329, -0.1246], [-0.0728, -0.5876, 1.6605]],
    np.float32,
)
_LUMA_2020: Final = np.array([[0.0593, 0.6780, 0.2627]], np.float32)


def high_dynamic_range(frame: VideoFrame) -> str | None:
    """``PQ`` or ``HLG`` where the picture is of high dynamic range, else None."""
    return {_PQ: "PQ", _HLG: "HLG"}.get(frame.color_trc)


def unreadable_matrix(frame: VideoFrame) -> int | None:
    """The number (ITU-T H.273, table 4) of a coding of colour that cannot be read, or None."""
    known = frame.colorspace in _MATRICES or frame.colorspace in _UNSPECIFIED
    return None if known or frame.format.is_rgb else frame.colorspace


def to_bgr(frame: VideoFrame, lines: int) -> BgrImage:
    """Pixels of a decoded picture as stored: neither turned nor stretched.

    Args:
        frame: The picture, or one field of it.
        lines: Stored lines of the whole picture.
    """
    if _is_grey(frame) or unreadable_matrix(frame) is not None:
        return _grey(frame)
    matrix = _MATRICES.get(frame.colorspace, _UNTAGGED[untagged_matrix(lines)])
    if high_dynamic_range(frame):
        return _mapped(frame, matrix)
    image = frame.to_ndarray(format="bgr24", src_colorspace=int(matrix))
    return np.asarray(image, dtype=np.uint8)


def _is_grey(frame: VideoFrame) -> bool:
    return len(frame.format.components) <= 2 and frame.format.name.startswith(("gray", "ya"))


def _grey(frame: VideoFrame) -> BgrImage:
    """The luma alone."""
    if not _is_grey(frame):
        luma = frame.to_ndarray(format="gray", src_colorspace=int(Colorspace.ITU709))
        return np.asarray(cv2.cvtColor(luma, cv2.COLOR_GRAY2BGR), dtype=np.uint8)
    # Conversion takes all grey pictures as of full range, and so do those that name none.
    luma = frame.to_ndarray(format="gray")
    shown = cv2.LUT(luma, _limited_to_full()) if frame.color_range == _LIMITED else luma
    return np.asarray(cv2.cvtColor(shown, cv2.COLOR_GRAY2BGR), dtype=np.uint8)


@lru_cache(maxsize=1)
def _limited_to_full() -> NDArray[np.uint8]:
    return np.clip(np.round((np.arange(256) - 16) * 255 / 219), 0, 255).astype(np.uint8)


def _mapped(frame: VideoFrame, matrix: Colorspace) -> BgrImage:
    """High dynamic range as a screen without it shows it."""
    wide = frame.to_ndarray(format="bgr48le", src_colorspace=int(matrix))
    codes = np.asarray(wide, np.uint16) >> 4
    to_light, gain = _light_and_gain(frame.color_trc)
    light = to_light[codes]
    if frame.color_trc == _HLG:  # the system's gamma, for a screen of 1,000 nits (BT.2100, table 5)
        scene = np.maximum(cv2.transform(light, _LUMA_2020), 1e-6)
        light *= (cv2.pow(scene, 0.2) * (_PEAK_NITS / _WHITE_NITS))[..., None]
    brightest = light.max(axis=2)
    place = np.minimum(brightest * (_CODES / gain[1]), _CODES - 1).astype(np.uint16)
    light *= gain[0][place][..., None]
    if frame.color_primaries in (_BT2020_PRIMARIES, 2):
        light = cv2.transform(light, _TO_709)
    shown = np.clip(light * (_CODES - 1), 0, _CODES - 1).astype(np.uint16)
    return np.asarray(_to_screen()[shown], dtype=np.uint8)


@lru_cache(maxsize=2)
def _light_and_gain(
    transfer: int,
) -> tuple[NDArray[np.float32], tuple[NDArray[np.float32], float]]:
    """Light of each code; factor by which light of each brightness is dimmed, and the brightest.

    Light is 1 at reference white; for HLG it is that of the scene, 1 at the brightest.
    """
    code = np.arange(_CODES) / (_CODES - 1)
    if transfer == _PQ:  # SMPTE ST 2084
        m1, m2 = 2610 / 16384, 2523 / 4096 * 128
        c1, c2, c3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
        power = code ** (1 / m2)
        light = 10_000 / _WHITE_NITS * (np.maximum(power - c1, 0) / (c2 - c3 * power)) ** (1 / m1)
    else:  # ARIB STD-B67
        a, b, c = 0.17883277, 0.28466892, 0.55991073
        light = np.where(code <= 0.5, code**2 / 3, (np.exp((code - c) / a) + b) / 12)
    peak = _PEAK_NITS / _WHITE_NITS
    bright = np.arange(_CODES) / _CODES * peak
    # A curve that leaves the knee with slope 1 and comes to 1 at the peak, level: t·(2 - t) scaled.
    over = np.clip((bright - _KNEE) / (peak - _KNEE), 0, 1)
    rise = (peak - _KNEE) / (1 - _KNEE)
    rolled = _KNEE + (1 - _KNEE) * (1 - (1 - over) ** rise)
    gain = np.where(bright > _KNEE, rolled / np.maximum(bright, 1e-6), 1.0)
    return light.astype(np.float32), (gain.astype(np.float32), peak)


@lru_cache(maxsize=1)
def _to_screen() -> NDArray[np.uint8]:
    """Levels that a screen shows as so much light (the inverse of Rec. ITU-R BT.1886)."""
    light = np.arange(_CODES) / (_CODES - 1)
    return np.round(255 * light ** (1 / _DISPLAY_GAMMA)).astype(np.uint8)
