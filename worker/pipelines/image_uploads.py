"""Uploaded images as one source."""

from __future__ import annotations

import os
import shutil
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from backend.core.settings import Settings
from backend.domain.errors import InvalidInput
from worker.media.sources import ImageSource, SourceLimits, open_source


@contextmanager
def opened_images(files: Sequence[tuple[str, Path]], settings: Settings) -> Iterator[ImageSource]:
    """Open one archive, or several images, as a source.

    Args:
        files: Name as uploaded, and where the bytes lie.
        settings: Limits.

    Raises:
        InvalidInput: two files of one name, an archive among images, or as ``open_source``.
        TooLarge: as ``open_source``.
    """
    limits = SourceLimits(
        files=settings.max_archive_entries, total_bytes=settings.max_archive_bytes
    )
    if len(files) == 1:
        name, path = files[0]
        if name.lower().endswith(".zip") or zipfile.is_zipfile(path):
            with open_source(path, name=name, limits=limits) as source:
                yield source
            return
    names = [name for name, _ in files]
    counts = Counter(names)
    for name in names:
        if counts[name] > 1:
            raise InvalidInput(
                f"{name}: two files have this name.", file=name, fault="two files have this name"
            )
        if name.lower().endswith(".zip"):
            raise InvalidInput(
                f"{name}: send one archive alone, or images without archives.",
                file=name,
                fault="an archive among images",
            )
    with tempfile.TemporaryDirectory(dir=settings.uploads_dir) as folder:
        for name, path in files:
            link = Path(folder) / name
            try:
                os.link(path, link)
            except OSError:
                # A file system without hard links.
                shutil.copyfile(path, link)
        label = names[0] if len(names) == 1 else "images"
        with open_source(Path(folder), name=label, limits=limits) as source:
            yield source
