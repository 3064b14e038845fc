"""Whether settings of a training can be meant, in words; before anything is read or trained."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from backend.domain.errors import InvalidInput

_WHOLE: Final = {
    "epochs": 1,
    "batch": 1,
    "loaders": 0,
    "validate_every": 1,
    "pictures_every": 1,
    "warm_up": 0,
}
"""Whole numbers, and the least of each."""
_OPTIMISERS: Final = ("Adam", "AdamW", "SGD")


def require_bounds(settings: Mapping[str, Any]) -> None:
    """Refuse values of the common settings that no recipe can use.

    Raises:
        InvalidInput: one is of the wrong kind or out of bounds; the message names it.
    """
    for name, least in _WHOLE.items():
        if not _whole(settings[name], least):
            raise InvalidInput(
                f"{name} must be a whole number from {least}, not {settings[name]!r}."
            )
    if not _number(settings["rate"]) or not 0 < settings["rate"] < 10:
        raise InvalidInput(f"The rate must lie between 0 and 10, not at {settings['rate']!r}.")
    if not _number(settings["weight_decay"]) or settings["weight_decay"] < 0:
        raise InvalidInput(
            f"weight_decay must be a number from 0, not {settings['weight_decay']!r}."
        )
    clip, size = settings["clip"], settings["size"]
    if clip is not None and not (_number(clip) and clip > 0):
        raise InvalidInput(f"clip must be a number above 0, or null, not {clip!r}.")
    if size is not None and not (_whole_numbers(size) and len(size) == 2):
        raise InvalidInput(f"size must be a width and a height in pixels, not {size!r}.")
    if not _whole_numbers(settings["milestones"]):
        raise InvalidInput(f"milestones must be epochs, not {settings['milestones']!r}.")
    if settings["optimiser"] not in _OPTIMISERS:
        raise InvalidInput(
            f"There is no optimiser {settings['optimiser']!r}; there are {', '.join(_OPTIMISERS)}."
        )


def require_kind(name: str, was: Any, value: Any) -> None:
    """Refuse a value of another kind than the one that it is to replace.

    Whole numbers may stand for others; null and what it is replaced by are looked at elsewhere.

    Raises:
        InvalidInput: it is of another kind.
    """
    if was is None or value is None:
        return
    if isinstance(was, float):
        right = _number(value)
    elif isinstance(was, Sequence) and not isinstance(was, str):
        right = isinstance(value, Sequence) and not isinstance(value, str)
    else:
        right = type(value) is type(was)
    if not right:
        raise InvalidInput(
            f"{name} cannot be {value!r}; it is {was!r} usually.", fault="another kind"
        )


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _whole(value: Any, least: int) -> bool:
    return type(value) is int and value >= least


def _whole_numbers(values: Any) -> bool:
    return isinstance(values, tuple) and all(_whole(value, 1) for value in values)
