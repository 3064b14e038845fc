"""What readers and writers of files share: refusals, matrices, writing whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np

from backend.domain.camera_covariance import CameraCovariance
from backend.domain.errors import InvalidInput

MAX_NUMBER: Final = 1e12
"""No length, focal length or coefficient of a camera file reaches it, whatever its unit."""


def broken(name: str, fault: str) -> InvalidInput:
    """The refusal of a file."""
    stop = "" if fault.endswith("?") else "."
    return InvalidInput(f"{name}: {fault}{stop}", file=name, fault=fault)


def replace_file(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        draft.write_bytes(data)
        draft.replace(path)
    except OSError as error:
        raise broken(str(path), f"cannot be written ({error.strerror})") from error
    finally:
        draft.unlink(missing_ok=True)


def covariance_of(values: Mapping[str, object], name: str, where: str) -> CameraCovariance | None:
    """How well a camera is known, as our own files say it; None where they do not.

    Args:
        values: The camera's entries; keys without underscores and capitals are understood too.
        name: The file.
        where: The camera, for a message.
    """
    sides = {"pose": (6, 6), "lens": (4, 4), "pose_lens": (6, 4)}
    parts = {}
    for key, (rows, columns) in sides.items():
        label = f"{key}_covariance"
        value = values.get(label, values.get(label.replace("_", "")))
        if value is not None:
            parts[key] = matrix_of(value, rows, columns, name, f"{where}{label}")
    if not parts:
        return None
    try:
        return CameraCovariance(parts.get("pose"), parts.get("lens"), parts.get("pose_lens"))
    except InvalidInput as error:
        raise broken(name, f"{where}{error.message.rstrip('.')}") from error


def matrix_of(value: object, rows: int, columns: int, name: str, what: str) -> np.ndarray:
    """Nested or flat numbers as (rows, columns).

    Raises:
        InvalidInput: they are not.
    """
    try:
        found = np.asarray(value, float).reshape(rows, columns)
    except (TypeError, ValueError, OverflowError) as error:
        raise broken(name, f"{what} is not {rows}×{columns} numbers") from error
    if not (np.abs(found) < MAX_NUMBER).all():  # not a number is not below it either
        raise broken(name, f"{what} holds a number that is infinite, not a number, or impossible")
    return found
