"""What an annotation file said of images and people, kept as JSON beside frames and candidates.

Nothing that came in is lost: ids, boxes, areas, masks, categories and members that mean nothing
here stay as they were written. Beside them stand box and mask as the product uses them: upright,
in its own pixels, and without what could not be read.
"""

from __future__ import annotations

import math
from collections.abc import ItemsView, Iterator, Mapping
from dataclasses import dataclass, field
from sys import intern
from typing import Any, Final, Self

import orjson

from backend.core.database.text import storable, storable_json
from backend.domain.boxes import Box
from backend.domain.masks import Rle
from backend.domain.orientation import LabelPixels, Orientation
from backend.domain.outlines import Outline

NAMESPACE: Final = "infantnet"
"""Key under which files carry what their format has no place for."""

Segmentation = Rle | tuple[Outline, ...]

MAX_MEMBERS_BYTES: Final = 64 << 10
"""What one image or person may carry of members that mean nothing here."""

_IMAGE_MEMBERS: Final = frozenset(("id", "file_name", "width", "height", "license", NAMESPACE))
PERSON_MEMBERS: Final = frozenset(
    ("id", "image_id", "category_id", "bbox", "area", "iscrowd", "score", NAMESPACE)
)
"""Members of a person that mean something here, beside joints and mask."""
_KNOWN_MEMBERS: Final = _IMAGE_MEMBERS | PERSON_MEMBERS
READ_ELSEWHERE: Final = frozenset(("keypoints", "num_keypoints", "segmentation"))
"""Members of a person that are kept in other ways than as they came."""


class KeptMembers(Mapping[str, Any]):
    """Members as the text of JSON, read whenever somebody asks: a fraction of their memory.

    Args:
        text: An object that ``orjson`` wrote.
    """

    __slots__ = ("_text",)

    def __init__(self, text: bytes) -> None:
        # What orjson gives lies in a far larger piece of memory: only a copy is small.
        self._text = text.decode()

    def plain(self) -> dict[str, Any]:
        """All of them, read once."""
        members: dict[str, Any] = orjson.loads(self._text)
        return members

    def __getitem__(self, name: str) -> Any:
        return self.plain()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.plain())

    def __len__(self) -> int:
        return len(self.plain())

    def items(self) -> ItemsView[str, Any]:
        """Names and values."""
        return self.plain().items()

    def __repr__(self) -> str:
        return repr(self.plain())


class KeptPart(Mapping[str, Any]):
    """An object among kept members, read whenever somebody asks.

    Args:
        members: Which hold it.
        name: Its name.
    """

    __slots__ = ("_members", "_name")

    def __init__(self, members: KeptMembers, name: str) -> None:
        self._members = members
        self._name = name

    def _plain(self) -> dict[str, Any]:
        part: dict[str, Any] = self._members.plain()[self._name]
        return part

    def __getitem__(self, name: str) -> Any:
        return self._plain()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._plain())

    def __len__(self) -> int:
        return len(self._plain())

    def __repr__(self) -> str:
        return repr(self._plain())


def plain(members: Mapping[str, Any]) -> dict[str, Any]:
    """Members as a dictionary of the caller's own."""
    return members.plain() if isinstance(members, KeptMembers) else dict(members)


def kept_members(element: Mapping[str, Any]) -> Mapping[str, Any]:
    """The members of an image or a person that are kept as they came.

    Joints and masks are kept elsewhere. Members of a size or kind that cannot be stored are named
    under ``left_out``.
    """
    if (usual := _as_they_are(element)) is not None:
        return usual
    known: dict[str, Any] = {}
    others: dict[str, Any] = {}
    left_out: list[str] = []
    size = 0
    for name, value in element.items():
        if name in READ_ELSEWHERE:
            continue
        if name in _KNOWN_MEMBERS:
            kept, room = known, MAX_MEMBERS_BYTES
        else:
            kept, room = others, MAX_MEMBERS_BYTES - size
        clean, length = _storable(value)
        if length is None or length > room:
            left_out.append(storable(name)[:80])
            continue
        kept[intern(storable(name))] = _with_shared_names(clean)
        size += length if kept is others else 0
    return known | others | ({"left_out": left_out} if left_out else {})


def _as_they_are(element: Mapping[str, Any]) -> KeptMembers | None:
    """The members of nearly all elements: few, small, and storable as they came; else None."""
    members = element
    if not READ_ELSEWHERE.isdisjoint(members):
        members = {name: value for name, value in element.items() if name not in READ_ELSEWHERE}
    if not members.keys() <= _KNOWN_MEMBERS:
        known = {name: value for name, value in members.items() if name in _KNOWN_MEMBERS}
        members = {**known, **members}
    text = as_it_is(members)
    if text is None or len(text) > MAX_MEMBERS_BYTES:
        return None
    return KeptMembers(text)


@dataclass(frozen=True, slots=True)
class ImageSource:
    """Where an image was named.

    Attributes:
        file: Name of the annotation file.
        members: What it said of the image, as it came.
        turned: How the image was turned; UPRIGHT where it was not.
        labels: Which pixels its labels counted.
    """

    file: str
    members: Mapping[str, Any]
    turned: Orientation = Orientation.UPRIGHT
    labels: LabelPixels = LabelPixels.UPRIGHT

    @property
    def extras(self) -> dict[str, Any]:
        """Members that mean nothing here."""
        return {name: v for name, v in self.members.items() if name not in _IMAGE_MEMBERS}

    def told(self) -> dict[str, Any]:
        """What an export says of it."""
        told = {"file": self.file, **_renamed(self.members, _IMAGE_MEMBERS, "image_id")}
        if self.turned is not Orientation.UPRIGHT:
            told |= {"exif_orientation": int(self.turned), "labels_in": self.labels.value}
        return told

    def to_json(self) -> dict[str, Any]:
        """As the database keeps it."""
        return {
            "file": storable_json(self.file),
            "image": plain(self.members),
            "turned": int(self.turned),
            "labels": self.labels.value,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Out of the database."""
        return cls(
            data["file"],
            data["image"],
            Orientation(data["turned"]),
            LabelPixels(data["labels"]),
        )


@dataclass(frozen=True, slots=True)
class PersonSource:
    """What was said of a person.

    Attributes:
        file: Name of the annotation file.
        members: What it said, as it came, without joints and mask.
        category: The person's category as it came: id, name …; None where there is none.
        segmentation: The mask as it was read, in the file's pixels; None without one.
        box: Of the product's pixels; None where the file has none.
        area: As it came; None where the file has none.
        crowd: Whether it stands for a group of people.
        placed: The mask in the product's pixels, where the image was turned; else None.
    """

    file: str
    members: Mapping[str, Any] = field(default_factory=dict)
    category: Mapping[str, Any] | None = None
    segmentation: Segmentation | None = None
    box: Box | None = None
    area: float | None = None
    crowd: bool = False
    placed: Segmentation | None = None

    @property
    def mask(self) -> Segmentation | None:
        """The mask in the product's pixels."""
        return self.segmentation if self.placed is None else self.placed

    @property
    def extras(self) -> dict[str, Any]:
        """Members that mean nothing here."""
        return {name: v for name, v in self.members.items() if name not in PERSON_MEMBERS}

    def told(self, *, with_mask: bool) -> dict[str, Any]:
        """What an export says of it.

        Args:
            with_mask: Whether the mask is told, too: where it is not the one that is exported.
        """
        told = {"file": self.file, **_renamed(self.members, PERSON_MEMBERS, "annotation_id")}
        if self.category is not None:
            told["category"] = plain(self.category)
        if with_mask and self.segmentation is not None:
            told["segmentation"] = segmentation_json(self.segmentation)
        return told

    def to_json(self) -> dict[str, Any]:
        """As the database keeps it."""
        box = self.box
        return {
            "file": storable_json(self.file),
            "annotation": plain(self.members),
            "category": None if self.category is None else plain(self.category),
            "segmentation": segmentation_json(self.segmentation),
            "box": None if box is None else [box.x, box.y, box.width, box.height],
            "area": self.area,
            "crowd": self.crowd,
        } | ({} if self.placed is None else {"placed": segmentation_json(self.placed)})

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Out of the database."""
        return cls(
            file=data["file"],
            members=data["annotation"],
            category=data["category"],
            segmentation=_segmentation(data["segmentation"]),
            box=None if data["box"] is None else Box(*map(float, data["box"])),
            area=data["area"],
            crowd=data["crowd"],
            placed=_segmentation(data.get("placed")),
        )


def segmentation_json(value: Segmentation | None) -> Any:
    """A mask as JSON holds it: outlines, run lengths, or null."""
    if value is None or isinstance(value, dict):
        return value
    return [list(outline) for outline in value]


def _segmentation(value: Any) -> Segmentation | None:
    if value is None:
        return None
    if isinstance(value, dict):
        return Rle(size=value["size"], counts=value["counts"])
    return tuple(tuple(map(float, outline)) for outline in value)


def _renamed(members: Mapping[str, Any], wanted: frozenset[str], name_of_id: str) -> dict[str, Any]:
    return {
        name_of_id if name == "id" else name: value
        for name, value in members.items()
        if name in wanted
    }


def _with_shared_names(value: Any) -> Any:
    """An object whose names are the same texts as in all other elements: half of its memory."""
    if type(value) is not dict:
        return value
    return {intern(name): item for name, item in value.items()}


def _storable(value: Any) -> tuple[Any, int | None]:
    """A JSON value as the database can hold it, and its length; None where it cannot."""
    kind = type(value)
    if kind is int and abs(value) < 2**53:
        return value, 16
    if (text := as_it_is(value)) is not None:
        return value, len(text)
    try:
        clean = storable_json(value)
        length = len(orjson.dumps(clean))
    except (TypeError, orjson.JSONEncodeError, RecursionError):
        # A number of more than 64 bits, or nested more deeply than anybody could mean.
        return None, None
    return clean, length if _finite(clean) else None


def as_it_is(value: Any) -> bytes | None:
    """A JSON value that can be stored as it came, as text, which nearly all can; else None."""
    try:
        data = orjson.dumps(value)
    except (TypeError, RecursionError):
        return None
    # NaN and infinity are written as null, and read as another value than they were.
    if b"\\u0000" in data or (b"null" in data and orjson.loads(data) != value):
        return None
    return data


def _finite(value: Any) -> bool:
    """Whether a JSON value holds no NaN and no infinity, which neither JSON nor Postgres knows."""
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, dict):
        return all(_finite(item) for item in value.values())
    if isinstance(value, list):
        return all(_finite(item) for item in value)
    return True
