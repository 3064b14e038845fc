"""Random furnished rooms: floor, rug or mat, walls, furniture at the walls, toys on the floor.

The floor, or the top of what lies on it where the infant is, is at z = 0. Metres, z up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from worker.synthesis import props
from worker.synthesis.motion import turn
from worker.synthesis.scene import Mesh
from worker.synthesis.textures import Texture, linear, noise, plain, play_mat, stripes, wood_floor

Array = NDArray[np.float64]
Rng = np.random.Generator
Colour = tuple[int, int, int]
TEXELS = 384
CLEAR = 0.62
"""Radius in metres around the infant that toys and furniture keep free of."""


@dataclass(frozen=True)
class Room:
    """Meshes, and the half width and height in metres of the box that holds cameras."""

    meshes: Sequence[Mesh]
    half: float
    height: float


def colour(
    rng: Rng,
    saturation: tuple[float, float] = (0.0, 0.6),
    value: tuple[float, float] = (0.3, 0.95),
) -> Colour:
    """A random 8-bit sRGB colour of any hue."""
    h, s, v = rng.uniform(0, 6), rng.uniform(*saturation), rng.uniform(*value)
    ramp = np.clip(np.abs((h + np.array([0.0, 4.0, 2.0])) % 6 - 3) - 1, 0, 1)
    r, g, b = (int(x) for x in np.round(255 * v * (1 - s + s * ramp)))
    return r, g, b


def _speckled(rng: Rng, base: Colour, amount: float) -> Texture:
    shape = (TEXELS, TEXELS)
    grain = amount * rng.normal(0, 1, shape) + 0.5 * amount * noise(shape, (9, 9), rng)
    pixels = linear(base) * (1 + grain[..., None])
    return Texture(np.clip(pixels, 0, 1).astype(np.float32), TEXELS / 1.5)


def _tiles(rng: Rng, a: Colour, b: Colour, count: int) -> Texture:
    """Checks or plain tiles with seams."""
    v, u = (np.mgrid[0:TEXELS, 0:TEXELS] + 0.5) / TEXELS * count
    odd = (u.astype(int) + v.astype(int)) % 2
    seam = np.minimum(np.minimum(u % 1, 1 - u % 1), np.minimum(v % 1, 1 - v % 1)) < 0.03
    pixels = np.where(odd[..., None] > 0, linear(a), linear(b))
    pixels = pixels * (1 - 0.4 * seam[..., None])
    pixels *= 1 + 0.05 * noise((TEXELS, TEXELS), (7, 7), rng)[..., None]
    return Texture(np.clip(pixels, 0, 1).astype(np.float32), TEXELS / 1.5)


def _printed(rng: Rng, base: Colour) -> Texture:
    """Dots, stripes or checks printed on cloth."""
    v, u = (np.mgrid[0:TEXELS, 0:TEXELS] + 0.5) / TEXELS
    count = int(rng.integers(4, 16))
    kind = rng.integers(3)
    x, y = u * count % 1 - 0.5, v * count % 1 - 0.5
    if kind == 0:
        ink = np.hypot(x, y) < rng.uniform(0.15, 0.4)
    elif kind == 1:
        ink = np.abs(x) < rng.uniform(0.1, 0.3)
    else:
        ink = (np.abs(x) < 0.12) | (np.abs(y) < 0.12)
    pixels = np.where(ink[..., None], linear(colour(rng)), linear(base))
    pixels *= 1 + 0.05 * rng.normal(0, 1, (TEXELS, TEXELS, 1))
    return Texture(np.clip(pixels, 0, 1).astype(np.float32), TEXELS / 1.2)


def _planks(rng: Rng) -> Texture:
    wood = wood_floor(rng, size=512)
    tint = linear(colour(rng, (0.1, 0.4), (0.5, 1.0))) / linear((186, 146, 104))
    tint = 0.5 * tint + 0.5 * tint.mean()
    return Texture(np.clip(wood.pixels * tint, 0, 1).astype(np.float32), wood.density)


def _floor(rng: Rng) -> Texture:
    kind = rng.integers(4)
    if kind == 0:
        return _planks(rng)
    if kind == 1:
        return _tiles(rng, colour(rng, (0, 0.25)), colour(rng, (0, 0.25)), 6)
    if kind == 2:
        return _printed(rng, colour(rng))
    return _speckled(rng, colour(rng, (0, 0.5), (0.15, 0.9)), rng.uniform(0.03, 0.15))


def _cover(rng: Rng) -> list[Mesh]:
    """A rug, a blanket or a play mat under the infant, with its top at z = 0."""
    side = rng.uniform(1.1, 2.0, 2)
    kind = rng.integers(4)
    if kind == 0:
        texture = play_mat(rng, float(side[0]), size=512)
    elif kind == 1:
        texture = _printed(rng, colour(rng, (0, 0.5), (0.4, 0.98)))
    elif kind == 2:
        texture = _tiles(rng, colour(rng, (0.1, 0.7)), colour(rng, (0.1, 0.7)), 4)
    else:
        texture = _speckled(rng, colour(rng, (0, 0.5), (0.25, 0.98)), 0.06)
    R = turn([0, 0, rng.uniform(-np.pi, np.pi)])
    corner = R @ [-side[0] / 2, -side[1] / 2, 0]
    return [
        props.patch(corner, R @ [side[0], 0, 0], R @ [0, side[1], 0], texture, cells=20, gloss=0.01)
    ]


def _toy(rng: Rng, at: Array) -> list[Mesh]:
    kind = rng.integers(6)
    paint = plain(colour(rng, (0.4, 0.9), (0.4, 0.95)))
    if kind == 0:
        inks = [colour(rng, (0.3, 0.9)) for _ in range(int(rng.integers(1, 6)))]
        ball = stripes(inks, 64)
        return [props.ball(rng.uniform(0.03, 0.12), at, ball, rng.uniform(-1, 1, 3))]
    if kind == 1:
        return props.stacking_rings(at)
    if kind == 2:
        return props.teddy(at, rng.uniform(-np.pi, np.pi))
    if kind == 3:
        return [props.cylinder(rng.uniform(0.03, 0.08), rng.uniform(0.04, 0.2), at, paint)]
    size = rng.uniform(0.04, 0.16, 3)
    box = props.rounded_box(size, at, paint, rng.uniform(-np.pi, np.pi), 0.008)
    if kind == 4:
        return [box]
    above = at + np.array([0, 0, size[2]])
    return [box, props.rounded_box(size * 0.7, above, plain(colour(rng, (0.4, 0.9))), 0.7, 0.008)]


def _furniture(rng: Rng, half: float, low: float) -> list[Mesh]:
    out: list[Mesh] = []
    for side in range(4):
        for _ in range(int(rng.integers(0, 4))):
            wide, deep, tall = rng.uniform((0.3, 0.2, 0.2), (1.8, 0.8, 1.5))
            along = rng.uniform(-half + wide / 2, half - wide / 2)
            R = turn([0, 0, side * np.pi / 2])
            at = R @ [along, half - deep / 2 - 0.02, low]
            cloth = _printed(rng, colour(rng)) if rng.random() < 0.2 else plain(colour(rng))
            yaw = side * np.pi / 2
            out.append(
                props.rounded_box((wide, deep, tall), at, cloth, yaw, rng.uniform(0.01, 0.08))
            )
            if rng.random() < 0.4:
                lift = [0, 0, tall]
                out.append(
                    props.rounded_box(
                        rng.uniform(0.1, 0.3, 3), at + lift, plain(colour(rng)), yaw + 0.3, 0.03
                    )
                )
        if rng.random() < 0.4:
            frame = rng.uniform(0.2, 0.7, 2)
            R = turn([0, 0, side * np.pi / 2])
            corner = R @ [rng.uniform(-1, 0.5), half - 0.01, rng.uniform(0.7, 1.4)]
            out.append(
                props.patch(
                    corner,
                    R @ [frame[0], 0, 0],
                    [0, 0, frame[1]],
                    _printed(rng, colour(rng)),
                    cells=6,
                )
            )
    return out


def random_room(rng: Rng) -> Room:
    """Draw a room. The four sides have their own paint in one case of five."""
    half, height = float(rng.uniform(1.6, 3.2)), float(rng.uniform(2.2, 2.8))
    covered = rng.random() < 0.65
    low = -float(rng.uniform(0.003, 0.02)) if covered else 0.0
    floor = _floor(rng)
    repeats = float(half * rng.uniform(0.7, 1.6))
    meshes = [
        props.patch(
            (-half, -half, low),
            (2 * half, 0, 0),
            (0, 2 * half, 0),
            floor,
            (repeats, repeats),
            cells=40,
            gloss=0.02,
        )
    ]
    paint: Callable[[], Texture] = lambda: (  # noqa: E731
        _printed(rng, colour(rng, (0, 0.3), (0.5, 0.98)))
        if rng.random() < 0.2
        else plain(colour(rng, (0, 0.35), (0.35, 0.98)))
    )
    common, mixed = paint(), rng.random() < 0.2
    for k in range(4):
        R = turn([0, 0, k * np.pi / 2])
        texture = paint() if mixed else common
        meshes.append(
            props.patch(
                R @ [-half, half, low],
                R @ [2 * half, 0, 0],
                [0, 0, height],
                texture,
                (half, height / 2),
                cells=14,
            )
        )
    meshes.append(
        props.patch(
            (-half, half, low + height),
            (2 * half, 0, 0),
            (0, -2 * half, 0),
            plain(colour(rng, (0, 0.1), (0.7, 1.0))),
            cells=14,
        )
    )
    if covered:
        meshes += _cover(rng)
    meshes += _furniture(rng, half, low)
    for _ in range(int(rng.integers(0, 9))):
        angle, far = rng.uniform(-np.pi, np.pi), rng.uniform(CLEAR, half - 0.4)
        meshes += _toy(rng, np.array([far * np.cos(angle), far * np.sin(angle), 0.0]))
    return Room(meshes, half, height)
