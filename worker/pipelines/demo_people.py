"""Who is to be seen in a demo recording: asked of the pose model that ships, where it can run."""

from __future__ import annotations

from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import Frame, Recording
from backend.demo.prelabels import store_simulated_prelabels
from backend.domain.candidates import likeliest_infant
from backend.domain.errors import WeightsMissing
from backend.domain.estimates import PoseEstimate
from backend.labelling.annotations.proposals import store_candidates
from backend.models.checkpoints.registry import DEMO_POSE, KNOWN
from worker.context import JobContext
from worker.pipelines.images import load_image
from worker.pipelines.models import pose_estimator

People = dict[int, list[PoseEstimate]]
"""Frame id → people found, best first."""


def seen_people(context: JobContext, recording_id: int) -> People | None:
    """Run the demonstration model over a demo recording.

    The small one, also where a large one is here: on a processor that would take a quarter of an
    hour before anybody could look at the demo.

    Returns:
        None where models are switched off or not installed, or the model is not good enough: then
        pre-labels are simulated.
    """
    if not context.settings.models:
        return None
    known = KNOWN.get(DEMO_POSE)
    if known is None or not known.prelabels_demo:
        context.log("No shipped model is good enough for the demo: its pre-labels are simulated.")
        return None
    try:
        estimator, _ = pose_estimator(context.settings, DEMO_POSE)
    except WeightsMissing as missing:
        context.log(f"{missing.message} The demo's pre-labels are simulated.")
        return None
    with context.transaction() as session:
        frames = session.execute(
            select(Frame.id, Frame.image_key)
            .where(Frame.recording_id == recording_id)
            .order_by(Frame.position)
        ).all()
    people: People = {}
    loaders = [partial(load_image, context.storage, key) for _, key in frames]
    for (frame_id, _), found in zip(frames, estimator.estimate_stream(loaders), strict=True):
        context.check_cancelled()
        people[frame_id] = found
        context.report(len(people), len(frames), "Estimating poses")
    return people


def store_people(session: Session, recording: Recording, name: str, seen: People | None) -> None:
    """Give a demo recording its pre-labels: those of the model, or else simulated ones.

    Args:
        session: The transaction.
        recording: The imported demo recording.
        name: The demo recording that its videos come from.
        seen: As :func:`seen_people` gave it.
    """
    if seen is None:
        store_simulated_prelabels(session, recording, name)
        return
    proposed = {frame_id: likeliest_infant(found) for frame_id, found in seen.items()}
    store_candidates(session, seen, proposed, model=DEMO_POSE)
    recording.prelabel_model = DEMO_POSE
    recording.prelabels_simulated = False
