"""Boards of markers: printed, held before cameras, found whole and in part."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from backend.domain.cameras import Camera
from backend.domain.errors import InvalidInput
from worker.calibration.board_print import PAPERS, description, pdf_of, sheet_of
from worker.calibration.boards import Board, Target
from worker.calibration.contradictions import marker_share, marker_words
from worker.calibration.finding import find_boards, guess
from worker.calibration.kinds import Kind, board_of
from worker.calibration.marker_boards import MarkerBoard
from worker.calibration.poses import project
from worker.synthesis.prints import seen_by

CAMERA = Camera(
    "a", 640, 480, np.array([[620.0, 0, 322], [0, 620, 238], [0, 0, 1]]),
    np.array([-0.12, 0.05, 0.0004, -0.0003, 0]),
)  # fmt: skip
BOARDS: dict[str, Target] = {
    "charuco": board_of(Kind.CHARUCO, "7x5", 40, 30),
    "charuco-even": board_of(Kind.CHARUCO, "8x6", 35, 26, "5X5_100"),
    "aruco": board_of(Kind.ARUCO, "5x4", 50, 40),
    "aprilgrid": board_of(Kind.APRILGRID, "6x5", 46.8, 36),
    "chessboard": board_of(Kind.CHESSBOARD, "7x4", 40),
}


def held(board: Target, *, z: float = 0.75, x: float = 0.0, lean: float = 25.0) -> np.ndarray:
    T = np.eye(4)
    T[:3, :3] = cv2.Rodrigues(np.radians([lean, -0.6 * lean, 12.0]))[0]
    T[:3, 3] = np.array((x, 0.0, z)) - T[:3, :3] @ board.points.mean(axis=0)
    return T


@pytest.mark.parametrize("kind", BOARDS)
def test_a_printed_board_is_found_where_it_is(kind: str) -> None:
    board = BOARDS[kind]
    T = held(board)
    view = find_boards(seen_by(CAMERA, sheet_of(board), T), board, "p.png")[0]
    miss = np.linalg.norm(view.corners - project(CAMERA, T, board.points), axis=1)
    if isinstance(board, Board):
        assert view.seen.all()
    else:
        assert view.seen.mean() > 0.9
    assert np.nanmedian(miss) < 0.1
    assert np.nanmax(miss) < 0.5


@pytest.mark.parametrize("kind", ["charuco", "charuco-even", "aruco", "aprilgrid"])
def test_half_a_board_is_enough(kind: str) -> None:
    board = BOARDS[kind]
    T = held(board, x={"charuco": 0.33, "charuco-even": 0.38}.get(kind, 0.42), z=0.7)
    view = find_boards(seen_by(CAMERA, sheet_of(board), T), board, "p.png")[0]
    truth = project(CAMERA, T, board.points)
    assert 8 <= view.seen.sum() < 0.8 * board.corners
    assert np.nanmax(np.linalg.norm(view.corners - truth, axis=1)) < 0.5


def test_two_boards_in_one_picture_are_told_apart() -> None:
    first = board_of(Kind.CHARUCO, "5x4", 40, 30)
    second = board_of(Kind.CHARUCO, "5x4", 40, 30, first_id=10)
    places = (held(first, x=-0.14, lean=10), held(second, x=0.14, lean=-12))
    one = seen_by(CAMERA, sheet_of(first), places[0])
    other = seen_by(CAMERA, sheet_of(second), places[1])
    both = np.concatenate((one[:, :320], other[:, 320:]), axis=1)
    views = find_boards(both, (first, second), "p.png")
    assert set(views) == {0, 1}
    for k, board in enumerate((first, second)):
        truth = project(CAMERA, places[k], board.points)
        assert np.nanmax(np.linalg.norm(views[k].corners - truth, axis=1)) < 0.5


def test_an_old_charuco_print_is_read_too() -> None:
    """Before OpenCV 4.6 boards with an even number of rows began with a marker."""
    board = BOARDS["charuco-even"]
    assert isinstance(board, MarkerBoard)
    sheet = sheet_of(board, old=True)
    T = held(board)
    view = find_boards(seen_by(CAMERA, sheet, T), board, "p.png")[0]
    assert view.seen.all()
    assert np.abs(view.corners - project(CAMERA, T, board.points)).max() < 0.6


def test_a_picture_in_a_mirror_is_noticed() -> None:
    board = BOARDS["charuco"]
    flipped = seen_by(CAMERA, sheet_of(board), held(board))[:, ::-1].copy()
    assert "mirrored" in (guess(flipped, board) or "")


def test_markers_of_another_set_are_named() -> None:
    board = BOARDS["charuco-even"]
    said = guess(seen_by(CAMERA, sheet_of(board), held(board)), BOARDS["charuco"])
    assert said is not None
    assert "5X5" in said


def test_a_checkerboard_that_is_an_aprilgrid_is_called_one() -> None:
    board = BOARDS["aprilgrid"]
    said = guess(seen_by(CAMERA, sheet_of(board), held(board)), BOARDS["chessboard"])
    assert said is not None
    assert "AprilGrid" in said


@pytest.mark.parametrize("kind", ["charuco", "aprilgrid"])
def test_a_marker_size_that_contradicts_the_square_is_noticed(kind: str) -> None:
    board = BOARDS[kind]
    assert isinstance(board, MarkerBoard)
    picture = seen_by(CAMERA, sheet_of(board), held(board))
    share = marker_share(picture, board)
    assert share is not None
    assert marker_words([share], board) is None
    wrong = MarkerBoard(
        board.kind, board.columns, board.rows, board.square_m, board.marker_m * 0.8,
        board.dictionary,
    )  # fmt: skip
    share = marker_share(picture, wrong)
    assert share is not None
    assert abs(share - 1.25) < 0.03
    assert "one of the two lengths is wrong" in (marker_words([share], wrong) or "")


@pytest.mark.parametrize("kind", BOARDS)
def test_the_page_is_as_large_as_the_board_and_says_what_it_is(kind: str) -> None:
    board = BOARDS[kind]
    data = pdf_of([sheet_of(board)])
    assert data.startswith(b"%PDF-1.")
    assert data.rstrip().endswith(b"%%EOF")
    words = description(board).encode("cp1252").replace(b"(", b"\\(").replace(b")", b"\\)")
    assert words in data
    assert b"exactly 100 mm" in data
    start = int(data.split(b"startxref\n")[1].split(b"\n")[0])
    assert data[start : start + 4] == b"xref"


def test_the_papers_large_board_needs_a_large_sheet() -> None:
    sheet = sheet_of(Board(11, 7, 0.06))
    assert sheet.paper == "a1"
    assert (sheet.width, sheet.height) == (841.0, 594.0)
    squares = [box for box in sheet.black if np.isclose(box[2], 60)]
    assert len(squares) == 12 * 8 // 2
    with pytest.raises(InvalidInput, match="do not let the printer shrink it"):
        sheet_of(Board(11, 7, 0.06), "a4")
    assert set(PAPERS) >= {"a4", "letter"}


@pytest.mark.parametrize(
    ("make", "fault"),
    [
        (lambda: board_of(Kind.CHARUCO, "8x6", 30, 30), "do not fit"),
        (lambda: board_of(Kind.CHARUCO, "8x6", 30, None), "how large the markers are"),
        (lambda: board_of(Kind.ARUCO, "20x20", 30, 20, "4X4_50"), "ends at 49"),
        (lambda: board_of(Kind.ARUCO, "5x4", 30, 20, "9X9_50"), "no set of markers"),
        (lambda: board_of(Kind.ARUCO, "five", 30, 20), "not a board size"),
    ],
)
def test_impossible_boards_are_refused(make, fault: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InvalidInput, match=fault):
        make()
