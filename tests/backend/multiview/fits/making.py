"""Body fits for tests, stored the way the worker stores them."""

from __future__ import annotations

from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import (
    Annotation,
    Calibration,
    FitRun,
    Frame,
    Moment,
    Recording,
    User,
)
from backend.domain.cameras import assumed_camera
from backend.domain.fits import FitStatus
from backend.domain.verdicts import Verdict
from backend.multiview.fits.proposals import FitProposal, ViewProposal, store_fits
from backend.multiview.fits.schemas import FitSeen
from backend.multiview.fits.service import judge, session_fits
from tests.factories import (
    HEIGHT,
    WIDTH,
    accept,
    frame_ids_of,
    frames_of,
    make_candidates,
    make_inspector,
    make_recording,
)


def make_calibration(session: Session, recording: Recording, *, version: int = 1) -> Calibration:
    """Cameras in a row, one metre apart, in use."""
    cameras = []
    for i, camera_id in enumerate(
        dict.fromkeys(f.camera_id for f in frames_of(session, recording))
    ):
        T = np.eye(4)
        T[0, 3] = -float(i)
        camera = assumed_camera(f"camera {i + 1}", WIDTH, HEIGHT).moved(T)
        cameras.append(camera.to_dict() | {"camera_id": camera_id, "rms_px": 0.2})
    row = Calibration(
        recording_id=recording.id, version=version, origin="import", cameras=cameras, report={}
    )
    session.add(row)
    session.flush()
    recording.calibration_id = row.id
    session.flush()
    return row


def make_seen_recording(
    session: Session, annotator: User, *, frames: int = 3, cameras: int = 2, **options: Any
) -> Recording:
    """A calibrated recording of several cameras in which every frame is accepted."""
    recording = make_recording(
        session, frames=frames, cameras=cameras, annotator=annotator, **options
    )
    make_candidates(session, recording)
    for frame_id in frame_ids_of(session, recording):
        accept(session, annotator, frame_id)
    make_calibration(session, recording)
    return recording


def make_run(session: Session, recording: Recording) -> FitRun:
    """A run, as the worker begins it."""
    run = FitRun(
        recording_id=recording.id,
        body_name="open-infant",
        body_sha256="0" * 64,
        calibration_id=recording.calibration_id,
        config_version="1",
        config={},
        betas=[0.0] * 20,
        scale=1.0,
    )
    session.add(run)
    session.flush()
    return run


def propose(session: Session, recording: Recording, **changes: Any) -> list[FitProposal]:
    """A fit for every moment, from the joints as they are."""
    proposals = []
    for moment in session.scalars(
        select(Moment).where(Moment.recording_id == recording.id).order_by(Moment.index)
    ):
        rows = session.execute(
            select(Frame.id, Annotation.keypoints)
            .join(Annotation, Annotation.frame_id == Frame.id)
            .where(Frame.moment_id == moment.id, Annotation.verdict == Verdict.KEEP.value)
        )
        views = {i: ViewProposal(keypoints, np.full(17, 2.5), 0.9) for i, keypoints in rows}
        values: dict[str, Any] = {
            "moment_id": moment.id,
            "pose": np.zeros(72),
            "translation": np.zeros(3),
            "joints": np.zeros((17, 3)),
            "body_joints": np.zeros((24, 3)),
            "mean_error_px": 2.5,
            "gate_passed": True,
            "converged": True,
            "assumed_camera": False,
            "self_intersections": 0,
            "views": views,
        }
        proposals.append(FitProposal(**(values | changes)))
    return proposals


def make_fits(
    session: Session, recording: Recording, *, replace_verified: bool = False, **changes: Any
) -> FitRun:
    """Fits of all moments, stored."""
    run = make_run(session, recording)
    store_fits(
        session,
        recording,
        run,
        propose(session, recording, **changes),
        replace_verified=replace_verified,
    )
    return run


def verify_fits(session: Session, recording: Recording, moments: slice = slice(None)) -> None:
    """Verify fits as an inspector does."""
    inspector = make_inspector(session)
    found = session_fits(session, inspector, recording.id).fits[moments]
    seen = [FitSeen(id=fit.id, version=fit.version) for fit in found]
    judge(session, inspector, recording.id, seen, FitStatus.VERIFIED, None, None)
