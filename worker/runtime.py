"""Where models run, and the models that this process has loaded.

    python -m worker.runtime

prints what the model packages can do on this machine and exits with 1 if they are not installed.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import torch

from backend.domain.errors import Conflict, InvalidInput
from backend.models.checkpoints.registry import DEFAULT_POSE, DEFAULT_SEGMENT, KNOWN, WeightKind
from backend.models.checkpoints.store import WeightStore

if TYPE_CHECKING:
    from worker.adapters.protocols import PoseEstimator, PromptableSegmenter

DeviceChoice = Literal["auto", "cpu", "cuda", "mps"]


def choose_device(wanted: DeviceChoice = "auto") -> torch.device:
    """The device for models: an NVIDIA GPU, else Apple's, else the CPU.

    Raises:
        Conflict: a device was asked for that this machine does not have.
    """
    available = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if wanted == "auto":
        return torch.device(next(name for name, there in available.items() if there))
    if not available[wanted]:
        raise Conflict(f"This machine has no {wanted} device for the models.", device=wanted)
    return torch.device(wanted)


class ModelCache:
    """The loaded models of one process, at most one of each kind.

    A checkpoint that was replaced on disk is loaded anew. A process that was forked from one with
    loaded models starts empty, because neither CUDA nor OpenMP survive a fork.

    Args:
        store: Where checkpoints lie.
        device: Where models run.
    """

    def __init__(self, store: WeightStore, device: DeviceChoice = "auto") -> None:
        self._store = store
        self._device: DeviceChoice = device
        self._lock = threading.Lock()
        self._process = os.getpid()
        self._loaded: dict[WeightKind, tuple[tuple[str, str | None], object]] = {}

    def pose_estimator(self, name: str = DEFAULT_POSE) -> PoseEstimator:
        """A pose model by its checkpoint's name.

        Raises:
            NotFound: no checkpoint has that name.
            WeightsMissing: its checkpoint is not on this machine.
            InvalidInput: its file does not fit the architecture, or it is no pose model.
            Conflict: the wanted device is not there.
        """
        from worker.adapters.rtmo import RtmoEstimator

        model = self._get(name, WeightKind.POSE)
        assert isinstance(model, RtmoEstimator)
        return model

    def segmenter(self, name: str = DEFAULT_SEGMENT) -> PromptableSegmenter:
        """A segmentation model by its checkpoint's name.

        Raises:
            NotFound: no checkpoint has that name.
            WeightsMissing: its checkpoint is not on this machine.
            InvalidInput: its file does not fit the architecture, or it segments nothing.
            Conflict: the wanted device is not there.
        """
        from worker.adapters.sam2 import Sam2Segmenter

        model = self._get(name, WeightKind.SEGMENT)
        assert isinstance(model, Sam2Segmenter)
        return model

    def clear(self) -> None:
        """Forget all models and give their memory back."""
        with self._lock:
            self._loaded.clear()
            if torch.cuda.is_available():
                torch.cuda.empty_cache()

    def _get(self, name: str, kind: WeightKind) -> object:
        path = self._store.require(name)
        status = self._store.status(name)
        if status.kind is not kind:
            raise InvalidInput(
                f"{name} is a model of kind “{status.kind}”, not “{kind}”.", fault="wrong kind"
            )
        key = (name, status.sha256)
        with self._lock:
            if self._process != os.getpid():
                self._process = os.getpid()
                self._loaded.clear()
            held = self._loaded.get(kind)
            if held is not None and held[0] == key:
                return held[1]
            # The old model goes before the new one comes: two may not fit into the GPU.
            self._loaded.pop(kind, None)
            del held
            model = self._build(name, kind, path)
            self._loaded[kind] = (key, model)
            return model

    def _build(self, name: str, kind: WeightKind, path: Path) -> object:
        device = choose_device(self._device)
        variant: str = KNOWN[name].variant
        if kind is WeightKind.POSE:
            from worker.adapters.rtmo import SCORE_THRESHOLD, RtmoEstimator

            known = KNOWN[name]
            least = SCORE_THRESHOLD if known.least_score is None else known.least_score
            return RtmoEstimator(
                variant,  # type: ignore[arg-type]
                path,
                device,
                score_threshold=least,
                side=known.side,
            )
        from worker.adapters.sam2 import Sam2Segmenter

        return Sam2Segmenter(variant, path, device)  # type: ignore[arg-type]


def describe() -> dict[str, str]:
    """The model packages and the device, for people.

    Raises:
        ImportError: a model package is missing or broken.
    """
    import sam2
    import torchvision

    from worker.adapters.cores import usable_cores
    from worker.adapters.openmmlab import registry

    registry()
    device = choose_device()
    facts: Final = {
        "torch": torch.__version__,
        "torchvision": torchvision.__version__,
        "mmpose": _version("mmpose"),
        "sam2": _version(sam2.__name__),
        "device": str(device),
        "cores": str(usable_cores()),
    }
    if device.type == "cuda":
        facts["gpu"] = torch.cuda.get_device_name(device)
    return facts


def _version(package: str) -> str:
    from importlib.metadata import version

    return version(package)


if __name__ == "__main__":
    try:
        for title, fact in describe().items():
            print(f"{title:12} {fact}")
    except ImportError as problem:
        sys.exit(f"The model packages are not usable: {problem}")
