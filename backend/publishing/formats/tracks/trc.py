"""Joints as markers in TRC, the text of OpenSim: millimetres, y up, x as in the world.

Our world has z up: a marker is (x, z, −y). A joint that is not known is left empty, which OpenSim
reads as "not seen". Layout: OpenSim, *Marker (.trc) Files*.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from backend.domain.skeleton import JOINTS
from backend.publishing.formats.tracks.layout import Poses, Track

Array = NDArray[np.float64]


def write(track: Track, poses: Poses, name: str) -> bytes:
    """The COCO joints of a motion.

    Args:
        track: The motion. poses: Those of it that are written. name: Of the file.
    """
    markers = y_up(1000.0 * track.on_grid(poses.coco))
    frames, rate = track.frames, f"{track.rate_hz:.6g}"
    lines = [
        f"PathFileType\t4\t(X/Y/Z)\t{name}",
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\t"
        "OrigNumFrames",
        f"{rate}\t{rate}\t{frames}\t{len(JOINTS)}\tmm\t{rate}\t1\t{frames}",
        "Frame#\tTime\t" + "\t\t\t".join(JOINTS) + "\t\t",
        "\t\t" + "\t".join(f"{axis}{k}" for k in range(1, len(JOINTS) + 1) for axis in "XYZ"),
        "",
    ]
    for frame, values in enumerate(markers.reshape(frames, -1)):
        cells = ("" if np.isnan(value) else f"{value:.4f}" for value in values)
        lines.append(f"{frame + 1}\t{frame / track.rate_hz:.6f}\t" + "\t".join(cells))
    return ("\n".join(lines) + "\n").encode()


def y_up(points: Float[Array, "*n 3"]) -> Float[Array, "*n 3"]:
    """Points of a world with z up, in one with y up."""
    return np.stack([points[..., 0], points[..., 2], -points[..., 1]], axis=-1)
