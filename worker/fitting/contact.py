"""Joints that rest on the floor: they hardly move, and keep their height over it.

The floor is given, or found: what rests lies in one plane with everything else on one side of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from worker.fitting.problem import Problem

Array = NDArray[np.float64]

HIGHEST_M, FASTEST_M_S = 0.07, 0.06
"""A joint nearer to the floor and slower than this rests on it: flesh is 2 to 6 cm thick."""

_SPAN_S = 0.1
_NEAR_M = 0.02
_TRIES = 200


@dataclass(frozen=True, eq=False)
class Contacts:
    """resting: (T, 17) which joints rest. height: (T, 17) m over the floor that they keep. floor:
    (4,) or zeros. weight: 1/m² of the height."""

    resting: NDArray[np.bool_]
    height: Array
    floor: Array
    weight: float

    def away(self, joints: Float[Array, "t 17 3"]) -> Array:
        """(T, 17) how far resting joints are from their height; 0 for others."""
        off = joints @ self.floor[:3] + self.floor[3] - self.height
        return np.where(self.resting, off, 0.0)

    def energy(self, joints: Float[Array, "t 17 3"]) -> float:
        """What that costs."""
        return float(self.weight * (self.away(joints) ** 2).sum())

    def terms(
        self, joints: Float[Array, "t 17 3"], J: Float[Array, "t 17 3 n"]
    ) -> tuple[Array, Array]:
        """Its matrix (T, n, n) and half its gradient (T, n)."""
        rows = np.einsum("tkin,i->tkn", J, self.floor[:3]) * self.resting[..., None]
        H = self.weight * (rows.transpose(0, 2, 1) @ rows)
        return H, self.weight * np.einsum("tkn,tk->tn", rows, self.away(joints))


def find_contacts(problem: Problem, joints: Float[Array, "t 17 3"], times: Array) -> Contacts:
    """Joints (T, 17, 3) that rest, by their height and speed."""
    t = len(joints)
    slow = speeds(joints, times) < FASTEST_M_S
    floor = problem.floor if problem.floor.any() else find_floor(joints, slow)
    config = problem.config
    if floor is None or config.contact_weight == 0:
        nothing = np.zeros((t, 17), bool)
        return Contacts(nothing, np.zeros((t, 17)), np.zeros(4), 0.0)
    height = joints @ floor[:3] + floor[3]
    resting = slow & (height < HIGHEST_M) & (height > -HIGHEST_M)
    kept = np.where(resting, height, np.nan)
    usual = np.zeros(17)
    for k in range(17):
        if resting[:, k].any():
            usual[k] = max(float(np.nanmedian(kept[:, k])), config.floor_margin_m)
    weight = config.contact_weight / config.contact_sigma_m**2
    return Contacts(resting, np.repeat(usual[None], t, axis=0), floor, weight)


def speeds(joints: Float[Array, "t 17 3"], times: Float[Array, " t"]) -> Float[Array, "t 17"]:
    """(T, 17) m/s about each moment, over about a tenth of a second."""
    t = len(times)
    if t < 2:
        return np.zeros((t, 17))
    step = max(1, round(_SPAN_S / 2 / float(np.median(np.diff(times)))))
    low = np.maximum(np.arange(t) - step, 0)
    high = np.minimum(np.arange(t) + step, t - 1)
    span = np.maximum(times[high] - times[low], 1e-6)[:, None]
    return np.asarray(np.linalg.norm(joints[high] - joints[low], axis=2) / span)


def find_floor(joints: Float[Array, "t 17 3"], slow: NDArray[np.bool_]) -> Float[Array, "4"] | None:
    """The plane (n, d) on which slow joints rest, n to the side of the body; None if unclear.

    Random triples of resting joints (Fischler and Bolles 1981): the plane with most of them near,
    and at most one joint in fifty below it.
    """
    resting = joints[slow]
    every = joints.reshape(-1, 3)
    if len(resting) < 50:
        return None
    rng = np.random.default_rng(0)
    some = resting[rng.choice(len(resting), min(len(resting), 2000), replace=False)]
    best, floor = 0, None
    for _ in range(_TRIES):
        a, b, c = some[rng.choice(len(some), 3, replace=False)]
        n = np.cross(b - a, c - a)
        area = float(np.linalg.norm(n))
        if area < 0.01:
            continue
        n = n / area
        side = (every - a) @ n
        if np.median(side) < 0:
            n, side = -n, -side
        if (side < -_NEAR_M).mean() > 0.02:
            continue
        near = int((np.abs((some - a) @ n) < _NEAR_M).sum())
        if near > best:
            best, floor = near, np.array([*n, -float(a @ n) + 0.0])
    if floor is None or best < 0.3 * len(some):
        return None
    return floor
