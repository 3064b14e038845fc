"""Pre-labels that come with the import of a made-up recording, so that work can begin at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import Frame, Recording
from backend.domain.candidates import likeliest_infant
from backend.domain.errors import WeightsMissing
from backend.domain.estimates import PoseEstimate
from backend.labelling.annotations.proposals import store_candidates
from backend.recordings.access import get_recording
from backend.recordings.truth import KnownTruth, truth_of
from worker.context import JobContext
from worker.pipelines.images import load_image
from worker.pipelines.models import Origin, pose_estimator


@dataclass(frozen=True, slots=True)
class SeenPeople:
    """Frame id → people found, best first; and what found them."""

    people: dict[int, list[PoseEstimate]]
    origin: Origin


def seen_people(context: JobContext, recording_id: int) -> SeenPeople | None:
    """Run the checkpoint that a made-up recording names over its frames.

    That small one, also where a large one is here: on a processor that would take a quarter of an
    hour before anybody could look at the recording.

    Returns:
        None for any other recording, where models are switched off or not installed, or where no
        checkpoint is named.
    """
    with context.transaction() as session:
        truth = truth_of(get_recording(session, recording_id))
        frames = session.execute(
            select(Frame.id, Frame.image_key)
            .where(Frame.recording_id == recording_id)
            .order_by(Frame.position)
        ).all()
    if truth is None or not context.settings.models:
        return None
    if truth.pose_checkpoint is None:
        context.log("No shipped model is good enough for this recording: pre-labels are simulated.")
        return None
    try:
        estimator, origin = pose_estimator(context.settings, truth.pose_checkpoint)
    except WeightsMissing as missing:
        context.log(f"{missing.message} The pre-labels are simulated.")
        return None
    people: dict[int, list[PoseEstimate]] = {}
    loaders = [partial(load_image, context.storage, key) for _, key in frames]
    for (frame_id, _), found in zip(frames, estimator.estimate_stream(loaders), strict=True):
        context.check_cancelled()
        people[frame_id] = found
        context.report(len(people), len(frames), "Estimating poses")
    return SeenPeople(people, origin)


def store_people(
    session: Session, recording: Recording, truth: KnownTruth, seen: SeenPeople | None
) -> None:
    """Give a made-up recording its pre-labels: those of the model, or else simulated ones.

    Args:
        session: The transaction.
        recording: The imported recording.
        truth: What is known of it.
        seen: As :func:`seen_people` gave it.
    """
    if seen is None:
        truth.store_prelabels(session, recording)
        return
    proposed = {frame_id: likeliest_infant(found) for frame_id, found in seen.people.items()}
    store_candidates(session, seen.people, proposed, model=seen.origin.model)
    recording.prelabel_model = seen.origin.model
    recording.prelabel_sha256 = seen.origin.sha256
    recording.prelabels_simulated = False
