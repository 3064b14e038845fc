"""The images of a release, and the masks beside them: made on several threads, in order."""

from __future__ import annotations

import zlib
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath

from backend.core.storage import BlobStore
from backend.domain import masks
from backend.domain.errors import Conflict
from backend.domain.privacy.samples import Stratum, stratum_of
from backend.publishing.releases.people import ImageOfRelease
from backend.publishing.releases.publishing import WrittenFile, sha256_of, written
from backend.publishing.releases.settings import ImageCoding, Images, Masks, Packaging
from worker.media.anonymising import released_image
from worker.media.parallel import in_order, usable_cores
from worker.media.recoding import as_jpeg, as_png, mask_png

MASKS_FOLDER = "masks"


@dataclass(frozen=True, slots=True)
class WrittenImage:
    """What was stored for one image.

    Attributes:
        file_name: Its path in the release.
        files: The image and its mask, as far as they were asked for.
        ground: How its heads were masked; None where masking was not asked for.
    """

    file_name: str
    files: tuple[WrittenFile, ...]
    ground: Stratum | None


class ImageWriter:
    """Stores images of a release under a prefix.

    Args:
        storage: Where images lie, and are written to.
        prefix: Of the keys of what is written.
        packaging: What to write, and how.
    """

    def __init__(self, storage: BlobStore, prefix: str, packaging: Packaging) -> None:
        self._storage = storage
        self._prefix = prefix
        self._packaging = packaging
        self._rule = packaging.masking_rule()

    def write(self, images: Iterable[ImageOfRelease]) -> Generator[WrittenImage]:
        """Write images, and tell of each in the order given.

        Raises:
            Conflict: an image is not the one that was imported, or a head cannot be masked.
            InvalidInput: an image cannot be read, or is of another size than its labels.
        """
        return in_order((partial(self._one, image) for image in images), max(2, usable_cores()))

    def _one(self, image: ImageOfRelease) -> WrittenImage:
        files: list[WrittenFile] = []
        ground = None
        if self._packaging.images is not Images.NONE:
            file, ground = self._picture(image)
            files.append(file)
        if self._packaging.masks is Masks.FILES and image.mask is not None:
            files.append(self._put(mask_path(image.file_name), mask_png(masks.decode(image.mask))))
        return WrittenImage(image.file_name, tuple(files), ground)

    def _picture(self, image: ImageOfRelease) -> tuple[WrittenFile, Stratum | None]:
        data = self._storage.read(image.key)
        sha256 = sha256_of(data)
        if sha256 != image.sha256:
            raise Conflict(
                f"The image of {image.file_name} is not the one that was imported:"
                " its content has changed in the store."
            )
        made = released_image(
            data, image.file_name, image.people, self._rule, image.size, bare=image.bare
        )
        out = self._coded(made.data, image.file_name)
        ground = None if self._rule is None else stratum_of(made.check)
        if out == data:
            # Nothing had to be taken out of it.
            self._storage.copy(image.key, self._prefix + image.file_name)
            crc32 = zlib.crc32(data)
            return WrittenFile(image.file_name, len(data), sha256, crc32), ground
        return self._put(image.file_name, out), ground

    def _coded(self, data: bytes, name: str) -> bytes:
        if self._packaging.coding is ImageCoding.JPEG:
            return as_jpeg(data, name, self._packaging.jpeg_quality)
        return as_png(data, name) if self._packaging.coding is ImageCoding.PNG else data

    def _put(self, path: str, data: bytes) -> WrittenFile:
        self._storage.put(self._prefix + path, data)
        return written(path, data)


def mask_path(file_name: str) -> str:
    """Where the mask of an image stands in a release."""
    inside = PurePosixPath(file_name).relative_to("images").with_suffix(".png")
    return f"{MASKS_FOLDER}/{inside}"
