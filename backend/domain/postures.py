"""The twelve postures of infants that are told apart, and their four groups.

Source: Alberta Infant Motor Scale (Piper & Darrah 1994), in the selection of the AIMS
classification of InfantNet.

A moment has one label or none. A label is a posture, or only its group where the posture is not
told yet; none means that nobody said it, or that the infant is between postures.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from backend.domain.errors import InvalidInput

POSTURES: Final[Mapping[str, tuple[str, ...]]] = {
    "prone": ("prone_lying", "forearm_support", "reciprocal_crawling", "four_point_kneeling"),
    "supine": ("supine_lying", "hands_to_knees_or_feet", "rolling"),
    "sitting": ("sitting_with_support", "sitting_with_arm_support", "sitting_without_support"),
    "standing": ("four_point_standing", "standing"),
}
"""Postures by group."""

GROUP_OF: Final[Mapping[str, str]] = {
    posture: group for group, postures in POSTURES.items() for posture in postures
}

_OTHER_NAMES: Final[Mapping[str, str]] = {
    "hands_to_knee_feet": "hands_to_knees_or_feet",
    "hands_to_knees_feet": "hands_to_knees_or_feet",
    "hands_to_knee_or_feet": "hands_to_knees_or_feet",
}


def posture_name(text: str) -> str:
    """A posture as it is written here: lower case, words joined by underscores.

    ``Four-Point Kneeling`` becomes ``four_point_kneeling``. Names that are not in ``POSTURES`` are
    kept in the same form.
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    name = "_".join(re.findall(r"[^\W_]+", plain))
    return _OTHER_NAMES.get(name, name)


@dataclass(frozen=True, slots=True, order=True)
class PostureLabel:
    """What is said of a moment.

    Attributes:
        group: One of the four.
        posture: One of the group's postures; None where only the group is told.
    """

    group: str
    posture: str | None = None

    def __post_init__(self) -> None:
        if self.group not in POSTURES:
            raise InvalidInput(f"There is no group of postures “{self.group}”.")
        if self.posture is not None and self.posture not in POSTURES[self.group]:
            raise InvalidInput(f"“{self.posture}” is no posture of the group “{self.group}”.")

    @property
    def code(self) -> int:
        """Two digits, as they are typed: the group's, and the posture's in it or 0."""
        place = 0 if self.posture is None else POSTURES[self.group].index(self.posture) + 1
        return 10 * (tuple(POSTURES).index(self.group) + 1) + place


LABELS: Final = tuple(
    PostureLabel(group, posture)
    for group, postures in POSTURES.items()
    for posture in (None, *postures)
)
"""Every label there is, by code."""

_BY_CODE: Final = {label.code: label for label in LABELS}


def label_of_code(code: int) -> PostureLabel:
    """The label of two digits.

    Raises:
        InvalidInput: there is none.
    """
    if (found := _BY_CODE.get(code)) is None:
        raise InvalidInput(f"There is no posture with the code {code}.")
    return found


def label_of_posture(posture: str) -> PostureLabel:
    """The label of one of the twelve postures.

    Raises:
        InvalidInput: there is none.
    """
    if (group := GROUP_OF.get(posture)) is None:
        raise InvalidInput(f"There is no posture “{posture}”.")
    return PostureLabel(group, posture)
