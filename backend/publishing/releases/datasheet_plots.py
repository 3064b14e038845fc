"""Plots of a datasheet as text: it is read in a terminal as well as on a page."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

BAR: Final = 20
"""Blocks of the longest bar."""
_SHADES: Final = "·░▒▓█"


def stacked(*parts: tuple[int, str]) -> str:
    """A bar of the parts of a whole, each in its block; what rounds to none is not seen."""
    whole = sum(number for number, _ in parts)
    bar, before, drawn = "", 0, 0
    for number, block in parts:
        before += number
        upto = (2 * BAR * before + whole) // (2 * whole) if whole else 0
        bar += block * (upto - drawn)
        drawn = upto
    return bar


def between(low: float, middle: float, high: float, *, first: float, last: float) -> str:
    """A span and its middle on an axis; what lies beyond its first or last value is at its end."""
    a, m, b = (
        min(max(int((value - first) / (last - first) * BAR), 0), BAR - 1)
        for value in (low, middle, high)
    )
    return "".join("█" if i == m else "▒" if a <= i <= b else "·" for i in range(BAR))


def shaded(counts: ArrayLike, cells: int) -> list[str]:
    """A map of counts, the darker the more; each line holds two rows, as letters are tall.

    Args:
        counts: (maps, cells²), row after row from the top; their sum is drawn.
        cells: Along each axis, an even number.
    """
    table = np.asarray(counts, dtype=np.int64).reshape(-1, cells // 2, 2, cells).sum(axis=(0, 2))
    most = int(table.max(initial=0))
    # Whole numbers, so that all machines draw the same; whatever is there at all is seen.
    shades = -(-table * (len(_SHADES) - 1) // max(most, 1))
    return ["".join(_SHADES[shade] for shade in row) for row in shades.tolist()]
