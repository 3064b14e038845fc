"""Numbers by chance that hang on an id and a seed alone, so that anybody can draw them again."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Int, UInt64
from numpy.typing import NDArray


def keys_of(ids: Int[NDArray[Any], " n"], seed: int) -> UInt64[NDArray[Any], " n"]:
    """A number of 64 bits for each id (SplitMix64, Steele et al. 2014).

    Args:
        ids: What is drawn from; who is added or leaves changes nobody else's number.
        seed: Another seed gives other numbers.
    """
    with np.errstate(over="ignore"):
        return _mixed(ids.astype(np.uint64) ^ _mixed(np.full(1, seed, dtype=np.uint64)))


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    z = values + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(z ^ (z >> np.uint64(31)))
