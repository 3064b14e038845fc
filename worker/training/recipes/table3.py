"""InfantNet's Table 3: 24 top-down networks, fine-tuned on infants.

Each is the network that mmpose describes, with its codec, its losses, its way of cutting, mirroring
and shaking boxes, and its optimiser; the paper's own are 40 epochs at 1e-4 and the best checkpoint
by AP on validation. What it leaves open is taken from mmpose's configuration: the batch, the
warm-up, and where in the training the rate falls.
"""

from __future__ import annotations

import contextlib
import io
import logging
import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from backend.domain.errors import InvalidInput
from backend.domain.estimates import PoseEstimate, RgbImage
from backend.domain.pixels import MMPOSE_JOINTS
from backend.models.checkpoints.architectures import TRAINING_ONLY
from backend.models.checkpoints.designs import HeatmapConfig
from backend.models.checkpoints.top_down import TOP_DOWN, TopDown
from worker.adapters.heatmap import HeatmapEstimator, score_of
from worker.adapters.heatmap_network import described_codec, model_of
from worker.adapters.openmmlab import build, configuration
from worker.adapters.weights import load_checkpoint
from worker.training import usual
from worker.training.coco_file import write_coco
from worker.training.drawing import drawn, spread
from worker.training.material import Material, Need, Sample
from worker.training.metrics import KeypointScores
from worker.training.pixels import load_rgb
from worker.training.recipe import (
    Assembly,
    Prelabels,
    Recipe,
    Scale,
    Settings,
    Source,
    Task,
)

EPOCHS: Final = 40
RATE: Final = 1e-4
_FALLS: Final = (170 / 210, 200 / 210)
"""Shares of the training after which mmpose's schedules let the rate fall to a tenth."""
_PAPER: Final = "InfantNet, Table 3: 2D pose, zero-shot and fine-tuned"
_NETWORKS: Final = {
    "hourglass": "Newell et al., Stacked Hourglass Networks (ECCV 2016)",
    "resnet": "Xiao et al., Simple Baselines (ECCV 2018)",
    "hrnet": "Sun et al., Deep High-Resolution Representation Learning (CVPR 2019)",
    "hrformer": "Yuan et al., HRFormer (NeurIPS 2021)",
    "vitpose": "Xu et al., ViTPose (NeurIPS 2022)",
}
_DARK: Final = "Zhang et al., Distribution-Aware Coordinate Representation (CVPR 2020)"


class TopDownScores(KeypointScores):
    """The same scores of what mmpose's models say."""

    def process(self, data_batch: Any, data_samples: Sequence[Any]) -> None:
        """See mmengine."""
        self.results += [(sample["img_id"], _people(sample)) for sample in data_samples]


def _people(sample: Mapping[str, Any]) -> list[PoseEstimate]:
    instances = sample["pred_instances"]
    found = []
    for joints, scores, corners in zip(
        _plain(instances["keypoints"]),
        _plain(instances["keypoint_scores"]),
        _plain(instances["bboxes"]),
        strict=True,
    ):
        sure = np.clip(scores, 0, 1)
        x, y, right, bottom = (float(v) for v in corners)
        found.append(
            PoseEstimate(
                keypoints=joints + MMPOSE_JOINTS.shift,
                scores=sure,
                score=score_of(sure),
                box=(x, y, right - x, bottom - y),
            )
        )
    return found


def _plain(values: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    if isinstance(values, torch.Tensor):
        values = values.cpu().numpy()
    return np.asarray(values, np.float64)


def used_with(row: TopDown, settings: Settings) -> HeatmapConfig:
    """How a network is used that was trained with these settings.

    Raises:
        InvalidInput: it cannot have an input of that size.
    """
    width, height = settings.size or row.used.size
    if row.architecture.startswith("vitpose") and (width, height) != row.used.size:
        raise InvalidInput(
            f"The input of {row.title} is {row.size} and cannot be {height}×{width}."
        )
    return HeatmapConfig.model_validate(row.used.model_dump() | {"width": width, "height": height})


def assemble(
    row: TopDown, material: Material, settings: Settings, seed: int, start: Path | None = None
) -> Assembly:
    """See :class:`worker.training.recipe.Assemble`."""
    model = network(row, settings)
    if start is not None:
        load_checkpoint(model, start, row.architecture, ignored=TRAINING_ONLY)
    config = used_with(row, settings)
    train = data_set(row, config, material.train, training=True)
    validation = data_set(row, config, material.validation, training=False)
    test = data_set(row, config, material.test, training=False) if material.test else None
    shown = spread(len(validation))

    def pictures(trained: Any) -> list[RgbImage]:
        samples = [material.validation[validation[i]["data_samples"].id - 1] for i in shown]
        batches = [_batch([validation[i]]) for i in shown]
        said = [trained.val_step(batch)[0].to_dict() for batch in batches]
        return [
            drawn(load_rgb(sample.image), sample.joints, _people(found))
            for sample, found in zip(samples, said, strict=True)
        ]

    return Assembly(
        model=model,
        train=train,
        validation=validation,
        test=test,
        metrics=lambda: [TopDownScores(material.validation)],
        test_metrics=lambda: [TopDownScores(material.test)],
        key="AP",
        optimiser=_optimiser(row, settings),
        schedules=usual.schedules(settings, -(-len(train) // settings.batch)),
        begins_trained=start is not None,
        pictures=pictures,
    )


def network(row: TopDown, settings: Settings) -> Any:
    """mmpose's model with its first numbers, all random."""
    described = model_of(row.config_file)
    described["head"]["decoder"] = described_codec(used_with(row, settings))
    model = build(described)
    # mmengine tells of every tensor that it fills.
    logging.disable(logging.INFO)
    try:
        model.init_weights()
    finally:
        logging.disable(logging.NOTSET)
    return model


def data_set(row: TopDown, config: HeatmapConfig, part: Sequence[Sample], *, training: bool) -> Any:
    """mmpose's data set of a side, with its own way of preparing boxes."""
    from mmpose.registry import DATASETS

    whole = configuration(row.config_file)
    codec = described_codec(config)
    steps = [dict(step) for step in (whole.train_pipeline if training else whole.val_pipeline)]
    for step in steps:
        if step["type"] == "LoadImage":
            # Releases are written upright, and their labels with them.
            step["color_type"] = "color_ignore_orientation"
        if "input_size" in step:
            step["input_size"] = config.size
        if "encoder" in step:
            step["encoder"] = codec
    with tempfile.TemporaryDirectory() as folder:
        described = {
            "type": "CocoDataset",
            "ann_file": str(write_coco(part, Path(folder) / "part.json")),
            "data_mode": "topdown",
            "data_prefix": {"img": ""},
            "test_mode": not training,
            "pipeline": steps,
        }
        with contextlib.redirect_stdout(io.StringIO()):
            # It is read here, as a whole; pycocotools says so.
            return DATASETS.build(described)


def _batch(samples: list[Any]) -> Any:
    from mmengine.dataset import pseudo_collate

    return pseudo_collate(samples)


def _optimiser(row: TopDown, settings: Settings) -> dict[str, Any]:
    theirs = configuration(row.config_file).optim_wrapper.to_dict()
    more = {name: theirs[name] for name in ("constructor", "paramwise_cfg") if name in theirs}
    return usual.optimiser(settings, **more)


def predictor(
    row: TopDown, checkpoint: Path, settings: Settings, device: torch.device
) -> HeatmapEstimator:
    """See :class:`worker.training.recipe.Predictor`."""
    return HeatmapEstimator(row.architecture, used_with(row, settings), checkpoint, device)


def _settings(row: TopDown) -> dict[Scale, Settings]:
    family = row.architecture.split("-")[0]
    large = row.used.height > 256
    batch = {"hourglass": 32, "hrformer": 32}.get(family, 32 if large else 64)
    adam: dict[str, Any] = {"optimiser": "Adam"}
    if family == "hrformer":
        adam = {"optimiser": "AdamW", "weight_decay": 0.01}
    if family == "vitpose":
        adam = {"optimiser": "AdamW", "weight_decay": 0.1, "clip": 1.0}
    paper = Settings(
        epochs=EPOCHS,
        batch=batch,
        rate=RATE,
        size=row.used.size,
        warm_up=500,
        milestones=tuple(round(EPOCHS * share) for share in _FALLS),
        half=True,
        loaders=4,
        **adam,
    )
    fixed = family == "vitpose"
    side = (128, 128) if family == "hourglass" else (96, 128)
    small = Settings(
        epochs=3,
        batch=8,
        rate=RATE,
        size=row.used.size if fixed else side,
        warm_up=10,
        cosine=True,
        pictures_every=1,
        **adam,
    )
    return {Scale.PAPER: paper, Scale.SMALL: small}


def _changes(row: TopDown, settings: Settings) -> dict[str, Any]:
    config = used_with(row, settings)
    told: dict[str, Any] = {"codec": config.codec}
    if not row.architecture.startswith("vitpose"):
        told |= {"width": config.width, "height": config.height}
    return told


def _recipe(row: TopDown) -> Recipe:
    family = row.architecture.split("-")[0]
    papers = [_NETWORKS[family], *([_DARK] if row.used.codec == "dark" else [])]
    return Recipe(
        name=row.name,
        title=f"{row.title}, {row.size}",
        about=(
            f"A row of InfantNet’s Table 3: begins from what mmpose publishes (COCO val AP"
            f" {row.ap:.3f}), and learns infants. Takes boxes of people."
        ),
        task=Task.KEYPOINTS_IN_BOXES,
        source=Source(
            "; ".join(papers),
            table=f"{_PAPER}; row {row.title}, {row.size}",
            address=f"mmpose 1.3.2, configs/{row.config_file}",
            differs=(
                "40 epochs at 1e-4 instead of 210 at 5e-4, as InfantNet says; the rate falls at"
                " the same shares of the training. Boxes are the release’s own. Batches are"
                " normalised on each GPU by itself."
            ),
        ),
        licence="Apache-2.0",
        needs=frozenset({Need.JOINTS, Need.BOXES, Need.START}),
        settings=_settings(row),
        assemble=partial(assemble, row),
        predictor=partial(predictor, row),
        prelabels=Prelabels(row.architecture, config=partial(_changes, row)),
        starts=(row.name,),
        parameters=None if row.millions is None else round(row.millions * 1e6),
    )


RECIPES: tuple[Recipe, ...] = tuple(map(_recipe, TOP_DOWN))
