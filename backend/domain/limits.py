"""Numbers beyond which something is doubted or refused, each once, with its source.

Those that belong to one rule alone stand with it: the gate of body fits in ``fits``, the flags of
pictures in ``quality``. What the browser needs is generated for it (``codegen``).
"""

from __future__ import annotations

from typing import Final

LOW_SCORE: Final = 0.3
"""A model's joint below this score is not sure: it is proposed as occluded, prompts no mask, says
nothing of a body's size, and is marked for a second look. Source: the usual threshold at which
COCO pose demos draw a joint (mmpose ``kpt_thr`` 0.3)."""

MIN_MASK_CONSISTENCY: Final = 0.8
"""Least mask–pose consistency of a mask that needs no second look (BBoxMaskPose)."""

MAX_VIEW_ERROR_PX: Final = 15.0
"""How far a mark may lie from the point on which several views agree: the usual limit for rejecting
triangulations (caliscope, aniposelib)."""

GOOD_LENS_RMS_PX: Final = 0.5
POOR_LENS_RMS_PX: Final = 1.0
"""Root mean square error of a lens calibration: good practice is below one half, above one it is
of little use."""

MAX_SHAPE_DIFFERENCE: Final = 0.01
"""Two pictures whose ratios of sides differ by less show the same: a few trimmed pixels."""

MIN_BOX_PX: Final = 2
"""Sides of the smallest box that a person can draw; a click is none."""

MAX_IMAGE_PIXELS: Final = 100_000_000
MAX_VIDEO_PIXELS: Final = 40_000_000
"""Larger pictures are refused before they are decoded."""

MAX_JSON_BYTES: Final = 2 * 1024**3
"""Largest annotation file that is read."""

MAX_OPERATIONS: Final = 200
"""Operations in one write to a frame."""

MAX_SOURCES: Final = 16
"""Frames that an estimate names as those from which it was inferred."""

MAX_NAME_LENGTH: Final = 120
MAX_PSEUDONYM_LENGTH: Final = 80
MAX_NOTE_LENGTH: Final = 4000
MAX_REASON_LENGTH: Final = 2000
"""Characters of what people type: names of people and recordings; of infants and cameras; notes and
comments; reasons in their own words."""
