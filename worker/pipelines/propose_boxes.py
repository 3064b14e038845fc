"""Masks and boxes: a segmenter prompted with visible joints, box by the box rule, saved as it goes.

Without a segmenter's checkpoint the job fails with words, except on the rendered demo, whose masks
are known: those are stored as what they are, simulated. Where people chose to draw the boxes by
hand, no model is asked for and nothing is stored: the inspector finds the frames without a box.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from backend.core.database.tables import (
    Annotation,
    BoxRevision,
    Camera,
    Candidate,
    Frame,
    FrameBox,
    Recording,
)
from backend.core.database.tables.boxes import BoxStatus
from backend.core.jobs import service as jobs
from backend.demo.masks import demo_mask
from backend.domain import masks
from backend.domain.boxes import infant_box
from backend.domain.errors import InvalidInput, WeightsMissing
from backend.domain.keypoints import Skeleton
from backend.domain.prompts import PromptJoints, consistency
from backend.domain.workflow import Event, Stage
from backend.labelling.boxes.payloads import BoxesPayload
from backend.labelling.boxes.proposals import BoxProposal, store_proposal
from backend.labelling.conditions import BOX_STALE, KEPT
from backend.labelling.workflow import service as stages
from backend.recordings.access import get_recording
from worker.context import Finish, JobContext
from worker.pipelines.images import load_image
from worker.pipelines.models import segmenter

SAVE_EVERY = 8
SIMULATED_MODEL = "simulated masks"
DOUBTFUL = 0.8
"""Mask–pose consistency below which the inspector looks first."""


@dataclass(frozen=True, slots=True)
class Target:
    """A kept frame that needs a box."""

    frame_id: int
    image_key: str
    width: int
    height: int
    camera_index: int
    source_frame: int | None
    skeleton: Skeleton
    others: tuple[PromptJoints, ...]


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
        demo = recording.import_request.get("demo") if recording.is_demo else None
        targets = _targets(session, recording, only)
    if payload.by_hand:
        return _by_hand(context, recording_id, len(targets))
    total = len(targets)
    context.report(0, total, "Masks and boxes")
    propose, model = _proposer(context, demo) if targets else (None, None)
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
    context.log(f"{total} boxes by {model}, {flagged} to look at first." if total else "No box.")

    def finish(session: Session) -> dict[str, Any]:
        if only is None:
            _box_finished(session, recording_id)
        return {"boxes": total, "flagged": flagged, "model": model}

    return finish


def _by_hand(context: JobContext, recording_id: int, missing: int) -> Finish:
    """Leave the boxes to people: stale ones and those sent back stay as they are."""
    context.log(f"No model was used: {missing} boxes are to be drawn by hand.")

    def finish(session: Session) -> dict[str, Any]:
        _box_finished(session, recording_id)
        return {"boxes": 0, "flagged": 0, "model": None, "to_draw": missing}

    return finish


def _box_finished(session: Session, recording_id: int) -> None:
    recording = get_recording(session, recording_id, lock="update")
    if recording.stage == Stage.BOXING:
        stages.fire(session, recording, Event.BOX_FINISHED, None)


def _needs_box(recording: Recording) -> ColumnElement[bool]:
    """No box yet, one older than the joints, or one sent back that nobody redrew since."""
    redrawn = (
        select(BoxRevision.id)
        .where(
            BoxRevision.frame_id == FrameBox.frame_id,
            BoxRevision.version == FrameBox.version,
            BoxRevision.round == recording.round,
        )
        .exists()
    )
    return (
        FrameBox.frame_id.is_(None)
        | BOX_STALE
        | ((FrameBox.status == BoxStatus.SENT_BACK.value) & ~redrawn)
    )


def _targets(session: Session, recording: Recording, only: list[int] | None) -> list[Target]:
    condition = Frame.id.in_(only) if only is not None else _needs_box(recording)
    rows = session.execute(
        select(Frame, Camera.index, Annotation.keypoints, Annotation.candidate_id)
        .join(Camera, Camera.id == Frame.camera_id)
        .join(Annotation, Annotation.frame_id == Frame.id)
        .outerjoin(FrameBox, FrameBox.frame_id == Frame.id)
        .where(
            Frame.recording_id == recording.id,
            KEPT,
            condition,
        )
        .order_by(Frame.position)
    ).all()
    others = _other_people(session, [frame.id for frame, *_ in rows])
    return [
        Target(
            frame_id=frame.id,
            image_key=frame.image_key,
            width=frame.width,
            height=frame.height,
            camera_index=camera_index,
            source_frame=frame.source_frame,
            skeleton=Skeleton.from_flat(keypoints),
            others=tuple(joints for i, joints in others.get(frame.id, []) if i != candidate_id)
            # Without a chosen candidate nobody knows which of them is the infant itself.
            if candidate_id is not None
            else (),
        )
        for frame, camera_index, keypoints, candidate_id in rows
        if keypoints is not None
    ]


def _other_people(
    session: Session, frame_ids: Sequence[int]
) -> dict[int, list[tuple[int, PromptJoints]]]:
    found: dict[int, list[tuple[int, PromptJoints]]] = {}
    for row in session.scalars(
        select(Candidate).where(Candidate.frame_id.in_(frame_ids), ~Candidate.retired)
    ):
        joints = np.asarray(row.keypoints).reshape(17, 3)
        person = PromptJoints(
            joints[:, :2].copy(),
            np.asarray(row.skeleton).reshape(17, 3)[:, 2].astype(np.int64),
            joints[:, 2].copy(),
        )
        found.setdefault(row.frame_id, []).append((row.id, person))
    return found


def _prompt_joints(skeleton: Skeleton) -> PromptJoints:
    flat = np.asarray(skeleton.to_flat()).reshape(17, 3)
    return PromptJoints(flat[:, :2].copy(), flat[:, 2].astype(np.int64), None)


def _proposer(context: JobContext, demo: str | None) -> tuple[Propose, str]:
    """The best segmenter at hand, else the demo's known masks."""
    try:
        model, name = segmenter(context.settings, context.read(BoxesPayload).model)
    except WeightsMissing:
        if demo is None:
            raise
        context.log(
            "No SAM 2.1 weights here: the rendered demo's known masks are used, and marked as"
            " simulated.",
            "warning",
        )
        return _simulated(demo), SIMULATED_MODEL

    from worker.adapters.sam2 import propose_mask

    def propose(target: Target) -> Proposed:
        image = load_image(context.storage, target.image_key)
        joints = _prompt_joints(target.skeleton)
        result = propose_mask(model, image, joints.keypoints, joints.visibilities, target.others)
        return Proposed(
            result.mask if result.mask.any() else None,
            result.score,
            result.consistency,
            tuple(str(attempt) for attempt in result.attempts),
            result.flagged,
        )

    return propose, name


def _simulated(demo: str) -> Propose:
    def propose(target: Target) -> Proposed:
        mask = demo_mask(demo, target.camera_index, target.source_frame or 0)
        if mask is None:
            return Proposed(None, None, None, ("simulated",), True)
        fit = consistency(mask, _prompt_joints(target.skeleton), target.others)
        return Proposed(mask, 1.0, fit, ("simulated",), fit < DOUBTFUL)

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
