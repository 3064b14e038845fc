"""Procedural textures and the atlas that the renderer samples."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

LEVELS = 9
Image = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Texture:
    """Linear-light colours (H, W, 3) float32; density: texels per metre on the surface."""

    pixels: Image
    density: float


def linear(srgb: tuple[int, int, int] | Image) -> Image:
    """8-bit sRGB colours (…, 3) to linear light 0..1."""
    x = np.asarray(srgb, np.float32) / 255
    return np.asarray(np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4), np.float32)


def plain(srgb: tuple[int, int, int]) -> Texture:
    """One colour everywhere."""
    return Texture(np.full((2, 2, 3), 1, np.float32) * linear(srgb), 1.0)


def noise(shape: tuple[int, int], cells: tuple[int, int], rng: np.random.Generator) -> Image:
    """Smooth tileable noise in −1..1 with the given number of cells down and across."""
    grid = rng.uniform(-1, 1, cells).astype(np.float32)
    y = np.arange(shape[0]) / shape[0] * cells[0]
    x = np.arange(shape[1]) / shape[1] * cells[1]
    iy, ix = y.astype(int), x.astype(int)
    fy, fx = (y - iy)[:, None], (x - ix)[None, :]
    fy, fx = fy * fy * (3 - 2 * fy), fx * fx * (3 - 2 * fx)
    ny, nx = (iy + 1) % cells[0], (ix + 1) % cells[1]
    iy, ix = iy % cells[0], ix % cells[1]
    top = grid[np.ix_(iy, ix)] * (1 - fx) + grid[np.ix_(iy, nx)] * fx
    low = grid[np.ix_(ny, ix)] * (1 - fx) + grid[np.ix_(ny, nx)] * fx
    return np.asarray(top * (1 - fy) + low * fy, np.float32)


def _grid(size: int) -> tuple[Image, Image]:
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    return (x + 0.5) / size, (y + 0.5) / size


def soft(signed: NDArray[Any], width: float) -> Image:
    """0 where ``signed`` < 0, 1 where > 0, with a ramp of the given width."""
    return np.asarray(np.clip(signed / width + 0.5, 0, 1)[..., None], np.float32)


def wood_floor(rng: np.random.Generator, metres: float = 2.0, size: int = 1024) -> Texture:
    """Oak planks along x, 0.125 m wide; tiles every ``metres``."""
    planks = 16
    rows = np.arange(size) * planks // size
    tone = rng.uniform(-1, 1, (planks, 3))
    shift = rng.uniform(0, 1, planks)
    x = (np.arange(size) + 0.5) / size
    half = ((x[None, :] * 2 + shift[rows][:, None]) % 2 > 1).astype(int)
    base = linear((186, 146, 104))
    grain = noise((size, size), (256, 6), rng) * 0.6 + noise((size, size), (512, 16), rng) * 0.4
    shade = 1 + 0.10 * tone[rows[:, None], half] + 0.10 * grain
    pixels = base * shade[..., None]
    across = (np.arange(size) + 0.5) / size * planks % 1
    seam = np.clip(np.minimum(across, 1 - across) / 0.03, 0, 1)
    ends = (x[None, :] * 2 + shift[rows][:, None]) % 1
    seam_x = np.clip(np.minimum(ends, 1 - ends) / 0.004, 0, 1)
    pixels *= (0.55 + 0.45 * seam[:, None] * seam_x)[..., None]
    return Texture(pixels.astype(np.float32), size / metres)


def wall(rng: np.random.Generator, colour: tuple[int, int, int], size: int = 256) -> Texture:
    """Painted plaster."""
    grain = noise((size, size), (128, 128), rng) + noise((size, size), (7, 7), rng)
    return Texture((linear(colour) * (1 + 0.012 * grain[..., None])).astype(np.float32), size / 2.0)


def carpet(rng: np.random.Generator, colour: tuple[int, int, int], size: int = 512) -> Texture:
    """Short pile with a darker border; covers the surface once."""
    u, v = _grid(size)
    edge = np.minimum(np.minimum(u, 1 - u), np.minimum(v, 1 - v))
    grain = rng.normal(0, 1, (size, size)).astype(np.float32)
    pixels = linear(colour) * (1 + 0.10 * grain[..., None])
    ring = soft(0.02 - np.abs(edge - 0.07), 0.006)
    pixels = pixels * (1 - ring) + ring * linear((238, 228, 210)) * (1 + 0.08 * grain[..., None])
    return Texture(np.clip(pixels, 0, 1).astype(np.float32), size / 2.0)


MAT_TILES = [
    (246, 214, 139),
    (168, 212, 205),
    (240, 178, 160),
    (188, 205, 235),
    (205, 220, 165),
    (232, 200, 222),
]


def play_mat(rng: np.random.Generator, metres: float, size: int = 1024) -> Texture:
    """Foam mat of 4 × 4 pastel tiles with a star, moon, heart, cloud or dot on each."""
    u, v = _grid(size)
    n = 4
    pixels = np.zeros((size, size, 3), np.float32)
    cell_x, cell_y = (u * n).astype(int), (v * n).astype(int)
    x, y = (u * n) % 1 * 2 - 1, (v * n) % 1 * 2 - 1
    for i in range(n):
        for j in range(n):
            here = (cell_x == i) & (cell_y == j)
            base = linear(MAT_TILES[(i * 2 + j * 3) % len(MAT_TILES)])
            figure = _figure((i * 3 + j) % 5, x, y)
            ink = linear((252, 248, 238)) if (i + j) % 2 else base * 0.62
            mixed = base * (1 - figure) + ink * figure
            pixels[here] = mixed[here]
    seam = np.minimum(1 - np.abs(x), 1 - np.abs(y))
    pixels *= 1 - 0.35 * soft(0.018 - seam, 0.012)
    pixels *= 1 + 0.02 * noise((size, size), (256, 256), rng)[..., None]
    return Texture(np.clip(pixels, 0, 1).astype(np.float32), size / metres)


def _figure(kind: int, x: Image, y: Image) -> Image:
    r, angle = np.hypot(x, y), np.arctan2(y, x)
    if kind == 0:
        return soft(0.42 + 0.16 * np.cos(5 * angle) - r, 0.02)
    if kind == 1:
        return soft(np.minimum(0.52 - r, np.hypot(x - 0.24, y) - 0.42), 0.02)
    if kind == 2:
        a, b = x / 0.55, -y / 0.55 + 0.15
        return soft(-((a * a + b * b - 0.75) ** 3 - a * a * b * b * b), 0.03)
    if kind == 3:
        puffs = [(-0.26, 0.08, 0.24), (0.02, -0.08, 0.32), (0.3, 0.08, 0.22)]
        field_ = np.max([q - np.hypot(x - a, y - b) for a, b, q in puffs], axis=0)
        return soft(np.maximum(field_, np.minimum(0.2 - np.abs(y - 0.14), 0.34 - np.abs(x))), 0.02)
    return soft(0.2 - np.abs(r - 0.32) * 1.6, 0.02)


def stripes(colours: list[tuple[int, int, int]], size: int = 256) -> Texture:
    """Vertical stripes along u, one per colour."""
    u, _ = _grid(size)
    table = linear(np.asarray(colours, np.float32))
    return Texture(table[(u * len(colours)).astype(int) % len(colours)], size / 0.4)


@dataclass
class Atlas:
    """All textures with their mip levels in one flat array, grown as textures are first used."""

    texels: Image = field(default_factory=lambda: np.zeros((0, 3), np.float32))
    levels: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, LEVELS, 3), np.int64))
    density: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    _known: list[Texture] = field(default_factory=list)

    def index(self, texture: Texture) -> int:
        """Position of a texture in the atlas; adds it when new."""
        for k, known in enumerate(self._known):
            if known is texture:
                return k
        image, start = texture.pixels, len(self.texels)
        parts, table = [], []
        for _ in range(LEVELS):
            table.append((start, image.shape[1], image.shape[0]))
            parts.append(image.reshape(-1, 3))
            start += parts[-1].shape[0]
            if min(image.shape[:2]) >= 2:
                h, w = image.shape[0] // 2 * 2, image.shape[1] // 2 * 2
                image = image[:h, :w].reshape(h // 2, 2, w // 2, 2, 3).mean(axis=(1, 3))
        self.texels = np.concatenate([self.texels, *parts]).astype(np.float32)
        self.levels = np.concatenate([self.levels, np.asarray([table], np.int64)])
        self.density = np.append(self.density, texture.density)
        self._known.append(texture)
        return len(self._known) - 1
