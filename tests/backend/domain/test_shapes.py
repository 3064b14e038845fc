"""What array code says of its shapes is checked while tests run."""

from __future__ import annotations

from pathlib import Path

import jaxtyping
import numpy as np
import pytest

from backend.domain.metrics import mpjpe, similarity
from tests.fixtures.shapes import CHECKED

ROOT = Path(__file__).parents[3]


def test_a_wrong_shape_is_refused() -> None:
    assert mpjpe(np.zeros((2, 17, 3)), np.zeros((2, 17, 3))).shape == (2,)
    with pytest.raises(jaxtyping.TypeCheckError):
        mpjpe(np.zeros((2, 17, 3)), np.zeros((2, 16, 3)))
    with pytest.raises(jaxtyping.TypeCheckError):
        similarity(np.zeros((4, 3)), np.zeros((5, 3)))


def test_every_checked_module_says_shapes() -> None:
    for name in CHECKED:
        source = (ROOT / f"{name.replace('.', '/')}.py").read_text(encoding="utf-8")
        assert "from jaxtyping import" in source, name
        assert "njit" not in source, name
