"""Rules of what a video shows: the damage of its pictures, the shape and colours of its pixels."""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction
from typing import Final

MAX_PIXEL_ASPECT: Final = 4
"""Pixels longer than this many times their other side are a mistake in the file."""
HD_LINES: Final = 720


class Damage(StrEnum):
    """What is wrong with a picture that was decoded.

    A picture is broken where the decoder met faults in it and filled them in, where the container
    lost a part of it, or where it holds bytes that no encoder writes. A picture that is built on a
    broken or a missing one shows its faults too: in order of storage these are all up to the next
    picture at which decoding can begin. A broken picture on which no other is built spoils itself
    alone. Where the first picture at which decoding can begin is missing, what follows it up to the
    next such picture does not count as decoded.

    H.264 and MPEG-4 show most faults. H.265, VP8, VP9 and AV1 have no redundancy: a decoder cannot
    tell a wrong bit from a right one, and the file does not say.
    """

    BROKEN = "broken"
    INHERITED = "inherited"


class Matrix(StrEnum):
    """By which formula luma and chroma were made from red, green and blue."""

    BT601 = "bt601"
    BT709 = "bt709"
    BT2020 = "bt2020"


def untagged_matrix(lines: int) -> Matrix:
    """The matrix of a video that names none: Rec. 709 from 720 stored lines on, else Rec. 601.

    That is what players and browsers take (Chromium, ``media/ffmpeg/ffmpeg_common.cc``).
    """
    return Matrix.BT709 if lines >= HD_LINES else Matrix.BT601


def pixel_aspect(stated: Fraction | None) -> Fraction:
    """Width of a stored pixel by its height, from what a file states: 1 where that is no shape."""
    if stated is None or not Fraction(1, MAX_PIXEL_ASPECT) <= stated <= MAX_PIXEL_ASPECT:
        return Fraction(1)
    return stated


def square_size(width: int, height: int, aspect: Fraction) -> tuple[int, int]:
    """Size of a picture of stored pixels once its pixels are square.

    The long side of the pixels is the one that is stretched, so that no detail is lost: pixels
    wider than high make the picture wider, pixels higher than wide make it higher. Joints, boxes
    and calibrations are all in these square pixels.

    Args:
        width: Stored pixels in a line.
        height: Stored lines.
        aspect: Width of a pixel by its height.
    """
    if aspect >= 1:
        return max(1, round(width * aspect)), height
    return width, max(1, round(height / aspect))


def shape_in_words(aspect: Fraction) -> str | None:
    """A shape of pixels such as ``4:3``; None for square ones."""
    return None if aspect == 1 else f"{aspect.numerator}:{aspect.denominator}"
