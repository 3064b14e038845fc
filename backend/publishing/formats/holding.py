"""What a format can hold, and a count of what a dataset has that it cannot.

A format says which of these things its files have a place for. Whatever else the records hold is
counted while they are written and said afterwards: nothing is dropped in silence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from enum import StrEnum
from typing import Final

from backend.domain.keypoints import Visibility
from backend.publishing.labelled import LabelledFrame, LabelledPerson


class Thing(StrEnum):
    """Something beside the places of joints that a record may hold."""

    OCCLUDED = "occluded"
    BOX = "box"
    MASK = "mask"
    OTHERS = "others"
    WHO = "who"
    NAME = "name"
    TRACK = "track"
    SCORE = "score"
    JOINT_SCORES = "joint_scores"
    CROWD = "crowd"
    AREA = "area"
    LICENCE = "licence"
    EMPTY = "empty"
    SPLIT = "split"
    VIDEO = "video"
    SIZE = "size"
    FACTS = "facts"
    PROVENANCE = "provenance"
    FIT = "fit"
    EXTRAS = "extras"


HELD: Final = {
    Thing.OCCLUDED: "whether a placed joint is seen or occluded",
    Thing.BOX: "the box",
    Thing.MASK: "the mask",
    Thing.OTHERS: "several people in one image",
    Thing.WHO: "which of several people is the infant",
    Thing.NAME: "what a person is called (label, category)",
    Thing.TRACK: "who a person is in other images",
    Thing.SCORE: "a model's confidence in a person",
    Thing.JOINT_SCORES: "a model's confidence in each joint",
    Thing.CROWD: "whether a person stands for a group of people",
    Thing.AREA: "an area that a file gave",
    Thing.LICENCE: "the licence of an image",
    Thing.EMPTY: "images without anybody in them",
    Thing.SPLIT: "the split",
    Thing.VIDEO: "video and frame number",
    Thing.SIZE: "the image's size",
    Thing.FACTS: "where an image belongs: recording, camera, moment, infant",
    Thing.PROVENANCE: "how joints, box and mask came about",
    Thing.FIT: "which body fit belongs to it",
    Thing.EXTRAS: "members of other programs that mean nothing here",
}
"""Each thing in words."""

_LOST: Final = {
    Thing.OCCLUDED: ("{n} occluded joint was", "{n} occluded joints were", "written as seen"),
    Thing.BOX: ("{n} box was", "{n} boxes were", "left out"),
    Thing.MASK: ("{n} mask was", "{n} masks were", "left out"),
    Thing.OTHERS: ("{n} other person was", "{n} other people were", "left out"),
    Thing.WHO: (
        "In {n} image it is", "In {n} images it is",
        "not said which of several people is the infant"),
    Thing.NAME: ("The label of {n} person was", "The labels of {n} people were", "left out"),
    Thing.TRACK: ("The track of {n} person was", "The tracks of {n} people were", "left out"),
    Thing.SCORE: ("The score of {n} person was", "The scores of {n} people were", "left out"),
    Thing.JOINT_SCORES: (
        "The joints' scores of {n} person were", "The joints' scores of {n} people were",
        "left out"),
    Thing.CROWD: (
        "{n} group of people was", "{n} groups of people were", "written as one person each"),
    Thing.AREA: ("The area of {n} person was", "The areas of {n} people were", "left out"),
    Thing.LICENCE: ("The licence of {n} image was", "The licences of {n} images were", "left out"),
    Thing.EMPTY: ("{n} image without people was", "{n} images without people were", "left out"),
    Thing.SPLIT: ("The split of {n} image was", "The splits of {n} images were", "left out"),
    Thing.VIDEO: (
        "Video and frame number of {n} image were", "Video and frame number of {n} images were",
        "left out"),
    Thing.SIZE: ("The size of {n} image was", "The sizes of {n} images were", "left out"),
    Thing.FACTS: (
        "The origin (recording, camera, infant) of {n} image was",
        "The origin (recording, camera, infant) of {n} images was", "left out"),
    Thing.PROVENANCE: (
        "How the labels of {n} image came about was", "How the labels of {n} images came about was",
        "left out"),
    Thing.FIT: (
        "The reference to the body fit of {n} image was",
        "The references to the body fits of {n} images were", "left out"),
    Thing.EXTRAS: (
        "Foreign members of {n} image or person were",
        "Foreign members of {n} images or people were", "left out"),
}  # fmt: skip


def _unclear(frame: LabelledFrame) -> int:
    """Whether labels do not tell the infant from somebody else in the image."""
    return int(
        frame.joints is not None
        and any(label_of(other) == label_of(frame.people[0]) for other in frame.others)
    )


def label_of(person: LabelledPerson) -> str:
    """What a person is called in formats that want a label."""
    return person.marks.name or ("infant" if person.infant else "person")


def is_nobody(person: LabelledPerson) -> bool:
    """Whether a person has neither joints nor a box nor a mask."""
    return not (person.joints.num_keypoints or person.box or person.mask)


def _joint_scores(frame: LabelledFrame) -> int:
    # Asked of every frame by nearly every format: without making people of them.
    infant = frame.joints is not None and frame.marks.joint_scores is not None
    if not frame.others:
        return int(infant)
    return infant + sum(person.marks.joint_scores is not None for person in frame.others)


def _marked(test: Callable[[LabelledPerson], object]) -> Callable[[LabelledFrame], int]:
    return lambda frame: sum(bool(test(person)) for person in frame.people)


def _occluded(frame: LabelledFrame) -> int:
    return sum(
        joint.visibility is Visibility.OCCLUDED
        for person in frame.people
        for joint in person.joints.joints
    )


def _extras(frame: LabelledFrame) -> int:
    people = sum(bool(p.imported and p.imported.extras) for p in frame.people)
    return people + bool(frame.image.extras)


_COUNTS: Final[dict[Thing, Callable[[LabelledFrame], int]]] = {
    Thing.OCCLUDED: _occluded,
    Thing.BOX: _marked(lambda person: person.box),
    Thing.MASK: _marked(lambda person: person.mask),
    Thing.OTHERS: lambda frame: max(0, len(frame.people) - 1),
    Thing.WHO: lambda frame: int(frame.joints is not None and len(frame.others) > 0),
    Thing.NAME: _marked(lambda person: person.marks.name),
    Thing.TRACK: _marked(lambda person: person.marks.track),
    Thing.SCORE: _marked(lambda person: person.marks.score is not None),
    Thing.JOINT_SCORES: _joint_scores,
    Thing.CROWD: _marked(lambda person: person.imported and person.imported.crowd),
    Thing.AREA: _marked(lambda person: person.imported and person.imported.area is not None),
    Thing.LICENCE: lambda frame: int(frame.image.licence is not None),
    Thing.EMPTY: lambda frame: int(not frame.people),
    Thing.SPLIT: lambda frame: int(bool(frame.image.split)),
    Thing.VIDEO: lambda frame: int(frame.image.video is not None),
    Thing.SIZE: lambda frame: int(frame.image.width > 0),
    Thing.FACTS: lambda frame: int(bool(frame.image.facts) or frame.infant is not None),
    Thing.PROVENANCE: lambda frame: int(bool(frame.provenance)),
    Thing.FIT: lambda frame: int(frame.fit is not None),
    Thing.EXTRAS: _extras,
}


class Losses:
    """Counts what is dropped while records are written.

    Args:
        holds: What the format has a place for.
    """

    def __init__(self, holds: Collection[Thing]) -> None:
        self._missing = {thing: _COUNTS[thing] for thing in Thing if thing not in holds}
        if Thing.NAME in holds and Thing.WHO in self._missing:
            self._missing[Thing.WHO] = _unclear
        self._lost: Counter[Thing] = Counter()
        self._more: dict[tuple[str, str], int] = {}

    def see(self, frame: LabelledFrame) -> None:
        """Count what this record holds and the format does not."""
        for thing, count_in in self._missing.items():
            count = count_in(frame)
            if count:
                self._lost[thing] += count

    def add(self, one: str, several: str, count: int = 1) -> None:
        """Count something else, in words with ``{n}``."""
        if count:
            self._more[one, several] = self._more.get((one, several), 0) + count

    def nobody(self, count: int = 1) -> None:
        """Count people of whom there is nothing that the format could hold."""
        self.add(
            "{n} person without joints, box or mask that it could hold was left out.",
            "{n} people without joints, boxes or masks that it could hold were left out.",
            count,
        )

    def notes(self) -> tuple[str, ...]:
        """What was dropped, a sentence each."""
        found = []
        for thing in Thing:
            count = self._lost[thing]
            if count:
                one, several, done = _LOST[thing]
                found.append(f"{(one if count == 1 else several).format(n=f'{count:,}')} {done}.")
        for (one, several), count in self._more.items():
            found.append((one if count == 1 else several).format(n=f"{count:,}"))
        return tuple(found)
