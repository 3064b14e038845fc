"""Frames that labels name, found among the images and videos that were sent with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Final

from backend.domain.file_names import How, NameMatch, match_names
from backend.domain.oddities import Answer, Odd
from backend.publishing.formats.coco import CocoImage
from backend.publishing.formats.holding import Thing
from backend.publishing.formats.reading import Reader
from backend.publishing.labelled import LabelledFrame
from backend.recordings.inspection.facts import VideoLook
from worker.media.images import list_images
from worker.pipelines.found_images import sized
from worker.pipelines.label_plan import ANONYMOUS, LabelPlan, video_path
from worker.pipelines.label_records import image_of, of_shares, planned, reach_of

MAX_FRAMES: Final = 1_000_000
_RELATIVE: Final = frozenset(("yolo",))
"""Formats whose places are shares of the image, which the reader multiplied by its upright size."""
_EVERY: Final = 500

Progress = Callable[[int, int | None, str], None]
LookAt = Callable[[str], VideoLook]
Read = tuple[LabelledFrame, bool]
"""A record, and whether the labels themselves say its size."""


def read_frames(
    reader: Reader,
    holds: frozenset[Thing],
    plan: LabelPlan,
    progress: Progress,
    check_cancelled: Callable[[], None],
) -> list[Read]:
    """Frames, and whether the labels themselves say their size; one name comes once."""
    by_name: dict[str, int] = {}
    found: list[Read] = []
    reader.sizes.looked = False
    for count, frame in enumerate(reader.frames(), start=1):
        if count > MAX_FRAMES:
            raise reader.invalid(f"more than {MAX_FRAMES:,} images")
        if count % _EVERY == 0:
            check_cancelled()
            progress(count, None, "Reading labels")
        sized_ = Thing.SIZE in holds and not reader.sizes.looked and frame.image.width > 0
        reader.sizes.looked = False
        plan.labels.update(person.marks.name for person in frame.people)
        plan.tracks.update(person.marks.track for person in frame.people)
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
    reader.require_choices({*plan.labels, *plan.tracks, ANONYMOUS})
    return found


def take_videos(plan: LabelPlan, frames: list[Read], look_at: LookAt) -> list[Read]:
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
            plan.frames[video_path(file, video.index)] = planned(frame, image)
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
    image = image_of(frame, size_known=size_known)
    size, said = (look.width, look.height), (image.width, image.height)
    scale = (1.0, 1.0)
    if image.width is not None and image.height is not None and said != size:
        detail = f"stated as {said[0]} x {said[1]} pixels, has {size[0]} x {size[1]}"
        answer = findings.odd(Odd.IMAGE_SIZE_DIFFERS, image=shown, detail=detail)
        if answer is not Answer.MAP or said == size[::-1]:
            return None
        scale = (size[0] / image.width, size[1] / image.height)
    return replace(image, width=size[0], height=size[1], scale=scale)


def match_images(
    plan: LabelPlan,
    frames: list[Read],
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
        image = image_of(frame, size_known=size_known)
        if source is None:
            plan.findings.odd(
                Odd.IMAGE_NOT_SENT, image=image.file_name, detail="no such file was sent"
            )
            continue
        stated = plan.turns.by_choice.total()
        found = sized(image, match, source, plan.findings, plan.turns, reach_of(frame), max_pixels)
        if found is not None:
            if plan.files.format in _RELATIVE and plan.turns.by_choice.total() > stated:
                found = of_shares(found)
            plan.frames[match.files[0]] = planned(frame, found)
        progress(done, len(frames), "Looking at images")
    for path in present:
        if path in told:
            continue
        if plan.findings.odd(Odd.IMAGE_UNLISTED, image=path) is Answer.MAP:
            plan.unlisted.append(path)
