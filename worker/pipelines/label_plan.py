"""Labels of another tool held against their images and videos: what becomes of each frame.

Readers give neutral records (``publishing.labelled``); here they become what the import of COCO
files makes of its annotations, so that both end in the same rows. The first pass and the import
go through here with the same choices.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from backend.core.database.text import storable
from backend.domain.errors import InvalidInput
from backend.domain.file_names import NameMatch
from backend.domain.infants import PersonRole, RoleChoice, category_roles, chosen_roles
from backend.domain.oddities import Answer, Group
from backend.domain.pixels import (
    KnownRule,
    OutsideJoints,
    joints_outside,
)
from backend.publishing.formats.chosen_labels import fault_of_labels
from backend.publishing.formats.coco import (
    CocoAnnotation,
    CocoChoices,
)
from backend.publishing.formats.coco_places import image_source, rule_in_words
from backend.publishing.formats.findings import Findings
from backend.publishing.formats.writing import outside_note
from backend.publishing.labelled import LabelledPerson
from backend.recordings.inspection.facts import VideoLook
from worker.pipelines.coco_turns import Turns
from worker.pipelines.found_images import upright_size
from worker.pipelines.infants_chosen import decide
from worker.pipelines.label_records import PlannedFrame, moved
from worker.pipelines.label_uploads import LabelFiles

MAX_FRAMES: Final = 1_000_000
_MAX_WHO: Final = 12
"""So many tracks are offered as people whom one may tell apart; more are only numbers."""
ANONYMOUS: Final = "person"
"""What people are called of whom the labels say nothing."""
_RELATIVE: Final = frozenset(("yolo",))
"""Formats whose places are shares of the image, which the reader multiplied by its upright size."""
_OF_PEOPLE: Final = frozenset((Group.CATEGORIES, Group.PEOPLE, Group.JOINTS))
_EVERY: Final = 500

Progress = Callable[[int, int | None, str], None]
LookAt = Callable[[str], VideoLook]


@dataclass(slots=True)
class LabelPlan:
    """What becomes of labels.

    Attributes:
        files: The labels.
        findings: What was odd.
        choices: What the maintainer chose.
        known: What joints count, and how that is known.
        frames: By path in the source; of a video by its name and ``#`` with the frame's number.
        names: What was found for each name of an image.
        videos: Of each video that was sent and is named: which frames of it are wanted.
        named: Of each video that labels name: how many frames, and the file that was sent for it.
        unlisted: Paths of images that become frames without people.
        turns: Images that Exif turns.
        labels: Names of all people in the labels, whatever becomes of them.
        tracks: The same of their tracks.
        said: What there is to say.
        fault: Why the labels cannot be read with these choices; None where they can.
    """

    files: LabelFiles
    findings: Findings
    choices: CocoChoices
    known: KnownRule
    frames: dict[str, PlannedFrame] = field(default_factory=dict)
    names: dict[str, NameMatch] = field(default_factory=dict)
    videos: dict[str, list[int]] = field(default_factory=dict)
    named: dict[str, tuple[int, str]] = field(default_factory=dict)
    unlisted: list[str] = field(default_factory=list)
    turns: Turns = field(default_factory=Turns)
    labels: set[str] = field(default_factory=set)
    tracks: set[str] = field(default_factory=set)
    said: list[str] = field(default_factory=list)
    fault: str | None = None
    outside: Counter[str] = field(default_factory=Counter)
    _who: dict[str, int] = field(default_factory=dict)
    _roles: dict[str, PersonRole] = field(default_factory=dict)
    _by_track: bool = False

    @property
    def name(self) -> str:
        """What to call the labels."""
        return self.files.name

    # Who is who

    def note_people(self) -> None:
        """Find out by what people are told apart, once all frames are known."""
        people = [person for frame in self.frames.values() for person in frame.people]
        tracks = {person.marks.track for person in people} - {""}
        named = any(person.marks.name for person in people)
        self._by_track = not named and 0 < len(tracks) <= _MAX_WHO
        counts: Counter[str] = Counter(self.who(person) for person in people)
        self._who = dict(counts)
        roles = category_roles({who: who for who in counts})
        tracks = self.tracks if self._by_track else set()
        known = {*counts, *self.labels, *tracks, *self.findings.skeletons} - {""}
        if fault := fault_of_labels(CocoChoices(people=self.choices.people), known, ()):
            raise self._invalid(fault)
        infant = self.choices.infant
        if infant is not None:
            if infant and infant not in known:
                raise self._invalid(
                    f"there is no label {infant!r}; there are {', '.join(sorted(known))}"
                )
            told = {True: PersonRole.INFANT, False: PersonRole.OTHER}
            roles = {w: told[w == infant] if infant else PersonRole.UNCLEAR for w in counts}
        chosen = {who: choice for who, choice in self.choices.people.items() if who in counts}
        self._roles = chosen_roles(roles, chosen)

    def who(self, person: LabelledPerson) -> str:
        """What a person is called, for telling the infant: a label, else a track."""
        return person.marks.name or (person.marks.track if self._by_track else "") or ANONYMOUS

    def people_of_names(self) -> Mapping[str, tuple[int, PersonRole, bool]]:
        """By what people are called: how many, who they are, and whether they are taken."""
        return {
            who: (n, self._roles[who], self.choices.people.get(who) is not RoleChoice.SKIP)
            for who, n in self._who.items()
        }

    # What becomes of it

    def frame_paths(self) -> list[str]:
        """Paths of all images that become frames."""
        of_videos = {
            video_path(name, number) for name, numbers in self.videos.items() for number in numbers
        }
        return [*(path for path in self.frames if path not in of_videos), *self.unlisted]

    def people(self) -> Iterator[tuple[str, list[CocoAnnotation]]]:
        """Path and people of each frame, in the product's pixels."""
        for path, frame in self.frames.items():
            found = []
            for i, person in enumerate(frame.people):
                who = self.who(person)
                if self.choices.people.get(who) is RoleChoice.SKIP:
                    continue
                role = self._roles[who]
                if role is PersonRole.UNCLEAR and i in frame.marked:
                    role = PersonRole.INFANT
                known = moved(person, frame.image, role, self.name)
                beyond = joints_outside(known.skeleton, *upright_size(frame.image))
                if beyond and known.apart is None:
                    self.outside[path] += len(beyond)
                found.append(known)
            yield path, decide(found, self.choices.unclear)

    def people_by_path(self) -> dict[str, list[CocoAnnotation]]:
        """The people of frames by path; frames without people are missing.

        Raises:
            InvalidInput: nothing usable is left; the words say what was odd.
        """
        found = {path: people for path, people in self.people() if people}
        count = sum(person.apart is None for people in found.values() for person in people)
        refusal = self.refusal(count)
        if refusal is not None:
            raise self._invalid(refusal.rstrip("."))
        return found

    def sources(self) -> dict[str, dict[str, Any]]:
        """What the labels said of each image, by path, as the database keeps it."""
        return {path: image_source(frame.image, self.name) for path, frame in self.frames.items()}

    def file_names(self) -> dict[str, str]:
        """The names that labels give images, by path."""
        return {path: frame.image.file_name or path for path, frame in self.frames.items()}

    def label_source(self) -> dict[str, Any]:
        """By which rules the labels were read, as the database keeps it."""
        return {
            "file": storable(self.name),
            "format": self.files.format,
            "pixels": self.known.rule.value,
            "pixels_by": self.known.origin.value,
            "exif": self.turns.chosen.value if self.turns.chosen else None,
        }

    def notes(self) -> list[str]:
        """What is to be said, in words; after the people were read."""
        notes = [f"Read as {self.files.title}.", rule_in_words(self.known)]
        notes += [note for note in self.said if note not in notes]
        notes += self.turns.notes()
        if self.outside:
            notes.append(outside_note(self.outside.total(), len(self.outside), OutsideJoints.KEEP))
        return notes

    def refusal(self, people: int) -> str | None:
        """Why nothing usable is left, in words; None where the import can begin."""
        if self.fault is not None:
            return self.fault
        if (question := self.turns.question()) is not None:
            return question
        if not self.frames and not self.unlisted:
            if self.named and not any(sent for _, sent in self.named.values()):
                videos = ", ".join(list(self.named)[:3])
                return (
                    f"the labels name frames of {videos}: send the video with them, under the same"
                    f" name, or its frames as images.{self._because()}"
                )
            return f"no image of the labels can be used.{self._because()}"
        lost = any(
            found.answer is Answer.SKIP and found.rule.asks and found.rule.group in _OF_PEOPLE
            for found in self.findings
        )
        if not people and (self._who or lost):
            return f"nobody's joints can be used.{self._because()}"
        return None

    def _because(self) -> str:
        skipped = [f for f in self.findings if f.answer is Answer.SKIP and f.rule.asks]
        return "".join(f" {found}" for found in skipped)

    def _invalid(self, fault: str) -> InvalidInput:
        return InvalidInput(f"{self.name}: {fault}.", file=self.name, fault=fault)


def video_path(name: str, number: int) -> str:
    """What a frame of a video is called among the paths of a plan."""
    return f"{name}#{number}"
