"""One frame's annotation as an immutable document, and the operations that change it.

The same operations are what the editor's undo history holds, what autosave sends, and what waits
in the browser's offline queue. ``apply`` gives the next document and the inverse operation. The
frontend implements the same union; both sides are held to the vectors in
``tests/vectors/operations.json``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from backend.domain.errors import InvalidInput
from backend.domain.keypoints import ABSENT_JOINT, Joint, Skeleton, Visibility
from backend.domain.limits import LOW_SCORE
from backend.domain.pixels import is_inside
from backend.domain.skeleton import JOINTS, N_JOINTS
from backend.domain.verdicts import Decision, DiscardReason, FrameState, Verdict, frame_state

UNDECIDED: Final = Decision(Verdict.UNDECIDED)


@dataclass(frozen=True, slots=True)
class Document:
    """What is known of the infant in one frame.

    Attributes:
        candidate_id: The machine-made person that the skeleton came from; None if placed by hand.
        skeleton: The joints; None while nobody is chosen or placed.
        decision: Verdict with reason.
    """

    candidate_id: int | None = None
    skeleton: Skeleton | None = None
    decision: Decision = UNDECIDED


@dataclass(frozen=True, slots=True)
class PlaceJoint:
    """Put a joint somewhere with a visibility; also moves it."""

    joint: int
    x: float
    y: float
    visibility: Visibility


@dataclass(frozen=True, slots=True)
class MoveJoint:
    """Drag a present joint; its visibility stays."""

    joint: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class SetVisibility:
    """Mark a present joint visible or occluded, or any joint not present."""

    joint: int
    visibility: Visibility


@dataclass(frozen=True, slots=True)
class ChooseCandidate:
    """Take a machine-made person as the infant, with its joints."""

    candidate_id: int


@dataclass(frozen=True, slots=True)
class SetSkeleton:
    """Replace all joints at once: copy from another frame, swap, clear, or undo of a choice."""

    candidate_id: int | None
    skeleton: Skeleton | None


@dataclass(frozen=True, slots=True)
class SwapSides:
    """Exchange left and right."""


@dataclass(frozen=True, slots=True)
class SetVerdict:
    """Keep, discard with a reason, or take the decision back."""

    decision: Decision


Operation = (
    PlaceJoint | MoveJoint | SetVisibility | ChooseCandidate | SetSkeleton | SwapSides | SetVerdict
)


def skeleton_from_scores(
    keypoints: NDArray[np.float64], scores: NDArray[np.float64], width: int, height: int
) -> Skeleton:
    """Joints as a model sees them, as a skeleton for people to correct.

    Args:
        keypoints: (17, 2) image pixels.
        scores: (17,) in [0, 1].
        width: Image width in pixels; joints outside the image become absent.
        height: Image height in pixels.
    """
    joints = []
    for (x, y), score in zip(keypoints, scores, strict=True):
        if not is_inside(x, y, width, height) or score <= 0:
            joints.append(ABSENT_JOINT)
            continue
        seen = Visibility.VISIBLE if score >= LOW_SCORE else Visibility.OCCLUDED
        joints.append(Joint(round(float(x), 2), round(float(y), 2), seen))
    return Skeleton(tuple(joints))


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
        case SwapSides():
            if document.skeleton is None:
                raise InvalidInput("There is no skeleton to swap.")
            return replace(document, skeleton=document.skeleton.swapped()), SwapSides()
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


def _checked(document: Document) -> Document:
    """A kept frame must not lose its last joint without the verdict being taken back first."""
    if document.decision.verdict is Verdict.KEEP and not (
        document.skeleton and document.skeleton.num_keypoints
    ):
        raise InvalidInput("A kept frame needs at least one joint; take the decision back first.")
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


def operation_from_json(data: Mapping[str, Any]) -> Operation:
    """Read one operation from its JSON form, tagged by ``type``.

    Raises:
        InvalidInput: unknown type, or values out of range.
    """
    try:
        match data["type"]:
            case "placeJoint":
                return PlaceJoint(
                    data["joint"], data["x"], data["y"], Visibility(data["visibility"])
                )
            case "moveJoint":
                return MoveJoint(data["joint"], data["x"], data["y"])
            case "setVisibility":
                return SetVisibility(data["joint"], Visibility(data["visibility"]))
            case "chooseCandidate":
                return ChooseCandidate(data["candidateId"])
            case "setSkeleton":
                joints = data["joints"]
                skeleton = None if joints is None else Skeleton.from_json(joints)
                return SetSkeleton(data["candidateId"], skeleton)
            case "swapSides":
                return SwapSides()
            case "setVerdict":
                reason = data.get("reason")
                return SetVerdict(
                    Decision(
                        Verdict(data["verdict"]),
                        DiscardReason(reason) if reason else None,
                        data.get("text") or None,
                    )
                )
    except (KeyError, ValueError, TypeError) as error:
        raise InvalidInput(f"Operation {data.get('type')!r} cannot be read: {error}.") from error
    raise InvalidInput(f"There is no operation {data['type']!r}.")


def operation_to_json(operation: Operation) -> dict[str, Any]:
    """Write one operation in its JSON form."""
    match operation:
        case PlaceJoint(joint, x, y, visibility):
            return {"type": "placeJoint", "joint": joint, "x": x, "y": y,
                    "visibility": int(visibility)}  # fmt: skip
        case MoveJoint(joint, x, y):
            return {"type": "moveJoint", "joint": joint, "x": x, "y": y}
        case SetVisibility(joint, visibility):
            return {"type": "setVisibility", "joint": joint, "visibility": int(visibility)}
        case ChooseCandidate(candidate_id):
            return {"type": "chooseCandidate", "candidateId": candidate_id}
        case SetSkeleton(candidate_id, skeleton):
            joints = skeleton.to_json() if skeleton else None
            return {"type": "setSkeleton", "candidateId": candidate_id, "joints": joints}
        case SwapSides():
            return {"type": "swapSides"}
        case SetVerdict(decision):
            return {"type": "setVerdict", "verdict": decision.verdict, "reason": decision.reason,
                    "text": decision.text}  # fmt: skip
