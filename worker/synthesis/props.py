"""Rooms and toys: simple solids with procedural textures. Metres, z up, floor near z = 0."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from worker.synthesis.motion import turn
from worker.synthesis.scene import Finish, Mesh
from worker.synthesis.textures import (
    Texture,
    carpet,
    plain,
    play_mat,
    stripes,
    wall,
    wood_floor,
)

Array = NDArray[np.float64]
Colour = tuple[int, int, int]
Vector = Sequence[float] | Array
CASTS = True


def patch(
    corner: Vector,
    across: Vector,
    up: Vector,
    texture: Texture,
    repeats: tuple[float, float] = (1, 1),
    cells: int = 24,
    gloss: float = 0.0,
) -> Mesh:
    """Flat rectangle with its normal along across × up, tessellated into cells × cells."""
    g = np.linspace(0, 1, cells + 1)
    u, v = (x.ravel() for x in np.meshgrid(g, g))
    a, b = np.asarray(across, float), np.asarray(up, float)
    points = np.asarray(corner, float) + u[:, None] * a + v[:, None] * b
    normal = np.cross(a, b)
    normal /= np.linalg.norm(normal)
    i = np.arange(cells * (cells + 1)).reshape(cells, cells + 1)[:, :cells].ravel()
    faces = np.concatenate(
        [np.stack([i, i + 1, i + cells + 2], 1), np.stack([i, i + cells + 2, i + cells + 1], 1)]
    ).astype(np.int32)
    uv = np.stack([u * repeats[0], v * repeats[1]], 1)
    normals = np.tile(normal, (len(points), 1))
    return Mesh(points, faces, normals, uv, texture, (Finish(gloss=gloss),), casts=False)


def rounded_box(
    size: Vector,
    at: Vector,
    texture: Texture,
    yaw: float = 0.0,
    radius: float = 0.01,
    tilt: Vector = (0, 0, 0),
) -> Mesh:
    """Box with rounded edges standing with its base centre ``at``."""
    half = np.asarray(size, float) / 2
    radius = min(radius, *(half * 0.98))
    m = 10
    # Each side of the cube, later pulled onto a sphere of the edge radius around an inner box.
    ramp = np.tan(np.linspace(-np.pi / 4, np.pi / 4, m))
    points: list[Array] = []
    faces: list[NDArray[np.int64]] = []
    uvs: list[Array] = []
    for axis in range(3):
        for sign in (-1, 1):
            u, v = (x.ravel() for x in np.meshgrid(ramp, ramp))
            p = np.empty((m * m, 3))
            p[:, axis], p[:, (axis + 1) % 3], p[:, (axis + 2) % 3] = sign, u * sign, v
            i = np.arange((m - 1) * m).reshape(m - 1, m)[:, : m - 1].ravel() + sum(
                len(q) for q in points
            )
            points.append(p)
            uvs.append(np.stack([u, v], 1) * 0.5 + 0.5)
            faces += [np.stack([i, i + 1, i + m + 1], 1), np.stack([i, i + m + 1, i + m], 1)]
    cube = np.concatenate(points)
    inner = half - radius
    stretched = np.where(np.abs(cube) > 0.72, np.sign(cube) * inner, cube / 0.72 * inner)
    stretched = np.clip(stretched, -inner, inner)
    direction = np.clip((np.abs(cube) - 0.5) / 0.5, 0, 1) * np.sign(cube)
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    R = turn([0, 0, yaw]) @ turn(tilt)
    vertices = (stretched + radius * direction) @ R.T + np.asarray(at, float) + [0, 0, half[2]]
    return Mesh(
        vertices,
        np.concatenate(faces).astype(np.int32),
        direction @ R.T,
        np.concatenate(uvs),
        texture,
        (Finish(gloss=0.03),),
        casts=CASTS,
    )


def _revolved(
    radius: Array,
    height: Array,
    at: Vector,
    texture: Texture,
    gloss: float,
    tilt: Vector = (0, 0, 0),
    closed: bool = False,
) -> Mesh:
    n, m = 32, len(radius)
    phi = np.linspace(0, 2 * np.pi, n + 1)
    r, p = np.meshgrid(radius, phi)
    h, _ = np.meshgrid(height, phi)
    vertices = np.stack([r * np.cos(p), r * np.sin(p), h], -1).reshape(-1, 3)
    if closed:
        dr = np.roll(radius, -1) - np.roll(radius, 1)
        dh = np.roll(height, -1) - np.roll(height, 1)
        dr[0] = dr[-1] = radius[1] - radius[-2]
        dh[0] = dh[-1] = height[1] - height[-2]
    else:
        dr, dh = np.gradient(radius), np.gradient(height)
    nr, nz = np.meshgrid(dh, phi)[0], np.meshgrid(-dr, phi)[0]
    normals = np.stack([nr * np.cos(p), nr * np.sin(p), nz], -1).reshape(-1, 3)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    i = np.arange(n * m).reshape(n, m)[:, : m - 1].ravel()
    faces = np.concatenate([np.stack([i, i + m, i + m + 1], 1), np.stack([i, i + m + 1, i + 1], 1)])
    uv = np.stack([p.reshape(-1) / (2 * np.pi), np.tile(np.linspace(0, 1, m), n + 1)], 1)
    R = turn(tilt)
    return Mesh(
        vertices @ R.T + np.asarray(at, float),
        faces.astype(np.int32),
        normals @ R.T,
        uv,
        texture,
        (Finish(gloss=gloss),),
        casts=CASTS,
    )


def ball(radius: float, at: Vector, texture: Texture, tilt: Vector = (0, 0, 0)) -> Mesh:
    """Sphere resting on ``at``."""
    t = np.linspace(-np.pi / 2, np.pi / 2, 20)
    centre = np.asarray(at, float) + np.array([0, 0, radius])
    return _revolved(radius * np.cos(t), radius * np.sin(t), centre, texture, 0.12, tilt)


def ring(outer: float, tube: float, at: Vector, texture: Texture) -> Mesh:
    """Torus lying on ``at``."""
    t = np.linspace(0, 2 * np.pi, 18) - np.pi
    centre = np.asarray(at, float) + np.array([0, 0, tube])
    return _revolved(
        outer - tube + tube * np.cos(t), tube * np.sin(t), centre, texture, 0.12, closed=True
    )


def cylinder(radius: float, height: float, at: Vector, texture: Texture) -> Mesh:
    """Upright cylinder with a top."""
    e = min(0.01, radius * 0.3)
    r = np.array([radius, radius, radius, radius - e * 0.3, radius - e, 0.0])
    h = np.array([0, height / 2, height - e, height - e * 0.3, height, height])
    return _revolved(r, h, at, texture, 0.03)


def stacking_rings(at: Vector) -> list[Mesh]:
    """A toy tower of rings."""
    x, y, z = at
    colours = [(214, 70, 60), (236, 146, 52), (240, 206, 74), (104, 172, 96), (72, 128, 190)]
    out = [cylinder(0.010, 0.16, (x, y, z), plain((226, 200, 160)))]
    for k, colour in enumerate(colours):
        out.append(ring(0.062 - 0.007 * k, 0.014, (x, y, z + 0.027 * k), plain(colour)))
    return [*out, ball(0.018, (x, y, z + 0.15), plain((214, 70, 60)))]


def teddy(at: Vector, yaw: float) -> list[Mesh]:
    """A sitting bear of spheres."""
    fur, pale, dark = plain((168, 120, 76)), plain((222, 190, 150)), plain((40, 30, 26))
    R = turn([0, 0, yaw])
    spots: list[tuple[float, tuple[float, float, float], Texture]] = [
        (0.075, (0, 0, 0), fur),
        (0.058, (0, -0.01, 0.115), fur),
        (0.024, (0, -0.058, 0.125), pale),
        (0.022, (0.045, 0, 0.205), fur),
        (0.022, (-0.045, 0, 0.205), fur),
        (0.009, (0, -0.08, 0.15), dark),
        (0.008, (0.022, -0.055, 0.178), dark),
        (0.008, (-0.022, -0.055, 0.178), dark),
        (0.034, (0.055, -0.085, 0), fur),
        (0.034, (-0.055, -0.085, 0), fur),
        (0.028, (0.078, -0.03, 0.07), fur),
        (0.028, (-0.078, -0.03, 0.07), fur),
        (0.05, (0, -0.035, 0.02), pale),
    ]
    return [ball(r, R @ np.asarray(p) + np.asarray(at, float), t) for r, p, t in spots]


def _walls(half: float, height: float, floor_z: float, paint: Texture) -> list[Mesh]:
    h = half
    skirting = plain((238, 236, 230))
    out = []
    for corner, across in (
        ((-h, h, floor_z), (2 * h, 0, 0)),
        ((h, h, floor_z), (0, -2 * h, 0)),
        ((h, -h, floor_z), (-2 * h, 0, 0)),
        ((-h, -h, floor_z), (0, 2 * h, 0)),
    ):
        inward = np.cross(across, (0, 0, 1.0)) / (2 * h)
        out.append(patch(corner, across, (0, 0, height), paint, (2 * h / 2, height / 2)))
        raised = np.asarray(corner) + inward * 0.015
        out.append(patch(raised, across, (0, 0, 0.1), skirting))
    return out


def play_room(seed: int = 3) -> list[Mesh]:
    """A nursery: play mat on a wooden floor (the mat's top at z = 0), toys around it."""
    rng = np.random.default_rng(seed)
    half, low, side = 2.7, -0.014, 1.8
    white, oak = plain((236, 232, 224)), plain((196, 154, 110))
    out = [
        patch(
            (-half, -half, low),
            (2 * half, 0, 0),
            (0, 2 * half, 0),
            wood_floor(rng),
            (half, half),
            cells=48,
            gloss=0.03,
        ),
        *_walls(half, 2.6, low, wall(rng, (206, 218, 214))),
        patch((-side / 2, -side / 2, 0), (side, 0, 0), (0, side, 0), play_mat(rng, side), cells=32),
    ]
    for k in range(4):
        R = turn([0, 0, k * np.pi / 2])
        edge = plain((206, 196, 180))
        out.append(patch(R @ [-side / 2, -side / 2, low], R @ [side, 0, 0], [0, 0, -low], edge))
    beach = stripes(
        [
            (232, 84, 74),
            (250, 246, 238),
            (70, 140, 200),
            (250, 246, 238),
            (246, 196, 70),
            (250, 246, 238),
        ]
    )
    out += [
        ball(0.085, (0.66, 0.58, 0), beach, (0.5, 0.3, 0)),
        *stacking_rings((-0.68, 0.52, 0)),
        *teddy((-0.62, -0.66, 0), 2.4),
        rounded_box((0.07, 0.07, 0.07), (0.55, -0.70, 0), plain((214, 70, 60)), 0.4, 0.006),
        rounded_box((0.07, 0.07, 0.07), (0.66, -0.62, 0), plain((72, 128, 190)), 1.0, 0.006),
        rounded_box((0.07, 0.07, 0.07), (0.60, -0.66, 0.07), plain((240, 206, 74)), 0.1, 0.006),
        rounded_box((1.7, 0.75, 0.38), (0.2, 2.2, low), plain((120, 132, 148)), 0, 0.06),
        rounded_box((1.7, 0.25, 0.75), (0.2, 2.5, low), plain((112, 124, 140)), 0, 0.08),
        rounded_box((0.42, 0.42, 0.18), (-0.3, 2.12, 0.36), plain((222, 168, 96)), 0.5, 0.07),
        rounded_box((0.45, 1.3, 0.85), (2.42, -0.3, low), white, 0, 0.015),
        rounded_box((0.02, 0.6, 0.32), (2.19, 0.02, 0.42), oak, 0, 0.006),
        rounded_box((0.02, 0.6, 0.32), (2.19, -0.64, 0.42), oak, 0, 0.006),
        rounded_box((0.3, 0.22, 0.2), (2.38, 0.1, 0.83), plain((230, 140, 110)), 0, 0.02),
        rounded_box((0.75, 1.2, 0.55), (-2.3, 0.4, low), oak, 0, 0.02),
        rounded_box((0.70, 1.14, 0.12), (-2.3, 0.4, 0.53), plain((240, 238, 232)), 0, 0.05),
        rounded_box((0.9, 0.4, 0.4), (0.5, -2.45, low), plain((214, 188, 150)), 0, 0.02),
        *_picture((-1.3, 2.68, 1.0), (0.7, 0, 0), (0, 0, 0.5), (240, 206, 120), (96, 150, 150)),
        *_picture((2.68, 1.7, 0.9), (0, -0.6, 0), (0, 0, 0.8), (236, 220, 200), (200, 110, 90)),
        *_picture((-2.68, -1.9, 0.9), (0, 0.9, 0), (0, 0, 0.7), (220, 230, 236), (80, 120, 170)),
        *_picture((1.5, -2.68, 0.9), (-0.8, 0, 0), (0, 0, 0.7), (236, 226, 206), (120, 150, 90)),
    ]
    return out


def living_room(seed: int = 8) -> list[Mesh]:
    """A sitting room: rug (its top at z = 0), sofa, shelf, plant, toys."""
    rng = np.random.default_rng(seed)
    half, low = 2.6, -0.012
    navy = plain((70, 92, 122))
    out = [
        patch(
            (-half, -half, low),
            (2 * half, 0, 0),
            (0, 2 * half, 0),
            wood_floor(rng),
            (half, half),
            cells=48,
            gloss=0.04,
        ),
        *_walls(half, 2.6, low, wall(rng, (232, 218, 196))),
        patch((-1.25, -0.75, 0), (2.5, 0, 0), (0, 1.7, 0), carpet(rng, (176, 88, 76)), cells=32),
        patch((-1.25, -0.75, low), (2.5, 0, 0), (0, 0, -low), plain((120, 60, 52))),
        rounded_box((2.1, 0.8, 0.26), (-0.35, 1.75, 0.06), navy, 0, 0.06),
        rounded_box((0.98, 0.7, 0.15), (-0.86, 1.68, 0.31), plain((78, 102, 134)), 0, 0.05),
        rounded_box((0.98, 0.7, 0.15), (0.16, 1.68, 0.31), plain((78, 102, 134)), 0, 0.05),
        rounded_box((2.1, 0.25, 0.75), (-0.35, 2.12, 0.06), navy, 0, 0.08),
        rounded_box((0.22, 0.85, 0.52), (-1.5, 1.75, 0.06), navy, 0, 0.08),
        rounded_box((0.22, 0.85, 0.52), (0.8, 1.75, 0.06), navy, 0, 0.08),
        rounded_box(
            (0.4, 0.14, 0.4), (-1.0, 1.82, 0.45), plain((232, 190, 110)), 0.2, 0.06, (-0.3, 0, 0)
        ),
        rounded_box(
            (0.4, 0.14, 0.4), (0.35, 1.85, 0.45), plain((206, 120, 96)), -0.2, 0.06, (-0.3, 0, 0)
        ),
        rounded_box((0.9, 0.4, 0.75), (1.85, 2.35, low), plain((190, 148, 104)), 0, 0.015),
        cylinder(0.14, 0.28, (1.3, 2.2, low), plain((226, 222, 214))),
        cylinder(0.015, 0.9, (1.3, 2.2, 0.2), plain((96, 84, 60))),
        *stacking_rings((0.72, 0.32, 0)),
        *teddy((-0.30, 0.62, 0), 0.3),
        ball(
            0.075,
            (0.45, -0.28, 0),
            stripes([(240, 200, 70), (250, 246, 238), (70, 150, 150), (250, 246, 238)]),
            (0.9, 0.2, 0),
        ),
        *_picture((-1.1, 2.58, 1.15), (0.6, 0, 0), (0, 0, 0.5), (238, 232, 220), (70, 120, 120)),
        *_picture((0.2, 2.58, 1.1), (0.5, 0, 0), (0, 0, 0.6), (238, 232, 220), (210, 130, 80)),
    ]
    leaf = plain((74, 122, 66))
    for k in range(9):
        a = 2.4 * k
        out.append(
            ball(
                0.10 + 0.02 * (k % 3),
                (1.3 + 0.16 * np.cos(a), 2.2 + 0.14 * np.sin(a), 0.75 + 0.07 * k),
                leaf,
            )
        )
    return out


def _picture(corner: Vector, across: Vector, up: Vector, paper: Colour, ink: Colour) -> list[Mesh]:
    a, b, c = (np.asarray(x, float) for x in (across, up, corner))
    inward = np.cross(a, b) / (np.linalg.norm(a) * np.linalg.norm(b))
    return [
        patch(c, a, b, plain((92, 74, 58)), cells=4),
        patch(c + inward * 0.004 + 0.05 * a + 0.06 * b, a * 0.9, b * 0.88, plain(paper), cells=4),
        patch(c + inward * 0.008 + 0.25 * a + 0.2 * b, a * 0.5, b * 0.45, plain(ink), cells=4),
    ]
