"""Lenses of a real recording, whose fourth camera has a bad picture."""

from __future__ import annotations

import pytest

from tests.worker.calibration.shared import shared_folder
from worker.calibration.boards import Board
from worker.calibration.files import read_cameras
from worker.calibration.intrinsics import Intrinsics, calibrate_intrinsics
from worker.calibration.sources import find_views

BOARD = Board(4, 7, 0.06)


def lens(name: str, size: tuple[int, int] | None = None) -> Intrinsics:
    folder = shared_folder("multiview_4cam") / "intrinsics" / name
    found = find_views([(p.name, p) for p in sorted(folder.glob("*.jpg"))], BOARD)
    return calibrate_intrinsics(
        name, found.views, BOARD, dropped=tuple(found.dropped), hint=found.hint, size=size
    )


@pytest.mark.parametrize("name", ["cam01", "cam04"])
def test_the_focal_length_is_the_references_within_one_percent(name: str) -> None:
    path = shared_folder("multiview_4cam") / "reference_calibration.qca.txt"
    reference = {c.name: c for c in read_cameras([path]).cameras}[name]
    found = lens(name)
    assert found.rms_px < 0.5
    assert abs(found.camera.K[0, 0] / reference.K[0, 0] - 1) < 0.01
    assert all(gone.reason for gone in found.dropped)


def test_the_bad_picture_is_left_out_by_itself() -> None:
    bad = [gone for gone in lens("cam04").dropped if gone.rms_px is not None]
    assert [gone.file for gone in bad] == ["07.jpg"]


def test_the_lens_is_brought_to_the_size_of_the_sessions_video() -> None:
    whole, video = lens("cam01"), lens("cam01", size=(1080, 1920))
    assert (video.camera.width, video.camera.height) == (1080, 1920)
    ratio = video.camera.K[0, 0] / whole.camera.K[0, 0]
    assert ratio == pytest.approx(1080 / 1088, rel=1e-3)
