"""What the infant and the adult of a rendered session do, drawn by seed.

The infant goes round a circle: kicks on the back, rolls over, lies on the forearms, crawls, sits
and plays, lies down again. On top of the key poses every limb moves a little by itself, and now
and then the arms start: nobody holds a pose as a key frame does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from worker.synthesis import postures
from worker.synthesis.body import Body
from worker.synthesis.motion import (
    Pose,
    complete,
    grounded,
    matrix,
    quaternion,
    sample,
    smoothed,
    turn,
)
from worker.synthesis.outfit import Dressed

Array = NDArray[np.float64]
Rng = np.random.Generator
Key = tuple[float, Pose]

_FIDGETS = {
    "upperarm01": 0.14,
    "lowerarm01": 0.12,
    "wrist": 0.10,
    "upperleg01": 0.07,
    "lowerleg01": 0.07,
    "foot": 0.12,
}
"""Standard deviation in radians of what each joint of a limb does by itself."""


@dataclass(frozen=True)
class Act:
    """A stretch of time in which the infant does one thing."""

    start: float
    name: str


@dataclass
class _Script:
    """Key poses as they are written down, second by second."""

    body: Body
    rng: Rng
    time: float = 0.0
    place: Array = None  # type: ignore[assignment]
    angle: float = 0.0

    def __post_init__(self) -> None:
        self.place = self.rng.uniform(-0.2, 0.2, 2)
        self.keys: list[Key] = []
        self.acts: list[Act] = []

    def act(self, name: str) -> None:
        self.acts.append(Act(self.time, name))

    def hold(self, pose: Pose, seconds: float) -> None:
        """A key now; the next one follows after so many seconds."""
        self.keys.append((self.time, pose))
        self.time += seconds

    def lie(self, seconds: float) -> None:
        self.act("lying on the back")
        towards = np.arctan2(-self.place[1], -self.place[0])
        self.angle = float(towards + self.rng.normal(0, 0.3))
        end = self.time + seconds
        phase, speed = self.rng.uniform(0, 6), 4.0
        while self.time < end:
            speed = float(np.clip(speed + self.rng.normal(0, 0.8), 1.0, 8.0))
            look = 0.4 * np.sin(0.9 * self.time + phase)
            self.hold(postures.supine(self.body, self.place, self.angle, phase, look), 0.2)
            phase += 0.2 * speed

    def roll(self) -> None:
        self.act("rolling")
        side = float(self.rng.choice([-1.0, 1.0]))
        shift = 0.1 * side * np.array([-np.sin(self.angle), np.cos(self.angle)])
        self.time += 0.3
        belly = self.angle + side * np.pi / 2
        self.hold(postures.side_lying(self.body, self.place + shift, self.angle, belly), 0.55)
        self.place = self.place + 2 * shift
        self.hold(postures.prone(self.body, self.place, self.angle, 0.0, rise=0.25), 0.5)

    def prop(self, seconds: float) -> None:
        self.act("on the forearms")
        end = self.time + seconds
        while self.time < end:
            look, rise = self.rng.normal(0, 0.3), self.rng.uniform(0.75, 1.1)
            self.hold(postures.prone(self.body, self.place, self.angle, look, rise), 0.6)
        self.time += 0.3

    def crawl(self, seconds: float) -> None:
        self.act("crawling")
        end = self.time + seconds
        speed, rate = self.rng.uniform(0.10, 0.17), self.rng.uniform(0.8, 1.3)
        bend, cycle = self.rng.normal(0, 0.25), 0.0
        while self.time < end:
            self.angle += 0.1 * bend
            self.place = self.place + 0.1 * speed * postures.direction(self.angle)[:2]
            look = 0.3 * np.sin(2 * self.time)
            pose = postures.crawl(self.body, self.place, self.angle, cycle, look)
            self.hold(pose, 0.1)
            cycle += 0.1 * rate * self.rng.uniform(0.7, 1.3)
        self.time += 0.7

    def sit(self, seconds: float) -> None:
        self.act("sitting")
        end = self.time + seconds
        heading = self.angle + self.rng.normal(0, 0.6)
        while self.time < end:
            hands = [self.rng.uniform((0, -0.17, -0.12), (0.10, -0.09, 0.06)) for _ in range(2)]
            lean = self.rng.uniform(-0.05, 0.35)
            look = (self.rng.uniform(-0.1, 0.35), 0.0, self.rng.normal(0, 0.3))
            heading += self.rng.normal(0, 0.06)
            pose = postures.sitting(self.body, self.place, heading, *hands, lean, look)
            self.hold(pose, self.rng.uniform(0.3, 0.8))
        self.angle = heading
        self.time += 0.9


def infant(dressed: Dressed, rng: Rng, frames: int, fps: int) -> tuple[list[Pose], list[str]]:
    """The infant's pose and what it is called, frame by frame."""
    script = _Script(dressed.body, rng)
    seconds = frames / fps
    while script.time < seconds:
        script.lie(rng.uniform(3.0, 5.0))
        script.roll()
        script.prop(rng.uniform(1.5, 3.0))
        script.crawl(rng.uniform(2.5, 4.0))
        script.sit(rng.uniform(3.0, 5.0))
    poses = complete(sample(script.keys, fps, seconds))
    poses = smoothed(_fidgeting(poses, rng, fps), 1.0)
    starts = np.array([a.start for a in script.acts])
    now = np.searchsorted(starts, np.arange(frames) / fps, side="right") - 1
    names = [script.acts[max(k, 0)].name for k in now]
    return grounded(poses, dressed.body, dressed.surface, sigma=2.0), names


def _fidgeting(poses: Sequence[Pose], rng: Rng, fps: int) -> list[Pose]:
    n, width = len(poses), 0.22 * fps
    offsets: dict[str, Array] = {}
    for side in "LR":
        for bone, spread in _FIDGETS.items():
            noise = gaussian_filter1d(rng.normal(0, 1, (n, 3)), width, axis=0, mode="wrap")
            offsets[f"{bone}.{side}"] = spread * noise / noise.std()
    for at in np.flatnonzero(rng.random(n) < 1 / (5 * fps)):
        pulse = np.exp(-0.5 * ((np.arange(n) - at) / (0.12 * fps)) ** 2)
        for side in "LR":
            offsets[f"upperarm01.{side}"] += pulse[:, None] * rng.normal(0, 0.35, 3)
            offsets[f"lowerarm01.{side}"] += pulse[:, None] * rng.normal(0, 0.35, 3)
    out = []
    for k, pose in enumerate(poses):
        moved = {
            name: quaternion(matrix(pose.bones[name]) @ turn(offset[k]))
            for name, offset in offsets.items()
            if name in pose.bones
        }
        out.append(replace(pose, bones={**pose.bones, **moved}))
    return out


def adult(
    dressed: Dressed, rng: Rng, spots: Array, eye: Array, fps: int, visits: Sequence[float]
) -> list[Pose | None]:
    """An adult who comes, passes between the first camera and the infant, kneels down, and goes.

    Args:
        dressed: The adult.
        rng: Draws ways and hands.
        spots: (T, 3) the infant's pelvis, metres.
        eye: (3,) the first camera's place.
        fps: Frames a second.
        visits: When each visit begins, seconds; one lasts about seven.
    """
    out: list[Pose | None] = [None] * len(spots)
    for begin in visits:
        first = round(begin * fps)
        keys = _visit(dressed.body, rng, spots[first:], eye, fps)
        seconds = min(keys[-1][0], (len(spots) - first) / fps)
        poses = smoothed(complete(sample(keys, fps, seconds)), 1.5)
        poses = grounded(poses, dressed.body, dressed.surface, sigma=2.0)
        out[first : first + len(poses)] = poses
    return out


def _visit(body: Body, rng: Rng, spots: Array, eye: Array, fps: int) -> list[Key]:
    towards = eye[:2] - spots[0, :2]
    towards = towards / np.linalg.norm(towards)
    across = np.array([-towards[1], towards[0]]) * float(rng.choice([-1.0, 1.0]))
    middle = spots[0, :2] + 0.62 * towards
    keys: list[Key] = []
    heading = float(np.arctan2(across[1], across[0]))
    steps = 12
    for k in range(steps):
        place = middle + across * (-1.3 + 0.21 * k)
        keys.append((0.28 * k, postures.standing(body, place, heading, (-1.0) ** k)))
    down = 0.28 * steps + 0.9
    here = spots[min(round(down * fps), len(spots) - 1), :2]
    beside = here + 0.50 * across + 0.10 * towards
    facing = float(np.arctan2(*(here - beside)[::-1]))
    for k in range(4):
        at = spots[min(round((down + 0.7 * k) * fps), len(spots) - 1), :2]
        hands = [
            np.array([*(at + 0.22 * across + rng.normal(0, 0.06, 2)), rng.uniform(0.15, 0.32)])
            for _ in range(2)
        ]
        kneeling = postures.kneeling(body, beside, facing, (hands[0], hands[1]), 0.3)
        keys.append((down + 0.7 * k, kneeling))
    up = keys[-1][0] + 1.0
    for k in range(7):
        place = beside + across * (0.1 + 0.25 * k)
        keys.append((up + 0.28 * k, postures.standing(body, place, heading, (-1.0) ** k)))
    return keys
