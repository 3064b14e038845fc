"""Places of cameras from boards that they see together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from backend.domain.cameras import Camera
from backend.domain.errors import InvalidInput
from backend.domain.views import align_worlds
from tests.worker.calibration.rigs import LENS_BOARD, RIG_BOARD, floor_boards, rig, seen_moments
from worker.calibration.boards import Board, BoardView
from worker.calibration.extrinsics import calibrate_extrinsics
from worker.calibration.poses import angle_deg, inverse

ODD = Board(8, 5, 0.08)
"""Its colours tell up from down, so mirroring shows only in the geometry."""


def errors(found: Sequence[Camera], truth: Sequence[Camera]) -> tuple[float, float]:
    """Largest distance (mm) and angle (degrees) after bringing the worlds together."""
    T = align_worlds(found, truth)
    moved = [c.moved(c.pose @ inverse(T)) for c in found]
    apart = [np.linalg.norm(a.centre - b.centre) * 1000 for a, b in zip(moved, truth, strict=True)]
    turned = [angle_deg(a.pose, b.pose) for a, b in zip(moved, truth, strict=True)]
    return float(max(apart)), float(max(turned))


def moments_of(board: Board, count: int = 8) -> list[dict[int, BoardView]]:
    return seen_moments(rig(), board, floor_boards(count, board))


def test_cameras_are_placed_though_the_board_looks_the_same_turned() -> None:
    found = calibrate_extrinsics(rig(), moments_of(RIG_BOARD), RIG_BOARD)
    millimetres, degrees = errors(found.cameras, rig())
    assert millimetres < 3
    assert degrees < 0.1
    assert found.flips_resolved > 0
    assert found.rms_px < 0.3


def test_the_floor_is_where_the_first_board_lay_and_z_points_up() -> None:
    found = calibrate_extrinsics(rig(), moments_of(RIG_BOARD), RIG_BOARD, board_on_floor=True)
    assert found.floor_z == 0.0
    for camera, true in zip(found.cameras, rig(), strict=True):
        assert abs(camera.centre[2] - true.centre[2]) < 0.003


def test_pairs_are_chained_where_no_board_is_seen_by_all() -> None:
    neighbours = [{0, 1}, {1, 2}, {2, 3}]
    moments = [
        {i: v for i, v in moment.items() if i in neighbours[m % 3]}
        for m, moment in enumerate(moments_of(RIG_BOARD, 15))
    ]
    found = calibrate_extrinsics(rig(), moments, RIG_BOARD)
    millimetres, degrees = errors(found.cameras, rig())
    assert millimetres < 6
    assert degrees < 0.2
    assert [(a, b) for a, b, _ in found.pairs] == [(0, 1), (1, 2), (2, 3)]


def test_cameras_that_never_overlap_are_refused() -> None:
    moments = [{m % 4: moment[m % 4]} for m, moment in enumerate(moments_of(RIG_BOARD))]
    with pytest.raises(InvalidInput, match="No two cameras see the board"):
        calibrate_extrinsics(rig(), moments, RIG_BOARD)


def test_a_camera_that_sees_no_shared_board_is_named_and_the_rest_is_placed() -> None:
    moments = [{i: v for i, v in m.items() if i != 2} for m in moments_of(RIG_BOARD)]
    found = calibrate_extrinsics(rig(), moments, RIG_BOARD)
    assert [c.placed for c in found.cameras] == [True, True, False, True]
    assert any("rig3 has no place" in warning for warning in found.warnings)


def test_one_position_of_a_symmetric_board_is_not_enough() -> None:
    with pytest.raises(InvalidInput, match="rotated by 180°"):
        calibrate_extrinsics(rig(), moments_of(RIG_BOARD, 1), RIG_BOARD)


def test_one_position_is_enough_where_colours_tell_up_from_down() -> None:
    board = Board(LENS_BOARD.columns, LENS_BOARD.rows, 0.1)
    found = calibrate_extrinsics(rig(), moments_of(board, 1), board)
    assert errors(found.cameras, rig())[0] < 25


def test_a_mirroring_camera_is_named_where_colours_show_it() -> None:
    moments = [
        {i: (v.mirrored(RIG_BOARD) if i == 1 else v) for i, v in m.items()}
        for m in moments_of(RIG_BOARD)
    ]
    found = calibrate_extrinsics(rig(), moments, RIG_BOARD)
    assert not found.cameras[1].placed
    assert any(w.startswith("rig2: its pictures are mirrored") for w in found.warnings)


def test_a_mirroring_camera_is_named_where_only_geometry_shows_it() -> None:
    moments = [
        {i: (v.mirrored(ODD) if i == 1 else v) for i, v in m.items() if i < 2}
        for m in moments_of(ODD)
    ]
    with pytest.raises(InvalidInput, match=r"rig\d: its pictures are mirrored"):
        calibrate_extrinsics(rig(), moments, ODD)


def test_a_view_that_does_not_fit_is_left_out_and_listed() -> None:
    moments = moments_of(RIG_BOARD, 10)
    view = moments[4][2]
    moments[4][2] = BoardView(
        view.name, view.size, view.corners + np.array((12.0, -7.0)), 1.0, view.hand
    )
    found = calibrate_extrinsics(rig(), moments, RIG_BOARD)
    assert [d.file for d in found.dropped] == ["rig3-4.png"]
    assert errors(found.cameras, rig())[0] < 3


def test_pictures_of_another_mode_than_the_lens_are_refused_by_name() -> None:
    moments = moments_of(RIG_BOARD, 3)
    view = moments[1][0]
    moments[1][0] = replace(view, size=(1920, 1080))
    with pytest.raises(InvalidInput, match=r"rig1-1\.png: 1920×1080"):
        calibrate_extrinsics(rig(), moments, RIG_BOARD)


def test_pictures_that_do_not_belong_together_are_refused() -> None:
    moments = moments_of(RIG_BOARD, 9)
    # The second camera is three pictures late.
    late = [{**m, 1: moments[(k + 3) % 9][1]} for k, m in enumerate(moments)]
    with pytest.raises(InvalidInput, match=r"same moment|too few positions"):
        calibrate_extrinsics(rig()[:2], [{i: m[i] for i in (0, 1)} for m in late], RIG_BOARD)
