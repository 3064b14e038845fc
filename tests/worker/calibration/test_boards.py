"""Corners of checkerboards in pictures."""

from __future__ import annotations

import numpy as np
import pytest

from backend.domain.errors import InvalidInput
from tests.worker.calibration.rigs import LENS_BOARD, lens_poses, rig
from worker.calibration.boards import Board, BoardView, drop_mirrored, find_board, parse_board
from worker.calibration.poses import project
from worker.synthesis.boards import BoardRenderer

SYMMETRIC = Board(7, 5, 0.03)


def test_corners_lie_where_the_camera_model_says() -> None:
    camera = rig()[0]
    renderer = BoardRenderer(camera)
    for k, T in enumerate(lens_poses(camera, LENS_BOARD, 3)):
        view = find_board(renderer.render(LENS_BOARD, T, seed=k), LENS_BOARD, "a.png")
        assert view is not None
        miss = np.linalg.norm(view.corners - project(camera, T, LENS_BOARD.points), axis=1)
        assert miss.max() < 0.2


def test_a_board_whose_colours_tell_is_never_turned() -> None:
    camera = rig()[0]
    T = lens_poses(camera, LENS_BOARD, 1)[0]
    upside_down = T @ np.diag([-1.0, -1.0, 1.0, 1.0])
    upside_down[:3, 3] += T[:3, :3] @ (2 * LENS_BOARD.points.mean(axis=0))
    view = find_board(BoardRenderer(camera).render(LENS_BOARD, upside_down), LENS_BOARD, "a.png")
    assert view is not None
    truth = project(camera, upside_down, LENS_BOARD.points)
    assert np.abs(view.corners - truth).max() < 0.3


def test_a_mirrored_picture_has_the_other_hand() -> None:
    camera = rig()[0]
    image = BoardRenderer(camera).render(SYMMETRIC, lens_poses(camera, SYMMETRIC, 1)[0])
    plain = find_board(image, SYMMETRIC, "a.png")
    mirrored = find_board(np.ascontiguousarray(image[:, ::-1]), SYMMETRIC, "b.png")
    assert plain is not None
    assert mirrored is not None
    assert plain.hand == -mirrored.hand != 0


def test_a_view_mirrored_on_paper_equals_the_mirrored_picture() -> None:
    camera = rig()[0]
    image = BoardRenderer(camera).render(LENS_BOARD, lens_poses(camera, LENS_BOARD, 1)[0])
    plain = find_board(image, LENS_BOARD, "a.png")
    mirrored = find_board(np.ascontiguousarray(image[:, ::-1]), LENS_BOARD, "b.png")
    assert plain is not None
    assert mirrored is not None
    assert np.abs(plain.mirrored(LENS_BOARD).corners - mirrored.corners).max() < 0.1


def test_the_few_mirrored_views_are_told_from_the_many() -> None:
    views = [
        BoardView(f"{k}.png", (10, 10), np.zeros((35, 2)), hand=-1 if k == 2 else 1)
        for k in range(5)
    ]
    kept, mirrored = drop_mirrored(views)
    assert [v.name for v in mirrored] == ["2.png"]
    assert len(kept) == 4


def test_no_board_is_found_where_there_is_none() -> None:
    assert find_board(np.full((360, 480, 3), 90, np.uint8), LENS_BOARD, "a.png") is None


def test_a_board_of_another_size_is_not_found() -> None:
    camera = rig()[0]
    image = BoardRenderer(camera).render(LENS_BOARD, lens_poses(camera, LENS_BOARD, 1)[0])
    assert find_board(image, Board(8, 5, 0.03), "a.png") is None


@pytest.mark.parametrize(
    ("text", "square_mm", "fault"),
    [("5 by 9", 30, "not a board size"), ("2x9", 30, "3 to 60"), ("5x9", 30_000, "millimetres")],
)
def test_impossible_boards_are_refused(text: str, square_mm: float, fault: str) -> None:
    with pytest.raises(InvalidInput, match=fault):
        parse_board(text, square_mm)
