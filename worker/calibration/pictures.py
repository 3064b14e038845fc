"""What a report shows: where in the image the boards were, and the corners that were found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.domain.limits import GOOD_LENS_RMS_PX, POOR_LENS_RMS_PX
from backend.domain.pixels import OPENCV, to_inside
from worker.calibration.boards import Board, BoardView, Target
from worker.media.pixels import BgrImage

_SIDE: Final = 640
# Okabe–Ito: blue for a good error, orange for a fair one, vermilion above.
_GOOD, _FAIR, _BAD = (178, 114, 0), (0, 159, 230), (0, 94, 213)
_PAPER, _GRID, _HULL = (250, 249, 247), (225, 222, 218), (214, 190, 150)


def _colour(rms_px: float) -> tuple[int, int, int]:
    if rms_px <= GOOD_LENS_RMS_PX:
        return _GOOD
    return _FAIR if rms_px <= POOR_LENS_RMS_PX else _BAD


def coverage_picture(size: tuple[int, int], views: Sequence[tuple[BoardView, float]]) -> bytes:
    """A PNG of the image area: hulls of all boards, corners coloured by their view's error.

    Args:
        size: Width and height of the camera's image, pixels.
        views: Views with their RMS in pixels.
    """
    scale = _SIDE / max(size)
    width, height = round(size[0] * scale), round(size[1] * scale)
    canvas = np.full((height, width, 3), _PAPER, np.uint8)
    for view, _ in views:
        seen = view.corners[view.seen]
        hull = cv2.convexHull((to_inside(seen, OPENCV) * scale).astype(np.float32))
        layer = canvas.copy()
        cv2.fillConvexPoly(layer, np.round(hull).astype(np.int32), _HULL, cv2.LINE_AA)
        canvas = np.asarray(cv2.addWeighted(layer, 0.35, canvas, 0.65, 0), np.uint8)
    for part in range(1, 4):
        cv2.line(canvas, (width * part // 4, 0), (width * part // 4, height), _GRID, 1)
        cv2.line(canvas, (0, height * part // 4), (width, height * part // 4), _GRID, 1)
    for view, rms_px in views:
        for x, y in to_inside(view.corners[view.seen], OPENCV) * scale:
            cv2.circle(canvas, _place(x, y), 2, _colour(rms_px), -1, cv2.LINE_AA)
    cv2.rectangle(canvas, (0, 0), (width - 1, height - 1), _GRID, 1)
    return _encoded(canvas, ".png", [])


def corner_picture(picture: BgrImage, view: BoardView, board: Target, rms_px: float) -> bytes:
    """A WebP of a view with its corners, those of a checkerboard drawn row by row, the first
    one ringed.

    Args:
        picture: The view's picture in any size.
        view: The corners, in pixels of the whole picture.
        board: The board.
        rms_px: The view's error, which gives the colour.
    """
    canvas = picture.copy()
    scale = canvas.shape[1] / view.size[0]
    seen = view.corners[view.seen]
    places = [_place(x, y) for x, y in to_inside(seen, OPENCV) * scale]
    colour = _colour(rms_px)
    for row in range(board.rows if isinstance(board, Board) else 0):
        assert isinstance(board, Board)
        line: NDArray[np.int32] = np.array(
            places[row * board.columns : (row + 1) * board.columns], np.int32
        )
        cv2.polylines(canvas, [line], False, colour, 1, cv2.LINE_AA)
    for place in places:
        cv2.circle(canvas, place, 3, (255, 255, 255), -1, cv2.LINE_AA)
        cv2.circle(canvas, place, 2, colour, -1, cv2.LINE_AA)
    cv2.circle(canvas, places[0], 8, colour, 2, cv2.LINE_AA)
    return _encoded(canvas, ".webp", [cv2.IMWRITE_WEBP_QUALITY, 75])


def _place(x: float, y: float) -> tuple[int, int]:
    return round(x), round(y)


def _encoded(image: BgrImage, suffix: str, options: list[int]) -> bytes:
    done, data = cv2.imencode(suffix, image, options)
    if not done:
        raise RuntimeError(f"OpenCV could not encode a {suffix} picture")
    return data.tobytes()
