"""The mean body: what bodies in 3D have to beat.

A prediction without looking: every body is the mean of the bodies to train on, put where the true
pelvis is and turned as the true trunk is. It knows place and direction of the trunk and nothing
else, as the mean pose of joints in an image knows the true box. So it has no unaligned errors.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

from backend.domain.evaluation.body_errors import body_measures, pelvises
from backend.domain.skeleton import JOINTS, N_JOINTS

NAME: Final = "mean body, turned as the true one"
MAX_GROUPS: Final = 20
"""Of infants whose own bodies are left out together; each group keeps a mean of its own."""

_COCO_TRUNK: Final = tuple(
    JOINTS.index(name) for name in ("left_shoulder", "right_shoulder", "left_hip", "right_hip")
)
_SMPL_TRUNK: Final = (16, 17, 1, 2)
_MIN_AXIS_M: Final = 1e-6

Array = NDArray[np.float64]


def trunk_axes(joints: Float[Array, "n j 3"]) -> Float[Array, "n 3 3"]:
    """How the trunk of each body is turned.

    Args:
        joints: (N, 17, 3) COCO joints or (N, 24, 3) SMPL's, metres; NaN where unknown.

    Returns:
        (N, 3, 3) rotations whose columns are the body's axes: to its left, to its head, to its
        front. NaN where a shoulder or a hip is unknown, or all of them lie on a line.

    Raises:
        InvalidInput: another number of joints.
    """
    pelvises(joints)  # Says what is wrong with another number of joints.
    trunk = _COCO_TRUNK if joints.shape[1] == N_JOINTS else _SMPL_TRUNK
    left_shoulder, right_shoulder, left_hip, right_hip = (joints[:, i] for i in trunk)
    up = _unit(left_shoulder + right_shoulder - left_hip - right_hip)
    left = left_shoulder - right_shoulder + left_hip - right_hip
    left = _unit(left - (left * up).sum(axis=1, keepdims=True) * up)
    return np.stack([left, up, np.cross(left, up)], axis=2)


class MeanBody:
    """Means of joints and vertices in the axes of the trunk, from the pelvis, metres.

    Args:
        groups: Of how many groups bodies are told; 1 where none is ever left out.
    """

    def __init__(self, groups: int = 1) -> None:
        self.groups = max(1, min(groups, MAX_GROUPS))
        self.bodies = 0
        self._joints: _Sums | None = None
        self._vertices: _Sums | None = None

    def add(
        self,
        joints: Float[Array, "n j 3"],
        vertices: Float[Array, "n v 3"] | None,
        infant: Int[NDArray[Any], " n"],
    ) -> None:
        """Let bodies take part; those whose trunk is not known do not.

        Args:
            joints: (N, 17 or 24, 3) metres; NaN where unknown.
            vertices: (N, V, 3) metres, or None.
            infant: (N,) number of the infant of each.
        """
        axes, pelvis = trunk_axes(joints), pelvises(joints)
        use = np.isfinite(axes).all(axis=(1, 2)) & np.isfinite(pelvis).all(axis=1)
        group = infant[use] % self.groups
        self.bodies += int(use.sum())
        axes, pelvis = axes[use], pelvis[use, None]
        if self._joints is None:
            self._joints = _Sums(self.groups, joints.shape[1])
        self._joints.add((joints[use] - pelvis) @ axes, group)
        if vertices is not None:
            if self._vertices is None:
                self._vertices = _Sums(self.groups, vertices.shape[1])
            self._vertices.add((vertices[use] - pelvis) @ axes, group)

    def measures(
        self,
        true: Float[Array, "n j 3"],
        true_vertices: Float[Array, "n v 3"] | None,
        infant: Int[NDArray[Any], " n"],
    ) -> dict[str, Float[Array, " n"]]:
        """What the mean body reaches on true bodies.

        Where groups are told, the mean is over the bodies of other groups than the infant's own.

        Args:
            true: (N, 17 or 24, 3) metres, joints as those that were added.
            true_vertices: (N, V, 3) metres of the same mesh, or None.
            infant: (N,) number of the infant of each.

        Returns:
            (N,) millimetres: MPJPE, PA-MPJPE and, with vertices of both, PVE; NaN where the trunk
            is not known.
        """
        assert self._joints is not None
        axes, pelvis = trunk_axes(true), pelvises(true)[:, None]
        turned = axes.transpose(0, 2, 1)
        group = infant % self.groups
        joints = self._joints.means()[group] @ turned + pelvis
        vertices = None
        if true_vertices is not None and self._vertices is not None:
            vertices = self._vertices.means()[group] @ turned + pelvis
        found = body_measures(joints, true, vertices, None if vertices is None else true_vertices)
        return {name: found[name] for name in ("MPJPE", "PA-MPJPE", "PVE") if name in found}


class _Sums:
    """Sums of P points by group."""

    def __init__(self, groups: int, points: int) -> None:
        self._sum = np.zeros((groups, points, 3))
        self._count = np.zeros((groups, points))

    def add(self, points: Float[Array, "n p 3"], group: Int[NDArray[Any], " n"]) -> None:
        known: NDArray[np.bool_] = np.asarray(np.isfinite(points).all(axis=2))
        filled = np.where(known[..., None], points, 0.0)
        for of in np.unique(group):
            self._sum[of] += filled[group == of].sum(axis=0)
            self._count[of] += known[group == of].sum(axis=0)

    def means(self) -> Float[Array, "g p 3"]:
        """(G, P, 3) for each group the mean of all others; of all where only it has the point."""
        everybody, times = self._sum.sum(axis=0), self._count.sum(axis=0)
        others, left = everybody - self._sum, times - self._count
        alone = np.asarray(left == 0)
        total = np.where(alone[..., None], everybody, others)
        count = np.where(alone, times, left)[..., None]
        unknown = np.full_like(total, np.nan)
        return np.asarray(np.divide(total, count, out=unknown, where=count > 0))


def _unit(vectors: Float[Array, "n 3"]) -> Float[Array, "n 3"]:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    known = length > _MIN_AXIS_M
    unknown = np.full_like(vectors, np.nan)
    return np.asarray(np.divide(vectors, length, out=unknown, where=known))
