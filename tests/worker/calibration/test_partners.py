"""Pictures of several cameras that were taken at the same moment, and what boards do not show."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from backend.domain.errors import InvalidInput
from tests.worker.calibration.rigs import (
    LENS_BOARD,
    RIG_BOARD,
    floor_boards,
    lens_views,
    rig,
    seen_moments,
)
from worker.calibration.contradictions import board_lengths, exchanged_lenses
from worker.calibration.missing import lens_missing, places_missing
from worker.calibration.partners import Pairing, partners

NAMES = ("left", "right")


def files(*names: str) -> list[tuple[str, Path]]:
    return [(name, Path(name)) for name in names]


def taken(folder: Path, name: str, second: int) -> tuple[str, Path]:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = f"2026:05:04 10:00:{second:02d}"
    Image.new("L", (8, 8)).save(folder / name, exif=exif)
    return name, folder / name


def test_a_missing_picture_does_not_shift_the_others_where_names_agree() -> None:
    left, right = files("b1.jpg", "b2.jpg", "b10.jpg"), files("b1.jpg", "b10.jpg")
    moments, how, notes = partners([left, right], Pairing.AUTO, NAMES)
    assert how is Pairing.NAME
    assert [sorted(m) for m in moments] == [[0, 1], [0], [0, 1]]
    assert moments[2][1][0] == "b10.jpg"
    assert "left: b2.jpg" in notes[1]


def test_names_that_differ_by_camera_are_matched_by_their_last_number() -> None:
    left, right = files("L_001.png", "L_002.png"), files("R_002.png", "R_001.png")
    moments, _, _ = partners([left, right], Pairing.NAME, NAMES)
    assert [(m[0][0], m[1][0]) for m in moments] == [
        ("L_001.png", "R_001.png"), ("L_002.png", "R_002.png"),
    ]  # fmt: skip


def test_names_that_say_nothing_are_refused_with_the_cameras_they_belong_to() -> None:
    with pytest.raises(InvalidInput, match=r"left: a\.png; right: b\.png"):
        partners([files("a.png"), files("b.png")], Pairing.NAME, NAMES)


def test_pictures_are_matched_by_the_time_in_them(tmp_path: Path) -> None:
    left = [taken(tmp_path, "l1.jpg", 1), taken(tmp_path, "l2.jpg", 20)]
    right = [taken(tmp_path, "r2.jpg", 20), taken(tmp_path, "r1.jpg", 2)]
    moments, how, _ = partners([left, right], Pairing.TIME, NAMES)
    assert how is Pairing.TIME
    assert [(m[0][0], m[1][0]) for m in moments] == [("l1.jpg", "r1.jpg"), ("l2.jpg", "r2.jpg")]


def test_clocks_that_differ_and_pictures_without_a_time_are_said(tmp_path: Path) -> None:
    left = [taken(tmp_path, f"l{k}.jpg", 5 * k) for k in range(3)]
    right = [taken(tmp_path, f"r{k}.jpg", 5 * k + 32) for k in range(3)]
    with pytest.raises(InvalidInput, match=r"right \+32 s after left"):
        partners([left, right], Pairing.TIME, NAMES)
    Image.new("L", (8, 8)).save(tmp_path / "plain.jpg")
    with pytest.raises(InvalidInput, match=r"left: plain\.jpg does not say when"):
        partners([[("plain.jpg", tmp_path / "plain.jpg")], right], Pairing.TIME, NAMES)


def test_what_a_lens_calibration_lacks_is_said() -> None:
    camera = rig()[0]
    views = lens_views(camera, LENS_BOARD, 5)
    said = " ".join(lens_missing(camera, views, LENS_BOARD))
    assert "Only 5 pictures" in said
    assert "hardly ever in this part of the image" in said
    assert "upper left" in said


def test_cameras_that_no_board_links_are_named() -> None:
    moments = seen_moments(rig(), RIG_BOARD, floor_boards(6, RIG_BOARD))
    apart = [{i: v for i, v in moment.items() if (i < 2) == (m % 2 == 0)}
             for m, moment in enumerate(moments)]  # fmt: skip
    said = " ".join(places_missing(rig(), apart))
    assert "no frame in common: rig1, rig2 | rig3, rig4" in said
    assert "Never saw a board at the same moment" in said


def test_a_stretched_print_and_boards_of_contradicting_sizes_are_noticed() -> None:
    moments = seen_moments(rig(), RIG_BOARD, floor_boards(4, RIG_BOARD), turned=False, noise_px=0)
    assert board_lengths(rig(), moments, RIG_BOARD) == []
    other = type(RIG_BOARD)(RIG_BOARD.columns, RIG_BOARD.rows, RIG_BOARD.square_m * 1.05)
    both = moments + [{i: replace(v, board=other) for i, v in m.items()} for m in moments]
    assert "contradict each other" in " ".join(board_lengths(rig(), both, RIG_BOARD))


def test_exchanged_folders_are_noticed_where_lenses_differ() -> None:
    boards = floor_boards(8, RIG_BOARD)
    cameras = list(rig())
    K = cameras[1].K.copy()
    K[:2, :2] *= 0.6
    cameras[1] = replace(cameras[1], K=K)
    moments = seen_moments(cameras, RIG_BOARD, boards, turned=False)
    assert exchanged_lenses(cameras, moments, RIG_BOARD) == []
    swapped = [{{0: 1, 1: 0}.get(i, i): v for i, v in m.items()} for m in moments]
    said = exchanged_lenses(cameras, swapped, RIG_BOARD)
    assert len(said) == 1
    assert "rig1 and rig2 seem to be exchanged" in said[0] or "rig2 and rig1" in said[0]
