"""labelme's files, read: one, or all of a folder. Layout, sources and pixels: ``labelme.layout``.

Shapes of one ``group_id`` are one person; without it, points are one person where each joint is
there once. Circles, lines and the like are counted as left out, and so are pictures in the files.
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Iterator, Mapping
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
from PIL import Image, UnidentifiedImageError

from backend.domain.limits import MAX_IMAGE_PIXELS
from backend.domain.oddities import Odd
from backend.publishing.formats.findings import Findings, Spot, shown
from backend.publishing.formats.labelme.layout import OCCLUDED, PIXELS
from backend.publishing.formats.reading import MAX_FILES, Reader, ReadOptions, frame_of, roles_of
from backend.publishing.formats.shapes import MAX_COORDINATE, BadShape, People, Shape, runs_of
from backend.publishing.labelled import LabelledFrame, LabelledImage

_MAX_FILE: Final = 256 << 20
_KINDS: Final = {"point": "points", "rectangle": "box", "polygon": "polygon", "mask": "mask"}
_MAX_SIDE: Final = 1_000_000


class Labelme(Reader):
    """See the module. Files are read twice, one at a time."""

    PIXELS = PIXELS

    def __init__(
        self, path: Path, options: ReadOptions | None = None, findings: Findings | None = None
    ) -> None:
        super().__init__(path, options, findings)
        self._root = path if path.is_dir() else path.parent
        self._files = [path] if path.is_file() else sorted(islice(path.rglob("*.json"), MAX_FILES))
        if not self._files:
            raise self.invalid("there is no .json file in this folder")
        joints: dict[str, None] = {}
        self._labels: set[str] = set()
        read = 0
        for _, document in self._documents(told=False):
            read += 1
            for shape in document["shapes"]:
                label = shape.get("label") if isinstance(shape, dict) else None
                if isinstance(label, str):
                    if shape.get("shape_type") == "point":
                        joints[label] = None
                    else:
                        self._labels.add(label)
        if not read:
            raise self.invalid("none of its .json files is labelme's")
        named = {"": list(joints)} if joints else {}
        self._people = People(named, self.options.choices, self.rule.shift)

    def frames(self) -> Iterator[LabelledFrame]:
        """As :class:`Reader`."""
        roles = roles_of(self._labels, self.options.choices.infant)
        for number, (path, document) in enumerate(self._documents(told=True), 1):
            name = self._name(path, document)
            spot = Spot(self.findings, path.name, name)
            sides = [document.get(key) for key in ("imageWidth", "imageHeight")]
            size = (0, 0)
            if all(type(n) is int and 1 <= n <= _MAX_SIDE for n in sides):
                size = (int(sides[0] or 0), int(sides[1] or 0))
            size = size if all(size) else self.sizes.of(name)
            if document.get("imageData"):
                self.losses.add(
                    "{n} picture inside of a file was left out.",
                    "{n} pictures inside of files were left out.",
                )
            shapes = []
            for told in document["shapes"]:
                try:
                    shapes.append(_shape(told))
                except BadShape as error:
                    spot.odd(Odd.ANNOTATION_UNREADABLE, "", str(error))
            people = self._people.of(shapes, size, spot)
            yield frame_of(LabelledImage(number, name, *size), people, roles)

    def _documents(self, *, told: bool) -> Iterator[tuple[Path, dict[str, Any]]]:
        for path in self._files:
            size = path.stat().st_size
            document: Any = None
            if 0 < size <= _MAX_FILE:
                try:
                    document = orjson.loads(path.read_bytes())
                except orjson.JSONDecodeError:
                    document = None
            known = isinstance(document, dict) and isinstance(document.get("shapes"), list)
            if known and "imagePath" in document:
                yield path, document
            elif told:
                self.findings.odd(Odd.IMAGE_UNREADABLE, path.name, "this is no file of labelme's")

    def _name(self, path: Path, document: Mapping[str, Any]) -> str:
        """The image's path below the folder: beside its labels, under the name that they give."""
        named = document.get("imagePath")
        base = named.replace("\\", "/").rpartition("/")[2] if isinstance(named, str) else ""
        folder = path.relative_to(self._root).parent
        return (folder / (base or f"{path.stem}.jpg")).as_posix()


def _shape(told: Any) -> Shape:
    if not isinstance(told, dict) or not isinstance(told.get("label"), str):
        raise BadShape("a shape without a label")
    kind = str(told.get("shape_type") or "polygon")
    group, flags = told.get("group_id"), told.get("flags")
    common: dict[str, Any] = {
        "kind": _KINDS.get(kind, kind),
        "label": told["label"],
        "group": group + 1 if type(group) is int and group >= 0 else 0,
        "occluded": isinstance(flags, dict) and flags.get(OCCLUDED) is True,
    }
    points = told.get("points")
    pairs = points if isinstance(points, list) else []
    if not all(isinstance(p, list) and len(p) == 2 and all(map(_sound, p)) for p in pairs):
        raise BadShape(f"points: {shown(points)}")
    placed = tuple((float(x), float(y)) for x, y in pairs)
    if kind in ("rectangle", "mask"):
        if len(placed) != 2:
            raise BadShape(f"a {kind} with {len(placed)} points")
        (x0, y0), (x1, y1) = placed
        placed = ((min(x0, x1), min(y0, y1)), (max(x0, x1), max(y0, y1)))
    if kind == "mask":
        return Shape(**common, **_mask(told.get("mask"), placed))
    if kind == "polygon" and len(placed) < 3:
        raise BadShape("an outline of fewer than three points")
    if kind == "point" and len(placed) != 1:
        raise BadShape(f"a point with {len(placed)} places")
    return Shape(**common, points=placed)


def _mask(text: Any, corners: tuple[tuple[float, float], ...]) -> dict[str, Any]:
    try:
        data = base64.b64decode(text if isinstance(text, str) else "", validate=True)
        with Image.open(BytesIO(data), formats=("PNG",)) as image:
            if not 0 < image.width * image.height <= MAX_IMAGE_PIXELS:
                raise BadShape("the mask is too large")
            pixels = np.asarray(image.convert("L")) > 0
    except (
        binascii.Error, UnidentifiedImageError, OSError, ValueError, SyntaxError,
        Image.DecompressionBombError,
    ) as error:  # fmt: skip
        raise BadShape("the mask is no PNG picture") from error
    left, top = int(corners[0][0]), int(corners[0][1])
    if not pixels.any():
        raise BadShape("the mask is empty")
    runs, (x, y, width, height) = runs_of(pixels)
    return {"runs": tuple(runs), "place": (left + x, top + y, width, height)}


def _sound(number: Any) -> bool:
    known = type(number) in (int, float)
    return known and math.isfinite(number) and abs(number) <= MAX_COORDINATE
