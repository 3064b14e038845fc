"""Uploaded images as one source, and a COCO file's images found in it."""

from __future__ import annotations

import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from backend.core.settings import Settings
from backend.domain.errors import InvalidInput
from backend.publishing.formats.coco import CocoAnnotation, CocoImage
from backend.publishing.formats.coco_reader import read_coco
from worker.media.images import list_images
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
    for name in names:
        if names.count(name) > 1:
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


@dataclass(frozen=True, slots=True)
class CocoMatch:
    """A COCO file whose images were found.

    Attributes:
        name: The file's name.
        paths: Paths of its images in the source, in the file's order.
        images: The file's image of each path.
        people_by_path: People by path; paths without people are missing.
        unused: Images of the source that the file does not name.
    """

    name: str
    paths: list[str]
    images: Mapping[str, CocoImage]
    people_by_path: Mapping[str, Sequence[CocoAnnotation]]
    unused: int

    def check_sizes(self, sizes: Mapping[str, tuple[int, int]]) -> None:
        """Hold the file's image sizes against the images themselves.

        Raises:
            InvalidInput: one differs, so that its joints would lie elsewhere.
        """
        for path, image in self.images.items():
            found = sizes[path[-255:]]
            if found != (image.width, image.height):
                fault = (
                    f"image {image.id} ({image.file_name}) is said to be"
                    f" {image.width} x {image.height} pixels, but has {found[0]} x {found[1]}"
                )
                raise InvalidInput(f"{self.name}: {fault}.", file=self.name, fault=fault)


def match_coco(path: Path, name: str, source: ImageSource, max_bytes: int) -> CocoMatch:
    """Read a COCO file and find its images: by whole path, else by a file name that is unique.

    Raises:
        InvalidInput: a fault of the file, or an image that is missing or ambiguous.
        TooLarge: the file exceeds ``max_bytes``.
    """
    data = read_coco(path, name=name, max_bytes=max_bytes)
    present = list_images(source).images
    by_name: dict[str, list[str]] = {}
    for candidate in present:
        by_name.setdefault(PurePosixPath(candidate).name, []).append(candidate)
    whole = set(present)
    images: dict[str, CocoImage] = {}
    for image in data.images:
        wanted = image.file_name.replace("\\", "/")
        found = [wanted] if wanted in whole else by_name.get(PurePosixPath(wanted).name, [])
        if len(found) != 1 or found[0] in images:
            fault = f"image {image.id} ({image.file_name}) " + (
                "is not among the images" if not found else "fits several images"
            )
            raise InvalidInput(f"{name}: {fault}.", file=name, fault=fault)
        images[found[0]] = image
    return CocoMatch(
        name=name,
        paths=list(images),
        images=images,
        people_by_path={
            path_: data.candidates[image.id]
            for path_, image in images.items()
            if image.id in data.candidates
        },
        unused=len(present) - len(images),
    )
