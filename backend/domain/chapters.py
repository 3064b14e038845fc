"""Which files are one camera: pieces of one long recording, in order, by name *and* by time.

A name proposes neighbours (:mod:`backend.domain.clip_names`), times confirm or refuse them
(:mod:`backend.domain.file_times`). What cannot be known is asked, never guessed in silence: a
proposal says its reason, and whether it is sure of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from backend.domain.clip_names import Naming, Place, place_of, series_without_number
from backend.domain.file_times import FileFacts, Sequel, in_words, link, short

_SAME_RATE: Final = 0.01
_SPLITS: Final = (2 * 10**9, 2**31, 4 * 10**9, 2**32, 12 * 10**9, 12 * 2**30)
"""File sizes at which cameras and file systems end a file."""
_NEAR_SPLIT: Final = 0.93


@dataclass(frozen=True, slots=True)
class ProposedCamera:
    """Files that are taken as one camera.

    Attributes:
        files: Their places in the list that was given, in order of time.
        reason: Why they are one, or stay alone, in words; empty where there is nothing to say.
        sure: Whether a person need not look at it.
    """

    files: tuple[int, ...]
    reason: str = ""
    sure: bool = True


def propose(files: Sequence[FileFacts], *, separate: bool = False) -> list[ProposedCamera]:
    """Which files are one camera, in the order in which cameras were named first.

    Args:
        files: As they were given.
        separate: Join nothing.
    """
    alone = [ProposedCamera((k,)) for k in range(len(files))]
    if separate:
        return alone
    series: dict[str, list[tuple[Place, int]]] = {}
    for k, file in enumerate(files):
        place = place_of(file.name)
        if place is not None:
            series.setdefault(place.series, []).append((place, k))
    for k, file in enumerate(files):
        known = series.get(series_without_number(file.name))
        if known is not None and place_of(file.name) is None:
            known.append((Place(known[0][0].series, 0, Naming.NUMBERED), k))
    cameras: dict[int, ProposedCamera] = dict(enumerate(alone))
    for members in series.values():
        if len(members) > 1:
            for chain in _chains(files, members):
                for k in chain.files:
                    cameras.pop(k, None)
                cameras[min(chain.files)] = chain
    return [cameras[k] for k in sorted(cameras)]


@dataclass(slots=True)
class _Chain:
    places: list[Place]
    files: list[int]
    reasons: list[str] = field(default_factory=list)
    sure: bool = True


def _chains(
    files: Sequence[FileFacts], members: Sequence[tuple[Place, int]]
) -> list[ProposedCamera]:
    chains: list[_Chain] = []
    for place, k in sorted(members, key=lambda member: (member[0].number, member[1])):
        verdicts = [
            (_judge(files, chain, place, k), chain)
            for chain in chains
            if chain.places[-1].number < place.number
        ]
        joins = [(verdict, chain) for verdict, chain in verdicts if verdict.join]
        best = max((verdict.certain for verdict, _ in joins), default=False)
        joins = [(verdict, chain) for verdict, chain in joins if verdict.certain == best]
        if len(joins) == 1:
            verdict, chain = joins[0]
            chain.places.append(place)
            chain.files.append(k)
            chain.reasons.append(verdict.reason)
            chain.sure = chain.sure and verdict.sure
            continue
        fresh = _Chain([place], [k])
        if joins:
            fresh.sure = False
            fresh.reasons.append(
                f"{short(files[k])} may continue {_all_of(files, joins)}: nothing says which."
            )
        else:
            nearest = max((chain.places[-1].number for _, chain in verdicts), default=0)
            for verdict, chain in verdicts:
                if chain.places[-1].number == nearest:
                    fresh.reasons.append(verdict.reason)
                    fresh.sure = fresh.sure and verdict.sure
        chains.append(fresh)
    return [
        ProposedCamera(tuple(c.files), " ".join(r for r in c.reasons if r), c.sure) for c in chains
    ]


def _all_of(files: Sequence[FileFacts], joins: Sequence[tuple[_Verdict, _Chain]]) -> str:
    return " or ".join(short(files[chain.files[-1]]) for _, chain in joins)


@dataclass(frozen=True, slots=True)
class _Verdict:
    join: bool
    sure: bool
    reason: str = ""
    certain: bool = False
    """Whether times say so, not only names."""


def _judge(files: Sequence[FileFacts], chain: _Chain, place: Place, k: int) -> _Verdict:
    first, second = files[chain.files[-1]], files[k]
    before = chain.places[-1]
    naming = max(before.naming, place.naming)
    named = f"{short(first)} and {short(second)}"
    told = {
        Naming.CHAPTERS: f"{named} are chapters of one recording, judging by their names",
        Naming.PARTS: f"{named} are parts of one video, judging by their names",
        Naming.CLIPS: f"{named} follow one another, judging by their names",
        Naming.NUMBERED: f"{named} are numbered",
    }[naming]
    strong = naming >= Naming.PARTS
    missing = place.number - before.number - 1 if place.counted and before.counted else 0
    times = link(first, second)
    apart = _pictures_differ(first, second)
    if apart:
        doubt = f"{told}, but {apart}: taken as two cameras."
        return _Verdict(False, not strong, doubt if strong else "")
    if times.sequel is Sequel.OVERLAPS:
        doubt = (
            f"{told}, but both were running at the same time ({times.by}): taken as two cameras."
        )
        return _Verdict(False, not strong, doubt if strong else "")
    if times.goes_on and times.against and naming is not Naming.CHAPTERS:
        doubt = f"{told} and continue in time ({times.by}), but {times.against} say otherwise"
        return _Verdict(False, False, f"{doubt}: taken as two cameras.")
    if times.goes_on and naming is Naming.NUMBERED and before.camera:
        doubt = f"{named} are cameras, judging by their names, but continue in time ({times.by})"
        return _Verdict(False, False, f"{doubt}: taken as two cameras.")
    if times.goes_on:
        gap = f", with {in_words(times.gap_s)} between them" if times.gap_s > 0 else ""
        return _Verdict(
            True, True, f"{told} and follow one another in time ({times.by}){gap}.", True
        )
    if times.sequel is Sequel.GAP:
        words = f"{short(second)} begins {in_words(times.gap_s)} after {short(first)} ended"
        if strong and (missing or naming is Naming.PARTS):
            lost = f" and {missing} between them {'is' if missing == 1 else 'are'} missing"
            return _Verdict(
                True, False, f"{told}{lost if missing else ''}; {words} ({times.by}).", True
            )
        if naming is Naming.NUMBERED:
            return _Verdict(False, True)
        return _Verdict(False, False, f"{told}, but {words} ({times.by}): taken as two cameras.")
    return _by_name_alone(naming, told, missing, before, first)


def _by_name_alone(
    naming: Naming, told: str, missing: int, before: Place, first: FileFacts
) -> _Verdict:
    """Where no times speak: cameras' own chapters are sure, everything else is asked."""
    if naming >= Naming.PARTS:
        if missing:
            lost = "one between them is" if missing == 1 else f"{missing} between them are"
            return _Verdict(
                True, False, f"{told}, and {lost} missing: later times are too early by that much."
            )
        if naming is Naming.CHAPTERS:
            return _Verdict(True, True, f"{told}.")
        return _Verdict(True, False, f"{told}; nothing in the files gives their times.")
    if missing or not before.counted:
        return _Verdict(False, True)
    if _at_a_split(first.size_bytes):
        size = f"{first.size_bytes / 1e9:.1f} GB, where cameras begin a new file"
        return _Verdict(True, False, f"{told}, and {short(first)} ends at {size}.")
    if before.camera:
        return _Verdict(False, True)
    return _Verdict(
        False, naming is Naming.NUMBERED,
        f"{told}, but nothing says whether they are parts of one video: taken as two cameras.",
    )  # fmt: skip


def _pictures_differ(first: FileFacts, second: FileFacts) -> str:
    if (first.width, first.height) != (second.width, second.height):
        return (
            f"their pictures differ ({first.width}×{first.height} and"
            f" {second.width}×{second.height} pixels)"
        )
    if first.codec != second.codec:
        return f"their codecs differ ({first.codec} and {second.codec})"
    slower = max(first.interval_s, second.interval_s)
    if min(first.interval_s, second.interval_s) and (
        abs(first.interval_s - second.interval_s) > _SAME_RATE * slower
    ):
        return (
            f"their rates differ ({1 / first.interval_s:.4g} and"
            f" {1 / second.interval_s:.4g} frames/s)"
        )
    return ""


def _at_a_split(size_bytes: int) -> bool:
    return any(_NEAR_SPLIT * split <= size_bytes <= 1.005 * split for split in _SPLITS)
