"""Which joints of a frame lie where other frames say they lie, and nobody moved them since.

An estimate becomes a frame's joints only by a person's act (``operations.TakeEstimate``). From then
on the frame carries from which frames it was inferred, and for how many of its joints that still
holds: a joint that a person moves or says something of is that person's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Self

from backend.domain.keypoints import Skeleton
from backend.domain.operations import (
    ChooseCandidate,
    MoveJoint,
    Operation,
    PlaceJoint,
    SetSkeleton,
    SetVisibility,
    SwapSides,
    TakeEstimate,
    name_of,
)
from backend.domain.skeleton import MIRROR, N_JOINTS

CARRYING: Final = frozenset({name_of(TakeEstimate)})
"""Names of the operations after which a frame carries joints of other frames."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What a frame's joints owe to other frames.

    Attributes:
        sources: Ids of the frames from which they were inferred, the nearest first.
        solve: Number of the propagation of the recording.
        joints: Bit i is set while joint i lies as it was inferred.
    """

    sources: tuple[int, ...]
    solve: int
    joints: int

    def holds(self, joint: int) -> bool:
        """Whether a joint still lies as it was inferred."""
        return bool(self.joints >> joint & 1)

    def whole(self, skeleton: Skeleton | None) -> bool:
        """Whether every joint of a frame lies as it was inferred: nobody changed anything."""
        joints = skeleton.joints if skeleton else ()
        return all(self.holds(i) for i, joint in enumerate(joints) if joint.present)

    def to_json(self) -> dict[str, Any]:
        """As it is stored."""
        return {"sources": list(self.sources), "solve": self.solve, "joints": self.joints}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """As it was stored."""
        return cls(tuple(data["sources"]), data["solve"], data["joints"])


def carried_after(before: Carried | None, operations: Iterable[Operation]) -> Carried | None:
    """What a frame carries after operations that were performed; None where no joint does.

    Args:
        before: What it carried before.
        operations: In order.
    """
    now = before
    for operation in operations:
        match operation:
            case TakeEstimate(estimate, sources, solve):
                bits = sum(1 << i for i, joint in enumerate(estimate.joints) if joint.present)
                now = Carried(sources, solve, bits)
            case ChooseCandidate() | SetSkeleton():
                now = None
            case PlaceJoint() | MoveJoint() | SetVisibility() if now is not None:
                now = replace(now, joints=now.joints & ~(1 << operation.joint))
            case SwapSides() if now is not None:
                bits = sum(1 << i for i in range(N_JOINTS) if now.holds(MIRROR[i]))
                now = replace(now, joints=bits)
    return now if now is not None and now.joints else None
