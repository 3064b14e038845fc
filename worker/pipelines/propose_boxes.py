"""Masks and boxes: a segmenter prompted with visible joints, box by the box rule, saved as it goes.

Without a segmenter's checkpoint the job fails with words, except on a made-up recording, whose
masks are known: those are stored as what they are, simulated. Boxes that came with an annotation
file are taken first, and need no model. Where people chose to draw the boxes by hand, no model is
asked for: the inspector finds the frames without a box.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from backend.core.jobs import service as jobs
from backend.domain import masks
from backend.domain.boxes import infant_box
from backend.domain.errors import InvalidInput, WeightsMissing
from backend.domain.limits import MIN_MASK_CONSISTENCY
from backend.domain.prompts import consistency
from backend.domain.workflow import Event, Stage
from backend.labelling.boxes.payloads import BoxesPayload
from backend.labelling.boxes.proposals import BoxProposal, store_proposal
from backend.labelling.workflow import service as stages
from backend.recordings.access import get_recording
from backend.recordings.truth import KnownTruth, truth_of
from worker.context import Finish, JobContext
from worker.pipelines.box_targets import Target, box_targets, prompt_joints
from worker.pipelines.images import images_ahead
from worker.pipelines.imported_boxes import store_imported
from worker.pipelines.models import segmenter

SAVE_EVERY = 8
SIMULATED_MODEL = "simulated masks"


@dataclass(frozen=True, slots=True)
class Proposed:
    """A mask with how it came about; None where no joint is visible to prompt with."""

    mask: NDArray[np.bool_] | None
    score: float | None
    consistency: float | None
    attempts: tuple[str, ...]
    flagged: bool


Propose = Callable[[Target], Proposed]


def run(context: JobContext) -> Finish:
    """Propose a mask and a box for every kept frame that needs one."""
    if context.recording_id is None:
        raise RuntimeError("a box job without its recording")
    recording_id = context.recording_id
    payload = context.read(BoxesPayload)
    only = payload.frame_ids
    with context.transaction() as session:
        recording = get_recording(session, recording_id)
        truth = truth_of(recording)
        targets = box_targets(session, recording, only)
    wanted = len(targets)
    targets, doubtful = store_imported(context, targets)
    total = len(targets)
    if came := wanted - total:
        context.log(f"{came} boxes came with the file, {doubtful} to look at first.")
    if payload.by_hand:
        return _by_hand(context, recording_id, came, doubtful, total)
    context.report(0, total, "Masks and boxes")
    propose, model, digest = _proposer(context, truth, targets) if targets else (None, None, None)
    done = flagged = 0
    for start in range(0, total, SAVE_EVERY):
        batch = targets[start : start + SAVE_EVERY]
        results = []
        for target in batch:
            context.check_cancelled()
            assert propose is not None
            results.append(propose(target))
        done += len(batch)
        flagged += sum(result.flagged for result in results)
        with context.transaction() as session:
            for target, result in zip(batch, results, strict=True):
                _store(session, target, result, str(model))
            jobs.report(session, context.id, context.claim, done, total, "Masks and boxes")
    if total:
        context.log(f"{total} boxes by {model}, {flagged} to look at first.")
    elif not came:
        context.log("No box.")

    def finish(session: Session) -> dict[str, Any]:
        if only is None:
            _box_finished(session, recording_id)
        return {
            "boxes": total + came,
            "imported": came,
            "flagged": flagged + doubtful,
            "model": model,
            "sha256": digest,
        }

    return finish


def _by_hand(
    context: JobContext, recording_id: int, came: int, doubtful: int, missing: int
) -> Finish:
    """Leave the boxes to people: stale ones and those sent back stay as they are."""
    context.log(f"No model was used: {missing} boxes are to be drawn by hand.")

    def finish(session: Session) -> dict[str, Any]:
        _box_finished(session, recording_id)
        return {
            "boxes": came,
            "imported": came,
            "flagged": doubtful,
            "model": None,
            "to_draw": missing,
        }

    return finish


def _box_finished(session: Session, recording_id: int) -> None:
    recording = get_recording(session, recording_id, lock="update")
    if recording.stage == Stage.BOXING:
        stages.fire(session, recording, Event.BOX_FINISHED, None)


def _proposer(
    context: JobContext, truth: KnownTruth | None, targets: Sequence[Target]
) -> tuple[Propose, str, str | None]:
    """The best segmenter at hand, else the known masks of a made-up recording.

    It is asked for one target after another, in their order.
    """
    try:
        model, origin = segmenter(context.settings, context.read(BoxesPayload).model)
    except WeightsMissing:
        if truth is None:
            raise
        context.log(
            "No SAM 2.1 checkpoint here: the known masks of this rendered recording are used, and"
            " marked as simulated.",
            "warning",
        )
        return _simulated(truth), SIMULATED_MODEL, None

    from worker.adapters.sam2 import propose_mask

    images = images_ahead(context.storage, [target.image_key for target in targets])

    def propose(target: Target) -> Proposed:
        image = next(images)
        joints = prompt_joints(target.skeleton)
        result = propose_mask(model, image, joints.keypoints, joints.visibilities, target.others)
        return Proposed(
            result.mask if result.mask.any() else None,
            result.score,
            result.consistency,
            tuple(str(attempt) for attempt in result.attempts),
            result.flagged,
        )

    return propose, origin.model, origin.sha256


def _simulated(truth: KnownTruth) -> Propose:
    def propose(target: Target) -> Proposed:
        mask = truth.mask(target.camera_index, target.source_frame or 0)
        if mask is None:
            return Proposed(None, None, None, ("simulated",), True)
        fit = consistency(mask, prompt_joints(target.skeleton), target.others)
        return Proposed(mask, 1.0, fit, ("simulated",), fit < MIN_MASK_CONSISTENCY)

    return propose


def _store(session: Session, target: Target, result: Proposed, model: str) -> None:
    try:
        box = infant_box(result.mask, target.skeleton, target.width, target.height)
    except InvalidInput:
        return  # no mask and no joint inside the image: the inspector draws it by hand
    rle = masks.encode(result.mask) if result.mask is not None else None
    store_proposal(
        session,
        target.frame_id,
        BoxProposal(
            made_from=target.skeleton,
            box=box,
            mask_counts=rle["counts"] if rle else None,
            mask_area=masks.area(rle) if rle else None,
            mask_score=result.score,
            consistency=result.consistency,
            flagged=result.flagged or rle is None,
            attempts=result.attempts,
            model=model,
            simulated=model == SIMULATED_MODEL,
        ),
    )
