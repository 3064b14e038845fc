"""Any kind of board in a picture, several at once, and what a picture shows instead."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import UInt8
from numpy.typing import NDArray

from worker.calibration import boards
from worker.calibration.boards import Board, BoardView, Target, as_gray, guess_board
from worker.calibration.marker_boards import DICTIONARIES, MarkerBoard
from worker.calibration.markers import count_markers, find_markers

Boards = Target | Sequence[Target]
"""One board, or several that are told apart by their markers."""


def as_boards(found: Boards) -> tuple[Target, ...]:
    """The boards that are looked for, at least one."""
    return tuple(found) if isinstance(found, Sequence) else (found,)


def words_of(looked_for: Boards) -> str:
    """What is looked for, in words."""
    listed = as_boards(looked_for)
    return listed[0].words if len(listed) == 1 else f"{listed[0].words} or its companions"


def find_boards(
    image: UInt8[NDArray[np.uint8], "h w *colours"],
    looked_for: Boards,
    name: str,
    *,
    thorough: bool = True,
    time_s: float | None = None,
) -> dict[int, BoardView]:
    """The boards that a picture shows, by their place among those looked for.

    Args:
        image: (h, w) grey or (h, w, 3) BGR.
        looked_for: One board or several.
        name: What to call the picture.
        thorough: Also try slower detectors where fast ones find nothing.
        time_s: Time of the picture in its video.
    """
    found = {}
    gray = as_gray(image)
    for k, board in enumerate(as_boards(looked_for)):
        view = _find(gray, board, name, thorough, time_s)
        if view is not None:
            found[k] = view
    return found


def _find(
    gray: NDArray[np.uint8], board: Target, name: str, thorough: bool, time_s: float | None
) -> BoardView | None:
    if isinstance(board, MarkerBoard):
        return find_markers(gray, board, name, time_s=time_s)
    assert isinstance(board, Board)
    return boards.find_board(gray, board, name, thorough=thorough, time_s=time_s)


def guess(image: UInt8[NDArray[np.uint8], "h w *colours"], wrong: Boards) -> str | None:
    """What a picture shows instead of the board that was looked for, as a sentence; else None."""
    board = as_boards(wrong)[0]
    if isinstance(board, Board):
        other = guess_board(image, board)
        if other is not None:
            return (
                f"It looks like {other} inner corners (FILE). A board is named by its inner"
                " corners, one fewer than its squares in each direction."
            )
        return _guess_markers(image, None)
    assert isinstance(board, MarkerBoard)
    flipped = np.ascontiguousarray(as_gray(image)[:, ::-1])
    if count_markers(flipped, board.dictionary, board.border_bits)[0] >= 4:
        return "The picture (FILE) is mirrored: its markers can be read in a mirror only."
    return _guess_markers(image, board)


def _guess_markers(
    image: UInt8[NDArray[np.uint8], "h w *colours"], wrong: MarkerBoard | None
) -> str | None:
    gray = as_gray(image)
    best: tuple[int, str, int, int] | None = None
    for name in DICTIONARIES:
        for border in (1, 2) if name.startswith("APRILTAG") else (1,):
            count, highest = count_markers(gray, name, border)
            # Small sets are parts of larger ones: the smallest that reads as many is meant.
            if count >= 4 and (best is None or count > best[0]):
                best = (count, name, border, highest)
    if best is None:
        return None
    count, name, border, highest = best
    if wrong is not None and name == wrong.dictionary and border == wrong.border_bits:
        return (
            f"{count} of its markers were read (FILE), up to number {highest}, but they do not lie"
            f" as on a {wrong.words}: are columns, rows and the first number right?"
        )
    kind = "an AprilGrid" if border == 2 else "a board with markers"
    return f"It looks like {kind} of the set {name} ({count} markers read in FILE)."
