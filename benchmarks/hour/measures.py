"""Against the truth: OKS, PCK@.1, and what the pre-labels of a session are worth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from backend.domain.evaluation.similarity import joint_similarities
from benchmarks.hour.sessions import Session

Array = NDArray[np.float64]


def similarities(session: Session, joints: Array) -> Array:
    """(C, T, 17) similarity of each joint as in OKS; 0 where there is none, NaN outside."""
    found = joint_similarities(session.joints2d, session.area, np.nan_to_num(joints, nan=-1e6))
    return np.where(session.visibility > 0, found, np.nan)


def oks(session: Session, joints: Array) -> Array:
    """(C, T) OKS of frames; NaN where a project would have discarded the frame."""
    with np.errstate(all="ignore"):
        mean = np.nanmean(similarities(session, joints), axis=2)
    return np.where(session.usable, mean, np.nan)


def pck(session: Session, joints: Array, share: float = 0.1) -> float:
    """Share of joints within ``share`` of the longer side of the box around the infant's joints."""
    known = (session.visibility > 0)[..., None]
    truth = np.where(known, session.joints2d, np.nan)
    with np.errstate(all="ignore"):
        side = (np.nanmax(truth, axis=2) - np.nanmin(truth, axis=2)).max(axis=-1)
    error = np.linalg.norm(np.nan_to_num(joints, nan=-1e6) - session.joints2d, axis=-1)
    counted = known[..., 0] & session.usable[..., None]
    return float((error <= share * side[..., None])[counted].mean())


def summary(session: Session, joints: Array) -> dict[str, float]:
    """Mean OKS, share of frames at .9 or more, PCK@.1."""
    found = oks(session, joints)
    kept = found[np.isfinite(found)]
    return {
        "oks": float(kept.mean()),
        "good": float((kept >= 0.9).mean()),
        "pck": pck(session, joints),
    }
