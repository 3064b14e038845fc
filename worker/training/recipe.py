"""What a recipe is: data, network, losses, schedule and evaluation of one model, with its source.

A recipe is one file in ``worker/training/recipes`` (or a few of one family in it) that holds
``RECIPES: tuple[Recipe, ...]``. It says what the material must hold, and puts network, data sets
and metrics together; :func:`worker.training.loop.fit` trains every one of them in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

from backend.domain.errors import InvalidInput
from worker.training.checked import require_bounds, require_kind
from worker.training.material import Material, Need

if TYPE_CHECKING:
    import torch
    from mmengine.evaluator import BaseMetric
    from mmengine.hooks import Hook
    from mmengine.model import BaseModel
    from mmengine.optim import OptimWrapper
    from torch import Tensor, nn
    from torch.utils.data import Dataset, Sampler

    from backend.domain.estimates import RgbImage
    from worker.adapters.protocols import BoxPoseEstimator, PoseEstimator

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class Scale(StrEnum):
    """With which settings a recipe is trained."""

    PAPER = "paper"
    """Those of the paper, for GPUs."""

    SMALL = "small"
    """Such that it is done within minutes on two cores."""


class Task(StrEnum):
    """What a model says."""

    KEYPOINTS_IN_BOXES = "keypoints_in_boxes"
    KEYPOINTS_IN_IMAGES = "keypoints_in_images"
    BODIES = "bodies"
    LIFTING = "lifting"
    POSTURES = "postures"
    ADAPTATION = "adaptation"


@dataclass(frozen=True, slots=True)
class Settings:
    """How a recipe is trained.

    Attributes:
        epochs: Rounds over the training samples.
        batch: Samples of one step, on each device.
        rate: The highest learning rate.
        size: Width and height of the network's input in pixels; None where no image goes in.
        optimiser: As torch names it: Adam, AdamW, SGD.
        weight_decay: Of the optimiser.
        warm_up: Steps over which the rate rises from a thousandth.
        milestones: Epochs after which the rate is a tenth of what it was; empty: as ``cosine``.
        cosine: Without milestones, whether the rate falls to nothing by half a cosine.
        clip: Largest norm of all gradients together; None for no limit.
        half: Whether layers compute in half precision (bfloat16; on a CPU only where it computes it
            itself).
        loaders: Processes that load samples; 0: the training's own.
        validate_every: Epochs between validations; the last is always validated.
        pictures_every: Epochs between pictures of predictions.
        extra: What only this recipe knows.
    """

    epochs: int
    batch: int
    rate: float
    size: tuple[int, int] | None = None
    optimiser: str = "Adam"
    weight_decay: float = 0.0
    warm_up: int = 0
    milestones: tuple[int, ...] = ()
    cosine: bool = False
    clip: float | None = None
    half: bool = False
    loaders: int = 0
    validate_every: int = 1
    pictures_every: int = 5
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        require_bounds({name: getattr(self, name) for name in self.__dataclass_fields__})

    def changed(self, **changes: Any) -> Settings:
        """These settings with some values changed.

        Raises:
            InvalidInput: there is no such value, or it is of another kind or out of bounds.
        """
        extra = {name: changes.pop(name) for name in list(changes) if name in self.extra}
        for name, value in extra.items():
            require_kind(name, self.extra[name], value)
        for name, value in changes.items():
            if name == "extra" or name not in self.__dataclass_fields__:
                known = sorted({*self.__dataclass_fields__, *self.extra} - {"extra"})
                raise InvalidInput(
                    f"The settings have no {name!r}; there are {', '.join(known)}.",
                    fault="no such setting",
                )
            require_kind(name, getattr(self, name), value)
            if isinstance(value, list):
                changes[name] = tuple(value)
        return replace(self, **changes, extra=MappingProxyType({**self.extra, **extra}))

    @classmethod
    def of_json(cls, told: Mapping[str, Any]) -> Settings:
        """Settings from :meth:`to_json`.

        Raises:
            InvalidInput: another version of the program wrote them.
        """
        plain = {name: value for name, value in told.items() if name != "extra"}
        for name in ("size", "milestones"):
            if plain.get(name) is not None:
                plain[name] = tuple(plain[name])
        try:
            return cls(**plain, extra=dict(told["extra"]))
        except (TypeError, KeyError) as error:
            raise InvalidInput(
                f"These settings are of another version of the program: {error}."
            ) from error

    def to_json(self) -> dict[str, Any]:
        """Plain values, as they stand in ``run.json``."""
        told: dict[str, Any] = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return told | {
            "size": None if self.size is None else list(self.size),
            "milestones": list(self.milestones),
            "extra": dict(self.extra),
        }


@dataclass(frozen=True, slots=True)
class Source:
    """Where a recipe comes from.

    Attributes:
        paper: Authors, title, year.
        table: Which table and row of which paper it is there for; "" for none.
        address: Of the public configuration or code that was followed; "" where the paper alone
            was.
        differs: What is done otherwise here, and why; "" for nothing.
    """

    paper: str
    table: str = ""
    address: str = ""
    differs: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """All that the loop needs of a recipe, put together for a material.

    Attributes:
        model: mmengine's: ``forward(inputs, data_samples, mode)`` with modes ``loss`` (returns a
            dict of losses) and ``predict`` (returns a list of samples for the metrics). It may
            override ``train_step``, for example to alternate stages. Its first numbers are set.
        train, validation: Data sets; ``validation`` is never a release's test split.
        test: The test split, measured once with the best checkpoint; None where there is none.
        metrics: Measured on validation; each call gives metrics of their own.
        test_metrics: The same for the test split; None for ``metrics``.
        key: The metric that chooses the best checkpoint, as the metrics name it.
        larger: Whether larger values of it are better.
        optimiser: mmengine's optimiser wrapper (or an ``OptimWrapperDict``), or its description.
        schedules: Parameter schedulers, or their descriptions; a dict by optimiser where there are
            several. ``usual.schedules`` makes them from the settings.
        collate: Of samples into a batch; None for mmengine's ``pseudo_collate``.
        sampler: Of training samples; None: all in a new order each epoch, spread over devices.
        hooks: mmengine hooks. What they keep from epoch to epoch must go through
            ``before_save_checkpoint`` and ``after_load_checkpoint`` (plain values and tensors), or
            a resumed run differs from an unbroken one.
        begins_trained: Whether the model is good for something before training: then it is
            measured first, as epoch 0, and kept if nothing better comes.
        pictures: Draws predictions on a few validation images (uint8, RGB); called with the model
            in ``eval`` mode without gradients. None for no pictures.
        find_unused: Whether some parameters get no gradient in some steps (several devices).
        notes: What people should know of this run, such as samples that were left out.
    """

    model: BaseModel
    train: Dataset[Any]
    validation: Dataset[Any]
    test: Dataset[Any] | None = None
    metrics: Callable[[], Sequence[BaseMetric]]
    test_metrics: Callable[[], Sequence[BaseMetric]] | None = None
    key: str
    larger: bool = True
    optimiser: OptimWrapper | dict[str, Any]
    schedules: Sequence[Any] | Mapping[str, Any] = ()
    collate: Callable[[list[Any]], Any] | None = None
    sampler: Sampler[int] | None = None
    hooks: Sequence[Hook | dict[str, Any]] = ()
    begins_trained: bool = False
    pictures: Callable[[nn.Module], Sequence[RgbImage]] | None = None
    find_unused: bool = False
    notes: tuple[str, ...] = ()


class Assemble(Protocol):
    """Puts a recipe together."""

    def __call__(
        self, material: Material, settings: Settings, seed: int, start: Path | None = None
    ) -> Assembly:
        """Build model, data sets, metrics, optimiser.

        Args:
            material: What is trained on; the loop has checked it against the recipe's needs.
            settings: How.
            seed: Of all chance; generators are seeded with it already.
            start: A checkpoint to begin from; None for the recipe's own beginning.

        Raises:
            InvalidInput: the material or the start does not fit; the message says what.
            WeightsMissing: the recipe begins from a checkpoint that is not here.
        """
        ...


class Predictor(Protocol):
    """Makes a trained checkpoint into a model that pipelines can use."""

    def __call__(
        self, checkpoint: Path, settings: Settings, device: torch.device
    ) -> PoseEstimator | BoxPoseEstimator:
        """Load a file that :func:`worker.training.loop.fit` left as ``best.pth``."""
        ...


@dataclass(frozen=True, slots=True)
class Prelabels:
    """How a trained model is registered, so that it can pre-label recordings.

    Attributes:
        architecture: Name in ``backend.models.checkpoints.designs.ARCHITECTURES``.
        config: What differs from how that architecture is used usually (see ``designs.changed``),
            by the settings that it was trained with.
        tensors: From the trained model's state to the tensors of that architecture.
    """

    architecture: str
    config: Callable[[Settings], Mapping[str, Any]] = lambda _settings: _NOTHING
    tensors: Callable[[Mapping[str, Tensor]], Mapping[str, Tensor]] = dict


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """One way to train one model.

    Attributes:
        name: What people type: lower case, words joined by hyphens.
        title: For lists.
        about: One or two sentences: what it learns, and what it is good for.
        task: What the model says.
        source: Where it comes from.
        licence: Of what is trained: whose terms its start or its source puts on it.
        needs: What the material must hold.
        settings: For each scale.
        assemble: Puts it together.
        predictor: For ``infantnet predict``; None where it says no key points of images.
        prelabels: How its checkpoints are registered; None where they cannot pre-label.
        starts: Names of checkpoints that it can begin from, the default first; empty: from random
            numbers, or what the recipe itself says.
        parameters: Of the network in its paper settings, as published; None where nobody says.
    """

    name: str
    title: str
    about: str = ""
    task: Task
    source: Source
    licence: str
    needs: frozenset[Need]
    settings: Mapping[Scale, Settings]
    assemble: Assemble
    predictor: Predictor | None = None
    prelabels: Prelabels | None = None
    starts: tuple[str, ...] = ()
    parameters: int | None = None

    @property
    def takes(self) -> Literal["image", "boxes", "other"]:
        """What a trained model is given."""
        if self.task is Task.KEYPOINTS_IN_IMAGES:
            return "image"
        return "boxes" if self.task is Task.KEYPOINTS_IN_BOXES else "other"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a finished run left in its folder.

    Attributes:
        best: File of the best model: ``state_dict`` and ``meta``, read with ``weights_only``.
        epoch: Which epoch it is of; 0 for the start itself.
        key: The metric that chose it.
        scores: Its scores on validation.
        before: The start's scores on validation; None where it was not measured.
        test: Its scores on the test split; None where there is none.
        test_before: The start's on the test split.
        folder: Holds ``run.json``, ``curves.jsonl``, ``best.pth``, ``state.pth``, ``pictures/``.
        seconds: Of this and all earlier attempts.
    """

    best: Path
    epoch: int
    key: str
    scores: Mapping[str, float]
    before: Mapping[str, float] | None
    test: Mapping[str, float] | None
    test_before: Mapping[str, float] | None
    folder: Path
    seconds: float


@dataclass
class Listener:
    """Hears of a run while it goes on; every method may be overridden, none need be.

    Attributes:
        asked_to_stop: Set to stop at the next step.
    """

    asked_to_stop: bool = field(default=False)

    def stop(self) -> bool:
        """Whether the run is to end now; asked at every step."""
        return self.asked_to_stop

    def progress(self, done: int, total: int, words: str) -> None:
        """Steps done and in total."""

    def note(self, words: str) -> None:
        """Something that people should read."""

    def row(self, row: Mapping[str, Any]) -> None:
        """A row was added to ``curves.jsonl``."""

    def picture(self, file: Path, epoch: int) -> None:
        """A picture of predictions was written."""

    def saved(self, state: Path, epoch: int) -> None:
        """``state.pth``, ``best.pth``, ``curves.jsonl`` now hold all up to the end of an epoch."""
