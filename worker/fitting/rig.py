"""What of a body the joints depend on: bones, the few blends of a joint, limits, prior, capsules.

A COCO joint is a linear combination of skinned vertices, so it is one of skinning transforms too:
``x_k = Σ_j R_j·c_kj + b_kj·P_j`` with posed joints ``P_j`` (pose correctives left out). ``c`` and
``b`` come once from regressor × weights and are linear in the betas. Bones that move no joint by
more than a few millimetres per radian (hands, toes) are left to the pose prior: their values follow
from the others as its conditional mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

from backend.domain.errors import InvalidInput
from backend.multiview.bodies.model_file import BodyModel

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

LEVER_M = 0.012
"""A bone whose turn by one radian moves no joint by more than this is not solved for."""

TRACE = 0.01
"""Blends below this weight are fixed to the bone of largest weight."""

CAPSULES: tuple[tuple[int, int], ...] = (
    (0, 9), (15, 15), (1, 4), (2, 5), (4, 7), (5, 8), (16, 18), (17, 19), (18, 20), (19, 21),
)  # fmt: skip
"""Limbs as pairs of SMPL joints; the head is a ball."""

COLLISIONS: tuple[tuple[int, int], ...] = (
    (2, 3), (4, 5), (2, 5), (3, 4), (8, 9), (8, 0), (9, 0), (8, 1), (9, 1), (4, 0), (5, 0),
    (8, 2), (8, 3), (9, 2), (9, 3), (8, 4), (8, 5), (9, 4), (9, 5), (6, 9), (7, 8), (4, 1), (5, 1),
)  # fmt: skip
"""Pairs of capsules that can meet: limbs that share a joint are left out."""


@dataclass(frozen=True)
class JointBasis:
    """The part of a body that joints depend on; all in metres, at scale 1.

    J: (24, 3) rest joints, J_betas: (24, 3, B). a: (17, 24, 3), a_betas: (17, 24, 3, B) and
    b: (17, 24): COCO joints by bone, x_k = Σ_j R_j·a_kj + b_kj·t_j with t_j = P_j − R_j·J_j.
    parents: (24,), −1 for the root. coco_weight: (17,). prior_mean (69,), prior_factor (69, 69),
    lower and upper (69,) rad. radius: (10,) of ``CAPSULES``. length: crown to sole.
    beta_precision: (B, B) of the shape prior.
    """

    name: str
    sha256: str
    J: Float[Array, "24 3"]
    J_betas: Float[Array, "24 3 b"]
    a: Float[Array, "17 24 3"]
    a_betas: Float[Array, "17 24 3 b"]
    b: Float[Array, "17 24"]
    parents: Int[Ints, "24"]
    coco_weight: Float[Array, "17"]
    prior_mean: Float[Array, "69"]
    prior_factor: Float[Array, "69 69"]
    lower: Float[Array, "69"]
    upper: Float[Array, "69"]
    radius: Float[Array, "10"]
    length: float
    beta_precision: Float[Array, "b b"]

    @property
    def n_betas(self) -> int:
        """Number of shape directions."""
        return int(self.J_betas.shape[2])

    @cached_property
    def active(self) -> tuple[int, ...]:
        """Bones that are solved for: those that move some joint, and all their ancestors."""
        lever = np.zeros(24)
        for joint in range(23, -1, -1):
            inside = self.descendants(joint)
            u = self.a[:, inside].sum(1) - self.b[:, inside].sum(1)[:, None] * self.J[joint]
            lever[joint] = np.linalg.norm(u, axis=1).max()
        chosen = {0}
        for moved in np.flatnonzero(lever > LEVER_M):
            at = int(moved)
            while at > 0:
                chosen.add(at)
                at = int(self.parents[at])
        return tuple(sorted(chosen))

    def descendants(self, joint: int) -> list[int]:
        """The joint and all that hangs on it."""
        found = {joint}
        for other in range(joint + 1, 24):
            if int(self.parents[other]) in found:
                found.add(other)
        return sorted(found)


def basis_of(body: BodyModel) -> JointBasis:
    """The joints' part of a body model."""
    template = np.asarray(body.v_template, float)
    shapes = np.asarray(body.shapedirs, float)
    regressor = np.asarray(body.J_regressor, float)
    weights = np.asarray(body.weights, float)
    blend = np.asarray(body.coco_regressor, float)
    n = body.betas
    J = regressor @ template
    parts = np.einsum("kv,vj->kjv", blend, weights).reshape(-1, len(template))
    precision = np.eye(n) if body.beta_precision is None else body.beta_precision
    return JointBasis(
        name=body.name,
        sha256=body.sha256,
        J=J,
        J_betas=(regressor @ shapes.reshape(len(template), -1)).reshape(24, 3, n),
        a=(parts @ template).reshape(17, 24, 3),
        a_betas=(parts @ shapes.reshape(len(template), -1)).reshape(17, 24, 3, n),
        b=blend @ weights,
        parents=np.asarray(body.parents, np.int64),
        coco_weight=np.asarray(body.coco_weight, float),
        prior_mean=np.asarray(body.pose_mean, float),
        prior_factor=np.asarray(body.pose_factor, float),
        lower=np.asarray(body.pose_lower, float),
        upper=np.asarray(body.pose_upper, float),
        radius=_radii(template, body.part, J),
        length=body.rest_length,
        beta_precision=np.asarray(precision, float),
    )


def _radii(template: Array, part: NDArray[np.int8], J: Array) -> Array:
    """(10,) median distance of a limb's skin from its bone, metres."""
    out = []
    for start, end in CAPSULES:
        axis = J[end] - J[start]
        skin = template[part == start] - J[start]
        if len(skin) < 3:
            out.append(0.02)
            continue
        along = np.clip(skin @ axis / max(float(axis @ axis), 1e-9), 0, 1)
        out.append(float(np.median(np.linalg.norm(skin - along[:, None] * axis, axis=1))))
    return np.array(out)


@dataclass(frozen=True)
class Rig:
    """A basis with fixed betas, flattened for the compiled functions. A active bones.

    parent: (A,) into the active ones, −1 first. offset: (A, 3) to the parent. joint: (A,) SMPL's
    number. Points: 17 COCO joints, then 24 body joints. Entries of point k are
    ``entry_at[k]:entry_at[k + 1]`` with bone, b and c (metres in the bone's rest axes).
    Groups of COCO joints that move with the same bones: ``group_joints[g, :n_joints[g]]`` and
    ``group_bones[g, :n_bones[g]]``. ends: (10, 2) points of the capsules; radius (10,) metres.
    """

    basis: JointBasis
    betas: Array
    parent: Ints
    offset: Array
    joint: Ints
    entry_at: Ints
    entry_bone: Ints
    entry_b: Array
    entry_c: Array
    group_joints: Ints
    n_joints: Ints
    group_bones: Ints
    n_bones: Ints
    ends: Ints
    pairs: Ints
    radius: Array

    @property
    def packed(self) -> tuple[Array | Ints, ...]:
        """The arrays in the order in which compiled functions unpack them."""
        return (
            self.parent, self.offset, self.entry_at, self.entry_bone, self.entry_b, self.entry_c,
            self.group_joints, self.n_joints, self.group_bones, self.n_bones, self.ends,
            self.pairs, self.radius,
        )  # fmt: skip


def make_rig(basis: JointBasis, betas: Float[Array, " b"], capsule_scale: float = 0.8) -> Rig:
    """The rig of a body with these betas (B,).

    Raises:
        InvalidInput: wrong number of betas.
    """
    betas = np.asarray(betas, float)
    if betas.shape != (basis.n_betas,):
        fault = f"{betas.shape} betas for a body with {basis.n_betas}"
        raise InvalidInput(f"Body {basis.name}: {fault}.", fault=fault)
    J = basis.J + basis.J_betas @ betas
    a = basis.a + basis.a_betas @ betas
    active = basis.active
    row = {joint: i for i, joint in enumerate(active)}
    parent = np.array([row.get(int(basis.parents[j]), -1) for j in active])
    offset = np.array(
        [J[j] - (J[basis.parents[j]] if basis.parents[j] >= 0 else J[j]) for j in active]
    )
    points = [_blend(basis, J, a[k], basis.b[k], row) for k in range(17)]
    carriers = [_carrier(basis, j, row) for j in range(24)]
    points += [[(bone, 1.0, J[j] - J[active[bone]])] for j, bone in enumerate(carriers)]
    entries = [entry for point in points for entry in point]
    entry_at = np.concatenate([[0], np.cumsum([len(point) for point in points])])
    groups = _groups(parent, [{entry[0] for entry in point} for point in points[:17]])
    return Rig(
        basis, betas, parent, offset, np.array(active), entry_at,
        np.array([e[0] for e in entries]), np.array([e[1] for e in entries]),
        np.array([e[2] for e in entries]), *groups,
        np.array(CAPSULES) + 17, np.array(COLLISIONS), basis.radius * capsule_scale,
    )  # fmt: skip


def _carrier(basis: JointBasis, joint: int, row: dict[int, int]) -> int:
    """The active bone that carries a joint (its own or the nearest ancestor)."""
    while joint not in row:
        joint = int(basis.parents[joint])
    return row[joint]


def _blend(
    basis: JointBasis, J: Array, a: Array, b: Array, row: dict[int, int]
) -> list[tuple[int, float, Array]]:
    """(bone, b, c) of a COCO joint. The rest pose gives exactly the regressed point: what other
    bones than active ones carry, and traces, go to their carrier or to the main bone."""
    weight, part = np.zeros(len(row)), np.zeros((len(row), 3))
    for joint in range(24):
        bone = _carrier(basis, joint, row)
        weight[bone] += b[joint]
        part[bone] += a[joint]
    main = int(np.abs(weight).argmax())
    for trace in np.flatnonzero(np.abs(weight) < TRACE):
        weight[main] += weight[trace]
        part[main] += part[trace]
        weight[trace] = 0
    joints = list(row)
    return [
        (int(bone), float(weight[bone]), part[bone] - weight[bone] * J[joints[bone]])
        for bone in np.flatnonzero(weight)
    ]


def _groups(parent: Ints, bones: Sequence[set[int]]) -> tuple[Ints, Ints, Ints, Ints]:
    """Joints whose chains of bones lie within one another's, together."""
    chains = []
    for own in bones:
        chain: set[int] = set()
        for bone in own:
            at = bone
            while at >= 0:
                chain.add(at)
                at = int(parent[at])
        chains.append(frozenset(chain))
    groups: list[tuple[frozenset[int], list[int]]] = []
    for k in sorted(range(len(chains)), key=lambda k: -len(chains[k])):
        for whole, members in groups:
            if chains[k] <= whole:
                members.append(k)
                break
        else:
            groups.append((chains[k], [k]))
    joints = np.zeros((len(groups), max(len(m) for _, m in groups)), np.int64)
    which = np.zeros((len(groups), max(len(c) for c, _ in groups)), np.int64)
    for g, (whole, members) in enumerate(groups):
        joints[g, : len(members)] = members
        which[g, : len(whole)] = sorted(whole)
    return (
        joints, np.array([len(m) for _, m in groups]), which,
        np.array([len(c) for c, _ in groups]),
    )  # fmt: skip
