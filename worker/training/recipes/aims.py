"""Postures after AIMS: from images, with adaptation, from joints in space, and hierarchically.

Images are learnt from the material's second set where there is one (labelled renders, say), and
measured on the material itself: that is the gap which LMMD is to close. Without a second set the
material's own labels are learnt from. The hierarchical classifier begins from a checkpoint of an
image branch (``--start``), whose coarse logits it is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from backend.domain.errors import InvalidInput
from backend.domain.posture_geometry import TWELVE
from worker.adapters.weights import load_checkpoint
from worker.training.aims.data import (
    PostureImages,
    PosturePoses,
    image_batch,
    labelled,
)
from worker.training.aims.metrics import PostureMetric
from worker.training.aims.networks import Hierarchical, ImageBranch, PoseBranch
from worker.training.lifting.data import Lifted, batched, usable
from worker.training.lifting.lift import lift
from worker.training.material import Material, Need, Sample, require_postures
from worker.training.recipe import Assembly, Recipe, Scale, Settings, Source, Task
from worker.training.usual import optimiser, schedules

Array = NDArray[np.float64]
_BRANCH = "the image branch of these settings"


def _sides(material: Material, *, poses: bool) -> Material:
    """The labelled material; its training side is the second set's where there is one.

    Raises:
        InvalidInput: a posture is not there to be learnt.
    """

    def keep(sample: Sample) -> bool:
        return labelled(sample) and (not poses or usable(sample))

    own = material.of(keep)
    learnt = own if material.second is None else material.second.of(keep)
    require_postures(learnt.train, TWELVE, f"The training split of {learnt.name}")
    return replace(own, parts={**own.parts, "train": learnt.train})


def _assembly(settings: Settings, train: Any, **more: Any) -> Assembly:
    steps = -(-len(train) // settings.batch)
    return Assembly(
        train=train,
        metrics=lambda: [PostureMetric(collect_device="cpu")],
        key="top1_fine",
        optimiser=optimiser(settings),
        schedules=schedules(settings, steps),
        **more,
    )


def _size(settings: Settings) -> tuple[int, int]:
    if settings.size is None:
        raise InvalidInput("This recipe needs a size of its images.")
    return settings.size


def assemble_image(
    material: Material, settings: Settings, seed: int, start: Path | None = None
) -> Assembly:
    """The image branch, with LMMD where the settings give it a weight."""
    sides = _sides(material, poses=False)
    weight = float(settings.extra["discrepancy"])
    if weight and material.second is None:
        raise InvalidInput(
            "LMMD draws two sets together; give a labelled set beside this one.",
            fault="no second domain",
        )
    # The target's images are learnt from without their labels.
    unlabelled = material.train if weight else ()
    train = PostureImages(sides.train, _size(settings), True, unlabelled)
    steps = -(-len(train) // settings.batch) * settings.epochs
    model = image_branch(settings, steps)
    if start is not None:
        load_checkpoint(model, start, _BRANCH)
    return _assembly(
        settings,
        train,
        model=model,
        validation=PostureImages(sides.validation, _size(settings)),
        test=PostureImages(sides.test, _size(settings)) if sides.test else None,
        collate=image_batch,
        begins_trained=start is not None,
    )


def image_branch(settings: Settings, steps: int = 1) -> ImageBranch:
    """The network of some settings; steps: of the whole training."""
    extra = settings.extra
    return ImageBranch(extra["depth"], extra["stem"], extra["discrepancy"], max(1, steps // 2))


def _joints(part: Sequence[Sample], settings: Settings) -> Array:
    """3D joints of fits and renders, or lifted from the image's by a checkpoint that is named."""
    if not (file := settings.extra["lifting"]):
        return np.array([sample.joints_3d for sample in part], float)
    return lift(Lifted(part), Path(file))


def _posed(
    part: Sequence[Sample], settings: Settings, beside: Array | None, noise: float
) -> PosturePoses:
    return PosturePoses(part, _joints(part, settings), beside, noise)


def assemble_pose(
    material: Material, settings: Settings, seed: int, start: Path | None = None
) -> Assembly:
    """The pose branch."""
    sides = _sides(material, poses=True)
    model = PoseBranch(settings.extra["width"], settings.extra["dropout"])
    if start is not None:
        load_checkpoint(model, start, "the pose branch of these settings")
    return _with_poses(sides, settings, model, {}, begins_trained=start is not None)


def assemble_hierarchical(
    material: Material, settings: Settings, seed: int, start: Path | None = None
) -> Assembly:
    """The hierarchical classifier. start: a checkpoint of an image branch."""
    if start is None:
        raise InvalidInput("The hierarchical classifier needs an image branch to begin from.")
    sides = _sides(material, poses=True)
    branch = image_branch(settings)
    load_checkpoint(branch, start, _BRANCH)
    logits = {side: coarse_logits(branch, part, settings) for side, part in sides.parts.items()}
    model = Hierarchical(settings.extra["width"], settings.extra["dropout"])
    return _with_poses(sides, settings, model, logits)


def _with_poses(
    sides: Material,
    settings: Settings,
    model: Any,
    logits: dict[str, Array],
    begins_trained: bool = False,
) -> Assembly:
    def data(side: str, noise: float = 0.0) -> PosturePoses:
        return _posed(sides.parts[side], settings, logits.get(side), noise)

    return _assembly(
        settings,
        data("train", settings.extra["noise"]),
        model=model,
        validation=data("validation"),
        test=data("test") if sides.test else None,
        collate=batched,
        begins_trained=begins_trained,
    )


def coarse_logits(branch: ImageBranch, part: Sequence[Sample], settings: Settings) -> Array:
    """(n, 4) what an image branch says of each person's group."""
    data = PostureImages(part, _size(settings))
    found = []
    branch.eval()
    with torch.no_grad():
        for first in range(0, len(data), 64):
            items = [data[i]["image"] for i in range(first, min(first + 64, len(data)))]
            found.append(branch(torch.stack(items))[0])
    return np.asarray(torch.cat(found).double().numpy())


_PAPER = "InfantNet's AIMS posture classification (hierarchical, with LMMD)"
_POSE_DIFFERS = (
    "The paper gives neither layers, rate nor epochs of this network: two hidden layers with batch"
    " normalisation and dropout are ours, and so is the noise on the joints in training."
)
_ADAPTED = Source(
    _PAPER + "; Zhu et al.: Deep Subdomain Adaptation Network for Image Classification, 2020",
    differs="The checkpoint is chosen on labelled validation images of the target. The weight of"
    " LMMD rises over the first half of training.",
)
_IMAGE = {
    Scale.PAPER: Settings(
        epochs=60, batch=64, rate=1e-3, size=(224, 224), optimiser="SGD", weight_decay=5e-4,
        cosine=True, half=True,
        extra={"depth": 50, "stem": 64, "discrepancy": 0.0},
    ),
    Scale.SMALL: Settings(
        epochs=6, batch=32, rate=2e-3, size=(48, 48), optimiser="AdamW", weight_decay=0.05,
        cosine=True, warm_up=20, validate_every=3,
        extra={"depth": 18, "stem": 16, "discrepancy": 0.0},
    ),
}  # fmt: skip
_POSE_EXTRA = {"width": 256, "dropout": 0.3, "noise": 0.05, "lifting": ""}
_POSES = {
    Scale.PAPER: Settings(epochs=100, batch=256, rate=1e-3, cosine=True, extra=_POSE_EXTRA),
    Scale.SMALL: Settings(
        epochs=60, batch=64, rate=2e-3, cosine=True, validate_every=10,
        extra=_POSE_EXTRA | {"width": 128},
    ),
}  # fmt: skip


def _more(settings: dict[Scale, Settings], scale: Scale, **extra: Any) -> Settings:
    return replace(settings[scale], extra={**settings[scale].extra, **extra})


_LICENCE = "Apache-2.0 (code); begins from random numbers"
_COMMON = frozenset({Need.POSTURES})
_JOINTS = _COMMON | {Need.JOINTS, Need.CAMERAS, Need.JOINTS_3D}

RECIPES = (
    Recipe(
        name="aims-image",
        title="Postures from images",
        about="A ResNet tells group and posture. Learns from the second set where there is one.",
        task=Task.POSTURES,
        source=Source(_PAPER),
        licence=_LICENCE,
        needs=_COMMON | {Need.BOXES},
        settings=_IMAGE,
        assemble=assemble_image,
    ),
    Recipe(
        name="aims-image-lmmd",
        title="Postures from images, adapted by LMMD",
        about="The same, while features of a labelled set and of this one without labels are drawn"
        " together class by class.",
        task=Task.POSTURES,
        source=_ADAPTED,
        licence=_LICENCE,
        needs=_COMMON | {Need.BOXES, Need.SECOND_DOMAIN},
        settings={scale: _more(_IMAGE, scale, discrepancy=0.5) for scale in Scale},
        assemble=assemble_image,
    ),
    Recipe(
        name="aims-pose",
        title="Postures from 3D joints",
        about="Joints in units of the distance from nose to pelvis tell group and posture. The"
        " joints are those of fits, or lifted by the checkpoint that the setting “lifting” names.",
        task=Task.POSTURES,
        source=Source(_PAPER, differs=_POSE_DIFFERS),
        licence=_LICENCE,
        needs=_JOINTS,
        settings=_POSES,
        assemble=assemble_pose,
    ),
    Recipe(
        name="aims-hierarchical",
        title="Postures from 3D joints and the image's group",
        about="3D joints and the coarse logits of an image branch tell the posture. Begins from the"
        " image branch's checkpoint.",
        task=Task.POSTURES,
        source=Source(_PAPER, differs=_POSE_DIFFERS),
        licence=_LICENCE,
        needs=_JOINTS | {Need.BOXES, Need.START},
        settings={
            scale: replace(_more(_POSES, scale, **_IMAGE[scale].extra), size=_IMAGE[scale].size)
            for scale in Scale
        },
        assemble=assemble_hierarchical,
    ),
)
