"""Bodies given by the parameters of a body model: turned into joints and vertices by that model.

Read are ``pose`` (N, 72) axis-angle of SMPL's 24 joints, or ``global_orient`` (N, 3) and
``body_pose`` (N, 69); ``betas`` (N, up to B); and where the body is: ``translation`` (N, 3), the
pelvis in the world, with ``scale`` (N,), as an export of fits has them, or ``transl`` (N, 3) as
smplx means it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from backend.domain.errors import InvalidInput
from backend.multiview.bodies.mesh import pose_body, rest_joints
from backend.multiview.bodies.model_file import POSE_VALUES, BodyModel, open_body

Array = NDArray[np.float64]

NAMES: Final = (
    "pose", "global_orient", "body_pose", "betas", "scale", "translation", "transl", "body_sha256",
)  # fmt: skip
"""Arrays that are read."""


@dataclass(frozen=True, slots=True)
class PosedBodies:
    """Some bodies, posed.

    Attributes:
        coco: (N, 17, 3) metres.
        rig: (N, 24, 3) metres.
        vertices: (N, V, 3) metres.
    """

    coco: Array
    rig: Array
    vertices: Array


@dataclass(frozen=True, slots=True)
class Parameters:
    """Parameters of N bodies of one model.

    Attributes:
        model: The body model.
        betas: (N, up to B).
        pose: (N, 72) radians.
        scale: (N,).
        translation: (N, 3) metres, the pelvis.
    """

    model: BodyModel
    betas: Array
    pose: Array
    scale: Array
    translation: Array

    def posed(self, rows: NDArray[np.intp]) -> PosedBodies:
        """The bodies of some rows."""
        found = [
            pose_body(
                self.model, self.betas[i], self.pose[i], float(self.scale[i]), self.translation[i]
            )
            for i in rows.tolist()
        ]
        return PosedBodies(
            np.stack([body.coco for body in found]),
            np.stack([body.joints for body in found]),
            np.stack([body.vertices for body in found]),
        )


def has_parameters(arrays: Mapping[str, NDArray[Any]]) -> bool:
    """Whether an archive gives bodies by parameters."""
    return "pose" in arrays or "body_pose" in arrays


def model_of(arrays: Mapping[str, NDArray[Any]], given: BodyModel | None) -> BodyModel | None:
    """The model that an archive's parameters are of, as far as it is at hand.

    Args:
        arrays: The archive.
        given: What somebody says that it is.

    Returns:
        The given one, or the open infant body where the archive names it; None otherwise.
    """
    if given is not None:
        return given
    named = set(arrays["body_sha256"].tolist()) if "body_sha256" in arrays else set()
    return open_body() if named == {open_body().sha256} else None


def read_parameters(
    arrays: Mapping[str, NDArray[Any]],
    model: BodyModel,
    count: int,
    wrong: Callable[[str], InvalidInput],
) -> Parameters:
    """Check an archive's parameters.

    Args:
        arrays: The archive.
        model: What they are parameters of.
        count: How many bodies.
        wrong: Makes an error about the archive.

    Raises:
        InvalidInput: one is missing, of another shape, or not finite; or they are of another model.
    """
    for sha in set(arrays["body_sha256"].tolist()) if "body_sha256" in arrays else ():
        if sha and sha not in (model.sha256, model.sha256_source):
            raise wrong(f"its parameters are of another body model than {model.name} ({sha[:12]}…)")

    def take(name: str, size: int | None) -> Array:
        array = arrays[name]
        shape = (count,) if size is None else (count, size)
        if array.shape != shape or array.dtype.kind not in "fiu":
            raise wrong(f"“{name}” is of shape {array.shape}; numbers of shape {shape} are wanted")
        if not np.isfinite(array).all():
            raise wrong(f"“{name}” holds values that are not finite")
        return array.astype(np.float64)

    if "pose" in arrays:
        pose = take("pose", 3 + POSE_VALUES)
    elif "global_orient" in arrays:
        pose = np.hstack([take("global_orient", 3), take("body_pose", POSE_VALUES)])
    else:
        raise wrong("“body_pose” without “global_orient” (N, 3)")
    betas = np.zeros((count, 0))
    if "betas" in arrays:
        wide = arrays["betas"].shape[1] if arrays["betas"].ndim == 2 else 0
        betas = take("betas", min(wide, model.betas) or model.betas)
    scale = take("scale", None) if "scale" in arrays else np.ones(count)
    if not (scale > 0).all():
        raise wrong("“scale” holds sizes that are not above 0")
    if "translation" in arrays and "transl" in arrays:
        raise wrong("“translation” and “transl” are both in it; they mean different points")
    translation = np.zeros((count, 3))
    if "translation" in arrays:
        translation = take("translation", 3)
    elif "transl" in arrays:
        if "scale" in arrays:
            raise wrong("“transl” does not go with “scale”; give “translation”, the pelvis")
        pelvis = np.stack([rest_joints(model, row)[0] for row in betas])
        translation = take("transl", 3) + pelvis
    return Parameters(model, betas, pose, scale, translation)
