"""A trained body regressor at work: bodies for images or joints, and starts for a fit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from backend.domain.cameras import Camera
from backend.domain.errors import InvalidInput, NotFound
from backend.multiview.bodies.model_file import JOINTS, BodyModel, open_body
from worker.fitting.proposed import Proposed
from worker.training.bodies.crops import Crop, by_joints, crop_of
from worker.training.bodies.model import BodyRegressor
from worker.training.bodies.models_in_use import network_body
from worker.training.bodies.regression import Mean
from worker.training.bodies.samples import from_crop
from worker.training.bodies.torch_body import TorchBody
from worker.training.keeping import load, load_json
from worker.training.material import Body, Sample
from worker.training.pixels import load_rgb
from worker.training.recipe import Settings, Task
from worker.training.recipes import recipe_named
from worker.training.recipes.table4 import build

Array = NDArray[np.float64]

MIN_JOINTS: Final = 6
"""Joints in a view from which a body is said."""
_AT_ONCE: Final = 32


class Regressor:
    """A network and its body model.

    Args:
        settings: That it was trained with.
        state: Its tensors.
        body: Its body model; None: by the settings, else the open infant body.
        device: Where it computes.
    """

    def __init__(
        self,
        settings: Settings,
        state: dict[str, Any],
        body: BodyModel | None = None,
        device: str = "cpu",
    ) -> None:
        if body is None:
            known = open_body()
            body = network_body(settings.extra["body"], {known.name: known})
        still = np.broadcast_to(np.eye(3), (JOINTS, 3, 3))
        mean = Mean(still, np.zeros(body.betas), 0.0, np.zeros(3))
        self.body, self.settings, self.device = body, settings, torch.device(device)
        self.model = BodyRegressor(build(settings, mean), TorchBody(body))
        try:
            self.model.load_state_dict(state)
        except RuntimeError as error:
            raise InvalidInput(
                "The checkpoint does not fit its network: it was trained with other settings, or"
                f" for another body model than {body.name}.",
                fault="another architecture",
            ) from error
        self.model.to(self.device).eval()

    @classmethod
    def of_run(cls, folder: Path, body: BodyModel | None = None, device: str = "cpu") -> Regressor:
        """The best model of a run's folder.

        Raises:
            NotFound: there is no run.
            InvalidInput: it is of another kind, or is not finished.
        """
        file, best = folder / "run.json", folder / "best.pth"
        if not file.is_file():
            raise NotFound(f"{folder} holds no run.", file=str(folder))
        told = load_json(file)
        recipe = recipe_named(told["recipe"])
        if recipe.task is not Task.BODIES:
            raise InvalidInput(
                f"{folder} is a run of {recipe.name}, which says no bodies.", fault="no bodies"
            )
        if not best.is_file():
            raise InvalidInput(f"{folder} has no model yet.", fault="no model")
        return cls(Settings.of_json(told["settings"]), load(best)["state_dict"], body, device)

    @property
    def sees(self) -> bool:
        """Whether it looks at images; otherwise joints are enough."""
        return self.settings.size is not None

    def bodies(self, samples: Sequence[Sample]) -> list[Body]:
        """The body of each sample, in the frame that its camera's pose starts from.

        Args:
            samples: With boxes; with joints where those are what it takes.
        """
        found: list[Body] = []
        for at in range(0, len(samples), _AT_ONCE):
            found += self._some(samples[at : at + _AT_ONCE])
        return found

    @torch.no_grad()
    def _some(self, samples: Sequence[Sample]) -> list[Body]:
        side = self.settings.size[0] if self.settings.size is not None else 256
        if not self.sees:
            samples = [by_joints(sample) for sample in samples]
        crops = [crop_of(sample, side) for sample in samples]
        images = torch.stack([self._image(s, c) for s, c in zip(samples, crops, strict=True)])
        given = torch.stack([joints_in(s, c) for s, c in zip(samples, crops, strict=True)])
        said = self.model.estimate(images.to(self.device), given.to(self.device))
        focal = torch.tensor([2 * crop.focal / side for crop in crops], device=self.device)
        rotations, places, betas, scales = (
            v.double().cpu().numpy()
            for v in (said.rotations, said.place(focal), said.betas, said.size.exp())
        )
        bodies = []
        for i, (sample, crop) in enumerate(zip(samples, crops, strict=True)):
            pose, place = from_crop(rotations[i], places[i], crop, sample.T_camera_world)
            bodies.append(Body(self.body.name, betas[i], pose, float(scales[i]), place))
        return bodies

    def _image(self, sample: Sample, crop: Crop) -> torch.Tensor:
        if not self.sees:
            return torch.zeros(3, 1, 1, dtype=torch.uint8)
        cut = crop.cut(load_rgb(sample.image))
        return torch.from_numpy(np.ascontiguousarray(cut.transpose(2, 0, 1)))

    def propose(self, cameras: Sequence[Camera | None], joints: Array) -> Proposed:
        """Starts for ``fit_session`` from joints alone, each by the view that has most of them.

        Args:
            cameras: As the fit takes them.
            joints: (T, C, 17, 3) as the fit takes them: visibility or confidence above 0.

        Raises:
            InvalidInput: this regressor looks at images.
        """
        if self.sees:
            raise InvalidInput(
                "This regressor looks at images, and joints alone are given: choose one that was"
                " trained by the recipe body-from-joints.",
                fault="needs images",
            )
        moments, samples = [], []
        known = np.isfinite(joints).all(axis=3) & (np.nan_to_num(joints[..., 2]) > 0)
        usable = np.array([camera is not None for camera in cameras])
        counts = known.sum(axis=2) * usable
        for t, view in enumerate(counts.argmax(axis=1)):
            camera = cameras[view]
            if counts[t, view] >= MIN_JOINTS and camera is not None:
                moments.append(t)
                samples.append(_sample(camera, joints[t, view], known[t, view]))
        bodies = self.bodies(samples)
        return Proposed(
            np.array(moments, np.int64),
            np.array([b.pose for b in bodies]).reshape(-1, 72),
            np.array([b.translation for b in bodies]).reshape(-1, 3),
            np.array([b.scale for b in bodies]),
        )


def joints_in(sample: Sample, crop: Crop) -> torch.Tensor:
    """(17, 3) joints of a sample in half widths of a crop about its middle, and whether known."""
    flat = np.zeros((17, 3))
    seen = sample.joints[:, 2] > 0
    if seen.any():
        flat[seen, :2] = crop.points(sample.joints[seen, :2]) / (crop.side / 2) - 1
        flat[seen, 2] = 1
    return torch.as_tensor(flat, dtype=torch.float32)


def _sample(camera: Camera, joints: Array, known: NDArray[np.bool_]) -> Sample:
    flat = np.where(known[:, None], np.nan_to_num(joints), 0.0)
    flat[:, 2] = 2.0 * known
    return Sample(
        image=Path(), image_id=0, width=camera.width, height=camera.height, joints=flat,
        box=(0.0, 0.0, 0.0, 0.0), area=0.0, K=camera.K,
        distortion=camera.distortion,
        T_camera_world=camera.T_camera_world,
    )  # fmt: skip
