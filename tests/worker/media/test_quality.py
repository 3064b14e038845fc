from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.quality import hamming_distance, near_duplicate
from backend.domain.splits.near_duplicates import half_turned, mirrored
from worker.media.quality import as_signed, from_signed, measure


@pytest.fixture
def scene() -> np.ndarray:
    noise = np.random.default_rng(7).integers(0, 255, (90, 160, 3), np.uint8)
    return cv2.resize(noise, (1280, 720), interpolation=cv2.INTER_CUBIC)


def test_sharpness_is_the_variance_of_the_laplacian():
    image = np.random.default_rng(1).integers(0, 255, (40, 50), np.uint8)
    grey = image.astype(float)
    padded = np.pad(grey, 1, mode="reflect")
    laplacian = (
        padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:] - 4 * grey
    )
    assert measure(np.dstack([image] * 3)).sharpness == pytest.approx(laplacian.var(), rel=1e-6)


def test_blur_lowers_sharpness(scene):
    values = [measure(cv2.GaussianBlur(scene, (0, 0), s)).sharpness for s in (1, 4, 16)]
    assert values == sorted(values, reverse=True)
    assert values[0] > 4 * values[2]


def test_exposure_of_black_white_and_grey():
    black = measure(np.zeros((90, 160, 3), np.uint8))
    white = measure(np.full((90, 160, 3), 255, np.uint8))
    grey = measure(np.full((90, 160, 3), 128, np.uint8))
    assert (black.mean_luma, black.dark_share, black.bright_share) == (0, 1, 0)
    assert (white.mean_luma, white.dark_share, white.bright_share) == (255, 0, 1)
    assert (grey.mean_luma, grey.dark_share, grey.bright_share) == (128, 0, 0)


def test_the_hash_holds_brightness_steps_to_the_right():
    rising = np.tile(np.arange(0, 225, dtype=np.uint8), (200, 1))
    assert measure(np.dstack([rising] * 3)).difference_hash == 2**64 - 1
    assert measure(np.dstack([rising[:, ::-1]] * 3)).difference_hash == 0


def test_the_same_scene_brighter_noisier_and_recompressed_is_a_near_duplicate(scene):
    noise = np.random.default_rng(2).normal(0, 6, scene.shape)
    other = np.clip(scene * 0.9 + 12 + noise, 0, 255).astype(np.uint8)
    other = cv2.imdecode(cv2.imencode(".jpg", other, [cv2.IMWRITE_JPEG_QUALITY, 60])[1], 1)
    assert near_duplicate(measure(scene).difference_hash, measure(other).difference_hash)


def test_a_mirrored_scene_is_no_near_duplicate(scene):
    mirrored = np.ascontiguousarray(scene[:, ::-1])
    assert not near_duplicate(measure(scene).difference_hash, measure(mirrored).difference_hash)


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1))
def test_hashes_survive_a_signed_database_column(a: int, b: int):
    assert from_signed(as_signed(a)) == a
    assert -(2**63) <= as_signed(a) < 2**63
    assert hamming_distance(a, b) == bin(a ^ b).count("1")


def test_hashes_of_mirrored_and_turned_images_are_told_from_the_hash_alone():
    coarse = np.random.default_rng(7).integers(0, 255, (9, 12, 3), np.uint8)
    scene = cv2.resize(coarse, (640, 480), interpolation=cv2.INTER_CUBIC)
    told = measure(scene).difference_hash
    for changed, picture in ((mirrored, scene[:, ::-1]), (half_turned, scene[::-1, ::-1])):
        expected = measure(np.ascontiguousarray(picture)).difference_hash
        assert not near_duplicate(told, expected)
        assert hamming_distance(int(changed([told])[0]), expected) <= 2
