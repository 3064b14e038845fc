"""How joints ask a segmenter for the infant's mask, and whether the mask that comes back fits them.

Sources: BBoxMaskPose (Purkrábek and Matas, ICCV 2025) for the choice of few points, the mask–pose
consistency and the retry by a box; SAM 2's own advice for several masks where a prompt is
ambiguous. Only visible joints prompt: an occluded one would pull in what hides it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.domain.estimates import BoxXYWH, MaskProposal, PointPrompts
from backend.domain.keypoints import Visibility
from backend.domain.limits import LOW_SCORE, MIN_MASK_CONSISTENCY
from backend.domain.masks import cleaned
from backend.domain.skeleton import FACE, N_JOINTS

MAX_POSITIVE: Final = 6
"""More points inside do not make masks better (BBoxMaskPose, ablation of prompts)."""

MAX_NEGATIVE: Final = 6
POOL: Final = 9
"""Body joints among which the spread ones are chosen."""

MARGIN: Final = 0.15
"""Share of the joints' rectangle added on each side for the box prompt."""

_CROWDING: Final = 0.05
"""Another person's joint nearer than this share of the rectangle's diagonal to an own joint lies on
the border between the two; as a negative point it would cut into the infant."""

Points = NDArray[np.float64]


class Attempt(StrEnum):
    """The rungs of the ladder, in order."""

    POINTS = "points"
    BOX = "box"
    SEVERAL = "several_masks"


@dataclass(frozen=True, slots=True)
class PromptJoints:
    """One person's joints as prompts.

    Attributes:
        keypoints: (17, 2) float64, image pixels.
        visibilities: (17,) int, COCO's flag: 2 visible, 1 occluded, 0 absent.
        scores: (17,) float64 in [0, 1], or None where a person placed the joints.
    """

    keypoints: Points
    visibilities: NDArray[np.int64]
    scores: NDArray[np.float64] | None = None

    def usable(self, width: int, height: int) -> NDArray[np.bool_]:
        """(17,) bool: visible, confident and inside the image."""
        x, y = self.keypoints[:, 0], self.keypoints[:, 1]
        usable: NDArray[np.bool_] = (x >= 0) & (x < width) & (y >= 0) & (y < height)
        usable &= self.visibilities == int(Visibility.VISIBLE)
        if self.scores is not None:
            usable &= self.scores >= LOW_SCORE
        return usable


@dataclass(frozen=True, slots=True)
class LadderResult:
    """The mask that came of it.

    Attributes:
        mask: (height, width) bool; empty where no joint could prompt.
        consistency: Mask–pose consistency in [0, 1].
        attempts: What was tried, in order.
        flagged: Whether the inspector should look at it first.
        score: The segmenter's own estimate of the mask's quality.
    """

    mask: NDArray[np.bool_]
    consistency: float
    attempts: tuple[Attempt, ...]
    flagged: bool
    score: float


AskSegmenter = Callable[[PointPrompts, bool], Sequence[MaskProposal]]
"""Takes prompts and whether several masks are wanted; gives at least one mask."""


def point_prompts(
    infant: PromptJoints, others: Sequence[PromptJoints], width: int, height: int
) -> PointPrompts:
    """Choose the points that ask for the infant.

    Inside: the best face joint and, up to six in all, those joints that lie farthest from the ones
    chosen before, among the more confident. Outside: up to six joints of other people, nearest
    first, none of them right beside an own joint. Empty if no joint is visible.
    """
    usable = np.flatnonzero(infant.usable(width, height))
    positive = infant.keypoints[_spread(infant, usable)]
    if len(positive) == 0:
        return PointPrompts(np.zeros((0, 2)), np.zeros(0, dtype=np.int64))
    negative = _negatives(infant.keypoints[usable], others, width, height)
    labels = np.concatenate([np.ones(len(positive)), np.zeros(len(negative))]).astype(np.int64)
    return PointPrompts(np.concatenate([positive, negative]), labels)


def box_prompt(infant: PromptJoints, width: int, height: int) -> BoxXYWH | None:
    """The rectangle around the visible joints, 15 % of its size larger on each side, in the image.

    None if no joint is visible.
    """
    points = infant.keypoints[infant.usable(width, height)]
    if len(points) == 0:
        return None
    low, high = points.min(axis=0), points.max(axis=0)
    # One joint, or joints on a line, still need a box with an inside.
    margin = np.maximum(MARGIN * (high - low), np.maximum(MARGIN * float((high - low).max()), 4.0))
    x0, y0 = np.maximum(low - margin, 0.0)
    x1, y1 = np.minimum(high + margin, [width, height])
    return float(x0), float(y0), float(x1 - x0), float(y1 - y0)


def consistency(
    mask: NDArray[np.bool_], infant: PromptJoints, others: Sequence[PromptJoints]
) -> float:
    """Mask–pose consistency: ½ (own visible joints inside) + ½ (others' visible joints outside).

    With nobody else in the frame it is the share of own joints inside alone; else an empty mask
    would score ½ for leaving out nobody. Joints outside the image count for nothing, and a mask
    without own joints to compare scores 0.
    """
    height, width = mask.shape
    own = _values_at(mask, infant.keypoints[infant.usable(width, height)])
    if own.size == 0:
        return 0.0
    inside = float(own.mean())
    foreign = [_values_at(mask, o.keypoints[o.usable(width, height)]) for o in others]
    theirs = np.concatenate([*foreign, np.zeros(0, dtype=bool)])
    if theirs.size == 0:
        return inside
    return 0.5 * inside + 0.5 * float(1.0 - theirs.mean())


def climb(
    ask: AskSegmenter,
    infant: PromptJoints,
    others: Sequence[PromptJoints],
    width: int,
    height: int,
) -> LadderResult:
    """Ask for a mask, and ask better while it does not fit the joints.

    First by points; below a consistency of .8 by points and the joints' rectangle; below it again
    by the same for several masks. The most consistent mask of all attempts is kept, specks and
    holes removed, and flagged for the inspector if it is still below.
    """
    points = point_prompts(infant, others, width, height)
    best = LadderResult(np.zeros((height, width), dtype=bool), 0.0, (), True, 0.0)
    if len(points.points) == 0:
        return best
    boxed = PointPrompts(points.points, points.labels, box_prompt(infant, width, height))
    tried: tuple[Attempt, ...] = ()
    for attempt in Attempt:
        tried = (*tried, attempt)
        prompt = points if attempt is Attempt.POINTS else boxed
        for proposal in ask(prompt, attempt is Attempt.SEVERAL):
            mask = cleaned(proposal.mask)
            fit = consistency(mask, infant, others)
            if not best.attempts or (fit, proposal.score) > (best.consistency, best.score):
                best = LadderResult(mask, fit, tried, fit < MIN_MASK_CONSISTENCY, proposal.score)
        if best.consistency >= MIN_MASK_CONSISTENCY:
            break
    return LadderResult(best.mask, best.consistency, tried, best.flagged, best.score)


def _spread(infant: PromptJoints, usable: NDArray[np.int64]) -> list[int]:
    """Indices of the joints to prompt with: the best of the face, then farthest-point sampling."""
    scores = np.ones(N_JOINTS) if infant.scores is None else infant.scores
    ranked = sorted((int(joint) for joint in usable), key=lambda joint: (-scores[joint], joint))
    face = [joint for joint in ranked if joint in FACE]
    body = [joint for joint in ranked if joint not in FACE]
    # Far points are good ones only among confident ones: the best nine, and those equal to the
    # ninth, so that of joints that a person placed all stand for election.
    ninth = scores[body[POOL - 1]] if len(body) >= POOL else 0.0
    pool = [joint for joint in body if scores[joint] >= ninth]
    chosen = face[:1] or pool[:1]
    pool = [joint for joint in pool if joint not in chosen]
    while pool and len(chosen) < MAX_POSITIVE:
        gaps = infant.keypoints[pool][:, None] - infant.keypoints[chosen][None]
        nearest = np.hypot(gaps[..., 0], gaps[..., 1]).min(axis=1)
        chosen.append(pool.pop(int(nearest.argmax())))
    return chosen


def _negatives(own: Points, others: Sequence[PromptJoints], width: int, height: int) -> Points:
    """Up to six joints of other people, (M, 2), nearest to the infant first."""
    theirs = np.concatenate(
        [*(o.keypoints[o.usable(width, height)] for o in others), np.zeros((0, 2))]
    )
    if len(theirs) == 0:
        return theirs
    gaps = theirs[:, None] - own[None]
    distance = np.hypot(gaps[..., 0], gaps[..., 1]).min(axis=1)
    extent = np.ptp(own, axis=0)
    clear = distance > _CROWDING * float(np.hypot(extent[0], extent[1]))
    order = np.argsort(distance[clear], kind="stable")[:MAX_NEGATIVE]
    nearest: Points = theirs[clear][order]
    return nearest


def _values_at(mask: NDArray[np.bool_], points: Points) -> NDArray[np.bool_]:
    """The mask at points inside the image: pixel (r, c) covers x from c to c + 1."""
    columns, rows = np.floor(points).astype(np.int64).T
    values: NDArray[np.bool_] = mask[rows, columns]
    return values
