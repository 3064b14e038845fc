"""What DeepLabCut's tables look like, what they hold, and what their numbers count.

A table has a row for each image and columns under three or four headings: ``scorer``,
``individuals`` (of several animals), ``bodyparts``, ``coords`` (``x``, ``y``, and ``likelihood`` of
predictions). Rows are named by the image (``labeled-data``, folder, file: in one cell or three) or
by the number of a video's frame. A joint that was not placed is empty. Source: DeepLabCut's
documentation, "Standard DeepLabCut user guide" (labelled frames, ``CollectedData_SCORER.csv``), and
``deeplabcut.utils.conversioncode.convertcsv2h5``, which makes the H5 file out of the table.

Pixels: ``index``: labels are placed in napari, where whole numbers are the centres of pixels.
"""

from __future__ import annotations

from typing import Final

from backend.domain.pixels import PixelRule
from backend.publishing.formats.holding import Thing

PIXELS: Final = PixelRule.INDEX
HOLDS: Final = frozenset((Thing.OTHERS, Thing.NAME, Thing.JOINT_SCORES, Thing.EMPTY))
LABELLED: Final = "labeled-data"
SCORER: Final = "infantnet"
