"""What a file of predictions predicts, told from its name and its first bytes."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path, PurePath
from typing import Final

from backend.domain.evaluation.entries import PredictedKind
from backend.publishing.formats.json_stream import GZIP

_LOOKED_AT: Final = 4096


def kind_of(path: Path, name: str | None = None) -> PredictedKind:
    """Bodies in numpy archives, postures in tables or in JSON without key points, joints else.

    Args:
        path: The file; where there is none, its name decides.
        name: What it is called, where ``path`` is not.
    """
    suffix = PurePath(name or path.name).suffix.casefold()
    if suffix == ".npz":
        return PredictedKind.BODIES
    if suffix in (".csv", ".tsv"):
        return PredictedKind.POSTURES
    if path.is_file():
        start = _start(path)
        if b'"keypoints"' not in start and (b'"posture"' in start or b'"scores"' in start):
            return PredictedKind.POSTURES
    return PredictedKind.JOINTS


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        start = file.read(_LOOKED_AT)
        if not start.startswith(GZIP):
            return start
        file.seek(0)
        try:
            with gzip.GzipFile(fileobj=file) as packed:
                return packed.read(_LOOKED_AT)
        except (OSError, EOFError, zlib.error):
            return start
