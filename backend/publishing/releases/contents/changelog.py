"""A draft of what a version says of itself, from what differs."""

from __future__ import annotations

from backend.domain.releases.differences import ChangeKind
from backend.publishing.releases.contents.schemas import DiffOut


def changelog(found: DiffOut) -> str:
    """Changes in Markdown, from which a maintainer writes the notes of the version."""
    frames = {one.kind: one.frames for one in found.kinds}
    lines = [f"Changes from {found.before} to {found.after}:", ""]
    if found.frames_in:
        lines.append(f"- {_frames(found.frames_in)} of {_infants(found.infants_in)} added.")
    if found.frames_out:
        lines.append(f"- {_frames(found.frames_out)} of {_infants(found.infants_out)} removed.")
    if found.joints_moved:
        where = _frames(frames[ChangeKind.MOVED])
        lines.append(f"- {_count(found.joints_moved, 'joint')} moved in {where}.")
    if found.visibility_changed:
        joints = _count(found.visibility_changed, "joint")
        lines.append(f"- Visibility of {joints} changed.")
    if found.postures_changed:
        lines.append(f"- Posture of {_frames(found.postures_changed)} changed.")
    if found.boxes_changed:
        lines.append(f"- {_count(found.boxes_changed, 'box', 'boxes')} changed.")
    if found.fits_changed:
        lines.append(f"- Body fit of {_frames(found.fits_changed)} changed.")
    for change in found.splits_changed:
        lines.append(f"- {change.pseudonym} moved from {change.before} to {change.after}.")
    if len(lines) == 2:
        lines.append("- No frame differs.")
    return "\n".join(lines) + "\n"


def _count(number: int, one: str, several: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else several or one + 's'}"


def _frames(number: int) -> str:
    return _count(number, "frame")


def _infants(number: int) -> str:
    return _count(number, "infant")
