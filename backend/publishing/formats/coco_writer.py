"""COCO keypoint files, written as a stream whatever their size."""

from __future__ import annotations

import math
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any, BinaryIO, Final, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from backend.domain.boxes import Box
from backend.domain.errors import InvalidInput
from backend.domain.keypoints import Skeleton, StoredSkeleton
from backend.domain.outlines import rectangle_of
from backend.domain.pixels import EDGES, OutsideJoints
from backend.domain.skeleton import EDGES as BONES
from backend.domain.skeleton import JOINTS
from backend.publishing.formats.boxed import drawn_box
from backend.publishing.formats.coco import NAMESPACE
from backend.publishing.formats.holding import Losses, Thing
from backend.publishing.formats.writing import (
    DECIMALS,
    WriteOptions,
    Written,
    outside_note,
    without_search_for_cycles,
)
from backend.publishing.labelled import AreaOf, LabelledFrame, LabelledImage, LabelledPerson

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
    frames: Iterable[LabelledFrame],
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
    joints = _Joints(options)
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
        for some in _chunks(frames):
            people = [frame.people for frame in some]
            numbers = iter(joints.of(some, people, lost))
            for frame, everybody in zip(some, people, strict=True):
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


def _chunks(frames: Iterable[LabelledFrame]) -> Iterator[list[LabelledFrame]]:
    rest = iter(frames)
    while some := list(islice(rest, _FRAMES_AT_A_TIME)):
        yield some


class _Numbers(NamedTuple):
    """What is written of a person in numbers: rounded, and by the file's rule of pixels.

    Attributes:
        keypoints: 51 numbers, absent joints at 0.
        present: How many joints are there.
        box: Left, top, width, height; None where there is no box.
        edges: The same rounded; zeros where there is none.
        area: Pixels, rounded.
        area_of: What they were measured on.
        finite: Whether the area is a size.
    """

    keypoints: list[float]
    present: int
    box: Box | None
    edges: list[float]
    area: float
    area_of: AreaOf
    finite: bool


class _Joints:
    """Joints on their way out, with a count of those beyond the border.

    The rules are ``domain.pixels``'; they are applied to the numbers of many people at once here,
    because a skeleton for each step would take as long as all the rest.
    """

    def __init__(self, options: WriteOptions) -> None:
        self._drop = options.outside is OutsideJoints.DROP
        self._rule = options.outside
        self._shift = options.pixels.shift
        self._beyond = self._images = 0

    def of(
        self,
        frames: Sequence[LabelledFrame],
        everybody: Sequence[Sequence[LabelledPerson]],
        losses: Losses,
    ) -> list[_Numbers]:
        """The numbers of everybody in some frames, in their order."""
        people = [
            (frame.image, person)
            for frame, those in zip(frames, everybody, strict=True)
            for person in those
        ]
        if not people:
            return []
        flat = np.array([_flat(person.joints) for _, person in people], dtype=np.float64)
        sizes = np.array([(image.width, image.height) for image, _ in people], dtype=np.float64)
        x, y, v = flat[:, 0::3], flat[:, 1::3], flat[:, 2::3]
        width, height = sizes[:, :1], sizes[:, 1:]
        present = v != 0
        inside = (x >= 0) & (x <= width) & (y >= 0) & (y <= height)
        beyond = present & ~inside
        per_person = np.count_nonzero(beyond, axis=1)
        self._beyond += int(per_person.sum())
        self._images += int(np.count_nonzero(per_person))
        shown = present & inside if self._drop else present
        boxes = [_box_of(image, person, losses) for image, person in people]
        areas = [person.area for _, person in people]
        rounded = np.empty((len(people), 34 + 5))
        rounded[:, 0:34:2] = np.where(shown, x - self._shift, 0.0)
        rounded[:, 1:34:2] = np.where(shown, y - self._shift, 0.0)
        rounded[:, 34:38] = [
            (0.0,) * 4 if box is None else (box.x, box.y, box.width, box.height) for box in boxes
        ]
        rounded[:, 38] = [area for area, _ in areas]
        rounded = np.round(rounded, DECIMALS) + 0.0  # + 0.0 turns -0.0 into 0.0
        seen = np.where(shown, v, 0).astype(np.int64)
        counts = np.count_nonzero(seen, axis=1).tolist()
        return [
            _Numbers(
                keypoints=_interleaved(numbers, visibilities),
                present=count,
                box=box,
                edges=numbers[34:38],
                area=numbers[38],
                area_of=area_of,
                finite=math.isfinite(area) and area >= 0,
            )
            for numbers, visibilities, count, box, (area, area_of) in zip(
                rounded.tolist(), seen.tolist(), counts, boxes, areas, strict=True
            )
        ]

    def notes(self) -> tuple[str, ...]:
        return (outside_note(self._beyond, self._images, self._rule),) if self._beyond else ()


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


def _flat(skeleton: Skeleton) -> Sequence[float] | NDArray[np.float64]:
    """51 numbers that a skeleton may hold; absent joints may have a place."""
    return skeleton.values if isinstance(skeleton, StoredSkeleton) else skeleton.to_flat()


def _box_of(image: LabelledImage, person: LabelledPerson, losses: Losses) -> Box | None:
    if person.box is None and not person.infant:
        return drawn_box(person, image, losses)
    return person.box


def _interleaved(numbers: list[float], visibilities: list[int]) -> list[float]:
    keypoints: list[float] = [0.0] * 51
    keypoints[0::3], keypoints[1::3], keypoints[2::3] = (
        numbers[0:34:2], numbers[1:34:2], visibilities,
    )  # fmt: skip
    return keypoints


def _annotation_json(
    frame: LabelledFrame, person: LabelledPerson, numbers: _Numbers, kind: int
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
            about["fit"] = {
                "file": frame.fit.file,
                "index": frame.fit.index,
                "view": frame.fit.view,
            }
            if frame.fit.quality_mm is not None:
                about["fit"]["quality_mm"] = frame.fit.quality_mm
    if imported is not None and imported.source:
        about["source"] = dict(imported.source)
    data[NAMESPACE] = about
    return data


def _segmentation(frame: LabelledFrame, person: LabelledPerson, box: Box | None) -> Any:
    """The mask; the box's outline where there is none, so that every reader can decode it."""
    mask = person.mask
    if mask is None:
        return [] if box is None else [_rounded(rectangle_of(box))]
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


def _rounded(values: Sequence[float]) -> list[float]:
    # + 0.0 turns -0.0 into 0.0
    rounded: list[float] = (np.round(np.array(values, dtype=np.float64), DECIMALS) + 0.0).tolist()
    return rounded


def _invalid(frame: LabelledFrame, fault: str) -> InvalidInput:
    name = frame.image.file_name
    return InvalidInput(f"{name}: {fault}.", file=name, fault=fault)
