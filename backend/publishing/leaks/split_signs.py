"""What one COCO file says of the splits of its own images.

Sets that keep all splits in one file say which image is of which in a member of each image
(``split``), of each annotation, in a list beside the images (``splits``), or by the folders in file
names (``train/…``, ``val2017/…``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from backend.domain.splits.file_evidence import folder_split, split_word

MEMBERS: Final = ("split", "splits", "dataset_split", "data_split", "image_split")
"""Members of images and annotations that name a split, whatever the name."""
LOOSE_MEMBERS: Final = ("subset", "set", "partition", "phase", "usage", "tags")
"""Members that name a split where all that they say are words for splits."""
_LISTS: Final = ("image_ids", "ids", "images", "file_names", "files")
_MAX_SPLITS: Final = 64
"""A member with more values than that is no split."""

Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SplitsInside:
    """Which image of a file is of which split.

    Attributes:
        by: How that is known, in words.
        ids: Id of each element of ``images`` as text, in their order; empty where it has none.
        of: The splits of each of them; none, one or several.
        sure: Whether the file says so itself, not only by its folders.
    """

    by: str
    ids: Sequence[str]
    of: Sequence[Names]
    sure: bool = True

    @property
    def counts(self) -> dict[str, int]:
        """Images by split."""
        return dict(Counter(name for names in self.of for name in names))

    def notes(self, shown: str) -> list[str]:
        """How a file was taken apart, and what is of no split, in words."""
        counts = ", ".join(f"{name} ({count:,})" for name, count in sorted(self.counts.items()))
        notes = [f"{shown} holds several splits, told by {self.by}: {counts}."]
        if unnamed := sum(not names for names in self.of):
            notes.append(
                f"Of no split by that, and not compared: {unnamed:,} of the images of {shown}."
            )
        return notes


@dataclass(slots=True)
class SplitSigns:
    """Takes down what a file says of splits while it is read."""

    ids: list[str] = field(default_factory=list)
    folders: list[Names] = field(default_factory=list)
    images: dict[str, dict[int, Names]] = field(default_factory=dict)
    annotations: dict[str, dict[str, Names]] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    listed: dict[str, list[str]] = field(default_factory=dict)
    _same: dict[Names, Names] = field(default_factory=dict)

    def image(self, element: Mapping[str, Any], key: str, name: str) -> None:
        """Look at an element of ``images``; call it for each, in their order."""
        number = len(self.ids)
        self.ids.append(key)
        self.names.append(name)
        word = folder_split(name)
        self.folders.append(self._one(() if word is None else (word,)))
        for member, told in _told(element):
            self.images.setdefault(member, {})[number] = self._one(told)

    def annotation(self, element: Mapping[str, Any], image: str) -> None:
        """Look at an annotation of an image."""
        for member, told in _told(element):
            of = self.annotations.setdefault(member, {})
            of[image] = self._one(tuple(dict.fromkeys((*of.get(image, ()), *told))))

    def top(self, key: str, value: Any) -> None:
        """Look at an object beside ``images``: images by split, or ``{"train": [1, 2], …}``."""
        if key.casefold() not in MEMBERS or not isinstance(value, dict):
            return
        for name, images in value.items():
            if isinstance(images, dict):
                images = next((images[k] for k in _LISTS if k in images), None)
            self._list(name, images)

    def top_element(self, key: str, element: Any) -> None:
        """Look at an element of a list beside ``images``: a split with a name and its images."""
        if key.casefold() not in MEMBERS or not isinstance(element, dict):
            return
        name = element.get("name", element.get("split"))
        self._list(name, next((element[k] for k in _LISTS if k in element), None))

    def found(self) -> SplitsInside | None:
        """How the file is to be taken apart; None where it is of one split."""
        for member, told in self.images.items():
            of = [told.get(number, ()) for number in range(len(self.ids))]
            if _several(of, loose=member.rpartition(".")[2] in LOOSE_MEMBERS):
                return SplitsInside(f"the member {member} of images", self.ids, of)
        if self.listed:
            of = [
                tuple(
                    dict.fromkeys(s for key in (self.ids[i], self.names[i]) for s in self._of(key))
                )
                for i in range(len(self.ids))
            ]
            if _several(of):
                return SplitsInside("the list of splits", self.ids, of)
        for member, by_image in self.annotations.items():
            of = [by_image.get(key, ()) for key in self.ids]
            if _several(of, loose=member.rpartition(".")[2] in LOOSE_MEMBERS):
                return SplitsInside(f"the member {member} of annotations", self.ids, of)
        if _several(self.folders):
            return SplitsInside("the folders in file names", self.ids, self.folders, sure=False)
        return None

    def _of(self, key: str) -> Iterable[str]:
        return self.listed.get(key, ()) if key else ()

    def _list(self, name: Any, images: Any) -> None:
        if not (isinstance(name, str) and name.strip() and isinstance(images, list)):
            return
        for image in images:
            if isinstance(image, dict):
                image = image.get("id", image.get("file_name"))
            if type(image) in (int, str):
                self.listed.setdefault(str(image), []).append(name.strip())

    def _one(self, names: Names) -> Names:
        return self._same.setdefault(names, names)


def _several(of: Sequence[Names], *, loose: bool = False) -> bool:
    names = {name for of_image in of for name in of_image}
    if loose and not all(name in ("train", "val", "test") for name in names):
        return False
    return 2 <= len(names) <= _MAX_SPLITS


def _told(element: Mapping[str, Any]) -> Iterable[tuple[str, Names]]:
    attributes = element.get("attributes")
    for prefix, members in (("", element), ("attributes.", attributes)):
        if not isinstance(members, dict):
            continue
        for member in (*MEMBERS, *LOOSE_MEMBERS):
            value = members.get(member)
            if value is None:
                continue
            values = value if isinstance(value, list) else [value]
            texts = [str(v).strip() for v in values if type(v) in (str, int) and len(str(v)) < 100]
            if member in LOOSE_MEMBERS:
                words = [split_word(text) for text in texts]
                texts = [w for w in words if w] if None not in words or member == "tags" else texts
            if texts and all(texts):
                yield prefix + member, tuple(dict.fromkeys(texts))
