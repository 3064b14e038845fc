"""How faces are masked, as a release's settings hold it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Self

from backend.domain.errors import InvalidInput


class MaskingMethod(StrEnum):
    """What a masked head looks like."""

    BLUR = "blur"
    """Means of large cells, drawn smoothly: cells first, so that nothing finer is left to undo."""

    PIXELATE = "pixelate"
    """Means of large cells."""

    FILL = "fill"
    """One grey, which tells nothing of the person."""


MAX_CELLS: Final = 8
MIN_CELLS: Final = 2
DEFAULT_CELLS: Final = 6
"""Cells across a head's length. People recognise faces they know from about 16 cells across a face
(Harmon & Julesz 1973; Bachmann 1991), networks trained on a closed list of people from fewer
(McPherson, Shokri & Shmatikov 2016): at 6 a face is not recognised by looking at it, which is no
proof against comparison with pictures of people who are suspected. Only a fill is."""

MIN_CELL_PX: Final = 4
"""Sides of the smallest cell, pixels, however small the face."""

COLOUR_STEP: Final = 16
"""Means of cells are rounded to steps of so many of 255. Frames of a video show a face under many
grids; unrounded means of enough of them add up to a finer picture."""

FILL_LEVEL: Final = 128
"""The grey of a fill, of 255."""

VERSION: Final = 1
"""Of what a rule does to pixels: it is part of a release's settings."""


@dataclass(frozen=True, slots=True)
class MaskingRule:
    """How strongly faces are masked.

    Attributes:
        method: What a masked head looks like.
        cells: Cells across the length of a head, 2 to 8: fewer hide more. A fill has none, and does
            not look at it. A blur of n cells is at least as strong as a Gaussian one whose sigma is
            a 2n-th of a head.

    Raises:
        InvalidInput: so many cells would leave a face recognisable, or so few nothing of the image.
    """

    method: MaskingMethod = MaskingMethod.BLUR
    cells: int = DEFAULT_CELLS

    def __post_init__(self) -> None:
        if isinstance(self.cells, bool) or not isinstance(self.cells, int):
            raise InvalidInput("The cells of a mask must be a whole number.", fault="cells")
        if not MIN_CELLS <= self.cells <= MAX_CELLS:
            raise InvalidInput(
                f"{self.cells} cells across a head: it must be {MIN_CELLS} to {MAX_CELLS}; with "
                "more, faces can be recognised.",
                fault="cells",
            )

    def cell_px(self, head_px: float) -> int:
        """Side of a cell in pixels for a head of the given length in pixels."""
        if not math.isfinite(head_px):
            raise InvalidInput("The length of a head must be a finite number.", fault="head")
        return max(MIN_CELL_PX, math.ceil(head_px / self.cells))

    def to_json(self) -> dict[str, Any]:
        """As a release's settings hold it."""
        return {"method": self.method.value, "cells": self.cells, "version": VERSION}

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read settings.

        Raises:
            InvalidInput: no such method, cells out of range, an unknown member, or a rule of
                another version, whose pixels this program does not make.
        """
        if not isinstance(value, Mapping):
            raise InvalidInput("A masking rule is an object with “method” and “cells”.")
        unknown = sorted(set(value) - {"method", "cells", "version"})
        if unknown:
            raise InvalidInput(f"A masking rule has no “{unknown[0]}”.", fault=str(unknown[0]))
        if value.get("version", VERSION) != VERSION:
            raise InvalidInput(
                f"Masking rule of version {value['version']}: this program knows {VERSION}.",
                fault="version",
            )
        try:
            method = MaskingMethod(value.get("method", MaskingMethod.BLUR))
        except ValueError as error:
            names = ", ".join(MaskingMethod)
            raise InvalidInput(
                f"“{value['method']}” is no way of masking; there are {names}.", fault="method"
            ) from error
        return cls(method, value.get("cells", DEFAULT_CELLS))
