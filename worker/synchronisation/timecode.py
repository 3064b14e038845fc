"""Clocks by what the cameras wrote into their files: SMPTE timecode, else the time of creation.

Timecode counts frames, so two cameras set together agree to half a frame. Drop-frame timecode
leaves out frame numbers 0 and 1 (0 to 3 at 59.94) at each minute not divisible by ten (SMPTE ST
12-1). Time of creation is usually whole seconds, and some cameras write when the file was closed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Final

from backend.domain.errors import InvalidInput
from worker.media.decode import open_video, read_index
from worker.synchronisation.result import CameraClock, Synchronised
from worker.synchronisation.solve import settle

DAY_S: Final = 86_400.0
TIMECODE_CONFIDENCE: Final = 0.9
"""Nothing in the files tells whether the cameras were set together."""
CREATION_CONFIDENCE: Final = 0.15
NO_OVERLAP_CONFIDENCE: Final = 0.05
_TIMECODE = re.compile(r"^\s*(\d{1,2}):(\d{2}):(\d{2})([:;.,])(\d{1,3})\s*$")


@dataclass(frozen=True, slots=True)
class Tags:
    """What a file says of its time.

    Attributes:
        timecode_s: Seconds since midnight of the first frame by timecode, or None.
        timecode: As written.
        created_s: Seconds since 1970 by the time of creation, or None.
        resolution_s: Smallest step of the time of creation.
        interval_s: Seconds between frames.
        duration_s: Seconds.
    """

    timecode_s: float | None
    timecode: str | None
    created_s: float | None
    resolution_s: float
    interval_s: float
    duration_s: float


def seconds_of_timecode(text: str, fps: Fraction) -> float:
    """Seconds since midnight of a timecode such as ``01:02:03;04``.

    Args:
        text: Hours, minutes, seconds, frames; ``;`` or ``.`` before the frames means drop-frame.
        fps: The exact rate, such as 30000/1001.

    Raises:
        ValueError: it is no timecode, or names a frame that does not exist.
    """
    found = _TIMECODE.match(text)
    if found is None or fps <= 0:
        raise ValueError(f"{text!r} is not a timecode")
    hours, minutes, seconds, frames = (int(found[i]) for i in (1, 2, 3, 5))
    nominal = round(fps)
    if hours > 23 or minutes > 59 or seconds > 59 or frames >= nominal:
        raise ValueError(f"{text!r} names a time that does not exist at {float(fps):g} frames/s")
    count = ((hours * 60 + minutes) * 60 + seconds) * nominal + frames
    # Frames are dropped only from rates such as 29.97; cameras write ";" at others as well.
    if found[4] in ";.," and fps.denominator != 1 and nominal % 30 == 0:
        dropped = 2 * nominal // 30
        if seconds == 0 and frames < dropped and minutes % 10:
            raise ValueError(f"{text!r} names a frame that drop-frame timecode leaves out")
        whole = 60 * hours + minutes
        count -= dropped * (whole - whole // 10)
    return float(count / fps)


def read_tags(path: Path, name: str | None = None) -> Tags:
    """Read a video's timecode and time of creation.

    Raises:
        InvalidInput: not a video, or without frames.
    """
    name = name or path.name
    index = read_index(path, name)
    with open_video(path, name, max_pixels=2**62) as (container, stream):
        fps = Fraction(stream.average_rate or stream.guessed_rate or 25)
        places = [stream.metadata, container.metadata]
        places += [other.metadata for other in container.streams]
        texts = [place["timecode"] for place in places if place.get("timecode")]
        created = [place["creation_time"] for place in places if place.get("creation_time")]
    timecode_s, timecode = None, None
    for text in texts:
        try:
            timecode_s, timecode = seconds_of_timecode(text, fps), text
            break
        except ValueError:
            continue
    created_s, resolution = _created(created[0]) if created else (None, 1.0)
    return Tags(
        timecode_s, timecode, created_s, resolution, float(1 / fps), float(index.count / fps)
    )


def _created(text: str) -> tuple[float | None, float]:
    try:
        at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None, 1.0
    digits = re.search(r"\.(\d+)", text)
    significant = digits[1].rstrip("0") if digits else ""
    return at.timestamp(), 10.0 ** -len(significant)


def by_timecode(videos: Sequence[Path], names: Sequence[str]) -> Synchronised:
    """Clocks from timecode, or from the time of creation where fewer than two have timecode.

    Raises:
        InvalidInput: fewer than two videos say when they were recorded.
    """
    tags, faults = settle(videos, names, read_tags)
    coded = [i for i, tag in tags.items() if tag.timecode_s is not None]
    created = [i for i, tag in tags.items() if tag.created_s is not None]
    if len(coded) >= 2:
        starts = {i: tags[i].timecode_s or 0.0 for i in coded}
        missing, confidence = "it carries no timecode", TIMECODE_CONFIDENCE
    elif len(created) >= 2:
        starts = {i: tags[i].created_s or 0.0 for i in created}
        missing, confidence = "it carries no time of creation", CREATION_CONFIDENCE
    else:
        told = "; ".join(f"{names[i]}: {fault}" for i, fault in faults.items())
        raise InvalidInput(
            "Fewer than two of the videos carry a timecode or a time of creation: compare their "
            "sound or motion instead." + (f" ({told})" if told else "")
        )
    by_code = len(coded) >= 2
    reference = min(starts)
    offsets = {i: start - starts[reference] for i, start in starts.items()}
    if by_code:  # a recording over midnight
        offsets = {i: (x + DAY_S / 2) % DAY_S - DAY_S / 2 for i, x in offsets.items()}
    warnings = []
    if not by_code:
        coarse = max(tags[i].resolution_s for i in starts)
        warnings.append(
            f"No timecode: the times of creation are good to {coarse:g} s at best, and some "
            "cameras write when a file was closed. Check with sound or motion."
        )
    clocks = []
    for i, name in enumerate(names):
        if i not in offsets:
            clocks.append(CameraClock(name, None, note=f"Left out: {faults.get(i, missing)}."))
            continue
        sure, note = confidence, None
        overlap = [_overlap(offsets, tags, i, j) for j in offsets if j != i]
        if max(overlap) <= 0:
            sure = NO_OVERLAP_CONFIDENCE
            note = "By these times it overlaps with no other: its clock was not set with theirs."
            warnings.append(f"{name}: {note}")
        clocks.append(CameraClock(name, offsets[i] * 1000, 0.0, sure, note))
    return Synchronised("timecode", tuple(clocks), warnings=tuple(warnings))


def _overlap(offsets: dict[int, float], tags: dict[int, Tags], i: int, j: int) -> float:
    end = min(offsets[i] + tags[i].duration_s, offsets[j] + tags[j].duration_s)
    return end - max(offsets[i], offsets[j])
