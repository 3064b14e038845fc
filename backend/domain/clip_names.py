"""What cameras and people call the pieces of one long video.

Cameras cut long recordings into files: GoPro by chapter (GX010001, GX020001), most others by their
running number (DJI_0001, DJI_0002; C0001; 00000.MTS). People number parts. A name alone proves
little: it says which files to hold against each other (:mod:`backend.domain.chapters`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from pathlib import PurePosixPath
from typing import Final


class Naming(IntEnum):
    """How much a name says about its neighbours; more is stronger."""

    NUMBERED = 0
    """Some number at the end: parts, or cameras, or takes."""
    CLIPS = 1
    """A camera's running number: a new take, or the next piece of one."""
    PARTS = 2
    """Words such as "part 2"."""
    CHAPTERS = 3
    """A camera's scheme that numbers the pieces of one recording."""


@dataclass(frozen=True, slots=True)
class Place:
    """A file's place in a series of files.

    Attributes:
        series: Same for all files of one series: folder, name with # for the number, ending.
        number: Its number there.
        counted: Whether neighbours differ by one; else numbers only give the order.
        naming: What kind of scheme it is.
        started_s: Seconds since 1970 at which it was begun, where the name says so: by the camera's
            own clock, which is only good for comparing files of one camera.
        camera: Whether the name calls itself a camera or a view.
    """

    series: str
    number: int
    naming: Naming
    counted: bool = True
    started_s: float | None = None
    camera: bool = False


_GOPRO: Final = re.compile(r"^(g[hxlsfb])(\d{2}|[a-z]{2})(\d{4})$")
_GOPRO_FIRST: Final = re.compile(r"^gopr(\d{4})$")
_GOPRO_NEXT: Final = re.compile(r"^gp(\d{2})(\d{4})$")
_INSTA360: Final = re.compile(r"^((?:vid|pro_vid|lrv)_\d{8}_\d{6}_\d{2})_(\d{3})$")
_DJI_DATED: Final = re.compile(r"^(dji)_(\d{14})_(\d{4})(_\w+)?$")
_RUNNING: Final = re.compile(
    r"^(dji_|mvi_|img_|dsc_?|dscf|dscn|mah|mov|vid_|gopr|c|p\d{3}|clip|mts_?|m2u|sam_|pict|hdv_|)"
    r"(\d{4,6})((?:_[a-z])?)$"
)
"""DJI, Canon, phones, Nikon, Sony, Fujifilm, Panasonic, AVCHD's bare 00000, JVC, Samsung."""
_XAVC: Final = re.compile(r"^([a-z]\d{3})(c)(\d{3,4})(_\w+)?$")
_PART: Final = re.compile(
    r"^(|.*?[^a-z])(?:part|pt|chapter|chap|segment|seg|section|piece|teil|partie|parte)"
    r"[\s._-]*(\d{1,3})(?:[\s._-]*(?:of|von|de)[\s._-]*\d{1,3})?$"
)
_OF: Final = re.compile(r"^(.*?)[\s._-]*\(?(\d{1,3})[\s._-]*(?:of|von)[\s._-]*(\d{1,3})\)?$")
_COPY: Final = re.compile(r"^(.*\S)\s*\((\d{1,3})\)$")
_NUMBER: Final = re.compile(r"^(.*?\D)?(\d{1,6})$")
_CAMERA: Final = re.compile(
    r"(?:^|[^a-z])(?:cam|camera|kamera|camara|caméra|view|angle|device|gopro|phone)$"
)
_DATED: Final = re.compile(r"(?<!\d)((?:19|20)\d{6})[\s_-]?(\d{6})(?:\d{3})?(?!\d)")


def place_of(path: str) -> Place | None:
    """Where a file's name puts it; None where the name has no number.

    Args:
        path: Name with or without folders, of any system.
    """
    folder, stem, ending = _split(path)
    started = _started(stem)
    found = _by_camera(stem)
    if found is None and started is not None:
        key = _DATED.sub("#", stem, count=1)
        before, after = key.split("#", 1)
        key = f"{before}#{re.sub(r'[0-9]+', '', after)}"
        return Place(f"{folder}/{key}{ending}", int(started), Naming.CLIPS, False, started)
    found = found or _by_words(stem)
    if found is None:
        return None
    key, number, naming = found
    calls_itself = naming is Naming.NUMBERED and _CAMERA.search(key.rstrip("#")) is not None
    return Place(f"{folder}/{key}{ending}", number, naming, True, started, calls_itself)


def series_without_number(path: str) -> str:
    """The series of which a file would be number 0: ``visit.mp4`` before ``visit (1).mp4``."""
    folder, stem, ending = _split(path)
    return f"{folder}/{stem}#{ending}"


def _split(path: str) -> tuple[str, str, str]:
    file = PurePosixPath(path.replace("\\", "/"))
    folder = file.parent.as_posix().casefold()
    return folder, file.stem.casefold().strip(), file.suffix.casefold()


def _by_camera(stem: str) -> tuple[str, int, Naming] | None:
    if found := _GOPRO.match(stem):
        return f"{found[1]}#{found[3]}", _chapter(found[2]), Naming.CHAPTERS
    if found := _GOPRO_FIRST.match(stem):
        return f"gp#{found[1]}", 0, Naming.CHAPTERS
    if found := _GOPRO_NEXT.match(stem):
        return f"gp#{found[2]}", int(found[1]), Naming.CHAPTERS
    if found := _INSTA360.match(stem):
        return f"{found[1]}#", int(found[2]), Naming.CHAPTERS
    if found := _DJI_DATED.match(stem):
        return f"{found[1]}#{found[4] or ''}", int(found[3]), Naming.CLIPS
    if found := _RUNNING.match(stem):
        return f"{found[1]}#{found[3]}", int(found[2]), Naming.CLIPS
    if found := _XAVC.match(stem):
        return f"{found[1]}{found[2]}#", int(found[3]), Naming.CLIPS
    return None


def _by_words(stem: str) -> tuple[str, int, Naming] | None:
    for pattern, naming in (
        (_PART, Naming.PARTS), (_OF, Naming.PARTS), (_COPY, Naming.NUMBERED),
        (_NUMBER, Naming.NUMBERED),
    ):  # fmt: skip
        if found := pattern.match(stem):
            return f"{(found[1] or '').rstrip(' ._-')}#", int(found[2]), naming
    return None


def _chapter(text: str) -> int:
    """Chapters are two digits; a looping recording counts by letters, AA, AB, …"""
    if text.isdigit():
        return int(text)
    return (ord(text[0]) - ord("a")) * 26 + ord(text[1]) - ord("a") + 1


def _started(stem: str) -> float | None:
    found = _DATED.search(stem)
    if found is None:
        return None
    try:
        at = datetime.strptime(found[1] + found[2], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    return at.timestamp()
