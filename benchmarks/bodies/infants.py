"""Made-up infants that are not our body: postures, proportions and joints of their own.

Nothing is rendered; there are true joints in space only. Postures are half those of the synthesis
(supine, prone, sitting …) and half drawn from the body's own prior.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from backend.multiview.bodies.model_file import open_body
from tests.fixtures.fitting import open_basis, open_family, open_prior
from worker.fitting.priors import active_pose
from worker.fitting.rig import Rig
from worker.fitting.solve import points
from worker.synthesis.moves import POSTURES, random_move
from worker.synthesis.open_infants import posable, to_smpl

Array = NDArray[np.float64]
Rng = np.random.Generator

BANK = 70
"""Postures of the synthesis that one seed draws."""

PARTS: dict[str, tuple[int, ...]] = {
    "head": (12, 15),
    "trunk": (3, 6, 9),
    "shoulders": (13, 14, 16, 17),
    "arms": (18, 19, 20, 21, 22, 23),
    "hips": (1, 2),
    "legs": (4, 5, 7, 8, 10, 11),
}
"""SMPL's joints by part: the offset to the parent is the part's."""

ADULT = {"head": 0.62, "trunk": 1.0, "shoulders": 1.02, "arms": 1.22, "hips": 0.85, "legs": 1.42}
"""An adult's parts against an infant's of the same trunk: growth is in the limbs."""


@dataclass(frozen=True)
class Infant:
    """rig: its bones and joints. scale. jitter: metres by which each joint moves about by itself
    from moment to moment."""

    rig: Rig
    scale: float
    jitter: float = 0.0

    def joints(self, x: Array, rng: Rng) -> Array:
        """(T, 17, 3) of poses x (T, 3 + 3A)."""
        out = points(self.rig, x, self.scale)[:, :17]
        return np.asarray(out + rng.normal(0, self.jitter, out.shape) if self.jitter else out)


@lru_cache(maxsize=4)
def posture_bank(seed: int) -> Array:
    """(BANK, 69) body poses of the synthesis, lying, sitting, crawling and so on."""
    rng = np.random.default_rng([seed, 71])
    body = posable(open_body(), np.zeros(20), 0.72).body
    out = [to_smpl(random_move(body, rng, POSTURES[i % len(POSTURES)]).pose) for i in range(BANK)]
    return np.stack(out)


def random_poses(seed: int, rng: Rng, count: int) -> Array:
    """(T, 3 + 3A) poses near the origin, any way round."""
    basis, prior = open_basis(), open_prior()
    bank = posture_bank(seed)
    pose = bank[rng.integers(len(bank), size=count)]
    made = active_pose(basis, pose, np.zeros((count, 3)))
    covariance = np.linalg.inv(prior.precision[0])
    drawn = rng.multivariate_normal(prior.mean[0], covariance, count, method="cholesky")
    half = rng.random(count) < 0.5
    made[half, 6:] = np.clip(drawn, prior.lower, prior.upper)[half]
    made[~half, 6:] += rng.normal(0, 0.12, made[~half, 6:].shape)
    turned = Rotation.random(count, random_state=int(rng.integers(2**31))).as_rotvec()
    made[half, 3:6] = turned[half]
    spun = Rotation.from_rotvec(rng.uniform(-np.pi, np.pi, (count, 1)) * np.array([0, 0, 1.0]))
    made[~half, 3:6] = (spun * Rotation.from_rotvec(made[:, 3:6]))[~half].as_rotvec()
    made[:, :3] = rng.normal(0, 0.08, (count, 3)) + np.array([0, 0, 0.15])
    return made


def like_ours(rng: Rng) -> Infant:
    """An infant of the body's own shape space."""
    betas = rng.normal(0, 1, open_basis().n_betas)
    return Infant(open_family().at(betas), float(rng.uniform(0.9, 1.1)))


def shaped(rng: Rng, factors: dict[str, float], scale: float | None = None) -> Infant:
    """… with parts of other lengths."""
    infant = like_ours(rng)
    return Infant(stretched(infant.rig, factors), infant.scale if scale is None else scale)


def stretched(rig: Rig, factors: dict[str, float]) -> Rig:
    """A rig whose parts are longer or shorter."""
    factor = np.ones(24)
    for part, value in factors.items():
        factor[list(PARTS[part])] = value
    own = factor[rig.joint]
    entry_c = rig.entry_c.copy()
    # A joint that a bone carries beyond its own end stretches with what it carries it towards.
    carried = {9: 20, 10: 21, 7: 18, 8: 19, 13: 4, 14: 5, 15: 7, 16: 8}
    for k in range(17):
        rows = slice(rig.entry_at[k], rig.entry_at[k + 1])
        value = factor[15] if k < 5 else factor[carried[k]] if k in carried else 1.0
        entry_c[rows] *= value
    return replace(rig, offset=rig.offset * own[:, None], entry_c=entry_c)


def other_proportions(rng: Rng) -> Infant:
    """Parts a tenth longer or shorter than any that the shape space was made from."""
    return shaped(rng, {part: float(np.exp(rng.normal(0, 0.10))) for part in PARTS})


def adult_like(rng: Rng) -> Infant:
    """Proportions of an adult at an infant's size."""
    return shaped(rng, ADULT, 0.85)


def aged(rng: Rng, months: float) -> Infant:
    """An infant of an age: length and limbs grow (50 cm at birth, 75 at 12, 95 at 36 months)."""
    length = 0.50 + 0.25 * np.sqrt(min(months, 12) / 12) + 0.20 * max(0.0, months - 12) / 24
    limbs = 1 + 0.06 * (months - 12) / 12
    factors = {"legs": limbs, "arms": 1 + (limbs - 1) / 2, "head": 1 - (limbs - 1) * 0.7}
    noise = {part: factors.get(part, 1.0) * float(np.exp(rng.normal(0, 0.04))) for part in PARTS}
    return shaped(rng, noise, length / open_basis().length)


def other_joints(rng: Rng, hips_m: float = 0.03, others_m: float = 0.006) -> Infant:
    """Another regressor: hips lie 3 cm from ours, all other joints some millimetres."""
    infant = like_ours(rng)
    shift = rng.normal(0, others_m, (17, 3))
    out, up = rng.normal(0, 1, 2)
    way = np.array([out, 1.0 + 0.5 * up, 0.3 * rng.normal()])
    way *= hips_m / np.linalg.norm(way)
    shift[11], shift[12] = way * (1, 1, 1), way * (-1, 1, 1)
    return Infant(moved(infant.rig, shift), infant.scale)


def clothed(rng: Rng) -> Infant:
    """Clothes: joints are placed a centimetre off, and a little elsewhere each time."""
    infant = like_ours(rng)
    spread = np.array([2.0] * 5 + [9.0] * 12) / 1000 / np.sqrt(3) * 1.5
    return Infant(moved(infant.rig, rng.normal(0, 1, (17, 3)) * spread[:, None]), infant.scale,
                  0.003)  # fmt: skip


def moved(rig: Rig, shift: Array) -> Rig:
    """A rig whose COCO joints lie elsewhere by (17, 3) metres at rest."""
    entry_c = rig.entry_c.copy()
    for k in range(17):
        rows = np.arange(rig.entry_at[k], rig.entry_at[k + 1])
        share = np.abs(rig.entry_b[rows])
        # On the bone that carries most of the joint, which turns the shift with it.
        main = rows[int(share.argmax())] if len(rows) else None
        if main is not None:
            entry_c[main] += shift[k]
    return replace(rig, entry_c=entry_c)
