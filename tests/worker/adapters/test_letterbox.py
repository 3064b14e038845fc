from __future__ import annotations

import numpy as np
import pytest

from backend.domain.errors import InvalidInput
from worker.adapters.letterbox import letterbox


def fit(image: np.ndarray, side: int = 64):
    square = np.empty((side, side, 3), dtype=np.uint8)
    return square, letterbox(image, side, square)


def test_a_wide_image_is_centred_between_grey_bars_and_comes_out_in_bgr() -> None:
    image = np.full((32, 128, 3), (200, 100, 50), dtype=np.uint8)
    square, placed = fit(image)
    assert placed.scale == 0.5
    assert placed.shift == (0, 24)
    assert (square[:23] == 114).all()
    assert (square[41:] == 114).all()
    assert (square[26:38, 2:62] == (50, 100, 200)).all()


def test_a_small_image_is_enlarged() -> None:
    _, placed = fit(np.zeros((8, 4, 3), dtype=np.uint8))
    assert placed.scale == 8
    assert placed.shift == (16, 0)


@pytest.mark.parametrize("shape", [(1, 1), (1, 999), (720, 1280), (1281, 717)])
def test_coordinates_come_back(shape: tuple[int, int]) -> None:
    _, placed = fit(np.zeros((*shape, 3), dtype=np.uint8))
    points = np.random.default_rng(0).random((17, 2)) * shape[::-1]
    there = points * placed.scale + placed.shift
    assert np.allclose(placed.to_image(there), points)


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((4, 4), dtype=np.uint8),
        np.zeros((4, 4, 4), dtype=np.uint8),
        np.zeros((4, 4, 3)),
        np.zeros((0, 4, 3), dtype=np.uint8),
    ],
)
def test_what_is_no_rgb_image_of_bytes_is_refused(image: np.ndarray) -> None:
    with pytest.raises(InvalidInput, match="Expected an RGB image"):
        fit(image)
