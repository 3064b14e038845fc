"""What reading through a file found, as ``backend.domain.findings`` puts it into words."""

from __future__ import annotations

from typing import Final

from av import VideoFrame
from av.container import InputContainer

from backend.domain.findings import FileFindings
from backend.domain.videos import square_size
from worker.media.look import Look
from worker.media.timeline import Timeline

_STATES_LENGTH: Final = frozenset(("mov", "matroska", "webm", "flv", "avi", "asf"))


def found_in(
    index: Timeline, container: InputContainer, look: Look, frame: VideoFrame
) -> FileFindings:
    """What there is to be said of a file.

    Args:
        index: Its pictures.
        container: The file, open.
        look: How its pictures are to be seen.
        frame: The first of them.
    """
    formats = set(container.format.name.split(","))
    states_length = bool(formats & _STATES_LENGTH) and index.followed and not index.edits
    rates = {edit.rate for edit in index.edits if edit.rate > 0 and edit.rate != 1}
    stated = look.stated
    return FileFindings(
        pictures=index.count,
        promised=index.packets.promised,
        indexed="mov" in formats,
        present=len(index.packets.all),
        broke_off=index.packets.broke_off,
        cut_in=index.cut_in,
        nominal_fps=None if index.nominal_fps is None else float(index.nominal_fps),
        untimed=index.untimed,
        restarts_s=tuple(float(at) for at in index.restarts_s),
        edits_followed=index.followed,
        edit_rates=tuple(sorted(float(rate) for rate in rates)),
        stated_aspect=None if stated is None else f"{stated.numerator}:{stated.denominator}",
        stored_size=(frame.width, frame.height),
        square_size=square_size(frame.width, frame.height, look.aspect_of(frame)),
        stated_s=(container.duration or 0) / 1e6 if states_length else None,
        end_s=float(index.origin_s + index.end_s),
    )
