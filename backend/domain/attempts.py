"""Independent answers to a frame: what they are for, how good they are, and one made of two.

An *attempt* is what a person makes of a frame from its pre-label alone, apart from its annotation.
A check is an attempt on a gold frame, whose answer is known; a second is one on a frame that
somebody else annotated; training is one on a gold frame, with the answer shown afterwards. Sources:
gold questions mixed into the work (Oleson et al., "Programmatic gold", HCOMP 2011); double
annotation of a random share with adjudication (Artstein & Poesio, "Inter-coder agreement for
computational linguistics", 2008).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from backend.domain.document import Document
from backend.domain.errors import InvalidInput
from backend.domain.keypoints import ABSENT_JOINT, Joint, Skeleton, Visibility
from backend.domain.reliability import compare
from backend.domain.skeleton import N_JOINTS, label
from backend.domain.verdicts import Verdict

MAX_OPEN: Final = 20
"""Nobody has more single frames before them at once."""
MAX_TRAINING_FRAMES: Final = 200
MAX_SEED_LENGTH: Final = 40


class Purpose(StrEnum):
    """What an attempt is for."""

    CHECK = "check"
    """A gold frame: its answer is known, the annotator does not know that."""
    SECOND = "second"
    """A frame that somebody else annotated already."""
    TRAINING = "training"
    """A gold frame whose answer is shown afterwards."""


class GoldUse(StrEnum):
    """What a gold frame is for: one whose answer was shown can no longer be a check."""

    CHECK = "check"
    TRAINING = "training"


@dataclass(frozen=True, slots=True)
class QualityRules:
    """How much is checked, and what a newcomer has to reach.

    Attributes:
        gold_share: Gold frames for each frame that somebody decided.
        double_share: Share of all frames that a second person annotates.
        seed: Another seed draws other frames.
        training_required: Nobody takes work by themselves before they have reached the standard.
        training_frames: The standard is measured over the last so many frames of the training.
        training_min_oks: Mean similarity to the known answer.
        training_min_visibility: Share of joints with the same visibility.
    """

    gold_share: float = 0.0
    double_share: float = 0.0
    seed: str = "1"
    training_required: bool = False
    training_frames: int = 10
    training_min_oks: float = 0.9
    training_min_visibility: float = 0.85

    def __post_init__(self) -> None:
        for share in (self.gold_share, self.double_share):
            if not 0 <= share <= 1:
                raise InvalidInput(f"A share lies between 0 and 1, not at {share}.")
        if not 1 <= self.training_frames <= MAX_TRAINING_FRAMES:
            raise InvalidInput(f"A training has 1 to {MAX_TRAINING_FRAMES} frames.")
        for limit in (self.training_min_oks, self.training_min_visibility):
            if not 0 <= limit <= 1:
                raise InvalidInput(f"The standard lies between 0 and 1, not at {limit}.")


def due(share: float, decided: int, given: int) -> int:
    """How many single frames somebody is owed: a share of those they decided, less those given."""
    return max(0, math.floor(share * decided + 1e-9) - given)


@dataclass(frozen=True, slots=True)
class Score:
    """How far an answer is from what it is compared with.

    Attributes:
        verdict_agrees: Both keep the frame, or both discard it; for whatever reason.
        oks: In 0 … 1; 0 where only one keeps it; None where both discard it.
        px: By joint; None where not both placed it.
        same_visibility: By joint; empty where not both keep the frame.
    """

    verdict_agrees: bool
    oks: float | None
    px: tuple[float | None, ...] = ()
    same_visibility: tuple[bool, ...] = ()

    @property
    def share_of_visibility(self) -> float | None:
        """Of 17 joints, how many have the same visibility; None where not both keep the frame."""
        return share_of(self.same_visibility)


def share_of(same_visibility: Sequence[bool]) -> float | None:
    """Of joints that were compared, how many have the same visibility; None without any."""
    return sum(same_visibility) / len(same_visibility) if same_visibility else None


def score(answer: Document, known: Document) -> Score:
    """Compare an answer with a known one, or with another person's."""
    kept = [document.decision.verdict is Verdict.KEEP for document in (answer, known)]
    if kept[0] != kept[1]:
        return Score(verdict_agrees=False, oks=0.0)
    if not kept[0]:
        return Score(verdict_agrees=True, oks=None)
    found = compare(answer.skeleton or Skeleton.empty(), known.skeleton or Skeleton.empty())
    px = tuple(None if math.isnan(value) else round(float(value), 3) for value in found.px)
    same = tuple(bool(value) for value in found.same_visibility)
    return Score(verdict_agrees=True, oks=found.oks, px=px, same_visibility=same)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody stands in their training.

    Attributes:
        frames: How many of the frames that count they have done.
        of: How many count.
        oks: Mean over these; None without frames that both kept.
        visibility: Mean share of joints with the same visibility.
        reached: Whether that meets the standard.
    """

    frames: int
    of: int
    oks: float | None
    visibility: float | None
    reached: bool


def standing(scores: Sequence[tuple[float | None, float | None]], rules: QualityRules) -> Standing:
    """Measure a newcomer by the last frames of their training.

    Args:
        scores: OKS and share of visibility by frame, the latest last.
        rules: The standard.
    """
    last = scores[-rules.training_frames :]
    oks = _mean([oks for oks, _ in last])
    visibility = _mean([share for _, share in last])
    reached = (
        len(last) == rules.training_frames
        and (oks is None or oks >= rules.training_min_oks)
        and (visibility is None or visibility >= rules.training_min_visibility)
        and not (oks is None and visibility is None)
    )
    return Standing(len(last), rules.training_frames, oks, visibility, reached)


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


class Take(StrEnum):
    """Whose joint an adjudicator takes."""

    FIRST = "first"
    SECOND = "second"
    MEAN = "mean"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Choice:
    """What an adjudicator decided of one joint; ``placed`` only where it is placed anew."""

    take: Take
    placed: Joint | None = None


def adjudicated(
    first: Skeleton | None, second: Skeleton | None, choices: Mapping[int, Choice]
) -> Skeleton:
    """One skeleton of two people's, joint by joint.

    The mean of two places is seen where both saw it, else occluded.

    Raises:
        InvalidInput: a joint in which they differ is not decided, a mean of a joint that only one
            placed, or a joint placed anew without a place.
    """
    one, other = first or Skeleton.empty(), second or Skeleton.empty()
    joints = []
    for number in range(N_JOINTS):
        a, b = one.joints[number], other.joints[number]
        choice = choices.get(number)
        if choice is None:
            if a != b:
                raise InvalidInput(f"Decide the {label(number)}: the two answers differ.")
            joints.append(a)
            continue
        joints.append(_decided(number, a, b, choice))
    return Skeleton(tuple(joints))


def _decided(number: int, a: Joint, b: Joint, choice: Choice) -> Joint:
    match choice.take:
        case Take.FIRST:
            return a
        case Take.SECOND:
            return b
        case Take.NEW:
            if choice.placed is None:
                raise InvalidInput(f"Say where the {label(number)} is.")
            return choice.placed
    if not a.present and not b.present:
        return ABSENT_JOINT
    if not (a.present and b.present):
        raise InvalidInput(
            f"There is no mean of the {label(number)}: only one of the two placed it."
        )
    seen = Visibility(min(a.visibility, b.visibility))
    return Joint((a.x + b.x) / 2, (a.y + b.y) / 2, seen)
