"""Boards by what people say of them: a kind, counts and lengths."""

from __future__ import annotations

import re
from enum import StrEnum

from backend.domain.errors import InvalidInput
from worker.calibration.boards import Target, parse_board
from worker.calibration.marker_boards import APRIL, MarkerBoard, MarkerKind


class Kind(StrEnum):
    """Kinds of boards."""

    CHESSBOARD = "chessboard"
    CHARUCO = "charuco"
    ARUCO = "aruco"
    APRILGRID = "aprilgrid"


def board_of(
    kind: Kind,
    size: str,
    square_mm: float,
    marker_mm: float | None = None,
    dictionary: str | None = None,
    first_id: int = 0,
) -> Target:
    """A board.

    Args:
        kind: Which.
        size: ``5x9``: inner corners of a checkerboard, squares of a ChArUco board, markers of the
            others.
        square_mm: Side of a square; of grids of markers from one to the next.
        marker_mm: Side of a marker's black outline; checkerboards have none.
        dictionary: Set of markers; default: 4X4_100, and tag36h11 for AprilGrids.
        first_id: Number of the first marker.

    Raises:
        InvalidInput: a length is missing, or the board is impossible.
    """
    if kind is Kind.CHESSBOARD:
        return parse_board(size, square_mm)
    found = re.fullmatch(r"\s*(\d{1,3})\s*[x×X*]\s*(\d{1,3})\s*", size)
    if not found:
        raise InvalidInput(f"“{size}” is not a board size; write columns and rows such as 8x6.")
    if marker_mm is None:
        raise InvalidInput(
            "Say how large the markers are: the side of a marker's black outline in millimetres.",
            fault="marker size missing",
        )
    default = APRIL if kind is Kind.APRILGRID else "4X4_100"
    chosen = (dictionary or default).upper().removeprefix("DICT_")
    return MarkerBoard(
        MarkerKind(kind.value), int(found[1]), int(found[2]), square_mm / 1000, marker_mm / 1000,
        chosen, first_id,
    )  # fmt: skip
