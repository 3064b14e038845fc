"""What labelme's files look like, what they hold, and what their numbers count.

One JSON file beside each image: ``imagePath``, ``imageWidth``, ``imageHeight``, and ``shapes`` with
``label``, ``points``, ``group_id``, ``shape_type`` (``point``, ``rectangle``, ``polygon``, ``mask``
…) and ``flags``. A person here is a group: a rectangle with the person's label, points with the
joints', a mask. Whether a joint is occluded stands in the shape's flag ``occluded``. Source:
labelme's repository, ``labelme/label_file.py`` and ``labelme/utils/shape.py`` (a mask lies at its
two corners, both of which belong to it).

Pixels: ``continuous``: points are places in the picture as Qt draws it.
"""

from __future__ import annotations

from typing import Final

from backend.domain.pixels import PixelRule
from backend.publishing.formats.holding import Thing

PIXELS: Final = PixelRule.CONTINUOUS
HOLDS: Final = frozenset(
    (Thing.OCCLUDED, Thing.BOX, Thing.MASK, Thing.OTHERS, Thing.NAME, Thing.EMPTY, Thing.SIZE)
)
OCCLUDED: Final = "occluded"
VERSION: Final = "5.5.0"
"""Of labelme, whose layout is written."""
