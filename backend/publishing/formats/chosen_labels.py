"""Choices for labels that a file has not: they are refused, and never passed over in silence."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from backend.publishing.formats.coco import CocoChoices
from backend.publishing.formats.findings import MetSkeleton

EVERY: Final = "*"
"""Stands for all labels of which nothing was said."""
_SHOWN: Final = 12


def fault_of_labels(
    choices: CocoChoices, labels: Collection[str], with_joints: Collection[str]
) -> str | None:
    """Why choices do not fit a file, in words; None where they do.

    Args:
        choices: What was chosen.
        labels: What the file calls its people: names, ids or tracks.
        with_joints: The labels that have a skeleton of their own.
    """
    return (
        _unknown(choices.people, labels, "the people were")
        or _unknown(choices.skeletons, with_joints, "a skeleton was")
        or _unknown(choices.joints, with_joints, "joints were")
    )


def fault_of_joints(choices: CocoChoices, met: Mapping[str, MetSkeleton]) -> str | None:
    """Why what was said of single joints does not fit a file; None where it does.

    Args:
        choices: What was chosen.
        met: The skeletons of the file by their labels, once all of it was read.
    """
    for label, changes in choices.joints.items():
        skeletons = met.values() if label == EVERY else [met[label]] if label in met else []
        joints = {name: None for skeleton in skeletons for name in skeleton.joints}
        unknown = next((name for name in changes if name not in joints), None)
        if unknown is not None and joints:
            return f"there is no joint {unknown!r} to be mapped; there are {_listed(joints)}"
    return None


def _unknown(chosen: Iterable[str], labels: Collection[str], what: str) -> str | None:
    unknown = next((label for label in chosen if label != EVERY and label not in labels), None)
    if unknown is None:
        return None
    named = sorted(label for label in set(labels) if label)
    has = f"the file has {_listed(named)}" if named else "the file names none"
    return f"there is no label {unknown!r}, of which {what} chosen; {has}"


def _listed(names: Iterable[str]) -> str:
    shown = list(names)
    more = f" and {len(shown) - _SHOWN:,} more" if len(shown) > _SHOWN else ""
    return ", ".join(shown[:_SHOWN]) + more
