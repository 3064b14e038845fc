"""What an earlier fit of a recording tells a later one: shape, and poses to keep or start from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from worker.fitting.result import SessionFit

Array = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Ending:
    """How the earlier run ended, moment by moment, for those that stay as they are.

    Attributes:
        energy: (N,). converged: (N,). restarts: (N,) how many other starts were tried.
        mask_iou: (N, C) overlap with the mask in each view, NaN where there is none.
    """

    energy: Array
    converged: NDArray[np.bool_]
    restarts: Ints
    mask_iou: Array


@dataclass(frozen=True, eq=False)
class Sequenced:
    """What sequences left of N moments: ``spread_m``, ``bridged``, ``raw_pose`` and
    ``raw_translation`` of ``SessionFit``."""

    spread_m: Array
    bridged: NDArray[np.bool_]
    pose: Array
    translation: Array


@dataclass(frozen=True, eq=False)
class WarmStart:
    """An earlier fit of N moments, as far as the solver makes use of it.

    Attributes:
        body_name: Of the body model. body_sha256: Hash of its file.
        betas: (B,) shape. scale: Of the body.
        moment: (N,) numbers of the moments in the input, rising.
        pose: (N, 72) axis-angle. translation: (N, 3) where the pelvis is, metres.
        shape_moments: Moments that fixed the shape.
        offsets: (V, 3) metres at scale 1 added to the skin at rest, or None.
        ending: How the run ended; None where that was not kept.
        sequence: What its sequences left; None where there was none.
    """

    body_name: str
    body_sha256: str
    betas: Array
    scale: float
    moment: Ints
    pose: Array
    translation: Array
    shape_moments: tuple[int, ...] = ()
    offsets: Array | None = None
    ending: Ending | None = None
    sequence: Sequenced | None = None

    def __len__(self) -> int:
        return len(self.moment)

    @classmethod
    def of(cls, fit: SessionFit) -> WarmStart:
        """What a result tells the next run."""
        some = len(fit) > 0
        return cls(
            body_name=fit.body_name,
            body_sha256=fit.body_sha256,
            betas=fit.betas[0] if some else np.zeros(fit.betas.shape[1]),
            scale=float(fit.scale[0]) if some else 1.0,
            moment=fit.moment,
            pose=fit.pose,
            translation=fit.translation,
            shape_moments=fit.shape_moments,
            offsets=fit.offsets,
            ending=Ending(
                fit.energy, fit.converged, fit.facing_restarts.astype(np.int64), fit.mask_iou
            ),
            sequence=_sequence(fit),
        )

    def rows_of(self, moments: Ints) -> Ints:
        """Places in this start of moments that it has."""
        return np.searchsorted(self.moment, moments)


def _sequence(fit: SessionFit) -> Sequenced | None:
    if fit.raw_pose is None or fit.raw_translation is None:
        return None
    if fit.spread_m is None or fit.bridged is None:
        return None
    return Sequenced(fit.spread_m, fit.bridged, fit.raw_pose, fit.raw_translation)
