"""Lenses of files that cannot be are refused, and what is odd is said."""

from __future__ import annotations

import numpy as np
import pytest

from backend.domain.cameras import Camera
from backend.domain.errors import InvalidInput
from worker.calibration.plausible import doubts


def camera(
    fx: float = 900.0, fy: float = 900.0, cx: float = 640.0, cy: float = 360.0,
    size: tuple[int, int] = (1280, 720), bent: tuple[float, ...] = (-0.1, 0.01, 0, 0, 0),
) -> Camera:  # fmt: skip
    K = np.array([[fx, 0, cx], [0, fy, cy], [0, 0, 1.0]])
    return Camera("left", *size, K, np.array(bent))


def test_an_ordinary_lens_raises_no_doubt() -> None:
    assert doubts(camera(), "a.yml") == []


@pytest.mark.parametrize(
    ("lens", "said"),
    [
        (camera(0.7, 0.7), "another unit"),
        (camera(9e6, 9e6), "another unit"),
        (camera(900, 90), "contradict each other"),
        (camera(size=(320, 180)), "outside of its pictures"),
    ],
)
def test_what_no_camera_has_is_refused_by_name(lens: Camera, said: str) -> None:
    with pytest.raises(InvalidInput, match=said) as caught:
        doubts(lens, "a.yml")
    assert caught.value.message.startswith("a.yml: camera left: ")
    assert "?." not in caught.value.message


@pytest.mark.parametrize(
    ("lens", "said"),
    [
        (camera(1400, 1400, 960, 540), "image size that it was calibrated with"),
        (camera(900, 940), "not square"),
        (camera(bent=(-50.0, 400.0, 0, 0, 0)), "folds the picture"),
    ],
)
def test_what_is_odd_is_said(lens: Camera, said: str) -> None:
    (words,) = doubts(lens, "a.yml")
    assert said in words
