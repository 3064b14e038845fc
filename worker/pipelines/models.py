"""Which checkpoint a job uses: the one asked for, else the default, else one that is here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from backend.core.database.engine import shared_engine
from backend.core.database.session import transaction
from backend.core.settings import Settings
from backend.domain.errors import InvalidInput, WeightsMissing
from backend.labelling.workflow.payloads import WHOLE_PICTURE
from backend.models.checkpoints import service
from backend.models.checkpoints.designs import WeightKind
from backend.models.checkpoints.status import Usable
from backend.models.checkpoints.store import WeightStore

if TYPE_CHECKING:
    from worker.adapters.protocols import PoseEstimator, PromptableSegmenter
    from worker.runtime import ModelCache


@dataclass(frozen=True, slots=True)
class Origin:
    """Which checkpoints pre-labels come from, as it is kept with them.

    Attributes:
        model: The checkpoint's name.
        sha256: Its file's hash.
        boxes_from: For a per-box model, the checkpoint that finds people, or
            ``WHOLE_PICTURE``; None for others.
        boxes_sha256: That checkpoint's hash.
    """

    model: str
    sha256: str
    boxes_from: str | None = None
    boxes_sha256: str | None = None

    def in_words(self) -> str:
        """For the job's log."""
        boxes = f", in boxes from {self.boxes_from}" if self.boxes_from else ""
        return f"{self.model} ({self.sha256[:12]}){boxes}"


def choose(
    settings: Settings,
    kind: WeightKind,
    wanted: str | None,
    *,
    instead: str | None = None,
    finds_people: bool = False,
) -> Usable:
    """The checkpoint to use.

    Args:
        settings: Where checkpoints are.
        kind: What it must do.
        wanted: The one that was asked for; None for the best that is here.
        instead: What to use where none was asked for and none of the kind is here beyond what
            comes with the product.
        finds_people: Whether it must take whole images.

    Raises:
        WeightsMissing: the one asked for is not here, or none of its kind is.
        NotFound: no checkpoint has that name.
        InvalidInput: the one asked for does something else.
    """
    store = _folder(settings)
    name = wanted or service.chosen(store.list(), kind, finds_people=finds_people)
    if instead is not None and wanted is None and _only_shipped(store, name):
        name = instead
    usable = store.usable(name)
    if usable.known.kind is not kind:
        raise InvalidInput(
            f"{name} is a model of kind “{usable.known.kind}”, not “{kind}”.", fault="wrong kind"
        )
    return usable


def pose_estimator(
    settings: Settings,
    wanted: str | None,
    *,
    boxes_from: str | None = None,
    instead: str | None = None,
) -> tuple[PoseEstimator, Origin]:
    """A loaded pose model of either kind, and what is to be told of it.

    Args:
        settings: Where checkpoints are.
        wanted: As :func:`choose`.
        boxes_from: For a per-box model: the checkpoint that finds people, or
            ``WHOLE_PICTURE``. By default the whole-image model that is here.
        instead: As :func:`choose`.

    Raises:
        InvalidInput: boxes for a model that takes none, or from one that finds no people.
    """
    chosen = choose(settings, WeightKind.POSE, wanted, instead=instead)
    models = _models(settings)
    if not _takes_boxes(chosen):
        if boxes_from is not None:
            raise InvalidInput(
                f"{chosen.known.name} takes whole pictures and needs no boxes from {boxes_from}."
            )
        return models.pose_estimator(chosen), Origin(chosen.known.name, chosen.sha256)
    from worker.adapters.in_boxes import BoxesOfPeople, EstimatorInBoxes, WholePicture

    in_boxes = models.box_pose_estimator(chosen)
    if boxes_from == WHOLE_PICTURE:
        told = Origin(chosen.known.name, chosen.sha256, WHOLE_PICTURE)
        return EstimatorInBoxes(WholePicture(), in_boxes), told
    proposer = choose(settings, WeightKind.POSE, boxes_from, finds_people=True)
    if _takes_boxes(proposer):
        raise InvalidInput(f"{proposer.known.name} finds no people: it needs boxes itself.")
    told = Origin(chosen.known.name, chosen.sha256, proposer.known.name, proposer.sha256)
    found = BoxesOfPeople(models.pose_estimator(proposer))
    return EstimatorInBoxes(found, in_boxes), told


def segmenter(settings: Settings, wanted: str | None) -> tuple[PromptableSegmenter, Origin]:
    """A loaded segmenter and what is to be told of it; errors as :func:`choose`."""
    chosen = choose(settings, WeightKind.SEGMENT, wanted)
    return _models(settings).segmenter(chosen), Origin(chosen.known.name, chosen.sha256)


def _only_shipped(store: WeightStore, name: str) -> bool:
    """Whether nobody brought or chose this one."""
    status = store.status(name)
    return status.source in (None, "shipped") and not status.chosen


def _takes_boxes(checkpoint: Usable) -> bool:
    config = checkpoint.known.used_with
    return config is not None and config.takes == "boxes"


def _folder(settings: Settings) -> WeightStore:
    """The folder of checkpoints with its rows brought up to date, in a transaction of its own."""
    with transaction(shared_engine(settings.required_database_url)) as session:
        return service.refresh(session, settings)


@lru_cache(maxsize=1)
def _cache(device: str) -> ModelCache:
    try:
        from worker.runtime import ModelCache
    except ImportError as error:
        raise WeightsMissing(
            "The model packages are not installed on this worker (it was started with MODELS=0)."
        ) from error
    return ModelCache(device)  # type: ignore[arg-type]


def _models(settings: Settings) -> ModelCache:
    return _cache(settings.inference_device)
