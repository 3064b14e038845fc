"""What all readers share: what they are asked for, how they answer, and who is the infant.

A reader takes a path and gives a stream of :class:`LabelledFrame` in the product's pixels. What is
odd goes to ``Findings``; only a file that is not of the format is refused as a whole.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, Final

from backend.domain.errors import InvalidInput, TooLarge
from backend.domain.infants import PersonRole, category_roles, proposed_infant
from backend.domain.limits import MAX_JSON_BYTES
from backend.domain.oddities import Answer, Answers, Odd
from backend.domain.pixels import KnownRule, PixelRule, RuleOrigin
from backend.domain.skeleton_maps import (
    SKELETONS,
    SkeletonMap,
    Told,
    map_by_names,
    numbered,
    recognise,
    with_changes,
)
from backend.publishing.formats.chosen_labels import fault_of_joints, fault_of_labels
from backend.publishing.formats.coco import CocoChoices
from backend.publishing.formats.findings import Findings, Spot
from backend.publishing.formats.holding import Losses, Thing
from backend.publishing.formats.image_places import ImagePlaces, Sizes
from backend.publishing.labelled import LabelledFrame, LabelledImage, LabelledPerson

MAX_FILES: Final = 1_000_000
"""Most files of a folder that are looked at."""


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How a file is to be read.

    Attributes:
        choices: What to do about what is odd; which skeleton; who is the infant; what joints count.
        images: Folder of the images, for formats that do not tell their sizes.
        size: Width and height of all images, where neither the format nor ``images`` tells.
        max_bytes: Largest file of labels that is read.
    """

    choices: CocoChoices = field(default_factory=CocoChoices)
    images: Path | None = None
    size: tuple[int, int] | None = None
    max_bytes: int = MAX_JSON_BYTES


class Reader(ABC):
    """Reads one file or folder of one format.

    Args:
        path: The file or folder.
        options: How.
        findings: Takes down what is odd; by default an own one with the options' answers.

    Attributes:
        findings: What was odd so far.
        losses: Counts what the file holds and a record does not.
        licences: Licences of the file, to which images refer by id.

    Raises:
        InvalidInput: it is not of the format; or an oddity for which cancelling was chosen.
        TooLarge: it exceeds a limit.
    """

    PIXELS: ClassVar[PixelRule]
    """What the format's joints count, unless chosen or declared otherwise."""

    def __init__(
        self, path: Path, options: ReadOptions | None = None, findings: Findings | None = None
    ) -> None:
        self.path = path
        self.name = path.name or str(path)
        self.options = options or ReadOptions()
        answers = self.options.choices.answers
        self.findings = findings or Findings(answers, file=self.name)
        self.sizes = Sizes(ImagePlaces(path, self.options.images), self.options.size)
        self.losses = Losses(frozenset(Thing))
        self.licences: Sequence[Mapping[str, Any]] = ()
        self._notes: dict[str, None] = {}

    @abstractmethod
    def frames(self) -> Iterator[LabelledFrame]:
        """The images in the order of the file, with the people in them."""

    @property
    def rule(self) -> PixelRule:
        """What the joints count."""
        return self.options.choices.pixels or self.PIXELS

    @property
    def known(self) -> KnownRule:
        """The same, and how it came to be known."""
        chosen = self.options.choices.pixels
        return KnownRule(self.rule, RuleOrigin.CHOSEN if chosen else RuleOrigin.FORMAT)

    @property
    def notes(self) -> tuple[str, ...]:
        """What there is to say, each once, and what was left out."""
        return (*self._notes, *self.losses.notes())

    def note(self, text: str) -> None:
        """Say something, once."""
        self._notes[text] = None

    def require_choices(self, labels: Collection[str]) -> None:
        """Refuse choices that fitted nothing in the file; to be called when all of it was read.

        Args:
            labels: Names and tracks of the people in it.

        Raises:
            InvalidInput: there is no such label, or no such joint.
        """
        met = self.findings.skeletons
        fault = fault_of_labels(self.options.choices, {*labels, *met}, met) or fault_of_joints(
            self.options.choices, met
        )
        if fault is not None:
            raise self.invalid(fault)

    def invalid(self, fault: str, file: str | None = None) -> InvalidInput:
        """The error that refuses the file."""
        name = file or self.name
        return InvalidInput(f"{name}: {fault}.", file=name, fault=fault)

    def text_of(self, path: Path) -> str:
        """A small text file, UTF-8 with or without a byte order mark.

        Raises:
            InvalidInput: it is not UTF-8.
            TooLarge: as the limit says.
        """
        try:
            return self.bytes_of(path).decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise self.invalid("it is not UTF-8 text", path.name) from error

    def bytes_of(self, path: Path) -> bytes:
        """A file's content.

        Raises:
            InvalidInput: there is no such file.
            TooLarge: as the limit says.
        """
        check_size(path, self.options.max_bytes)
        return path.read_bytes()


def check_size(path: Path, most: int) -> None:
    """Refuse what is no file, empty or too large.

    Raises:
        InvalidInput: there is no such file, or it is empty.
        TooLarge: it has more than ``most`` bytes.
    """
    if not path.is_file():
        raise InvalidInput(f"{path.name}: there is no such file.", file=path.name, fault="missing")
    size = path.stat().st_size
    if size == 0:
        raise InvalidInput(
            f"{path.name}: the file is empty (0 bytes).", file=path.name, fault="empty"
        )
    if size > most:
        fault = f"the file has {size / (1 << 20):,.0f} MiB, the limit is {most / (1 << 20):,.0f}"
        raise TooLarge(f"{path.name}: {fault} MiB.", file=path.name, fault=fault)


def skeleton_map(
    names: Sequence[str] | None,
    choices: CocoChoices,
    spot: Spot,
    *,
    of: str = "",
    count: int | None = None,
    partial: bool = False,
) -> SkeletonMap | None:
    """How joints of these names become COCO's, by their names or as was chosen.

    Args:
        names: The format's joints in its order; None where it does not name them.
        choices: What was chosen.
        spot: Where they stand; takes down what is odd.
        of: Name of the skeleton or label, for which a choice may be made.
        count: How many joints there are, where they have no names.
        partial: Whether names are those of the joints that were placed, and not the whole skeleton.

    Returns:
        None where the skeleton is not known, or its people are left out.

    Raises:
        InvalidInput: a skeleton was chosen that is not known or does not fit.
    """
    count = len(names) if names is not None else count or 0
    found = _found_map(names, choices, spot, of=of, count=count, partial=partial)
    spot.findings.met(
        of, names or (found.joints if found else numbered(count)), found, partial=partial
    )
    return found


def _found_map(
    names: Sequence[str] | None,
    choices: CocoChoices,
    spot: Spot,
    *,
    of: str,
    count: int,
    partial: bool,
) -> SkeletonMap | None:
    changes = choices.changes(of)
    if partial and names:
        # Everybody has other joints placed: what was said of the others is no mistake.
        changes = {name: target for name, target in changes.items() if name in names}
    if changes:
        silent = Spot(Findings(Answers(otherwise=Answer.MAP), refusing=False), "")
        plain = replace(choices, joints={})
        base = _found_map(names, plain, silent, of=of, count=count, partial=partial)
        if base is None and names:
            base = map_by_names(names)
        return with_changes(names, count, base, changes)
    wanted = choices.skeletons.get(of) or choices.skeletons.get("*")
    if wanted == "by_names":
        return map_by_names(names or ())
    if wanted is not None:
        known = SKELETONS.get(wanted)
        if known is None or len(known.joints) != count:
            fault = (
                f"there is no skeleton {wanted!r}; known: {', '.join(SKELETONS)}"
                if known is None
                else f"skeleton {wanted} has {len(known.joints)} joints, {of or 'the file'} has"
                f" {count}"
            )
            raise InvalidInput(f"{fault[0].upper()}{fault[1:]}.", fault=fault)
        return known
    if partial and names and None not in map_by_names(names).coco:
        return map_by_names(names)
    found = recognise(names, count)
    named = f"{of}: " if of else ""
    if found.map is None:
        some = ", ".join(names[:6]) if names else "no names"
        spot.odd(Odd.SKELETON_UNKNOWN, "", f"{named}{count} joints ({some})")
        return None
    if found.told is Told.COCO:
        return found.map
    if found.told is Told.COUNT and found.map is SKELETONS["coco"] and not names:
        answer = spot.odd(Odd.JOINTS_UNNAMED, "", of)
        return found.map if answer is Answer.MAP else None
    if found.told is Told.COUNT:
        answer = spot.odd(Odd.SKELETON_BY_COUNT, "", f"{named}{found.map.title}")
        return found.map if answer is Answer.MAP else None
    changed = found.map.dropped or found.map.absent
    kind = Odd.OTHER_SKELETON if changed else Odd.JOINTS_REORDERED
    detail = f"{named}{found.map.title}"
    if found.map.dropped:
        detail += f"; dropped: {', '.join(found.map.dropped[:4])}"
    if found.map.absent:
        detail += f"; absent: {', '.join(found.map.absent[:4])}"
    return found.map if spot.odd(kind, "", detail) is Answer.MAP else None


def roles_of(names: Collection[str], infant: str | None) -> dict[str, PersonRole]:
    """What the labels of a file say of their people, or what was chosen.

    Raises:
        InvalidInput: the label that was chosen is not there.
    """
    known = {name: name for name in names}
    if infant is None:
        return category_roles(known)
    if not infant:
        return dict.fromkeys(known, PersonRole.UNCLEAR)
    if infant not in known:
        fault = f"there is no label {infant!r}; the file has {', '.join(sorted(known))}"
        raise InvalidInput(f"T{fault[1:]}.", fault=fault)
    return {n: PersonRole.INFANT if n == infant else PersonRole.OTHER for n in known}


def frame_of(
    image: LabelledImage,
    people: Sequence[LabelledPerson],
    roles: Mapping[str, PersonRole],
    *,
    infant: int | None = None,
) -> LabelledFrame:
    """An image with its people, of whom the infant is told apart where labels tell.

    People without joints, and groups of people, are never taken for the infant.

    Args:
        image: The image.
        people: In the order of the file.
        roles: What each label says.
        infant: Which of the people the file says is the infant, where it does.
    """
    able = [
        i
        for i, person in enumerate(people)
        if person.joints.num_keypoints and not (person.imported and person.imported.crowd)
    ]
    if infant is None:
        told = [roles.get(people[i].marks.name, PersonRole.UNCLEAR) for i in able]
        chosen = proposed_infant(told)
        infant = None if chosen is None else able[chosen]
    if infant is None:
        return LabelledFrame(image, others=tuple(people))
    person = people[infant]
    others = tuple(other for i, other in enumerate(people) if i != infant)
    return LabelledFrame(
        image,
        joints=person.joints,
        box=person.box,
        mask=person.mask,
        imported=person.imported,
        marks=person.marks,
        others=others,
    )
