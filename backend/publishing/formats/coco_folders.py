"""COCO files in the folders in which others want or have them.

COCO's own, in which FiDIP and others use SyRIP: ``annotations/person_keypoints_SPLIT.json`` and
``images/SPLIT/NAME`` (SyRIP's splits: ``train_infant``, ``train_pre_infant``, ``validate_infant``).
This program's releases: ``annotations/SPLIT.json``, whose file names begin at the folder.
FiftyOne's: ``labels.json`` and ``data/NAME``. Sources: cocodataset.org; the README of FiDIP (Huang
et al. 2021), "Data preparation"; FiftyOne's documentation, "COCODetectionDataset".

Pixels: as COCO's files.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from backend.domain.pixels import KnownRule, RuleOrigin
from backend.publishing.formats import coco_writer
from backend.publishing.formats.coco_frames import CocoFrames
from backend.publishing.formats.findings import Findings
from backend.publishing.formats.folders import ImageCopies, relative
from backend.publishing.formats.holding import Losses, Thing
from backend.publishing.formats.image_places import KEYPOINTS_PREFIX
from backend.publishing.formats.reading import Reader, ReadOptions
from backend.publishing.formats.writing import WriteOptions, Written
from backend.publishing.labelled import LabelledFrame

HOLDS: Final = coco_writer.HOLDS | {Thing.SPLIT}
_SPLIT: Final = "train"
_MAX_SPLITS: Final = 100


def split_files(folder: Path) -> list[Path]:
    """The files of a COCO folder that hold key points, by name: those that say so, else all."""
    annotations = folder / "annotations"
    named = sorted(annotations.rglob("*keypoints*.json"))
    return named or sorted(annotations.glob("*.json"))


class CocoFolder(Reader):
    """COCO's folder with a file for each split."""

    PIXELS = CocoFrames.PIXELS

    def __init__(
        self, path: Path, options: ReadOptions | None = None, findings: Findings | None = None
    ) -> None:
        super().__init__(path, options, findings)
        found = split_files(path)
        if not found or len(found) > _MAX_SPLITS:
            raise self.invalid(f"{len(found)} files of key points in annotations/ in it")
        self._parts = [(self._split(file), self._part(file)) for file in found]
        self.licences = self._parts[0][1].licences

    @property
    def known(self) -> KnownRule:
        """As its first file has it; where files differ, that is assumed of all."""
        found = {part.known for _, part in self._parts}
        first = self._parts[0][1].known
        return first if len(found) == 1 else KnownRule(first.rule, RuleOrigin.ASSUMED)

    def frames(self) -> Iterator[LabelledFrame]:
        """As :class:`Reader`; images are numbered through all splits."""
        number = 0
        for split, part in self._parts:
            for frame in part.frames():
                number += 1
                yield replace(frame, image=replace(frame.image, id=number, split=split))
            for note in part.notes:
                self.note(note)

    def _split(self, file: Path) -> str:
        """The name of the split; files of one name in several folders keep the folder's, too."""
        name = file.stem.removeprefix(KEYPOINTS_PREFIX)
        folder = file.parent.relative_to(self.path / "annotations").as_posix()
        return name if folder == "." else f"{folder}/{name}"

    def _part(self, file: Path) -> CocoFrames:
        images = self.options.images or self.path
        return CocoFrames(file, replace(self.options, images=images), self.findings)


class FiftyOneFolder(CocoFrames):
    """FiftyOne's folder with one file."""

    def __init__(
        self, path: Path, options: ReadOptions | None = None, findings: Findings | None = None
    ) -> None:
        options = options or ReadOptions()
        options = replace(options, images=options.images or path / "data")
        super().__init__(path / "labels.json", options, findings)


def write(frames: Iterable[LabelledFrame], folder: Path, options: WriteOptions) -> Written:
    """Write COCO's folder: a file for each split, and the images that lie in ``options.images``.

    Frames are held until all are seen, because they come in any order of splits.
    """
    losses = Losses(HOLDS)
    copies = ImageCopies(options.images, losses)
    splits: dict[str, list[LabelledFrame]] = {}
    for frame in frames:
        split = frame.image.split or _SPLIT
        splits.setdefault(re.sub(r"[^\w-]", "_", split), []).append(frame)
    (folder / "annotations").mkdir()
    written = []
    for split, found in splits.items():
        for frame in found:
            name = relative(frame.image.file_name)
            copies.put(frame.image, folder / "images" / split / name)
        unsplit = [replace(frame, image=replace(frame.image, split="")) for frame in found]
        with (folder / "annotations" / f"{KEYPOINTS_PREFIX}{split}.json").open("wb") as file:
            written.append(coco_writer.write(unsplit, file, options, losses=losses))
    # What is said of joints beyond the border is of one split.
    notes = [
        f"{split}: {note}"
        for split, part in zip(splits, written, strict=True)
        for note in part.notes
    ]
    return _together(written, (*notes, *losses.notes()))


def write_fiftyone(frames: Iterable[LabelledFrame], folder: Path, options: WriteOptions) -> Written:
    """Write FiftyOne's folder with the images that lie in ``options.images``."""
    losses = Losses(coco_writer.HOLDS)
    copies = ImageCopies(options.images, losses)

    def copied() -> Iterator[LabelledFrame]:
        for frame in frames:
            name = relative(frame.image.file_name)
            copies.put(frame.image, folder / "data" / name)
            yield frame

    (folder / "data").mkdir()
    with (folder / "labels.json").open("wb") as file:
        written = coco_writer.write(copied(), file, options, losses=losses)
        file.flush()
        os.fsync(file.fileno())
    return _together([written], (*written.notes, *losses.notes()))


def _together(parts: list[Written], notes: tuple[str, ...]) -> Written:
    return Written(
        sum(part.images for part in parts),
        sum(part.annotations for part in parts),
        notes=notes,
    )
