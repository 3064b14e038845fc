"""Which rule of the gate a body fit failed, in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from backend.domain.skeleton import JOINTS
from worker.fitting.config import FitConfig

Array = NDArray[np.float64]


def failed_rules(
    error: Float[Array, "c 17"], config: FitConfig, cameras: Sequence[str]
) -> list[str]:
    """The rules that a fit fails, each with what it measured; none where it passes.

    Args:
        error: (C, 17) px, NaN where nothing was given.
        config: Whose limits hold.
        cameras: Names of the views.
    """
    seen = np.isfinite(error)
    if not seen.any():
        return ["no joint was given"]
    out = []
    given = int(seen.any(axis=0).sum())
    if given < config.gate_joints:
        out.append(f"{given} joints were given, {config.gate_joints} are needed")
    mean = float(error[seen].mean())
    if mean > config.gate_px:
        out.append(f"mean error {mean:.1f} px, limit {config.gate_px:g} px")
    for c in np.flatnonzero(seen.any(axis=1)).tolist():
        level = float(error[c][seen[c]].mean())
        if level > config.gate_px:
            out.append(f"mean error in {cameras[c]} {level:.1f} px, limit {config.gate_px:g} px")
    for c, k in np.argwhere(np.nan_to_num(error) > config.gate_single_px).tolist():
        out.append(
            f"{JOINTS[k].replace('_', ' ')} in {cameras[c]} {error[c, k]:.0f} px off, limit"
            f" {config.gate_single_px:g} px"
        )
    return out
