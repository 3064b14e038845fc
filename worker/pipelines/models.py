"""Which checkpoint a job uses: the one asked for, else the default, else one that is here."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from backend.core.settings import Settings
from backend.domain.errors import WeightsMissing
from backend.models.checkpoints.registry import DEMO_POSE, KNOWN, WeightKind
from backend.models.checkpoints.service import chosen
from backend.models.checkpoints.store import WeightStore

if TYPE_CHECKING:
    from worker.adapters.protocols import PoseEstimator, PromptableSegmenter
    from worker.runtime import ModelCache


def choose(settings: Settings, kind: WeightKind, wanted: str | None, *, demo: bool = False) -> str:
    """Name of the checkpoint to use.

    demo: whether the recording is the rendered demo, which alone may get the pose model that is
    for demonstration only, if that is good enough; a real one that is here goes before it.

    Raises:
        WeightsMissing: the one asked for is not here, or none of its kind is.
        NotFound: no checkpoint has that name.
    """
    store = WeightStore(settings.weights_dir)
    statuses = store.list()
    name = wanted or chosen(statuses, kind)
    if demo and wanted is None and kind is WeightKind.POSE and not store.status(name).present:
        known = KNOWN.get(DEMO_POSE)
        name = DEMO_POSE if known is not None and known.prelabels_demo else name
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
    settings: Settings, wanted: str | None, *, demo: bool = False
) -> tuple[PoseEstimator, str]:
    """A loaded pose model and its name; errors as :func:`choose` and ``ModelCache``."""
    name = choose(settings, WeightKind.POSE, wanted, demo=demo)
    return _models(settings).pose_estimator(name), name


def segmenter(settings: Settings, wanted: str | None) -> tuple[PromptableSegmenter, str]:
    """A loaded segmenter and its name; errors as :func:`choose` and ``ModelCache``."""
    name = choose(settings, WeightKind.SEGMENT, wanted)
    return _models(settings).segmenter(name), name
