"""What models and imported files say of frames. A person's work is never written over.

Everything here takes a batch, and is idempotent by content: what is stored already is left as it
is, so that a job that is run again changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import update
from sqlalchemy.orm import Session

from backend.core.database.tables import Candidate
from backend.core.database.text import storable
from backend.domain.document import skeleton_from_scores
from backend.domain.errors import InvalidInput
from backend.domain.estimates import PoseEstimate
from backend.domain.skeleton import N_JOINTS
from backend.labelling.annotations import repository
from backend.labelling.annotations.found_people import FoundColumns, FoundPerson, columns_of
from backend.labelling.annotations.proposed_people import Proposals


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
    found = [
        _from_estimate(estimate, *sizes.get(frame_id, (0, 0)))
        for frame_id, estimates in people.items()
        for estimate in estimates
    ]
    places = iter(range(len(found)))
    by_frame = {frame_id: list(islice(places, len(some))) for frame_id, some in people.items()}
    scores, keypoints, skeletons, boxes = zip(*found, strict=True) if found else ((),) * 4
    nothing = (None,) * len(found)
    columns = Proposals(
        np.array(scores, dtype=np.float64),
        np.array(keypoints, dtype=np.float64),
        np.array(skeletons, dtype=np.float64),
        np.array(boxes, dtype=np.float64),
        nothing,
        nothing,
    )
    return _store(session, columns, by_frame, proposed, model=model, simulated=simulated)


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
    return import_columns(session, columns_of(people), source=source, frames=people.keys())


def import_columns(
    session: Session, found: FoundColumns, *, source: str, frames: Iterable[int] = ()
) -> int:
    """The same of people as columns.

    Args:
        session: The transaction.
        found: Everybody in some images.
        source: As above.
        frames: Those that were looked at, also where nobody was found.

    Returns:
        How many frames were changed.

    Raises:
        NotFound: one of the frames does not exist.
    """
    by_frame: dict[int, list[int]] = {frame_id: [] for frame_id in frames} | found.by_frame()
    proposed = {frame_id: found.proposed(people) for frame_id, people in by_frame.items()}
    columns = found.proposals()
    return _store(session, columns, by_frame, proposed, model=source[:120], simulated=False)


def _from_estimate(
    estimate: PoseEstimate, width: int, height: int
) -> tuple[float, NDArray[np.float64], list[float], list[float]]:
    """Score, keypoints, skeleton and box of a person as they are stored."""
    scores = np.asarray(estimate.scores, dtype=np.float64)
    keypoints = np.asarray(estimate.keypoints, dtype=np.float64)
    if keypoints.shape != (N_JOINTS, 2) or scores.shape != (N_JOINTS,):
        raise InvalidInput(f"A person has {N_JOINTS} joints with x, y and a score each.")
    flat = np.column_stack([keypoints, scores]).ravel()
    box = [float(value) for value in estimate.box]
    if not (np.isfinite(flat).all() and np.isfinite(box).all() and np.isfinite(estimate.score)):
        raise InvalidInput("A person's joints, box and scores must be finite numbers.")
    skeleton = skeleton_from_scores(keypoints, scores, width, height)
    return float(estimate.score), flat, [float(value) for value in skeleton.to_flat()], box


def _store(
    session: Session,
    found: Proposals,
    by_frame: Mapping[int, Sequence[int]],
    proposed: Mapping[int, int | None],
    *,
    model: str,
    simulated: bool,
) -> int:
    if not by_frame:
        return 0
    for frame_id, index in proposed.items():
        if index is not None and not 0 <= index < len(by_frame.get(frame_id, ())):
            raise InvalidInput(f"Frame {frame_id} has no person {index} to propose.")
    repository.hold_annotations(session, by_frame.keys())
    live = repository.live_candidates(session, by_frame.keys())
    ids: dict[int, list[int]] = {}
    fresh: dict[int, Sequence[int]] = {}
    retired: list[int] = []
    for frame_id, people in by_frame.items():
        known = live[frame_id]
        same = all(row.model == model and row.simulated == simulated for row in known)
        if same and found.same(people, known):
            ids[frame_id] = [row.id for row in known]
            continue
        retired += [row.id for row in known]
        fresh[frame_id] = people
    if retired:
        session.execute(update(Candidate).where(Candidate.id.in_(retired)).values(retired=True))
    ids |= found.store(session, fresh, model=storable(model), simulated=simulated)
    chosen = {
        frame_id: None if (index := proposed.get(frame_id)) is None else ids[frame_id][index]
        for frame_id in by_frame
    }
    changed = repository.propose(session, chosen, model=model)
    return len({frame_id for frame_id, people in fresh.items() if people} | changed)
