"""Simulated pre-labels as the candidates of a demo recording's frames."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import Camera, Frame, Recording
from backend.demo.simulate import MODEL_NAME, Candidate, simulate_frame
from backend.demo.truth import FrameTruth, RecordingTruth, load_truth
from backend.domain.candidates import likeliest_infant
from backend.domain.estimates import PoseEstimate
from backend.labelling.annotations.proposals import store_candidates


@lru_cache(maxsize=2)
def truth_of(name: str) -> RecordingTruth:
    """A demo recording's ground truth, read once per process."""
    return load_truth(name)


def frame_truth(name: str, camera_index: int, source_frame: int) -> FrameTruth:
    """What is known of one frame of a demo recording."""
    return truth_of(name).cameras[camera_index].frames[source_frame]


def _estimate(candidate: Candidate) -> PoseEstimate:
    x0, y0, x1, y1 = candidate.box
    return PoseEstimate(
        keypoints=candidate.keypoints[:, :2],
        scores=candidate.keypoints[:, 2],
        score=candidate.score,
        box=(x0, y0, x1 - x0, y1 - y0),
    )


def store_simulated_prelabels(session: Session, recording: Recording, name: str) -> None:
    """Give every frame of a demo recording its simulated people, named as such everywhere.

    Args:
        session: The transaction.
        recording: The imported demo recording.
        name: The demo recording that its videos come from.
    """
    rows = session.execute(
        select(Frame.id, Camera.index, Frame.source_frame)
        .join(Camera, Camera.id == Frame.camera_id)
        .where(Frame.recording_id == recording.id)
    ).all()
    people = {
        frame_id: [
            _estimate(found) for found in simulate_frame(frame_truth(name, camera, source or 0))
        ]
        for frame_id, camera, source in rows
    }
    proposed = {frame_id: likeliest_infant(found) for frame_id, found in people.items()}
    store_candidates(session, people, proposed, model=MODEL_NAME, simulated=True)
    recording.prelabel_model = MODEL_NAME
    recording.prelabels_simulated = True
