"""What SLEAP's ``.slp`` files look like, what they hold, and what their numbers count.

An HDF5 file: ``metadata`` with JSON (nodes, skeletons), ``videos_json``, ``tracks_json``, and the
record arrays ``frames`` → ``instances`` → ``points`` or ``pred_points``. A point that is not placed
is NaN; one that is placed and not ``visible`` is what people mark as occluded. Source: sleap-io
(``sleap_io/io/slp.py``), which SLEAP itself reads and writes with.

Pixels: ``index`` since ``format_id`` 1.1 (the centre of the top-left pixel is at (0, 0)),
``continuous`` before it (its corner was), as sleap-io reads them.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from backend.domain.pixels import PixelRule
from backend.publishing.formats.holding import Thing

PIXELS: Final = PixelRule.INDEX
INDEX_SINCE: Final = 1.1
FORMAT_ID: Final = 1.2
"""What is written: instances with a score of their tracking."""

HOLDS: Final = frozenset(
    (
        Thing.OCCLUDED,
        Thing.OTHERS,
        Thing.TRACK,
        Thing.SCORE,
        Thing.JOINT_SCORES,
        Thing.EMPTY,
        Thing.VIDEO,
        Thing.SIZE,
    )
)

FRAME: Final = np.dtype(
    [
        ("frame_id", "u8"),
        ("video", "u4"),
        ("frame_idx", "u8"),
        ("instance_id_start", "u8"),
        ("instance_id_end", "u8"),
    ]
)
INSTANCE: Final = np.dtype(
    [
        ("instance_id", "i8"),
        ("instance_type", "u1"),
        ("frame_id", "u8"),
        ("skeleton", "u4"),
        ("track", "i4"),
        ("from_predicted", "i8"),
        ("score", "f4"),
        ("point_id_start", "u8"),
        ("point_id_end", "u8"),
        ("tracking_score", "f4"),
    ]
)
POINT: Final = np.dtype([("x", "f8"), ("y", "f8"), ("visible", "?"), ("complete", "?")])
PREDICTED: Final = np.dtype(
    [("x", "f8"), ("y", "f8"), ("visible", "?"), ("complete", "?"), ("score", "f8")]
)
USER: Final = 0
MODEL: Final = 1
