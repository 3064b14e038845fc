"""The Python side of ``tests/vectors/body.json``; Vitest runs the same file."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from tests.vectors.make_body import PATH, vectors

FILED = json.loads(PATH.read_text(encoding="utf-8"))
MADE = json.loads(json.dumps(vectors()))


def test_the_rest_body_is_that_of_the_vectors() -> None:
    for key in ("rest", "rest_joints", "skin_weight"):
        np.testing.assert_allclose(MADE[key], FILED[key], atol=1e-6)
    for key in ("parents", "faces", "skin_index", "cameras"):
        assert MADE[key] == FILED[key]


@pytest.mark.parametrize("number", range(len(FILED["cases"])))
def test_bodies_are_posed_and_seen_as_in_the_browser(number: int) -> None:
    made: dict[str, Any] = MADE["cases"][number]
    filed: dict[str, Any] = FILED["cases"][number]
    np.testing.assert_allclose(made["vertices"], filed["vertices"], atol=1e-6)
    np.testing.assert_allclose(made["joints"], filed["joints"], atol=1e-6)
    for camera, pixels in filed["pixels"].items():
        np.testing.assert_allclose(made["pixels"][camera], pixels, atol=1e-3)
