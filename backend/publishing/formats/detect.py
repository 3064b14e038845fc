"""Which format a file or folder is of, told by its content."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

from backend.domain.errors import InvalidInput
from backend.publishing.formats.foreign import Foreign, foreign_bytes, foreign_json
from backend.publishing.formats.hdf5 import opened
from backend.publishing.formats.json_stream import JsonFault, JsonStream
from backend.publishing.formats.reading import check_size

_START: Final = 4096
_MAX_ELEMENT: Final = 256 << 20
_LISTED: Final = 10_000
"""So many entries of a folder are looked at."""


def detect(path: Path) -> str:
    """Name of the format in ``registry.INTERCHANGE``.

    Raises:
        InvalidInput: it is of none that is read; the words name what it is, where that is known.
    """
    if path.is_dir():
        return _folder(path)
    check_size(path, 1 << 62)
    with path.open("rb") as file:
        start = file.read(_START)
    if start.startswith(b"\x89HDF"):
        with opened(path, 1 << 62) as hdf5:
            if hdf5.has("instances") and hdf5.has("pred_points"):
                return "sleap"
            if hdf5.has("df_with_missing"):
                return "deeplabcut"
    found = foreign_bytes(start, path.name)
    if found is not None:
        return _known(found, path)
    try:
        with path.open("rb") as file:
            return _json(JsonStream(file, max_element_chars=_MAX_ELEMENT), path)
    except JsonFault as error:
        raise _unknown(path, f"its format was not recognised ({error})") from error


def _known(found: Foreign, path: Path) -> str:
    if found.format:
        return found.format
    raise _unknown(path, f"this is {found.title}, which is not read here")


def _json(stream: JsonStream, path: Path) -> str:
    if stream.root() == "array":
        first = next(stream.elements(), None)
        if isinstance(first, dict) and "image_id" in first and "keypoints" in first:
            foreign = foreign_json({"": first})
            return _known(foreign, path) if foreign else "coco-results"
        return _told({"": first}, path)
    members: dict[str, Any] = {}
    for name, value in stream.members():
        members[name] = next(value, None) if isinstance(value, Iterator) else value
        first = members[name]
        if name == "annotations" and isinstance(first, dict) and "keypoints" in first:
            return "coco"
        if name == "items" or len(members) > _LISTED:
            break
    return _told(members, path)


def _told(members: dict[str, Any], path: Path) -> str:
    found = foreign_json(members)
    if found is not None:
        return _known(found, path)
    if "images" in members and "annotations" in members:
        return "coco"
    raise _unknown(
        path,
        "its format was not recognised; name it (--from, for an import --format)",
    )


def _folder(path: Path) -> str:
    names = [entry.name for entry in islice(path.iterdir(), _LISTED)]
    if "labels.json" in names and "data" in names:
        return "fiftyone"
    if "annotations" in names and _coco_folder(path):
        return "coco-folder"
    if "joints_2Ddep" in names or any((path / name / "joints_2Ddep").is_dir() for name in names):
        return "mini-rgbd"
    if "annotations.json" in names and "task.json" in names:
        return "cvat-json"
    if any(name.endswith((".yaml", ".yml")) for name in names):
        return "yolo"
    if any(name.startswith("CollectedData_") for name in names):
        return "deeplabcut"
    for file in islice(path.rglob("*.json"), 3):
        try:
            if detect(file) == "labelme":
                return "labelme"
        except InvalidInput:
            continue
    raise _unknown(
        path,
        f"what is in this folder was not recognised ({len(names)} entries); name it"
        " (--from, for an import --format)",
    )


def _coco_folder(path: Path) -> bool:
    """Whether its annotations are COCO's: named so, or else the first that are there."""
    annotations = path / "annotations"
    if any(annotations.rglob("*keypoints*.json")):
        return True
    first = next(iter(sorted(annotations.glob("*.json"))), None)
    try:
        return first is not None and detect(first) == "coco"
    except InvalidInput:
        return False


def _unknown(path: Path, fault: str) -> InvalidInput:
    name = path.name or str(path)
    return InvalidInput(f"{name}: {fault}.", file=name, fault=fault)
