"""Joint angles as CSV, whose first lines say what each column is (``backend.domain.joint_angles``).

Lines with ``#`` come first: pandas skips them with ``comment="#"``. One row a moment that was
fitted; ``raw_`` columns are the same angles without the filter.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from backend.domain.joint_angles import ANGLES, joint_angles
from backend.publishing.formats.tracks.layout import PRIOR_ONLY, Track, filter_names

Array = NDArray[np.float64]

UP = (0.0, 0.0, 1.0)


def write(track: Track, raw_body: Array | None) -> bytes:
    """Angles of a motion.

    Args:
        track: The motion. raw_body: (N, 24, 3) the body's joints without the filter, metres.
    """
    tables = [("", joint_angles(track.fitted.pose, track.body, UP))]
    if track.raw is not None and raw_body is not None:
        tables.append(("raw_", joint_angles(track.raw.pose, raw_body, UP)))
    lines = [
        f"# Joint angles in degrees, {track.name}",
        f"# Filter: {filter_names(track)}; raw_ columns are without it",
        f"# {PRIOR_ONLY} They have no angles here.",
        "# The world's z is up",
        *(f"# {angle.name}: {angle.about}" for angle in ANGLES),
    ]
    head = ["moment", "time_s", "verdict", "bridged"]
    head += [prefix + angle.name for prefix, _ in tables for angle in ANGLES]
    lines.append(",".join(head))
    for i in range(len(track.moment)):
        cells = [
            str(int(track.moment[i])), f"{track.time_s[i]:.6f}", track.verdict[i],
            str(int(track.bridged[i])),
        ]  # fmt: skip
        for _, table in tables:
            cells += ["" if np.isnan(v) else f"{v:.3f}" for v in table[i]]
        lines.append(",".join(cells))
    return ("\n".join(lines) + "\n").encode()
