"""The one clock of a file: picture and sound count from the moment of its first shown picture.

A file's tracks each count in a time base of their own, but on one common clock (ISO/IEC 14496-12,
8.6.6, for edit lists; ISO/IEC 13818-1, 2.4.3.7, for presentation time stamps). Its zero means
nothing: streams cut out of longer ones begin anywhere. Time 0 of a file is here when its first
picture is shown, after edit lists; sound that begins earlier has negative times.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from worker.media.decode import read_index


def origin_of(path: Path, name: str | None = None) -> Fraction:
    """Seconds on the file's own clock at which its first picture is shown.

    The time of anything in the file is ``pts * time_base - origin_of(path)``, exactly, with the
    presentation time stamp and the time base of its own track, be it picture or sound. A file
    without any time stamps has its origin at 0.

    Raises:
        InvalidInput: as ``decode.read_index``.
    """
    return read_index(path, name or path.name).origin_s
