"""What models and imported files say of frames. A person's work is never written over.

Everything here takes a batch, and is idempotent by content: what is stored already is left as it
is, so that a job that is run again changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import update
from sqlalchemy.orm import Session

from backend.core.database.copying import (
    bigints,
    copy_in,
    documents,
    double_arrays,
    doubles,
    integers,
    one_boolean,
    one_text,
    reserve_ids,
    texts,
)
from backend.core.database.tables import Candidate
from backend.core.database.text import storable
from backend.domain.boxes import Box
from backend.domain.document import skeleton_from_scores
from backend.domain.errors import InvalidInput
from backend.domain.estimates import PoseEstimate
from backend.domain.infants import Apart, PersonRole, proposed_infant
from backend.domain.keypoints import Skeleton, StoredSkeleton, Visibility
from backend.domain.limits import LOW_SCORE
from backend.domain.skeleton import N_JOINTS
from backend.labelling.annotations import repository

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
class _Proposal:
    """A candidate as it is stored."""

    score: float
    keypoints: list[float]
    skeleton: list[float]
    box: list[float]
    apart: str | None = None
    source: dict[str, Any] | None = None

    @classmethod
    def of_row(cls, row: Candidate) -> _Proposal:
        return cls(row.score, row.keypoints, row.skeleton, row.box, row.apart, row.source)


def store_candidates(
    session: Session,
    people: Mapping[int, Sequence[PoseEstimate]],
    proposed: Mapping[int, int | None],
    *,
    model: str,
    simulated: bool = False,
) -> int:
    """Keep everybody whom a model found in a batch of frames, and propose the likeliest infant.

    Candidates of an earlier run are retired, not deleted. The proposed person becomes the frame's
    annotation, still undecided, unless a person has changed that frame.

    Args:
        session: The transaction.
        people: Frame id → people found, best first. A frame without people has an empty list.
        proposed: Frame id → index of the likeliest infant in that list; None or left out for none.
        model: Name of the model.
        simulated: Whether the estimates were made up from known truth, for the demo.

    Returns:
        How many frames were changed.

    Raises:
        NotFound: one of the frames does not exist.
        InvalidInput: a number is not finite, or an index has nobody.
    """
    sizes = repository.frame_sizes(session, people.keys())
    found = {
        frame_id: [_from_estimate(estimate, *sizes.get(frame_id, (0, 0))) for estimate in estimates]
        for frame_id, estimates in people.items()
    }
    return _store(session, found, proposed, model=model, simulated=simulated)


def import_annotations(
    session: Session, people: Mapping[int, Sequence[FoundPerson]], *, source: str
) -> int:
    """Keep the people of an annotation file as candidates, and propose the infant among them.

    Whom to propose is ``domain.infants.proposed_infant``'s rule. Crowds and people without joints
    are kept apart: they are neither offered nor proposed. Joints outside of the image stay as they
    were placed (``domain.pixels.OutsideJoints``).

    Args:
        session: The transaction.
        people: Frame id → people in that image, in the file's order.
        source: What the history names as their origin, such as ``COCO import people.json``.

    Returns:
        How many frames were changed.

    Raises:
        NotFound: one of the frames does not exist.
    """
    read = iter(_from_file([person for persons in people.values() for person in persons]))
    found = {frame_id: list(islice(read, len(persons))) for frame_id, persons in people.items()}
    proposed = {frame_id: _proposed(persons) for frame_id, persons in people.items()}
    return _store(session, found, proposed, model=source[:120], simulated=False)


def _proposed(people: Sequence[FoundPerson]) -> int | None:
    offered = [i for i, person in enumerate(people) if person.apart is None]
    chosen = proposed_infant([people[i].role for i in offered])
    return None if chosen is None else offered[chosen]


def _from_estimate(estimate: PoseEstimate, width: int, height: int) -> _Proposal:
    scores = np.asarray(estimate.scores, dtype=np.float64)
    keypoints = np.asarray(estimate.keypoints, dtype=np.float64)
    if keypoints.shape != (N_JOINTS, 2) or scores.shape != (N_JOINTS,):
        raise InvalidInput(f"A person has {N_JOINTS} joints with x, y and a score each.")
    flat = np.column_stack([keypoints, scores]).ravel()
    box = [float(value) for value in estimate.box]
    if not (np.isfinite(flat).all() and np.isfinite(box).all() and np.isfinite(estimate.score)):
        raise InvalidInput("A person's joints, box and scores must be finite numbers.")
    skeleton = skeleton_from_scores(keypoints, scores, width, height)
    return _Proposal(float(estimate.score), flat.tolist(), _flat(skeleton), box)


def _from_file(people: Sequence[FoundPerson]) -> list[_Proposal]:
    """People of a file as they are stored; of all of them the numbers are worked out at once."""
    if not people:
        return []
    joints = _stored([person.skeleton for person in people])
    marks = joints[:, :, 2]
    keypoints = joints.copy()
    keypoints[:, :, 2] = _IMPORTED[marks.astype(np.intp)]
    for i, person in enumerate(people):
        if person.joint_scores is not None:
            keypoints[i, :, 2] = np.where(marks[i] != 0, person.joint_scores, 0.0)
    flat = (len(people), 3 * N_JOINTS)
    rows = zip(people, keypoints.reshape(flat).tolist(), joints.reshape(flat).tolist(), strict=True)
    return [
        _Proposal(
            1.0 if person.score is None else float(person.score),
            scored,
            skeleton,
            _box(person.box) if person.box else _extent(joints[i, marks[i] != 0, :2]),
            None if person.apart is None else person.apart.value,
            person.source,
        )
        for i, (person, scored, skeleton) in enumerate(rows)
    ]


def _stored(skeletons: Sequence[Skeleton]) -> NDArray[np.float64]:
    """Joints (people, 17, 3) as x, y, v.

    Raises:
        InvalidInput: as ``Skeleton.from_flat``.
    """
    values = [s.values if isinstance(s, StoredSkeleton) else s.to_flat() for s in skeletons]
    if all(len(numbers) == 3 * N_JOINTS for numbers in values):
        joints = np.array(values, dtype=np.float64).reshape(-1, N_JOINTS, 3)
        marks = joints[:, :, 2]
        if np.isfinite(joints).all() and ((marks == 0) | (marks == 1) | (marks == 2)).all():
            joints[marks == 0] = 0.0
            return joints
    # What is refused is refused with words.
    joints = np.array([Skeleton(skeleton.joints).to_flat() for skeleton in skeletons])
    return joints.reshape(-1, N_JOINTS, 3)


def _box(box: Box) -> list[float]:
    return [float(value) for value in (box.x, box.y, box.width, box.height)]


def _extent(places: NDArray[np.float64]) -> list[float]:
    """The rectangle around places (n, 2), as left, top, width and height."""
    if not len(places):
        return [0.0, 0.0, 0.0, 0.0]
    low, high = places.min(axis=0), places.max(axis=0)
    return [*low.tolist(), *(high - low).tolist()]


def _flat(skeleton: Skeleton) -> list[float]:
    return [float(value) for value in skeleton.to_flat()]


def _store(
    session: Session,
    found: Mapping[int, Sequence[_Proposal]],
    proposed: Mapping[int, int | None],
    *,
    model: str,
    simulated: bool,
) -> int:
    if not found:
        return 0
    for frame_id, index in proposed.items():
        if index is not None and not 0 <= index < len(found.get(frame_id, ())):
            raise InvalidInput(f"Frame {frame_id} has no person {index} to propose.")
    repository.hold_annotations(session, found.keys())
    live = repository.live_candidates(session, found.keys())
    ids: dict[int, list[int]] = {}
    fresh: dict[int, Sequence[_Proposal]] = {}
    retired: list[int] = []
    for frame_id, people in found.items():
        known = live[frame_id]
        same = all(row.model == model and row.simulated == simulated for row in known)
        if same and [_Proposal.of_row(row) for row in known] == list(people):
            ids[frame_id] = [row.id for row in known]
            continue
        retired += [row.id for row in known]
        fresh[frame_id] = people
    if retired:
        session.execute(update(Candidate).where(Candidate.id.in_(retired)).values(retired=True))
    ids |= _add(session, fresh, model=storable(model), simulated=simulated)
    chosen = {
        frame_id: None if (index := proposed.get(frame_id)) is None else ids[frame_id][index]
        for frame_id in found
    }
    changed = repository.propose(session, chosen, model=model)
    return len({frame_id for frame_id, people in fresh.items() if people} | changed)


def _add(
    session: Session, fresh: Mapping[int, Sequence[_Proposal]], *, model: str, simulated: bool
) -> dict[int, list[int]]:
    """Write candidates of frames; returns their ids, by frame."""
    people = [person for some in fresh.values() for person in some]
    ids = iter(reserve_ids(session, "candidates", len(people)) if people else ())
    by_frame = {frame_id: list(islice(ids, len(some))) for frame_id, some in fresh.items()}
    if people:
        copy_in(
            session,
            "candidates",
            {
                "id": bigints([i for some in by_frame.values() for i in some]),
                "frame_id": bigints([frame for frame, some in fresh.items() for _ in some]),
                "rank": integers([rank for some in fresh.values() for rank, _ in enumerate(some)]),
                "score": doubles([person.score for person in people]),
                "keypoints": double_arrays(np.array([person.keypoints for person in people])),
                "skeleton": double_arrays(np.array([person.skeleton for person in people])),
                "box": double_arrays(np.array([person.box for person in people])),
                "apart": texts(person.apart for person in people),
                "source": documents(person.source for person in people),
                "model": one_text(model),
                "simulated": one_boolean(simulated),
            },
        )
    return by_frame
