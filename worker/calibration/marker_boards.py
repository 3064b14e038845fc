"""Boards of markers as they are printed: kinds, sizes, and where their points lie.

Sources: Garrido-Jurado et al. (2014), *Automatic generation and detection of highly reliable
fiducial markers*; Olson (2011), *AprilTag*; layout of AprilGrids as Kalibr's documentation has it
(markers of tag36h11 with a border of two bits, counted from the lower left).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Any, Final

import cv2
import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

from backend.domain.errors import InvalidInput

Array = NDArray[np.float64]
DICTIONARIES: Final = {
    name.removeprefix("DICT_"): int(getattr(cv2.aruco, name))
    for name in sorted(dir(cv2.aruco))
    if name.startswith("DICT_") and name == name.upper()
}
"""Sets of markers by the name that their makers print on boards."""
APRIL: Final = "APRILTAG_36H11"
LEAST_POINTS: Final = 8
"""Points of a board that a picture must show: fewer do not tell how it lies."""


class MarkerKind(StrEnum):
    """How markers lie on a board."""

    CHARUCO = "charuco"
    ARUCO = "aruco"
    APRIL = "aprilgrid"


KIND_WORDS: Final = {
    MarkerKind.CHARUCO: "ChArUco board",
    MarkerKind.ARUCO: "ArUco board",
    MarkerKind.APRIL: "AprilGrid",
}


@dataclass(frozen=True)
class MarkerBoard:
    """A board of markers.

    Attributes:
        kind: ChArUco (markers in the white squares of a checkerboard), ArUco (markers in rows), or
            AprilGrid (markers joined by small squares at their corners).
        columns: Squares in a row of a ChArUco board, markers in a row of the others.
        rows: The same downwards.
        square_m: Side of a square of a ChArUco board; of others from one marker's edge to the same
            edge of the next. Metres.
        marker_m: Side of a marker's black outline, metres.
        dictionary: Set of markers, a key of ``DICTIONARIES``.
        first_id: Number of the first marker.

    Raises:
        InvalidInput: the sizes contradict each other, or the set has too few markers.
    """

    kind: MarkerKind
    columns: int
    rows: int
    square_m: float
    marker_m: float
    dictionary: str = "4X4_100"
    first_id: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", MarkerKind(self.kind))
        least = 3 if self.kind is MarkerKind.CHARUCO else 1
        if min(self.columns, self.rows) < least or max(self.columns, self.rows) > 60:
            raise _impossible(f"A {self.name} has {least} to 60 columns and rows, not {self}.")
        if not 0.001 <= self.square_m <= 1.0:
            raise _impossible(
                f"A square of {self.square_m * 1000:g} mm: it is between 1 mm and 1 m wide."
            )
        if not 0.2 * self.square_m <= self.marker_m < self.square_m:
            raise _impossible(
                f"Markers of {self.marker_m * 1000:g} mm do not fit squares of"
                f" {self.square_m * 1000:g} mm: a marker is a fifth of them or more, and smaller."
                " Measure the marker's black outline."
            )
        if self.dictionary not in DICTIONARIES:
            raise _impossible(
                f"There is no set of markers called {self.dictionary}; there are"
                f" {', '.join(DICTIONARIES)}."
            )
        available = len(cv2.aruco.getPredefinedDictionary(DICTIONARIES[self.dictionary]).bytesList)
        if self.first_id < 0 or self.first_id + self.markers > available:
            raise _impossible(
                f"A {self.name} of {self} needs markers {self.first_id} to"
                f" {self.first_id + self.markers - 1}; {self.dictionary} ends at {available - 1}."
            )
        if self.corners < LEAST_POINTS:
            raise _impossible(f"A {self.name} of {self} has too few points to find a pose by.")

    def __str__(self) -> str:
        return f"{self.columns}×{self.rows}"

    @property
    def name(self) -> str:
        """What people call the kind."""
        return KIND_WORDS[self.kind]

    @property
    def words(self) -> str:
        """What to call it in a message."""
        what = "squares" if self.kind is MarkerKind.CHARUCO else "markers"
        first = f", the first being {self.first_id}" if self.first_id else ""
        return f"{self.name} of {self} {what} ({self.dictionary}{first})"

    @property
    def border_bits(self) -> int:
        """Width of a marker's black outline in its own squares."""
        return 2 if self.kind is MarkerKind.APRIL else 1

    @property
    def plain_reach(self) -> float:
        """How far a marker's edge is dark inside and light outside, as a share of its side."""
        chosen = cv2.aruco.getPredefinedDictionary(DICTIONARIES[self.dictionary])
        inside = self.border_bits / (int(chosen.markerSize) + 2 * self.border_bits)
        gap = self.square_m - self.marker_m
        outside = gap / self.marker_m * (0.5 if self.kind is MarkerKind.CHARUCO else 1.0)
        return 0.8 * min(inside, outside)

    @property
    def markers(self) -> int:
        """How many markers there are."""
        if self.kind is MarkerKind.CHARUCO:
            return self.columns * self.rows // 2
        return self.columns * self.rows

    @property
    def corners(self) -> int:
        """How many points there are."""
        if self.kind is MarkerKind.CHARUCO:
            return (self.columns - 1) * (self.rows - 1)
        return 4 * self.markers

    @property
    def points(self) -> Float[Array, "{self.corners} 3"]:
        """(N, 3) metres: inner corners row by row, or the corners of each marker in turn."""
        return self._points

    @cached_property
    def _points(self) -> Array:
        if self.kind is MarkerKind.CHARUCO:
            grid = np.zeros((self.corners, 3))
            grid[:, 0] = np.tile(np.arange(self.columns - 1), self.rows - 1)
            grid[:, 1] = np.repeat(np.arange(self.rows - 1), self.columns - 1)
            return grid * self.square_m
        flat = np.concatenate([self.outline(k) for k in range(self.markers)])
        return np.column_stack((flat, np.zeros(len(flat))))

    def outline(self, marker: int) -> Float[Array, "4 2"]:
        """(4, 2) corners of a marker of a grid, clockwise from its top left, metres."""
        column, row = marker % self.columns, marker // self.columns
        if self.kind is MarkerKind.APRIL:
            row = self.rows - 1 - row  # counted from the lower left
        corner = np.array((column, row)) * self.square_m
        return np.asarray(corner + self.marker_m * np.array([(0, 0), (1, 0), (1, 1), (0, 1)]))

    @property
    def tells_up_from_down(self) -> bool:
        """Markers always do."""
        return True

    def symmetries(self) -> list[Int[NDArray[np.int64], " n"]]:
        """Only the identity: markers are told apart."""
        return [np.arange(self.corners)]


def _impossible(message: str) -> InvalidInput:
    return InvalidInput(message, fault="impossible board size")


@lru_cache(maxsize=16)
def charuco(board: MarkerBoard, *, old: bool) -> Any:
    """OpenCV's own description; ``old`` for the pattern before OpenCV 4.6.

    The two differ where the number of rows is even: in which corner the first marker lies.
    """
    chosen = cv2.aruco.getPredefinedDictionary(DICTIONARIES[board.dictionary])
    ids = np.arange(board.first_id, board.first_id + board.markers, dtype=np.int32)
    made = cv2.aruco.CharucoBoard(
        (board.columns, board.rows), board.square_m, board.marker_m, chosen, ids
    )
    made.setLegacyPattern(old)
    return made
