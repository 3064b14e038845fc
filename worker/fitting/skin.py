"""Skinned vertices in numpy, with the derivative of some of them: what masks and scans need.

The same skinning as smplx (pose correctives included in the position; their derivative, a fraction
of a millimetre per step, is left out of the Jacobian).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from backend.multiview.bodies.model_file import BodyModel
from worker.fitting.rig import JointBasis

Array = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Skin:
    """A body with fixed shape. V vertices, at scale 1.

    rest: (V, 3) without pose correctives, with offsets. J: (24, 3). weights: (V, 24).
    posedirs: (207, V·3) or None. below: (24, 24) bool, whether the second hangs on the first.
    """

    rest: Float[Array, "v 3"]
    J: Float[Array, "24 3"]
    weights: Float[Array, "v 24"]
    parents: Int[Ints, "24"]
    posedirs: Float[NDArray[np.float32], "207 3*v"] | None
    below: Float[Array, "24 24"]
    _last: dict[bytes, Array] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        body: BodyModel,
        betas: Float[Array, " b"],
        offsets: Float[Array, "v 3"] | None = None,
    ) -> Skin:
        """The skin of a body with betas (B,) and offsets (V, 3) in metres at scale 1."""
        rest = np.asarray(body.v_template, float) + np.asarray(body.shapedirs, float) @ betas
        parents = np.asarray(body.parents, np.int64)
        below = np.eye(24)
        for joint in range(23, 0, -1):
            below[parents[joint]] += below[joint]
        return cls(
            rest if offsets is None else rest + offsets,
            np.asarray(body.J_regressor, float) @ rest,
            np.asarray(body.weights, float),
            parents,
            body.posedirs,
            np.minimum(below, 1),
        )

    @cached_property
    def count(self) -> int:
        """V."""
        return len(self.rest)

    def part(self, vertices: Int[Ints, " n"]) -> Skin:
        """Only some of the vertices (no COCO joints then)."""
        dirs = self.posedirs
        if dirs is not None:
            dirs = dirs.reshape(207, -1, 3)[:, vertices].reshape(207, -1)
        return replace(
            self,
            rest=self.rest[vertices],
            weights=self.weights[vertices],
            posedirs=dirs,
            _last={},
        )

    def bones(
        self, pose: Float[Array, "72"]
    ) -> tuple[Float[Array, "24 3 3"], Float[Array, "24 3"], Float[Array, "24 3 3"]]:
        """R (24, 3, 3) to world, P (24, 3) posed joints about the root, R_parent (24, 3, 3)."""
        local = Rotation.from_rotvec(pose.reshape(24, 3)).as_matrix()
        R, P, up = np.empty((24, 3, 3)), np.zeros((24, 3)), np.empty((24, 3, 3))
        R[0], up[0] = local[0], np.eye(3)
        for j in range(1, 24):
            p = self.parents[j]
            up[j] = R[p]
            R[j] = R[p] @ local[j]
            P[j] = P[p] + R[p] @ (self.J[j] - self.J[p])
        return R, P, up

    def corrected(self, pose: Float[Array, "72"]) -> Float[Array, "{self.count} 3"]:
        """(V, 3) rest vertices with the pose's correctives."""
        if self.posedirs is None:
            return self.rest
        key = pose.tobytes()
        if key not in self._last:
            # A step asks several times about one pose, and this is the dearest part of it.
            local = Rotation.from_rotvec(pose.reshape(24, 3)[1:]).as_matrix() - np.eye(3)
            moved = local.reshape(-1).astype(np.float32) @ self.posedirs
            self._last.clear()
            self._last[key] = self.rest + moved.reshape(-1, 3)
        return self._last[key]

    def vertices(
        self, pose: Float[Array, "72"], translation: Float[Array, "3"], scale: float
    ) -> Float[Array, "{self.count} 3"]:
        """(V, 3) in the world, metres. pose: (72,), translation: (3,)."""
        R, P, _ = self.bones(pose)
        t = P - np.einsum("jab,jb->ja", R, self.J)
        mixed = (self.weights @ np.concatenate([R.reshape(24, 9), t], 1)).reshape(-1, 12)
        turned = np.einsum("vab,vb->va", mixed[:, :9].reshape(-1, 3, 3), self.corrected(pose))
        return np.asarray(translation + scale * (turned + mixed[:, 9:]))

    def blended(self, pose: Float[Array, "72"]) -> Float[Array, "{self.count} 3 3"]:
        """(V, 3, 3) how rest directions of each vertex are turned into the world, scale 1."""
        R, _, _ = self.bones(pose)
        return np.asarray((self.weights @ R.reshape(24, 9)).reshape(-1, 3, 3))

    def jacobian(
        self,
        pose: Float[Array, "72"],
        scale: float,
        mix: Float[Array, "k n"] | None = None,
        rows: Int[Ints, " n"] | None = None,
    ) -> Float[Array, "_ 3 75"]:
        """(N, 3, 75) derivative by translation and pose of the vertices ``rows`` (default all).

        With ``mix`` (K, N) that of mix @ vertices[rows], (K, 3, 75).
        """
        R, P, up = self.bones(pose)
        at = slice(None) if rows is None else rows
        rest, weights = self.corrected(pose)[at], self.weights[at]
        if mix is None:
            parts = weights[..., None] * (np.einsum("jab,vjb->vja", R, rest[:, None] - self.J) + P)
            beta = weights @ self.below.T
        else:
            shares = (mix[:, None] * weights.T).reshape(-1, len(rest))
            a, b = (shares @ rest).reshape(len(mix), 24, 3), mix @ weights
            parts = np.einsum("jab,kjb->kja", R, a - b[..., None] * self.J) + b[..., None] * P
            beta = b @ self.below.T
        u = np.einsum("mj,vja->vma", self.below, parts)
        arm = scale * (u - beta[..., None] * P)
        turn = up @ left_jacobian(pose.reshape(24, 3))
        out = np.empty((len(arm), 3, 75))
        out[:, :, :3] = np.eye(3) * (1.0 if mix is None else mix.sum(1)[:, None, None])
        # ω × arm, for each column ω of the bone's turn.
        crossed = np.cross(turn.transpose(0, 2, 1)[None], arm[:, :, None])
        out[:, :, 3:] = crossed.transpose(0, 3, 1, 2).reshape(len(arm), 3, 72)
        return out


def left_jacobian(rotvec: Float[Array, "n 3"]) -> Float[Array, "n 3 3"]:
    """(N, 3, 3) left Jacobians of SO(3) at axis-angles (N, 3)."""
    t2 = (rotvec**2).sum(1)
    t = np.sqrt(t2)
    small = t2 < 1e-8
    safe = np.where(small, 1.0, t)
    b = np.where(small, 0.5 - t2 / 24, (1 - np.cos(safe)) / safe**2)
    c = np.where(small, 1 / 6 - t2 / 120, (safe - np.sin(safe)) / safe**3)
    K = np.zeros((len(rotvec), 3, 3))
    K[:, 0, 1], K[:, 0, 2], K[:, 1, 2] = -rotvec[:, 2], rotvec[:, 1], -rotvec[:, 0]
    K = K - K.transpose(0, 2, 1)
    return np.asarray(np.eye(3) + b[:, None, None] * K + c[:, None, None] * (K @ K))


def posed_joints(
    basis: JointBasis,
    betas: Float[Array, " b"],
    pose: Float[Array, "n 72"],
    translation: Float[Array, "n 3"],
    scale: float,
) -> tuple[Float[Array, "n 17 3"], Float[Array, "n 24 3"]]:
    """COCO joints (N, 17, 3) and the body's own (N, 24, 3) of N poses (N, 72), without a mesh.

    Exactly the regressed vertices of the skinned mesh, but for pose correctives.
    """
    n = len(pose)
    J = basis.J + basis.J_betas @ betas
    a = basis.a + basis.a_betas @ betas
    local = Rotation.from_rotvec(pose.reshape(-1, 3)).as_matrix().reshape(n, 24, 3, 3)
    R, P = local.copy(), np.zeros((n, 24, 3))
    for j in range(1, 24):
        p = int(basis.parents[j])
        R[:, j] = R[:, p] @ local[:, j]
        P[:, j] = P[:, p] + R[:, p] @ (J[j] - J[p])
    t = P - np.einsum("njab,jb->nja", R, J)
    coco = np.einsum("njab,kjb->nka", R, a) + np.einsum("kj,nja->nka", basis.b, t)
    place = translation[:, None]
    return place + scale * coco, place + scale * P
