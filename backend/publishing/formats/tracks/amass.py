"""Motions in the layout of AMASS (Mahmood et al. 2019): one ``.npz`` a motion without holes.

``poses`` (N, 156) axis-angles of SMPL-H's 52 joints: SMPL's first 22, then hands, which are zero
here, as nobody saw them; ``trans`` (N, 3) metres, z up; ``betas`` (16,) or as many as the body has;
``dmpls`` (N, 8) zeros; ``gender`` "neutral"; ``mocap_framerate``.

AMASS knows no size of a body: vertices are ``body_scale · SMPL(poses, betas) + trans``. ``trans``
is ``pelvis − body_scale · J₀(betas)`` with the model's root joint at rest where that is known
(``trans_is``), else the pelvis. Beside AMASS' members: ``pelvis``, ``time_s``, ``moment``,
``time_filter``, ``bridged``, ``spread_m``, and ``poses_raw`` and ``trans_raw`` without the filter.
"""

from __future__ import annotations

import io
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from backend.publishing.formats.tracks.layout import PRIOR_ONLY, Poses, Track, filter_names

Array = NDArray[np.float64]

_BODY: Final = 22
_JOINTS: Final = 52
_BETAS: Final = 16


def write(track: Track, rows: NDArray[np.int64], root: Array | None) -> bytes:
    """One file.

    Args:
        track: The motion. rows: Moments of it without a hole.
        root: (3,) the model's root joint at rest, scale 1; None where the model is not known.
    """
    shift = np.zeros(3) if root is None else track.scale * root
    betas = np.zeros(max(_BETAS, len(track.betas)))
    betas[: len(track.betas)] = track.betas
    members: dict[str, Any] = {
        "poses": _poses(track.fitted, rows),
        "trans": track.fitted.place[rows] - shift,
        "betas": betas,
        "dmpls": np.zeros((len(rows), 8)),
        "gender": np.array("neutral"),
        "mocap_framerate": np.array(float(track.rate_hz)),
        "body_scale": np.array(track.scale),
        "pelvis": track.fitted.place[rows],
        "trans_is": np.array(
            "the pelvis; the model's root at rest is not known"
            if root is None
            else "pelvis - body_scale * root joint at rest"
        ),
        "body_model": np.array(track.body_name),
        "body_sha256": np.array(track.body_sha256),
        "recording": np.array(track.name),
        "moment": track.moment[rows],
        "time_s": track.time_s[rows],
        "time_filter": np.array(filter_names(track)),
        "bridged": track.bridged[rows],
        "spread_m": track.spread_m[rows],
        "prior_only": np.array(PRIOR_ONLY),
    }
    if track.raw is not None:
        members["poses_raw"] = _poses(track.raw, rows)
        members["trans_raw"] = track.raw.place[rows] - shift
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **members)
    return buffer.getvalue()


def _poses(poses: Poses, rows: NDArray[np.int64]) -> Array:
    out = np.zeros((len(rows), 3 * _JOINTS))
    out[:, : 3 * _BODY] = poses.pose[rows, : 3 * _BODY]
    return out
