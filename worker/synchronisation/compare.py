"""What several methods say of the same clocks, put together.

Methods that agree support each other. A method that another one contradicts, which may well be
right, is not sure: both are told. Sound or motion that repeats has several lags that would do; a
method that names one of them settles it, one that names none of them contradicts it. Times of
creation are too coarse to support anything: they can only contradict.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from backend.domain.confidence import (
    CONTRADICTED,
    DOUBTFUL,
    LIKELY,
    SURE,
    contradicted,
    supported,
)
from worker.synchronisation.result import CameraClock, Synchronised
from worker.synchronisation.solve import within
from worker.synchronisation.tags import Tags
from worker.synchronisation.timecode import CREATION_CONFIDENCE

ORDER: Final = ("audio", "timecode", "motion")
"""Of methods that are about equally sure, the first is taken: it is the most exact."""
WORDS: Final = {"audio": "sound", "timecode": "timecode", "motion": "motion"}
_BY_CHANCE: Final = 0.05
"""How often wrong answers of two methods agree."""
_SETTLED_BY_CHANCE: Final = 0.15
"""How often a wrong answer is one of the lags that repeating sound or motion offers."""
_ONE_OF_THEM: Final = 0.9
"""Chance that one of the lags of what repeats is the right one."""
_NAMED: Final = 0.1
"""Less than this is no answer, and gives way to another method's."""
_FINER: Final = 0.7
_CREATION_S: Final = 2.0
_SET_TOGETHER_S: Final = 600.0
"""Clocks that differ by more than this and the recordings were never set."""


@dataclass(frozen=True, slots=True)
class _Said:
    """What another method says of one camera, against the reference.

    Attributes:
        offset_ms: The offset.
        drift_ppm: The drift.
        confidence: Its own.
        sigma_ms: Its own.
        rivals_ms: Offsets that would do nearly as well.
    """

    offset_ms: float
    drift_ppm: float
    confidence: float
    sigma_ms: float
    rivals_ms: tuple[float, ...]


def primary_of(results: Sequence[Synchronised]) -> Synchronised:
    """The result to go by: likely of any two cameras, and of such the most exact method's.

    Other methods complete what it does not say.
    """

    def rank(result: Synchronised) -> tuple[bool, bool, bool, int]:
        sure = [clock.confidence for clock in result.clocks if clock.measured]
        likely, doubtful, named = (
            sum(x >= least for x in sure) >= 2 for least in (LIKELY, DOUBTFUL, _NAMED)
        )
        return likely, doubtful, named, -ORDER.index(result.method)

    return max(results, key=rank)


def together(
    results: Sequence[Synchronised],
    intervals_s: Mapping[int, float],
    tags: Mapping[int, Tags],
    *,
    only: str | None = None,
) -> Synchronised:
    """The answer by all methods.

    Args:
        results: One per method that found anything.
        intervals_s: By camera, seconds between frames.
        tags: By camera, what its file says of its time.
        only: The method whose offsets are wanted; the others then serve to check it. By default
            the best is taken, made more exact where a finer method agrees, and completed by others.
    """
    main = next((r for r in results if r.method == only), None) or primary_of(results)
    reference = next(i for i, clock in enumerate(main.clocks) if clock.measured)
    clocks = list(main.clocks)
    warnings = list(main.warnings)
    for i, clock in enumerate(main.clocks):
        if clock.offset_ms is None or i == reference:
            continue
        half_ms = 500 * max(intervals_s.get(i, 0.04), intervals_s.get(reference, 0.04))
        for other in results:
            if other is main or _is_creation(other):
                continue
            said = _said(other, reference, i)
            if said is not None:
                clocks[i], words = _checked(
                    clocks[i], main.method, said, other.method, half_ms, only is None
                )
                warnings += words
        clocks[i], words = _against_creation(clocks[i], clock, reference, i, tags, main)
        warnings += words
    others = [
        clock.confidence for i, clock in enumerate(clocks) if clock.measured and i != reference
    ]
    if others:
        clocks[reference] = replace(clocks[reference], confidence=max(others))
    if only is None:
        for other in results:
            if other is not main and not _is_creation(other):
                warnings = _complete(clocks, other, warnings)
    return replace(main, clocks=_rebased(clocks), warnings=tuple(dict.fromkeys(warnings)))


def _is_creation(result: Synchronised) -> bool:
    return result.method == "timecode" and result.confidence <= CREATION_CONFIDENCE


def _said(other: Synchronised, reference: int, camera: int) -> _Said | None:
    base, clock = other.clocks[reference], other.clocks[camera]
    if base.offset_ms is None or clock.offset_ms is None:
        return None
    rivals = []
    for pair in other.pairs:
        lag = pair.measured
        for rival in lag.rivals_s:  # a camera's offset falls as its lag grows
            if (lag.first, lag.second) == (reference, camera):
                rivals.append(clock.offset_ms - base.offset_ms - 1000 * (rival - lag.lag_s))
            elif (lag.first, lag.second) == (camera, reference):
                rivals.append(clock.offset_ms - base.offset_ms + 1000 * (rival - lag.lag_s))
    return _Said(
        clock.offset_ms - base.offset_ms, clock.drift_ppm - base.drift_ppm,
        min(clock.confidence, base.confidence), float(np.hypot(clock.sigma_ms, base.sigma_ms)),
        tuple(rivals),
    )  # fmt: skip


def _checked(
    clock: CameraClock, mine: str, said: _Said, its: str, half_ms: float, refine: bool
) -> tuple[CameraClock, list[str]]:
    """A clock after another method was heard, and what is to be said of it."""
    offset = clock.offset_ms or 0.0
    tolerance = max(half_ms, 3 * float(np.hypot(clock.sigma_ms, said.sigma_ms)))
    if abs(offset - said.offset_ms) <= tolerance:
        if said.confidence < _NAMED:
            return clock, []
        chance = supported(clock.confidence, said.confidence, _BY_CHANCE)
        return _finer(clock, said, half_ms, chance, refine), []
    fitting = [rival for rival in said.rivals_ms if abs(offset - rival) <= tolerance]
    if fitting:
        chance = supported(clock.confidence, CONTRADICTED, _SETTLED_BY_CHANCE)
        settled = replace(said, offset_ms=min(fitting, key=lambda rival: abs(rival - offset)))
        return _finer(clock, settled, half_ms, chance, refine), []
    weight = max(said.confidence, _ONE_OF_THEM if said.rivals_ms else 0.0)
    if weight < DOUBTFUL:
        return clock, []
    lower = min(contradicted(clock.confidence, weight), CONTRADICTED)
    also = " or something else just as well, as it repeats" if said.rivals_ms else ""
    words = (
        f"{clock.name}: {WORDS[mine]} says {offset:+.0f} ms, {WORDS[its]} {said.offset_ms:+.0f} ms"
        f"{also}. They contradict each other: look at the pictures."
    )
    return replace(clock, confidence=min(clock.confidence, lower)), [words]


def _finer(
    clock: CameraClock, said: _Said, half_ms: float, chance: float, refine: bool
) -> CameraClock:
    """Two methods agree: the finer of the two gives the offset."""
    if refine and said.sigma_ms < _FINER * clock.sigma_ms:
        clock = replace(
            clock, offset_ms=said.offset_ms, drift_ppm=said.drift_ppm, sigma_ms=said.sigma_ms
        )
    sure = chance * within(half_ms, clock.sigma_ms)
    return replace(clock, confidence=max(sure, clock.confidence))


def _against_creation(
    clock: CameraClock,
    before: CameraClock,
    reference: int,
    camera: int,
    tags: Mapping[int, Tags],
    main: Synchronised,
) -> tuple[CameraClock, list[str]]:
    """Times of creation, of the beginning or of the end, may contradict an offset."""
    first, second = tags.get(reference), tags.get(camera)
    if _is_creation(main) or first is None or second is None or before.offset_ms is None:
        return clock, []
    if first.created_s is None or second.created_s is None:
        return clock, []
    apart = second.created_s - first.created_s
    begins = before.offset_ms / 1000
    ends = begins + second.duration_s - first.duration_s
    coarse = _CREATION_S + max(first.resolution_s, second.resolution_s)
    low, high = min(begins, ends) - coarse, max(begins, ends) + coarse
    unset = abs(apart) > _SET_TOGETHER_S + max(first.duration_s, second.duration_s)
    if low <= apart <= high or unset:
        return clock, []
    words = (
        f"{clock.name}: its file was made {abs(apart):.0f} s {'after' if apart > 0 else 'before'} "
        f"the first one, by the cameras' clocks; {WORDS[main.method]} says {begins:+.1f} s."
    )
    return replace(clock, confidence=contradicted(clock.confidence, CREATION_CONFIDENCE)), [words]


def _complete(clocks: list[CameraClock], other: Synchronised, warnings: list[str]) -> list[str]:
    """Cameras without an answer get that of another method, by way of a camera that has both."""
    anchors = [
        i for i, clock in enumerate(clocks)
        if clock.offset_ms is not None and other.clocks[i].offset_ms is not None
    ]  # fmt: skip
    if not anchors:
        return warnings
    anchor = max(anchors, key=lambda i: clocks[i].confidence * other.clocks[i].confidence)
    here, there = clocks[anchor], other.clocks[anchor]
    for i, its in enumerate(other.clocks):
        mine = clocks[i]
        lacking = mine.offset_ms is None or mine.confidence < _NAMED
        sure = its.confidence * min(1.0, here.confidence)
        if not lacking or its.offset_ms is None or sure <= max(mine.confidence, _NAMED):
            continue
        why = (mine.note or "nothing in it matches").removeprefix("Left out: ").rstrip(".")
        note = f"By {WORDS[other.method]}, as for the rest {why}."
        warnings = [text for text in warnings if text != f"{mine.name}: {mine.note}"]
        warnings.append(f"{mine.name}: {note}")
        clocks[i] = CameraClock(
            mine.name,
            (here.offset_ms or 0.0) + its.offset_ms - (there.offset_ms or 0.0),
            here.drift_ppm + its.drift_ppm - there.drift_ppm,
            min(sure, its.confidence),
            note,
            float(np.hypot(its.sigma_ms, here.sigma_ms)),
        )
    return warnings


def _rebased(clocks: Sequence[CameraClock]) -> tuple[CameraClock, ...]:
    """The first camera that has an offset is the one that others are told against."""
    first = next(clock for clock in clocks if clock.offset_ms is not None)
    offset, pace = first.offset_ms or 0.0, 1 + first.drift_ppm * 1e-6
    return tuple(
        clock
        if clock.offset_ms is None
        else replace(
            clock,
            offset_ms=(clock.offset_ms - offset) / pace,
            drift_ppm=((1 + clock.drift_ppm * 1e-6) / pace - 1) * 1e6,
        )
        for clock in clocks
    )


def settled(result: Synchronised) -> bool:
    """Whether nothing is left to find out."""
    return all(clock.measured and clock.confidence >= SURE for clock in result.clocks)
