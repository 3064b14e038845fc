"""One skeleton in one image: positions and visibility of 17 joints.

Coordinates are image pixels, x to the right and y down, the top-left corner of the image at (0, 0),
so that the centre of the first pixel lies at (0.5, 0.5).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from backend.domain.errors import InvalidInput
from backend.domain.skeleton import JOINTS, MIRROR, N_JOINTS


class Visibility(IntEnum):
    """COCO's visibility flag: not present, placed but not seen, seen."""

    ABSENT = 0
    OCCLUDED = 1
    VISIBLE = 2


@dataclass(frozen=True, slots=True)
class Joint:
    """One joint: x, y in image pixels and its visibility. Absent joints are (0, 0, ABSENT)."""

    x: float
    y: float
    visibility: Visibility

    def __post_init__(self) -> None:
        if not (math.isfinite(self.x) and math.isfinite(self.y)):
            raise InvalidInput("A joint's coordinates must be finite numbers.")
        if self.visibility is Visibility.ABSENT and (self.x != 0 or self.y != 0):
            object.__setattr__(self, "x", 0.0)
            object.__setattr__(self, "y", 0.0)

    @property
    def present(self) -> bool:
        """Whether the joint has a place in the image."""
        return self.visibility is not Visibility.ABSENT


ABSENT_JOINT = Joint(0.0, 0.0, Visibility.ABSENT)


@dataclass(frozen=True, slots=True)
class Skeleton:
    """Seventeen joints in COCO order. Immutable; every change gives a new skeleton."""

    joints: tuple[Joint, ...]

    def __post_init__(self) -> None:
        if len(self.joints) != N_JOINTS:
            raise InvalidInput(
                f"A skeleton has {N_JOINTS} joints, this one has {len(self.joints)}."
            )

    @classmethod
    def empty(cls) -> Self:
        """A skeleton with no joint placed."""
        return cls((ABSENT_JOINT,) * N_JOINTS)

    @classmethod
    def from_flat(cls, values: Sequence[float]) -> Self:
        """Read COCO's flat list.

        Args:
            values: 51 numbers x, y, v per joint in COCO order.

        Raises:
            InvalidInput: wrong length, a visibility outside {0, 1, 2}, or a number not finite.
        """
        if len(values) != 3 * N_JOINTS:
            raise InvalidInput(f"keypoints: {len(values)} numbers, expected {3 * N_JOINTS}.")
        joints = []
        for i in range(N_JOINTS):
            x, y, v = values[3 * i : 3 * i + 3]
            if v not in (0, 1, 2):
                raise InvalidInput(f"{JOINTS[i]}: visibility {v} is not 0, 1 or 2.")
            joints.append(Joint(float(x), float(y), Visibility(int(v))))
        return cls(tuple(joints))

    def to_flat(self) -> list[float]:
        """COCO's flat list: 51 numbers, (0, 0, 0) for absent joints."""
        return [value for j in self.joints for value in (j.x, j.y, int(j.visibility))]

    @classmethod
    def from_json(cls, joints: Iterable[Mapping[str, Any]]) -> Self:
        """Read ``[{"x": …, "y": …, "v": …}, …]``, the form of the HTTP interface."""
        return cls(
            tuple(Joint(float(j["x"]), float(j["y"]), Visibility(int(j["v"]))) for j in joints)
        )

    def to_json(self) -> list[dict[str, float]]:
        """Write ``[{"x": …, "y": …, "v": …}, …]``."""
        return [{"x": j.x, "y": j.y, "v": int(j.visibility)} for j in self.joints]

    def with_joint(self, index: int, joint: Joint) -> Skeleton:
        """The same skeleton with one joint replaced."""
        if not 0 <= index < N_JOINTS:
            raise InvalidInput(f"There is no joint {index}; joints are numbered 0 to 16.")
        joints = list(self.joints)
        joints[index] = joint
        return Skeleton(tuple(joints))

    def swapped(self) -> Skeleton:
        """Left and right exchanged: mends a model that took the back for the front."""
        return Skeleton(tuple(self.joints[MIRROR[i]] for i in range(N_JOINTS)))

    @property
    def num_keypoints(self) -> int:
        """Joints that are present, visible or occluded: COCO's ``num_keypoints``."""
        return sum(j.present for j in self.joints)


class StoredSkeleton(Skeleton):
    """A skeleton of numbers, whose joints are made when somebody first asks for them.

    Making them takes longer than all the rest of writing a frame, and some formats only copy the
    numbers. What :meth:`Skeleton.from_flat` refuses is refused when the joints are asked for.

    Args:
        values: 51 numbers x, y, v per joint in COCO order; not changed afterwards.
    """

    __slots__ = ("_made", "values")

    values: Sequence[float] | NDArray[np.float64]

    def __init__(self, values: Sequence[float] | NDArray[np.float64]) -> None:
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "_made", None)

    @property
    def joints(self) -> tuple[Joint, ...]:
        """The joints."""
        made: tuple[Joint, ...] | None = self._made  # type: ignore[attr-defined]
        if made is None:
            made = Skeleton.from_flat([float(value) for value in self.values]).joints
            object.__setattr__(self, "_made", made)
        return made

    @property
    def num_keypoints(self) -> int:
        """Joints that are present, visible or occluded: COCO's ``num_keypoints``."""
        if isinstance(self.values, np.ndarray):
            return int(np.count_nonzero(self.values[2::3]))
        return sum(1 for visibility in self.values[2::3] if visibility != 0)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Skeleton) and self.joints == other.joints

    def __hash__(self) -> int:
        return hash((self.joints,))

    def __reduce__(self) -> tuple[type[StoredSkeleton], tuple[list[float]]]:
        return StoredSkeleton, ([float(value) for value in self.values],)
