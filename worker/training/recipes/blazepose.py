"""BlazePose's landmarks, taught what infants look like.

The published landmark networks know adults who stand. What is taught is what its own estimator
uses: the places of COCO's joints, by coordinates and by the heatmaps that refine them. All else it
says (the other landmarks, the circle around the body by which the next square is found, whether
anybody is there) is held to what it said before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from backend.domain.errors import WeightsMissing
from backend.domain.estimates import PoseEstimate, RgbImage
from backend.domain.skeleton import PAIRS, SIGMAS
from backend.models.checkpoints.designs import BlazePoseConfig
from backend.models.checkpoints.registry import PACKAGED
from worker.adapters.blazepose.cutting import cut, turned_square
from worker.adapters.blazepose.detection import Region
from worker.adapters.blazepose.estimator import BlazePoseEstimator, landmark_network
from worker.adapters.blazepose.landmarks import COCO, SIDE, LandmarkNetwork
from worker.adapters.blazepose.network import GraphNetwork
from worker.adapters.openmmlab import registry
from worker.adapters.weights import fill, read_tensors

registry()

from mmengine.model import BaseModel  # noqa: E402

from worker.training import usual  # noqa: E402
from worker.training.drawing import drawn, spread  # noqa: E402
from worker.training.material import Material, Need, Sample  # noqa: E402
from worker.training.metrics import Found, KeypointScores  # noqa: E402
from worker.training.pixels import load_rgb  # noqa: E402
from worker.training.recipe import (  # noqa: E402
    Assembly,
    Prelabels,
    Recipe,
    Scale,
    Settings,
    Source,
    Task,
)

TURN, SHIFT, GROW = np.deg2rad(12.0), 0.05, 0.12
"""By how much squares are turned, moved (in sides) and scaled at random: the first look at a person
is never exact."""
REFINED: Final = 0.5
"""Weight of the places that heatmaps say, beside the coordinates'."""
HELD: Final = 0.2
"""Weight of what is held to what the network said before."""
_CELLS: Final = 64
_REACH: Final = 3
_POINTS: Final = 35
"""Landmarks, the hips' middle, and the point on the circle."""

_MIRRORED: Final = [
    next((b if a == j else a for a, b in PAIRS if j in (a, b)), j) for j in range(17)
]


@dataclass(frozen=True, slots=True)
class InItsSquare:
    """A whole image and the square to look at first.

    Attributes:
        number: Of the image among the samples of its side.
        image: RGB.
        region: The square.
    """

    number: int
    image: RgbImage
    region: Region


class Squares(Dataset[dict[str, Any]]):
    """Infants in the turned squares that the detector sees them in.

    Args:
        part: The samples.
        finder: Whose detector; each sample's square is looked for once.
        training: Whether squares are cut out, shaken and mirrored; else whole images are given.
    """

    def __init__(
        self, part: Sequence[Sample], finder: BlazePoseEstimator, *, training: bool
    ) -> None:
        self.part, self.finder, self.training = part, finder, training
        self._regions: dict[int, Region] = {}
        first: dict[Path, int] = {}
        self._numbers = [first.setdefault(s.image, n) for n, s in enumerate(part, 1)]

    def __len__(self) -> int:
        return len(self.part)

    def __getitem__(self, index: int) -> dict[str, Any]:
        sample = self.part[index]
        image = load_rgb(sample.image)
        if index not in self._regions:
            self._regions[index] = self.finder.region_in(image, sample.box)
        region = self._regions[index]
        if self.training:
            return _shaken(image, sample, region)
        return {"inputs": InItsSquare(self._numbers[index], image, region), "data_samples": None}


def _shaken(image: RgbImage, sample: Sample, region: Region) -> dict[str, Any]:
    shift = np.random.uniform(-SHIFT, SHIFT, 2) * region.side
    centre = (region.centre[0] + shift[0], region.centre[1] + shift[1])
    side = region.side * float(np.exp(np.random.uniform(-GROW, GROW)))
    matrix = turned_square(centre, side, region.angle + np.random.uniform(-TURN, TURN), SIDE)
    square = cut(image, matrix, SIDE).astype(np.float32)
    joints = sample.joints[:, :2] @ matrix[:, :2].T + matrix[:, 2]
    weights = (sample.joints[:, 2] > 0).astype(np.float32)
    if np.random.random() < 0.5:
        square = square[:, ::-1]
        joints = joints[_MIRRORED] * (-1, 1) + (SIDE, 0)
        weights = weights[_MIRRORED]
    square = square * np.random.uniform(0.75, 1.25) + np.random.uniform(-20, 20)
    pixels = np.clip(square, 0, 255).transpose(2, 0, 1) / 255
    scale = float(np.sqrt(max(sample.area, 1.0)) * SIDE / side)
    return {
        "inputs": torch.from_numpy(np.ascontiguousarray(pixels, np.float32)),
        "data_samples": {
            "joints": torch.tensor(joints, dtype=torch.float32),
            "weights": torch.tensor(weights),
            "scale": torch.tensor(scale),
        },
    }


class Learner(BaseModel):  # type: ignore[misc]
    """The landmark network with its losses.

    Args:
        network: To be taught.
        before: The same, as it was; never changed.
        config: How the estimator looks.
    """

    def __init__(
        self, network: GraphNetwork, before: GraphNetwork, config: BlazePoseConfig
    ) -> None:
        super().__init__()
        self.network = network
        # In a list, so that it is no part of what is trained and kept.
        self._before = [before.requires_grad_(False).eval()]
        self._config = config
        self.register_buffer("reach", 2 * torch.tensor(SIGMAS), persistent=False)

    def forward(
        self, inputs: Any, data_samples: Any = None, mode: str = "tensor"
    ) -> Mapping[str, Tensor] | list[Any]:
        """See mmengine."""
        if mode == "predict":
            return [found(self.network, given, self._config) for given in inputs]
        return self._losses(torch.stack(list(inputs)), data_samples)

    def _losses(self, pixels: Tensor, truth: Mapping[str, Sequence[Tensor]]) -> dict[str, Tensor]:
        joints, weights, scale = (
            torch.stack(list(truth[name])) for name in ("joints", "weights", "scale")
        )
        numbers, present, _, heatmaps, _ = self.network(pixels)
        before = self._before[0].to(pixels.device)
        with torch.no_grad():
            was, was_present, _, was_heatmaps, _ = before(pixels)
        rows, was_rows = (n.reshape(len(pixels), -1, 5)[:, :_POINTS] for n in (numbers, was))
        unit = scale[:, None] * self.reach
        places = rows[:, list(COCO), :2]
        loss = {"loss_places": _off(places, joints, unit, weights)}
        refined, sure = _refined(places.detach(), torch.sigmoid(heatmaps[:, list(COCO)]))
        loss["loss_heatmaps"] = REFINED * _off(refined, joints, unit, weights * sure)
        others = [p for p in range(_POINTS) if p not in COCO]
        held = ((rows[:, others, :2] - was_rows[:, others, :2]) / scale[:, None, None]).abs().mean()
        held = held + (rows[:, :, 3] - was_rows[:, :, 3]).abs().mean() / 10
        held = held + (heatmaps - was_heatmaps).abs().mean() / 10
        loss["loss_held"] = HELD * (held + (present - was_present).abs().mean())
        return loss


def _off(found: Tensor, truth: Tensor, unit: Tensor, weights: Tensor) -> Tensor:
    """Mean distance of joints in units of what OKS forgives, flat near 0 (Charbonnier)."""
    squared = ((found - truth) ** 2).sum(dim=-1) / unit**2
    return ((torch.sqrt(1 + squared) - 1) * weights).sum() / weights.sum().clamp(min=1)


def _refined(places: Tensor, maps: Tensor) -> tuple[Tensor, Tensor]:
    """Where heatmaps put joints near where coordinates do, as the estimator reads them, and
    whether it would: (B, 17, 2) and (B, 17)."""
    cells = (places * (_CELLS / SIDE)).floor()
    inside = ((cells >= 0) & (cells < _CELLS)).all(dim=-1)
    cells = torch.where(inside[..., None], cells, torch.zeros_like(cells)).long()
    padded = torch.nn.functional.pad(maps, [_REACH] * 4)
    steps = torch.arange(2 * _REACH + 1, device=maps.device)
    rows = cells[..., 1, None, None] + steps[:, None]
    columns = cells[..., 0, None, None] + steps[None, :]
    batch = torch.arange(len(maps), device=maps.device)[:, None, None, None]
    joint = torch.arange(maps.shape[1], device=maps.device)[None, :, None, None]
    around = padded[batch, joint, rows, columns]
    total = around.sum(dim=(-1, -2)).clamp(min=1e-6)
    offsets = (steps - _REACH).float()
    x = (around * offsets).sum(dim=(-1, -2)) / total
    y = (around * offsets[:, None]).sum(dim=(-1, -2)) / total
    sure = inside & (around.amax(dim=(-1, -2)) >= 0.5)
    return (cells + torch.stack([x, y], dim=-1)) * (SIDE / _CELLS), sure.float()


def found(network: GraphNetwork, given: InItsSquare, config: BlazePoseConfig) -> Found:
    """The pose in a square, looked at as often as the estimator does."""
    device = next(network.parameters()).device
    looker = LandmarkNetwork(network, device)
    pose = looker.look(given.image, [given.region])[0]
    for _ in range(config.looks - 1):
        pose = looker.look(given.image, [pose.closer()])[0]
    joints = list(COCO)
    points: NDArray[np.float64] = pose.points[joints]
    (x0, y0), (x1, y1) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    person = PoseEstimate(
        keypoints=points,
        scores=pose.visible[joints],
        score=pose.present,
        box=(x0, y0, max(x1 - x0, 1.0), max(y1 - y0, 1.0)),
    )
    return Found(given.number, [person])


def assemble(
    variant: str, material: Material, settings: Settings, seed: int, start: Path | None = None
) -> Assembly:
    """See :class:`worker.training.recipe.Assemble`."""
    published = PACKAGED / f"pose_landmark_{variant}.tflite"
    if not published.is_file():
        raise WeightsMissing(
            f"BlazePose’s published network is not here ({published.name}); “make setup” fetches"
            " it.",
            file=str(published),
        )
    config = BlazePoseConfig()
    first = start or published
    finder = BlazePoseEstimator(variant, first, config, cores=1)
    model = Learner(landmark_network(variant, first), landmark_network(variant, first), config)
    train = Squares(material.train, finder, training=True)
    validation = Squares(material.validation, finder, training=False)
    shown = spread(len(validation))

    def pictures(_: Any) -> list[RgbImage]:
        given = [(validation[i]["inputs"], material.validation[i]) for i in shown]
        return [
            drawn(of.image, sample.joints, found(model.network, of, config).people)
            for of, sample in given
        ]

    return Assembly(
        model=model,
        train=train,
        validation=validation,
        test=Squares(material.test, finder, training=False) if material.test else None,
        metrics=lambda: [KeypointScores(material.validation)],
        test_metrics=lambda: [KeypointScores(material.test)],
        key="OKS",
        optimiser=usual.optimiser(settings),
        schedules=usual.schedules(settings, -(-len(train) // settings.batch)),
        begins_trained=True,
        pictures=pictures,
    )


def predictor(
    variant: str, checkpoint: Path, settings: Settings, device: torch.device
) -> BlazePoseEstimator:
    """See :class:`worker.training.recipe.Predictor`."""
    published = PACKAGED / f"pose_landmark_{variant}.tflite"
    estimator = BlazePoseEstimator(variant, published, BlazePoseConfig(), device)
    tensors = _tensors(read_tensors(checkpoint))
    fill(estimator.landmarks.network, tensors, checkpoint, f"BlazePose {variant}")
    return estimator


def _tensors(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {
        name.removeprefix("network."): tensor
        for name, tensor in state.items()
        if name.startswith("network.")
    }


def _recipe(variant: str, small: Settings) -> Recipe:
    return Recipe(
        name=f"blazepose-{variant}",
        title=f"BlazePose {variant}, fine-tuned",
        about=(
            "Begins from the network that comes with the product, which knows adults, and teaches"
            " it infants. On few pictures it may gain nothing; then the start stays the best."
        ),
        task=Task.KEYPOINTS_IN_IMAGES,
        source=Source(
            "Bazarevsky et al., BlazePose: On-device Real-time Body Pose tracking, 2020",
            address="https://github.com/google-ai-edge/mediapipe",
            differs="Its authors publish no training; losses and settings were chosen on renders.",
        ),
        licence="Apache-2.0",
        needs=frozenset({Need.JOINTS, Need.BOXES}),
        settings={
            Scale.PAPER: Settings(
                epochs=20, batch=64, rate=1e-4, size=(SIDE, SIDE), warm_up=50, cosine=True,
                clip=1.0, loaders=4,
            ),
            Scale.SMALL: small,
        },
        assemble=partial(assemble, variant),
        predictor=partial(predictor, variant),
        prelabels=Prelabels(f"blazepose-{variant}", tensors=_tensors),
        starts=(f"blazepose-{variant}",),
    )  # fmt: skip


_SMALL: Final = Settings(
    epochs=4, batch=16, rate=4e-5, size=(SIDE, SIDE), warm_up=10, cosine=True, clip=1.0,
    pictures_every=1,
)  # fmt: skip

RECIPES: tuple[Recipe, ...] = (_recipe("lite", _SMALL), _recipe("heavy", _SMALL))
