"""Infants in the poses of a file of body fits, instead of random ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from backend.core.archives import MAX_BYTES, ArchiveFault, read_npz
from backend.domain.errors import InvalidInput
from backend.multiview.bodies.model_file import OPEN_BODY, open_body
from worker.synthesis.body import Body
from worker.synthesis.moves import SINK, Move
from worker.synthesis.open_infants import Infant, from_smpl, posable
from worker.synthesis.shots import STATURE

Array = NDArray[np.float64]


class FittedPeople:
    """The infants of a file of fits, one fit a picture, over and over.

    Rejected fits are left out. An infant keeps its fitted pose and its direction in the world, and
    is set on the floor; shape is that of the first fit in a scene.

    Args:
        path: ``fits.npz`` as ``infantnet tools fit`` and ``infantnet export fits`` write it.

    Raises:
        InvalidInput: the file cannot be read, lacks something, or is of another body model.
    """

    def __init__(self, path: Path) -> None:
        def wrong(fault: str) -> InvalidInput:
            return InvalidInput(f"{path} cannot be rendered: {fault}.", file=str(path), fault=fault)

        try:
            found = read_npz(path, MAX_BYTES)
        except FileNotFoundError as error:
            raise wrong("there is no such file") from error
        except ArchiveFault as error:
            raise wrong(f"it is not an npz archive of plain arrays: {error}") from error
        missing = [name for name in ("body_name", "betas", "pose") if name not in found]
        if missing:
            raise wrong(f"it lacks {', '.join(missing)}")
        if str(found["body_name"]) != OPEN_BODY:
            raise wrong(f"its body model is {found['body_name']}, and only {OPEN_BODY} is dressed")
        if any(found[name].dtype.kind not in "fiu" for name in ("betas", "pose")):
            raise wrong("pose and betas are not numbers")
        pose, betas = found["pose"].astype(float), found["betas"].astype(float)
        if pose.ndim != 2 or pose.shape[1] != 72 or betas.shape[:1] != pose.shape[:1]:
            raise wrong("pose is not N × 72, or betas has another N")
        kept = np.isfinite(pose).all(axis=1) & np.isfinite(betas).all(axis=1)
        if "verdict" in found:
            kept &= found["verdict"] != "rejected"
        if not kept.any():
            raise wrong("it holds no fit that was not rejected")
        self._pose, self._betas = pose[kept], betas[kept]

    def infant(self, rng: np.random.Generator, index: int) -> Infant:
        """See :class:`~worker.synthesis.shots.People`."""
        model = open_body()
        return posable(model, self._betas[index % len(self._betas)][: model.betas], STATURE)

    def move(self, body: Body, rng: np.random.Generator, index: int) -> Move:
        """See :class:`~worker.synthesis.shots.People`."""
        pose = from_smpl(self._pose[index % len(self._pose)], np.zeros(3))
        (points,) = body.skin(pose.transforms(body), body.vertices)
        return Move("fitted", replace(pose, at=np.array([0, 0, -SINK - points[:, 2].min()])))
