"""The energy of many moments at once with its normal equations: ``levenberg`` and ``normal`` in
torch, term by term."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from worker.fitting import levenberg as lm
from worker.fitting.batched_body import COCO, POINTS, Bones
from worker.fitting.batched_views import views
from worker.fitting.priors import PosePrior
from worker.fitting.rig import Rig

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Given:
    """What N moments are fitted to, on a device; as ``levenberg.fit_moments`` takes it."""

    obs: Float[Tensor, "n c 17 2"]
    w2: Float[Tensor, "n c 17"]
    tri: Float[Tensor, "n 17 3"]
    tri_w: Float[Tensor, "n 17"]
    aim: Float[Tensor, "n 17 3"]
    aim_w: Float[Tensor, "n 17"]
    scale: Float[Tensor, " n"]

    def at(self, rows: Tensor) -> Given:
        """Some of the moments."""
        return replace(self, **{name: value[rows] for name, value in vars(self).items()})


@dataclass(frozen=True, eq=False)
class Stand:
    """The energy (N,) at poses, its matrix H (N, D, D) and half its gradient h (N, D)."""

    energy: Tensor
    H: Tensor
    h: Tensor


class BatchedEnergy:
    """The energy of one body before some cameras, on a device.

    Args:
        cams: (C, 26) packed cameras. floor: (4,) plane or zeros.
    """

    def __init__(
        self, rig: Rig, prior: PosePrior, cams: Array, floor: Array, device: torch.device
    ) -> None:
        def put(values: Array) -> Tensor:
            return torch.as_tensor(np.ascontiguousarray(values), device=device)

        self.device = device
        self.bones = Bones(rig, device)
        self.cams, self.floor = put(cams), put(floor)
        self.has_floor = bool(np.any(floor[:3] != 0))
        self.mean, self.precision, self.constant, self.lower, self.upper, self.bend = (
            put(values) for values in prior.packed
        )
        first, second = rig.pairs[:, 0], rig.pairs[:, 1]
        # Points at both ends of both limbs of each pair of limbs that can meet.
        self.ends = put(np.concatenate([rig.ends[first], rig.ends[second]], axis=1))
        self.reach = put(rig.radius[first] + rig.radius[second])

    def at(self, x: Float[Tensor, "n d"], given: Given, stage: Array) -> Stand:
        """Energy, matrix and half gradient at poses (N, 3 + 3A)."""
        collide = stage[lm.COLLISION] > 0
        posed = self.bones.pose(x, given.scale)
        joints = posed.X[:, :COCO]
        energy, A, g = self._joints(joints, given, stage)
        more, h_pose, H_pose = self._pose(x[:, 6:], stage)
        energy = energy + more
        J = self.bones.derivative(posed, given.scale, POINTS if collide else COCO)
        n, d = x.shape
        own = J[:, :COCO]
        flat = own.reshape(n, 3 * COCO, d)
        H = flat.transpose(1, 2) @ (A @ own).reshape(n, 3 * COCO, d)
        h = (flat.transpose(1, 2) @ g.reshape(n, 3 * COCO, 1))[..., 0]
        H[:, 6:, 6:] += H_pose
        h[:, 6:] += h_pose
        if collide:
            more, rows, over = self._collisions(posed.X, J, given.scale)
            weight = float(stage[lm.COLLISION])
            energy = energy + weight * more
            H = H + weight * rows.transpose(1, 2) @ rows
            h = h - weight * (rows * over[..., None]).sum(1)
        return Stand(energy, H, h)

    def _joints(self, X: Tensor, given: Given, stage: Array) -> tuple[Tensor, Tensor, Tensor]:
        """Views, triangulated joints, neighbours' prediction and floor."""
        energy, A, g = views(self.cams, given.obs, given.w2, X, float(stage[lm.RHO2]))
        data = float(stage[lm.DATA])
        energy, A, g = data * energy, data * A, data * g
        eye = torch.eye(3, dtype=X.dtype, device=X.device)
        if stage[lm.TRIANGULATED] > 0:
            away = X - given.tri
            r2 = (away * away).sum(-1)
            rho2 = float(stage[lm.TRIANGULATED_RHO2])
            f = float(stage[lm.TRIANGULATED]) * given.tri_w
            t = rho2 / (rho2 + r2)
            energy = energy + (f * t * r2).sum(1)
            f = f * t * t
            A = A + f[..., None, None] * eye
            g = g + f[..., None] * away
        away = X - given.aim
        energy = energy + (given.aim_w * (away * away).sum(-1)).sum(1)
        A = A + given.aim_w[..., None, None] * eye
        g = g + given.aim_w[..., None] * away
        if self.has_floor and stage[lm.FLOOR] > 0:
            normal = self.floor[:3]
            below = torch.relu(float(stage[lm.MARGIN]) - (X @ normal + self.floor[3]))
            weight = float(stage[lm.FLOOR])
            energy = energy + weight * (below * below).sum(1)
            touched = weight * (below > 0).to(X.dtype)
            A = A + touched[..., None, None] * torch.outer(normal, normal)
            g = g - weight * below[..., None] * normal
        return energy, A, g

    def _pose(self, body: Tensor, stage: Array) -> tuple[Tensor, Tensor, Tensor]:
        """Prior (its nearest component), limits and bends of the bones but the root."""
        away = body[:, None] - self.mean
        pull = torch.einsum("kij,nkj->nki", self.precision, away)
        cost = self.constant + (pull * away).sum(-1)
        best, chosen = cost.min(1)
        weight = float(stage[lm.POSE])
        energy = weight * best
        h = weight * pull[torch.arange(len(body), device=body.device), chosen]
        over = torch.relu(body - self.upper) - torch.relu(self.lower - body)
        limit = float(stage[lm.LIMIT])
        energy = energy + limit * (over * over).sum(1)
        h = h + limit * over
        diagonal = limit * (over != 0).to(body.dtype)
        if stage[lm.BEND] > 0:
            e = torch.where(self.bend != 0, torch.exp(2 * self.bend * body), torch.zeros_like(body))
            e = float(stage[lm.BEND]) * e
            energy = energy + e.sum(1)
            h = h + self.bend * e
            diagonal = diagonal + e
        return energy, h, weight * self.precision[chosen] + torch.diag_embed(diagonal)

    def _collisions(self, X: Tensor, J: Tensor, scale: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Σ overlap² (N,) of limbs, how distances change with the pose (N, pairs, D), overlaps."""
        p0, p1, q0, q1 = (X[:, self.ends[:, i]] for i in range(4))
        s, t = _closest(p0, p1, q0, q1)
        gap = (1 - s)[..., None] * p0 + s[..., None] * p1
        gap = gap - (1 - t)[..., None] * q0 - t[..., None] * q1
        d2 = (gap * gap).sum(-1)
        reach = scale[:, None] * self.reach
        meets = (d2 < reach * reach) & (d2 >= 1e-10)
        d = torch.where(meets, d2, torch.ones_like(d2)).sqrt()
        over = torch.where(meets, reach - d, torch.zeros_like(d))
        rows = torch.zeros(*d.shape, J.shape[-1], dtype=X.dtype, device=X.device)
        # Few limbs meet: only these pairs' derivatives are gathered.
        item, pair = torch.nonzero(meets, as_tuple=True)
        if len(item):
            share = torch.stack([1 - s, s, t - 1, -t], -1)[item, pair]
            ends = J[item[:, None], self.ends[pair]]
            way = gap[item, pair] / d[item, pair, None]
            rows[item, pair] = torch.einsum("me,meid,mi->md", share, ends, way)
        return (over * over).sum(1), rows, over


def _closest(p0: Tensor, p1: Tensor, q0: Tensor, q1: Tensor) -> tuple[Tensor, Tensor]:
    """Where two segments come closest, as shares along each (``normal.closest``)."""
    d1, d2, r = p1 - p0, q1 - q0, p0 - q0
    aa, ab, bb = (d1 * d1).sum(-1), (d1 * d2).sum(-1), (d2 * d2).sum(-1)
    ar, br = (d1 * r).sum(-1), (d2 * r).sum(-1)
    zero = torch.zeros_like(aa)
    long1, long2 = aa > 1e-12, bb > 1e-12
    safe_a = torch.where(long1, aa, torch.ones_like(aa))
    safe_b = torch.where(long2, bb, torch.ones_like(bb))
    det = aa * bb - ab * ab
    apart = det > 1e-12 * aa * bb
    s = torch.where(
        apart, ((ab * br - ar * bb) / torch.where(apart, det, torch.ones_like(det))).clamp(0, 1),
        zero,
    )  # fmt: skip
    t = (ab * s + br) / safe_b
    before, beyond = t < 0, t > 1
    s = torch.where(before, (-ar / safe_a).clamp(0, 1), s)
    s = torch.where(beyond, ((ab - ar) / safe_a).clamp(0, 1), s)
    t = t.clamp(0, 1)
    # One of them, or both, may be a point.
    s = torch.where(long1 & long2, s, torch.where(long1, (-ar / safe_a).clamp(0, 1), zero))
    t = torch.where(long1 & long2, t, torch.where(long2, (br / safe_b).clamp(0, 1), zero))
    return s, torch.where(~long2, zero, t)
