"""Clothes, skin, hair and eyes: turns a bare :class:`Body` into a dressed one.

Clothes are part of the surface: vertices under cloth are smoothed and lifted off the skin, and a
texture baked from the rest pose colours cloth, skin, hair, lips and eyes. Nobody is rendered bare.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from worker.synthesis import raster
from worker.synthesis.body import PARTS, Body
from worker.synthesis.scene import Actor, Finish, Mesh, smooth_normals
from worker.synthesis.textures import Texture, linear, noise

Array = NDArray[Any]
Colour = tuple[int, int, int]
Field = Callable[[Array], Array]
"""Takes a value per vertex to a value per texel."""
SKIN = Finish((0.32, 0.16, 0.10), 0.035)
CLOTH = Finish((0.10, 0.10, 0.10), 0.0)
EYE = Finish((0.1, 0.1, 0.1), 0.6)


@dataclass(frozen=True)
class Style:
    """What a person wears and looks like. Colours are 8-bit sRGB.

    top, bottom: cloth; bottom None continues the top (a sleepsuit). trim: collar and cuffs.
    stripe: second colour of the top, None for plain. hair: colour; hair_low: 0 infant's cap, 1
    covers ears and neck. thickness: metres cloth stands off the skin. nappy: metres of bulge.
    barefoot: feet are skin, else socks in ``trim``. sleeve, leg: where cloth ends, 0 at the wrist
    and ankle, 1 at the elbow and knee, up to 1.6 on the way to the trunk.
    """

    skin: Colour = (232, 184, 158)
    top: Colour = (244, 240, 230)
    stripe: Colour | None = (120, 160, 190)
    bottom: Colour | None = None
    trim: Colour = (120, 160, 190)
    hair: Colour = (96, 66, 46)
    hair_low: float = 0.0
    iris: Colour = (74, 96, 120)
    thickness: float = 0.004
    nappy: float = 0.012
    barefoot: bool = True
    sleeve: float = 0.0
    leg: float = 0.0


@dataclass(frozen=True)
class Dressed:
    """A body with its outer surface.

    surface: (V, 3) at rest. source: (U,) body vertex and uv: (U, 2) texture place of each render
    vertex; faces: (F, 3) of render vertices.
    """

    body: Body
    surface: Array
    source: NDArray[np.int32]
    uv: Array
    faces: NDArray[np.int32]
    texture: Texture
    vertex_finish: NDArray[np.uint8]

    def actor(self, transforms: Array) -> tuple[Actor, Array]:
        """The posed mesh, and its COCO-17 joints (17, 3) regressed from the bare body."""
        surface, bare = self.body.skin(transforms, self.surface, self.body.vertices)
        normals = smooth_normals(surface, self.body.faces)
        v = self.source
        mesh = Mesh(
            surface[v],
            self.faces,
            normals[v],
            self.uv,
            self.texture,
            (SKIN, CLOTH, EYE),
            self.vertex_finish,
        )
        return Actor(mesh, self.body.face_part), self.body.coco @ bare


def dress(body: Body, style: Style, seed: int = 0, size: int = 1024) -> Dressed:
    """Put clothes, hair and eyes on a body. size: texels along each side of its texture."""
    cloth = cloth_distance(body, style.sleeve, style.leg)
    surface = _lift(body, cloth, style)
    pairs = np.stack([body.faces, body.face_uv], axis=2).reshape(-1, 2)
    corner, inverse = np.unique(pairs, axis=0, return_inverse=True)
    faces = inverse.reshape(-1, 3).astype(np.int32)
    texture = _paint(body, surface, cloth, style, corner.astype(np.int32), faces, seed, size)
    finish = (cloth > 0).astype(np.uint8)
    for name, here in body.regions.items():
        if name.startswith(("eye_front", "eye_back")):
            finish[np.unique(body.faces[here])] = 2
    finish = finish[corner[:, 0]]
    uv = _eye_uv(body, corner, faces, body.uv[corner[:, 1]] * [1, -1] + [0, 1], size)
    return Dressed(body, surface, corner[:, 0].astype(np.int32), uv, faces, texture, finish)


def cloth_distance(body: Body, sleeve: float = 0.0, leg: float = 0.0) -> Array:
    """(V,) signed metres to the hem: positive under cloth, negative on bare skin.

    sleeve, leg: as in :class:`Style`; the trunk is under cloth whatever they are.
    """
    weights, v = body.part_weights, body.vertices
    out = np.full(len(v), 0.05)
    unit = body.stature / 0.72
    for side in "LR":
        wrist, elbow = body.head(f"wrist.{side}"), body.head(f"lowerarm01.{side}")
        along = (elbow - wrist) / np.linalg.norm(elbow - wrist)
        arm = _share(weights, f"forearm.{side}", f"hand.{side}") > 0.3
        out[arm] = np.minimum(out, (v - wrist) @ along - 0.010 * unit)[arm]
        ankle, knee = body.head(f"foot.{side}"), body.head(f"lowerleg01.{side}")
        along = (knee - ankle) / np.linalg.norm(knee - ankle)
        shank = _share(weights, f"shin.{side}", f"foot.{side}") > 0.3
        out[shank] = np.minimum(out, (v - ankle) @ along - 0.016 * unit)[shank]
        for cut, end, joint, root, parts in (
            (
                sleeve,
                wrist,
                elbow,
                body.head(f"upperarm01.{side}"),
                ("upper_arm", "forearm", "hand"),
            ),
            (leg, ankle, knee, body.head(f"upperleg01.{side}"), ("thigh", "shin", "foot")),
        ):
            if cut > 0:
                limb = _share(weights, *(f"{p}.{side}" for p in parts)) > 0.5
                out[limb] = np.minimum(out, _beyond(v, end, joint, root, min(cut, 1.6)))[limb]
    base = body.head("neck01") + np.array([0.0, 0.0, 0.004 * unit])
    slope = np.array([0.0, 0.55, -1.0]) / np.hypot(0.55, 1.0)
    above = _share(weights, "head", "torso") > 0.5
    out[above] = np.minimum(out, (v - base) @ slope)[above]
    out[_share(weights, "head") > 0.97] = -0.05
    return out


def _beyond(v: Array, end: Array, joint: Array, root: Array, cut: float) -> Array:
    """Signed metres past a hem at ``cut`` along a limb: 0 its end, 1 its joint, 2 its root."""
    a, b = (end, joint) if cut <= 1 else (joint, root)
    hem = a + (b - a) * (cut if cut <= 1 else cut - 1)
    along = (b - a) / np.linalg.norm(b - a)
    return np.asarray((v - hem) @ along)


def _share(weights: Array, *parts: str) -> Array:
    return np.asarray(weights[:, [PARTS.index(p) for p in parts]].sum(axis=1))


def _smooth(body: Body, surface: Array, share: Array, rounds: int) -> Array:
    """Low-pass filter that keeps the volume (Taubin 1995), weighted by share (V, 1)."""
    edges = np.concatenate([body.faces[:, [0, 1]], body.faces[:, [1, 2]], body.faces[:, [2, 0]]])
    edges = np.concatenate([edges, edges[:, ::-1]])
    edges = edges[share[edges[:, 0], 0] > 0]
    moved, place = np.unique(edges[:, 0], return_inverse=True)
    count = np.bincount(place)[:, None]
    surface = surface.copy()
    for _ in range(rounds):
        for step in (0.63, -0.66):
            near = surface[edges[:, 1]]
            mean = np.stack([np.bincount(place, near[:, k]) for k in range(3)], axis=1) / count
            surface[moved] += share[moved] * step * (mean - surface[moved])
    return surface


def _lift(body: Body, cloth: Array, style: Style) -> Array:
    unit = body.stature / 0.72 if body.stature < 1.0 else 1.0
    covered = np.clip(cloth / 0.006, 0, 1)[:, None]
    surface = body.vertices.copy()
    surface = _smooth(body, surface, covered, 8)
    groin = np.abs(body.vertices - body.head("upperleg01.L") * [0, 1, 1] + [0, 0, 0.045 * unit])
    crotch = (groin < np.array([0.045, 0.075, 0.05]) * unit).all(axis=1)
    trunk = covered * ((_share(body.part_weights, "torso") > 0.9) | crotch)[:, None]
    surface = _smooth(body, surface, trunk, 60)
    normals = smooth_normals(surface, body.faces)
    lift = covered[:, 0] * style.thickness * unit
    if style.nappy > 0:
        pelvis = body.head("upperleg01.L") * [0, 1, 1]
        d = (body.vertices - pelvis - [0, 0, 0.01]) / (np.array([0.085, 0.085, 0.06]) * unit)
        lift = lift + style.nappy * unit * np.clip(1.25 - np.linalg.norm(d, axis=1), 0, 0.6) / 0.6
    hair = np.clip(hair_amount(body, body.vertices, style), 0, 1)
    hair *= _share(body.part_weights, "head") > 0.9
    lift = lift + hair * (0.001 if style.hair_low < 0.5 else 0.016)
    return np.asarray(surface + normals * lift[:, None])


def hair_amount(body: Body, points: Array, style: Style) -> Array:
    """(N,) 0 on bare skin to 1 well inside the hair, for points at rest."""
    eyes = (body.head("eye.L") + body.head("eye.R")) / 2
    top = body.vertices[:, 2].max()
    scale = top - eyes[2]
    p = (points - eyes) / scale
    lean = 0.42 - 0.02 * style.hair_low
    line = p[:, 2] + 0.9 * (p[:, 1] - 0.2) - lean + style.hair_low * 0.1 * (p[:, 1] > 0.4)
    side = np.abs(p[:, 0])
    line = line - 0.25 * side * (1 - style.hair_low)
    nape = p[:, 2] + 0.75 + 0.75 * style.hair_low
    amount = np.clip(np.minimum(line / 0.34, nape / 0.3), 0, 1)
    return np.asarray(amount * amount * (3 - 2 * amount))


def _paint(
    body: Body,
    surface: Array,
    cloth: Array,
    style: Style,
    corner: NDArray[np.int32],
    faces: NDArray[np.int32],
    seed: int,
    size: int,
) -> Texture:
    rng = np.random.default_rng(seed)
    uv = body.uv[corner[:, 1]] * [1, -1] + [0, 1]
    flat = np.concatenate([uv * size, np.ones((len(uv), 1))], axis=1)
    depth = np.full((size, size), np.inf, np.float32)
    ids = np.full((size, size), -1, np.int32)
    bary = np.zeros((size, size, 2), np.float32)
    raster.rasterize(flat, faces, 0, 0.0, depth, ids, bary)
    rows, cols = np.nonzero(ids >= 0)
    f = ids[rows, cols]
    w = np.empty((len(f), 3))
    w[:, 1:] = bary[rows, cols]
    w[:, 0] = 1 - w[:, 1] - w[:, 2]
    corners = body.faces[f]

    def at(values: Array) -> Array:
        return np.asarray(np.einsum("nk,nk...->n...", w, values[corners]))

    colour = _colours(body, surface, style, f, at, rng)
    image = np.zeros((size, size, 3), np.float32)
    image[rows, cols] = colour
    image = _bleed(image, ids >= 0)
    side = eye_block(size)
    image[:side, :side] = _paint_eye(style, side)
    return Texture(image, size / (2.2 * body.stature))


def _blend(under: Array, over: Array, amount: Array) -> Array:
    return np.asarray(under + (over - under) * np.clip(amount, 0, 1)[:, None])


def _colours(
    body: Body,
    surface: Array,
    style: Style,
    f: NDArray[np.int32],
    at: Field,
    rng: np.random.Generator,
) -> Array:
    p = at(body.vertices)
    unit = body.stature / 0.72 if body.stature < 1.0 else 1.5
    eyes = (body.head("eye.L") + body.head("eye.R")) / 2
    scale = body.vertices[:, 2].max() - eyes[2]
    q = (p - eyes) / scale
    grain = rng.normal(0, 1, len(p))[:, None]

    colour = np.tile(linear(style.skin), (len(p), 1)) * (1 + 0.012 * grain)
    warm = linear(style.skin) * [1.0, 0.72, 0.66]
    is_head = at(body.part_weights[:, [PARTS.index("head")]])[:, 0] > 0.8
    gap = np.abs(body.head("eye.L")[0]) / scale
    for sign in (1, -1):
        cheek = np.linalg.norm((q - [sign * gap * 1.25, -0.3, -0.42]) / [1, 1.6, 1], axis=1)
        colour = _blend(colour, warm, is_head * 0.5 * np.clip(1 - cheek / 0.36, 0, 1))
        brow = np.maximum(
            np.abs(q[:, 0] - sign * gap * 1.05) / (gap * 0.75),
            np.abs(q[:, 2] - 0.26 + 0.5 * (np.abs(q[:, 0]) - gap) ** 2 / gap) / 0.045,
        )
        colour = _blend(
            colour,
            linear(style.hair),
            is_head * (q[:, 1] < 0.1) * 0.5 * np.clip(2 - 2 * brow, 0, 1),
        )
    fingers = at(body.part_weights[:, [PARTS.index(f"hand.{s}") for s in "LR"]]).sum(axis=1)
    toes = at(body.part_weights[:, [PARTS.index(f"foot.{s}") for s in "LR"]]).sum(axis=1)
    colour = _blend(colour, warm, 0.25 * np.maximum(fingers, toes))
    colour = _mouth(body, style, colour, q, is_head)
    strands = 0.12 * noise((1, len(p)), (1, max(2, len(p) // 3)), rng)[0]
    hair = np.clip(hair_amount(body, p, style) * (1.15 if style.hair_low > 0.5 else 0.85), 0, 0.96)
    colour = _blend(colour, linear(style.hair) * (1 + strands[:, None]), is_head * hair)
    colour = _cloth(body, surface, style, colour, p, at, unit, grain)
    for side in "LR":
        lid = body.regions[f"eye_cavity.{side}"][f]
        colour = np.where(lid[:, None], linear(style.skin) * [0.8, 0.6, 0.55], colour)
    return colour


def _mouth(body: Body, style: Style, colour: Array, q: Array, is_head: Array) -> Array:
    lips = linear(style.skin) * [0.86, 0.46, 0.46]
    cavity = body.regions["mouth_cavity"]
    inner = np.unique(body.faces[cavity])
    outside = np.unique(body.faces[~cavity])
    rim = np.intersect1d(inner, outside)
    eyes = (body.head("eye.L") + body.head("eye.R")) / 2
    scale = body.vertices[:, 2].max() - eyes[2]
    r = (body.vertices[rim] - eyes) / scale
    if len(r):
        distance = np.min(np.linalg.norm(q[:, None, ::2] - r[None, ::3, ::2], axis=2), axis=1)
        front = q[:, 1] < r[:, 1].max() + 0.1
        colour = _blend(colour, lips, is_head * front * np.clip(1.5 - distance / 0.04, 0, 1) * 0.6)
    return colour


def _cloth(
    body: Body,
    surface: Array,
    style: Style,
    colour: Array,
    p: Array,
    at: Field,
    unit: float,
    grain: Array,
) -> Array:
    hem = at(cloth_distance(body, style.sleeve, style.leg))
    cloth: Array = np.tile(linear(style.top), (len(p), 1))
    torso = at(body.part_weights[:, [PARTS.index("torso")]])[:, 0]
    legs = at(body.part_weights[:, [k for k, n in enumerate(PARTS) if n[:4] in ("thig", "shin")]])
    legs = legs.sum(axis=1)
    hip = body.head("upperleg01.L")[2]
    low = (legs + torso > 0.5) & (p[:, 2] < hip + 0.05 * unit)
    if style.stripe is not None:
        period = 0.030 * unit
        wave = np.abs((at(surface)[:, 2] / period) % 1 - 0.5) * 2
        cloth = _blend(cloth, linear(style.stripe), (wave - 0.62) * period / 0.0016)
    if style.bottom is not None:
        cloth[low] = linear(style.bottom)
    cuff = np.clip((0.012 * unit - hem) / 0.001, 0, 1)
    cloth = _blend(cloth, linear(style.trim), cuff)
    cloth = cloth * (1 + 0.03 * grain)
    if not style.barefoot:
        feet = at(body.part_weights[:, [PARTS.index(f"foot.{s}") for s in "LR"]]).sum(axis=1)
        colour = _blend(colour, linear(style.trim), (feet > 0.2).astype(float))
    return _blend(colour, cloth, hem / 0.0015 + 0.5)


def eye_block(size: int) -> int:
    """Side in texels of the square, at the texture's top left, that holds the painted eye."""
    return size * 112 // 1024


def _eye_uv(
    body: Body, corner: NDArray[np.int32], faces: NDArray[np.int32], uv: Array, size: int
) -> Array:
    """Let the eyeballs look up a painted eye straight from the front; anny's own patch is tiny."""
    for side in "LR":
        here = body.regions[f"eye_front.{side}"] | body.regions[f"eye_back.{side}"]
        ball = body.vertices[np.unique(body.faces[here])]
        middle, radius = (ball.min(0) + ball.max(0)) / 2, np.ptp(ball[:, 0]) / 2
        which = np.unique(faces[here])
        d = (body.vertices[corner[which, 0]] - middle) / radius
        block = eye_block(size)
        uv[which] = (block / 2 + d[:, [0, 2]] * [1, -1] * 0.46 * block) / size
    return uv


def _paint_eye(style: Style, side: int) -> NDArray[np.float32]:
    y, x = (np.mgrid[0:side, 0:side] + 0.5 - side / 2) / (0.46 * side)
    r = np.hypot(x, y)

    def disc(
        image: Array, radius: float, colour: ArrayLike, cx: float = 0.0, cy: float = 0.0
    ) -> Array:
        amount = np.clip((radius - np.hypot(x - cx, y - cy)) / 0.05 + 0.5, 0, 1)[..., None]
        return np.asarray(image * (1 - amount) + np.asarray(colour) * amount)

    eye: Array = np.ones((side, side, 3)) * linear((232, 228, 224))
    eye = disc(eye, 0.62, linear(style.iris) * 0.35)
    eye = disc(eye, 0.56, linear(style.iris))
    eye *= (1 - 0.25 * (r < 0.56) * np.clip(r - 0.2, 0, 1))[..., None]
    eye = disc(eye, 0.30, (0.005, 0.004, 0.004))
    eye = disc(eye, 0.10, (1.0, 1.0, 1.0), 0.16, -0.2)
    return np.asarray(eye, np.float32)


def _bleed(
    image: NDArray[np.float32], known: NDArray[np.bool_], steps: int = 12
) -> NDArray[np.float32]:
    """Grow colours past the borders of the texture's islands, so that no seam shows."""
    known = known.copy()
    for _ in range(steps):
        total = np.zeros_like(image)
        count = np.zeros(known.shape, np.float32)
        for axis, step in ((0, 1), (0, -1), (1, 1), (1, -1)):
            near = np.roll(known, step, axis)
            total += np.roll(image, step, axis) * near[..., None]
            count += near
        fresh = ~known & (count > 0)
        image[fresh] = total[fresh] / count[fresh][:, None]
        known |= fresh
    image[~known] = image[known].mean(axis=0)
    return image
