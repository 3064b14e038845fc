"""A posable, dressed person made from an ``anny`` body.

``anny`` (code Apache-2.0, data CC0) is imported only by :func:`build_body`. Rest frame: metres,
z up, the person faces −y, the person's left is +x.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from backend.domain.skeleton import JOINTS
from worker.synthesis.scene import smooth_normals

Array = NDArray[np.float64]

PARTS = (
    "head",
    "torso",
    "upper_arm.L",
    "upper_arm.R",
    "forearm.L",
    "forearm.R",
    "hand.L",
    "hand.R",
    "thigh.L",
    "thigh.R",
    "shin.L",
    "shin.R",
    "foot.L",
    "foot.R",
)


def part_of_bone(bone: str) -> str:
    """Name in PARTS of the body part that a bone of anny's rig moves."""
    name, _, side = bone.partition(".")
    if name in ("neck02", "neck03", "head", "eye"):
        return "head"
    for prefix, part in (
        ("upperarm", "upper_arm"),
        ("lowerarm", "forearm"),
        ("wrist", "hand"),
        ("finger", "hand"),
        ("metacarpal", "hand"),
        ("upperleg", "thigh"),
        ("lowerleg", "shin"),
        ("foot", "foot"),
        ("toe", "foot"),
    ):
        if name.startswith(prefix):
            return f"{part}.{side}"
    return "torso"


@dataclass(frozen=True)
class Body:
    """A person at rest.

    vertices: (V, 3) the bare body; its joints are regressed from it. faces: (F, 3). uv: (U, 2)
    and face_uv: (F, 3). bone_index, bone_weight: (V, 9). bones: names; parents: (B,), −1 at the
    root, parents first; heads: (B, 3) where each bone turns. coco: (17, V) joint regressor.
    regions: named (F,) bool masks of faces (eyes, mouth …). marks: (3,) places that are asked for
    like heads of bones where the rig has no such bone.
    """

    vertices: Array
    faces: NDArray[np.int32]
    uv: Array
    face_uv: NDArray[np.int32]
    bone_index: NDArray[np.int64]
    bone_weight: Array
    bones: tuple[str, ...]
    parents: NDArray[np.int64]
    heads: Array
    coco: Array
    regions: Mapping[str, NDArray[np.bool_]]
    marks: Mapping[str, Array] = field(default_factory=dict)

    @property
    def stature(self) -> float:
        """Height in metres, crown to sole."""
        return float(np.ptp(self.vertices[:, 2]))

    @cached_property
    def bone_number(self) -> dict[str, int]:
        """Index of each bone by name."""
        return {name: k for k, name in enumerate(self.bones)}

    def head(self, bone: str) -> Array:
        """Where a bone turns, (3,)."""
        if bone in self.marks:
            return self.marks[bone]
        return np.asarray(self.heads[self.bone_number[bone]])

    @cached_property
    def part_weights(self) -> Array:
        """(V, parts) share of each body part in moving each vertex."""
        part = np.array([PARTS.index(part_of_bone(b)) for b in self.bones])
        out = np.zeros((len(self.vertices), len(PARTS)))
        rows = np.arange(len(out))
        for k in range(self.bone_index.shape[1]):
            np.add.at(out, (rows, part[self.bone_index[:, k]]), self.bone_weight[:, k])
        return out

    @cached_property
    def face_part(self) -> NDArray[np.int16]:
        """(F,) index into PARTS."""
        return np.asarray(self.part_weights[self.faces].sum(axis=1).argmax(axis=1), np.int16)

    @cached_property
    def normals(self) -> Array:
        """(V, 3) of the bare body at rest."""
        return smooth_normals(self.vertices, self.faces)

    def bone_transforms(self, rotations: Mapping[str, Array], root: Array, at: Array) -> Array:
        """(B, 3, 4) rest points to world points.

        rotations: (3, 3) by bone, relative to the parent, in the axes of the rest frame. root:
        (3, 3) turns the whole body about the pelvis; at: (3,) where the pelvis goes.
        """
        out = np.zeros((len(self.bones), 3, 4))
        for k, name in enumerate(self.bones):
            p = self.parents[k]
            turn = rotations.get(name)
            if p < 0:
                R, t = root, at
            else:
                R, t = out[p, :, :3], out[p, :, :3] @ self.heads[k] + out[p, :, 3]
            if turn is not None:
                R = R @ turn
            out[k, :, :3] = R
            out[k, :, 3] = t - R @ self.heads[k]
        return out

    def skin(self, transforms: Array, *rest: Array) -> list[Array]:
        """Move one or more (V, 3) rest surfaces by linear blend skinning."""
        blend = np.einsum("vk,vkij->vij", self.bone_weight, transforms[self.bone_index])
        return [np.einsum("vij,vj->vi", blend[:, :, :3], r) + blend[:, :, 3] for r in rest]


def build_body(
    age: float,
    *,
    gender: float = 0.5,
    weight: float = 0.5,
    muscle: float = 0.5,
    height: float = 0.5,
    proportions: float = 0.5,
    head_scale: float = 1.0,
    leg_scale: float = 1.0,
    arm_scale: float = 1.0,
    torso_scale: tuple[float, float, float] = (1.0, 1.0, 1.0),
    stature: float | None = None,
    actions: Mapping[str, float] | None = None,
) -> Body:
    """Build a body with ``anny`` (install the extra ``synthesis``).

    age: anny's phenotype (−0.33 newborn … 0 baby … 0.33 child … 0.67 adult … 1). head_scale:
    enlarges the head about its base, leg_scale and arm_scale shorten limbs: infants are larger of
    head, broader of trunk and shorter of limb than anny draws them. torso_scale: (x, y, z).
    stature: metres, scales the whole body. actions: anny's facial actions, 0..1.
    """
    import anny
    import torch
    from anny.face_segmentation import (
        get_face_segmentation_mask,
    )
    from anny.keypoints import KeypointsRegressor

    model = anny.Anny(skinning_method="lbs", facial_actions="all")
    out = model(
        phenotype_kwargs={
            "age": age,
            "gender": gender,
            "weight": weight,
            "muscle": muscle,
            "height": height,
            "proportions": proportions,
        },
        facial_actions=dict(actions or {}),
    )
    with torch.no_grad():
        vertices = out["rest_vertices"][0].double().numpy()
        heads = out["rest_bone_heads"][0].double().numpy()
    regressor = KeypointsRegressor.coco(model)
    order = [list(regressor.labels).index(name) for name in JOINTS]
    regions = {
        label: get_face_segmentation_mask(model, [label]).numpy().astype(bool)
        for label in (
            "head",
            "eye_front.L",
            "eye_front.R",
            "eye_back.L",
            "eye_back.R",
            "eye_cavity.L",
            "eye_cavity.R",
            "mouth_cavity",
            "tongue",
        )
    }
    body = Body(
        vertices=vertices,
        faces=model.faces.numpy().astype(np.int32),
        uv=model.texture_coordinates.double().numpy(),
        face_uv=model.face_texture_coordinate_indices.numpy().astype(np.int32),
        bone_index=model.vertex_bone_indices.numpy().astype(np.int64),
        bone_weight=model.vertex_bone_weights.double().numpy(),
        bones=tuple(model.bone_labels),
        parents=np.array([int(p) for p in model.bone_parents]),
        heads=heads,
        coco=regressor.regression_weights.double().numpy()[order],
        regions=regions,
    )
    if head_scale != 1.0:
        body = _resized(body, ("head",), "neck02", np.full(3, head_scale))
    if torso_scale != (1.0, 1.0, 1.0):
        body = _resized(body, ("torso",), "spine03", np.asarray(torso_scale))
    for side in "LR":
        if leg_scale != 1.0:
            parts = (f"thigh.{side}", f"shin.{side}", f"foot.{side}")
            along = np.array([1.0, 1.0, leg_scale])
            body = _resized(body, parts, f"upperleg01.{side}", along)
        if arm_scale != 1.0:
            parts = (f"upper_arm.{side}", f"forearm.{side}", f"hand.{side}")
            body = _resized(body, parts, f"upperarm01.{side}", np.full(3, arm_scale))
    if stature is not None:
        scale = stature / body.stature
        body = _replaced(body, body.vertices * scale, body.heads * scale)
    return body


def _resized(body: Body, parts: tuple[str, ...], pivot_bone: str, scale: Array) -> Body:
    """Scale some parts about a bone's head, fading out over the skinning weights."""
    pivot = body.head(pivot_bone)
    share = body.part_weights[:, [PARTS.index(p) for p in parts]].sum(axis=1)[:, None]
    share = share * share * (3 - 2 * share)
    vertices = pivot + (body.vertices - pivot) * (1 + (scale - 1) * share)
    heads = body.heads.copy()
    for k, name in enumerate(body.bones):
        if part_of_bone(name) in parts:
            heads[k] = pivot + (heads[k] - pivot) * scale
    return _replaced(body, vertices, heads)


def _replaced(body: Body, vertices: Array, heads: Array) -> Body:
    return Body(
        vertices,
        body.faces,
        body.uv,
        body.face_uv,
        body.bone_index,
        body.bone_weight,
        body.bones,
        body.parents,
        heads,
        body.coco,
        body.regions,
    )
