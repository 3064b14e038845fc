"""FiDIP: a pose network that is fine-tuned on two domains until its features tell them alike.

The material is the target (an infant set), its second set the source (renders). A start is the pose
network of an earlier run of one of these recipes; ``fidip-pose`` is the same network without an
adversary: the paper's rows without domain adaptation, and what is begun from.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from mmengine.optim import OptimWrapper, OptimWrapperDict
from torch.optim import Adam

from backend.domain.errors import InvalidInput
from worker.adapters.weights import fill, read_tensors
from worker.training.fidip.data import BoxedAP, PeopleOfDomains, batch_of
from worker.training.fidip.networks import DOMAIN, POSE, Fidip, PoseResNet, Turns
from worker.training.material import Material, Need
from worker.training.recipe import Assembly, Recipe, Scale, Settings, Source, Task
from worker.training.usual import schedules

EVERYONE = -1
"""All of the target's training samples are labelled."""


def assemble(
    material: Material, settings: Settings, seed: int, start: Path | None = None
) -> Assembly:
    """Put both networks and both domains together."""
    extra, size = settings.extra, settings.size
    if size is None:
        raise InvalidInput("This recipe needs a size of its images.")
    if extra["adversary"] and material.second is None:
        raise InvalidInput("Two domains are needed; give another set beside this one.")
    source = () if material.second is None else material.second.train
    labelled = None if extra["labelled"] == EVERYONE else int(extra["labelled"])
    # Without an adversary, images without labels say nothing.
    target = material.train if extra["adversary"] or labelled is None else material.train[:labelled]
    train = PeopleOfDomains(source, target, size, extra["sigma"], labelled, vary=True)
    names = ("weight", "before", "frozen", "still", "leaks", "adversary")
    turns = Turns(**{name: extra[name] for name in names})
    model = Fidip(PoseResNet(extra["depth"], extra["stem"], extra["channels"]), turns)
    if start is not None:
        begin(model, start)
    pose = [p for p in model.pose.parameters() if p.requires_grad]
    optimisers = OptimWrapperDict(
        **{
            POSE: OptimWrapper(Adam(pose, settings.rate)),
            DOMAIN: OptimWrapper(Adam(model.domain.parameters(), settings.rate)),
        }
    )
    falling = schedules(settings, -(-len(train) // settings.batch))
    return Assembly(
        model=model,
        train=train,
        validation=PeopleOfDomains((), material.validation, size, extra["sigma"]),
        test=PeopleOfDomains((), material.test, size, extra["sigma"]) if material.test else None,
        metrics=lambda: [BoxedAP(collect_device="cpu")],
        key="AP",
        optimiser=optimisers,
        schedules={POSE: falling, DOMAIN: []},
        collate=batch_of,
        begins_trained=start is not None,
        find_unused=True,
    )


def begin(model: Fidip, start: Path) -> None:
    """Take up the pose network of a checkpoint; the domain classifier begins anew.

    Raises:
        InvalidInput: it is of another architecture.
    """
    held = read_tensors(start)
    pose = {name.removeprefix("pose."): v for name, v in held.items() if name.startswith("pose.")}
    fill(model.pose, pose, start, "the pose network of these settings")


_FIDIP = (
    "Huang, Fu, Liu, Ostadabbas: Invariant Representation Learning for Infant Pose Estimation with"
    " Small Data, 2021"
)
_CODE = "https://github.com/ostadabbas/Infant-Pose-Estimation"
_DIFFERS = (
    "Whole heat-map pose network after Xiao et al.; the width of the classifier's hidden layers is"
    " ours, as the paper names none. The checkpoint is chosen on validation, never on the test"
    " split."
)
_AS_CODED = (
    "As the authors' public configuration does it and the paper does not: the adversary's weight"
    " and the pre-stage are 0, gradients that Stage II leaves in the classifier are added to the"
    " next Stage I's, and the frozen layers' batch statistics move. Not taken over: that the best"
    " checkpoint is chosen on the test set. Nothing of that code is used; its terms forbid"
    " commercial use."
)
_EXTRA = {
    "depth": 50, "stem": 64, "channels": 256, "sigma": 2.0, "labelled": EVERYONE,
    "weight": 0.0005, "before": 500, "frozen": 3, "still": True, "leaks": False, "adversary": True,
}  # fmt: skip
_TINY = {"depth": 18, "stem": 16, "channels": 48, "sigma": 1.5, "before": 20}
_SETTINGS = {
    Scale.PAPER: Settings(
        epochs=100, batch=64, rate=1e-3, size=(192, 256), milestones=(60, 85), extra=_EXTRA
    ),
    Scale.SMALL: Settings(
        epochs=6, batch=32, rate=1e-3, size=(64, 64), cosine=True, validate_every=3,
        extra=_EXTRA | _TINY,
    ),
}  # fmt: skip


def _with(**extra: Any) -> dict[Scale, Settings]:
    return {
        scale: replace(settings, extra={**settings.extra, **extra})
        for scale, settings in _SETTINGS.items()
    }


_NEEDS = frozenset({Need.JOINTS, Need.BOXES})
_LICENCE = "Apache-2.0 (code); begins from random numbers or from a start"

RECIPES = (
    Recipe(
        name="fidip",
        title="FiDIP: infant pose with domain adaptation",
        about="Pose-ResNet whose features a domain classifier cannot tell apart: pre-stage, then"
        " Stage I and Stage II in turn.",
        task=Task.ADAPTATION,
        source=Source(_FIDIP, "Table 2", differs=_DIFFERS),
        licence=_LICENCE,
        needs=_NEEDS | {Need.SECOND_DOMAIN},
        settings=_SETTINGS,
        assemble=assemble,
    ),
    Recipe(
        name="fidip-as-coded",
        title="FiDIP as its authors' code runs it",
        about="The same with the deviations of the public configuration, for comparison.",
        task=Task.ADAPTATION,
        source=Source(_FIDIP, "Table 2", _CODE, _AS_CODED),
        licence=_LICENCE,
        needs=_NEEDS | {Need.SECOND_DOMAIN},
        settings=_with(weight=0.0, before=0, leaks=True, still=False),
        assemble=assemble,
    ),
    Recipe(
        name="fidip-pose",
        title="Pose-ResNet without domain adaptation",
        about="The same pose network and data without an adversary: what adaptation is held"
        " against, and what it begins from.",
        task=Task.ADAPTATION,
        source=Source(_FIDIP, "Table 2, rows without domain adaptation", differs=_DIFFERS),
        licence=_LICENCE,
        needs=_NEEDS,
        settings=_with(adversary=False, frozen=0),
        assemble=assemble,
    ),
)
