"""Checkerboards: their geometry, and their corners found in pictures.

A checkerboard is symmetric. Corners are therefore brought into one order first: columns, then
rows, clockwise on the screen as on the print. What is left open is by how much the board is turned:
by 180° where its colours do not tell (columns + rows even), which several cameras settle together
(``worker.calibration.extrinsics``); and mirroring, of which the colours tell only relative to other
pictures.

Corners are in OpenCV's convention: 0 is the centre of the first pixel.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Protocol, runtime_checkable

import cv2
import numpy as np
from jaxtyping import Float, Int, UInt8
from numpy.typing import NDArray

from backend.domain.errors import InvalidInput
from backend.domain.pixels import OPENCV, to_inside, to_outside
from worker.calibration.edges import sharpness

Array = NDArray[np.float64]
Gray = NDArray[np.uint8]

_SEARCH_SIDE: Final = 1280
"""Boards are looked for in pictures of this longer side at most, corners refined in the whole."""
_COMMON: Final = (
    (8, 11), (7, 11), (7, 10), (6, 10), (6, 9), (7, 9), (6, 8), (7, 7), (5, 9), (5, 8), (6, 7),
    (5, 7), (5, 6), (4, 7), (4, 6), (4, 5), (3, 4),
)  # fmt: skip
"""Boards that people print or buy, by their inner corners."""
_GUESS_SIDE: Final = 800
_FLAGS: Final = cv2.CALIB_CB_ADAPTIVE_THRESH + cv2.CALIB_CB_NORMALIZE_IMAGE


@runtime_checkable
class Target(Protocol):
    """What every kind of board says of itself: points that a picture can be asked for."""

    @property
    def corners(self) -> int:
        """How many points there are."""

    @property
    def points(self) -> Array:
        """(N, 3) metres on the board: x to the right, y down, z 0."""

    @property
    def tells_up_from_down(self) -> bool:
        """Whether a picture shows how the board is turned."""

    def symmetries(self) -> list[NDArray[np.int64]]:
        """Orders of the points that one picture cannot tell apart; the first is the identity."""

    @property
    def words(self) -> str:
        """What to call it in a message: "board of 5×9 inner corners"."""


@dataclass(frozen=True, slots=True)
class Board:
    """A checkerboard, by its inner corners: one less than squares in each direction.

    Attributes:
        columns: Inner corners in a row.
        rows: Rows of inner corners.
        square_m: Side of a square, metres.

    Raises:
        InvalidInput: fewer than 3 × 3 corners, or an impossible square.
    """

    columns: int
    rows: int
    square_m: float

    def __post_init__(self) -> None:
        if min(self.columns, self.rows) < 3 or max(self.columns, self.rows) > 60:
            raise InvalidInput(
                f"A board has 3 to 60 inner corners in each direction, not {self}.",
                fault="impossible board size",
            )
        if not 0.001 <= self.square_m <= 1.0:
            raise InvalidInput(
                f"A square of {self.square_m * 1000:g} mm: squares are between 1 mm and 1 m wide."
                " Give the side of one square in millimetres.",
                fault="impossible square size",
            )

    def __str__(self) -> str:
        return f"{self.columns}×{self.rows}"

    @property
    def words(self) -> str:
        """What to call it in a message."""
        return f"board of {self} inner corners"

    @property
    def corners(self) -> int:
        """How many inner corners there are."""
        return self.columns * self.rows

    @property
    def points(self) -> Float[Array, "{self.corners} 3"]:
        """(N, 3) corners in metres on the board: x along a row, y along a column, z 0."""
        grid = np.zeros((self.corners, 3))
        grid[:, 0] = np.tile(np.arange(self.columns), self.rows)
        grid[:, 1] = np.repeat(np.arange(self.rows), self.columns)
        return grid * self.square_m

    @property
    def tells_up_from_down(self) -> bool:
        """Whether the colours differ when the board is turned by 180°."""
        return (self.columns + self.rows) % 2 == 1

    def symmetries(self) -> list[Int[NDArray[np.int64], " n"]]:
        """Orders of the corners that one picture cannot tell apart; the first is the identity."""
        grid = np.arange(self.corners).reshape(self.rows, self.columns)
        turns: tuple[int, ...] = (0, 2) if self.columns != self.rows else (0, 1, 2, 3)
        if self.tells_up_from_down:
            turns = (0,)
        return [np.rot90(grid, k).reshape(-1).copy() for k in turns]


def parse_board(text: str, square_mm: float) -> Board:
    """``5x9`` and the side of a square in millimetres as a board.

    Raises:
        InvalidInput: the text is no size.
    """
    found = re.fullmatch(r"\s*(\d{1,3})\s*[x×X*]\s*(\d{1,3})\s*", text)
    if not found:
        raise InvalidInput(f"“{text}” is not a board size; write inner corners such as 5x9.")
    return Board(int(found[1]), int(found[2]), square_mm / 1000)


@dataclass(frozen=True, slots=True)
class BoardView:
    """A board found in one picture.

    Attributes:
        name: The picture: a file, or a file and a time.
        size: Width and height of the picture in pixels.
        corners: (N, 2) pixels, 0 at the first pixel's centre, in the order of ``Board.points``;
            NaN for a point that the picture does not show.
        sharpness: Contrast over the corners' edges; higher is sharper.
        hand: +1 or −1: which colour begins a row. All pictures of a board have the same, mirrored
            ones the other. 0 where mirroring does not change the colours.
        time_s: Time in a video, else None.
        board: Which board it is, where there are several; None for the one that is spoken of.
    """

    name: str
    size: tuple[int, int]
    corners: Float[Array, "n 2"]
    sharpness: float = 0.0
    hand: int = 0
    time_s: float | None = None
    board: Target | None = None

    @property
    def seen(self) -> NDArray[np.bool_]:
        """(N,) which points the picture shows."""
        return np.asarray(np.isfinite(self.corners).all(axis=1))

    def pairs(self, board: Target) -> tuple[Array, Array]:
        """The points that are seen: (n, 3) metres on the board, (n, 2) pixels."""
        there = self.seen
        return (self.board or board).points[there], self.corners[there]

    def ordered(self, order: Int[NDArray[np.int64], " n"]) -> BoardView:
        """The same view with its corners in another order."""
        return replace(self, corners=self.corners[order])

    def mirrored(self, board: Board) -> BoardView:
        """The view as its mirrored picture would give it."""
        flipped = self.corners.copy()
        flipped[:, 0] = self.size[0] - 1 - flipped[:, 0]
        corners = flipped.reshape(board.rows, board.columns, 2)[:, ::-1].reshape(-1, 2)
        if board.tells_up_from_down and board.columns % 2 == 1:
            corners = corners[::-1]  # the colours are swapped: the dark first square is at the end
        return replace(self, corners=corners.copy(), hand=-self.hand)


Moment = Mapping[int, BoardView]
"""What cameras, by their numbers, see at one moment."""


def as_gray(image: UInt8[NDArray[np.uint8], "h w *colours"]) -> UInt8[Gray, "h w"]:
    """A picture (h, w) or (h, w, 3) BGR as grey values."""
    if image.ndim == 3:
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)
    return image


def find_board(
    image: UInt8[NDArray[np.uint8], "h w *colours"],
    board: Board,
    name: str,
    *,
    thorough: bool = True,
    time_s: float | None = None,
) -> BoardView | None:
    """Find a board's corners in a picture.

    Args:
        image: (h, w) grey or (h, w, 3) BGR.
        board: What to look for.
        name: What to call the picture.
        thorough: Also try the slower detector where the fast one finds nothing.
        time_s: Time of the picture in its video.

    Returns:
        The view, or None where no whole board is seen.
    """
    gray = as_gray(image)
    height, width = gray.shape
    scale = min(1.0, _SEARCH_SIDE / max(height, width))
    small = gray if scale == 1 else _shrunk(gray, scale)
    pattern = (board.columns, board.rows)
    fast = _FLAGS + (0 if thorough else cv2.CALIB_CB_FAST_CHECK)
    found, corners = cv2.findChessboardCorners(small, pattern, flags=fast)
    if not found and thorough and scale < 1:
        found, at_full = cv2.findChessboardCorners(gray, pattern, flags=_FLAGS)
        if found:
            corners = np.asarray(at_full, np.float32) * scale
    if not found and thorough:
        found, corners = cv2.findChessboardCornersSB(
            small, pattern, flags=cv2.CALIB_CB_NORMALIZE_IMAGE + cv2.CALIB_CB_ACCURACY
        )
    if not found or corners is None or len(corners) != board.corners:
        return None
    # Pixel centres of the small picture in the whole one.
    rough = to_outside(to_inside(np.reshape(corners, (-1, 2)), OPENCV) / scale, OPENCV)
    refined = _refined(gray, rough, board)
    if refined is None:
        return None
    ordered = _clockwise(refined, board)
    dark, ordered = _settle_by_colour(gray, ordered, board)
    return BoardView(
        name, (width, height), ordered, sharpness(gray, ordered),
        hand=0 if board.tells_up_from_down or board.columns == board.rows else dark,
        time_s=time_s,
    )  # fmt: skip


def guess_board(image: UInt8[NDArray[np.uint8], "h w *colours"], wrong: Board) -> Board | None:
    """Which other board a picture shows: of about the size that was looked for, or a common one.

    Args:
        image: (h, w) grey or (h, w, 3) BGR.
        wrong: The board that was not found; the answer lies as it does, long side first or last.

    Returns:
        The board with squares as wide as the wrong one's, or None where none is seen.
    """
    gray = as_gray(image)
    scale = min(1.0, _GUESS_SIDE / max(gray.shape))
    small = gray if scale == 1 else _shrunk(gray, scale)
    near = {
        (wrong.columns + dx, wrong.rows + dy)
        for dx in (-1, 0, 1) for dy in (-1, 0, 1) if min(wrong.columns + dx, wrong.rows + dy) >= 3
    }  # fmt: skip
    sizes = {(min(size), max(size)) for size in (*near, *_COMMON)}
    sizes.discard((min(wrong.columns, wrong.rows), max(wrong.columns, wrong.rows)))
    # The largest first: parts of a board pass for smaller ones.
    for short, long in sorted(sizes, key=lambda size: -size[0] * size[1]):
        columns, rows = (long, short) if wrong.columns > wrong.rows else (short, long)
        board = Board(columns, rows, wrong.square_m)
        if find_board(small, board, "", thorough=False) is not None:
            return board
    return None


def _shrunk(gray: Gray, scale: float) -> Gray:
    small = cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def _refined(gray: Gray, corners: Array, board: Board) -> Array | None:
    """Corners to a fraction of a pixel; None where refinement runs away."""
    grid = corners.reshape(board.rows, board.columns, 2)
    spacing = min(
        float(np.linalg.norm(np.diff(grid, axis=0), axis=-1).min()),
        float(np.linalg.norm(np.diff(grid, axis=1), axis=-1).min()),
    )
    if spacing < 4:
        return None
    half = int(np.clip(spacing * 0.35, 2, 11))
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 60, 1e-4)
    fine = cv2.cornerSubPix(
        gray, corners.astype(np.float32).reshape(-1, 1, 2), (half, half), (-1, -1), criteria
    )
    refined = np.asarray(fine, float).reshape(-1, 2)
    if np.linalg.norm(refined - corners, axis=1).max() > max(4.0, spacing * 0.6):
        return None
    return refined


def _clockwise(corners: Array, board: Board) -> Array:
    """Rows reversed where columns and rows turn anticlockwise on the screen."""
    grid = corners.reshape(board.rows, board.columns, 2)
    along = grid[:, -1] - grid[:, 0]
    down = grid[-1] - grid[0]
    x, y = along.mean(axis=0), down.mean(axis=0)
    if x[0] * y[1] - x[1] * y[0] < 0:
        grid = grid[:, ::-1]
    return grid.reshape(-1, 2).copy()


def _settle_by_colour(gray: Gray, corners: Array, board: Board) -> tuple[int, Array]:
    """+1 where the first square is dark, else −1; turned so that it is dark where turning helps."""
    grid = corners.reshape(board.rows, board.columns, 2)
    centres = (grid[:-1, :-1] + grid[1:, :-1] + grid[:-1, 1:] + grid[1:, 1:]) / 4
    values = cv2.remap(
        gray, centres[..., 0].astype(np.float32), centres[..., 1].astype(np.float32),
        cv2.INTER_LINEAR,
    ).astype(float)  # fmt: skip
    sign = np.where(
        np.add.outer(np.arange(board.rows - 1), np.arange(board.columns - 1)) % 2, 1, -1
    )
    dark = 1 if float((values * sign).mean() - values.mean() * sign.mean()) > 0 else -1
    if board.tells_up_from_down and dark < 0:
        return 1, corners[::-1].copy()
    return dark, corners


def drop_mirrored(views: list[BoardView]) -> tuple[list[BoardView], list[BoardView]]:
    """Part views into those of the majority's hand and those that must be mirrored."""
    balance = sum(view.hand for view in views)
    if balance == 0:
        return views, []
    hand = 1 if balance > 0 else -1
    return (
        [view for view in views if view.hand in (0, hand)],
        [view for view in views if view.hand == -hand],
    )
