"""Boxes and masks that came with an annotation file, proposed as a model's would be.

They are judged, become stale and are replaced like all others. A mask stays the infant's when a
person corrects a joint, so it is proposed again then, with the box that the box rule gives; a box
without a mask is proposed again, too, but is to be looked at.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from backend.core.jobs import service as jobs
from backend.domain import masks
from backend.domain.boxes import Box, BoxOrigin, infant_box
from backend.domain.errors import InvalidInput
from backend.domain.limits import MIN_MASK_CONSISTENCY
from backend.domain.outlines import mask_of
from backend.domain.prompts import consistency
from backend.labelling.boxes.proposals import BoxProposal, store_proposal
from backend.publishing.formats.label_source import Segmentation
from worker.context import JobContext
from worker.pipelines.box_targets import ImportedPerson, Target, prompt_joints

_SAVE_EVERY = 64
_ATTEMPT = "imported"


def store_imported(context: JobContext, targets: Sequence[Target]) -> tuple[list[Target], int]:
    """Propose what came with files.

    Returns:
        The frames that still need a box, and how many of the others are to be looked at first.
    """
    left: list[Target] = []
    flagged = done = 0
    for start in range(0, len(targets), _SAVE_EVERY):
        context.check_cancelled()
        batch = targets[start : start + _SAVE_EVERY]
        found = [(target, proposal_of(target)) for target in batch]
        left += [target for target, proposal in found if proposal is None]
        if all(proposal is None for _, proposal in found):
            continue
        with context.transaction() as session:
            for target, proposal in found:
                if proposal is not None:
                    store_proposal(session, target.frame_id, proposal)
                    flagged += proposal.flagged
                    done += 1
            _report(context, session, done, len(targets))
    return left, flagged


def proposal_of(target: Target) -> BoxProposal | None:
    """The box and mask that a frame's infant was imported with; None where it came without."""
    person = target.imported
    if person is None:
        return None
    mask = _mask(person.source.mask, target)
    box = _box(person, mask, target)
    if box is None:
        return None
    rle = None if mask is None else masks.encode(mask)
    fit = None if mask is None else consistency(mask, prompt_joints(target.skeleton), target.others)
    doubtful = (
        _misses(box, target) or not person.untouched if fit is None else fit < MIN_MASK_CONSISTENCY
    )
    return BoxProposal(
        made_from=target.skeleton,
        box=box,
        mask_counts=rle["counts"] if rle else None,
        mask_area=masks.area(rle) if rle else None,
        mask_score=None,
        consistency=fit,
        flagged=doubtful,
        attempts=(_ATTEMPT,),
        model=person.source.file[:120],
        origin=BoxOrigin.IMPORTED,
        imported_from_id=person.candidate_id,
    )


def _mask(found: Segmentation | None, target: Target) -> NDArray[np.bool_] | None:
    """The mask at the size of the frame; None where there is none that can be used."""
    if found is None:
        return None
    try:
        if isinstance(found, dict):
            fits = found["size"] == [target.height, target.width]
            mask = masks.decode(found) if fits else None
        else:
            mask = mask_of(found, target.width, target.height)
    except InvalidInput:
        return None
    return mask if mask is not None and mask.any() else None


def _box(person: ImportedPerson, mask: NDArray[np.bool_] | None, target: Target) -> Box | None:
    """The file's box as it came; the box rule's where there is none or the joints changed."""
    own = person.source.box
    if own is not None and (person.untouched or mask is None):
        try:
            own.clipped(target.width, target.height)
        except InvalidInput:
            return None  # It lies outside of the image.
        return own
    if mask is None:
        return None
    return infant_box(mask, target.skeleton, target.width, target.height)


def _misses(box: Box, target: Target) -> bool:
    """Whether more of the infant's joints lie outside of its box than a mask may leave out."""
    present = [joint for joint in target.skeleton.joints if joint.present]
    inside = sum(box.contains(joint.x, joint.y, tolerance=1.0) for joint in present)
    return inside < MIN_MASK_CONSISTENCY * len(present)


def _report(context: JobContext, session: Session, done: int, total: int) -> None:
    jobs.report(session, context.id, context.claim, done, total, "Imported boxes")
