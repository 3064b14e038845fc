"""Made timecodes, right and wrong, for cameras with known clocks."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

import numpy as np

from backend.domain.timecodes import TimeCode, parse, snapped
from benchmarks.clocks.sounds import Truth
from worker.synchronisation.tags import Tags

Rng = np.random.Generator

KINDS: Final = (
    "right",
    "set by hand to a second",
    "counting recordings",
    "never set",
    "of two kinds",
    "missing",
)


def label(at_s: float, rate: Fraction, drop_frame: bool) -> TimeCode:
    """The label that a clock set to real time shows at a time of day."""
    nominal = round(rate)
    drop_frame = drop_frame and rate != nominal and nominal % 30 == 0
    frame = round(at_s * float(rate))
    if drop_frame:
        left_out = 2 * nominal // 30
        tens, rest = divmod(frame, 600 * nominal - 9 * left_out)
        minute = 0
        if rest >= 60 * nominal:
            minute, rest = divmod(rest - 60 * nominal, 60 * nominal - left_out)
            minute, rest = minute + 1, rest + left_out
        minutes = 10 * tens + minute
    else:
        minutes, rest = divmod(frame, 60 * nominal)
    seconds, frames = divmod(rest, nominal)
    mark = ";" if drop_frame else ":"
    text = f"{minutes // 60 % 24:02}:{minutes % 60:02}:{seconds:02}{mark}{frames:02}"
    return parse(text, rate)


def tags_of(
    rng: Rng, kind: str, truths: Sequence[Truth], seconds: float, intervals_s: Sequence[float]
) -> dict[int, Tags]:
    """What the files of cameras say of their time."""
    midday = rng.uniform(6, 20) * 3600
    out = {}
    for k, (truth, interval) in enumerate(zip(truths, intervals_s, strict=True)):
        rate = snapped(1 / interval) or Fraction(30)
        at = midday + truth.offset_s
        code: TimeCode | None
        if kind == "missing":
            code = None
        elif kind == "never set":
            code = label(0, rate, False)
        elif kind == "counting recordings":
            code = label(rng.uniform(5, 40), rate, False)
        elif kind == "set by hand to a second":
            code = label(at + rng.normal(0, 1.0), rate, True)
        elif kind == "of two kinds":
            code = label(at, Fraction(30000, 1001) if k else Fraction(30), bool(k % 2 == 0))
        else:
            code = label(at, rate, True)
        made = 1.7e9 + at + (seconds if rng.random() < 0.3 else 0) + rng.normal(0, 0.5)
        made += rng.normal(0, 40) * (rng.random() < 0.3)
        out[k] = Tags(code, 0.0, True, None, float(round(made)), 1.0, interval, seconds)
    return out
