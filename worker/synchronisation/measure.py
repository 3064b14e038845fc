"""One call that measures clocks by a named method, or by the best that there is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Final

from backend.domain.errors import InvalidInput
from worker.synchronisation.audio import by_audio
from worker.synchronisation.motion import LONGEST_S, by_motion
from worker.synchronisation.result import Synchronised
from worker.synchronisation.timecode import CREATION_CONFIDENCE, by_timecode

SURE: Final = 0.6
"""A method that is this sure of every camera is good enough."""


class Method(StrEnum):
    """How to compare clocks."""

    AUTO = "auto"
    TIMECODE = "timecode"
    AUDIO = "audio"
    MOTION = "motion"


def synchronise(
    videos: Sequence[Path],
    *,
    method: Method | str = Method.AUTO,
    names: Sequence[str] | None = None,
    progress: Callable[[int, int, str], None] | None = None,
    cancelled: Callable[[], None] = lambda: None,
    longest_s: float = LONGEST_S,
) -> Synchronised:
    """Compare the clocks of several cameras.

    ``auto`` takes sound where it is sure of every camera, else timecode, else motion; where none is
    sure, the surest. A camera that cannot be compared is left out, and named.

    Args:
        videos: One per camera; the first is the reference.
        method: See :class:`Method`.
        names: What to call them, by default their file names.
        progress: Called with files begun, files in all, and what is being done.
        cancelled: Called now and then; raises to stop.
        longest_s: Seconds of each video in which motion is looked for.

    Raises:
        InvalidInput: fewer than two videos, or they have nothing in common.
    """
    names = list(names) if names is not None else _distinct([video.name for video in videos])
    if len(videos) < 2:
        raise InvalidInput("Clocks are compared between cameras: name two videos or more.")
    for path, name in zip(videos, names, strict=True):
        if not path.is_file():
            raise InvalidInput(
                f"{name}: there is no such file.", file=name, fault="there is no such file"
            )

    def during(words: str) -> Callable[[int, int], None]:
        def report(done: int, total: int) -> None:
            cancelled()
            if progress:
                progress(done, total, words)

        return report

    def measure(by: Method) -> Synchronised:
        if by is Method.TIMECODE:
            return by_timecode(videos, names)
        if by is Method.AUDIO:
            return by_audio(videos, names, during("Listening"))
        return by_motion(
            videos, names, during("Watching motion"), longest_s=longest_s, cancelled=cancelled
        )

    if Method(method) is not Method.AUTO:
        return measure(Method(method))
    tried: list[Synchronised] = []
    faults: list[str] = []
    for by in (Method.AUDIO, Method.TIMECODE, Method.MOTION):
        try:
            result = measure(by)
        except InvalidInput as error:
            faults.append(error.message)
            continue
        tried.append(result)
        if result.confidence >= SURE:
            break
    if not tried:
        raise InvalidInput("The clocks cannot be compared. " + " ".join(faults))
    best = max(tried, key=lambda result: (_completeness(result), result.confidence))
    if best is tried[-1] and best.confidence >= SURE:
        return _checked(best, tried[:-1])
    return best


def _completeness(result: Synchronised) -> int:
    return sum(clock.measured for clock in result.clocks if clock.confidence >= CREATION_CONFIDENCE)


def _checked(best: Synchronised, others: Sequence[Synchronised]) -> Synchronised:
    """Say where another method, itself sure of a camera, says something else."""
    said = []
    for other in others:
        for mine, its in zip(best.clocks, other.clocks, strict=True):
            if mine.offset_ms is None or its.offset_ms is None or its.confidence < SURE:
                continue
            apart = abs(mine.offset_ms - its.offset_ms)
            if apart > 50:
                said.append(
                    f"{mine.name}: {other.method} says {its.offset_ms:+.0f} ms, {best.method}"
                    f" {mine.offset_ms:+.0f} ms."
                )
    return replace(best, warnings=(*best.warnings, *said))


def _distinct(names: list[str]) -> list[str]:
    return [
        name if names.count(name) == 1 else f"{name} ({names[: i + 1].count(name)})"
        for i, name in enumerate(names)
    ]
