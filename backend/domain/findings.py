"""What is to be said of a video: of its file, and of the frames that were taken from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from backend.domain.videos import Damage

_MAX_NAMED: Final = 5
"""Times that are listed; of more, the first are."""
_MAX_EARLY_S: Final = 1.0
"""By which pictures may end before what a header says; sound is often a little longer."""


@dataclass(frozen=True, slots=True)
class FileFindings:
    """What reading through a file found.

    Attributes:
        pictures: How many it shows.
        promised: How many its index or header names; 0 where none does.
        indexed: Whether it is an index that names them, so that those that are missing are cut off.
        present: How many are there, shown or not.
        broke_off: Whether reading ended at a fault.
        cut_in: How many at the beginning need others from before the beginning.
        nominal_fps: Frames per second where the file has no times, else None.
        untimed: Pictures without a time of their own.
        restarts_s: When the file's clock started anew.
        edits_followed: False where the file has an edit list that shows nothing.
        edit_rates: Speeds of playing of its edits, other than 1.
        stated_aspect: Width to height of its pixels as it states them, such as ``4:3``, or None.
        stored_size: Width and height as stored.
        square_size: Width and height with square pixels, before they are turned.
        stated_s: Seconds that its header says it lasts, where that is no estimate.
        end_s: Seconds on the file's clock at which its pictures end.
    """

    pictures: int
    promised: int = 0
    indexed: bool = False
    present: int = 0
    broke_off: bool = False
    cut_in: int = 0
    nominal_fps: float | None = None
    untimed: int = 0
    restarts_s: Sequence[float] = ()
    edits_followed: bool = True
    edit_rates: Sequence[float] = ()
    stated_aspect: str | None = None
    stored_size: tuple[int, int] = (0, 0)
    square_size: tuple[int, int] = (0, 0)
    stated_s: float | None = None
    end_s: float = 0.0


@dataclass(slots=True)
class FrameFindings:
    """What decoding the frames that were to be taken found.

    Attributes:
        undecodable_s: Times of those that could not be decoded.
        damaged: Number of those that were decoded with damage, by its kind.
        untimed: Number without a time of their own.
        by_field: Number that held two moments in time and were made from one field.
        unmarked_fields: Number of those that the file does not mark as interlaced.
        marked: Number that the file marks as interlaced.
        sizes: Widths and heights, with the time of the first frame of each.
        high_dynamic_range: ``PQ`` or ``HLG``, or None.
        unreadable_matrix: Number of a coding of colour that cannot be read, or None.
        tilt_degrees: By how much the stated turn is off a multiple of 90.
    """

    undecodable_s: list[float] = field(default_factory=list)
    damaged: dict[Damage, int] = field(default_factory=dict)
    untimed: int = 0
    by_field: int = 0
    unmarked_fields: int = 0
    marked: int = 0
    sizes: dict[tuple[int, int], float] = field(default_factory=dict)
    high_dynamic_range: str | None = None
    unreadable_matrix: int | None = None
    tilt_degrees: float = 0.0

    def add(self, later: FrameFindings, start_s: float) -> None:
        """Take in what was found in a later file that begins after so many seconds."""
        self.undecodable_s += [start_s + at for at in later.undecodable_s]
        for kind, count in later.damaged.items():
            self.damaged[kind] = self.damaged.get(kind, 0) + count
        self.untimed += later.untimed
        self.by_field += later.by_field
        self.unmarked_fields += later.unmarked_fields
        self.marked += later.marked
        for size, at in later.sizes.items():
            self.sizes.setdefault(size, start_s + at)
        self.high_dynamic_range = self.high_dynamic_range or later.high_dynamic_range
        if self.unreadable_matrix is None:
            self.unreadable_matrix = later.unreadable_matrix
        self.tilt_degrees = self.tilt_degrees or later.tilt_degrees


def about_file(found: FileFindings) -> list[str]:
    """What is to be said of a file, in sentences; nothing where all is as it should be."""
    said: list[str] = []
    missing = found.promised - found.present
    if missing > 0 and found.indexed:
        said.append(
            f"The file is cut off: {missing} of its {found.promised} pictures are not in it."
        )
    elif missing > 0:
        said.append(
            f"Its header announces {_pictures(found.promised)}, of which {found.present} are "
            "there: it"
            " is cut off, or the camera left some out."
        )
    elif found.stated_s is not None and found.stated_s > found.end_s + _MAX_EARLY_S:
        said.append(
            f"Its header says that it lasts {found.stated_s:.2f} s; its pictures end at"
            f" {found.end_s:.2f} s: it is cut off, or its header is wrong."
        )
    if found.broke_off:
        said.append("The file is damaged between its pictures: what follows cannot be read.")
    if found.cut_in:
        said.append(
            f"It begins in the middle of a stream: {_pictures(found.cut_in)} at its beginning"
            " cannot be shown, and time counts from the first that can be."
        )
    if found.nominal_fps is not None:
        said.append(
            "It has no time stamps: times are counted at its nominal rate of"
            f" {found.nominal_fps:g} frames per second."
        )
    elif found.untimed:
        said.append(
            f"{_pictures(found.untimed)} without a time of their own (missing,"
            " repeated or out of order) are spaced evenly between their neighbours."
        )
    if found.restarts_s:
        said.append(
            f"Its clock restarts at {_times(found.restarts_s)}; time continues to be counted "
            "from there."
        )
    if not found.edits_followed:
        said.append("Its edit list selects nothing, and was ignored.")
    if found.edit_rates:
        speeds = ", ".join(f"{rate:g}" for rate in found.edit_rates)
        said.append(
            f"It plays at {speeds} times the speed of recording; times are those of playback."
        )
    said += _about_pixels(found)
    return said


def _about_pixels(found: FileFindings) -> list[str]:
    if found.stated_aspect is None:
        return []
    if found.square_size == found.stored_size:
        if found.stated_aspect == "1:1":
            return []
        return [f"It says that pixels are {found.stated_aspect}; they were treated as square."]
    return [
        f"Its pixels are not square ({found.stated_aspect}): frames of {_size(found.stored_size)}"
        f" are stretched to {_size(found.square_size)}."
    ]


def about_frames(found: FrameFindings, taken: int) -> list[str]:
    """What is to be said of the frames of a camera, in sentences.

    Args:
        found: What decoding them found.
        taken: How many there are.
    """
    said: list[str] = []
    if found.undecodable_s:
        said.append(
            f"{_frames(len(found.undecodable_s))} could not be decoded"
            f" (at {_times(found.undecodable_s)})."
        )
    said += _about_damage(found.damaged)
    said += _about_fields(found, taken)
    if len(found.sizes) > 1:
        later = [f"{_size(size)} from {at:.2f} s" for size, at in list(found.sizes.items())[1:]]
        said.append(
            f"Frames have several sizes: {_size(next(iter(found.sizes)))}, {', '.join(later)}."
        )
    if found.high_dynamic_range:
        said.append(
            f"High dynamic range ({found.high_dynamic_range}) was mapped to the range that "
            "every screen shows; its colours are approximate."
        )
    if found.unreadable_matrix is not None:
        said.append(
            f"Its colours are coded in a way that cannot be read (number {found.unreadable_matrix}"
            " of ITU-T H.273): frames are grey."
        )
    if found.tilt_degrees:
        said.append(
            f"It asks to be rotated by {found.tilt_degrees:.0f}° more than a multiple of 90°, which"
            " was not done."
        )
    return said


def _about_damage(damaged: Mapping[Damage, int]) -> list[str]:
    said = []
    if broken := damaged.get(Damage.BROKEN, 0):
        said.append(f"{_frames(broken)} {_are(broken)} damaged in the file, and marked as such.")
    if inherited := damaged.get(Damage.INHERITED, 0):
        said.append(
            f"{_frames(inherited)} {_are(inherited)} built on damaged or missing ones: parts may be"
            " wrong. The editor marks such frames."
        )
    return said


def _about_fields(found: FrameFindings, taken: int) -> list[str]:
    said = []
    marked = found.by_field - found.unmarked_fields
    if marked:
        said.append(
            f"Interlaced: {marked} of {_frames(taken)} held two moments in time and were made "
            "from the"
            " field that was taken first."
        )
    elif found.marked:
        said.append(
            "It is marked as interlaced, but no frame that was taken shows two moments in "
            "time: they were taken whole."
        )
    if found.unmarked_fields:
        said.append(
            f"{_frames(found.unmarked_fields)} held two moments in time though the file does "
            "not mark"
            f" {'it' if found.unmarked_fields == 1 else 'them'} as interlaced, and were made from"
            " the upper field."
        )
    return said


def _times(seconds: Sequence[float]) -> str:
    named = ", ".join(f"{at:.2f} s" for at in seconds[:_MAX_NAMED])
    return named if len(seconds) <= _MAX_NAMED else f"{named}, …"


def _pictures(count: int) -> str:
    return f"{count} picture" if count == 1 else f"{count} pictures"


def _frames(count: int) -> str:
    return f"{count} frame" if count == 1 else f"{count} frames"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _size(size: tuple[int, int]) -> str:
    return f"{size[0]} × {size[1]} pixels"
