"""A few people whose errors are known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.domain.evaluation.samples import Predictions, Truths

Array = NDArray[np.float64]

AREA = 10_000.0


def figure(x: float = 0.0, y: float = 0.0) -> Array:
    """(17, 2) joints far apart from one another."""
    grid = np.stack(np.divmod(np.arange(17), 5), axis=1) * 100.0
    return grid + np.array([x, y])


def truths(
    joints: Sequence[Array],
    images: Sequence[int] | None = None,
    *,
    facts: Sequence[dict[str, Any]] | None = None,
    visibility: Any = None,
    **changes: Any,
) -> Truths:
    """People with all joints visible, one in each image unless ``images`` says otherwise."""
    count = len(joints)
    image = np.array(range(count) if images is None else images, np.int64)
    total = len(facts) if facts is not None else int(image.max()) + 1
    values: dict[str, Any] = {
        "image_ids": list(range(1, total + 1)),
        "facts": facts or [{}] * total,
        "categories": 1,
        "ids": list(range(1, count + 1)),
        "image": image,
        "category": np.zeros(count, np.int64),
        "joints": np.stack(joints),
        "visibility": np.full((count, 17), 2, np.int64) if visibility is None else visibility,
        "area": np.full(count, AREA),
        "box": np.tile([0.0, 0.0, 400.0, 500.0], (count, 1)),
        "crowd": np.zeros(count, bool),
        "head": np.full(count, np.nan),
    }
    values |= changes
    values.setdefault("labelled", (values["visibility"] > 0).sum(axis=1))
    return Truths(**values)


def predictions(
    joints: Sequence[Array], images: Sequence[int] | None = None, scores: Any = None
) -> Predictions:
    """Predicted people, one in each image unless ``images`` says otherwise."""
    count = len(joints)
    return Predictions(
        np.array(range(count) if images is None else images, np.int64),
        np.zeros(count, np.int64),
        np.stack(joints) if count else np.zeros((0, 17, 2)),
        np.ones(count) if scores is None else np.array(scores, float),
        np.full(count, AREA),
    )
