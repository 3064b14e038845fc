"""What the people in the demo do, second by second."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from worker.synthesis.body import Body
from worker.synthesis.motion import Pose
from worker.synthesis.postures import (
    crawl,
    kneeling,
    prone,
    side_lying,
    sitting,
    standing,
    supine,
)

Key = tuple[float, Pose]
"""A pose and the second at which it is held."""


def infant_on_mat(body: Body) -> list[Key]:
    """16 s: kicking on the back, rolling over, forearm support, crawling, sitting and playing."""
    keys: list[Key] = []
    for k in range(13):
        t = k * 0.33
        look = 0.35 * np.sin(0.8 * t)
        keys.append((t, supine(body, (-0.12, 0.22), 0.15, 2.4 * t * 1.6, look)))
    keys.append((4.7, side_lying(body, (-0.12, 0.10), 0.15, 0.15 - np.pi / 2)))
    keys += [
        (5.3, prone(body, (-0.14, -0.02), 0.08, 0.0, rise=0.25)),
        (5.9, prone(body, (-0.14, -0.02), 0.05, 0.1)),
        (6.4, prone(body, (-0.14, -0.02), 0.02, 0.4)),
        (7.2, prone(body, (-0.14, -0.02), 0.0, -0.2)),
    ]
    start, speed, rate = 8.1, 0.125, 0.92
    for k in range(35):
        t = start + k * 0.1
        angle = 0.0 + 0.22 * k / 34
        x = -0.24 + speed * 0.1 * k
        keys.append(
            (
                t,
                crawl(
                    body,
                    (x, -0.02 + 0.11 * speed * 0.1 * k),
                    angle,
                    rate * 0.1 * k,
                    0.25 * np.sin(0.15 * k),
                ),
            )
        )
    sit = (0.16, 0.02)
    turned = -0.9
    keys += [
        (12.6, sitting(body, (0.15, 0.03), -0.5, (0.10, -0.10, -0.12), (0.07, -0.12, -0.13), 0.3)),
        (13.2, sitting(body, sit, turned, (0.05, -0.14, -0.06), (0.05, -0.13, -0.08))),
        (
            13.8,
            sitting(body, sit, turned, (0.03, -0.15, 0.03), (0.04, -0.13, -0.05), 0.0, (0, 0, 0.3)),
        ),
        (
            14.3,
            sitting(
                body, sit, turned, (0.07, -0.12, -0.09), (0.03, -0.15, 0.04), 0.1, (0.2, 0, -0.1)
            ),
        ),
        (
            14.8,
            sitting(
                body, sit, turned, (0.00, -0.13, 0.00), (0.00, -0.13, 0.00), 0.0, (-0.1, 0, -0.3)
            ),
        ),
        (15.2, sitting(body, sit, turned, (0.06, -0.13, -0.02), (0.06, -0.13, -0.02), 0.05)),
        (
            15.6,
            sitting(
                body, sit, turned, (0.00, -0.13, 0.00), (0.00, -0.13, 0.01), 0.1, (0.1, 0, 0.2)
            ),
        ),
        (16.0, sitting(body, sit, turned, (0.05, -0.13, -0.06), (0.06, -0.12, -0.05), 0.2)),
    ]
    return keys


def activity_on_mat(t: float) -> str:
    """What the infant of :func:`infant_on_mat` does at t seconds."""
    for end, name in (
        (4.2, "supine lying"),
        (5.5, "rolling"),
        (7.6, "prone, forearm support"),
        (11.9, "crawling"),
        (13.0, "getting up to sit"),
    ):
        if t < end:
            return name
    return "sitting"


@dataclass(frozen=True)
class Shot:
    """A stretch of a video without a cut. spoilt: (first second, last second, condition)."""

    seconds: float
    activity: str
    infant: list[Key] | None
    adult: list[Key] | None
    spoilt: tuple[tuple[float, float, str], ...] = ()

    def conditions(self, fps: int) -> list[str]:
        """One condition per frame."""
        out = ["empty" if self.infant is None else "ok"] * round(self.seconds * fps)
        for start, end, name in self.spoilt:
            for k in range(round(start * fps), min(round(end * fps), len(out))):
                out[k] = name
        return out


def living_room(infant: Body, adult: Body) -> list[Shot]:
    """15 s: an empty room, play alone, a carer kneels down, a crawl, lights out, on the back."""
    front = -1.35
    seat = (0.10, 0.0)

    def play(t: float, look: float = 0.0) -> Pose:
        a, b = np.sin(3.1 * t), np.sin(2.3 * t + 1.2)
        return sitting(
            infant,
            seat,
            front,
            (0.05 - 0.02 * a, -0.13, -0.04 + 0.05 * a),
            (0.05 - 0.02 * b, -0.13, -0.04 + 0.05 * b),
            0.08 + 0.05 * b,
            (0.1 + 0.1 * a, 0, look),
        )

    beside = (-0.52, 0.28)
    lap = ((-0.20, 0.12, 0.30), (-0.40, -0.02, 0.30))
    clap = ((-0.26, 0.06, 0.42), (-0.32, 0.0, 0.42))
    offer = ((-0.06, 0.14, 0.30), (-0.40, -0.02, 0.28))
    kneel = kneeling(adult, beside, -0.45, lap)
    walk: list[Key] = [
        (0.25 * k, standing(adult, (-1.35 + 0.22 * k, 0.40 - 0.03 * k), -0.15, (-1.0) ** k))
        for k in range(5)
    ]
    walk += [
        (1.3, standing(adult, (beside[0] + 0.05, beside[1]), -0.4, 0.2)),
        (2.5, kneel),
        (3.2, kneeling(adult, beside, -0.45, offer, 0.35)),
        (3.8, kneeling(adult, beside, -0.45, clap)),
        (4.1, kneeling(adult, beside, -0.45, lap, 0.2)),
        (4.5, kneeling(adult, beside, -0.45, clap)),
    ]
    crawling: list[Key] = [
        (
            0.1 * k,
            crawl(infant, (0.62 - 0.014 * k, -0.10 + 0.003 * k), np.pi - 0.25, 0.09 * k, -0.3),
        )
        for k in range(32)
    ]
    rest = (0.16, -0.04)
    lying: list[Key] = [
        (0.3 * k, supine(infant, rest, 0.25, 1.1 * k, 0.2 * np.sin(0.5 * k))) for k in range(12)
    ]
    return [
        Shot(1.0, "empty room", None, None),
        Shot(
            2.6,
            "sitting",
            [(0.2 * k, play(0.2 * k, 0.3 * np.sin(0.6 * k))) for k in range(14)],
            None,
        ),
        Shot(
            4.6,
            "sitting",
            [(0.2 * k, play(0.2 * k + 2, -0.5 * min(1.0, k / 8))) for k in range(24)],
            walk,
            ((0.4, 1.0, "blur"),),
        ),
        Shot(
            3.0,
            "crawling",
            crawling,
            [
                (
                    0.0,
                    kneeling(
                        adult,
                        (-0.62, 0.18),
                        -0.25,
                        ((-0.25, 0.12, 0.28), (-0.30, -0.06, 0.28)),
                        0.3,
                    ),
                ),
                (
                    3.0,
                    kneeling(
                        adult,
                        (-0.62, 0.18),
                        -0.25,
                        ((-0.18, 0.14, 0.20), (-0.24, -0.06, 0.20)),
                        0.42,
                    ),
                ),
            ],
            ((2.5, 3.0, "blur"),),
        ),
        Shot(
            0.6,
            "carer alone",
            None,
            [(0.0, kneel), (0.6, kneeling(adult, beside, -0.45, lap, 0.35))],
        ),
        Shot(
            3.2,
            "supine lying",
            lying,
            [
                (0.0, kneeling(adult, (-0.58, 0.25), -0.4, lap, 0.3)),
                (1.6, kneeling(adult, (-0.58, 0.25), -0.4, offer, 0.4)),
                (3.2, kneeling(adult, (-0.58, 0.25), -0.4, lap, 0.3)),
            ],
            ((1.2, 2.4, "dark"),),
        ),
    ]
