"""Which checkpoint a job uses: the one asked for, else the best that is on this machine."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from backend.domain.errors import WeightsMissing
from backend.settings import Settings
from backend.weights.registry import DEFAULT_POSE, DEFAULT_SEGMENT, WeightKind
from backend.weights.store import WeightStore

if TYPE_CHECKING:
    from worker.adapters.protocols import PoseEstimator, PromptableSegmenter
    from worker.runtime import ModelCache


def choose(settings: Settings, kind: WeightKind, wanted: str | None) -> str:
    """Name of the checkpoint to use. The registry lists the better ones first.

    Raises:
        WeightsMissing: the one asked for is not here, or none of its kind is.
        NotFound: no checkpoint has that name.
    """
    store = WeightStore(settings.weights_dir)
    if wanted is not None:
        store.require(wanted)
        return wanted
    present = [s.name for s in store.list() if s.kind is kind and s.present]
    if not present:
        default = DEFAULT_POSE if kind is WeightKind.POSE else DEFAULT_SEGMENT
        store.require(default)
    return present[0]


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


def pose_estimator(settings: Settings, wanted: str | None) -> tuple[PoseEstimator, str]:
    """A loaded pose model and its name; errors as :func:`choose` and ``ModelCache``."""
    name = choose(settings, WeightKind.POSE, wanted)
    return _models(settings).pose_estimator(name), name


def segmenter(settings: Settings, wanted: str | None) -> tuple[PromptableSegmenter, str]:
    """A loaded segmenter and its name; errors as :func:`choose` and ``ModelCache``."""
    name = choose(settings, WeightKind.SEGMENT, wanted)
    return _models(settings).segmenter(name), name
