"""Which posture a body's joints show: proposed, never decided.

From joints in space (a body fit) a list of rules on angles and heights; from joints in an image a
small network, which was trained on bodies of the synthesis seen from all around
(``benchmarks/bodies/train_postures.py``). Both tell fewer postures than there are: what they cannot
tell apart is proposed as its group.

- Sitting with and without support differ by what supports, which joints do not show; arms that
  support look like arms that play on the floor. Proposed as *sitting*.
- Hands to knees or feet has no counterpart among the bodies that this was measured on. Proposed as
  *supine*.
- Kneeling upright is none of the twelve, and standing on hands and feet was not measured: nothing
  is proposed.
- From an image, the prone postures are not told apart: *prone* is proposed. In space, lying and
  propping oneself up are, and kneeling on four points is crawling where it moves on.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy.typing import NDArray

from backend.domain.cameras import Camera
from backend.domain.postures import PostureLabel
from backend.domain.skeleton import JOINTS, MIRROR, N_JOINTS


class Shown(StrEnum):
    """What joints show."""

    SUPINE = "supine"
    PRONE = "prone"
    PRONE_LYING = "prone_lying"
    FOREARMS = "forearm_support"
    ROLLING = "rolling"
    FOUR_POINT = "four_point_kneeling"
    CRAWLING = "reciprocal_crawling"
    SITTING = "sitting"
    STANDING = "standing"
    OTHER = "other"
    """None of these."""


SHOWN: Final = tuple(Shown)
LABEL_OF: Final[dict[Shown, PostureLabel | None]] = {
    Shown.SUPINE: PostureLabel("supine"),
    Shown.PRONE: PostureLabel("prone"),
    Shown.PRONE_LYING: PostureLabel("prone", "prone_lying"),
    Shown.FOREARMS: PostureLabel("prone", "forearm_support"),
    Shown.ROLLING: PostureLabel("supine", "rolling"),
    Shown.FOUR_POINT: PostureLabel("prone", "four_point_kneeling"),
    Shown.CRAWLING: PostureLabel("prone", "reciprocal_crawling"),
    Shown.SITTING: PostureLabel("sitting"),
    Shown.STANDING: PostureLabel("standing", "standing"),
    Shown.OTHER: None,
}

UPRIGHT: Final = 0.62
"""Sine of the trunk's inclination from which on a body is upright."""
FACES: Final = 0.72
"""Sine of the chest's inclination from which on belly or back is down; below it lies on a side."""
STEEP_THIGHS: Final = 0.75
"""Sine of the thighs' inclination from which on they carry the hips."""
SITS_BELOW: Final = 0.38
"""Height of the hips above the lowest joint below which an upright body sits, in trunk lengths."""
STANDS_FROM: Final = 0.7
"""The same from which on an upright body stands."""
LOW_KNEES: Final = 0.2
"""Height of the knees below which they are on the floor, in trunk lengths."""
PROPPED: Final = 0.28
"""Sine of the trunk's inclination from which on a prone body props itself up."""
CRAWLS_FROM: Final = 0.4
"""Way of the hips over the floor, in trunk lengths a second, from which on a body crawls."""
MIN_CAMERAS_FOR_UP: Final = 2
MIN_AGREEMENT_OF_UP: Final = 0.5
"""Length of the mean of the cameras' upward axes from which on it is trusted."""
RULE_SURE: Final = 0.9
"""How sure a rule counts; the rest is shared by all else."""

_AT: Final = {name: i for i, name in enumerate(JOINTS)}
_SHOULDERS: Final = (_AT["left_shoulder"], _AT["right_shoulder"])
_HIPS: Final = (_AT["left_hip"], _AT["right_hip"])
_KNEES: Final = (_AT["left_knee"], _AT["right_knee"])


@dataclass(frozen=True, slots=True)
class BodyMeasures:
    """Of n bodies, what the rules look at; lengths in trunk lengths.

    Attributes:
        upright: Sine of the trunk's inclination: 1 upright, 0 lying.
        facing: Sine of the chest's: 1 the belly is up, -1 it is down.
        hips: Height of the hips above the lowest joint.
        knees: Height of the lower knee.
        thighs: Mean sine of the thighs' inclination: 1 the knees are below the hips.
        trunk: Length of the trunk, in the unit of the joints.
    """

    upright: Float[NDArray[Any], " n"]
    facing: Float[NDArray[Any], " n"]
    hips: Float[NDArray[Any], " n"]
    knees: Float[NDArray[Any], " n"]
    thighs: Float[NDArray[Any], " n"]
    trunk: Float[NDArray[Any], " n"]


def measure_bodies(
    joints: Float[NDArray[Any], "n 17 3"], up: Float[NDArray[Any], "3"]
) -> BodyMeasures:
    """Measure bodies in space.

    Args:
        joints: COCO joints in the world's axes.
        up: Unit vector against gravity.
    """
    shoulders = joints[:, _SHOULDERS].mean(axis=1)
    hips = joints[:, _HIPS].mean(axis=1)
    along = shoulders - hips
    trunk = np.maximum(np.linalg.norm(along, axis=1), 1e-9)
    across = (joints[:, _SHOULDERS[0]] - joints[:, _SHOULDERS[1]]) + (
        joints[:, _HIPS[0]] - joints[:, _HIPS[1]]
    )
    front = np.cross(across, along)
    length = np.maximum(np.linalg.norm(front, axis=1), 1e-9)
    heights = joints @ up
    thighs = joints[:, _HIPS] - joints[:, _KNEES]
    steep = (thighs @ up) / np.maximum(np.linalg.norm(thighs, axis=2), 1e-9)
    low = heights.min(axis=1)
    return BodyMeasures(
        upright=(along @ up) / trunk,
        facing=(front @ up) / length,
        hips=(hips @ up - low) / trunk,
        knees=(heights[:, _KNEES].min(axis=1) - low) / trunk,
        thighs=steep.mean(axis=1),
        trunk=trunk,
    )


def up_of_cameras(
    cameras: Sequence[Camera], *, floor_known: bool
) -> Float[NDArray[Any], "3"] | None:
    """Unit vector against gravity in the world, or None where nothing tells.

    With a known floor it is z. Else people hold cameras upright: the mean of the cameras' own
    upward axes, whose tilts towards the middle cancel each other. One camera is not enough.
    """
    if floor_known:
        return np.array([0.0, 0.0, 1.0])
    places = [camera.T_camera_world for camera in cameras if camera.T_camera_world is not None]
    if len(places) < MIN_CAMERAS_FOR_UP:
        return None
    mean = -np.mean([place[1, :3] for place in places], axis=0)
    length = float(np.linalg.norm(mean))
    return None if length < MIN_AGREEMENT_OF_UP else np.asarray(mean / length)


def shown_by_bodies(
    joints: Float[NDArray[Any], "n 17 3"],
    up: Float[NDArray[Any], "3"],
    seconds: Float[NDArray[Any], " n"] | None = None,
) -> Float[NDArray[Any], "n c"]:
    """How likely each of ``SHOWN`` is for bodies in space.

    Args:
        joints: COCO joints, metres.
        up: Unit vector against gravity.
        seconds: When each body was seen, rising; None where they do not follow each other.
    """
    of = measure_bodies(joints, up)
    lying = of.upright < UPRIGHT
    carried = of.thighs >= STEEP_THIGHS
    moving = np.zeros(len(joints), bool)
    if seconds is not None and len(joints) > 1:
        moving = _speed(joints, up, of.trunk, seconds) >= CRAWLS_FROM
    belly_down = lying & (of.facing < -FACES)
    rules: list[tuple[Bool[NDArray[Any], " n"], Shown]] = [
        (lying & (of.facing > FACES), Shown.SUPINE),
        (belly_down & carried & (of.knees >= LOW_KNEES), Shown.OTHER),
        (belly_down & carried & moving, Shown.CRAWLING),
        (belly_down & carried, Shown.FOUR_POINT),
        (belly_down & (of.upright > PROPPED), Shown.FOREARMS),
        (belly_down, Shown.PRONE_LYING),
        (lying, Shown.ROLLING),
        (of.hips < SITS_BELOW, Shown.SITTING),
        ((of.hips >= STANDS_FROM) & (of.knees >= LOW_KNEES), Shown.STANDING),
    ]
    found = np.select(
        [holds for holds, _ in rules],
        [SHOWN.index(shown) for _, shown in rules],
        SHOWN.index(Shown.OTHER),
    )
    likely = np.full((len(joints), len(SHOWN)), (1 - RULE_SURE) / (len(SHOWN) - 1))
    likely[np.arange(len(joints)), found] = RULE_SURE
    return likely


def _speed(
    joints: NDArray[Any], up: NDArray[Any], trunk: NDArray[Any], seconds: NDArray[Any]
) -> NDArray[np.float64]:
    """Way of the hips over the floor, in trunk lengths a second, over the second around."""
    hips = joints[:, _HIPS].mean(axis=1)
    ground = hips - (hips @ up)[:, None] * up
    before = np.searchsorted(seconds, seconds - 0.5)
    after = np.minimum(np.searchsorted(seconds, seconds + 0.5), len(seconds) - 1)
    way = np.linalg.norm(ground[after] - ground[before], axis=1)
    speed: NDArray[np.float64] = way / trunk / np.maximum(seconds[after] - seconds[before], 0.25)
    return speed


WEIGHTS: Final = Path(__file__).with_name("posture_weights.json")
IN_IMAGES: Final = (
    Shown.SUPINE,
    Shown.PRONE,
    Shown.ROLLING,
    Shown.SITTING,
    Shown.STANDING,
    Shown.OTHER,
)
"""What joints in one image are told as."""
MIN_TOLD: Final = 9
"""Joints that a body needs, hips or shoulders among them, to be looked at in an image."""


def image_features(
    places: Float[NDArray[Any], "n 17 2"], told: Bool[NDArray[Any], "n 17"]
) -> Float[NDArray[Any], "n 51"]:
    """Joints about their middle, in units of their spread; and which of them are told."""
    weight = told[:, :, None].astype(np.float64)
    count = np.maximum(weight.sum(axis=1), 1)
    known = np.where(told[:, :, None], places, 0.0)
    middle = known.sum(axis=1) / count
    about = np.where(told[:, :, None], places - middle[:, None], 0.0)
    spread = np.sqrt((about**2).sum(axis=(1, 2)) / count[:, 0])
    scaled = about / np.maximum(spread, 1e-9)[:, None, None]
    return np.concatenate([scaled.reshape(len(places), -1), told.astype(np.float64)], axis=1)


def mirrored(features: Float[NDArray[Any], "n 51"]) -> Float[NDArray[Any], "n 51"]:
    """The same bodies in a mirror: left is right, and x the other way round."""
    places = features[:, : 2 * N_JOINTS].reshape(-1, N_JOINTS, 2)[:, MIRROR] * (-1.0, 1.0)
    told = features[:, 2 * N_JOINTS :][:, MIRROR]
    return np.concatenate([places.reshape(len(features), -1), told], axis=1)


@cache
def _network() -> tuple[tuple[NDArray[np.float64], NDArray[np.float64]], ...]:
    layers = json.loads(WEIGHTS.read_text(encoding="utf-8"))["layers"]
    return tuple((np.array(layer["weight"]), np.array(layer["bias"])) for layer in layers)


def shown_in_images(
    places: Float[NDArray[Any], "n 17 2"], told: Bool[NDArray[Any], "n 17"]
) -> Float[NDArray[Any], "n c"]:
    """How likely each of ``SHOWN`` is for bodies in images; even where too few joints are told.

    Args:
        places: Pixels; up in the image is roughly against gravity or away from the camera.
        told: Which joints are placed.
    """
    features = image_features(places, told)
    logits = (_logits(features) + _logits(mirrored(features))) / 2
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    likely = np.zeros((len(places), len(SHOWN)))
    likely[:, [SHOWN.index(shown) for shown in IN_IMAGES]] = powers / powers.sum(
        axis=1, keepdims=True
    )
    trunk = told[:, _SHOULDERS].any(axis=1) & told[:, _HIPS].any(axis=1)
    likely[(told.sum(axis=1) < MIN_TOLD) | ~trunk] = 1 / len(SHOWN)
    return likely


def _logits(features: NDArray[np.float64]) -> NDArray[np.float64]:
    *hidden, (weight, bias) = _network()
    values = features
    for one, offset in hidden:
        values = np.maximum(values @ one + offset, 0)
    found: NDArray[np.float64] = values @ weight + bias
    return found


STAYS_SECONDS: Final = 1.0
"""A change has to be borne out by about so long a time, at the evidence's full strength."""
MIN_LIKELY: Final = 0.6
"""Mean likelihood from which on a range is proposed."""
MIN_SECONDS: Final = 0.5
"""Ranges that are shorter are not proposed, unless the recording has few moments."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A range of moments that the joints show in one posture.

    Attributes:
        first: Index of the first moment.
        last: Index of the last one, itself included.
        label: What is proposed.
        likely: Mean likelihood by the evidence.
    """

    first: int
    last: int
    label: PostureLabel
    likely: float


def propose(
    likely: Float[NDArray[Any], "n c"],
    moments: Int[NDArray[Any], " n"],
    seconds: Float[NDArray[Any], " n"],
) -> list[Proposal]:
    """Ranges in which one posture is likeliest, with as few changes as the evidence allows.

    The likeliest sequence by dynamic programming: each change costs as much evidence as
    ``STAYS_SECONDS`` of clear moments. Moments without evidence are in no range.

    Args:
        likely: Likelihoods of ``SHOWN`` at the moments with evidence.
        moments: Their indices, rising.
        seconds: Their times, rising.
    """
    if not len(moments):
        return []
    step = float(np.median(np.diff(seconds))) if len(seconds) > 1 else STAYS_SECONDS
    stays = max(1.0, STAYS_SECONDS / max(step, 1e-3))
    path = _likeliest_path(np.log(np.maximum(likely, 1e-3)), 2.0 * min(stays, 60.0))
    borders = np.flatnonzero((np.diff(path) != 0) | (np.diff(moments) != 1)) + 1
    found: list[Proposal] = []
    for run in np.split(np.arange(len(path)), borders):
        shown = SHOWN[int(path[run[0]])]
        label = LABEL_OF[shown]
        mean = float(likely[run, path[run[0]]].mean())
        lasts = float(seconds[run[-1]] - seconds[run[0]]) + step
        if label is None or mean < MIN_LIKELY or (lasts < MIN_SECONDS and len(run) < len(path)):
            continue
        first, last = int(moments[run[0]]), int(moments[run[-1]])
        if found and found[-1].label == label and found[-1].last + 1 == first:
            before = found[-1]
            n, m = before.last - before.first + 1, last - first + 1
            mean = (before.likely * n + mean * m) / (n + m)
            found[-1] = Proposal(before.first, last, label, mean)
        else:
            found.append(Proposal(first, last, label, mean))
    return found


def _likeliest_path(logs: Float[NDArray[Any], "n c"], change: float) -> Int[NDArray[Any], " n"]:
    """Viterbi's path where staying is free and a change costs the same whatever it is."""
    n, kinds = logs.shape
    came = np.zeros((n, kinds), np.intp)
    best = logs[0].copy()
    everyone = np.arange(kinds)
    for i in range(1, n):
        top = int(best.argmax())
        moved = best[top] - change
        came[i] = np.where(best >= moved, everyone, top)
        best = np.maximum(best, moved) + logs[i]
    path = np.zeros(n, np.intp)
    path[-1] = int(best.argmax())
    for i in range(n - 1, 0, -1):
        path[i - 1] = came[i, path[i]]
    return path
