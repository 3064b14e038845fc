"""One call that measures clocks by a named method, or by the best that there is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path

from backend.domain.errors import InvalidInput
from worker.synchronisation.audio import by_audio
from worker.synchronisation.compare import settled, together
from worker.synchronisation.footage import Footage, chapters_of, tags_of
from worker.synchronisation.motion import by_motion
from worker.synchronisation.movement import MAX_S
from worker.synchronisation.result import Synchronised
from worker.synchronisation.solve import settle
from worker.synchronisation.timecode import clocks_of_tags


class Method(StrEnum):
    """How to compare clocks."""

    AUTO = "auto"
    TIMECODE = "timecode"
    AUDIO = "audio"
    MOTION = "motion"


def synchronise(
    videos: Sequence[Footage],
    *,
    method: Method | str = Method.AUTO,
    names: Sequence[str] | None = None,
    progress: Callable[[int, int, str], None] | None = None,
    cancelled: Callable[[], None] = lambda: None,
    longest_s: float = MAX_S,
) -> Synchronised:
    """Compare the clocks of several cameras.

    ``auto`` compares sound and timecode, and motion where these are not sure of every camera. It
    goes by the surest, of several the most exact; methods that agree support each other, and one
    that another contradicts is not sure. A named method is checked by timecode too. A camera that
    cannot be compared is left out, and named.

    Args:
        videos: One per camera, each a file or several in a row; the first is the reference.
        method: See :class:`Method`.
        names: What to call them, by default their file names.
        progress: Called with files begun, files in all, and what is being done.
        cancelled: Called now and then; raises to stop.
        longest_s: Seconds of each video in which motion is looked for.

    Raises:
        InvalidInput: fewer than two videos, or they have nothing in common.
    """
    names = list(names) if names is not None else _distinct([_own_name(v) for v in videos])
    if len(videos) < 2:
        raise InvalidInput("Clocks are compared between cameras: name two videos or more.")
    for video, name in zip(videos, names, strict=True):
        for chapter in chapters_of(video, name):
            if not chapter.path.is_file():
                raise InvalidInput(
                    f"{chapter.name}: there is no such file.",
                    file=chapter.name,
                    fault="there is no such file",
                )

    def during(words: str) -> Callable[[int, int], None]:
        def report(done: int, total: int) -> None:
            cancelled()
            if progress:
                progress(done, total, words)

        return report

    tags, unread = settle(videos, names, tags_of)

    def measure(by: Method) -> Synchronised:
        if by is Method.TIMECODE:
            return clocks_of_tags(tags, names, unread)
        if by is Method.AUDIO:
            return by_audio(videos, names, during("Listening"))
        return by_motion(
            videos, names, during("Watching motion"), longest_s=longest_s, cancelled=cancelled
        )

    intervals = {i: tag.interval_s for i, tag in tags.items()}
    wanted = Method(method)
    results: list[Synchronised] = []
    faults: list[str] = []
    if wanted is not Method.AUTO:
        results.append(measure(wanted))
    for by in (Method.TIMECODE, Method.AUDIO, Method.MOTION) if not results else (Method.TIMECODE,):
        if by is Method.MOTION and results and settled(together(results, intervals, tags)):
            break
        if by is wanted:
            continue
        try:
            results.append(measure(by))
        except InvalidInput as error:
            faults.append(error.message)
    if not results:
        raise InvalidInput("The clocks cannot be compared. " + " ".join(faults))
    only = None if wanted is Method.AUTO else wanted.value
    return together(results, intervals, tags, only=only)


def _own_name(footage: Footage) -> str:
    return footage.name if isinstance(footage, Path) else footage[0].name


def _distinct(names: list[str]) -> list[str]:
    return [
        name if names.count(name) == 1 else f"{name} ({names[: i + 1].count(name)})"
        for i, name in enumerate(names)
    ]
