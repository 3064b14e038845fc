"""Where poses are solved: by the compiled loop on a core, or in torch on a GPU where one is."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from backend.domain.errors import InvalidInput

DEVICES: Final = ("auto", "cpu", "cuda", "torch")
"""``auto``: the GPU where one is and there is enough to do. ``cpu``: the compiled loop. ``cuda``:
the GPU, or an error. ``torch``: the batches of the GPU on a CPU, slower there; for comparison."""

WORTH_A_GPU: Final = 2000
"""Moments below which ``auto`` stays with the compiled loop, which has solved them before torch is
loaded."""


def torch_device(wanted: str, moments: int) -> str | None:
    """Torch's device for so many moments, or None for the compiled loop.

    Torch is only loaded where a GPU may be, or where it is asked for.

    Args:
        wanted: One of ``DEVICES``.

    Raises:
        InvalidInput: another word, or a device that this machine does not have.
    """
    if wanted not in DEVICES:
        raise _wrong(f"device {wanted!r} is not one of {', '.join(DEVICES)}")
    if wanted == "cpu" or (wanted == "auto" and (moments < WORTH_A_GPU or not has_driver())):
        return None
    try:
        import torch
    except ImportError as error:
        if wanted == "auto":
            return None
        raise _wrong(f"device {wanted} needs the package torch") from error
    if wanted == "torch":
        return "cpu"
    if torch.cuda.is_available():
        return "cuda"
    if wanted == "cuda":
        raise _wrong("this machine has no cuda device")
    return None


def has_driver() -> bool:
    """Whether this machine looks as if it had an NVIDIA GPU."""
    return any(Path(path).exists() for path in ("/dev/nvidiactl", "/dev/dxg")) or bool(
        shutil.which("nvidia-smi")
    )


def _wrong(fault: str) -> InvalidInput:
    return InvalidInput(f"The fit cannot start: {fault}.", fault=fault)
