"""Reader of COCO keypoint files. Source of the format: cocodataset.org, "Data format".

What is odd in an element is taken down and costs that element at most (``domain.oddities``); only a
text that is no JSON, or no COCO keypoint file, is refused as a whole.
"""

from __future__ import annotations

import marshal
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

from backend.core.cycles import without_search_for_cycles
from backend.domain.errors import InvalidInput, TooLarge
from backend.domain.infants import names_people
from backend.domain.keypoints import Skeleton
from backend.domain.limits import MAX_JSON_BYTES
from backend.domain.oddities import Answer, Odd
from backend.domain.pixels import PixelRule
from backend.publishing.formats.coco import (
    CocoAnnotation,
    CocoCategory,
    CocoChoices,
    CocoDataset,
    CocoImage,
    Key,
)
from backend.publishing.formats.coco_blocks import look_at
from backend.publishing.formats.coco_elements import read_annotation, read_key
from backend.publishing.formats.coco_head import CocoHead, read_head
from backend.publishing.formats.coco_people import PeopleColumns
from backend.publishing.formats.coco_places import placed
from backend.publishing.formats.coco_usual import Placing
from backend.publishing.formats.findings import Fault, Findings, Spot, shown
from backend.publishing.formats.foreign import advice_for_bytes
from backend.publishing.formats.json_stream import JsonFault, JsonStream

MAX_BYTES: Final = MAX_JSON_BYTES


class PeopleBlock(NamedTuple):
    """People who stand together in a file.

    Attributes:
        usual: Those in whom nothing is odd.
        singly: The others, with their places among all of the block, rising.
    """

    usual: PeopleColumns
    singly: Sequence[tuple[int, CocoAnnotation]]


class CocoFile:
    """A COCO keypoint file whose images and categories are known; its people come as a stream.

    The text is read once and in pieces: beside what is kept of images, memory holds a block of
    annotations at a time, which wait on disk for the categories that explain them.

    Args:
        path: The JSON file, also packed by gzip.
        name: What to call the file in errors, by default its own name.
        choices: What the maintainer chose.
        findings: Takes down what is odd; by default an own one, with the choices' answers.
        max_bytes: Largest allowed file, and largest allowed text once it is unpacked.

    Attributes:
        name: As above.
        head: Images, categories and notation.
        findings: What was odd so far.
        ignored: Annotations of categories without joints, counted while people are read.

    Raises:
        InvalidInput: no JSON, or no COCO keypoint file; or an oddity for which the maintainer chose
            to cancel.
        TooLarge: the file exceeds ``max_bytes``.
    """

    def __init__(
        self,
        path: Path,
        *,
        name: str | None = None,
        choices: CocoChoices | None = None,
        findings: Findings | None = None,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        choices = choices or CocoChoices()
        self.name = name or path.name
        self.findings = findings or Findings(choices.answers, file=self.name)
        self.ignored = 0
        self._path = path
        self._max_bytes = max_bytes
        self._check_size()
        with self._open() as stream:
            self.head: CocoHead
            self.head, self._kept = read_head(stream, choices, self.findings)

    def people(
        self,
        images: Mapping[Key, CocoImage] | None = None,
        *,
        rule: PixelRule | None = None,
    ) -> Iterator[CocoAnnotation]:
        """The file's people in its order; to be read once.

        Args:
            images: The images that are used, with their true sizes; by default all. People of
                others are passed over.
            rule: What the joints count. With it, people come in the product's pixels, with what the
                file said of them (``coco_places.placed``); by default in those of the file.

        Raises:
            InvalidInput: as above.
        """
        for block in self.blocks(images, rule=rule):
            usual, singly = block.usual, dict(block.singly)
            row_of = dict(zip(usual.places, range(len(usual)), strict=True))
            for place in sorted((*row_of, *singly)):
                yield usual.person(row_of[place]) if place in row_of else singly[place]

    def blocks(
        self,
        images: Mapping[Key, CocoImage] | None = None,
        *,
        rule: PixelRule | None = None,
    ) -> Iterator[PeopleBlock]:
        """The same, many at once: people in whom nothing is odd as columns, the others singly.

        Args:
            images: As above.
            rule: As above.

        Raises:
            InvalidInput: as above.
        """
        images = self.head.images if images is None else images
        placing = None if rule is None else Placing(rule, self.name)
        reader = _PeopleReader(self.head, images, self.findings)
        first = 0
        for block in self._kept:
            looked = look_at(block, self.head, images, placing)
            singly = []
            for place, element, skeleton, whole_mask in looked.left:
                where = f"{self._kept.name}[{first + place}]"
                person = reader.read(element, where, skeleton, whole_mask)
                if person is None:
                    continue
                if rule is not None:
                    person = self._placed(person, images[person.image_id], rule)
                singly.append((place, person))
            yield PeopleBlock(looked.usual, singly)
            first += block.size
        self.ignored = reader.ignored

    def _placed(self, person: CocoAnnotation, image: CocoImage, rule: PixelRule) -> CocoAnnotation:
        kind = person.category_id
        category = None if kind is None else self.head.categories.get(kind)
        return placed(person, image, category, rule, self.name)

    @contextmanager
    def _open(self) -> Iterator[JsonStream]:
        try:
            with self._path.open("rb") as file:
                yield JsonStream(file, max_bytes=self._max_bytes)
        except (JsonFault, Fault) as error:
            raise self._invalid(str(error)) from error

    def _check_size(self) -> None:
        if not self._path.is_file():
            raise self._invalid("there is no such file")
        size = self._path.stat().st_size
        if size == 0:
            raise self._invalid("the file is empty (0 bytes)")
        if size > self._max_bytes:
            fault = (
                f"the file has {size / (1 << 20):,.0f} MiB, the limit is"
                f" {self._max_bytes / (1 << 20):,.0f} MiB; split it into several files"
            )
            raise TooLarge(f"{self.name}: {fault}.", file=self.name, fault=fault)
        with self._path.open("rb") as file:
            advice = advice_for_bytes(_start(file), self.name)
        if advice:
            raise self._invalid(advice)

    def _invalid(self, fault: str) -> InvalidInput:
        return InvalidInput(f"{self.name}: {fault}.", file=self.name, fault=fault)


def read_coco(
    path: Path,
    *,
    name: str | None = None,
    choices: CocoChoices | None = None,
    max_bytes: int = MAX_BYTES,
) -> CocoDataset:
    """Read a COCO keypoint file as a whole; an annotated person takes about 3 KB.

    Args:
        path: The JSON file.
        name: What to call the file in errors, by default its own name.
        choices: What to do about what is odd.
        max_bytes: Largest allowed file.

    Raises:
        InvalidInput: as :class:`CocoFile`.
        TooLarge: as :class:`CocoFile`.
    """
    candidates: dict[Key, list[CocoAnnotation]] = {}
    # All of it is kept, and none of it is a cycle: each search would go through everything.
    with without_search_for_cycles():
        file = CocoFile(path, name=name, choices=choices, max_bytes=max_bytes)
        for person in file.people():
            candidates.setdefault(person.image_id, []).append(person)
    return CocoDataset(
        info=file.head.info,
        licenses=file.head.licenses,
        images=list(file.head.images.values()),
        categories=list(file.head.categories.values()),
        candidates=candidates,
        ignored_annotations=file.ignored,
        findings=file.findings,
    )


def _start(file: BinaryIO) -> bytes:
    return file.read(4096)


class _PeopleReader:
    """Joins annotations to their images and categories."""

    def __init__(self, head: CocoHead, images: Mapping[Key, CocoImage], findings: Findings) -> None:
        self.ignored = 0
        self._head = head
        self._images = images
        self._findings = findings
        self._seen: dict[Key, int] = {}
        self._only = _only_one(head.categories.values())

    def read(
        self, element: Any, where: str, usual: Skeleton | None, whole_mask: bool
    ) -> CocoAnnotation | None:
        """One annotation; joints and mask are not looked at again where all was well with them."""
        if not isinstance(element, dict):
            spot = Spot(self._findings, where)
            spot.odd(Odd.ANNOTATION_UNREADABLE, "", f"{shown(element)} is not an object")
            return None
        image_id = element.get("image_id")
        if type(image_id) is not int or image_id not in self._head.images:
            image_id = read_key(image_id, Spot(self._findings, where), ".image_id")
        image_id = None if image_id is None else self._head.same_image.get(image_id, image_id)
        listed = None if image_id is None else self._head.images.get(image_id)
        named = element.get("id")
        spot = Spot(
            self._findings,
            where,
            listed.file_name if listed else None,
            named if type(named) in (int, str) else None,
        )
        if image_id in self._head.dropped_images:
            return None
        if image_id is None or listed is None:
            spot.odd(Odd.ANNOTATION_WITHOUT_IMAGE, ".image_id", shown(element.get("image_id")))
            return None
        image = self._images.get(image_id)
        if image is None:
            return None
        category = self._category(element, spot)
        if category is None:
            return None
        known, key = self._id(element, spot)
        if not known:
            return None
        return read_annotation(
            element,
            key,
            image,
            category,
            spot,
            self._head.notation,
            usual=usual,
            whole_mask=whole_mask,
        )

    def _category(self, element: Mapping[str, Any], spot: Spot) -> CocoCategory | None:
        value = element.get("category_id")
        key = read_key(value, spot, ".category_id")
        category = None if key is None else self._head.categories.get(key)
        if category is None:
            detail = "missing" if value is None else f"there is no category {shown(value)}"
            answer = Answer.MAP
            if value is not None or self._only is None:
                answer = spot.odd(Odd.CATEGORY_UNKNOWN, ".category_id", detail)
            return self._only if answer is Answer.MAP else None
        if not category.joints and not element.get("keypoints"):
            if not names_people(category.name):
                self.ignored += 1
                return None
        elif not category.taken:
            return None
        return category

    def _id(self, element: Mapping[str, Any], spot: Spot) -> tuple[bool, Key | None]:
        """Whether the annotation is read, and its id if that is its alone."""
        value = element.get("id")
        if value is None and self._head.root_is_list:
            return True, None
        key = read_key(value, spot, ".id")
        if key is None:
            return spot.odd(Odd.ANNOTATION_ID_MISSING, ".id", shown(value)) is Answer.MAP, None
        if key not in self._head.repeated_ids:
            return True, key
        content = _content(element)
        if key not in self._seen:
            self._seen[key] = content
            return True, key
        kind = Odd.ANNOTATION_ID_TWICE
        if self._seen[key] == content:
            kind = Odd.ANNOTATION_REPEATED
        return spot.odd(kind, ".id", f"{shown(value)} again") is Answer.MAP, None


def _content(element: Any) -> int:
    """A number that equal annotations have in common."""
    try:
        # The second version writes equal values alike, wherever else they are used.
        return hash(marshal.dumps(element, 2))
    except ValueError:  # nested more deeply than it writes
        return hash(repr(element))


def _only_one(categories: Collection[CocoCategory]) -> CocoCategory | None:
    taken = [category for category in categories if category.taken]
    return taken[0] if len(taken) == 1 else None
