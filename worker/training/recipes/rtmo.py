"""RTMO, fine-tuned from any of its checkpoints: the pre-labeller itself, on the lab's own infants.

Losses are mmpose's as they stand at the end of its training, with the parts of
:mod:`worker.training.parts`; what those add to learn from random numbers has no weight here.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from backend.domain.errors import InvalidInput, WeightsMissing
from backend.domain.estimates import RgbImage
from backend.models.checkpoints.architectures import TRAINING_ONLY
from backend.models.checkpoints.designs import RtmoConfig
from backend.models.checkpoints.registry import DEMO_POSE, KNOWN
from worker.adapters.openmmlab import registry
from worker.adapters.rtmo import RtmoEstimator
from worker.adapters.rtmo_network import SIZES, RtmoNetwork, RtmoVariant
from worker.adapters.weights import fill, read_tensors

registry()

from mmpose.datasets import CocoDataset, CombinedDataset  # noqa: E402
from mmpose.models.pose_estimators import BottomupPoseEstimator  # noqa: E402
from mmpose.registry import MODELS  # noqa: E402

from worker.training import usual  # noqa: E402
from worker.training.coco_file import write_coco  # noqa: E402
from worker.training.drawing import drawn, spread  # noqa: E402
from worker.training.material import Material, Need, Sample  # noqa: E402
from worker.training.metrics import NAMES, Found, KeypointScores  # noqa: E402
from worker.training.pictures import META, pipeline  # noqa: E402
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
from worker.training.rtmo import model as described  # noqa: E402

LEAST_SCORE: Final = 0.02
"""People below it are no part of what is measured."""


@MODELS.register_module()
class FineTunedRtmo(BottomupPoseEstimator):  # type: ignore[misc]
    """RTMO whose predictions are those of the estimator that pipelines use.

    variant, side: as :class:`worker.adapters.rtmo_network.RtmoNetwork` takes them.
    """

    def __init__(self, variant: RtmoVariant, side: int, **described: Any) -> None:
        super().__init__(**described)
        self.variant, self.side = variant, side
        # In a list: it shares its parts with this model, and is no part of what is kept.
        self._shared: list[RtmoEstimator] = []

    def estimator(self) -> RtmoEstimator:
        """The estimator on this model's own parts."""
        device = next(self.parameters()).device
        if not self._shared or self._shared[0].device != device:
            network = RtmoNetwork(self.variant, self.side)
            network.backbone, network.neck, network.head = self.backbone, self.neck, self.head
            self._shared = [
                RtmoEstimator(self.variant, network, device, cores=0, score_threshold=LEAST_SCORE)
            ]
        return self._shared[0]

    def val_step(self, data: Any) -> list[Found]:
        """See mmengine."""
        given: list[Whole] = list(data["inputs"])
        people = self.estimator().estimate([whole.image for whole in given])
        return [Found(w.number, found) for w, found in zip(given, people, strict=True)]


@dataclass(frozen=True, slots=True, eq=False)
class Whole:
    """An image with its number among the samples of its side."""

    number: int
    image: RgbImage


class WholeImages(Dataset[dict[str, Any]]):
    """The images of a side, each once, with its number."""

    def __init__(self, part: Sequence[Sample]) -> None:
        first: dict[Path, int] = {}
        for number, sample in enumerate(part, 1):
            first.setdefault(sample.image, number)
        self.images = list(first.items())

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> dict[str, Any]:
        file, number = self.images[index]
        return {"inputs": Whole(number, load_rgb(file))}


def learnt_from(part: Sequence[Sample], side: int) -> CombinedDataset:
    """mmpose's data set of the samples: whole images, letterboxed, turned and scaled a little."""
    with tempfile.TemporaryDirectory() as folder:
        file = write_coco(part, Path(folder) / "train.json")
        # Read at once; the file is not needed afterwards.
        return CombinedDataset(
            metainfo={"from_file": META},
            datasets=[
                {
                    "type": CocoDataset,
                    "data_root": "",
                    "data_mode": "bottomup",
                    "ann_file": str(file),
                    "data_prefix": {"img": ""},
                    "pipeline": [],
                }
            ],
            pipeline=pipeline(side, None),
        )


def assemble(
    variant: RtmoVariant,
    material: Material,
    settings: Settings,
    seed: int,
    start: Path | None = None,
) -> Assembly:
    """See :class:`worker.training.recipe.Assemble`."""
    if start is None:
        raise WeightsMissing(
            f"RTMO-{variant} is fine-tuned from one of its checkpoints, and none was named: from"
            " random numbers nothing is learnt in hours."
        )
    side = settings.size[0] if settings.size else SIZES[variant].side
    model = MODELS.build(
        described(variant, side) | {"type": "FineTunedRtmo", "variant": variant, "side": side}
    )
    _begin(model, variant, start)
    train = learnt_from(material.train, side)
    validation = WholeImages(material.validation)
    shown = spread(len(material.validation))

    def pictures(_: nn.Module) -> list[RgbImage]:
        samples = [material.validation[i] for i in shown]
        images = [load_rgb(sample.image) for sample in samples]
        people = model.estimator().estimate(images)
        return [drawn(i, s.joints, p) for i, s, p in zip(images, samples, people, strict=True)]

    return Assembly(
        model=model,
        train=train,
        validation=validation,
        test=WholeImages(material.test) if material.test else None,
        metrics=lambda: [KeypointScores(material.validation)],
        test_metrics=lambda: [KeypointScores(material.test)],
        key=_best_by(settings),
        optimiser=usual.optimiser(
            settings,
            constructor="ForceDefaultOptimWrapperConstructor",
            paramwise_cfg={
                "norm_decay_mult": 0,
                "bias_decay_mult": 0,
                "bypass_duplicate": True,
                "force_default_settings": True,
                "custom_keys": {"neck.encoder": {"lr_mult": 0.3}, "head.dcc": {"lr_mult": 0.5}},
            },
        ),
        schedules=usual.schedules(settings, -(-len(train) // settings.batch)),
        begins_trained=True,
        pictures=pictures,
    )


def _begin(model: Any, variant: str, start: Path) -> None:
    """Fill the network; losses as at the end of mmpose's training."""
    tensors = {
        name: tensor.float() if tensor.is_floating_point() else tensor
        for name, tensor in read_tensors(start).items()
        if not name.startswith(TRAINING_ONLY)
    }
    own = model.state_dict()
    wanted = {name for name in own if not name.startswith(TRAINING_ONLY)}
    wrong = wanted ^ tensors.keys() or {n for n in wanted if own[n].shape != tensors[n].shape}
    if wrong:
        raise InvalidInput(
            f"{start.name} is not a checkpoint of RTMO-{variant}: {len(wrong)} tensors are others"
            f" ({min(wrong)}, …).",
            file=str(start),
            fault="another architecture",
        )
    model.load_state_dict(tensors, strict=False)
    head = model.head
    head.helper_weight, head.pull, head.proxy_target_cc, head.use_aux_loss = 0.0, 5.0, True, True
    head.loss_mle.loss_weight = 2.0


def predictor(
    variant: RtmoVariant, checkpoint: Path, settings: Settings, device: torch.device
) -> RtmoEstimator:
    """See :class:`worker.training.recipe.Predictor`."""
    side = settings.size[0] if settings.size else SIZES[variant].side
    network = RtmoNetwork(variant, side)
    fill(network, _tensors(read_tensors(checkpoint)), checkpoint, f"RTMO-{variant}")
    return RtmoEstimator(variant, network, device, score_threshold=LEAST_SCORE)


def _tensors(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {n: tensor for n, tensor in state.items() if not n.startswith(TRAINING_ONLY)}


def _best_by(settings: Settings) -> str:
    """The score that chooses the epoch.

    Of some dozens of pictures AP is chance while it lies near 0: there the mean similarity tells.
    """
    wanted = str(settings.extra.get("best_by", "AP"))
    if wanted not in NAMES:
        raise InvalidInput(f"best_by is one of {', '.join(NAMES)}, not {wanted}.")
    return wanted


def _config(settings: Settings) -> dict[str, Any]:
    return {} if settings.size is None else {"side": settings.size[0]}


def _recipe(variant: RtmoVariant, *starts: str, small_side: int) -> Recipe:
    side = SIZES[variant].side
    usual_ones: dict[str, Any] = {
        "optimiser": "AdamW", "weight_decay": 0.05, "cosine": True, "clip": 5.0,
    }  # fmt: skip
    return Recipe(
        name=f"rtmo-{variant}",
        title=f"RTMO-{variant.upper()}, fine-tuned",
        about=(
            "The model that pre-labels recordings, taught on a release: whole images, several"
            " people, from any RTMO checkpoint of its size."
        ),
        task=Task.KEYPOINTS_IN_IMAGES,
        source=Source(
            "Lu et al., RTMO: Towards High-Performance One-Stage Real-Time Multi-Person Pose"
            " Estimation, CVPR 2024",
            table="" if variant != "l" else "InfantNet, the pre-labeller",
            address="https://github.com/open-mmlab/mmpose/tree/main/projects/rtmo",
            differs="Fine-tuned for some epochs instead of trained for 600.",
        ),
        licence="Apache-2.0",
        needs=frozenset({Need.JOINTS, Need.BOXES, Need.START}),
        settings={
            Scale.PAPER: Settings(
                epochs=40, batch=16, rate=1e-4, size=(side, side), warm_up=500, half=True,
                loaders=4, extra={"best_by": "AP"}, **usual_ones,
            ),
            Scale.SMALL: Settings(
                epochs=4, batch=8, rate=1e-4, size=(small_side, small_side), warm_up=10,
                pictures_every=1, extra={"best_by": "OKS"}, **usual_ones,
            ),
        },
        assemble=partial(assemble, variant),
        predictor=partial(predictor, variant),
        prelabels=Prelabels(f"rtmo-{variant}", config=_config, tensors=_tensors),
        starts=starts,
    )  # fmt: skip


def _demo_side() -> int:
    config = KNOWN[DEMO_POSE].used_with if DEMO_POSE in KNOWN else None
    return config.side if isinstance(config, RtmoConfig) else 256


RECIPES: tuple[Recipe, ...] = (
    _recipe("t", "rtmo-t", DEMO_POSE, small_side=_demo_side()),
    _recipe("s", "rtmo-s", small_side=640),
    _recipe("m", "rtmo-m", small_side=640),
    _recipe("l", "rtmo-l", "rtmo-l-coco", small_side=640),
)
