"""Interlaced video: pictures that hold two instants, every other line from each.

What moves is at two places in such a picture. It is made from the field that was taken first, whose
time the picture's time is; the lines between are the mean of their neighbours. Whether a picture
holds two instants is seen in it, since files mark progressive pictures as interlaced (25 pictures
in 50 fields), the other way round (a careless conversion), and mix both (telecine).
"""

from __future__ import annotations

import threading
from fractions import Fraction
from typing import Final

import av
import cv2
import numpy as np
from av import VideoFrame
from av.filter import Graph
from numpy.typing import NDArray

from worker.media.pixels import BgrImage

_STEP: Final = 8
"""Grey levels by which a line must lie above or below both neighbours."""
_LINES: Final = 6
"""So many lines in a row, up and down in turn, are no texture that a lens can draw."""
_MIN_MARKED: Final = 4
"""Such places in a picture that is marked as interlaced; fewer are noise."""
_MIN_UNMARKED_SHARE: Final = 3e-3
"""Share of such places in a picture that is not; carpets and blinds come to a third of it."""
_STRIPS: Final = 8
_STRIP_WIDTH: Final = 16


def shows_two_instants(frame: VideoFrame) -> bool:
    """Whether what moves is at two places in a picture, line by line.

    Pictures marked as interlaced are looked at closely; in others, strips of a picture are.
    """
    luma = _luma(frame)
    marked = frame.interlaced_frame
    if not marked:
        luma = _strips(luma)
    found = _comb(luma)
    return found >= (_MIN_MARKED if marked else max(16, _MIN_UNMARKED_SHARE * luma.size))


def one_instant(frame: VideoFrame) -> tuple[VideoFrame, int]:
    """The field that was taken first, half as high, and its first line in the picture: 0 or 1.

    Where the picture is not marked as interlaced, nothing tells which one that is: the upper one.
    """
    field = _field(frame)
    if not frame.interlaced_frame:
        return field, 0
    whole, half = _plane(frame), _plane(field)
    rows = half.shape[0]
    upper, lower = whole[0::2][:rows], whole[1::2][:rows]
    is_lower = len(lower) == rows and not np.array_equal(upper, half)
    return field, int(is_lower)


def fill_lines(field: BgrImage, first_line: int, height: int) -> BgrImage:
    """A picture of a field, of shape (height, width, 3); its own lines stay as they are."""
    out = np.empty((height, *field.shape[1:]), np.uint8)
    own = out[first_line::2]
    field = field[: len(own)]
    own[: len(field)] = field
    if len(own) > len(field):
        own[len(field) :] = field[-1]
    between = out[1 - first_line :: 2]
    before = own if first_line == 0 else np.concatenate([own[:1], own])
    after = np.concatenate([own[1:], own[-1:]]) if first_line == 0 else own
    before, after = before[: len(between)], after[: len(between)]
    if len(after) < len(between):
        after = np.concatenate([after, own[-1:]])
    between[:] = cv2.addWeighted(before, 0.5, after, 0.5, 0.0).reshape(between.shape)
    return out


def _comb(luma: NDArray[np.uint8]) -> int:
    """Number of places where lines lie above and below their neighbours in turn."""
    if luma.shape[0] < _LINES + 2:
        return 0
    luma = np.ascontiguousarray(luma)
    before, here, after = luma[:-2], luma[1:-1], luma[2:]
    above = _beyond_step(cv2.subtract(here, cv2.max(before, after)))
    below = _beyond_step(cv2.subtract(cv2.min(before, after), here))
    in_turn = cv2.bitwise_or(
        cv2.bitwise_and(above[:-1], below[1:]), cv2.bitwise_and(below[:-1], above[1:])
    )
    places = in_turn[: 2 - _LINES]
    for n in range(1, _LINES - 1):
        places = cv2.bitwise_and(places, in_turn[n : len(in_turn) + 2 - _LINES + n])
    return cv2.countNonZero(places)


def _beyond_step(difference: cv2.typing.MatLike) -> cv2.typing.MatLike:
    return cv2.threshold(difference, _STEP, 255, cv2.THRESH_BINARY)[1]


def _strips(luma: NDArray[np.uint8]) -> NDArray[np.uint8]:
    width = luma.shape[1]
    if width <= _STRIPS * _STRIP_WIDTH:
        return luma
    begins = np.linspace(0, width - _STRIP_WIDTH, _STRIPS).round().astype(int)
    return np.concatenate([luma[:, x : x + _STRIP_WIDTH] for x in begins], axis=1)


def _luma(frame: VideoFrame) -> NDArray[np.uint8]:
    first = frame.format.components[0]
    if frame.format.is_planar and not frame.format.is_rgb and first.bits == 8:
        return _plane(frame)
    return np.asarray(frame.to_ndarray(format="gray"), dtype=np.uint8)


def _plane(frame: VideoFrame) -> NDArray[np.uint8]:
    """Bytes of the first plane, shape (height, bytes), without a copy."""
    plane = frame.planes[0]
    lines = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    samples = 1 if frame.format.components[0].bits == 8 else 2
    return np.asarray(lines[: plane.height, : plane.width * samples], dtype=np.uint8)


class _Graphs(threading.local):
    """Filters of this thread: they keep the picture before."""

    def __init__(self) -> None:
        self.kept: dict[tuple[int, int, str, bool], Graph] = {}


_graphs = _Graphs()


def _field(frame: VideoFrame) -> VideoFrame:
    key = (frame.width, frame.height, frame.format.name, frame.interlaced_frame)
    graph = _graphs.kept.get(key)
    if graph is None:
        if len(_graphs.kept) > 4:
            _graphs.kept.clear()
        graph = _graphs.kept[key] = _new_graph(frame)
    graph.push(frame)
    field: VideoFrame | None = None
    while True:
        try:
            field = graph.vpull()
        except (av.BlockingIOError, av.EOFError):
            break
    if field is None:
        raise RuntimeError("a filter gave no field")
    return field


def _new_graph(frame: VideoFrame) -> Graph:
    graph = Graph()
    source = graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format,
        time_base=Fraction(1, 1000),
    )  # fmt: skip
    # ``separatefields`` gives the field that comes first in time, by the frame's own mark.
    taker = graph.add("separatefields") if frame.interlaced_frame else graph.add("field", "top")
    sink = graph.add("buffersink")
    source.link_to(taker)
    taker.link_to(sink)
    graph.configure()
    return graph
