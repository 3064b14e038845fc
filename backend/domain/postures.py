"""The twelve postures of infants that are told apart, and their four groups.

Source: Alberta Infant Motor Scale (Piper & Darrah 1994), in the selection of the AIMS
classification of InfantNet.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

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
