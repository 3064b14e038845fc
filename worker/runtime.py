"""Where models run, and the models that this process has loaded.

    python -m worker.runtime

prints what the model packages can do on this machine and exits with 1 if they are not installed.
"""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING, Final, Literal

import torch

from backend.domain.errors import Conflict, InvalidInput
from backend.models.checkpoints.designs import BlazePoseConfig, HeatmapConfig, RtmoConfig
from backend.models.checkpoints.status import Usable

if TYPE_CHECKING:
    from worker.adapters.protocols import BoxPoseEstimator, PoseEstimator, PromptableSegmenter

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
    """The loaded models of one process, at most one of each kind of question.

    A checkpoint that was replaced on disk is loaded anew. A process that was forked from one with
    loaded models starts empty, because neither CUDA nor OpenMP survive a fork.

    Args:
        device: Where models run.
    """

    def __init__(self, device: DeviceChoice = "auto") -> None:
        self._device: DeviceChoice = device
        self._lock = threading.Lock()
        self._process = os.getpid()
        self._loaded: dict[str, tuple[tuple[str, str, object], object]] = {}

    def pose_estimator(self, checkpoint: Usable) -> PoseEstimator:
        """A pose model that takes whole images.

        Raises:
            InvalidInput: its file does not fit the architecture, or it is no such model.
            Conflict: the wanted device is not there.
        """
        from worker.adapters.blazepose.estimator import BlazePoseEstimator
        from worker.adapters.rtmo import RtmoEstimator

        model = self._get(checkpoint, "image")
        assert isinstance(model, RtmoEstimator | BlazePoseEstimator)
        return model

    def box_pose_estimator(self, checkpoint: Usable) -> BoxPoseEstimator:
        """A pose model that takes boxes of people; errors as :meth:`pose_estimator`."""
        from worker.adapters.heatmap import HeatmapEstimator

        model = self._get(checkpoint, "boxes")
        assert isinstance(model, HeatmapEstimator)
        return model

    def segmenter(self, checkpoint: Usable) -> PromptableSegmenter:
        """A segmentation model; errors as :meth:`pose_estimator`."""
        from worker.adapters.sam2 import Sam2Segmenter

        model = self._get(checkpoint, "prompts")
        assert isinstance(model, Sam2Segmenter)
        return model

    def clear(self) -> None:
        """Forget all models and give their memory back."""
        with self._lock:
            self._loaded.clear()
            if torch.cuda.is_available():
                torch.cuda.empty_cache()

    def _get(self, checkpoint: Usable, takes: str) -> object:
        config = checkpoint.known.used_with
        if config is None or config.takes != takes:
            raise InvalidInput(
                f"{checkpoint.known.name} takes {config and config.takes}, not {takes}.",
                fault="wrong kind",
            )
        key = (checkpoint.known.name, checkpoint.sha256, config)
        with self._lock:
            if self._process != os.getpid():
                self._process = os.getpid()
                self._loaded.clear()
            held = self._loaded.get(takes)
            if held is not None and held[0] == key:
                return held[1]
            # The old model goes before the new one comes: two may not fit into the GPU.
            self._loaded.pop(takes, None)
            del held
            model = self._build(checkpoint)
            self._loaded[takes] = (key, model)
            return model

    def _build(self, checkpoint: Usable) -> object:
        device = choose_device(self._device)
        known, path = checkpoint.known, checkpoint.path
        config = known.used_with
        if isinstance(config, RtmoConfig):
            from worker.adapters.rtmo import RtmoEstimator

            return RtmoEstimator(
                known.variant,  # type: ignore[arg-type]
                path,
                device,
                score_threshold=config.least_score,
                side=config.side,
            )
        if isinstance(config, BlazePoseConfig):
            from worker.adapters.blazepose.estimator import BlazePoseEstimator

            return BlazePoseEstimator(known.variant, path, config, device)
        if isinstance(config, HeatmapConfig):
            from worker.adapters.heatmap import HeatmapEstimator

            return HeatmapEstimator(known.architecture or "", config, path, device)
        from worker.adapters.sam2 import Sam2Segmenter

        return Sam2Segmenter(known.variant, path, device)  # type: ignore[arg-type]


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
