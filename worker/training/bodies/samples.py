"""Training samples of body regressors: a crop and what is true in its camera."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import Dataset

from backend.domain.errors import InvalidInput
from backend.domain.skeleton import MIRROR
from backend.multiview.bodies.mesh import pose_body
from backend.multiview.bodies.model_file import BodyModel
from worker.training.bodies.crops import Crop, by_joints, crop_of
from worker.training.bodies.parts import EXCHANGED, face_parts, part_map
from worker.training.bodies.rotations import from_vectors, to_vectors
from worker.training.material import Sample
from worker.training.pixels import load_rgb

Array = NDArray[np.float64]

ROLL: Final = np.pi
"""Infants lie in every direction: crops are turned by up to this, uniformly."""
ZOOM: Final = 0.2
SHIFT: Final = 0.08
BRIGHT: Final = 0.2
KEPT: Final = 1500
"""Surfaces that a data set remembers; one takes about 160 kB."""
LEFT_RIGHT: Final = (0, 2, 1, 3, 5, 4, 6, 8, 7, 9, 11, 10, 12, 14, 13, 15, 17, 16, 19, 18, 21, 20,
                     23, 22)  # fmt: skip
"""SMPL's 24 joints as a mirror has them."""
_FLIP: Final = np.array([[1.0, -1, -1], [-1, 1, 1], [-1, 1, 1]])


class BodySamples(Dataset[dict[str, Any]]):
    """Crops with bodies.

    Args:
        part: Samples, each with a body fit.
        bodies: The body models of the fits, by name.
        betas: Numbers of the network's body, and ``model`` its name: only where the fit's is the
            same do shapes mean the same.
        side: Of the crop in pixels.
        changed: Whether crops are turned, moved, mirrored and lit otherwise each time.
        map_side: Of maps of the body's parts; 0 for none.
        mesh: Whether the true vertices are wanted, to measure by.
        image: Whether the crop itself is wanted; without it joints say where to look.
        noise: Standard deviation added to the 2D joints that go in, in half widths of the crop;
            they are scattered only where ``changed``.
    """

    def __init__(
        self,
        part: Sequence[Sample],
        bodies: Mapping[str, BodyModel],
        *,
        model: str,
        betas: int,
        side: int,
        changed: bool,
        map_side: int = 0,
        mesh: bool = False,
        image: bool = True,
        noise: float = 0.0,
    ) -> None:
        for sample in part:
            if sample.body is not None and sample.body.model not in bodies:
                raise InvalidInput(
                    f"The body fits are of the body model {sample.body.model!r}, of which no file"
                    " was named; name it by the setting “truth”.",
                    fault="body model unknown",
                )
        known = [sample for sample in part if sample.body is not None]
        self.part = known if image else [by_joints(sample) for sample in known]
        self.bodies, self.model, self.betas = bodies, model, betas
        self.side, self.changed, self.map_side = side, changed, map_side
        self.mesh, self.image, self.noise = mesh, image, noise
        self._plain: dict[int, dict[str, Array]] = {}
        self._surfaces: dict[int, NDArray[np.float32]] = {}
        self._faces = {name: face_parts(body) for name, body in bodies.items()}

    def __len__(self) -> int:
        return len(self.part)

    def body_of(self, sample: Sample) -> BodyModel:
        """The body model of a sample's fit."""
        assert sample.body is not None
        return self.bodies[sample.body.model]

    def crop(self, index: int) -> Crop:
        """A crop of a sample: another one each time where ``changed``."""
        if not self.changed:
            return crop_of(self.part[index], self.side)
        roll, zoom, x, y, mirror = (torch.rand(5) * 2 - 1).tolist()
        return crop_of(
            self.part[index], self.side, roll=ROLL * roll, zoom=1 + ZOOM * zoom,
            shift=(SHIFT * x, SHIFT * y), mirrored=mirror > 0,
        )  # fmt: skip

    def __getitem__(self, index: int) -> dict[str, Any]:
        if self.image:
            crop = self.crop(index)
            found = self._true(index, crop)
        else:
            found = self._turned(index)
        targets: dict[str, Any] = {
            name: torch.as_tensor(np.asarray(value), dtype=torch.float32)
            for name, value in found.items()
        }
        given = targets["joints_2d"].clone()
        if self.changed and self.noise:
            given[:, :2] += self.noise * torch.randn(17, 2) * given[:, 2:]
        targets["given"], targets["index"] = given, torch.tensor(index)
        if not self.image:
            return {"inputs": torch.zeros(3, 1, 1, dtype=torch.uint8), "data_samples": targets}
        if self.map_side:
            targets["parts"] = torch.as_tensor(self._parts(index, crop))
        return {"inputs": self._input(self.part[index], crop), "data_samples": targets}

    def _true(self, index: int, crop: Crop) -> dict[str, Array]:
        """What is true in a crop, without its picture."""
        sample = self.part[index]
        found = truth_in(sample, crop, self.bodies)
        flat = np.zeros((17, 3))
        seen = sample.joints[:, 2] > 0
        if seen.any():
            flat[seen, :2] = crop.points(sample.joints[seen, :2]) / (self.side / 2) - 1
            flat[seen, 2] = 1
        body = self.body_of(sample)
        if body.name != self.model:
            found["betas"] = np.zeros(self.betas)
        found |= {
            "joints_2d": flat[list(MIRROR)] if crop.mirrored else flat,
            "focal": np.asarray(crop.focal / (self.side / 2)),
            "same": np.asarray(float(body.name == self.model)),
        }
        if self.mesh:
            found["vertices"] = crop.into(true_vertices(sample, body))
        return found

    def _turned(self, index: int) -> dict[str, Array]:
        """The same without a picture: seen from the plain crop once, and turned from there."""
        if index not in self._plain:
            self._plain[index] = self._true(index, crop_of(self.part[index], self.side))
        plain = self._plain[index]
        if not self.changed:
            return plain
        roll, zoom, x, y, mirror = (torch.rand(5) * 2 - 1).tolist()
        focal = float(plain["focal"])
        aside = np.array([2 * SHIFT * y, -2 * SHIFT * x, 0.0]) / focal
        turn = from_vectors(np.array([0.0, 0.0, ROLL * roll]))[0] @ from_vectors(aside)[0]
        return seen_by(plain, turn, focal * (1 + ZOOM * zoom), mirrored=mirror > 0)

    def _input(self, sample: Sample, crop: Crop) -> torch.Tensor:
        image = crop.cut(load_rgb(sample.image))
        if self.changed:
            gain = 1 + BRIGHT * (2 * torch.rand(3).numpy() - 1)
            image = np.clip(image * gain, 0, 255).astype(np.uint8)
        return torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1)))

    def _parts(self, index: int, crop: Crop) -> NDArray[np.int64]:
        body = self.body_of(self.part[index])
        scale = self.map_side / self.side
        # Mirrored maps are drawn from the unmirrored body, and then turned round.
        found = part_map(
            self._surface(index) @ crop.R.T,
            body.faces,
            self._faces[body.name],
            crop.focal * scale,
            self.map_side,
        )
        if crop.mirrored:
            other = np.array([0, *(k + 1 for k in EXCHANGED)])
            found = other[found[:, ::-1]]
        return np.ascontiguousarray(found)

    def _surface(self, index: int) -> NDArray[np.float32]:
        """(V, 3) true vertices in the picture's camera; some are kept, since posing is slow."""
        if index in self._surfaces:
            return self._surfaces[index]
        sample = self.part[index]
        surface = true_vertices(sample, self.body_of(sample)).astype(np.float32)
        if len(self._surfaces) < KEPT:
            self._surfaces[index] = surface
        return surface


def _placed(sample: Sample) -> Array:
    return np.eye(4) if sample.T_camera_world is None else sample.T_camera_world


def true_vertices(sample: Sample, body: BodyModel) -> Array:
    """(V, 3) of the fitted body in the picture's camera, metres."""
    fit = sample.body
    assert fit is not None
    T = _placed(sample)
    posed = pose_body(body, fit.betas, fit.pose, fit.scale, fit.translation)
    return np.asarray(posed.vertices @ T[:3, :3].T + T[:3, 3])


def true_joints(sample: Sample, body: BodyModel) -> Array:
    """(17, 3) COCO's joints in the picture's camera, metres: those told with the sample, else those
    of its fit."""
    if sample.joints_3d is not None:
        return sample.joints_3d
    fit = sample.body
    assert fit is not None
    T = _placed(sample)
    posed = pose_body(body, fit.betas, fit.pose, fit.scale, fit.translation)
    return np.asarray(posed.coco @ T[:3, :3].T + T[:3, 3])


def truth_in(sample: Sample, crop: Crop, bodies: Mapping[str, BodyModel]) -> dict[str, Array]:
    """Rotations, betas, scale, place and COCO's joints in a crop's camera."""
    fit = sample.body
    assert fit is not None
    T = _placed(sample)
    rotations = from_vectors(fit.pose)
    rotations[0] = crop.R @ T[:3, :3] @ rotations[0]
    place = crop.into(T[:3, :3] @ fit.translation + T[:3, 3])
    joints = crop.into(true_joints(sample, bodies[fit.model]))
    if crop.mirrored:
        rotations = rotations[list(LEFT_RIGHT)] * _FLIP
        joints = joints[list(MIRROR)]
    return {
        "rotations": rotations, "betas": np.asarray(fit.betas, float),
        "scale": np.asarray(fit.scale), "place": place, "joints_3d": joints,
    }  # fmt: skip


def seen_by(
    plain: Mapping[str, Array], turn: Array, focal: float, *, mirrored: bool
) -> dict[str, Array]:
    """What is true in an unmirrored crop, in another one with the same centre of projection.

    plain: As :class:`BodySamples` has it. turn: (3, 3) from its camera to the other's. focal: Of
    the other in half widths.
    """
    found = dict(plain)
    flat = plain["joints_2d"].copy()
    rays = np.column_stack([flat[:, :2] / plain["focal"], np.ones(len(flat))]) @ turn.T
    flat[:, :2] = focal * rays[:, :2] / rays[:, 2:] * flat[:, 2:]
    rotations = plain["rotations"].copy()
    rotations[0] = turn @ rotations[0]
    joints, place = plain["joints_3d"] @ turn.T, turn @ plain["place"]
    if mirrored:
        aside = np.array([-1.0, 1, 1])
        flat, joints = ((points * aside)[list(MIRROR)] for points in (flat, joints))
        place = place * aside
        rotations = rotations[list(LEFT_RIGHT)] * _FLIP
    found |= {
        "joints_2d": flat, "joints_3d": joints, "place": place, "rotations": rotations,
        "focal": np.asarray(focal),
    }  # fmt: skip
    return found


def from_crop(
    rotations: Array, place: Array, crop: Crop, T_camera_world: Array | None
) -> tuple[Array, Array]:
    """(72,) axis-angles and (3,) place in the world of a body that was found in a crop's camera.

    rotations: (24, 3, 3). place: (3,) of the pelvis.
    """
    T = np.eye(4) if T_camera_world is None else T_camera_world
    R = np.array(rotations, float)
    if crop.mirrored:
        R = R[list(LEFT_RIGHT)] * _FLIP
    R[0] = T[:3, :3].T @ crop.R.T @ R[0]
    return to_vectors(R), np.asarray(T[:3, :3].T @ (crop.back(place) - T[:3, 3]))
