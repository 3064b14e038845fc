"""Reads checkpoints into networks, running nothing that lies in the file."""

from __future__ import annotations

import pickle
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor, nn

from backend.domain.errors import InvalidInput, WeightsMissing
from backend.models.checkpoints.architectures import current_name
from worker.adapters import unpickling

_NESTED: Final = ("state_dict", "model", "model_state_dict")
"""Where frameworks put the tensors: mmengine, SAM 2, others."""


def load_checkpoint(
    network: nn.Module, path: Path, called: str, ignored: Sequence[str] = ()
) -> None:
    """Fill a network with a checkpoint's tensors, all of them or none.

    Args:
        network: Changed in place; on the CPU.
        path: The file.
        called: The architecture's name for errors, for example “RTMO-l”.
        ignored: Prefixes of keys in the file that the network has no place for.

    Raises:
        WeightsMissing: there is no such file.
        InvalidInput: the file cannot be read, holds more than tensors, or does not fit.
    """
    found = {
        name: tensor
        for name, tensor in read_tensors(path).items()
        if not name.startswith(tuple(ignored))
    }
    fill(network, found, path, called)


def read_tensors(path: Path) -> dict[str, Tensor]:
    """The named tensors in a checkpoint, on the CPU.

    Raises:
        WeightsMissing: there is no such file.
        InvalidInput: the file cannot be read or holds more than tensors and plain values.
    """
    if not path.is_file():
        raise WeightsMissing(
            f"The checkpoint {path} is not there. “infantnet weights list” shows which are, "
            "“infantnet weights pull NAME” fetches one.",
            file=str(path),
        )
    try:
        content = _load(path)
    except pickle.UnpicklingError as error:
        raise InvalidInput(
            f"{path.name} holds Python objects besides tensors and is not loaded, because reading "
            f"them could run code: {_first_line(error)}",
            file=str(path),
            fault="not only tensors",
        ) from error
    except (RuntimeError, EOFError, ValueError, KeyError) as error:
        raise InvalidInput(
            f"{path.name} cannot be read as a checkpoint: {_first_line(error)}",
            file=str(path),
            fault="unreadable",
        ) from error
    return _tensors_of(content, path)


def _tensors_of(content: Any, path: Path) -> dict[str, Tensor]:
    if isinstance(content, Mapping):
        for key in _NESTED:
            if isinstance(content.get(key), Mapping):
                content = content[key]
                break
        tensors = {
            current_name(str(name).removeprefix("module.")): value
            for name, value in content.items()
            if isinstance(value, Tensor)
        }
        if tensors:
            return tensors
    raise InvalidInput(f"{path.name} holds no named tensors.", file=str(path), fault="no tensors")


def fill(network: nn.Module, found: Mapping[str, Tensor], path: Path, called: str) -> None:
    """Fill a network with tensors of a file, all of them or none.

    Args:
        network: Changed in place.
        found: By their names in the network.
        path: Where they are from, for errors.
        called: The architecture's name, for errors.

    Raises:
        InvalidInput: they are of another network; the message says what differs.
    """
    wanted = network.state_dict()
    missing = sorted(wanted.keys() - found.keys())
    unknown = sorted(found.keys() - wanted.keys())
    differing = [
        f"{name} is {_shape(found[name])} in the file, {_shape(wanted[name])} in the model"
        for name in sorted(wanted.keys() & found.keys())
        if found[name].shape != wanted[name].shape
    ]
    faults = []
    if missing:
        faults.append(f"{len(missing)} of {len(wanted)} tensors are missing ({missing[0]}, …)")
    if unknown:
        faults.append(f"{len(unknown)} are not part of the model ({unknown[0]}, …)")
    if differing:
        faults.append(f"{len(differing)} have another shape ({differing[0]})")
    if faults:
        raise InvalidInput(
            f"{path.name} is not a checkpoint of {called}: {'; '.join(faults)}.",
            file=str(path),
            fault="another architecture",
        )
    network.load_state_dict(found)


def _load(path: Path) -> Any:
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:
        # torch refuses the whole file for a log buffer beside the tensors; ours leaves it lifeless.
        return torch.load(path, map_location="cpu", weights_only=False, pickle_module=unpickling)


def _shape(tensor: Tensor) -> str:
    return "×".join(map(str, tensor.shape)) or "a number"


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
