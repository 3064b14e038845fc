"""How scenes look: who wears what, in which room and light, and what the camera makes of it.

Three looks, so that a model can be trained on one and used on another. *Home* is the ordinary one.
*Plain* is what simple synthetic sets look like: bare walls, even light, clothes of one colour, a
perfect camera. *Dim* is what a phone makes of an evening at home: little warm light, grain, blur,
strong compression.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.domain.errors import InvalidInput
from worker.synthesis.camera import develop_grainy
from worker.synthesis.lights import Lights
from worker.synthesis.outfit import Style
from worker.synthesis.props import patch
from worker.synthesis.rooms import Room, colour, random_room
from worker.synthesis.textures import plain

Array = NDArray[np.float64]
Rng = np.random.Generator
SKINS = (
    (246, 208, 186),
    (238, 196, 168),
    (226, 178, 148),
    (206, 152, 120),
    (176, 122, 90),
    (142, 94, 68),
    (108, 70, 50),
    (82, 54, 40),
)
HAIRS = ((30, 24, 22), (58, 40, 30), (96, 66, 46), (142, 104, 66), (196, 160, 110), (150, 82, 50))
IRISES = ((74, 96, 120), (88, 60, 40), (50, 36, 28), (90, 104, 76))


@dataclass(frozen=True)
class Look:
    """What a scene is drawn from, and how it is photographed.

    photograph: from radiance (H, W, 3) to 8-bit sRGB. quality: of the JPEG, from and below.
    """

    name: str
    style: Callable[[Rng], Style]
    room: Callable[[Rng], Room]
    lights: Callable[[Rng], Lights]
    photograph: Callable[[NDArray[np.float32], Rng], NDArray[np.uint8]]
    quality: tuple[int, int]


def home_style(rng: Rng) -> Style:
    """Any skin, any clothes."""
    skin = np.array(SKINS[int(rng.integers(len(SKINS)))]) * rng.uniform(0.94, 1.04)
    top = colour(rng, (0.0, 0.85), (0.12, 0.98))
    short = rng.random() < 0.45
    return Style(
        skin=_bytes(skin),
        top=top,
        stripe=colour(rng, (0.0, 0.8), (0.15, 0.98)) if rng.random() < 0.45 else None,
        bottom=colour(rng, (0.0, 0.7), (0.1, 0.95)) if rng.random() < 0.5 else None,
        trim=colour(rng) if rng.random() < 0.6 else top,
        hair=HAIRS[int(rng.integers(len(HAIRS)))],
        iris=IRISES[int(rng.integers(len(IRISES)))],
        thickness=rng.uniform(0.003, 0.007),
        nappy=rng.uniform(0.004, 0.016),
        barefoot=rng.random() < 0.6,
        sleeve=rng.uniform(0.3, 1.5) if short else 0.0,
        leg=rng.uniform(0.3, 1.5) if short and rng.random() < 0.7 else 0.0,
    )


def _bytes(x: Array) -> tuple[int, int, int]:
    r, g, b = (int(v) for v in np.clip(np.round(x), 0, 255))
    return r, g, b


def home_lights(rng: Rng) -> Lights:
    """A window and a bright or dim room."""
    warmth = rng.normal(0, 0.12)
    tint = np.array([1 + warmth, 1.0, 1 - warmth])
    return Lights.indoor(
        rng.uniform(-np.pi, np.pi),
        rng.uniform(0.35, 1.4),
        key=tint * rng.uniform(0.3, 2.6),
        sky=np.array([1.0, 1.02, 1.07]) * rng.uniform(0.7, 1.5),
        spread=rng.uniform(0.05, 0.2),
        seed=int(rng.integers(1 << 31)),
        count=(4, 8),
    )


def photograph(linear: NDArray[np.float32], rng: Rng) -> NDArray[np.uint8]:
    """Blur, expose and develop as a careless photographer's camera would."""
    width = linear.shape[1]
    kind = rng.random()
    if kind < 0.12:
        length = rng.uniform(0.004, 0.02) * width
        linear = shaken(linear, length, rng.uniform(0, np.pi))
    else:
        # A lens is never sharper than this; it also hides the stairs of single samples.
        sigma = rng.uniform(0.45, 0.65) if kind < 0.85 else rng.uniform(0.6, 0.003 * width + 0.6)
        linear = np.asarray(cv2.GaussianBlur(linear, (0, 0), sigma), np.float32)
    balance = np.exp(rng.normal(0, 0.06, 3)).astype(np.float32)
    # The mean of a picture is exposed for, more or less.
    middle = float(np.clip(linear.mean(), 0.02, 4.0))
    exposure = float(np.exp(rng.normal(0, 0.4))) * (0.45 / middle) ** 0.8
    return develop_grainy(linear * balance, exposure, rng.uniform(0, 5.0), rng)


def shaken(linear: NDArray[np.float32], length: float, angle: float) -> NDArray[np.float32]:
    """Blur by a straight movement of the camera. length: px; angle: radians."""
    side = int(length) // 2 * 2 + 3
    kernel = np.zeros((side, side), np.float32)
    reach = length / 2 * np.array([np.cos(angle), np.sin(angle)])
    a, b = ((side / 2 + s * reach).astype(int) for s in (-1, 1))
    cv2.line(kernel, tuple(map(int, a)), tuple(map(int, b)), 1.0, 1, cv2.LINE_AA)
    out = cv2.filter2D(linear, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REFLECT)
    return np.asarray(out, np.float32)


def plain_style(rng: Rng) -> Style:
    """Clothes of one colour."""
    one = colour(rng, (0.2, 0.9), (0.3, 0.95))
    return replace(home_style(rng), top=one, bottom=None, stripe=None, trim=one)


def plain_room(rng: Rng) -> Room:
    """A floor and four walls, each of one colour, and nothing else."""
    half, height = float(rng.uniform(2.0, 3.2)), float(rng.uniform(2.4, 2.8))
    floor, paint = (plain(colour(rng, (0.0, 0.5), (0.5, 0.98))) for _ in range(2))
    h, up = half, (0, 0, height)
    sides = [
        ((-h, h, 0.0), (2 * h, 0, 0)),
        ((h, h, 0.0), (0, -2 * h, 0)),
        ((h, -h, 0.0), (-2 * h, 0, 0)),
        ((-h, -h, 0.0), (0, 2 * h, 0)),
    ]
    walls = [patch(corner, across, up, paint, cells=8) for corner, across in sides]
    ground = patch((-half, -half, 0.0), (2 * half, 0, 0), (0, 2 * half, 0), floor, cells=24)
    return Room([ground, *walls], half, height)


def plain_lights(rng: Rng) -> Lights:
    """White light from nearly everywhere."""
    return Lights.indoor(
        rng.uniform(-np.pi, np.pi),
        rng.uniform(0.9, 1.4),
        key=np.full(3, 0.5),
        sky=np.full(3, 1.6),
        spread=0.2,
        seed=int(rng.integers(1 << 31)),
        count=(4, 8),
    )


def plain_photograph(linear: NDArray[np.float32], rng: Rng) -> NDArray[np.uint8]:
    """Exposed exactly, without grain or blur."""
    middle = float(np.clip(linear.mean(), 0.02, 4.0))
    return develop_grainy(linear, 0.5 / middle, 0.0, rng)


def dim_lights(rng: Rng) -> Lights:
    """One warm lamp, and little else."""
    lamp = np.array([1.5, 1.0, 0.55]) * rng.uniform(0.8, 2.0)
    return Lights.indoor(
        rng.uniform(-np.pi, np.pi),
        rng.uniform(0.3, 0.9),
        key=lamp,
        sky=np.array([1.1, 0.9, 0.75]) * rng.uniform(0.15, 0.4),
        spread=0.05,
        seed=int(rng.integers(1 << 31)),
        count=(4, 8),
    )


def dim_photograph(linear: NDArray[np.float32], rng: Rng) -> NDArray[np.uint8]:
    """Underexposed, grainy, often shaken, and of few real pixels."""
    height, width = linear.shape[:2]
    if rng.random() < 0.5:
        linear = shaken(linear, rng.uniform(0.005, 0.025) * width, rng.uniform(0, np.pi))
    small = rng.uniform(0.45, 0.8)
    few = cv2.resize(linear, None, fx=small, fy=small, interpolation=cv2.INTER_AREA)
    linear = np.asarray(cv2.resize(few, (width, height)), np.float32)
    middle = float(np.clip(linear.mean(), 0.02, 4.0))
    exposure = float(np.exp(rng.normal(-0.5, 0.3))) * 0.35 / middle
    return develop_grainy(linear, exposure, rng.uniform(8.0, 20.0), rng)


HOME = Look("home", home_style, random_room, home_lights, photograph, (78, 96))
PLAIN = Look("plain", plain_style, plain_room, plain_lights, plain_photograph, (95, 100))
DIM = Look("dim", home_style, random_room, dim_lights, dim_photograph, (15, 40))
LOOKS = {look.name: look for look in (HOME, PLAIN, DIM)}


def look_named(name: str) -> Look:
    """One of the looks.

    Raises:
        InvalidInput: there is none of that name.
    """
    if name not in LOOKS:
        raise InvalidInput(f"There is no look {name!r}; there are {', '.join(LOOKS)}.")
    return LOOKS[name]
