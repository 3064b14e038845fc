"""Pre-labels: a pose model over all frames of a recording, in batches, saved as it goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import Frame, Recording
from backend.core.jobs import service as jobs
from backend.domain.candidates import likeliest_infant
from backend.domain.estimates import PoseEstimate, RgbImage
from backend.domain.workflow import Event, Stage
from backend.labelling.annotations.proposals import store_candidates
from backend.labelling.discards import service as discards
from backend.labelling.workflow import service as stages
from backend.labelling.workflow.payloads import PrelabelPayload
from backend.multiview.propagation.service import order_motion_once
from backend.recordings.access import get_recording
from backend.recordings.truth import truth_of
from worker.context import Finish, JobContext
from worker.pipelines.images import load_image
from worker.pipelines.models import pose_estimator

SAVE_EVERY = 16


def run(context: JobContext) -> Finish:
    """Find all people in every frame and propose the likeliest infant of each."""
    if context.recording_id is None:
        raise RuntimeError("a pre-label job without its recording")
    recording_id = context.recording_id
    with context.transaction() as session:
        truth = truth_of(get_recording(session, recording_id))
        frames = session.execute(
            select(Frame.id, Frame.image_key)
            .where(Frame.recording_id == recording_id)
            .order_by(Frame.position)
        ).all()
    payload = context.read(PrelabelPayload)
    total, start = len(frames), min(context.resume_at, len(frames))
    # Loading takes longer than some recordings: until then the bar stands where the work does.
    context.report(start, total, "Loading the model")
    estimator, origin = pose_estimator(
        context.settings,
        payload.model,
        boxes_from=payload.boxes_from,
        instead=None if truth is None else truth.pose_checkpoint,
    )
    context.log(
        f"{origin.in_words()} over {total} frames"
        + (f", from frame {start + 1} on." if start else ".")
    )
    context.report(start, total, "Estimating poses")
    todo = frames[start:]
    loaders: list[Callable[[], RgbImage]] = [
        partial(load_image, context.storage, key) for _, key in todo
    ]
    batch: dict[int, list[PoseEstimate]] = {}
    done = start
    for (frame_id, _), people in zip(todo, estimator.estimate_stream(loaders), strict=True):
        context.check_cancelled()
        batch[frame_id] = people
        if len(batch) >= SAVE_EVERY:
            done = _save(context, batch, origin.model, done, total)
    if batch:
        done = _save(context, batch, origin.model, done, total)

    def finish(session: Session) -> dict[str, Any]:
        recording = get_recording(session, recording_id, lock="update")
        recording.prelabel_model = origin.model
        recording.prelabel_sha256 = origin.sha256
        recording.prelabel_boxes_from = origin.boxes_from
        recording.prelabels_simulated = False
        discards.compute(session, recording_id)
        if recording.stage == Stage.PRELABELLING:
            stages.fire(session, recording, Event.PRELABEL_FINISHED, None)
        order_motion_once(session, recording)
        return asdict(origin) | {"frames": total}

    return finish


def _save(
    context: JobContext, batch: dict[int, list[PoseEstimate]], model: str, done: int, total: int
) -> int:
    """Store a batch and, in the same transaction, how far the job is; empties the batch."""
    proposed = {frame_id: likeliest_infant(people) for frame_id, people in batch.items()}
    done += len(batch)
    with context.transaction() as session:
        # Nobody may begin to annotate meanwhile; the stage holds the door.
        session.scalar(
            select(Recording.id)
            .where(Recording.id == context.recording_id)
            .with_for_update(read=True)
        )
        store_candidates(session, batch, proposed, model=model)
        jobs.report(session, context.id, context.claim, done, total, "Estimating poses")
    batch.clear()
    return done
