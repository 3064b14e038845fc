"""CVAT for images 1.1 (XML), written. Pixels and sources: ``cvat.layout``.

A person is a skeleton with a joint in the place of each of COCO's (``outside`` where it is absent),
and a box and a mask, or the outlines that it was read as, of the same group. Such a file is
uploaded as annotations to a task that has the skeleton labels which it lists.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final
from xml.sax.saxutils import escape, quoteattr

from backend.domain import masks
from backend.domain.errors import InvalidInput
from backend.domain.keypoints import Joint, Visibility
from backend.domain.skeleton import JOINTS
from backend.publishing.formats.cvat.layout import HOLDS, PIXELS
from backend.publishing.formats.holding import Losses, is_nobody, label_of
from backend.publishing.formats.shapes import runs_of
from backend.publishing.formats.writing import DECIMALS, WriteOptions, Written
from backend.publishing.labelled import LabelledFrame, LabelledPerson

_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_COPY_BYTES: Final = 1 << 20


def write(frames: Iterable[LabelledFrame], target: BinaryIO, options: WriteOptions) -> Written:
    """Write in one pass; images wait in a temporary file, because their labels come first.

    Raises:
        InvalidInput: a name with characters that XML cannot hold.
    """
    losses = Losses(HOLDS)
    labels: dict[str, None] = {}
    images = people = 0
    with tempfile.TemporaryFile(dir=options.scratch) as spool:
        for frame in frames:
            losses.see(frame)
            losses.nobody(sum(map(is_nobody, frame.people)))
            for line in _image(frame, images, labels):
                spool.write(line.encode() + b"\n")
            images += 1
            people += len(frame.people)
        target.write(_head(options.title, labels, images).encode())
        spool.seek(0)
        shutil.copyfileobj(spool, target, _COPY_BYTES)
    target.write(b"</annotations>\n")
    return Written(images, people, notes=losses.notes())


def _head(title: str, labels: Iterable[str], images: int) -> str:
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        "<annotations>",
        "  <version>1.1</version>",
        "  <meta>",
        "    <task>",
        f"      <name>{escape(_clean(title))}</name>",
        f"      <size>{images}</size>",
        "      <mode>annotation</mode>",
        "      <labels>",
    ]
    for label in labels:
        lines += _label(label, "skeleton", "")
        for joint in JOINTS:
            lines += _label(joint, "points", label)
    return "\n".join([*lines, "      </labels>", "    </task>", "  </meta>", ""])


def _label(name: str, kind: str, parent: str) -> list[str]:
    return [
        "        <label>",
        f"          <name>{escape(_clean(name))}</name>",
        f"          <type>{kind}</type>",
        "          <attributes>",
        "          </attributes>",
        *([f"          <parent>{escape(parent)}</parent>"] if parent else []),
        "        </label>",
    ]


def _image(frame: LabelledFrame, number: int, labels: dict[str, None]) -> Iterator[str]:
    image = frame.image
    yield (
        f"  <image id={quoteattr(str(number))} name={quoteattr(_clean(image.file_name))}"
        f' width="{image.width}" height="{image.height}">'
    )
    for group, person in enumerate(frame.people, 1):
        labels.setdefault(label_of(person))
        yield from _person(person, group)
    yield "  </image>"


def _person(person: LabelledPerson, group: int) -> Iterator[str]:
    label = quoteattr(_clean(label_of(person)))
    common = f'label={label} source="manual"'
    if person.joints.num_keypoints:
        yield f'    <skeleton {common} z_order="0" group_id="{group}">'
        for name, joint in zip(JOINTS, person.joints.joints, strict=True):
            yield _joint(name, joint)
        yield "    </skeleton>"
    box = person.box
    if box is not None:
        corners = (box.x, box.y, box.x + box.width, box.y + box.height)
        edges = zip(("xtl", "ytl", "xbr", "ybr"), map(_number, corners), strict=True)
        places = " ".join(f'{name}="{value}"' for name, value in edges)
        yield f'    <box {common} occluded="0" {places} z_order="0" group_id="{group}"></box>'
    for outline in (person.mask.outlines or ()) if person.mask else ():
        points = ";".join(
            f"{_number(x)},{_number(y)}" for x, y in zip(outline[::2], outline[1::2], strict=True)
        )
        yield (
            f'    <polygon {common} occluded="0" points="{points}" z_order="0"'
            f' group_id="{group}"></polygon>'
        )
    if person.mask is not None and person.mask.outlines is None and person.mask.area:
        runs, (left, top, width, height) = runs_of(masks.decode(person.mask.rle))
        yield (
            f'    <mask {common} occluded="0" rle="{", ".join(map(str, runs))}" left="{left}"'
            f' top="{top}" width="{width}" height="{height}" z_order="0" group_id="{group}"></mask>'
        )


def _joint(name: str, joint: Joint) -> str:
    shift = PIXELS.shift if joint.present else 0.0
    occluded = int(joint.visibility is Visibility.OCCLUDED)
    place = f"{_number(joint.x - shift)},{_number(joint.y - shift)}"
    return (
        f'      <points label="{name}" source="manual" outside="{int(not joint.present)}"'
        f' occluded="{occluded}" points="{place}"></points>'
    )


def _number(value: float) -> str:
    text = f"{value:.{DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _clean(text: str) -> str:
    if _NOT_XML.search(text):
        raise InvalidInput(
            f"{text!r}: XML cannot hold its control characters.", file=text, fault="name"
        )
    return text
