"""A COCO file held against its images: what becomes of each image, before a pixel is decoded.

The first pass and the import itself both go through here, with the same choices, so that what was
shown is what is done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from backend.core.cycles import without_search_for_cycles
from backend.core.database.text import storable
from backend.domain.errors import InvalidInput
from backend.domain.file_names import (
    NameMatch,
    match_names,
    match_numbers,
)
from backend.domain.infants import WhoIfUnclear
from backend.domain.oddities import Answer, Odd
from backend.domain.pixels import KnownRule, OutsideJoints, joints_outside, rule_of_file
from backend.publishing.formats.coco import CocoChoices, CocoImage, Key
from backend.publishing.formats.coco_places import (
    declared_labels,
    declared_rule,
    image_source,
    rule_in_words,
)
from backend.publishing.formats.coco_reader import CocoFile, PeopleBlock
from backend.publishing.formats.findings import Findings
from backend.publishing.formats.label_source import kept_members
from backend.publishing.formats.writing import outside_note
from backend.recordings.first_pass import ChoicesIn
from worker.media.decode import MAX_PIXELS
from worker.media.images import list_images
from worker.media.sources import ImageSource
from worker.pipelines.coco_turns import Turns
from worker.pipelines.found_images import sized, upright_size
from worker.pipelines.spooled_people import SpooledPeople

Progress = Callable[[int, int | None, str], None]


def choices_of(chosen: ChoicesIn) -> CocoChoices:
    """A request's choices, as the reader takes them."""
    return CocoChoices(
        chosen.answers(),
        chosen.skeletons,
        chosen.infant_category,
        chosen.pixels,
        chosen.exif,
        chosen.joints,
        chosen.people,
        chosen.unclear,
    )


@dataclass(slots=True)
class CocoPlan:
    """What becomes of the images of a COCO file.

    Attributes:
        file: The file; its people are read once.
        names: What was found for each image, by its id.
        images: The images that become frames, by id, with their true sizes.
        paths: Their paths in the source, by id.
        unlisted: Paths of images that the file does not name and that become frames all the same.
        rule: What the file's joints count.
        turns: Images that Exif turns.
        unclear: Who is proposed as the infant where nothing tells.
        outside: Joints beyond the border, and images that have some; counted while people are read.
    """

    file: CocoFile
    names: dict[Key, NameMatch]
    images: dict[Key, CocoImage]
    paths: dict[Key, str]
    unlisted: list[str]
    rule: KnownRule
    turns: Turns
    unclear: WhoIfUnclear = WhoIfUnclear.ALONE
    outside: tuple[int, int] = (0, 0)

    @property
    def name(self) -> str:
        """What to call the file."""
        return self.file.name

    @property
    def findings(self) -> Findings:
        """What was odd so far."""
        return self.file.findings

    def frame_paths(self) -> list[str]:
        """Paths of all images that become frames, in the order of the file."""
        return [*self.paths.values(), *self.unlisted]

    def blocks(self) -> Iterator[PeopleBlock]:
        """The people of these images in the product's pixels, many at once; to be read once."""
        outside: Counter[Key] = Counter()
        sizes = {key: upright_size(image) for key, image in self.images.items()}
        for block in self.file.blocks(self.images, rule=self.rule.rule):
            usual = block.usual
            if len(usual):
                beyond = usual.joints_outside(
                    np.array([sizes[key] for key in usual.images], dtype=np.float64)
                )
                for row in np.flatnonzero(beyond).tolist():
                    outside[usual.images[row]] += int(beyond[row])
            for _, person in block.singly:
                if person.apart is None:
                    size = sizes[person.image_id]
                    outside[person.image_id] += len(joints_outside(person.skeleton, *size))
            yield block
        self.outside = (outside.total(), sum(count > 0 for count in outside.values()))

    def sources(self) -> dict[str, dict[str, Any]]:
        """What the file said of each image, by path, as the database keeps it."""
        return {
            path: image_source(self.images[key], self.file.name) for key, path in self.paths.items()
        }

    def label_source(self) -> dict[str, Any]:
        """By which rules the file was read, as the database keeps it."""
        head = self.file.head
        return {
            "file": storable(self.file.name),
            "pixels": self.rule.rule.value,
            "pixels_by": self.rule.origin.value,
            "exif": self.turns.chosen.value if self.turns.chosen else None,
            **kept_members({"info": head.info, "licenses": head.licenses}),
        }

    def notes(self) -> list[str]:
        """What is to be said about pixels, in words; after the people were read."""
        notes = [rule_in_words(self.rule)] if self.file.head.labelled else []
        notes += self.turns.notes()
        if self.outside[0]:
            notes.append(outside_note(*self.outside, OutsideJoints.KEEP))
        return notes

    def file_names(self) -> dict[str, str]:
        """The names that the file gives images, by path."""
        return {path: self.images[key].file_name or path for key, path in self.paths.items()}

    def people_by_path(self) -> SpooledPeople:
        """The people of these images by path; images without people are missing.

        Raises:
            InvalidInput: nothing usable is left; the words say what was odd.
        """
        found = SpooledPeople(self.unclear)
        count = 0
        # What is kept is no cycle: each search for cycles would go through all images.
        with without_search_for_cycles():
            for usual, singly in self.blocks():
                found.add_block(self.paths, usual, singly)
                count += len(usual) + sum(person.apart is None for _, person in singly)
        refusal = self.refusal(count)
        if refusal is not None:
            name = self.file.name
            raise InvalidInput(f"{name}: {refusal}", file=name, fault=refusal)
        return found

    def refusal(self, people: int) -> str | None:
        """Why nothing usable is left, in words; None where the import can begin.

        Args:
            people: How many people were read, without those who are kept apart.
        """
        question = self.turns.question()
        if question is not None:
            return question
        if not self.images and not self.unlisted:
            return self._because("no image of the file can be used")
        if self.file.head.labelled and not people:
            return self._because("nobody's joints can be used")
        return None

    def _because(self, fault: str) -> str:
        skipped = [f for f in self.findings if f.answer is Answer.SKIP and f.rule.asks]
        reasons = " ".join(map(str, skipped))
        return f"{fault}. {reasons}".strip()


def plan_coco(
    path: Path,
    name: str,
    source: ImageSource,
    findings: Findings,
    choices: CocoChoices,
    *,
    max_bytes: int,
    max_pixels: int = MAX_PIXELS,
    progress: Progress | None = None,
    check_cancelled: Callable[[], None] = lambda: None,
) -> CocoPlan:
    """Read a COCO file's images and categories, and find and look at the images themselves.

    Args:
        path: The COCO file.
        name: What to call it.
        source: The images.
        findings: Takes down what is odd.
        choices: What the maintainer chose.
        max_bytes: Largest allowed COCO file.
        max_pixels: Largest allowed image, in pixels.
        progress: Told how many images were looked at: done, to do, words.
        check_cancelled: Raises where somebody asked to stop.

    Raises:
        InvalidInput: the file is no COCO keypoint file, there is no image in the source, or an
            oddity was met for which the maintainer chose to cancel.
        TooLarge: the file exceeds ``max_bytes``.
    """
    file = CocoFile(path, name=name, choices=choices, findings=findings, max_bytes=max_bytes)
    check_cancelled()
    present = list_images(source).images
    names = _matched(file, present)
    turns = Turns(declared_labels(file.head.info), choices.exif)
    images: dict[Key, CocoImage] = {}
    paths: dict[Key, str] = {}
    told: set[str] = set()
    for done, (key, match) in enumerate(names.items(), start=1):
        check_cancelled()
        told.update(match.files)
        image = sized(
            file.head.images[key],
            match,
            source,
            findings,
            turns,
            file.head.places.reach.get(key),
            max_pixels,
        )
        if image is not None:
            images[key], paths[key] = image, match.files[0]
        if progress is not None:
            progress(done, len(names), "Looking at images")
    others = [path for path in present if path not in told]
    unlisted = [
        path for path in others if findings.odd(Odd.IMAGE_UNLISTED, image=path) is Answer.MAP
    ]
    head = file.head
    rule = rule_of_file(
        declared=declared_rule(head.info),
        chosen=choices.pixels,
        whole_numbers=head.places.whole_numbers,
        results=head.results,
    )
    return CocoPlan(file, names, images, paths, unlisted, rule, turns, choices.unclear)


def _matched(file: CocoFile, present: list[str]) -> dict[Key, NameMatch]:
    """What was found for each image, by its id, in the order of the file."""
    named = {key: image.file_name for key, image in file.head.images.items() if image.file_name}
    by_name = dict(zip(named, match_names(list(named.values()), present), strict=True))
    taken = {path for match in by_name.values() for path in match.files}
    numbers = [key for key in file.head.images if key not in named and isinstance(key, int)]
    by_number = match_numbers(numbers, [path for path in present if path not in taken])
    found: dict[Key, NameMatch] = {**by_name, **{key: by_number[key] for key in numbers}}
    return {key: found[key] for key in file.head.images}
