"""Recordings of made-up infants under stated conditions, each drawn by a seed.

A recording is T moments, four cameras (or two, or one), joints in pixels as people or networks
place them, and the truth. Conditions change one thing against the first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from backend.domain.cameras import Camera
from backend.domain.skeleton import MIRROR
from benchmarks.bodies import infants
from benchmarks.bodies.infants import Infant, random_poses
from tests.fixtures.fitting import CENTRES, camera_at
from worker.fitting.camera_spread import FOCAL_SHARE, ROTATION_RAD, TRANSLATION_M, spread_of

Array = NDArray[np.float64]
Rng = np.random.Generator


@dataclass
class Made:
    """One recording.

    cameras: (C) as the fit is told. covariances: as their calibration states them, or None.
    joints: (T, C, 17, 3) px, visibility. truth: (T, 17, 3). spoilt: (T,) whether a moment is one
    that a condition spoilt.
    """

    cameras: list[Camera]
    covariances: list[dict[str, Array | None]] | None
    joints: Array
    truth: Array
    spoilt: NDArray[np.bool_]


Spoil = Callable[[Rng, Made], None]


@dataclass(frozen=True)
class Condition:
    """What a recording is like. noise_px: of marks. missing: share of marks. infant: who. spoil:
    what goes wrong. views: how many cameras. exact: cameras stand as the calibration says, but for
    what its stated default allows."""

    name: str
    noise_px: float = 3.0
    missing: float = 0.2
    infant: Callable[[Rng], Infant] = infants.like_ours
    spoil: Spoil | None = None
    views: int = 4
    moments: int = 24


def make(condition: Condition, seed: int, number: int) -> Made:
    """Recording ``number`` of a condition."""
    rng = np.random.default_rng([seed, number, *condition.name.encode()])
    infant = condition.infant(rng)
    x = random_poses(seed, rng, condition.moments)
    truth = infant.joints(x, rng)
    lens = float(rng.uniform(0.8, 1.3))
    told = []
    for i, centre in enumerate(CENTRES[: condition.views]):
        place = np.asarray(centre) * rng.uniform(0.85, 1.25) + rng.normal(0, 0.1, 3)
        camera = camera_at(f"camera_{i + 1}", tuple(place))
        K = camera.K.copy()
        K[0, 0] *= lens
        K[1, 1] *= lens
        told.append(Camera(camera.name, 640, 480, K, camera.distortion, camera.lens, camera.pose))
    true = [as_calibrated(rng, camera) for camera in told]
    pixels = np.stack([camera.project(truth) for camera in true], axis=1)
    occluded = rng.random(pixels.shape[:3]) < 0.2
    # Where a joint is hidden it is placed by guess: half as exactly again.
    pixels = (
        pixels
        + rng.normal(0, 1, pixels.shape)
        * np.where(occluded, 1.5 * condition.noise_px, condition.noise_px)[..., None]
    )
    kind = np.where(occluded, 1.0, 2.0)
    kind[rng.random(kind.shape) < condition.missing] = 0.0
    made = Made(
        told, None, np.concatenate([pixels, kind[..., None]], axis=-1), truth,
        np.zeros(condition.moments, bool),
    )  # fmt: skip
    if condition.spoil is not None:
        condition.spoil(rng, made)
    return made


def as_calibrated(rng: Rng, camera: Camera) -> Camera:
    """The camera as it truly is: off as the stated default of a calibration has it."""
    turned = turn(camera, rng.normal(0, ROTATION_RAD, 3))
    T = turned.pose.copy()
    T[:3, 3] += rng.normal(0, TRANSLATION_M, 3)
    K = turned.K.copy()
    K[:2, :2] *= 1 + rng.normal(0, FOCAL_SHARE)
    return Camera(camera.name, camera.width, camera.height, K, camera.distortion, camera.lens, T)


def turn(camera: Camera, by: Array) -> Camera:
    """A camera turned about its own centre by a rotation vector (radians, its own axes)."""
    T = np.eye(4)
    T[:3, :3] = Rotation.from_rotvec(by).as_matrix()
    return camera.moved(T @ camera.pose)


def sides_exchanged(views: int) -> Spoil:
    def spoil(rng: Rng, made: Made) -> None:
        for t in range(len(made.joints)):
            for c in rng.permutation(made.joints.shape[1])[:views]:
                made.joints[t, c] = made.joints[t, c, list(MIRROR)]
        made.spoilt[:] = True

    return spoil


def turned(degrees: float) -> Spoil:
    def spoil(rng: Rng, made: Made) -> None:
        c = int(rng.integers(len(made.cameras)))
        way = rng.normal(0, 1, 3) * (1, 1, 0.3)
        made.cameras[c] = turn(made.cameras[c], np.radians(degrees) * way / np.linalg.norm(way))
        made.spoilt[:] = True

    return spoil


def focal(share: float, everywhere: bool = False, *, stated: bool = False) -> Spoil:
    """Focal lengths are wrong; ``stated``: the calibration knows that it does not know them."""

    def spoil(rng: Rng, made: Made) -> None:
        if stated:
            made.covariances = [stated_focal(camera, share) for camera in made.cameras]
        one = int(rng.integers(len(made.cameras)))
        sign = rng.choice((-1, 1))
        for c, camera in enumerate(made.cameras):
            if not everywhere and c != one:
                continue
            K = camera.K.copy()
            K[0, 0] *= 1 + sign * share
            K[1, 1] *= 1 + sign * share
            made.cameras[c] = Camera(
                camera.name, camera.width, camera.height, K, camera.distortion, camera.lens,
                camera.pose,
            )  # fmt: skip
        made.spoilt[:] = True

    return spoil


def stated_focal(camera: Camera, share: float) -> dict[str, Array | None]:
    """A calibration's covariance with a focal length known to a share."""
    spread = spread_of(camera)[6:, 6:].copy()
    focal = share * camera.K[[0, 1], [0, 1]]
    spread[:2, :2] = np.outer(focal, focal)
    return {"pose": None, "lens": spread}


def other_time(rng: Rng, made: Made) -> None:
    """One view of each moment shows another moment of the recording, as near as a second away."""
    shown = made.joints.copy()
    for t in range(len(shown)):
        c = int(rng.integers(shown.shape[1]))
        other = int(rng.integers(len(shown) - 1))
        made.joints[t, c] = shown[other + (other >= t), c]
    made.spoilt[:] = True


def one_mark(rng: Rng, made: Made) -> None:
    """One mark of each moment lies 60 px away."""
    for t in range(len(made.joints)):
        c, k = np.argwhere(made.joints[t, ..., 2] > 0)[
            int(rng.integers((made.joints[t, ..., 2] > 0).sum()))
        ]
        angle = rng.uniform(0, 2 * np.pi)
        made.joints[t, c, k, :2] += 60 * np.array([np.cos(angle), np.sin(angle)])
        made.joints[t, c, k, 2] = 2
    made.spoilt[:] = True


def limb_unseen(rng: Rng, made: Made) -> None:
    """No view saw one of the limbs."""
    for t in range(len(made.joints)):
        limb = ((7, 9), (8, 10), (13, 15), (14, 16))[int(rng.integers(4))]
        made.joints[t][:, limb, 2] = 0
    made.spoilt[:] = True


CONDITIONS: tuple[Condition, ...] = (
    Condition("noise 3 px, 20 % missing"),
    Condition("noise 2 px, none missing", 2.0, 0.0),
    Condition("noise 4 px", 4.0),
    Condition("noise 6 px", 6.0),
    Condition("noise 8 px", 8.0),
    Condition("40 % missing", missing=0.4),
    Condition("60 % missing", missing=0.6),
    Condition("noise 6 px, 60 % missing", 6.0, 0.6),
    Condition("two cameras", views=2),
    Condition("a limb that nobody saw", spoil=limb_unseen),
    Condition("one mark 60 px off", spoil=one_mark),
    Condition("sides exchanged in one view", spoil=sides_exchanged(1)),
    Condition("sides exchanged in two views", spoil=sides_exchanged(2)),
    Condition("a view of another time", spoil=other_time),
    Condition("a camera turned by 1°", spoil=turned(1.0)),
    Condition("a camera turned by 2°", spoil=turned(2.0)),
    Condition("a focal length 5 % wrong", spoil=focal(0.05)),
    Condition("other proportions (10 %)", infant=infants.other_proportions),
    Condition("adult's proportions", infant=infants.adult_like),
    Condition("hips 3 cm off, other joints 6 mm", infant=infants.other_joints),
    Condition("clothes", infant=infants.clothed),
    Condition("newborn", infant=lambda rng: infants.aged(rng, 0.5)),
    Condition("6 months", infant=lambda rng: infants.aged(rng, 6)),
    Condition("24 months", infant=lambda rng: infants.aged(rng, 24)),
    Condition("36 months", infant=lambda rng: infants.aged(rng, 36)),
)

ALONE = Condition("one camera", views=1)
"""Reported apart: it fixes neither depth nor size."""

HIDDEN: tuple[Condition, ...] = (
    Condition("all focal lengths 5 % wrong, unknown", spoil=focal(0.05, everywhere=True)),
    Condition(
        "all focal lengths 5 % wrong, as stated", spoil=focal(0.05, everywhere=True, stated=True)
    ),
)
"""What no view contradicts: bodies are larger or smaller alike in all. Only the calibration's own
covariance can tell, which states the 5 % in the second. Nothing is
learnt on these, and they are reported apart."""
