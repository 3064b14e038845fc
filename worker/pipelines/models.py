"""Which checkpoint a job uses: the one asked for, else the default, else one that is here."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from backend.core.settings import Settings
from backend.domain.errors import WeightsMissing
from backend.models.checkpoints.registry import WeightKind
from backend.models.checkpoints.service import chosen
from backend.models.checkpoints.store import WeightStore

if TYPE_CHECKING:
    from worker.adapters.protocols import PoseEstimator, PromptableSegmenter
    from worker.runtime import ModelCache


def choose(
    settings: Settings, kind: WeightKind, wanted: str | None, *, instead: str | None = None
) -> str:
    """Name of the checkpoint to use.

    Args:
        settings: Where checkpoints are.
        kind: What it must do.
        wanted: The one that was asked for; None for the best that is here.
        instead: What to use where none of the kind is here and none was asked for.

    Raises:
        WeightsMissing: the one asked for is not here, or none of its kind is.
        NotFound: no checkpoint has that name.
    """
    store = WeightStore(settings.weights_dir)
    statuses = store.list()
    name = wanted or chosen(statuses, kind)
    if instead is not None and wanted is None and not store.status(name).present:
        name = instead
    store.require(name)
    return name


@lru_cache(maxsize=1)
def _cache(settings_key: tuple[str, str]) -> ModelCache:
    try:
        from worker.runtime import ModelCache
    except ImportError as error:
        raise WeightsMissing(
            "The model packages are not installed on this worker (it was started with MODELS=0)."
        ) from error
    folder, device = settings_key
    return ModelCache(WeightStore(folder), device)  # type: ignore[arg-type]


def _models(settings: Settings) -> ModelCache:
    return _cache((str(settings.weights_dir), settings.inference_device))


def pose_estimator(
    settings: Settings, wanted: str | None, *, instead: str | None = None
) -> tuple[PoseEstimator, str]:
    """A loaded pose model and its name; errors as :func:`choose` and ``ModelCache``."""
    name = choose(settings, WeightKind.POSE, wanted, instead=instead)
    return _models(settings).pose_estimator(name), name


def segmenter(settings: Settings, wanted: str | None) -> tuple[PromptableSegmenter, str]:
    """A loaded segmenter and its name; errors as :func:`choose` and ``ModelCache``."""
    name = choose(settings, WeightKind.SEGMENT, wanted)
    return _models(settings).segmenter(name), name
