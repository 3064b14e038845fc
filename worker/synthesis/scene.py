"""Meshes, and the renderer that turns them into images with what lies behind them.

World frame: metres, z up, floor at z = 0. Camera frame as in OpenCV: x right, y down, z forward.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from worker.synthesis import raster
from worker.synthesis.camera import Camera
from worker.synthesis.lights import Lights, ShadowMaps
from worker.synthesis.textures import Atlas, Texture

Array = NDArray[np.float64]
Floats = NDArray[np.float32]
NEAR = 0.05
SHADOW_OFFSET = 0.006
SHADOW_BIAS = 0.006


@dataclass(frozen=True)
class Finish:
    """How a surface answers to light: per-channel wrap of the cosine, and gloss."""

    wrap: tuple[float, float, float] = (0.0, 0.0, 0.0)
    gloss: float = 0.0


@dataclass(frozen=True)
class Mesh:
    """Triangles with one texture.

    vertices, normals: (V, 3). faces: (F, 3). uv: (V, 2). vertex_finish: (V,) index into finishes,
    or None for the first. casts: whether it shadows others.
    """

    vertices: Array
    faces: NDArray[np.int32]
    normals: Array
    uv: Array
    texture: Texture
    finishes: tuple[Finish, ...] = (Finish(),)
    vertex_finish: NDArray[np.uint8] | None = None
    casts: bool = True


def smooth_normals(vertices: Array, faces: NDArray[np.int32]) -> Array:
    """Area-weighted vertex normals, (V, 3)."""
    corner = vertices[faces]
    face = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    out = np.zeros_like(vertices)
    for axis in range(3):
        for k in range(3):
            out[:, axis] += np.bincount(faces[:, k], face[:, axis], len(vertices))
    return np.asarray(out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-12))


@dataclass(frozen=True)
class _Soup:
    """Several meshes in one set of arrays; starts: first face of each mesh, and the end."""

    vertices: Array
    normals: Array
    uv: Array
    faces: NDArray[np.int32]
    texture: NDArray[np.int32]
    wrap: Floats
    gloss: Floats
    starts: list[int]

    @classmethod
    def of(cls, meshes: Sequence[Mesh], atlas: Atlas) -> _Soup:
        faces, texture, wrap, gloss, starts, v0, f0 = [], [], [], [], [], 0, 0
        for mesh in meshes:
            n, v = len(mesh.faces), len(mesh.vertices)
            kind = np.zeros(v, np.uint8) if mesh.vertex_finish is None else mesh.vertex_finish
            faces.append(mesh.faces + v0)
            texture.append(np.full(n, atlas.index(mesh.texture)))
            wrap.append(np.array([f.wrap for f in mesh.finishes], np.float32)[kind])
            gloss.append(np.array([f.gloss for f in mesh.finishes], np.float32)[kind])
            starts.append(f0)
            v0, f0 = v0 + v, f0 + n
        return cls(
            np.concatenate([m.vertices for m in meshes]).astype(float),
            np.concatenate([m.normals for m in meshes]).astype(float),
            np.concatenate([m.uv for m in meshes]).astype(float),
            np.concatenate(faces).astype(np.int32),
            np.concatenate(texture).astype(np.int32),
            np.concatenate(wrap),
            np.concatenate(gloss),
            [*starts, f0],
        )

    def joined(self, other: _Soup) -> _Soup:
        """Both in one; the other's faces come last."""
        return _Soup(
            np.concatenate([self.vertices, other.vertices]),
            np.concatenate([self.normals, other.normals]),
            np.concatenate([self.uv, other.uv]),
            np.concatenate([self.faces, other.faces + np.int32(len(self.vertices))]),
            np.concatenate([self.texture, other.texture]),
            np.concatenate([self.wrap, other.wrap]),
            np.concatenate([self.gloss, other.gloss]),
            [*self.starts, *(k + len(self.faces) for k in other.starts[1:])],
        )


@dataclass
class Rendering:
    """One image and what lies behind its pixels.

    linear: (H, W, 3) float32 radiance. depth: (sH, sW) float32 metres and owner: (sH, sW) int16
    (−1 = room, else index into the actors), part: (sH, sW) int16 (body part of an actor, else −1),
    all at ``supersample`` times the image's resolution.
    """

    linear: Floats
    depth: Floats
    owner: NDArray[np.int16]
    part: NDArray[np.int16]
    supersample: int

    def mask(self, actor: int) -> NDArray[np.uint8]:
        """(H, W) uint8: 1 where the actor covers at least half of the pixel."""
        s = self.supersample
        h, w = self.owner.shape
        share = (self.owner == actor).reshape(h // s, s, w // s, s).mean(axis=(1, 3))
        return np.asarray(share >= 0.5, np.uint8)


@dataclass(frozen=True)
class Actor:
    """A moving mesh with a body part per face, (F,) int16."""

    mesh: Mesh
    face_part: NDArray[np.int16]


@dataclass(frozen=True)
class Cast:
    """Actors in one moment, lit: what all cameras share. Made by :meth:`Renderer.stage`."""

    actors: tuple[Actor, ...]
    soup: _Soup | None = None
    maps: ShadowMaps | None = None
    irradiance: Floats = field(default_factory=lambda: np.zeros((0, 3), np.float32))
    key_share: Floats = field(default_factory=lambda: np.zeros(0, np.float32))


@dataclass(frozen=True)
class _View:
    """What a fixed camera sees of the room, computed once.

    radiance and depth are at the supersampled resolution; the rest describes one sample per pixel
    of the final image, because shadows on the room are soft: ``pixels`` (N,) flat pixel numbers.
    """

    depth: Floats
    radiance: Floats
    pixels: NDArray[np.int64]
    points: Floats
    normals: Floats
    lit: NDArray[np.uint8]
    irradiance: Floats


@dataclass
class Renderer:
    """Renders actors in a fixed room.

    What does not move is computed once per camera (told apart by name); what all cameras share is
    computed once per moment. reach: metres around the actors within which their shadows on the
    room are recomputed.
    """

    room: Sequence[Mesh]
    lights: Lights
    supersample: int = 2
    reach: float = 0.6
    static_map_size: int = 1024
    dynamic_map_size: int = 176
    _atlas: Atlas = field(default_factory=Atlas)
    _views: dict[str, _View] = field(default_factory=dict)
    _static: ShadowMaps | None = None
    _room: _Soup | None = None

    def stage(self, actors: Sequence[Actor]) -> Cast:
        """Light the actors of one moment, for any number of cameras."""
        if not actors:
            return Cast(())
        meshes = [a.mesh for a in actors]
        soup = _Soup.of(meshes, self._atlas)
        low, high = soup.vertices.min(0) - 0.01, soup.vertices.max(0) + 0.01
        maps = ShadowMaps(self.lights, meshes, low, high, self.dynamic_map_size)
        lit = np.ones((len(soup.vertices), len(self.lights.directions)), np.float32)
        for m in (self._room_shadows(), maps):
            m.attenuate(soup.vertices, soup.normals, SHADOW_OFFSET, SHADOW_BIAS, lit)
        irradiance = self._irradiance(soup.normals, lit, soup.wrap)
        return Cast(tuple(actors), soup, maps, irradiance, lit[:, : self.lights.keys].mean(axis=1))

    def render(self, camera: Camera, cast: Cast) -> Rendering:
        """Render the actors in the room from one camera."""
        view = self._view(camera)
        fine = camera.scaled(self.supersample)
        depth, ids, bary = _empty_buffers(fine)
        depth[:] = view.depth
        radiance = view.radiance.copy()
        owner = np.full(depth.shape, -1, np.int16)
        part = np.full(depth.shape, -1, np.int16)
        if cast.soup is not None and cast.maps is not None:
            soup = cast.soup
            raster.rasterize(fine.project(soup.vertices), soup.faces, 0, NEAR, depth, ids, bary)
            self._darken_room(view, camera, soup, cast.maps, radiance)
            rows, cols = np.nonzero(ids >= 0)
            faces = ids[rows, cols]
            light = np.concatenate(
                [cast.irradiance, self._sheen(soup, cast, camera)[:, None]], axis=1
            )
            _, _, albedo, shading = self._surface(
                fine, soup, rows, cols, depth, ids, bary, light.astype(np.float32)
            )
            radiance[rows, cols] = albedo * shading[:, :3] + shading[:, 3:]
            actor_of_face = np.repeat(np.arange(len(cast.actors)), np.diff(soup.starts))
            owner[rows, cols] = actor_of_face[faces]
            part[rows, cols] = np.concatenate([a.face_part for a in cast.actors])[faces]
        s = self.supersample
        # Clipping before averaging keeps bright edges from fringing.
        linear = sum(np.minimum(radiance[i::s, j::s], 4.0) for i in range(s) for j in range(s)) / (
            s * s
        )
        return Rendering(np.asarray(linear, np.float32), depth, owner, part, s)

    def render_once(self, camera: Camera, cast: Cast) -> Rendering:
        """Render from a camera that is used for one picture only, with one sample a pixel.

        cast: at least one actor.
        """
        if cast.soup is None or cast.maps is None:
            raise ValueError("a picture without people")
        room, soup, static = self._room_soup(), cast.soup, self._room_shadows()
        both = room.joined(soup)
        depth, ids, bary = _empty_buffers(camera)
        raster.rasterize(camera.project(both.vertices), both.faces, 0, NEAR, depth, ids, bary)
        light = np.zeros((len(both.vertices), 4), np.float32)
        own = light[len(room.vertices) :]
        own[:, :3], own[:, 3] = cast.irradiance, self._sheen(soup, cast, camera)
        radiance = np.zeros((camera.height, camera.width, 3), np.float32)
        K, T, lights, first = camera.K, camera.T_camera_world, self.lights, len(room.faces)
        raster.shade(
            depth, ids, bary, first, both.faces, both.vertices, both.normals, both.uv,
            both.texture, light, self._atlas.density, self._atlas.texels, self._atlas.levels,
            np.ascontiguousarray(T[:3, :3].T), camera.centre, K[0, 0], K[1, 1], K[0, 2], K[1, 2],
            lights.directions, lights.powers, lights.bounce, static.transforms, static.maps,
            cast.maps.transforms, cast.maps.maps, soup.vertices.min(0) - self.reach,
            soup.vertices.max(0) + self.reach, radiance,
        )  # fmt: skip
        ours = ids >= first
        actor_of_face = np.repeat(np.arange(len(cast.actors)), np.diff(soup.starts))
        owner = np.full(depth.shape, -1, np.int16)
        part = np.full(depth.shape, -1, np.int16)
        owner[ours] = actor_of_face[ids[ours] - first]
        part[ours] = np.concatenate([a.face_part for a in cast.actors])[ids[ours] - first]
        return Rendering(np.minimum(radiance, 4.0), depth, owner, part, 1)

    def _room_soup(self) -> _Soup:
        if self._room is None:
            self._room = _Soup.of(self.room, self._atlas)
        return self._room

    def _room_shadows(self) -> ShadowMaps:
        if self._static is None:
            casting = [m for m in self.room if m.casts]
            corners = np.concatenate([m.vertices for m in casting] or [np.zeros((1, 3))])
            self._static = ShadowMaps(
                self.lights, casting, corners.min(0), corners.max(0), self.static_map_size
            )
        return self._static

    def _view(self, camera: Camera) -> _View:
        if camera.name in self._views:
            return self._views[camera.name]
        fine = camera.scaled(self.supersample)
        soup = _Soup.of(self.room, self._atlas)
        depth, ids, bary = _empty_buffers(fine)
        raster.rasterize(fine.project(soup.vertices), soup.faces, 0, NEAR, depth, ids, bary)
        rows, cols = np.nonzero(ids >= 0)
        points, normals, albedo, _ = self._surface(
            fine, soup, rows, cols, depth, ids, bary, np.zeros((len(soup.vertices), 4), np.float32)
        )
        lit = np.ones((len(rows), len(self.lights.directions)), np.float32)
        self._room_shadows().attenuate(points, normals, 0.012, 0.012, lit)
        irradiance = self._irradiance(normals, lit, np.zeros((len(rows), 3), np.float32))
        radiance = np.zeros((fine.height, fine.width, 3), np.float32)
        radiance[rows, cols] = albedo * irradiance
        step = self.supersample
        one = (rows % step == 0) & (cols % step == 0)
        view = _View(
            depth,
            radiance,
            (rows[one] // step) * camera.width + cols[one] // step,
            points[one].astype(np.float32),
            normals[one].astype(np.float32),
            np.round(lit[one] * 255).astype(np.uint8),
            irradiance[one],
        )
        self._views[camera.name] = view
        return view

    def _surface(
        self,
        camera: Camera,
        soup: _Soup,
        rows: NDArray[Any],
        cols: NDArray[Any],
        depth: Floats,
        ids: NDArray[np.int32],
        bary: Floats,
        light: Floats,
    ) -> tuple[Array, Array, Floats, Floats]:
        n = len(rows)
        points, normals = np.empty((n, 3)), np.empty((n, 3))
        albedo, shading = np.empty((n, 3), np.float32), np.empty((n, 4), np.float32)
        K, T = camera.K, camera.T_camera_world
        raster.surface(
            rows.astype(np.int32), cols.astype(np.int32), depth, ids, bary, soup.faces,
            soup.vertices, soup.normals, soup.uv, soup.texture, light, self._atlas.density,
            self._atlas.texels, self._atlas.levels, np.ascontiguousarray(T[:3, :3].T),
            camera.centre, K[0, 0], K[1, 1], K[0, 2], K[1, 2], points, normals, albedo, shading,
        )  # fmt: skip
        return points, normals, albedo, shading

    def _irradiance(self, normals: Array, lit: Floats, wrap: Floats) -> Floats:
        out = np.empty((len(normals), 3), np.float32)
        lights = self.lights
        raster.irradiance(normals, lit, lights.directions, lights.powers, lights.bounce, wrap, out)
        return out

    def _sheen(self, soup: _Soup, cast: Cast, camera: Camera) -> Array:
        """Broad highlight of the window on glossy vertices, (V,)."""
        keys = self.lights.keys
        window = self.lights.directions[:keys].mean(axis=0)
        towards = camera.centre - soup.vertices
        towards /= np.linalg.norm(towards, axis=1, keepdims=True)
        half = towards + window
        half /= np.linalg.norm(half, axis=1, keepdims=True)
        shine = np.clip((soup.normals * half).sum(axis=1), 0, 1) ** 24
        power = float(self.lights.powers[:keys].sum(axis=0).mean())
        return np.asarray(soup.gloss * cast.key_share * power * shine)

    def _darken_room(
        self, view: _View, camera: Camera, soup: _Soup, maps: ShadowMaps, radiance: Floats
    ) -> None:
        low, high = soup.vertices.min(0) - self.reach, soup.vertices.max(0) + self.reach
        near = np.all((view.points > low) & (view.points < high), axis=1)
        chosen = np.nonzero(near)[0]
        lit = np.asarray(view.lit[chosen] / 255, np.float32)
        normals = view.normals[chosen].astype(float)
        maps.attenuate(view.points[chosen].astype(float), normals, 0.0, 0.002, lit)
        darker = self._irradiance(normals, lit, np.zeros((len(chosen), 3), np.float32))
        ratio = np.ones((camera.height * camera.width, 3), np.float32)
        ratio[view.pixels[chosen]] = np.minimum(
            darker / np.maximum(view.irradiance[chosen], 1e-6), 1.0
        )
        image = ratio.reshape(camera.height, camera.width, 3)
        s = self.supersample
        for i in range(s):
            for j in range(s):
                radiance[i::s, j::s] *= image


def _empty_buffers(camera: Camera) -> tuple[Floats, NDArray[np.int32], Floats]:
    shape = (camera.height, camera.width)
    return (
        np.full(shape, np.inf, np.float32),
        np.full(shape, raster.NO_TRIANGLE, np.int32),
        np.zeros((*shape, 2), np.float32),
    )
