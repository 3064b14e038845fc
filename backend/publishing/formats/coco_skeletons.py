"""Skeletons of COCO categories: what is odd of them, and what was chosen for single joints."""

from __future__ import annotations

from collections.abc import Mapping

from backend.domain.errors import InvalidInput
from backend.domain.oddities import Odd
from backend.domain.skeleton_maps import SKELETONS, Recognised, Told, with_changes
from backend.publishing.formats.findings import Fault


def changed(
    found: Recognised, names: list[str] | None, count: int, changes: Mapping[str, str]
) -> Recognised:
    """A skeleton in which the maintainer has said what single joints become."""
    try:
        changed = with_changes(names, count, found.map, changes)
    except InvalidInput as error:
        raise Fault("", error.message.rstrip(".")) from error
    return Recognised(Told.CHOICE, changed, found.alternatives)


def kind_of(found: Recognised, names: list[str] | None) -> Odd:
    """What is odd of a skeleton that was recognised, not said."""
    if found.told is Told.COUNT:
        coco = found.map is SKELETONS["coco"] and not names
        return Odd.JOINTS_UNNAMED if coco else Odd.SKELETON_BY_COUNT
    same = found.map is not None and not found.map.dropped and not found.map.absent
    return Odd.JOINTS_REORDERED if same else Odd.OTHER_SKELETON
