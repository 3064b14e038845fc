"""COCO keypoint files, written as a stream whatever their size."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, BinaryIO, Final

import orjson

from backend.core.cycles import without_search_for_cycles
from backend.domain.boxes import Box
from backend.domain.errors import InvalidInput
from backend.domain.outlines import rectangle_of
from backend.domain.pixels import EDGES
from backend.domain.skeleton import EDGES as BONES
from backend.domain.skeleton import JOINTS
from backend.publishing.formats import coco_columns
from backend.publishing.formats.coco import NAMESPACE
from backend.publishing.formats.coco_numbers import JointNumbers, PersonNumbers, rounded
from backend.publishing.formats.holding import Losses, Thing
from backend.publishing.formats.writing import WriteOptions, Written
from backend.publishing.labelled import LabelledFrame, LabelledPerson
from backend.publishing.labelled_columns import Labelled, LabelledColumns

CATEGORY_ID: Final = 1
CATEGORY_NAME: Final = "person"
"""Named as in COCO so that its tools find it."""

HOLDS: Final = frozenset(Thing) - {Thing.SPLIT, Thing.JOINT_SCORES}

_USUAL: Final = CATEGORY_NAME, "person"
_COPY_BYTES: Final = 1 << 20
_FRAMES_AT_A_TIME: Final = 500


def category(name: str = CATEGORY_NAME, supercategory: str = "person") -> dict[str, Any]:
    """The one category; edges count joints from 1."""
    return {
        "id": CATEGORY_ID,
        "name": name,
        "supercategory": supercategory,
        "keypoints": list(JOINTS),
        "skeleton": [[a + 1, b + 1] for a, b in BONES],
    }


@dataclass(frozen=True, slots=True)
class Variant:
    """A format that is COCO's but for its joints.

    Attributes:
        category: Gives the category of a name and a supercategory.
        annotation: Changes an annotation, whose ``keypoints`` are 51 numbers, into the variant's.
    """

    category: Callable[[str, str], dict[str, Any]]
    annotation: Callable[[dict[str, Any], Losses], dict[str, Any]]


def write(
    frames: Iterable[Labelled],
    target: BinaryIO,
    options: WriteOptions,
    variant: Variant | None = None,
    losses: Losses | None = None,
) -> Written:
    """Write a COCO keypoint file in one pass over the frames.

    Memory does not grow with the number of frames: annotations wait in a temporary file while
    images are written. An annotation has its image's id, because there is one infant in an image.
    The rule of the joints' pixels is declared in ``info``; boxes and outlines are edges, which COCO
    counts as the product does.

    Args:
        frames: Images with the infant in them, or with nobody.
        target: Where to write; needs no seeking. Left open. On an error it holds half a file.
        options: How.
        variant: What is other than COCO's; by default nothing.
        losses: Counts what is dropped, over several files; by default over this, and says it.

    Raises:
        InvalidInput: an id below 1, a number that is not finite, or a mask of another size than its
            image; names the image.
    """
    images = annotations = highest = 0
    joints = JointNumbers(options)
    lost = Losses(HOLDS) if losses is None else losses
    categories: set[tuple[str, str]] = set()
    labels: dict[str, int] = {}
    with (
        without_search_for_cycles(),
        tempfile.TemporaryFile(dir=options.scratch) as spool,
        tempfile.TemporaryFile(dir=options.scratch) as beside,
    ):
        target.write(b'{"info":' + orjson.dumps(_info(options)))
        target.write(b',"licenses":' + orjson.dumps([dict(entry) for entry in options.licences]))
        target.write(b',"images":[')
        for some in _chunks(frames, by_columns=variant is None):
            if isinstance(some, LabelledColumns):
                before = b",\n" if images else b"\n"
                target.write(before + b",\n".join(coco_columns.image_lines(some)))
                people = coco_columns.annotation_lines(some, joints, CATEGORY_ID)
                spool.write((b",\n" if annotations else b"\n") + b",\n".join(people))
                images += len(some)
                annotations += len(some)
                highest = max(highest, *some.ids)
                categories.add(_USUAL)
                continue
            everyone = [frame.people for frame in some]
            numbers = iter(joints.of_frames(some, everyone, lost))
            for frame, everybody in zip(some, everyone, strict=True):
                target.write((b",\n" if images else b"\n") + _image_json(frame))
                images += 1
                highest = max(highest, frame.image.id)
                lost.see(frame)
                for person in everybody:
                    kind = _label_id(labels, person)
                    data = _annotation_json(frame, person, next(numbers), kind)
                    if variant is not None:
                        data = variant.annotation(data, lost)
                    if person.infant:
                        spool.write(b",\n" if annotations else b"\n")
                        spool.write(orjson.dumps(data))
                        annotations += 1
                        categories.add(_category_of(frame))
                    else:
                        beside.write(orjson.dumps(data) + b"\n")
        target.write(b'\n],"annotations":[')
        spool.seek(0)
        shutil.copyfileobj(spool, target, _COPY_BYTES)
        # The infant's annotation has its image's id; the others are numbered behind all of them.
        beside.seek(0)
        for number, line in enumerate(beside, highest + 1):
            target.write(b",\n" if annotations else b"\n")
            target.write(b'{"id":%d,' % number + line.rstrip(b"\n").removeprefix(b"{"))
            annotations += 1
        target.write(
            b'\n],"categories":' + orjson.dumps(_named(labels, categories, variant)) + b"}\n"
        )
    return Written(
        images, annotations, notes=(*joints.notes(), *(lost.notes() if losses is None else ()))
    )


def _label_id(labels: dict[str, int], person: LabelledPerson) -> int:
    """Id of the category of the person's label; without a label the usual one."""
    name = person.marks.name
    return labels.setdefault(name, len(labels) + 1) if name else CATEGORY_ID


def _named(
    labels: Mapping[str, int], categories: set[tuple[str, str]], variant: Variant | None
) -> list[dict[str, Any]]:
    make = category if variant is None else variant.category
    if labels:
        return [make(name, "person") | {"id": number} for name, number in labels.items()]
    # Frames that were imported under one name leave under it; different names make a person.
    named = categories.pop() if len(categories) == 1 else (CATEGORY_NAME, "person")
    return [make(*named)]


def _chunks(
    labelled: Iterable[Labelled], *, by_columns: bool
) -> Iterator[list[LabelledFrame] | LabelledColumns]:
    """Records some hundred at a time, and columns as they come where they can be written so."""
    some: list[LabelledFrame] = []
    for one in labelled:
        if isinstance(one, LabelledFrame):
            some.append(one)
        elif by_columns and coco_columns.sound(one):
            if some:
                yield some
                some = []
            yield one
        else:
            some += one.frames()
        if len(some) >= _FRAMES_AT_A_TIME:
            yield some
            some = []
    if some:
        yield some


def _info(options: WriteOptions) -> dict[str, Any]:
    created = options.created or datetime.now(UTC)
    return {
        "description": options.title,
        "url": "",
        "version": options.version,
        "year": created.year,
        "contributor": options.contributor,
        "date_created": created.isoformat(timespec="seconds"),
        NAMESPACE: {
            **options.about,
            "pixels": options.pixels.value,
            "edges": EDGES.value,
            "orientation": "upright",
            "outside": options.outside.value,
        },
    }


def _image_json(frame: LabelledFrame) -> bytes:
    image = frame.image
    if image.width == image.height == 0:
        raise _invalid(frame, "its size is not known; name its folder (--images) or --size")
    if image.width < 1 or image.height < 1:
        raise _invalid(frame, f"{image.width}×{image.height} is not a size")
    if image.id < 1:
        raise _invalid(frame, f"its id {image.id} is below 1")
    data: dict[str, Any] = {
        **image.extras,
        "id": image.id,
        "file_name": image.file_name,
        "width": image.width,
        "height": image.height,
    }
    if image.licence is not None:
        data["license"] = image.licence
    about = dict(image.facts)
    if image.source:
        about["source"] = dict(image.source)
    if image.video is not None:
        about["video"] = {"file": image.video.file, "index": image.video.index}
    if about:
        data[NAMESPACE] = about
    return orjson.dumps(data)


def _annotation_json(
    frame: LabelledFrame, person: LabelledPerson, numbers: PersonNumbers, kind: int
) -> dict[str, Any]:
    image, imported, box = frame.image, person.imported, numbers.box
    if not numbers.finite:
        raise _invalid(frame, f"the area {person.area[0]} is not a size")
    if box is None and person.infant:
        raise _invalid(frame, "its infant has no box")
    data: dict[str, Any] = {
        **(imported.extras if imported else {}),
        # Evaluation with ids from 0 goes wrong in pycocotools; an image's id is 1 or more.
        **({"id": image.id} if person.infant else {}),
        "image_id": image.id,
        "category_id": kind,
        "keypoints": numbers.keypoints,
        "num_keypoints": numbers.present,
        "bbox": numbers.edges,
        "area": numbers.area,
        "iscrowd": int(imported.crowd) if imported else 0,
        "segmentation": _segmentation(frame, person, box),
    }
    if not person.infant:
        data.pop("id", None)
    if person.marks.track:
        data["track_id"] = person.marks.track
    if person.marks.score is not None:
        data["score"] = person.marks.score
    about: dict[str, Any] = {"area_of": numbers.area_of.value}
    if person.infant:
        about = {**frame.provenance, **about}
        if frame.others:
            about["is_infant"] = True
        if frame.fit is not None:
            about["fit"] = frame.fit.told()
    if imported is not None and imported.source:
        about["source"] = dict(imported.source)
    data[NAMESPACE] = about
    return data


def _segmentation(frame: LabelledFrame, person: LabelledPerson, box: Box | None) -> Any:
    """The mask; the box's outline where there is none, so that every reader can decode it."""
    mask = person.mask
    if mask is None:
        return [] if box is None else [rounded(rectangle_of(box))]
    if mask.size != (frame.image.width, frame.image.height):
        raise _invalid(frame, f"its mask has {mask.size[0]}×{mask.size[1]} pixels")
    if mask.outlines is not None:
        return [list(outline) for outline in mask.outlines]
    return {"size": mask.rle["size"], "counts": mask.rle["counts"]}


def _category_of(frame: LabelledFrame) -> tuple[str, str]:
    if frame.imported is None or not (told := frame.imported.category):
        return _USUAL
    name, above = told.get("name"), told.get("supercategory")
    if not isinstance(name, str) or not name:
        return _USUAL
    return name, above if isinstance(above, str) and above else "person"


def _invalid(frame: LabelledFrame, fault: str) -> InvalidInput:
    name = frame.image.file_name
    return InvalidInput(f"{name}: {fault}.", file=name, fault=fault)
