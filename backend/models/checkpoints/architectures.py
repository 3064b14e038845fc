"""The names and shapes of each architecture's tensors, so that a file can be held against them.

Written by ``python -m worker.adapters.signatures`` from the networks themselves, and held to them
by a test; the web server, which has no torch, reads the file.
"""

from __future__ import annotations

import gzip
import json
from functools import lru_cache
from pathlib import Path
from typing import Final

from backend.domain.errors import InvalidInput
from backend.models.checkpoints.index import Index

FILE: Final = Path(__file__).parent / "assets" / "architectures.json.gz"
TRAINING_ONLY: Final = ("head.loss_", "head.helper.", "data_preprocessor.")
"""Prefixes of tensors in published checkpoints that inference has no use for."""


def current_name(tensor: str) -> str:
    """A tensor's name as mmpose has it now: before its version 1 heads were called otherwise."""
    return (
        tensor.replace("keypoint_head.", "head.", 1) if tensor.startswith("keypoint_") else tensor
    )


@lru_cache(maxsize=1)
def signatures() -> dict[str, dict[str, tuple[int, ...]]]:
    """Shapes by tensor's name, by architecture."""
    read = json.loads(gzip.decompress(FILE.read_bytes()))
    return {
        architecture: {name: tuple(shape) for name, shape in tensors.items()}
        for architecture, tensors in read.items()
    }


def require_fit(index: Index, architecture: str, called: str) -> None:
    """Refuse a checkpoint whose tensors are not those of an architecture.

    Raises:
        InvalidInput: it is of something else; the message says what differs.
    """
    wanted = signatures()[architecture]
    shapes = {current_name(name): tensor.shape for name, tensor in index.tensors.items()}
    found = {
        name: shape
        for name, shape in shapes.items()
        if name in wanted or not name.startswith(TRAINING_ONLY)
    }
    missing = sorted(wanted.keys() - found.keys())
    unknown = sorted(found.keys() - wanted.keys())
    both = sorted(wanted.keys() & found.keys())
    differing = [name for name in both if found[name] != wanted[name]]
    faults = []
    if missing:
        faults.append(f"{len(missing)} of {len(wanted)} tensors are missing ({missing[0]}, …)")
    if unknown:
        faults.append(f"{len(unknown)} are not part of the model ({unknown[0]}, …)")
    if differing:
        name = differing[0]
        faults.append(
            f"{len(differing)} have another shape ({name} is {_words(found[name])} in the file,"
            f" {_words(wanted[name])} in the model)"
        )
    if faults:
        raise InvalidInput(
            f"{called} is not a checkpoint of {architecture}: {'; '.join(faults)}. What was there"
            " before stays.",
            file=called,
            fault="another architecture",
        )


def _words(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape)) or "a number"
