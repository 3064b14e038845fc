"""Files of a run that are whole or not there, whatever dies while they are written."""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from backend.domain.errors import InvalidInput


def save(content: Mapping[str, Any], file: Path) -> None:
    """Write a checkpoint; what was there before stays until the new one is on the disk.

    Raises:
        OSError: the disk is full or fails; what was there before stays.
    """
    draft = file.with_name(f".{file.name}.new")
    try:
        with draft.open("wb") as stream:
            torch.save(dict(content), stream)
            _settle(stream.fileno())
        draft.replace(file)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    _settle_folder(file.parent)


def load(file: Path) -> dict[str, Any]:
    """A checkpoint that :func:`save` wrote: tensors and plain values, nothing that runs.

    Raises:
        InvalidInput: it is not there, holds something else, or is damaged.
    """
    try:
        content = torch.load(file, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError) as error:
        first = (str(error).strip() or type(error).__name__).splitlines()[0].split(". ")[0]
        raise InvalidInput(
            f"{file.name} cannot be read as a checkpoint of a run: {first}", file=str(file)
        ) from error
    except OSError as error:
        raise InvalidInput(f"{file} cannot be read: {error.strerror}.", file=str(file)) from error
    if not isinstance(content, dict):
        raise InvalidInput(f"{file.name} is no checkpoint of a run.", file=str(file))
    return content


def load_json(file: Path) -> dict[str, Any]:
    """Plain values that :func:`write_json` wrote.

    Raises:
        InvalidInput: it is damaged, or something else.
    """
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InvalidInput(
            f"{file} is damaged: {error}. Name a new folder for another run.", file=str(file)
        ) from error
    if not isinstance(content, dict):
        raise InvalidInput(f"{file} tells of no run.", file=str(file))
    return content


def write_json(content: Mapping[str, Any], file: Path) -> None:
    """Write plain values; what was there before stays until all is on the disk."""
    write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", file)


def write_text(text: str, file: Path) -> None:
    """The same for text."""
    draft = file.with_name(f".{file.name}.new")
    try:
        with draft.open("w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            _settle(stream.fileno())
        draft.replace(file)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _settle(number: int) -> None:
    os.fsync(number)


def _settle_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
