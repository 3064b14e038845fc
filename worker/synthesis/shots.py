"""One rendered picture of one dressed infant, with everything that is known about it.

A *scene* (infant, outfit, room, lights) is shared by SCENE pictures that follow one another; pose,
camera and development differ in each. Picture i of a seed depends on the seed and on i alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from backend.domain.skeleton import N_JOINTS
from worker.synthesis.body import Body
from worker.synthesis.camera import Camera
from worker.synthesis.lights import Lights
from worker.synthesis.looks import HOME, Look
from worker.synthesis.moves import Move, random_move
from worker.synthesis.open_infants import Infant, random_infant, to_smpl
from worker.synthesis.outfit import Dressed, dress
from worker.synthesis.rooms import Room
from worker.synthesis.scene import Actor, Mesh, Renderer, Rendering
from worker.synthesis.truth import VISIBLE, Labels, label

Array = NDArray[np.float64]
Rng = np.random.Generator
SCENE = 16
"""Pictures that share a scene: to dress an infant and furnish a room costs more than a picture."""
STATURE = 0.72
"""Metres: bodies are posed at this length, and scaled afterwards."""
MIN_JOINTS, MIN_SEEN = 9, 5
"""A picture shows so many joints within its borders, and so many of them uncovered."""
MIN_AREA = 0.008
"""Share of a picture that the infant covers at least."""
CAMERAS = 8
"""Places tried for the camera until the infant is seen well enough."""


@dataclass(frozen=True)
class Scene:
    """What the pictures of one scene share. stature: metres."""

    infant: Infant
    dressed: Dressed
    stature: float
    room: Room
    lights: Lights


@dataclass(frozen=True)
class BodyTruth:
    """What gives the bare body when the body model is posed with it (``docs/bodies.md``).

    betas: (B,). pose: (72,) radians. scale: of the model. translation: (3,) the pelvis, metres.
    """

    betas: Array
    pose: Array
    scale: float
    translation: Array


@dataclass(frozen=True)
class Shot:
    """A picture and its truth.

    image: (H, W, 3) uint8 RGB. joints_world: (17, 3) metres. labels: joints in px, visibility,
    mask and box. posture: its name in POSTURES. rendering: what lies behind the pixels.
    """

    image: NDArray[np.uint8]
    camera: Camera
    joints_world: Array
    labels: Labels
    posture: str
    stature: float
    body: BodyTruth
    scene: Scene
    rendering: Rendering


class People(Protocol):
    """Where the shapes and poses of the infants come from."""

    def infant(self, rng: Rng, index: int) -> Infant:
        """The infant of the scene that begins with picture ``index``, STATURE metres long."""

    def move(self, body: Body, rng: Rng, index: int) -> Move:
        """The pose of picture ``index``, resting on the floor."""


class RandomPeople:
    """Open infants of random shapes in random poses."""

    def infant(self, rng: Rng, index: int) -> Infant:
        """See :class:`People`."""
        return random_infant(rng, STATURE)

    def move(self, body: Body, rng: Rng, index: int) -> Move:
        """See :class:`People`."""
        return random_move(body, rng)


def scene_number(index: int) -> int:
    """The scene that picture ``index`` belongs to."""
    return index // SCENE


def draw_scene(seed: int, number: int, people: People, texels: int, look: Look = HOME) -> Scene:
    """Draw a scene. texels: side of the outfit's texture."""
    rng = np.random.default_rng([seed, number, 0])
    infant = people.infant(rng, number * SCENE)
    return Scene(
        infant,
        dress(infant.body, look.style(rng), int(rng.integers(1 << 31)), texels),
        float(rng.uniform(0.60, 0.88)),
        look.room(rng),
        look.lights(rng),
    )


def _shifted(prop: Mesh, centre: Array, scale: float) -> Actor:
    """What a body leans on, moved and scaled with the body."""
    mesh = replace(prop, vertices=(prop.vertices - centre) * scale)
    return Actor(mesh, np.full(len(mesh.faces), -1, np.int16))


def _well_seen(labels: Labels) -> bool:
    """Whether there is something to annotate: furniture may stand before the camera."""
    area = labels.mask.sum() / labels.mask.size
    return bool(area >= MIN_AREA and (labels.visibility == VISIBLE).sum() >= MIN_SEEN)


class Studio:
    """Renders the pictures of one scene.

    Args:
        scene: what they share.
        seed: of all pictures.
        people: where poses come from.
        size: (width, height) in px.
        look: how it is photographed.
    """

    def __init__(
        self,
        scene: Scene,
        seed: int,
        people: People,
        size: tuple[int, int],
        look: Look = HOME,
    ) -> None:
        self.scene, self.seed, self.people, self.size = scene, seed, people, size
        self._look = look
        detail = 0.4 + 0.6 * size[0] / 640
        self._renderer = Renderer(
            scene.room.meshes,
            scene.lights,
            supersample=1,
            static_map_size=int(256 * detail),
            dynamic_map_size=int(128 * detail),
        )

    def shot(self, index: int) -> Shot:
        """Render picture ``index``."""
        rng = np.random.default_rng([self.seed, index, 1])
        scene = self.scene
        body = scene.dressed.body
        move = self.people.move(body, rng, index)
        scale = scene.stature / STATURE
        actor, joints = scene.dressed.actor(move.pose.transforms(body))
        centre = np.array([*joints[:, :2].mean(axis=0), 0.0])
        mesh = replace(actor.mesh, vertices=(actor.mesh.vertices - centre) * scale)
        actor, joints = Actor(mesh, actor.face_part), (joints - centre) * scale
        props = [_shifted(prop, centre, scale) for prop in move.supports]
        cast = self._renderer.stage([actor, *props])
        for _ in range(CAMERAS):
            camera = self._camera(rng, joints)
            rendering = self._renderer.render_once(camera, cast)
            labels = label(rendering, camera, 0, joints, scene.stature)
            if _well_seen(labels):
                break
        image = self._look.photograph(rendering.linear, rng)
        fitted = BodyTruth(
            scene.infant.betas,
            to_smpl(move.pose),
            scene.infant.scale * scale,
            (move.pose.at - centre) * scale,
        )
        return Shot(
            image, camera, joints, labels, move.posture, scene.stature, fitted, scene, rendering
        )

    def _camera(self, rng: Rng, joints: Array) -> Camera:
        for attempt in range(20):
            camera = self._try_camera(rng, joints, cut=attempt < 10)
            xyz = camera.project(joints)
            size = np.array(self.size)
            inside = (xyz[:, 2] > 0.2) & ((xyz[:, :2] > 0) & (xyz[:, :2] < size)).all(axis=1)
            if inside.sum() >= (MIN_JOINTS if attempt < 10 else N_JOINTS):
                break
        return camera

    def _try_camera(self, rng: Rng, joints: Array, cut: bool) -> Camera:
        width, height = self.size
        centre = (joints.min(axis=0) + joints.max(axis=0)) / 2
        azimuth = rng.uniform(-np.pi, np.pi)
        elevation = np.arcsin(rng.uniform(0.08, 0.985))
        ray = np.array(
            [
                np.cos(elevation) * np.cos(azimuth),
                np.cos(elevation) * np.sin(azimuth),
                np.sin(elevation),
            ]
        )
        room = self.scene.room
        wall = min(
            (room.half - 0.15) / max(abs(ray[0]), 1e-6), (room.half - 0.15) / max(abs(ray[1]), 1e-6)
        )
        far = min(wall, (room.height - 0.1 - centre[2]) / ray[2]) - 0.25
        distance = max(0.8, min(rng.uniform(0.9, 2.8), far))
        extent = float(np.linalg.norm(np.ptp(joints, axis=0))) + 0.12
        share = rng.uniform(0.38, 1.15 if cut and rng.random() < 0.3 else 0.85)
        focal = share * min(width, height) * 1.15 * distance / extent
        focal = float(np.clip(focal, 0.45 * width, 3.0 * width))
        shift = rng.uniform(-1, 1, 2) * max(0.0, 0.9 - share) * 0.5
        up, side = np.array([0, 0, 1.0]), np.cross(ray, [0, 0, 1.0])
        reach = distance / focal
        aim = centre + side * shift[0] * width * reach + up * shift[1] * height * reach * 0.7
        roll = rng.normal(0, 0.10)
        eye = np.asarray(centre + ray * distance)
        return Camera.looking_at("camera", self.size, focal, eye, aim, roll)
