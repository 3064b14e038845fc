"""CVAT's XML, read: for images 1.1, and for video 1.1 with its tracks. Pixels: ``cvat.layout``.

Entities and document types are refused (defusedxml), the text is read in pieces. Images come in the
file's order; of a video file, whose tracks run one after the other, all shapes are held in memory.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from backend.domain.infants import PersonRole
from backend.domain.oddities import Odd
from backend.publishing.formats.cvat.layout import PIXELS
from backend.publishing.formats.findings import Findings, Spot, shown
from backend.publishing.formats.reading import (
    Reader,
    ReadOptions,
    check_size,
    frame_of,
    roles_of,
)
from backend.publishing.formats.shapes import MAX_COORDINATE, BadShape, People, Shape
from backend.publishing.labelled import LabelledFrame, LabelledImage, VideoFrame

_SHAPES: Final = frozenset(("skeleton", "points", "box", "polygon", "mask"))
_NO_SHAPES: Final = frozenset(("attribute", "tag"))
_MAX_SIDE: Final = 1_000_000
_MAX_FRAME: Final = 10_000_000


class CvatXml(Reader):
    """See the module."""

    PIXELS = PIXELS

    def __init__(
        self, path: Path, options: ReadOptions | None = None, findings: Findings | None = None
    ) -> None:
        super().__init__(path, options, findings)
        check_size(path, self.options.max_bytes)
        self._joints: dict[str, list[str]] = {}
        self._labels: set[str] = set()
        self._size = (0, 0)
        self._source = ""
        self._video = False
        self._look_through()
        self._people = People(self._joints, self.options.choices, self.rule.shift)

    def frames(self) -> Iterator[LabelledFrame]:
        """As :class:`Reader`."""
        roles = roles_of(self._labels, self.options.choices.infant)
        yield from self._tracks(roles) if self._video else self._images(roles)

    # The file as a whole

    def _elements(self) -> Iterator[Element]:
        """The children of the root and of its ``meta``, one after the other, each forgotten."""
        try:
            root: Element | None = None
            depth = 0
            for event, element in iterparse(
                str(self.path), events=("start", "end"), forbid_dtd=True
            ):
                if event == "start":
                    depth += 1
                    if root is None:
                        root = element
                        if element.tag != "annotations":
                            raise self.invalid(f"this is <{element.tag}>, not CVAT's <annotations>")
                    if depth > 64:
                        raise self.invalid("nested too deeply")
                    continue
                depth -= 1
                if depth == 1 and root is not None:
                    yield element
                    root.clear()
        except ParseError as error:
            raise self.invalid(f"this is no XML ({error})") from error
        except DefusedXmlException as error:
            raise self.invalid("document types and entities are refused") from error
        except (ValueError, LookupError) as error:
            raise self.invalid(f"this is no XML that can be read ({error})") from error

    def _look_through(self) -> None:
        known: set[str] = set()
        points: set[str] = set()
        for element in self._elements():
            if element.tag == "meta":
                self._meta(element)
            elif element.tag in ("image", "track"):
                self._video = self._video or element.tag == "track"
                shapes = [element] if element.tag == "track" else list(element)
                known |= {shape.get("label", "") for shape in shapes}
                points |= {_single(shape) for shape in shapes}
        points.discard("")
        if points:
            self._joints[""] = sorted(points)
        joints = {name for names in self._joints.values() for name in names}
        self._labels = {name for name in known if name} - joints

    def _meta(self, meta: Element) -> None:
        for label in meta.iter("label"):
            name, parent = label.findtext("name"), label.findtext("parent")
            if name and parent:
                self._joints.setdefault(parent, []).append(name)
        size = next(meta.iter("original_size"), None)
        if size is not None:
            self._size = (_side(size.findtext("width")), _side(size.findtext("height")))
        self._source = next((s.text or "" for s in meta.iter("source")), "")

    # Images

    def _images(self, roles: Mapping[str, PersonRole]) -> Iterator[LabelledFrame]:
        number = 0
        for element in self._elements():
            if element.tag != "image":
                continue
            name = element.get("name", "")
            where = f"image {element.get('id', '?')}"
            if not name.strip():
                self.findings.odd(Odd.IMAGE_UNREADABLE, where, "it has no name")
                continue
            number += 1
            spot = Spot(self.findings, where, name)
            size = (_side(element.get("width")), _side(element.get("height")))
            if not all(size):
                size = self.sizes.of(name)
            shapes = [shape for child in element if (shape := self._shape(child, spot))]
            image = LabelledImage(
                number, name, *size, source={"file": self.name, "image_id": element.get("id")},
                split=element.get("subset", ""),
            )  # fmt: skip
            yield frame_of(image, self._people.of(shapes, size, spot), roles)

    def _tracks(self, roles: Mapping[str, PersonRole]) -> Iterator[LabelledFrame]:
        by_frame: dict[int, list[Shape]] = {}
        for element in self._elements():
            if element.tag != "track":
                continue
            track, label = element.get("id", ""), element.get("label", "")
            for child in element:
                spot = Spot(self.findings, f"track {track}")
                frame = _whole(child.get("frame"))
                if frame is None or frame > _MAX_FRAME:
                    spot.odd(Odd.ANNOTATION_UNREADABLE, ".frame", shown(child.get("frame")))
                    continue
                shape = self._shape(child, spot, label=label, track=f"track {track}")
                by_frame.setdefault(frame, []).extend([shape] if shape else [])
        for number, frame in enumerate(sorted(by_frame), 1):
            name = f"frame_{frame:06d}.jpg"
            size = self._size if all(self._size) else self.sizes.of(name)
            video = VideoFrame(self._source, frame) if self._source else None
            image = LabelledImage(number, name, *size, source={"frame": frame}, video=video)
            spot = Spot(self.findings, f"frame {frame}", name)
            yield frame_of(image, self._people.of(by_frame[frame], size, spot), roles)

    def _shape(
        self, element: Element, spot: Spot, *, label: str = "", track: str = ""
    ) -> Shape | None:
        kind = element.tag
        if kind in _NO_SHAPES:
            self.losses.add("{n} tag was left out.", "{n} tags were left out.")
            return None
        attributes = sum(1 for _ in element.iter("attribute"))
        self.losses.add(
            "{n} attribute of shapes was left out.",
            "{n} attributes of shapes were left out.",
            attributes,
        )
        try:
            return _shape(element, label or element.get("label", ""), track)
        except (BadShape, ValueError) as error:
            spot.odd(Odd.ANNOTATION_UNREADABLE, f" {kind}", str(error))
            return None


def _shape(element: Element, label: str, track: str) -> Shape:
    kind = element.tag
    common: dict[str, Any] = {
        "kind": kind,
        "label": label,
        "occluded": element.get("occluded") == "1",
        "outside": element.get("outside") == "1",
        "group": _whole(element.get("group_id")) or 0,
        "track": track,
    }
    if kind == "skeleton":
        children = [child for child in element if child.tag != "attribute"]
        elements = tuple(_shape(child, child.get("label", ""), "") for child in children)
        return Shape(**common, elements=elements)
    if kind == "box":
        x0, y0, x1, y1 = (_float(element.get(name)) for name in ("xtl", "ytl", "xbr", "ybr"))
        turned = _float(element.get("rotation", "0")) != 0
        return Shape(**common, points=((x0, y0), (x1, y1)), turned=turned)
    if kind == "mask":
        runs = tuple(int(run) for run in element.get("rle", "").split(",") if run.strip())
        names = ("left", "top", "width", "height")
        left, top, width, height = (int(_float(element.get(name))) for name in names)
        return Shape(**common, runs=runs, place=(left, top, width, height))
    if kind in _SHAPES:
        pairs = [pair for pair in element.get("points", "").split(";") if pair.strip()]
        return Shape(**common, points=tuple(map(_pair, pairs)))
    return Shape(**common)


def _single(element: Element) -> str:
    """The label of a single point; empty for other shapes."""
    single = element.tag == "points" and ";" not in element.get("points", "")
    return element.get("label", "") if single else ""


def _pair(text: str) -> tuple[float, float]:
    x, _, y = text.partition(",")
    return _float(x), _float(y)


def _float(text: str | None) -> float:
    try:
        value = float(text or "")
    except ValueError as error:
        raise BadShape(f"{shown(text)} is no number") from error
    if not math.isfinite(value) or abs(value) > MAX_COORDINATE:
        raise BadShape(f"{shown(text)} is no place")
    return value


def _whole(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"\d{1,9}", text) else None


def _side(text: str | None) -> int:
    found = _whole(text)
    return found if found is not None and found <= _MAX_SIDE else 0
