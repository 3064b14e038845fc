"""From a file of one format to a file of another, as a whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from backend.domain.errors import InvalidInput
from backend.publishing.formats.boxed import with_boxes
from backend.publishing.formats.findings import Found
from backend.publishing.formats.holding import Losses, Thing
from backend.publishing.formats.image_places import ImagePlaces
from backend.publishing.formats.reading import Reader, ReadOptions
from backend.publishing.formats.registry import Interchange
from backend.publishing.formats.writing import WriteOptions, Written
from backend.publishing.labelled import LabelledFrame


@dataclass(frozen=True, slots=True)
class Converted:
    """What became of a file.

    Attributes:
        written: What was written, and what the format could not hold.
        read: What there is to say about the reading.
        found: What was odd.
    """

    written: Written
    read: tuple[str, ...]
    found: tuple[Found, ...]


def convert(
    source: Path,
    target: Path,
    *,
    reads: Interchange,
    writes: Interchange,
    reading: ReadOptions,
    writing: WriteOptions,
    replacing: bool = False,
) -> Converted:
    """Read one format and write another.

    Args:
        source: File or folder.
        target: File or folder to write. It appears when all is written; on an error there is none.
        reads: Format of the source.
        writes: Format of the target.
        reading: How to read.
        writing: How to write.
        replacing: Whether a file that is there is replaced. A folder never is.

    Raises:
        InvalidInput: as reader and writer; or the target is there.
        TooLarge: as the reader.
    """
    if reads.read is None:
        raise InvalidInput(f"{reads.title} is only written, not read.")
    if writes.write is None and writes.write_folder is None:
        raise InvalidInput(f"{writes.title} is only read, not written.")
    if target.exists() and (not replacing or target.is_dir() or writes.write is None):
        raise InvalidInput(
            f"{target}: there is something already; name a new one.",
            file=str(target),
            fault="exists",
        )
    if not target.parent.is_dir():
        raise InvalidInput(
            f"{target}: its folder {target.parent} does not exist.",
            file=str(target),
            fault="no folder",
        )
    reader = reads.read(source, reading)
    losses = Losses(frozenset(Thing))
    frames: Iterator[LabelledFrame] = reader.frames()
    if writes.boxes:
        frames = with_boxes(frames, losses)
    images = writing.images or ImagePlaces(source, reading.images)
    licences = reader.licences or writing.licences
    frames = _then_required(frames, reader)
    written = _write(frames, target, writes, replace(writing, images=images, licences=licences))
    if not written.images:
        raise _nothing(reader, source)
    return Converted(
        replace(written, notes=(*written.notes, *losses.notes())),
        reader.notes,
        tuple(reader.findings),
    )


def _then_required(frames: Iterator[LabelledFrame], reader: Reader) -> Iterator[LabelledFrame]:
    """The same frames; behind the last one, choices that fitted nothing in the file are refused."""
    labels: set[str] = set()
    for frame in frames:
        labels.update(mark for p in frame.people for mark in (p.marks.name, p.marks.track))
        yield frame
    reader.require_choices(labels)


def _write(
    frames: Iterator[LabelledFrame], target: Path, writes: Interchange, options: WriteOptions
) -> Written:
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as made:
        part = Path(made) / target.name
        if writes.write_folder is not None:
            part.mkdir()
            written = writes.write_folder(frames, part, options)
        else:
            assert writes.write is not None
            with part.open("xb") as file:
                written = writes.write(frames, file, options)
                file.flush()
                os.fsync(file.fileno())
        if written.images:
            if part.is_dir():
                part.rename(target)
            else:
                part.replace(target)
        else:
            shutil.rmtree(part) if part.is_dir() else part.unlink()
    return written


def _nothing(reader: Reader, source: Path) -> InvalidInput:
    odd = " ".join(str(found) for found in reader.findings)
    fault = f"no image of it could be read{'. ' + odd if odd else ''}"
    return InvalidInput(f"{source.name}: {fault}", file=source.name, fault=fault)
