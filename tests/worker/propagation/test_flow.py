"""Optical flow on pictures whose motion is known."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from worker.propagation.flow import measure

SIZE = (240, 320)


def _texture(seed: int = 3) -> NDArray[np.uint8]:
    noise = np.random.default_rng(seed).integers(0, 255, SIZE).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), 2.5)
    return cv2.normalize(soft, None, 20, 235, cv2.NORM_MINMAX).astype(np.uint8)


def _moved(image: NDArray[np.uint8], dx: float, dy: float) -> NDArray[np.uint8]:
    way = np.array([[1, 0, dx], [0, 1, dy]], np.float32)
    moved = cv2.warpAffine(image, way, SIZE[::-1], borderMode=cv2.BORDER_REFLECT)
    return np.asarray(moved, dtype=np.uint8)


def test_a_picture_that_moves_is_followed_to_a_fraction_of_a_pixel() -> None:
    still = _texture()
    link = measure(still, _moved(still, 6.3, -3.6), (60.0, 40.0, 220.0, 200.0))
    trusted = link.reliability > 200
    assert trusted.mean() > 0.8
    error = link.displacement[trusted].astype(float) - (6.3, -3.6)
    assert np.median(np.hypot(*error.T)) < 0.25


def test_a_large_square_is_measured_smaller_and_answered_in_image_pixels() -> None:
    wide = cv2.resize(_texture(), None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    way = np.array([[1, 0, 24.0], [0, 1, 10.0]], np.float32)
    moved = cv2.warpAffine(wide, way, wide.shape[::-1], borderMode=cv2.BORDER_REFLECT)
    link = measure(wide, moved, (200.0, 80.0, 1000.0, 880.0))
    trusted = link.reliability > 200
    assert trusted.mean() > 0.6
    error = link.displacement[trusted].astype(float) - (24.0, 10.0)
    assert np.median(np.hypot(*error.T)) < 0.8


def test_nodes_stand_where_they_say() -> None:
    """One spot moves before a still ground: only nodes on the spot move."""
    ground = np.full(SIZE, 90, np.uint8)
    patch = _texture(8)[:60, :60]
    before, after = ground.copy(), ground.copy()
    before[90:150, 120:180] = patch
    after[92:152, 125:185] = patch
    link = measure(before, after, (70.0, 40.0, 230.0, 200.0))
    x, y = (link.origin[:, None] + link.step * np.arange(link.reliability.shape[0])).round(3)
    inner = np.ix_((y > 100) & (y < 140), (x > 130) & (x < 170))
    assert np.abs(link.displacement[inner].astype(float).mean(axis=(0, 1)) - (5, 2)).max() < 0.4
    far = np.ix_(y < 70, x < 100)
    assert np.abs(link.displacement[far].astype(float)).max() < 0.5


def test_what_does_not_come_back_is_not_trusted() -> None:
    link = measure(_texture(1), _texture(2), (60.0, 40.0, 220.0, 200.0))
    assert (link.reliability > 128).mean() < 0.2


def test_nothing_is_trusted_beyond_the_image() -> None:
    still = _texture()
    link = measure(still, still, (-80.0, -40.0, 240.0, 280.0))
    x = link.origin[0] + link.step * np.arange(link.reliability.shape[1])
    assert not link.reliability[:, x < 0].any()
    assert (link.reliability[12:-12, x > 30] > 200).mean() > 0.9


def test_frames_of_two_sizes_are_no_pair() -> None:
    with pytest.raises(ValueError, match="frames of"):
        measure(_texture(), _texture()[:100], (0.0, 0.0, 100.0, 100.0))
