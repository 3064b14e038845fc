"""SMPTE timecodes: what instant a label such as ``01:02:03;04`` names.

A timecode counts frames, not seconds. It counts them by the nominal (whole) rate: 30 labels a
second at 29.97 frames/s, 24 at 23.976, 60 at 59.94. So a label's seconds are 0.1 % longer than real
ones at these rates (non-drop-frame), unless labels are left out: drop-frame timecode leaves out
frames 0 and 1 (0 to 3 at 59.94) at the beginning of each minute that ten does not divide, which
keeps it within 60 ms of the clock (SMPTE ST 12-1:2014, 5.2 and 8).

Two labels of one kind are compared by their frames, which is exact whatever the hour. Labels of
different kinds run apart by up to 3.6 s an hour, and nothing tells since when: they are compared as
labels, which does not grow with the hour, and :func:`difference` says that they are not alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from statistics import median
from typing import Final

_NTSC: Final = Fraction(1000, 1001)
NOMINAL: Final = (24, 25, 30, 48, 50, 60, 72, 96, 100, 120, 144, 150, 180, 200, 240)
STANDARD_RATES: Final = tuple(
    sorted(
        {Fraction(rate) for rate in NOMINAL}
        | {rate * _NTSC for rate in NOMINAL if rate % 24 == 0 or rate % 30 == 0}
    )
)
"""Frame rates that cameras record at: whole ones, and those of 1000/1001 of 24 and 30 frames/s."""
_SNAP: Final = 0.0004
"""Relative distance within which a rate is a standard one; 29.97 and 30 are 0.001 apart."""
_LONG_S: Final = 10.0
"""From here on, times rounded to milliseconds tell 29.97 from 30."""
DAY: Final = 24 * 3600
_TIMECODE: Final = re.compile(r"^\s*(\d{1,2}):(\d{2}):(\d{2})([:;.,])(\d{1,3})\s*$")


@dataclass(frozen=True, slots=True)
class TimeCode:
    """The label of one frame.

    Attributes:
        hours: 0 to 23.
        minutes: 0 to 59.
        seconds: 0 to 59.
        frames: 0 to the nominal rate less one.
        rate: Frames per second at which it counts, exactly.
        drop_frame: Whether labels are left out; only at rates such as 30000/1001.
        text: As written.
    """

    hours: int
    minutes: int
    seconds: int
    frames: int
    rate: Fraction
    drop_frame: bool
    text: str

    @property
    def nominal(self) -> int:
        """Labels per labelled second."""
        return round(self.rate)

    @property
    def pace(self) -> Fraction:
        """Real seconds that a labelled second lasts, on the average."""
        return Fraction(1) if self.drop_frame else self.nominal / self.rate

    @property
    def count(self) -> int:
        """Frames since 00:00:00:00."""
        whole = 60 * self.hours + self.minutes
        labels = (60 * whole + self.seconds) * self.nominal + self.frames
        return labels - (_dropped(self.nominal) * (whole - whole // 10) if self.drop_frame else 0)

    @property
    def seconds_of_day(self) -> Fraction:
        """What it names on a clock, seconds since midnight: exact but for the kind's own drift."""
        if not self.drop_frame:
            whole = (60 * self.hours + self.minutes) * 60 + self.seconds
            return whole + Fraction(self.frames, self.nominal)
        # Drop-frame timecode meets the clock every ten minutes.
        tens, rest = divmod(60 * self.hours + self.minutes, 10)
        labels = (60 * rest + self.seconds) * self.nominal + self.frames
        return 600 * tens + (labels - _dropped(self.nominal) * rest) / self.rate

    @property
    def frames_a_day(self) -> int:
        """After which it begins anew."""
        return DAY * self.nominal - (_dropped(self.nominal) * 24 * 54 if self.drop_frame else 0)


def _dropped(nominal: int) -> int:
    """Labels left out at the beginning of a minute."""
    return 2 * nominal // 30


def snapped(rate: Fraction | float) -> Fraction | None:
    """The standard rate that a stated or measured one stands for; None where there is none."""
    value = float(rate)
    if not value > 0:
        return None
    nearest = min(STANDARD_RATES, key=lambda standard: abs(float(standard) - value))
    return nearest if abs(float(nearest) - value) <= _SNAP * value else None


def measured_rate(times_s: Sequence[float]) -> float | None:
    """Frames per second where no frame is missing, from the times of frames, ascending.

    Dropped frames and rounded times do not mislead it: gaps count as the frames that they are long.
    None where the frames come unevenly, or for less than a second.
    """
    steps = [b - a for a, b in pairwise(times_s) if b > a]
    if len(steps) < 8 or times_s[-1] - times_s[0] < 1:
        return None
    usual = median(steps)
    counts = [max(1, round(step / usual)) for step in steps]
    regular = [
        (step, count)
        for step, count in zip(steps, counts, strict=True)
        if abs(step - count * usual) <= 0.2 * usual
    ]
    if len(regular) < 0.9 * len(steps):
        return None
    return sum(count for _, count in regular) / sum(step for step, _ in regular)


def counting_rate(
    track: Fraction | None, stated: Iterable[Fraction | None], times_s: Sequence[float]
) -> Fraction:
    """The exact rate at which a file's timecode counts.

    Args:
        track: The rate that the timecode's own track states, where it has one.
        stated: Rates that the picture's track states. An average over the file is none: it falls
            with each dropped frame.
        times_s: Times of the frames, ascending.

    Raises:
        ValueError: nothing states or shows a rate.
    """
    if track:
        return snapped(track) or track
    measured = measured_rate(times_s)
    if measured is not None and times_s[-1] - times_s[0] >= _LONG_S:
        standard = snapped(measured)
        if standard is not None:
            return standard
    for rate in stated:
        # A field rate is stated for interlaced pictures now and then: twice what is counted.
        if rate and (measured is None or abs(float(rate) / measured - 1) < 0.05):
            standard = snapped(rate)
            if standard is not None:
                return standard
    if measured is not None:
        return snapped(measured) or Fraction(measured).limit_denominator(1001)
    raise ValueError("the rate at which it counts is unknown")


def parse(text: str, rate: Fraction) -> TimeCode:
    """Read a timecode such as ``01:02:03;04``.

    Args:
        text: Hours, minutes, seconds, frames; ``;``, ``.`` or ``,`` before the frames means
            drop-frame. At rates that know no drop-frame it means nothing: cameras write it there
            as well.
        rate: The exact rate at which it counts, such as 30000/1001.

    Raises:
        ValueError: it is no timecode, or names a frame that does not exist.
    """
    found = _TIMECODE.match(text)
    if found is None or rate <= 0:
        raise ValueError(f"“{text}” is not a timecode")
    hours, minutes, seconds, frames = (int(found[i]) for i in (1, 2, 3, 5))
    nominal = round(rate)
    if hours > 23 or minutes > 59 or seconds > 59 or frames >= nominal:
        raise ValueError(f"“{text}” names a time that does not exist at {float(rate):g} frames/s")
    drop_frame = found[4] in ";.," and rate != nominal and nominal % 30 == 0
    if drop_frame and seconds == 0 and frames < _dropped(nominal) and minutes % 10:
        raise ValueError(f"“{text}” names a frame that drop-frame timecode leaves out")
    return TimeCode(hours, minutes, seconds, frames, rate, drop_frame, text.strip())


def alike(first: TimeCode, second: TimeCode) -> bool:
    """Whether two timecodes are of one kind, so that they do not run apart by themselves.

    Rates may differ: 29.97 and 59.94 drop-frame are alike, so are 24, 25 and 50, and so are 23.976
    and 29.97 non-drop-frame.
    """
    return first.drop_frame == second.drop_frame and first.pace == second.pace


def difference(later: TimeCode, earlier: TimeCode) -> Fraction:
    """Seconds from one label to another, over midnight where that is nearer.

    Exact for timecodes that are :func:`alike`. For others it is what the labels differ by, on a
    clock's face.
    """
    if not alike(later, earlier):
        return _wrapped(later.seconds_of_day - earlier.seconds_of_day, Fraction(DAY))
    if later.drop_frame:
        day = later.frames_a_day / later.rate
        return _wrapped(later.count / later.rate - earlier.count / earlier.rate, day)
    return later.pace * _wrapped(later.seconds_of_day - earlier.seconds_of_day, Fraction(DAY))


def _wrapped(seconds: Fraction, day: Fraction) -> Fraction:
    return (seconds + day / 2) % day - day / 2
