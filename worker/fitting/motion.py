"""How infants' joints move: the prior of a sequence, in metres and seconds.

A joint's velocity fades and is renewed (Uhlenbeck and Ornstein 1930). Minus twice the logarithm of
its density over a path is ∫ (|a|² + |v|²/τ²) / q dt: accelerations cost by the level q (m²/s³), and
where nobody looks a velocity is forgotten after τ seconds, so that a gap's uncertainty grows with
its length. Written as differences of neighbours with their times, the sum is the same for 10 and
60 frames a second. The numbers are learnt (``benchmarks.bodies.learn_motion``), from the motions of
the synthesis or from recordings that were fitted.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from backend.domain.errors import InvalidInput

Array = NDArray[np.float64]

LEARNT = Path(__file__).with_name("motion_prior.json")

LAG_S = 0.1
"""Second differences are taken over about this time when a level is measured: shorter ones are
noise of the fit, longer ones whole movements."""

_REACH_S = 0.25
"""Infants lie still for a while and kick for a while: levels are local to so many seconds."""


@dataclass(frozen=True, eq=False)
class MotionPrior:
    """level: (17,) m²/s³ of the COCO joints, one axis. relax: (17,) s. turn_level: rad²/s³ of the
    bones' own axis-angles. turn_relax: s. source: from what it was learnt."""

    level: Float[Array, "17"]
    relax: Float[Array, "17"]
    turn_level: float
    turn_relax: float
    source: str

    def to_json(self) -> str:
        """As ``motion_prior.json`` holds it."""
        told = {
            "source": self.source,
            "level_m2_s3": [round(float(v), 4) for v in self.level],
            "relax_s": [round(float(v), 3) for v in self.relax],
            "turn_level_rad2_s3": round(self.turn_level, 2),
            "turn_relax_s": round(self.turn_relax, 3),
        }
        return json.dumps(told, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str, source: str = "motion prior") -> MotionPrior:
        """Read it.

        Raises:
            InvalidInput: it is not JSON, or lacks a number.
        """
        try:
            told: Any = json.loads(text)
            prior = cls(
                np.array(told["level_m2_s3"], float),
                np.array(told["relax_s"], float),
                float(told["turn_level_rad2_s3"]),
                float(told["turn_relax_s"]),
                str(told["source"]),
            )
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise InvalidInput(f"{source} is no motion prior.", file=source) from error
        numbers = (*prior.level, *prior.relax, prior.turn_level, prior.turn_relax)
        if prior.level.shape != (17,) or prior.relax.shape != (17,) or not min(numbers) > 0:
            raise InvalidInput(f"{source} is no motion prior of 17 joints.", file=source)
        return prior


@cache
def learnt_motion() -> MotionPrior:
    """The prior that is shipped."""
    return MotionPrior.from_json(LEARNT.read_text(encoding="utf-8"), LEARNT.name)


def learn_motion(
    paths: Sequence[tuple[Array, Array, Array]], source: str, noise_m: float = 0.0
) -> MotionPrior:
    """A prior from motions.

    Args:
        paths: Times (T,) s, COCO joints (T, 17, 3) m and axis-angles of the bones (T, B) of each.
        source: What they are.
        noise_m: Standard deviation of the joints along an axis; its share of the second
            differences is taken off, and of the velocities.

    Raises:
        InvalidInput: there is no motion of half a second.
    """
    joints, speeds, turns, turning = [], [], [], []
    for times, coco, bones in paths:
        second, h = _second(coco, times)
        if not len(second):
            continue
        joints.append(np.maximum((second**2).sum(2) / 3 - 6 * noise_m**2, 0) / (2 / 3 * h**3))
        step = max(1, round(LAG_S / 2 / float(np.median(np.diff(times)))))
        span = (times[step:] - times[:-step])[:, None]
        moved = ((coco[step:] - coco[:-step]) ** 2).sum(2) / 3 - 2 * noise_m**2
        speeds.append(np.maximum(moved, 0) / span**2)
        second, _ = _second(bones, times)
        turns.append((second**2).mean(1) / (2 / 3 * h**3))
        turning.append((((bones[step:] - bones[:-step]) / span) ** 2).mean(1))
    if not joints:
        fault = "no motion is as long as half a second"
        raise InvalidInput(f"No prior can be learnt: {fault}.", fault=fault)
    level = np.maximum(np.concatenate(joints).mean(0), 1e-3)
    speed = np.maximum(np.concatenate(speeds).mean(0), 1e-4)
    turn, spin = float(np.concatenate(turns).mean()), float(np.concatenate(turning).mean())
    return MotionPrior(level, 2 * speed / level, turn, 2 * spin / max(turn, 1e-9), source)


def _second(values: Array, times: Array) -> tuple[Array, float]:
    """Second differences (T − 2s, …) over about ``LAG_S``, and that time."""
    if len(times) < 3:
        return values[:0], LAG_S
    dt = float(np.median(np.diff(times)))
    s = max(1, round(LAG_S / dt))
    return values[2 * s :] - 2 * values[s:-s] + values[: -2 * s], s * dt


def local_levels(prior: MotionPrior, joints: Array, times: Array) -> Array:
    """(T, 17) levels about each moment, between the prior's and what the path itself shows."""
    second, h = _second(joints, times)
    out = np.repeat(prior.level[None], len(times), axis=0)
    if not len(second):
        return out
    square = (second**2).sum(2) / 3 / (2 / 3 * h**3)
    s = (len(times) - len(second)) // 2
    middle = times[s : len(times) - s]
    total = np.concatenate([np.zeros((1, 17)), np.cumsum(square, axis=0)])
    low = np.searchsorted(middle, times - _REACH_S).clip(max=len(middle) - 1)
    high = np.searchsorted(middle, times + _REACH_S, side="right")
    high = np.maximum(high, low + 1)
    near = (total[high] - total[low]) / (high - low)[:, None]
    return np.asarray(np.clip(PRIOR_SHARE * out + OWN_SHARE * near, LEAST * out, None))


PRIOR_SHARE, OWN_SHARE, LEAST = 0.15, 1.0, 0.02
