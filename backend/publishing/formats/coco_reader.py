"""Strict reader of COCO keypoint files. Source of the format: cocodataset.org, "Data format"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from backend.domain.errors import InvalidInput, TooLarge
from backend.domain.limits import MAX_JSON_BYTES
from backend.publishing.formats.coco import CocoDataset
from backend.publishing.formats.coco_collector import Collector
from backend.publishing.formats.coco_elements import (
    Fault,
    read_annotation,
    read_category,
    read_image,
)
from backend.publishing.formats.json_stream import JsonFault, JsonObjectStream

MAX_BYTES: Final = MAX_JSON_BYTES


def read_coco(path: Path, *, name: str | None = None, max_bytes: int = MAX_BYTES) -> CocoDataset:
    """Read a COCO keypoint file and check every element.

    The text is read in pieces: beside the result, memory holds one element at a time. An annotated
    person takes about 3 KB, so 100,000 people take 300 MB.

    Args:
        path: The JSON file.
        name: What to call the file in errors, by default its own name.
        max_bytes: Largest allowed file.

    Raises:
        InvalidInput: the first fault, with its place such as ``annotations[12].keypoints``.
        TooLarge: the file exceeds ``max_bytes``.
    """
    name = name or path.name
    if not path.is_file():
        raise _invalid(name, "there is no such file")
    size = path.stat().st_size
    if size == 0:
        raise _invalid(name, "the file is empty (0 bytes)")
    if size > max_bytes:
        fault = (
            f"the file has {size / (1 << 20):,.0f} MiB, the limit is {max_bytes / (1 << 20):,.0f} "
            "MiB; split it into several files"
        )
        raise TooLarge(f"{name}: {fault}.", file=name, fault=fault)
    try:
        with path.open("rb") as file:
            return _read(JsonObjectStream(file))
    except (JsonFault, Fault) as error:
        raise _invalid(name, str(error)) from error


def _read(stream: JsonObjectStream) -> CocoDataset:
    collector = Collector()
    plain: dict[str, Any] = {"info": {}, "licenses": []}
    missing = {"images", "annotations", "categories"}
    for key, value in stream.members():
        if key in missing:
            missing.discard(key)
            if not isinstance(value, Iterator):
                raise Fault(key, "an array was expected")
        if key == "images":
            for i, element in enumerate(value):
                collector.add_image(i, read_image(element, f"images[{i}]"))
        elif key == "annotations":
            for i, element in enumerate(value):
                collector.add_annotation(i, *read_annotation(element, f"annotations[{i}]"))
        elif key == "categories":
            for i, element in enumerate(value):
                collector.add_category(*read_category(element, f"categories[{i}]"))
        elif key in plain:
            plain[key] = list(value) if isinstance(value, Iterator) else value
    if missing:
        raise Fault(
            "", f"this is not a COCO keypoint file: {' and '.join(sorted(missing))} missing"
        )
    info = plain["info"] if isinstance(plain["info"], dict) else {}
    licenses: Iterable[Any] = plain["licenses"] if isinstance(plain["licenses"], list) else []
    return collector.finish(info, [entry for entry in licenses if isinstance(entry, dict)])


def _invalid(name: str, fault: str) -> InvalidInput:
    return InvalidInput(f"{name}: {fault}.", file=name, fault=fault)
