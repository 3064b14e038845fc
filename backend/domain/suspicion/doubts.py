"""The kinds of doubt about a joint, in words, and how a measure becomes a probability.

Each kind of evidence is a measure with one number, the *half*: where the measure has that value,
one of two such joints needed a hand. The halves stand here, once. They were set on choreographed
sessions with known truth (``benchmarks/suspicion.py``, development seeds 0 to 7); the recall that
is stated in ``docs/benchmarks.md`` is of other seeds.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from backend.domain.skeleton import label

Array = NDArray[np.float64]

SUSPICIOUS: Final = 0.5
"""From this probability on a joint stands in the queue: it is more likely wrong than right."""


class Doubt(StrEnum):
    """Why a joint is doubted; of those that suffice, the first is said, the plainest.

    Places in this list are stored: a new kind goes to the end.
    """

    OUTSIDE = "outside"
    WRONG_BODY = "wrong_body"
    EXCHANGED = "exchanged"
    FROZEN = "frozen"
    VIEWS = "views"
    JUMP = "jump"
    LIMB = "limb"
    OTHER_PERSON = "other_person"
    OFF_MASK = "off_mask"
    UNSURE = "unsure"
    SAME_SPOT = "same_spot"


DOUBTS: Final = tuple(Doubt)

DOUBT_NAMES: Final[dict[Doubt, str]] = {
    Doubt.OUTSIDE: "outside the image",
    Doubt.WRONG_BODY: "another body than the infant's",
    Doubt.EXCHANGED: "left and right exchanged",
    Doubt.FROZEN: "the same pose as in another frame",
    Doubt.VIEWS: "the other cameras disagree",
    Doubt.JUMP: "jumps against the frames around it",
    Doubt.LIMB: "a limb longer than this infant's",
    Doubt.OTHER_PERSON: "on another person",
    Doubt.OFF_MASK: "outside the outline",
    Doubt.UNSURE: "the model was not sure",
    Doubt.SAME_SPOT: "left and right in the same place",
}
"""What a list calls each kind."""

_SENTENCES: Final[dict[Doubt, str]] = {
    Doubt.OUTSIDE: "The {joint} lies outside the image.",
    Doubt.WRONG_BODY: "This body does not look like the infant of the frames around it.",
    Doubt.EXCHANGED: "The {joint} and its counterpart look exchanged against the frames around it.",
    Doubt.FROZEN: "The pose is the same as in another frame, though the picture moved.",
    Doubt.VIEWS: "The other cameras see the {joint} elsewhere.",
    Doubt.JUMP: "The {joint} jumps against the frames around it.",
    Doubt.LIMB: "The limb at the {joint} is longer than this infant's.",
    Doubt.OTHER_PERSON: "The {joint} lies on another person.",
    Doubt.OFF_MASK: "The {joint} lies outside the infant's outline.",
    Doubt.UNSURE: "The model was not sure of the {joint}.",
    Doubt.SAME_SPOT: "The {joint} and its counterpart are in the same place.",
}

WHOLE_BODY: Final = frozenset({Doubt.WRONG_BODY, Doubt.FROZEN})
"""Doubts that are about all joints at once: one look answers them all."""

HALF_JUMP: Final = 1.0
"""Distance from where the neighbours put a joint, over its tolerance (``trajectory``)."""

HALF_LIMB: Final = 0.07
"""Statures by which a limb is longer than the longest that is usual for this infant."""

HALF_EXCHANGED: Final = 0.12
"""By how many statures the whole path gets shorter if this frame's pair is exchanged."""

HALF_BODY: Final = 0.4
"""By how much the likeliest path through all people found is better than through the one chosen,
in statures moved and logarithms of size."""

HALF_LARGER: Final = 0.45
HALF_SMALLER: Final = 0.8
"""Logarithm of the body's size over the usual one: 1.57 times as large, .45 times as small.
Foreshortening makes a body look smaller, so that the other side is wider."""

HALF_VIEWS: Final = 1.5
"""Pixels from the point on which the views agree, in units of the limit (``MAX_VIEW_ERROR_PX``)."""

USUAL_VIEWS: Final = 5.0
"""… but at least so many times what is usual: hips are seen less sharply than eyes."""

FROZEN_MOVED: Final = 0.97
FROZEN_UNKNOWN: Final = 0.6
"""17 joints are not equal to the last digit by chance. Only where nothing is known of the picture
may it have stood still."""

HALF_OTHER: Final = 0.06
"""Distance from the same joint of somebody else, in statures; doubted below it, if the infant's own
neighbours put the joint elsewhere."""

HALF_OFF_MASK: Final = 0.05
"""Distance from the infant's outline, in statures."""

SAME_SPOT: Final = 0.012
SAME_SPOT_FACE: Final = 0.003
"""Statures between left and right below which both lie in one place, as in ``checks``; in the face,
seen from the side, they come nearer."""

ONE_SPOT: Final = 0.6
"""Legs may lie exactly behind each other, but seldom do."""

HALF_SCORE: Final = 0.25
"""A model's score below which one of two joints needed a hand; near ``limits.LOW_SCORE``."""

HALF_DROP: Final = 0.3
"""How far a score lies below the joint's usual one in this recording: a wrist that is usually seen
with .9 is doubted at .5, an ear that never has more is not."""

UNSURE_AT_MOST: Final = 0.6
"""A low score alone is weak evidence: covered joints have low scores and are often right."""


def grown(measure: Any, half: float) -> Array:
    """Probability of a measure that speaks for a fault: one half at ``half``, steep around it.

    A Hill curve of fourth order: twice the half gives .94, half of it .06. NaN counts as nothing.
    """
    z = np.maximum(np.nan_to_num(np.asarray(measure, float), nan=0.0, posinf=1e3), 0.0) / half
    z = np.minimum(z, 1e3) ** 4
    return np.asarray(z / (1 + z))


def fallen(measure: Any, half: float) -> Array:
    """The same for a measure that speaks for a fault where it is small; NaN counts as nothing."""
    known = np.isfinite(measure)
    z = (np.maximum(np.where(known, measure, 1e3), 0.0) / half) ** 4
    return np.asarray(np.where(known, 1 / (1 + z), 0.0))


def reason(doubt: Doubt, joint: int) -> str:
    """Why a joint is doubted, as a sentence for people."""
    return _SENTENCES[doubt].format(joint=label(joint))
