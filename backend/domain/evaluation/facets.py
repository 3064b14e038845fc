"""Parts of a ground truth that are looked at by themselves: by source, age, camera, size …

A part is a set of images. What belongs to a person (the size of its box) is said of the image's
largest person that counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from jaxtyping import Int
from numpy.typing import NDArray

from backend.domain.evaluation.samples import Truths

AGE_BOUNDS: Final = (3, 6, 9, 12, 18)
"""Months at which one group ends and the next begins: about the steps of motor development
by which AIMS orders its items."""

BOX_BOUNDS: Final = (64, 128, 256, 512)
"""Pixels of a box's longer side."""

UNKNOWN: Final = "unknown"

JOINT_FACETS: Final = ("joint", "visibility")
"""Parts that consist of joints, not of images: only errors of joints can be told of them."""


@dataclass(frozen=True, slots=True)
class Facet:
    """Images, sorted into parts.

    Attributes:
        name: Of the facet.
        values: Names of the parts, in their order.
        of_image: (I,) index of each image's part.
    """

    name: str
    values: tuple[str, ...]
    of_image: Int[NDArray[Any], " i"]


def facet(name: str, truths: Truths) -> Facet:
    """Sort the images of a ground truth.

    Args:
        name: One of ``IMAGE_FACETS``.
        truths: The ground truth.
    """
    labels, order = IMAGE_FACETS[name](truths)
    there = set(labels)
    values = [value for value in order if value in there]
    values += sorted(there - set(values) - {UNKNOWN}, key=_natural)
    values += [UNKNOWN] if UNKNOWN in there and UNKNOWN not in values else []
    index = {value: i for i, value in enumerate(values)}
    return Facet(name, tuple(values), np.array([index[value] for value in labels], np.intp))


def _natural(text: str) -> tuple[Any, ...]:
    digits = "".join(c if c.isdigit() else " " for c in text).split()
    return ("".join(c for c in text if not c.isdigit()), [int(d) for d in digits], text)


def in_group(value: float | None, bounds: tuple[int, ...], unit: str) -> str:
    """The group of a number: ``6–9 months``; the lower bound belongs to the group.

    Args:
        value: The number, or None.
        bounds: Where one group ends and the next begins.
        unit: Behind the numbers.
    """
    if value is None or not np.isfinite(value):
        return UNKNOWN
    return _groups(bounds, unit)[int(np.searchsorted(bounds, value, side="right"))]


def _groups(bounds: tuple[int, ...], unit: str) -> list[str]:
    middle = [f"{a}–{b} {unit}" for a, b in pairwise(bounds)]
    return [f"under {bounds[0]} {unit}", *middle, f"{bounds[-1]} {unit} and more"]


def _fact(*names: str) -> Callable[[Truths], tuple[list[str], list[str]]]:
    def labels(truths: Truths) -> tuple[list[str], list[str]]:
        return [_first(facts, names) for facts in truths.facts], []

    return labels


def _first(facts: Mapping[str, Any], names: tuple[str, ...]) -> str:
    for name in names:
        value = facts.get(name)
        if isinstance(value, str | int | float) and not isinstance(value, bool) and value != "":
            return str(value)
    return UNKNOWN


def _age(truths: Truths) -> tuple[list[str], list[str]]:
    ages = [facts.get("age_months") for facts in truths.facts]
    numbers = [a if isinstance(a, int | float) and not isinstance(a, bool) else None for a in ages]
    return [in_group(a, AGE_BOUNDS, "months") for a in numbers], _groups(AGE_BOUNDS, "months")


def _box(truths: Truths) -> tuple[list[str], list[str]]:
    side = np.full(truths.images, np.nan)
    rows = np.flatnonzero(~truths.ignored)
    rows = rows[np.argsort(truths.area[rows], kind="stable")]
    side[truths.image[rows]] = truths.box[rows, 2:].max(axis=1)  # the largest comes last
    labels = [in_group(value, BOX_BOUNDS, "px") for value in side.tolist()]
    return ["nobody" if np.isnan(s) else label for s, label in zip(side, labels, strict=True)], [
        *_groups(BOX_BOUNDS, "px"),
        "nobody",
    ]


IMAGE_FACETS: Final[Mapping[str, Callable[[Truths], tuple[list[str], list[str]]]]] = {
    "source": _fact("recording_source", "source"),
    "recording": _fact("recording", "video"),
    "camera": _fact("camera"),
    "infant": _fact("infant"),
    "posture": _fact("posture"),
    "sex": _fact("sex"),
    "age": _age,
    "box": _box,
}

FACETS: Final = (*JOINT_FACETS, *IMAGE_FACETS)
"""Everything that can be looked at by itself."""
