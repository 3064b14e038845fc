"""How the files of one camera lie in time: which follows which, and where each begins.

Times are, in this order: timecodes, time stamps that run on from one file into the next, the
beginning that a file's name states, the time of creation. Times of creation are whole seconds, and
cameras write when a file was begun, when it was closed, or in all pieces when the first was begun;
each of these is taken as "they follow one another".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import pairwise
from typing import Final

from backend.domain.clip_names import place_of
from backend.domain.timecodes import TimeCode, alike, difference

SMALL_GAP_S: Final = 2.0
"""What cameras lose at most while they open the next file."""
_CLOCK_S: Final = 2.0
"""How exact names and times of creation are."""
_FRAMES: Final = 1.5
"""Timecodes and time stamps are exact to the frame; cameras round them to the next."""
_TS_WRAP_S: Final = 2**33 / 90_000
"""After so many seconds an MPEG clock begins anew (ISO/IEC 13818-1, 2.4.2.2)."""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What a video file says of itself, as far as its neighbours matter.

    Attributes:
        name: With the folder, where that is known.
        size_bytes: Size of the file.
        width: Pixels, upright.
        height: Pixels, upright.
        codec: Name of the codec.
        interval_s: Seconds from frame to frame.
        duration_s: Seconds from its first picture to the end of its last.
        code: Timecode of its first picture.
        created_s: Seconds since 1970 by the time of creation.
        clock_s: What the file's own clock shows at its first picture.
    """

    name: str
    size_bytes: int
    width: int
    height: int
    codec: str
    interval_s: float
    duration_s: float
    code: TimeCode | None = None
    created_s: float | None = None
    clock_s: float | None = None


class Sequel(Enum):
    """How a file stands to the one before it."""

    FOLLOWS = "follows"
    GAP = "gap"
    OVERLAPS = "overlaps"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Link:
    """What the times of two files say.

    Attributes:
        sequel: In short.
        gap_s: Seconds between them; negative where they overlap; 0 where nothing is known.
        by: Which times say so, in words.
        exact: Whether they are good to a frame.
        against: Which other times say something else, in words.
    """

    sequel: Sequel
    gap_s: float = 0.0
    by: str = ""
    exact: bool = False
    against: str = ""

    @property
    def goes_on(self) -> bool:
        """Whether the second file goes on where the first ended, but for what opening it takes."""
        return self.sequel is Sequel.FOLLOWS or (
            self.sequel is Sequel.GAP and self.gap_s <= SMALL_GAP_S
        )


@dataclass(frozen=True, slots=True)
class Beginning:
    """Where a file lies on its camera's clock.

    Attributes:
        start_s: Seconds from the camera's first picture to the file's.
        gap_s: Seconds without pictures before it.
        note: What a person should know of it; empty where it simply follows.
    """

    start_s: float
    gap_s: float = 0.0
    note: str = ""


def duration(times_s: Sequence[float]) -> tuple[float, float]:
    """Seconds from frame to frame, and from the first picture to the end of the last.

    The last picture lasts as long as others: the mean where frames come evenly (rounded times
    cancel out in it), else the median.

    Args:
        times_s: Seconds of each frame since the first, ascending.
    """
    if len(times_s) < 2:
        return 0.0, 0.0
    steps = sorted(b - a for a, b in pairwise(times_s) if b > a)
    if not steps:
        return 0.0, 0.0
    span = times_s[-1] - times_s[0]
    mean, median = span / (len(times_s) - 1), steps[len(steps) // 2]
    last = mean if abs(mean - median) <= 0.03 * median else median
    return last, span + last


def link(first: FileFacts, second: FileFacts) -> Link:
    """What the times of two files say about whether the second goes on where the first ended."""
    judges = (_by_timecode, _by_clock, _by_name, _by_creation)
    found = [said for judge in judges if (said := judge(first, second)) is not None]
    if not found:
        return Link(Sequel.UNKNOWN)
    others = [said for said in found[1:] if said.goes_on != found[0].goes_on]
    return replace(found[0], against=others[0].by) if others else found[0]


def lay_out(files: Sequence[FileFacts]) -> list[Beginning]:
    """Where the files of one camera lie on its clock, one after the other.

    Each begins where the last one ended, exactly; where times show a gap between two, after it.
    """
    out = [Beginning(0.0)]
    for first, second in pairwise(files):
        end = out[-1].start_s + first.duration_s
        found = link(first, second)
        if found.sequel is Sequel.GAP:
            about = "" if found.exact else "about "
            note = (
                f"{short(second)} begins {about}{in_words(found.gap_s)} after the end of"
                f" {short(first)} ({found.by})."
            )
            out.append(Beginning(end + found.gap_s, found.gap_s, note))
        elif found.sequel is Sequel.OVERLAPS:
            note = (
                f"{short(second)} begins before {short(first)} ended ({found.by}); it is"
                " assumed to follow immediately."
            )
            out.append(Beginning(end, 0.0, note))
        else:
            out.append(Beginning(end))
    return out


def _by_timecode(first: FileFacts, second: FileFacts) -> Link | None:
    if first.code is None or second.code is None or not alike(first.code, second.code):
        return None
    if first.code.count == second.code.count:  # begins anew in every file: no clock
        return None
    gap = float(difference(second.code, first.code)) - first.duration_s
    return _exact(gap, first.interval_s, f"timecode {first.code.text}, {second.code.text}")


def _by_clock(first: FileFacts, second: FileFacts) -> Link | None:
    if first.clock_s is None or second.clock_s is None:
        return None
    if abs(second.clock_s - first.clock_s) < 2 * first.interval_s:
        return None
    gap = second.clock_s - first.clock_s - first.duration_s
    gap = (gap + _TS_WRAP_S / 2) % _TS_WRAP_S - _TS_WRAP_S / 2 if gap < 0 else gap
    # Most files begin their clock anew: only one that runs on says anything.
    if not -_FRAMES * first.interval_s <= gap <= SMALL_GAP_S:
        return None
    return _exact(gap, first.interval_s, "its time stamps continue")


def _exact(gap: float, interval: float, by: str) -> Link:
    if abs(gap) <= _FRAMES * interval:
        return Link(Sequel.FOLLOWS, 0.0, by, True)
    return Link(Sequel.GAP if gap > 0 else Sequel.OVERLAPS, gap, by, True)


def _by_name(first: FileFacts, second: FileFacts) -> Link | None:
    here, there = place_of(first.name), place_of(second.name)
    if here is None or there is None or here.started_s is None or there.started_s is None:
        return None
    if here.started_s == there.started_s:  # the recording's beginning, in all its pieces
        return None
    gap = there.started_s - here.started_s - first.duration_s
    return _roughly(gap, gap, "the times in their names")


def _by_creation(first: FileFacts, second: FileFacts) -> Link | None:
    if first.created_s is None or second.created_s is None:
        return None
    apart = second.created_s - first.created_s
    if abs(apart) < 1:  # one stamp for all: says nothing
        return None
    return _roughly(apart - first.duration_s, apart - second.duration_s, "times of creation")


def _roughly(begun: float, closed: float, by: str) -> Link | None:
    """A link by whole seconds, if files are stamped when begun, or when closed."""
    if min(abs(begun), abs(closed)) <= _CLOCK_S:
        return Link(Sequel.FOLLOWS, 0.0, by)
    if begun > 0 and closed > 0:
        return Link(Sequel.GAP, begun, by)
    if begun < 0 and closed < 0:
        return Link(Sequel.OVERLAPS, begun, by)
    return None


def short(file: FileFacts) -> str:
    """A file's name without its folder."""
    return file.name.replace("\\", "/").rsplit("/", 1)[-1]


def in_words(seconds: float) -> str:
    """A length of time for people."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min"
