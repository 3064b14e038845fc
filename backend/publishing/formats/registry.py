"""The formats that there are, by name.

A format is one module with one function, ``write(records, target, options)``, and one entry here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Final, Protocol

from backend.domain.errors import NotFound
from backend.publishing.formats import coco_writer, fits_writer
from backend.publishing.formats.writing import WriteOptions, Written
from backend.publishing.labelled import BodyFits, LabelledFrame


class WriteFrames(Protocol):
    """Writes a stream of frames, of which it holds only some at a time."""

    def __call__(
        self, frames: Iterable[LabelledFrame], target: BinaryIO, options: WriteOptions, /
    ) -> Written:
        """Write, and say what was written."""
        ...


class WriteFits(Protocol):
    """Writes body fits."""

    def __call__(self, fits: BodyFits, target: BinaryIO, options: WriteOptions, /) -> Written:
        """Write, and say what was written."""
        ...


@dataclass(frozen=True, slots=True)
class FramesFormat:
    """A format of labelled frames.

    Attributes:
        name: In requests, rows and addresses.
        suffix: Of its files.
        media_type: Of its files.
        write: The one function of its module.
    """

    name: str
    suffix: str
    media_type: str
    write: WriteFrames


@dataclass(frozen=True, slots=True)
class FitsFormat:
    """A format of body fits; see :class:`FramesFormat`."""

    name: str
    suffix: str
    media_type: str
    write: WriteFits


Format = FramesFormat | FitsFormat

FORMATS: Final[Mapping[str, Format]] = {
    found.name: found
    for found in (
        FramesFormat("coco", ".json", "application/json", coco_writer.write),
        FitsFormat("fits", ".fits.npz", "application/octet-stream", fits_writer.write),
    )
}


def format_of(name: str) -> Format:
    """The format of that name.

    Raises:
        NotFound: there is none.
    """
    found = FORMATS.get(name)
    if found is None:
        raise NotFound(f"There is no format {name}. Known are: {', '.join(FORMATS)}.")
    return found
