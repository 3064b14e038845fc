"""Clocks by what the cameras wrote into their files: SMPTE timecode, else the time of creation.

Timecode counts frames, so two cameras that were set together agree to half a frame. Nothing in the
files tells whether they were; what tells that they were not, lowers the confidence and is said:
labels that cameras write which were never set, labels of kinds that run apart, recordings that
would not overlap. Time of creation is usually whole seconds, and some cameras write when the file
was closed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from backend.domain.errors import InvalidInput
from backend.domain.timecodes import TimeCode, alike, difference
from worker.synchronisation.footage import Footage, tags_of
from worker.synchronisation.result import CameraClock, Synchronised
from worker.synchronisation.solve import settle
from worker.synchronisation.tags import Tags

TIMECODE_CONFIDENCE: Final = 0.9
"""Timecodes of one kind that overlap: nothing in the files tells whether they were set together."""
UNCERTAIN_CONFIDENCE: Final = 0.5
"""Something speaks against it, or what the label belongs to is not certain."""
NEARLY_ALIKE_CONFIDENCE: Final = 0.3
"""Drop-frame beside whole rates: labels stay within two frames of each other."""
CREATION_CONFIDENCE: Final = 0.15
RUNNING_APART_CONFIDENCE: Final = 0.1
"""Labels that run apart by 3.6 s an hour, since nobody knows when."""
NO_OVERLAP_CONFIDENCE: Final = 0.05


def by_timecode(videos: Sequence[Footage], names: Sequence[str]) -> Synchronised:
    """Clocks from timecode, or from the time of creation where fewer than two have timecode.

    Raises:
        InvalidInput: fewer than two videos say when they were recorded.
    """
    tags, faults = settle(videos, names, tags_of)
    return clocks_of_tags(tags, names, faults)


def clocks_of_tags(
    tags: Mapping[int, Tags], names: Sequence[str], faults: Mapping[int, str]
) -> Synchronised:
    """Clocks from what files say of their time.

    Args:
        tags: By camera, what could be read.
        names: Of all cameras.
        faults: By camera, why its file could not be read.

    Raises:
        InvalidInput: fewer than two say when they were recorded.
    """
    codes = {i: tag.code for i, tag in tags.items() if tag.code is not None}
    unset = sorted(i for i, code in codes.items() if code.count == 0)
    created = {i: tag.created_s for i, tag in tags.items() if tag.created_s is not None}
    if len(codes) - len(unset) >= 2:
        missing = {
            i: tag.fault or "it carries no timecode" for i, tag in tags.items() if i not in codes
        }
        missing |= {i: _never_set(codes[i]) for i in unset}
        used = {i: code for i, code in codes.items() if i not in unset}
        return _by_code(used, tags, names, {**missing, **faults})
    told = [f"{names[i]}: {_never_set(codes[i])}." for i in unset]
    told += [f"{names[i]}: {tag.fault}." for i, tag in tags.items() if tag.fault]
    if len(created) >= 2:
        return _by_creation(created, tags, names, faults, told)
    if len(codes) >= 2:  # all begin at zero: started together, or never set
        return _by_code(codes, tags, names, dict(faults))
    told += [f"{names[i]}: {fault}." for i, fault in faults.items()]
    raise InvalidInput(
        "Fewer than two of the videos carry a timecode or a time of creation: compare their "
        "sound or motion instead." + (f" ({' '.join(told)})" if told else "")
    )


def _never_set(code: TimeCode) -> str:
    return f"its timecode begins at {code.text}, as cameras write it whose clock was never set"


def _by_code(
    codes: Mapping[int, TimeCode],
    tags: Mapping[int, Tags],
    names: Sequence[str],
    missing: Mapping[int, str],
) -> Synchronised:
    reference = min(codes)
    origin = codes[reference]
    offsets = {
        i: float(difference(code, origin)) + tags[i].cut_s - tags[reference].cut_s
        for i, code in codes.items()
    }
    doubts = {i: _doubt(i, reference, codes, tags, offsets) for i in codes}
    others = [doubts[i] for i in codes if i != reference]
    surest = max(others, key=lambda doubt: doubt[0])
    doubts[reference] = min(doubts[reference], surest, key=lambda doubt: doubt[0])
    warnings = []
    for i in codes:
        note = doubts[i][1]
        if note is not None and (i != reference or note not in {d[1] for d in others}):
            warnings.append(f"{names[i]}: {note}")
    clocks = []
    for i, name in enumerate(names):
        if i not in codes:
            why = missing.get(i, "it carries no timecode")
            clocks.append(CameraClock(name, None, note=f"Left out: {why}."))
            warnings.append(f"{name}: {clocks[-1].note}")
            continue
        sure, note = doubts[i]
        # Cameras that are set together still open their shutters at different times of a frame.
        sigma = max(tags[i].interval_s, tags[reference].interval_s) * 1000 / 12**0.5
        clocks.append(CameraClock(name, offsets[i] * 1000, 0.0, sure, note, sigma))
    return Synchronised("timecode", tuple(clocks), warnings=tuple(warnings))


def _doubt(
    i: int,
    reference: int,
    codes: Mapping[int, TimeCode],
    tags: Mapping[int, Tags],
    offsets: Mapping[int, float],
) -> tuple[float, str | None]:
    """How far to trust a camera's timecode, and what speaks against it."""
    found: list[tuple[float, str | None]] = [(TIMECODE_CONFIDENCE, None)]
    code, origin = codes[i], codes[reference]
    if max(_overlap(offsets, tags, i, j) for j in codes if j != i) <= 0:
        found.append(
            (
                NO_OVERLAP_CONFIDENCE,
                "By these times it overlaps with no other: its clock was not set with theirs.",
            )
        )
    if not alike(code, origin):
        found.append(_unlike(code, origin))
    if i != reference and (code.count, code.rate) == (origin.count, origin.rate):
        if code.count == 0:
            found.append(
                (
                    NO_OVERLAP_CONFIDENCE,
                    f"It begins at {code.text} like the first: neither was ever set.",
                )
            )
        else:
            found.append(
                (
                    UNCERTAIN_CONFIDENCE,
                    f"It begins at {code.text} like the first: either one trigger started both, "
                    "or neither counts the time of day.",
                )
            )
    if not tags[i].cut_is_told:
        found.append(
            (
                UNCERTAIN_CONFIDENCE,
                f"Its beginning is cut off ({tags[i].cut_s:.2f} s): its timecode is taken as that "
                "of the first picture before the cut.",
            )
        )
    if _counts_recordings(code, tags[i]):
        found.append(
            (
                UNCERTAIN_CONFIDENCE,
                f"Its timecode ({code.text}) is not the time of day at which the file was made: it "
                "may count only while the camera records.",
            )
        )
    return min(found, key=lambda doubt: doubt[0])


def _unlike(code: TimeCode, origin: TimeCode) -> tuple[float, str]:
    first, second = _kind(origin), _kind(code)
    if code.pace == origin.pace:
        return (
            NEARLY_ALIKE_CONFIDENCE,
            f"Its timecode is {second}, that of the first {first}: they differ by up to two "
            "frames.",
        )
    return (
        RUNNING_APART_CONFIDENCE,
        f"Its timecode is {second}, that of the first {first}: they drift apart by 3.6 s an hour, "
        "and nothing says since when.",
    )


def _kind(code: TimeCode) -> str:
    how = "drop-frame" if code.drop_frame else "non-drop-frame"
    return f"{how} at {float(code.rate):.5g} frames/s"


def _counts_recordings(code: TimeCode, tags: Tags) -> bool:
    """Whether a label of the first hour is far from the minute in which the file was made.

    Time zones are whole quarters of an hour; files are stamped when opened or when closed.
    """
    if code.hours > 0 or tags.created_s is None:
        return False
    quarter = 900.0
    stamped = (tags.created_s - float(code.seconds_of_day) + quarter / 2) % quarter - quarter / 2
    return not -120 <= stamped <= 120 + tags.duration_s


def _by_creation(
    created: Mapping[int, float],
    tags: Mapping[int, Tags],
    names: Sequence[str],
    faults: Mapping[int, str],
    told: Sequence[str],
) -> Synchronised:
    reference = min(created)
    offsets = {i: at - created[reference] for i, at in created.items()}
    coarse = max(tags[i].resolution_s for i in created)
    warnings = [
        *told,
        f"No timecode: the times of creation are accurate to {coarse:g} s at best, and some "
        "cameras write when a file was closed. Check with sound or motion.",
    ]
    clocks = []
    for i, name in enumerate(names):
        if i not in created:
            why = faults.get(i, "it carries no time of creation")
            clocks.append(CameraClock(name, None, note=f"Left out: {why}."))
            warnings.append(f"{name}: {clocks[-1].note}")
            continue
        sure, note = CREATION_CONFIDENCE, None
        if max(_overlap(offsets, tags, i, j) for j in created if j != i) <= 0:
            sure = NO_OVERLAP_CONFIDENCE
            note = "By these times it overlaps with no other: its clock was not set with theirs."
            warnings.append(f"{name}: {note}")
        clocks.append(CameraClock(name, offsets[i] * 1000, 0.0, sure, note, max(coarse, 1) * 1000))
    return Synchronised("timecode", tuple(clocks), warnings=tuple(warnings))


def _overlap(offsets: Mapping[int, float], tags: Mapping[int, Tags], i: int, j: int) -> float:
    end = min(offsets[i] + tags[i].duration_s, offsets[j] + tags[j].duration_s)
    return end - max(offsets[i], offsets[j])
