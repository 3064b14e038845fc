"""Labels of another tool held against their images and videos: what becomes of each frame.

Readers give neutral records (``publishing.labelled``); here they become what the import of COCO
files makes of its annotations, so that both end in the same rows. The first pass and the import
go through here with the same choices.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any, Final

from backend.core.database.text import storable
from backend.domain.boxes import Box
from backend.domain.errors import InvalidInput
from backend.domain.file_names import How, NameMatch, match_names
from backend.domain.infants import Apart, PersonRole, RoleChoice, category_roles, chosen_roles
from backend.domain.keypoints import Joint, Skeleton
from backend.domain.oddities import Answer, Group, Odd
from backend.domain.pixels import (
    KnownRule,
    OutsideJoints,
    PixelRule,
    RuleOrigin,
    joints_outside,
)
from backend.publishing.formats.coco import (
    CocoAnnotation,
    CocoCategory,
    CocoChoices,
    CocoImage,
    Rle,
)
from backend.publishing.formats.coco_places import image_source, placed, rule_in_words
from backend.publishing.formats.findings import Findings
from backend.publishing.formats.holding import Thing
from backend.publishing.formats.label_source import kept_members
from backend.publishing.formats.reading import Reader, ReadOptions
from backend.publishing.formats.registry import interchange_of
from backend.publishing.formats.writing import outside_note
from backend.publishing.labelled import LabelledFrame, LabelledPerson
from backend.recordings.inspection.facts import VideoLook
from worker.media.images import list_images
from worker.pipelines.coco_turns import Turns
from worker.pipelines.found_images import sized, upright_size
from worker.pipelines.infants_chosen import decide
from worker.pipelines.label_uploads import LabelFiles

MAX_FRAMES: Final = 1_000_000
_MAX_WHO: Final = 12
"""So many tracks are offered as people whom one may tell apart; more are only numbers."""
_ANONYMOUS: Final = "person"
_RELATIVE: Final = frozenset(("yolo",))
"""Formats whose places are shares of the image, which the reader multiplied by its upright size."""
_OF_PEOPLE: Final = frozenset((Group.CATEGORIES, Group.PEOPLE, Group.JOINTS))
_EVERY: Final = 500

Progress = Callable[[int, int | None, str], None]
LookAt = Callable[[str], VideoLook]


@dataclass(slots=True)
class PlannedFrame:
    """One frame that labels name and that is there.

    Attributes:
        image: With the true size of the pixels that its labels count.
        people: As they were read.
        marked: Which of them the file says is the infant; by place.
    """

    image: CocoImage
    people: list[LabelledPerson]
    marked: set[int] = field(default_factory=set)


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
        infant = self.choices.infant
        if infant is not None:
            if infant and infant not in counts:
                raise self._invalid(
                    f"there is no label {infant!r}; there are {', '.join(sorted(counts))}"
                )
            told = {True: PersonRole.INFANT, False: PersonRole.OTHER}
            roles = {w: told[w == infant] if infant else PersonRole.UNCLEAR for w in counts}
        chosen = {who: choice for who, choice in self.choices.people.items() if who in counts}
        self._roles = chosen_roles(roles, chosen)

    def who(self, person: LabelledPerson) -> str:
        """What a person is called, for telling the infant: a label, else a track."""
        return person.marks.name or (person.marks.track if self._by_track else "") or _ANONYMOUS

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
                moved = _moved(person, frame.image, role, "" if who == _ANONYMOUS else who,
                               self.name)  # fmt: skip
                beyond = joints_outside(moved.skeleton, *upright_size(frame.image))
                if beyond and moved.apart is None:
                    self.outside[path] = self.outside[path] + len(beyond)
                found.append(moved)
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


def plan_labels(
    files: LabelFiles,
    findings: Findings,
    choices: CocoChoices,
    *,
    max_bytes: int,
    max_pixels: int,
    look_at: LookAt,
    progress: Progress = lambda done, total, words: None,
    check_cancelled: Callable[[], None] = lambda: None,
) -> LabelPlan:
    """Read labels, and find and look at what they label.

    Args:
        files: The labels and what they label.
        findings: Takes down what is odd.
        choices: What the maintainer chose.
        max_bytes: Largest file of labels.
        max_pixels: Largest image, in pixels.
        look_at: Gives the facts of a video that was sent.
        progress: Told how far it is.
        check_cancelled: Raises where somebody asked to stop.

    Raises:
        InvalidInput: the labels are not of their format, or an oddity was met for which the
            maintainer chose to cancel.
        TooLarge: a limit is exceeded.
    """
    form = interchange_of(files.format)
    assert form.read is not None
    options = ReadOptions(
        choices=replace(choices, infant=None), images=files.root, max_bytes=max_bytes
    )
    try:
        reader = form.read(files.path, options, findings)
    except InvalidInput as error:
        if not findings.skeletons or any(met.taken for met in findings.skeletons.values()):
            raise
        # Its joints are to be mapped first; everything else is seen then.
        plan = LabelPlan(files, findings, choices, _unknown(choices))
        plan.fault = str(error.context.get("fault") or error.message)
        return plan
    plan = LabelPlan(files, findings, choices, reader.known)
    plan.turns.chosen = choices.exif
    frames = list(_read(reader, form.holds, plan, progress, check_cancelled))
    plan.said += reader.notes
    rest = _videos(plan, frames, look_at)
    _match(plan, rest, max_pixels, progress, check_cancelled)
    plan.note_people()
    return plan


def video_path(name: str, number: int) -> str:
    """What a frame of a video is called among the paths of a plan."""
    return f"{name}#{number}"


def _unknown(choices: CocoChoices) -> KnownRule:
    return KnownRule(choices.pixels or PixelRule.CONTINUOUS, RuleOrigin.FORMAT)


def _read(
    reader: Reader,
    holds: frozenset[Thing],
    plan: LabelPlan,
    progress: Progress,
    check_cancelled: Callable[[], None],
) -> Iterator[tuple[LabelledFrame, bool]]:
    """Frames, and whether the labels themselves say their size; one name comes once."""
    by_name: dict[str, int] = {}
    found: list[tuple[LabelledFrame, bool]] = []
    reader.sizes.looked = False
    for count, frame in enumerate(reader.frames(), start=1):
        if count > MAX_FRAMES:
            raise reader.invalid(f"more than {MAX_FRAMES:,} images")
        if count % _EVERY == 0:
            check_cancelled()
            progress(count, None, "Reading labels")
        sized_ = Thing.SIZE in holds and not reader.sizes.looked and frame.image.width > 0
        reader.sizes.looked = False
        name = frame.image.file_name
        known = by_name.get(name)
        if known is None:
            by_name[name] = len(found)
            found.append((frame, sized_))
            continue
        detail = f"image {frame.image.id} again"
        if plan.findings.odd(Odd.IMAGE_NAME_TWICE, image=name, detail=detail) is Answer.MAP:
            first, size_known = found[known]
            found[known] = replace(first, others=(*first.others, *frame.people)), size_known
    return iter(found)


def _videos(
    plan: LabelPlan, frames: list[tuple[LabelledFrame, bool]], look_at: LookAt
) -> list[tuple[LabelledFrame, bool]]:
    """Take the frames of videos that were sent; returns the others."""
    of_video: Counter[str] = Counter(
        frame.image.video.file for frame, _ in frames if frame.image.video is not None
    )
    sent = _sent(of_video, plan)
    plan.named = {_base(name): (n, sent.get(name, "")) for name, n in of_video.items()}
    rest = []
    looks = {file: look_at(file) for file in sorted(set(sent.values()))}
    for frame, size_known in frames:
        video = frame.image.video
        file = None if video is None else sent.get(video.file)
        if video is None or file is None:
            rest.append((frame, size_known))
            continue
        image = _of_video(plan, frame, looks[file], size_known=size_known)
        if image is not None:
            plan.videos.setdefault(file, []).append(video.index)
            plan.frames[video_path(file, video.index)] = _planned(frame, image)
    unused = sorted(set(plan.files.videos) - set(sent.values()))
    if unused:
        plan.said.append(f"Not used, because no label names it: {', '.join(unused[:5])}.")
    for file, look in looks.items():
        if look.rotation:
            plan.said.append(f"{file} is turned by its header; labels are read in upright pixels.")
    return rest


def _sent(named: Mapping[str, int], plan: LabelPlan) -> dict[str, str]:
    """The file that was sent for each video that labels name."""
    present = sorted(plan.files.videos)
    found: dict[str, str] = {}
    for name in named:
        stem = PurePosixPath(_base(name)).stem.casefold()
        fitting = [file for file in present if PurePosixPath(file).stem.casefold() == stem]
        if len(fitting) == 1:
            found[name] = fitting[0]
    if not found and len(named) == len(present) == 1:
        name = next(iter(named))
        found[name] = present[0]
        plan.said.append(
            f"The labels call their video {_base(name) or 'by no name'}; {present[0]} was sent and"
            " is taken for it."
        )
    return found


def _base(name: str) -> str:
    return name.replace("\\", "/").rpartition("/")[2]


def _of_video(
    plan: LabelPlan, frame: LabelledFrame, look: VideoLook, *, size_known: bool
) -> CocoImage | None:
    """The image of a video's frame; None: it is left out."""
    video, shown = frame.image.video, frame.image.file_name
    assert video is not None
    findings = plan.findings
    if video.index >= look.frames:
        detail = f"frame {video.index}; {_base(video.file)} has {look.frames}"
        findings.odd(Odd.IMAGE_NOT_SENT, image=shown, detail=detail)
        return None
    image = _image(frame, size_known=size_known)
    size, said = (look.width, look.height), (image.width, image.height)
    scale = (1.0, 1.0)
    if image.width is not None and image.height is not None and said != size:
        detail = f"stated as {said[0]} x {said[1]} pixels, has {size[0]} x {size[1]}"
        answer = findings.odd(Odd.IMAGE_SIZE_DIFFERS, image=shown, detail=detail)
        if answer is not Answer.MAP or said == size[::-1]:
            return None
        scale = (size[0] / image.width, size[1] / image.height)
    return replace(image, width=size[0], height=size[1], scale=scale)


def _match(
    plan: LabelPlan,
    frames: list[tuple[LabelledFrame, bool]],
    max_pixels: int,
    progress: Progress,
    check_cancelled: Callable[[], None],
) -> None:
    """Find the images of frames among those that were sent."""
    source = plan.files.source
    present = list_images(source).images if source is not None else []
    wanted = [frame.image.file_name for frame, _ in frames]
    matches = match_names(wanted, present) if present else [NameMatch(How.MISSING)] * len(wanted)
    told: set[str] = set()
    for done, ((frame, size_known), match) in enumerate(zip(frames, matches, strict=True), 1):
        check_cancelled()
        plan.names[frame.image.file_name] = match
        told.update(match.files)
        image = _image(frame, size_known=size_known)
        if source is None:
            plan.findings.odd(
                Odd.IMAGE_NOT_SENT, image=image.file_name, detail="no such file was sent"
            )
            continue
        stated = plan.turns.by_choice.total()
        found = sized(image, match, source, plan.findings, plan.turns, _reach(frame), max_pixels)
        if found is not None:
            if plan.files.format in _RELATIVE and plan.turns.by_choice.total() > stated:
                found = _relative(found)
            plan.frames[match.files[0]] = _planned(frame, found)
        progress(done, len(frames), "Looking at images")
    for path in present:
        if path in told:
            continue
        if plan.findings.odd(Odd.IMAGE_UNLISTED, image=path) is Answer.MAP:
            plan.unlisted.append(path)


def _relative(image: CocoImage) -> CocoImage:
    """An image whose labels are shares of it, and were multiplied by its upright size."""
    width, height = image.width or 1, image.height or 1
    upright = upright_size(image)
    return replace(image, scale=(width / upright[0], height / upright[1]))


def _image(frame: LabelledFrame, *, size_known: bool) -> CocoImage:
    image = frame.image
    told = {("id" if k == "image_id" else k): v for k, v in image.source.items() if k != "file"}
    members: dict[str, Any] = {
        "id": told.pop("id", None) or image.id,
        "file_name": image.file_name,
        **({"width": image.width, "height": image.height} if size_known else {}),
        **told,
        **image.extras,
        **image.facts,
    }
    if image.split:
        members["split"] = image.split
    if image.video is not None:
        members |= {"video": image.video.file, "frame": image.video.index}
    return CocoImage(
        id=image.id,
        file_name=image.file_name,
        width=image.width if size_known else None,
        height=image.height if size_known else None,
        members=kept_members(members),
    )


def _reach(frame: LabelledFrame) -> tuple[float, float] | None:
    joints = [j for person in frame.people for j in person.joints.joints if j.present]
    return (max(j.x for j in joints), max(j.y for j in joints)) if joints else None


def _planned(frame: LabelledFrame, image: CocoImage) -> PlannedFrame:
    people = list(frame.people)
    # Of several people one can be told only because the file says so.
    marked = {0} if frame.joints is not None and len(people) > 1 else set()
    return PlannedFrame(image, people, marked)


def _moved(
    person: LabelledPerson, image: CocoImage, role: PersonRole, who: str, file: str
) -> CocoAnnotation:
    """A record's person as the import takes it: scaled and turned, with what was said beside."""
    imported, marks = person.imported, person.marks
    crowd = bool(imported and imported.crowd)
    told = dict(imported.source) if imported else {}
    members: dict[str, Any] = {
        ("id" if name == "annotation_id" else name): value
        for name, value in told.items()
        if name not in ("file", "category", "segmentation")
    }
    members |= dict(imported.extras) if imported else {}
    if marks.track:
        members.setdefault("track_id", marks.track)
    across, down = image.scale
    box = person.box
    mask = person.mask
    category = dict(imported.category) if imported and imported.category else {}
    if marks.name:
        category.setdefault("name", marks.name)
    apart = Apart.CROWD if crowd else None if person.joints.num_keypoints else Apart.NO_JOINTS
    found = CocoAnnotation(
        id=None,
        image_id=image.id,
        skeleton=Skeleton(
            tuple(
                Joint(j.x * across, j.y * down, j.visibility) if j.present else j
                for j in person.joints.joints
            )
        ),
        box=None if box is None or not box.width or not box.height
        else Box(box.x * across, box.y * down, box.width * across, box.height * down),
        area=imported.area * across * down if imported and imported.area is not None else None,
        iscrowd=crowd,
        score=marks.score,
        joint_scores=marks.joint_scores,
        role=role,
        apart=apart,
        members=kept_members(members),
        segmentation=_segmentation(mask, image.scale),
    )  # fmt: skip
    known = CocoCategory(id=0, name=who, members=kept_members(category)) if category else None
    return placed(found, image, known, PixelRule.CONTINUOUS, file)


def _segmentation(mask: Any, scale: tuple[float, float]) -> Any:
    """A mask as COCO has it; masks of pixels are dropped where the image has another size."""
    if mask is None:
        return None
    if mask.outlines is not None:
        return tuple(
            tuple(n * scale[i % 2] for i, n in enumerate(outline)) for outline in mask.outlines
        )
    if scale != (1.0, 1.0):
        return None
    height, width = mask.rle["size"]
    return Rle(height, width, mask.rle["counts"])
