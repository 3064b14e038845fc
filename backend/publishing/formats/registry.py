"""The formats that there are, by name.

A format is one module with one function, ``write(records, target, options)``, and one entry here.
Formats of other tools, which are read and written as plain files, stand in ``INTERCHANGE``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from backend.domain.errors import NotFound
from backend.domain.skeleton import N_JOINTS
from backend.publishing.formats import (
    coco_folders,
    coco_results,
    coco_variants,
    coco_writer,
    fits_writer,
)
from backend.publishing.formats.coco_folders import CocoFolder, FiftyOneFolder
from backend.publishing.formats.coco_frames import CocoFrames
from backend.publishing.formats.cvat import backup_writer as cvat_backup_writer
from backend.publishing.formats.cvat import layout as cvat_layout
from backend.publishing.formats.cvat import xml_writer as cvat_xml_writer
from backend.publishing.formats.cvat.backup_reader import CvatBackup
from backend.publishing.formats.cvat.xml_reader import CvatXml
from backend.publishing.formats.deeplabcut import layout as deeplabcut_layout
from backend.publishing.formats.deeplabcut import writer as deeplabcut_writer
from backend.publishing.formats.deeplabcut.reader import DeepLabCut
from backend.publishing.formats.holding import Thing
from backend.publishing.formats.label_studio import layout as label_studio_layout
from backend.publishing.formats.label_studio import writer as label_studio_writer
from backend.publishing.formats.label_studio.reader import LabelStudio
from backend.publishing.formats.labelme import layout as labelme_layout
from backend.publishing.formats.labelme import writer as labelme_writer
from backend.publishing.formats.labelme.reader import Labelme
from backend.publishing.formats.mini_rgbd import MiniRgbd
from backend.publishing.formats.reading import Reader
from backend.publishing.formats.sleap import layout as sleap_layout
from backend.publishing.formats.sleap import writer as sleap_writer
from backend.publishing.formats.sleap.reader import Sleap
from backend.publishing.formats.tracks import pack as tracks
from backend.publishing.formats.writing import WriteOptions, Written
from backend.publishing.formats.yolo import writer as yolo_writer
from backend.publishing.formats.yolo.reader import YoloFolder
from backend.publishing.labelled import BodyFits, LabelledFrame
from backend.publishing.labelled_columns import Labelled


class WriteFrames(Protocol):
    """Writes a stream of frames, of which it holds only some at a time."""

    def __call__(
        self, frames: Iterable[LabelledFrame], target: BinaryIO, options: WriteOptions, /
    ) -> Written:
        """Write, and say what was written."""
        ...


class WriteLabelled(Protocol):
    """The same, also of frames that come as columns."""

    def __call__(
        self, frames: Iterable[Labelled], target: BinaryIO, options: WriteOptions, /
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
    write: WriteLabelled


@dataclass(frozen=True, slots=True)
class FitsFormat:
    """A format of body fits; see :class:`FramesFormat`."""

    name: str
    suffix: str
    media_type: str
    write: WriteFits


Format = FramesFormat | FitsFormat


class WriteFolder(Protocol):
    """Writes a stream of frames into an empty folder."""

    def __call__(
        self, frames: Iterable[LabelledFrame], folder: Path, options: WriteOptions, /
    ) -> Written:
        """Write, and say what was written."""
        ...


@dataclass(frozen=True, slots=True)
class Interchange:
    """A format that other tools read and write.

    Attributes:
        name: On the command line.
        title: In words.
        suffix: Of its file; empty for a folder.
        pixels: What its joints count, in a few words; the source is in the module.
        holds: What it has a place for beside the places of joints.
        read: Its reader; None where it is only written.
        write: Writes its file.
        write_folder: Writes its folder, where it is one.
        boxes: Whether it wants a box of everybody.
        joints: Which of COCO's joints it has.
    """

    name: str
    title: str
    suffix: str
    pixels: str
    holds: frozenset[Thing]
    read: type[Reader] | None = None
    write: WriteFrames | None = None
    write_folder: WriteFolder | None = None
    boxes: bool = False
    joints: frozenset[int] = frozenset(range(N_JOINTS))


_FORMATS: Final[tuple[Format, ...]] = (
    FramesFormat("coco", ".json", "application/json", coco_writer.write),
    FitsFormat("fits", ".fits.npz", "application/octet-stream", fits_writer.write),
    *(
        FitsFormat(name, f".{name}.zip", "application/zip", tracks.writer(name))
        for name in tracks.TRACK_FORMATS
    ),
)
FORMATS: Final[Mapping[str, Format]] = {found.name: found for found in _FORMATS}


def format_of(name: str) -> Format:
    """The format of that name.

    Raises:
        NotFound: there is none.
    """
    found = FORMATS.get(name)
    if found is None:
        raise NotFound(f"There is no format {name}. Known are: {', '.join(FORMATS)}.")
    return found


INTERCHANGE: Final[Mapping[str, Interchange]] = {
    found.name: found
    for found in (
        Interchange(
            "coco", "COCO keypoints", ".json", "declared, else by its numbers",
            coco_writer.HOLDS, CocoFrames, coco_writer.write, boxes=True,
        ),
        Interchange(
            "coco-results", "COCO results", ".json", "index",
            coco_results.HOLDS, CocoFrames, coco_results.write,
        ),
        Interchange(
            "crowdpose", "CrowdPose, 14 joints", ".json", "declared, else by its numbers",
            coco_writer.HOLDS, CocoFrames, coco_variants.write_crowdpose, boxes=True,
            joints=coco_variants.CROWDPOSE_JOINTS,
        ),
        Interchange(
            "wholebody", "COCO-WholeBody, 133 joints", ".json", "declared, else by its numbers",
            coco_writer.HOLDS, CocoFrames, coco_variants.write_wholebody, boxes=True,
        ),
        Interchange(
            "coco-folder", "COCO’s folder", "", "as COCO",
            coco_folders.HOLDS, CocoFolder, write_folder=coco_folders.write, boxes=True,
        ),
        Interchange(
            "fiftyone", "FiftyOne’s COCO folder", "", "as COCO",
            coco_writer.HOLDS, FiftyOneFolder, write_folder=coco_folders.write_fiftyone, boxes=True,
        ),
        Interchange(
            "mini-rgbd", "MINI-RGBD (folder)", "", "index",
            frozenset((Thing.MASK, Thing.SIZE, Thing.FACTS)), MiniRgbd,
        ),
        Interchange(
            "yolo", "YOLO-pose (folder)", "", "declared, else by its numbers; written continuous",
            yolo_writer.HOLDS, YoloFolder, write_folder=yolo_writer.write, boxes=True,
        ),
        Interchange(
            "cvat", "CVAT for images 1.1 (XML)", ".xml", "continuous",
            cvat_layout.HOLDS, CvatXml, cvat_xml_writer.write,
        ),
        Interchange(
            "cvat-json", "CVAT skeletons (folder of a backup, JSON)", "", "continuous",
            cvat_layout.HOLDS, CvatBackup, write_folder=cvat_backup_writer.write,
        ),
        Interchange(
            "label-studio", "Label Studio JSON", ".json", "continuous (per cent)",
            label_studio_layout.HOLDS, LabelStudio, label_studio_writer.write, boxes=True,
        ),
        Interchange(
            "labelme", "labelme (folder of JSON files)", "", "continuous",
            labelme_layout.HOLDS, Labelme, write_folder=labelme_writer.write, boxes=True,
        ),
        Interchange(
            "deeplabcut", "DeepLabCut (CSV; H5 of labelled images is read)", ".csv", "index",
            deeplabcut_layout.HOLDS, DeepLabCut, deeplabcut_writer.write,
        ),
        Interchange(
            "sleap", "SLEAP (.slp)", ".slp", "index; continuous before format_id 1.1",
            sleap_layout.HOLDS, Sleap, sleap_writer.write,
        ),
    )
}  # fmt: skip


def interchange_of(name: str) -> Interchange:
    """The format of that name.

    Raises:
        NotFound: there is none.
    """
    found = INTERCHANGE.get(name)
    if found is None:
        raise NotFound(f"There is no format {name}. Known are: {', '.join(INTERCHANGE)}.")
    return found
