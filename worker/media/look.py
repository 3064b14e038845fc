"""Decoded pictures as people see them: of one instant, in colour, with square pixels, upright."""

from __future__ import annotations

import math
import struct
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, cast

import cv2
import numpy as np
from av import VideoFrame, VideoStream
from av.container import InputContainer
from av.filter import Graph
from av.sidedata.sidedata import SideData
from av.sidedata.sidedata import Type as SideDataType

from backend.domain.orientation import Orientation
from backend.domain.videos import pixel_aspect, square_size
from worker.media.colour import to_bgr
from worker.media.fields import fill_lines, one_instant, shows_two_instants
from worker.media.pixels import BgrImage, upright

_STRAIGHT_DEGREES: Final = 0.5
_STATES_ASPECT: Final = frozenset(("mov", "matroska", "webm", "mxf", "asf"))
"""Containers whose own word on the shape of pixels goes for the whole track."""
_ASPECT_STEPS: Final = 5040
"""Widths by which a filter tells the shape of a pixel; divisible by all that are usual."""

_TURNS: Final = {
    (1, 0, 0, 1): Orientation.UPRIGHT,
    (-1, 0, 0, 1): Orientation.FLIP_HORIZONTALLY,
    (-1, 0, 0, -1): Orientation.ROTATE_180,
    (1, 0, 0, -1): Orientation.FLIP_VERTICALLY,
    (0, 1, 1, 0): Orientation.TRANSPOSE,
    (0, 1, -1, 0): Orientation.ROTATE_90_CLOCKWISE,
    (0, -1, -1, 0): Orientation.TRANSVERSE,
    (0, -1, 1, 0): Orientation.ROTATE_90_COUNTERCLOCKWISE,
}


@dataclass(frozen=True, slots=True)
class Seen:
    """A picture as seen.

    Attributes:
        image: Shape (height, width, 3), BGR.
        by_field: Whether it was made from one of its two fields.
        marked: Whether the file marks it as interlaced.
    """

    image: BgrImage
    by_field: bool
    marked: bool


class Look:
    """How the pictures of one track are to be seen."""

    def __init__(self, container: InputContainer, stream: VideoStream) -> None:
        formats = set(container.format.name.split(","))
        self.stated = stream.sample_aspect_ratio or None
        """Width of a stored pixel by its height, the container's word before the codec's."""
        self.aspect = pixel_aspect(self.stated)
        self._coded = stream.codec_context.sample_aspect_ratio or None
        self._follows_codec = not formats & _STATES_ASPECT
        self._varies = False

    def notice(self, stream: VideoStream) -> None:
        """Look at the codec's shape of pixels after a picture has been decoded.

        It may be that of a picture to come: once it has changed, each picture is asked for its own.
        """
        coded = stream.codec_context.sample_aspect_ratio or None
        if self._follows_codec and coded != self._coded:
            self._varies = True

    def aspect_of(self, frame: VideoFrame) -> Fraction:
        """Width of a picture's stored pixels by their height."""
        return pixel_aspect(_own_aspect(frame)) if self._varies else self.aspect

    def size(self, frame: VideoFrame) -> tuple[int, int]:
        """Width and height of a picture as seen."""
        width, height = square_size(frame.width, frame.height, self.aspect_of(frame))
        return (height, width) if frame_orientation(frame).swaps_sides else (width, height)

    def see(self, frame: VideoFrame) -> Seen:
        """The picture of one instant, with square pixels, upright."""
        aspect, by_field = self.aspect_of(frame), shows_two_instants(frame)
        if by_field:
            field, first_line = one_instant(frame)
            image = to_bgr(field, frame.height)
            image = fill_lines(image, first_line, frame.height)
        else:
            image = to_bgr(frame, frame.height)
        size = square_size(frame.width, frame.height, aspect)
        if size != (frame.width, frame.height):
            resized = cv2.resize(image, size, interpolation=cv2.INTER_CUBIC)
            image = np.asarray(resized, dtype=np.uint8)
        return Seen(upright(image, frame_orientation(frame)), by_field, frame.interlaced_frame)


def frame_orientation(frame: VideoFrame) -> Orientation:
    """How a picture must be turned, from its display matrix (ISO/IEC 14496-12, 6.2.2).

    Of a turn that is no multiple of 90 degrees, the nearest multiple.
    """
    matrix = _display_matrix(frame)
    if matrix is None:
        return Orientation.UPRIGHT
    a, b, c, d = matrix
    if abs(a) + abs(d) >= abs(b) + abs(c):
        key = (int(math.copysign(1, a)), 0, 0, int(math.copysign(1, d)))
    else:
        key = (0, int(math.copysign(1, b)), int(math.copysign(1, c)), 0)
    return _TURNS[key]


def tilt_of(frame: VideoFrame) -> float:
    """Degrees by which a picture's stated turn is off a multiple of 90."""
    matrix = _display_matrix(frame)
    if matrix is None:
        return 0.0
    angle = math.degrees(math.atan2(matrix[1], matrix[0]))
    off = abs((angle + 45) % 90 - 45)
    return off if off > _STRAIGHT_DEGREES else 0.0


def _display_matrix(frame: VideoFrame) -> tuple[int, int, int, int] | None:
    for data in cast(Iterable[SideData], frame.side_data):  # typed as if it gave names
        if data.type == SideDataType.DISPLAYMATRIX:
            a, b, _, c, d = struct.unpack_from("=5i", bytes(data))
            return (a, b, c, d) if any((a, b, c, d)) else None
    return None


class _Graphs(threading.local):
    def __init__(self) -> None:
        self.graph: Graph | None = None
        self.key: tuple[int, int, str] | None = None


_graphs = _Graphs()


def _own_aspect(frame: VideoFrame) -> Fraction:
    """The shape of pixels that a decoded picture itself carries, as a filter sees it."""
    key = (frame.width, frame.height, frame.format.name)
    if _graphs.graph is None or _graphs.key != key:
        graph = Graph()
        source = graph.add_buffer(
            width=frame.width, height=frame.height, format=frame.format,
            time_base=Fraction(1, 1000),
        )  # fmt: skip
        size = f"w=trunc({_ASPECT_STEPS}*sar+0.5):h=16:eval=frame:flags=neighbor"
        scale, sink = graph.add("scale", size), graph.add("buffersink")
        source.link_to(scale)
        scale.link_to(sink)
        graph.configure()
        _graphs.graph, _graphs.key = graph, key
    _graphs.graph.push(frame)
    return Fraction(_graphs.graph.vpull().width, _ASPECT_STEPS)
