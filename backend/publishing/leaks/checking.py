"""Compare the splits of a set by infants, videos, names, contents and near-duplicates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from backend.domain.errors import InvalidInput
from backend.domain.quality import NEAR_DUPLICATE_DISTANCE
from backend.domain.splits.file_evidence import (
    MEANINGS,
    MIN_IMAGES_PER_NAME,
    Meaning,
    numbered_anew,
    video_of_name,
)
from backend.publishing.leaks.image_checks import check_contents, check_names, check_near_duplicates
from backend.publishing.leaks.pictures import SplitPictures
from backend.publishing.leaks.reading import OWN, SplitFile
from backend.publishing.leaks.report import Check, CheckKind, Finding, LeakReport, SplitSummary
from backend.publishing.leaks.split_data import SplitData

BY_FILE_NAME: Final = "file_name"
"""As a member to ignore: videos are not told by file names."""


@dataclass(frozen=True, slots=True)
class Options:
    """What somebody knows better than the files tell.

    Attributes:
        trusted: Members that name infants or videos for certain, even where they are numbers
            that begin anew in each file.
        ignored: Members that are not looked at; ``file_name`` for videos told by file names.
        max_distance: Bits up to which difference hashes are near-duplicates.
    """

    trusted: Collection[str] = ()
    ignored: Collection[str] = ()
    max_distance: int = NEAR_DUPLICATE_DISTANCE


def merge_files(files: Sequence[tuple[str, SplitFile]]) -> list[SplitData]:
    """Files by split, in the order in which splits are met.

    Raises:
        InvalidInput: fewer than two splits.
    """
    by_split: dict[str, list[SplitFile]] = {}
    for split, file in files:
        by_split.setdefault(split, []).append(file)
    if len(by_split) < 2:
        listed = ", ".join(file.shown for _, file in files) or "no COCO file"
        fault = (
            f"only one split is there ({next(iter(by_split), 'none')}: {listed}), and no images say"
            " by a member split or by folders of which split they are; name splits with"
            " --split NAME=FILE"
        )
        raise InvalidInput(f"There is nothing to compare: {fault}.", fault=fault)
    return [SplitData(name, its) for name, its in by_split.items()]


def check_leaks(
    splits: Sequence[SplitData],
    pictures: Mapping[str, SplitPictures] | None,
    options: Options | None = None,
    notes: Sequence[str] = (),
) -> LeakReport:
    """Compare splits.

    Args:
        splits: Two or more.
        pictures: What is known of each split's image files; None where nobody looked for them.
        options: What somebody knows better.
        notes: What happened while the files were found.
    """
    options = options or Options()
    told = list(notes)
    for split in splits:
        if unusable := sum(file.unusable for file in split.files):
            told.append(f"{split.name}: {unusable:,} images have no file name and were left out.")
    if pictures is not None and not any(of.found for of in pictures.values()):
        read: Mapping[str, SplitPictures] | None = None
    else:
        read = pictures
    named, more = check_names(splits, read)
    checks = (
        _check_members(splits, options, CheckKind.IDENTITY),
        _check_videos(splits, options),
        named,
        check_contents(splits, pictures),
        check_near_duplicates(splits, pictures, options.max_distance),
    )
    summaries = [
        SplitSummary(
            split.name, tuple(f.shown for f in split.files), len(split.names), split.annotations
        )
        for split in splits
    ]
    return LeakReport(summaries, checks, [*told, *more])


_OF_KIND: Final = {
    CheckKind.IDENTITY: (Meaning.IDENTITY, Meaning.PERSON, Meaning.TRACK),
    CheckKind.VIDEO: (Meaning.VIDEO,),
}


def _check_members(splits: Sequence[SplitData], options: Options, kind: CheckKind) -> Check:
    check = Check(kind)
    members: dict[str, Meaning] = {}
    for split in splits:
        members |= {
            name: meaning
            for name, meaning in split.members().items()
            if meaning in _OF_KIND[kind] and name not in options.ignored
        }
    for name, meaning in sorted(members.items(), key=lambda item: (item[0] not in OWN, item[0])):
        _check_member(check, splits, name, meaning, options)
    if not members:
        known = [key for key, meaning in MEANINGS.items() if meaning in _OF_KIND[kind]]
        what = "infants" if kind is CheckKind.IDENTITY else "videos"
        some = ", ".join(known[:6])
        check.notes.append(f"No member of the files names {what} (looked for {some}, …).")
    return check


def _check_member(
    check: Check, splits: Sequence[SplitData], name: str, meaning: Meaning, options: Options
) -> None:
    trusted = name in options.trusted or name.rpartition(".")[2] in options.trusted
    if meaning is Meaning.TRACK and not trusted:
        check.notes.append(f"{name} was not used: it tells people apart within one video only.")
        return
    values = {split.name: split.values(name) for split in splits}
    present = {split: counts for split, counts in values.items() if counts}
    absent = [split for split in values if split not in present]
    if len(present) < 2:
        check.notes.append(
            f"{name} was not used: only {', '.join(present)} has it, {_listed(absent)} not."
        )
        return
    anew = name not in OWN and not trusted and numbered_anew(present.values())
    if anew and meaning is Meaning.PERSON:
        check.notes.append(
            f"{name} was not used: it counts 0, 1, 2, … in each split, as numbers of the people"
            " within an image or a video do. If it is somebody's number everywhere, say"
            f" --identity {name.rpartition('.')[2]}."
        )
        return
    check.used.append(f"{name} ({_coverage(splits, name)})")
    if absent:
        check.notes.append(f"{name} is not in {_listed(absent)}.")
    for split in splits:
        have, of = split.covered(name)
        if 0 < have < of:
            what = "annotations" if name.startswith("annotations.") else "images"
            check.notes.append(f"{split.name}: {of - have:,} of {of:,} {what} lack {name}.")
    found = _shared(present)
    # Numbers of people may count within a video; names do not.
    number = meaning is Meaning.PERSON and not trusted
    unsure = anew or (number and all(v.isdigit() for counts in present.values() for v in counts))
    if found and unsure and not anew:
        check.notes.append(
            f"{name} holds numbers, which may count the people of each video. Say"
            f" --identity {name.rpartition('.')[2]} if they do not."
        )
    if found and anew:
        check.notes.append(
            f"{name} counts 0, 1, 2, … in each split: the same number may mean another"
            f" {'infant' if check.kind is CheckKind.IDENTITY else 'video'} in another file. Say"
            f" --{'identity' if check.kind is CheckKind.IDENTITY else 'video'} {name} if it does"
            f" not, --ignore {name} if it does."
        )
    for value, counts in found:
        examples = {s.name: s.example(name, value) for s in splits if s.name in counts}
        check.add(Finding(name, value, counts, examples, sure=not unsure))


def _check_videos(splits: Sequence[SplitData], options: Options) -> Check:
    check = _check_members(splits, options, CheckKind.VIDEO)
    members = {
        name
        for split in splits
        for name, meaning in split.members().items()
        if meaning is Meaning.VIDEO and name not in options.ignored
    }
    complete = any(
        all(have == of for have, of in (split.covered(name) for split in splits))
        for name in members
    )
    if not complete and BY_FILE_NAME not in options.ignored:
        used, told = len(check.used), len(check.notes)
        _check_file_names(check, splits)
        if len(check.used) > used and not members:
            # File names stand in for the members that are not there.
            del check.notes[:told]
    return check


def _check_file_names(check: Check, splits: Sequence[SplitData]) -> None:
    by_split: dict[str, Counter[str]] = {}
    examples: dict[str, dict[str, str]] = {}
    for split in splits:
        counts = by_split.setdefault(split.name, Counter())
        for name in split.names:
            video = video_of_name(name)
            if video is not None:
                counts[video] += 1
                examples.setdefault(split.name, {}).setdefault(video, name)
    videos = set().union(*by_split.values())
    images = sum(counts.total() for counts in by_split.values())
    if not videos:
        check.notes.append("File names tell no video (they have no name before a frame's number).")
        return
    if images < MIN_IMAGES_PER_NAME * len(videos):
        check.notes.append(
            "File names were not used: almost each image has a name of its own before its number."
        )
        return
    lacking = sum(len(split.names) for split in splits) - images
    covered = "; ".join(
        f"{s.name}: {len(by_split[s.name]):,} in {by_split[s.name].total():,} of"
        f" {len(s.names):,} images"
        for s in splits
    )
    check.used.append(f"file names, all before the frame's number ({covered})")
    if lacking:
        check.notes.append(f"{lacking:,} file names tell no video.")
    everywhere = all(set(counts) == videos for counts in by_split.values())
    found = _shared(by_split)
    if found and everywhere:
        check.notes.append(
            "Every name that file names begin with is in all splits: either frames of one video"
            " were divided, or these are names of sources and not of videos. If so, say"
            " --ignore file_name."
        )
    for video, shared in found:
        shown = {split: examples[split][video] for split in shared}
        check.add(Finding(BY_FILE_NAME, video, shared, shown, sure=not everywhere))


def _shared(values: Mapping[str, Counter[str]]) -> list[tuple[str, dict[str, int]]]:
    """Values that are in two or more splits with how often, most often first."""
    seen: Counter[str] = Counter(value for counts in values.values() for value in counts)
    shared = [
        (value, {split: counts[value] for split, counts in values.items() if value in counts})
        for value, times in seen.items()
        if times > 1
    ]
    return sorted(shared, key=lambda item: (-sum(item[1].values()), item[0]))


def _coverage(splits: Sequence[SplitData], name: str) -> str:
    told = []
    for split in splits:
        have, of = split.covered(name)
        different = len(split.values(name))
        what = "annotations" if name.startswith("annotations.") else "images"
        told.append(f"{split.name}: {different:,} in {have:,} of {of:,} {what}")
    return "; ".join(told)


def _listed(names: Sequence[str]) -> str:
    return " and ".join(names) if len(names) < 3 else ", ".join(names)
