"""What one camera recorded, through all of its files, on one clock.

Cameras end a file after some minutes or gigabytes and go on in the next. Camera time counts from
the first picture of the first file; every file's sound and pictures lie where that file begins.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from backend.domain.clocks import sampling_step
from backend.domain.errors import InvalidInput
from worker.media.chapters import Chapter, times_of
from worker.synchronisation.movement import MAX_S, Motion, motion_of, pictures
from worker.synchronisation.sound import RATE, Sound, read_sound
from worker.synchronisation.tags import Tags, read_tags

Footage = Path | Sequence[Chapter]
"""A camera's video: one file, or several in order of time."""

_MAX_PAUSE_S: Final = 3600.0
"""Sound after a longer pause is left alone: it may be another day's."""


def chapters_of(footage: Footage, name: str) -> tuple[Chapter, ...]:
    """The files in order; a single one is called by the camera's name."""
    if isinstance(footage, Path):
        return (Chapter(footage, name),)
    return tuple(footage)


def frame_times_of(footage: Footage, name: str) -> list[float]:
    """Camera times of all frames.

    Raises:
        InvalidInput: a file is no video that can be read.
    """
    return times_of(chapters_of(footage, name))


def sound_of(footage: Footage, name: str) -> Sound:
    """A camera's sound, silent where a file has none.

    Where the sound of one file lasts beyond the beginning of the next one's, it is cut there.

    Raises:
        InvalidInput: no file has sound; the first file's fault.
    """
    placed: list[tuple[float, Sound]] = []
    fault: InvalidInput | None = None
    for chapter in chapters_of(footage, name):
        if placed and chapter.start_s - placed[-1][1].end_s > _MAX_PAUSE_S:
            break
        try:
            own = read_sound(chapter.path, chapter.name)
        except InvalidInput as error:
            fault = fault or error
            continue
        placed.append((chapter.start_s, replace(own, start_s=own.start_s + chapter.start_s)))
    if not placed:
        raise fault or InvalidInput(f"{name}: it has no files.", file=name, fault="it has no files")
    if len(placed) == 1:
        return placed[0][1]
    sounds = [sound for _, sound in placed]
    start = min(sound.start_s for sound in sounds)
    end = max(sound.end_s for sound in sounds)
    samples = np.zeros(round((end - start) * RATE), np.int16)
    for sound in sounds:
        first = round((sound.start_s - start) * RATE)
        samples[first:] = 0
        part = samples[first : first + len(sound.samples)]
        part[:] = sound.samples[: len(part)]
    return Sound(samples, start)


def motion_through(
    footage: Footage, name: str, *, longest_s: float = MAX_S,
    cancelled: Callable[[], None] = lambda: None,
) -> Motion:  # fmt: skip
    """What moves in a camera's view, in its first seconds, whichever files these are in.

    Raises:
        InvalidInput: as :func:`worker.synchronisation.movement.motion_of`.
    """
    shown = (
        (chapter.start_s + at, image)
        for chapter in chapters_of(footage, name)
        if chapter.start_s <= longest_s
        for at, image in pictures(chapter.path, chapter.name, longest_s - chapter.start_s)
    )
    return motion_of(shown, name, cancelled=cancelled)


def tags_of(footage: Footage, name: str) -> Tags:
    """What a camera's files say of their time, as of its first picture.

    Timecode and time of creation are those of the first file that has them, counted back to the
    beginning of the first file.

    Raises:
        InvalidInput: a file is no video that can be read.
    """
    chapters = chapters_of(footage, name)
    own = [read_tags(chapter.path, chapter.name) for chapter in chapters]
    first = own[0]
    if len(own) == 1:
        return first
    coded = next((k for k, tags in enumerate(own) if tags.code is not None), 0)
    made = next((k for k, tags in enumerate(own) if tags.created_s is not None), 0)
    created = own[made].created_s
    times = frame_times_of(footage, name)
    return Tags(
        code=own[coded].code,
        cut_s=own[coded].cut_s - chapters[coded].start_s,
        cut_is_told=own[coded].cut_is_told,
        fault=own[coded].fault,
        created_s=None if created is None else created - chapters[made].start_s,
        resolution_s=own[made].resolution_s,
        interval_s=sampling_step(times) if len(times) > 1 else 0.0,
        duration_s=chapters[-1].start_s + own[-1].duration_s,
    )
