"""Joints of many poses at once, and how they move with the poses: ``kinematics`` in torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from worker.fitting.rig import Rig

POINTS, COCO = 41, 17


@dataclass(frozen=True, eq=False)
class Posed:
    """N poses of A bones.

    R: (N, A, 3, 3) bone to world. M: (N, A, 3, 3) turn of the world by the bone's own three
    numbers. P: (N, A, 3) joints before scale and translation. parts: (N, E, 3) what each bone gives
    to each point. X: (N, 41, 3) metres.
    """

    R: Tensor
    M: Tensor
    P: Tensor
    parts: Tensor
    X: Tensor


class Bones:
    """A rig on a device.

    Args:
        rig: The body with its betas.
        device: A torch device. All numbers are float64.
    """

    def __init__(self, rig: Rig, device: torch.device) -> None:
        def put(values: np.ndarray) -> Tensor:
            return torch.as_tensor(values, device=device)

        self.offset, self.b, self.c = put(rig.offset), put(rig.entry_b), put(rig.entry_c)
        self.bone = put(rig.entry_bone)
        self.levels = [
            (put(own), put(rig.parent[own])) for own in _levels(rig.parent.tolist()) if len(own)
        ]
        bones, entries = len(rig.parent), len(rig.entry_b)
        point = np.repeat(np.arange(POINTS), np.diff(rig.entry_at))
        of_point = (point[None] == np.arange(POINTS)[:, None]).astype(float)
        carried = np.zeros((bones, entries))
        for entry, bone in enumerate(rig.entry_bone.tolist()):
            while bone >= 0:
                carried[bone, entry] = 1.0
                bone = int(rig.parent[bone])
        hang = of_point[:, None] * carried[None]
        self.of_point = put(of_point)
        self.hang = put(hang)
        self.weight = put(hang @ rig.entry_b)
        self.eye = torch.eye(3, dtype=torch.float64, device=device)

    def pose(self, x: Float[Tensor, "n d"], scale: Float[Tensor, " n"]) -> Posed:
        """Pose the bones by translation and axis-angles (N, 3 + 3A)."""
        turns = x[:, 3:].reshape(len(x), -1, 3)
        local, left = _turn(turns)
        R, M = local.clone(), left.clone()
        P = torch.zeros_like(turns)
        for own, parent in self.levels:
            above = R[:, parent]
            R[:, own] = above @ local[:, own]
            M[:, own] = above @ left[:, own]
            P[:, own] = P[:, parent] + (above @ self.offset[own][..., None])[..., 0]
        parts = self.b[:, None] * P[:, self.bone] + (R[:, self.bone] @ self.c[..., None])[..., 0]
        X = x[:, None, :3] + scale[:, None, None] * (self.of_point @ parts)
        return Posed(R, M, P, parts, X)

    def derivative(
        self, posed: Posed, scale: Float[Tensor, " n"], count: int
    ) -> Float[Tensor, "n k 3 d"]:
        """The first ``count`` points' derivative by the pose: ω × (u − β·P) of each bone."""
        n, bones = posed.P.shape[:2]
        hang = self.hang[:count].reshape(count * bones, -1)
        u = (hang @ posed.parts).reshape(n, count, bones, 3)
        v = scale[:, None, None, None] * (u - self.weight[:count, :, None] * posed.P[:, None])
        v0, v1, v2 = (v[..., i, None] for i in range(3))
        w0, w1, w2 = (posed.M[:, None, :, i, :] for i in range(3))
        by_turns = torch.stack([w1 * v2 - w2 * v1, w2 * v0 - w0 * v2, w0 * v1 - w1 * v0], dim=2)
        by_place = self.eye.expand(n, count, 3, 3)
        return torch.cat([by_place, by_turns.reshape(n, count, 3, 3 * bones)], dim=3)


def _levels(parents: list[int]) -> list[np.ndarray]:
    """Bones but the root by their distance from it; those of one level are posed together."""
    depth: list[int] = []
    for parent in parents:
        depth.append(0 if parent < 0 else depth[parent] + 1)
    return [np.flatnonzero(np.array(depth) == level) for level in range(1, max(depth) + 1)]


def _turn(a: Float[Tensor, "n m 3"]) -> tuple[Tensor, Tensor]:
    """Rotations (N, M, 3, 3) and left Jacobians of SO(3) of axis-angles."""
    t2 = (a * a).sum(-1)[..., None, None]
    small = t2 < 1e-8
    safe = torch.where(small, torch.ones_like(t2), t2)
    t = safe.sqrt()
    sine, half = torch.sin(t), torch.sin(0.5 * t)
    s1 = torch.where(small, 1 - t2 / 6, sine / t)
    s2 = torch.where(small, 0.5 - t2 / 24, 2 * half * half / safe)
    s3 = torch.where(small, 1 / 6 - t2 / 120, (t - sine) / (safe * t))
    x, y, z = a.unbind(-1)
    zero = torch.zeros_like(x)
    K = torch.stack([zero, -z, y, z, zero, -x, -y, x, zero], -1).reshape(*a.shape, 3)
    KK = a[..., :, None] * a[..., None, :] - t2 * torch.eye(3, dtype=a.dtype, device=a.device)
    eye = torch.eye(3, dtype=a.dtype, device=a.device)
    return eye + s1 * K + s2 * KK, eye + s2 * K + s3 * KK
