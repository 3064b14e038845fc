"""One frame as an immutable document: joints, verdict, box, and what the inspector says of it.

The operations that change it (``backend.domain.operations``) are what the editor's undo history
holds, what autosave sends, and what waits in the browser's offline queue. ``apply`` gives the next
document and the inverse operation. The frontend implements the same; both sides are held to the
vectors in ``tests/vectors/operations.json``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.domain.boxes import BoxStatus, DrawnBox
from backend.domain.errors import InvalidInput
from backend.domain.keypoints import ABSENT_JOINT, Joint, Skeleton, Visibility
from backend.domain.operations import (
    BoxOperation,
    ChooseCandidate,
    DrawBox,
    JointOperation,
    JudgeBox,
    MoveJoint,
    Operation,
    PlaceJoint,
    SetBox,
    SetMark,
    SetSkeleton,
    SetVerdict,
    SetVisibility,
    SwapSides,
    TakeEstimate,
)
from backend.domain.pixels import is_inside
from backend.domain.reviews import Mark
from backend.domain.skeleton import JOINTS, MIRROR, N_JOINTS
from backend.domain.staleness import is_stale
from backend.domain.verdicts import Decision, FrameState, Verdict, frame_state
from backend.domain.visibility import seen_joints

__all__ = [
    "ChooseCandidate",
    "Document",
    "DrawBox",
    "JudgeBox",
    "MoveJoint",
    "Operation",
    "PlaceJoint",
    "SetBox",
    "SetMark",
    "SetSkeleton",
    "SetVerdict",
    "SetVisibility",
    "SwapSides",
    "TakeEstimate",
    "apply",
    "changed_joints",
    "is_modified",
    "skeleton_from_scores",
    "state_of",
]

UNDECIDED: Final = Decision(Verdict.UNDECIDED)


@dataclass(frozen=True, slots=True)
class Document:
    """What is known of the infant in one frame.

    Attributes:
        candidate_id: The machine-made person that the skeleton came from; None if placed by hand.
        skeleton: The joints; None while nobody is chosen or placed.
        decision: Verdict with reason.
        box: The infant's box; only a kept frame shows it.
        mark: What the inspector says of the frame in this round.
    """

    candidate_id: int | None = None
    skeleton: Skeleton | None = None
    decision: Decision = UNDECIDED
    box: DrawnBox | None = None
    mark: Mark | None = None


def skeleton_from_scores(
    keypoints: NDArray[np.float64], scores: NDArray[np.float64], width: int, height: int
) -> Skeleton:
    """Joints as a model sees them, as a skeleton for people to correct.

    Visibility is what the scores say together (:mod:`backend.domain.visibility`).

    Args:
        keypoints: (17, 2) image pixels.
        scores: (17,) in [0, 1].
        width: Image width in pixels; joints outside the image become absent.
        height: Image height in pixels.
    """
    there = [
        bool(is_inside(x, y, width, height)) and score > 0
        for (x, y), score in zip(keypoints, scores, strict=True)
    ]
    seen = seen_joints(keypoints, np.where(there, scores, 0.0))
    return Skeleton(
        tuple(
            Joint(
                round(float(x), 2),
                round(float(y), 2),
                Visibility.VISIBLE if visible else Visibility.OCCLUDED,
            )
            if present
            else ABSENT_JOINT
            for (x, y), present, visible in zip(keypoints, there, seen, strict=True)
        )
    )


def apply(
    document: Document, operation: Operation, candidates: Mapping[int, Skeleton]
) -> tuple[Document, Operation]:
    """Perform one operation.

    Args:
        document: The document before.
        operation: What to do.
        candidates: Skeletons of the frame's machine-made people by candidate id.

    Returns:
        The document after, and the operation that leads back.

    Raises:
        InvalidInput: the operation does not fit the document; nothing is changed.
    """
    match operation:
        case SetMark(mark):
            return replace(document, mark=mark), SetMark(document.mark)
        case DrawBox() | SetBox() | JudgeBox():
            return _with_box(document, operation)
        case _:
            return _apply_to_joints(document, operation, candidates)


def _apply_to_joints(
    document: Document, operation: JointOperation, candidates: Mapping[int, Skeleton]
) -> tuple[Document, Operation]:
    match operation:
        case SetVerdict(decision):
            if decision.verdict is Verdict.KEEP and not (
                document.skeleton and document.skeleton.num_keypoints
            ):
                raise InvalidInput("A kept frame needs an infant: choose a person or place joints.")
            return replace(document, decision=decision), SetVerdict(document.decision)
        case ChooseCandidate(candidate_id):
            if candidate_id not in candidates:
                raise InvalidInput(f"This frame has no candidate {candidate_id}.")
            after = replace(document, candidate_id=candidate_id, skeleton=candidates[candidate_id])
            return _checked(after), SetSkeleton(document.candidate_id, document.skeleton)
        case SetSkeleton(candidate_id, skeleton):
            if candidate_id is not None and candidate_id not in candidates:
                raise InvalidInput(f"This frame has no candidate {candidate_id}.")
            after = replace(document, candidate_id=candidate_id, skeleton=skeleton)
            return _checked(after), SetSkeleton(document.candidate_id, document.skeleton)
        case TakeEstimate(estimate):
            after = replace(document, skeleton=estimate)
            return _checked(after), SetSkeleton(document.candidate_id, document.skeleton)
        case SwapSides(joints):
            if document.skeleton is None:
                raise InvalidInput("There is no skeleton to swap.")
            swapped = document.skeleton.swapped(_exchanged(joints))
            return replace(document, skeleton=swapped), operation
        case PlaceJoint(index, x, y, visibility):
            after = _with_joint(document, index, Joint(x, y, visibility))
        case MoveJoint(index, x, y):
            now = _joint(document, index)
            if not now.present:
                raise InvalidInput(f"{JOINTS[index]} is not present: place it first.")
            after = _with_joint(document, index, Joint(x, y, now.visibility))
        case SetVisibility(index, visibility):
            now = _joint(document, index)
            if not now.present and visibility is not Visibility.ABSENT:
                raise InvalidInput(f"{JOINTS[index]} has no place yet: place it first.")
            after = _with_joint(document, index, Joint(now.x, now.y, visibility))
    return _checked(after), _inverse_of_joint(document, operation.joint)


def _exchanged(joints: tuple[int, ...] | None) -> tuple[int, ...]:
    """The joints that an exchange of sides concerns, each with its other side."""
    if joints is None:
        return tuple(range(N_JOINTS))
    if not joints:
        raise InvalidInput("There is no joint to swap.")
    for index in joints:
        if not 0 <= index < N_JOINTS:
            raise InvalidInput(f"There is no joint {index}; joints are numbered 0 to 16.")
        if MIRROR[index] == index:
            raise InvalidInput(f"{JOINTS[index]} has no other side.")
    return joints


def _with_box(document: Document, operation: BoxOperation) -> tuple[Document, Operation]:
    """Only a kept frame has a box; the way back is always the whole box before."""
    if document.decision.verdict is not Verdict.KEEP or document.skeleton is None:
        raise InvalidInput("Only a kept frame has a box.")
    now = document.box
    after: DrawnBox | None
    match operation:
        case DrawBox(box):
            status = now.status if now else BoxStatus.PROPOSED
            after = DrawnBox(box, document.skeleton, status)
        case SetBox(drawn):
            after = drawn
        case JudgeBox(status):
            if now is None:
                raise InvalidInput("This frame has no box to judge.")
            if status is BoxStatus.APPROVED and is_stale(now.made_from, document.skeleton):
                raise InvalidInput(
                    "The joints changed since this box was made: make a new mask or redraw the box."
                )
            after = replace(now, status=status)
    return replace(document, box=after), SetBox(now)


def _checked(document: Document) -> Document:
    """A kept frame must not lose its last joint without the verdict being taken back first."""
    if document.decision.verdict is Verdict.KEEP and not (
        document.skeleton and document.skeleton.num_keypoints
    ):
        raise InvalidInput("A kept frame needs at least one joint; clear the verdict first.")
    return document


def _inverse_of_joint(before: Document, index: int) -> Operation:
    if before.skeleton is None:
        return SetSkeleton(before.candidate_id, None)
    joint = before.skeleton.joints[index]
    return PlaceJoint(index, joint.x, joint.y, joint.visibility)


def _joint(document: Document, index: int) -> Joint:
    if not 0 <= index < N_JOINTS:
        raise InvalidInput(f"There is no joint {index}; joints are numbered 0 to 16.")
    return document.skeleton.joints[index] if document.skeleton else ABSENT_JOINT


def _with_joint(document: Document, index: int, joint: Joint) -> Document:
    skeleton = document.skeleton or Skeleton.empty()
    return replace(document, skeleton=skeleton.with_joint(index, joint))


def is_modified(document: Document, candidates: Mapping[int, Skeleton]) -> bool:
    """Whether a person changed the joints, or placed them from nothing."""
    if document.skeleton is None:
        return False
    if document.candidate_id is None:
        return True
    return document.skeleton != candidates.get(document.candidate_id)


def state_of(document: Document, candidates: Mapping[int, Skeleton]) -> FrameState:
    """The frame's state for filmstrips and counts."""
    return frame_state(document.decision.verdict, is_modified(document, candidates))


def changed_joints(before: Skeleton | None, after: Skeleton | None) -> tuple[int, ...]:
    """Indices of the joints that differ between two skeletons (None counts as all absent)."""
    a = before or Skeleton.empty()
    b = after or Skeleton.empty()
    return tuple(i for i in range(N_JOINTS) if a.joints[i] != b.joints[i])
