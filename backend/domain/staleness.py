"""When a box or a body fit no longer belongs to the joints that it was made from.

A new keypoint revision makes what was derived from the old one stale; stale things cannot be
approved, released or exported. ``backend.labelling.conditions`` and ``backend.multiview.fits.
standing`` say the same in SQL, once each; tests hold them to the functions here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from backend.domain.keypoints import Skeleton


def is_stale(made_from: Skeleton | None, current: Skeleton | None) -> bool:
    """Whether the joints changed since something was derived from them.

    Args:
        made_from: The joints that the box was made from.
        current: The frame's joints now.
    """
    return made_from != current


def is_fit_stale(
    made_from: Mapping[int, Skeleton],
    current: Mapping[int, Skeleton],
    scans_then: Collection[int] = (),
    scans_now: Collection[int] = (),
) -> bool:
    """Whether what a body was fitted to is not what its moment shows now.

    A joint changed, a view was discarded or taken to another moment, a view came to be, or scans
    came or went.

    Args:
        made_from: Joints by frame, of every view that the fit was made from.
        current: Joints by frame, of every kept view of its moment that has any.
        scans_then: Scans that the fit was made with.
        scans_now: Scans of its moment.
    """
    views_changed = made_from.keys() != current.keys() or any(
        is_stale(made_from[frame], current[frame]) for frame in made_from
    )
    return views_changed or set(scans_then) != set(scans_now)
