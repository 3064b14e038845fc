"""What CVAT's files hold, and what their numbers count.

Pixels: ``continuous``. CVAT's canvas and its exports count from the outer corner of the first pixel
(``domain.pixels``). Source: CVAT's documentation, "CVAT for images 1.1" (XML annotations), and
the ``LabeledShape`` model of its API (cvat-sdk).
"""

from __future__ import annotations

from typing import Final

from backend.domain.pixels import PixelRule
from backend.publishing.formats.holding import Thing

PIXELS: Final = PixelRule.CONTINUOUS
HOLDS: Final = frozenset(
    (Thing.OCCLUDED, Thing.BOX, Thing.MASK, Thing.OTHERS, Thing.NAME, Thing.EMPTY, Thing.SIZE)
)
