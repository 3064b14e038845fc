"""People of annotation files on their way into the database: one by one, or as columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from backend.core.database.engine import json_text
from backend.domain.boxes import Box
from backend.domain.infants import Apart, PersonRole, proposed_infant
from backend.domain.keypoints import Skeleton, StoredSkeleton, Visibility
from backend.domain.limits import LOW_SCORE
from backend.domain.skeleton import N_JOINTS
from backend.labelling.annotations.proposed_people import Proposals

IMPORTED_SCORES: Final = {
    Visibility.ABSENT: 0.0,
    Visibility.OCCLUDED: LOW_SCORE * 2 / 3,
    Visibility.VISIBLE: 1.0,
}
"""Scores that stand for a file's visibility: below ``LOW_SCORE`` means occluded, as for models."""

_IMPORTED: Final = np.array([IMPORTED_SCORES[visibility] for visibility in Visibility])


class FoundPerson(Protocol):
    """One person in an imported file, such as ``formats.coco.CocoAnnotation``."""

    @property
    def skeleton(self) -> Skeleton:
        """The joints, with the file's visibility."""

    @property
    def box(self) -> Box | None:
        """The file's box, if it has one."""

    @property
    def score(self) -> float | None:
        """The confidence, where a model wrote the file."""

    @property
    def joint_scores(self) -> Sequence[float] | None:
        """The confidence of each joint, where the file has one."""

    @property
    def role(self) -> PersonRole:
        """Whether the person is the infant, as far as names tell."""

    @property
    def apart(self) -> Apart | None:
        """Why the person cannot be the infant; None for whoever may be it."""

    @property
    def source(self) -> dict[str, Any] | None:
        """What the file said of the person, as it is kept; JSON values."""


@dataclass(frozen=True, slots=True)
class FoundColumns:
    """People of a file, those of one frame together and in the file's order.

    Attributes:
        frames: The frame of each.
        joints: (people, 51) in COCO's order, with the file's visibility.
        joint_scores: The confidence of each joint, of those people of whom the file says it.
        boxes: (people, 4) left, top, width, height; NaN where the file has none.
        scores: (people,) confidences; NaN where no model wrote the file.
        roles: Whether each is the infant, as far as names tell.
        aparts: Why each cannot be the infant; None for whoever may be it.
        sources: What the file said of each, as JSON that can be stored.
    """

    frames: Sequence[int]
    joints: NDArray[np.float64]
    joint_scores: Mapping[int, Sequence[float]]
    boxes: NDArray[np.float64]
    scores: NDArray[np.float64]
    roles: Sequence[PersonRole]
    aparts: Sequence[str | None]
    sources: Sequence[bytes | None]

    def by_frame(self) -> dict[int, list[int]]:
        """Which people are in each frame."""
        found: dict[int, list[int]] = {}
        for i, frame_id in enumerate(self.frames):
            found.setdefault(frame_id, []).append(i)
        return found

    def proposed(self, people: Sequence[int]) -> int | None:
        """Which of the people of a frame is proposed, by its place among them."""
        offered = [place for place, i in enumerate(people) if self.aparts[i] is None]
        chosen = proposed_infant([self.roles[people[place]] for place in offered])
        return None if chosen is None else offered[chosen]

    def proposals(self) -> Proposals:
        """As they are stored.

        Raises:
            InvalidInput: as ``Skeleton.from_flat``.
        """
        joints = _stored(self.joints)
        marks = joints[:, :, 2]
        keypoints = joints.copy()
        keypoints[:, :, 2] = _IMPORTED[marks.astype(np.intp)]
        for i, scores in self.joint_scores.items():
            keypoints[i, :, 2] = np.where(marks[i] != 0, scores, 0.0)
        boxes = np.array(self.boxes)
        for i in np.flatnonzero(np.isnan(boxes[:, 0])).tolist():
            boxes[i] = _extent(joints[i, marks[i] != 0, :2])
        flat = (len(joints), 3 * N_JOINTS)
        return Proposals(
            np.where(np.isnan(self.scores), 1.0, self.scores),
            keypoints.reshape(flat),
            joints.reshape(flat),
            boxes,
            self.aparts,
            self.sources,
        )


def columns_of(people: Mapping[int, Sequence[FoundPerson]]) -> FoundColumns:
    """People by frame as columns."""
    found = [person for some in people.values() for person in some]
    skeletons = [person.skeleton for person in found]
    values = [s.values if isinstance(s, StoredSkeleton) else s.to_flat() for s in skeletons]
    if any(len(numbers) != 3 * N_JOINTS for numbers in values):
        # What is refused is refused with words.
        values = [Skeleton(skeleton.joints).to_flat() for skeleton in skeletons]
    return FoundColumns(
        frames=[frame_id for frame_id, some in people.items() for _ in some],
        joints=np.array(values, dtype=np.float64).reshape(-1, 3 * N_JOINTS),
        joint_scores={
            i: person.joint_scores
            for i, person in enumerate(found)
            if person.joint_scores is not None
        },
        boxes=np.array(
            [(np.nan,) * 4 if (b := p.box) is None else (b.x, b.y, b.width, b.height)
             for p in found], dtype=np.float64,
        ).reshape(-1, 4),
        scores=np.array([np.nan if p.score is None else p.score for p in found], np.float64),
        roles=[person.role for person in found],
        aparts=[None if person.apart is None else person.apart.value for person in found],
        sources=[
            None if person.source is None else json_text(person.source).encode()
            for person in found
        ],
    )  # fmt: skip


def _stored(flat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Joints (people, 17, 3) as x, y, v.

    Raises:
        InvalidInput: as ``Skeleton.from_flat``.
    """
    joints = flat.reshape(-1, N_JOINTS, 3).copy()
    marks = joints[:, :, 2]
    if not np.isfinite(joints).all() or not ((marks == 0) | (marks == 1) | (marks == 2)).all():
        # What is refused is refused with words.
        for row in flat.tolist():
            Skeleton.from_flat(row)
    joints[marks == 0] = 0.0
    return joints


def _extent(places: NDArray[np.float64]) -> list[float]:
    """The rectangle around places (n, 2), as left, top, width and height."""
    if not len(places):
        return [0.0, 0.0, 0.0, 0.0]
    low, high = places.min(axis=0), places.max(axis=0)
    return [*low.tolist(), *(high - low).tolist()]
