"""Numbers of many elements at once, checked; the culprit is looked for only when there is one."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from backend.domain.skeleton import N_JOINTS
from backend.publishing.evaluation.faults import Faults, shown
from backend.publishing.formats.coco_joints import MAX_COORDINATE

Array = NDArray[np.float64]
KEYPOINTS: Final = 3 * N_JOINTS


def is_number(value: Any) -> bool:
    """Whether a JSON value is a finite number; truth values are none."""
    if type(value) is int:
        return abs(value) < 1 << 63
    return type(value) is float and math.isfinite(value)


def is_place(value: Any) -> bool:
    """Whether a JSON value is a number of pixels within reach: squares of others are infinite."""
    return is_number(value) and abs(value) <= MAX_COORDINATE


def rows(
    lists: Sequence[Any], length: int, places: Callable[[int], str], what: str, faults: Faults
) -> Array:
    """Lists of so many numbers of pixels as one array.

    Args:
        lists: (N,) values from JSON.
        length: How many numbers each must have.
        places: Where a list stands in the file, by its index.
        what: What they are called.
        faults: Takes down what is wrong; such rows are 0.

    Returns:
        (N, length).
    """
    found = _at_once(lists, length)
    if found is not None:
        return found
    checked = np.zeros((len(lists), length))
    for i, value in enumerate(lists):
        if not isinstance(value, list):
            faults.add(f"{what} missing or no list", places(i), shown(value))
        elif len(value) != length:
            faults.add(f"{what} of another length than {length}", places(i), f"{len(value)}")
        else:
            wrong = next((k for k, v in enumerate(value) if not is_place(v)), None)
            if wrong is None:
                checked[i] = value
            else:
                where = f"{places(i)}.{what}[{wrong}]"
                fault = "are farther out than 1e9 pixels"
                if not is_number(value[wrong]):
                    fault = "are no finite numbers"
                faults.add(f"{what} with values that {fault}", where, shown(value[wrong]))
    return checked


def _at_once(lists: Sequence[Any], length: int) -> Array | None:
    if not all(type(value) is list and len(value) == length for value in lists):
        return None
    try:
        array = np.array(lists) if lists else np.zeros((0, length))
    except (ValueError, TypeError, OverflowError):
        return None
    if array.shape != (len(lists), length) or array.dtype.kind not in "iuf":
        return None
    array = array.astype(np.float64)
    return array if bool((np.abs(array) <= MAX_COORDINATE).all()) else None
