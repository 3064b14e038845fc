"""A session's joints become bodies: fitted, stored, fitted again where joints changed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import (
    Annotation,
    Calibration,
    Fit,
    FitRun,
    Frame,
    Job,
    Recording,
    User,
)
from backend.core.database.tables.jobs import JobState
from backend.demo.truth import DemoCamera, load_truth
from backend.domain.cameras import Camera
from backend.domain.document import MoveJoint
from backend.domain.fit_quality import Doubt, Trust
from backend.domain.fits import FitStatus
from backend.domain.metrics import mpjpe
from backend.domain.verdicts import Verdict
from backend.multiview.fits import service
from backend.multiview.fits.schemas import FitOut, FitRequest, FitSeen
from tests.factories import edit, make_annotator, make_inspector, make_recording
from tests.worker.bench import Bench

pytestmark = pytest.mark.xdist_group("fitting")
MOMENTS = 6


class Visit(Bench):
    """A four-camera recording of the rendered infant whose joints are known."""

    def open(self, cameras: int = 4) -> None:
        truth = load_truth("play_mat")
        with Session(self.engine, expire_on_commit=False) as session:
            self.annotator = make_annotator(session)
            self.inspector = make_inspector(session)
            recording = make_recording(
                session, frames=MOMENTS, cameras=cameras, annotator=self.annotator
            )
            self.recording_id = recording.id
            self.cameras = [_calibrated(c.camera) for c in truth.cameras[:cameras]]
            rows = session.execute(
                select(Frame, Annotation).join(Annotation).where(Frame.recording_id == recording.id)
                .order_by(Frame.position)
            ).all()  # fmt: skip
            rng = np.random.default_rng(5)
            ids = list(dict.fromkeys(frame.camera_id for frame, _ in rows))
            people = [truth.cameras[0].frames[8 * m].infant for m in range(MOMENTS)]
            self.truth = np.stack([person.joints3d for person in people if person])
            for position, (frame, annotation) in enumerate(rows):
                camera, moment = self.cameras[position // MOMENTS], position % MOMENTS
                joints = np.full((17, 3), 2.0)
                joints[:, :2] = camera.project(self.truth[moment]) + rng.normal(0, 1, (17, 2))
                annotation.keypoints = joints.ravel().tolist()
                annotation.verdict, annotation.state = Verdict.KEEP.value, "accepted"
                frame.time_s = 0.8 * moment
            if cameras > 1:
                self._calibrate(session, recording, ids)
            session.commit()

    def _calibrate(self, session: Session, recording: Recording, ids: list[int]) -> None:
        row = Calibration(
            recording_id=recording.id, version=1, origin="rendered", floor_z=0.0,
            cameras=[
                c.to_dict() | {"camera_id": i, "rms_px": None}
                for c, i in zip(self.cameras, ids, strict=True)
            ],
        )  # fmt: skip
        session.add(row)
        session.flush()
        recording.calibration_id = row.id

    def fit(self, **request: Any) -> Job:
        with Session(self.engine) as session:
            user = session.get_one(User, self.maintainer_id)
            job = service.request_fit(
                session, user, self.recording_id, FitRequest.model_validate(request)
            )
            session.commit()
            job_id = job.id
        return self.run(job_id)

    def fits(self) -> list[FitOut]:
        with Session(self.engine) as session:
            return service.session_fits(session, self.inspector, self.recording_id).fits

    def move_joint(self, position: int, joint: int, x: float, y: float) -> None:
        with Session(self.engine) as session:
            frame = session.scalars(
                select(Frame).where(
                    Frame.recording_id == self.recording_id, Frame.position == position
                )
            ).one()
            edit(
                session, session.get_one(User, self.annotator.id), frame.id, MoveJoint(joint, x, y)
            )
            session.commit()


def _calibrated(camera: DemoCamera) -> Camera:
    return Camera(
        camera.name, camera.width, camera.height, camera.K, camera.distortion,
        T_camera_world=camera.T_camera_world,
    )  # fmt: skip


@pytest.fixture
def visit(bench: Bench) -> Visit:
    visit = Visit(bench.settings)
    visit.open()
    return visit


def test_four_views_become_one_body_near_the_truth(visit: Visit) -> None:
    job = visit.fit()
    assert job.error is None
    assert job.state == JobState.SUCCEEDED.value
    fits = visit.fits()
    assert [fit.moment_index for fit in fits] == list(range(MOMENTS))
    assert all(fit.gate_passed and not fit.stale and not fit.assumed_camera for fit in fits)
    found = np.array([fit.joints for fit in fits])
    assert mpjpe(found, visit.truth).mean() < 25
    assert len({tuple(fit.betas) for fit in fits}) == 1
    (run,) = visit.all(FitRun)
    assert run.body_name == "open-infant"
    assert run.summary["fits"] == MOMENTS
    assert 0.55 < run.summary["length_m"] < 0.9
    assert 0.05 < fits[0].metrics["limb_lengths_m"]["left thigh"] < 0.3
    assert all(fit.trust is Trust.GOOD for fit in fits)
    # What is said of the error holds for it, and each joint has its interval.
    off = 1000 * np.linalg.norm(found - visit.truth, axis=2)
    widths = np.array([fit.intervals_mm for fit in fits])
    assert (off < 2 * widths).mean() > 0.95
    assert np.shape([fit.covariance for fit in fits]) == (MOMENTS, 17, 6)
    assert run.noise_px is not None
    assert 0.5 < run.noise_px < 2
    assert run.shape_covariance is not None
    assert len(run.shape_covariance) == 21 * 21


def test_a_mark_that_is_far_off_is_named_with_the_frame_that_shows_it(visit: Visit) -> None:
    visit.move_joint(2, 9, 30.0, 30.0)
    visit.fit()
    fit = visit.fits()[2]
    # The worst comes first.
    doubt = next(d for d in fit.doubts if d.kind is Doubt.MARK)
    view = next(v for v in fit.views if v.frame_id == doubt.frame_id)
    assert (doubt.camera_id, doubt.joint) == (view.camera_id, 9)
    assert view.errors[9] == max(e for e in view.errors if e is not None)


def test_a_changed_joint_is_fitted_again_and_verified_ones_far_away_stay(visit: Visit) -> None:
    visit.fit()
    before = visit.fits()
    with Session(visit.engine) as session:
        seen = [FitSeen(id=fit.id, version=fit.version) for fit in before]
        inspector = session.get_one(User, visit.inspector.id)
        service.judge(session, inspector, visit.recording_id, seen, FitStatus.VERIFIED, None, None)
        session.commit()
    visit.move_joint(4, 9, 300.0, 200.0)
    assert [fit.stale for fit in visit.fits()] == [False] * 4 + [True, False]
    job = visit.fit(only_stale=True)
    assert job.error is None
    after = visit.fits()
    assert not any(fit.stale for fit in after)
    assert after[4].status == "fitted"
    assert [fit.status for fit in after[:3]] == ["verified"] * 3
    assert [fit.pose for fit in after[:3]] == [fit.pose for fit in before[:3]]
    assert after[4].betas == before[4].betas
    assert after[4].scale == before[4].scale


def test_a_session_with_a_missing_camera_goes_on_with_the_others(visit: Visit) -> None:
    with Session(visit.engine) as session:
        calibration = session.scalars(select(Calibration)).one()
        calibration.cameras = calibration.cameras[1:]
        session.commit()
    assert visit.fit().error is None
    fits = visit.fits()
    assert mpjpe(np.array([fit.joints for fit in fits]), visit.truth).mean() < 25
    errors = {view.camera_id: view.mean_error_px for view in fits[0].views}
    assert len(errors) == 4
    assert sum(error is None for error in errors.values()) == 1
    assert not any(fit.stale for fit in fits)


def test_a_single_view_is_fitted_with_an_assumed_camera_and_says_so(bench: Bench) -> None:
    visit = Visit(bench.settings)
    visit.open(cameras=1)
    assert visit.fit().error is None
    fits = visit.fits()
    assert len(fits) == MOMENTS
    assert all(fit.assumed_camera for fit in fits)
    (run,) = visit.all(FitRun)
    assert run.calibration_id is None


def test_an_unknown_setting_ends_the_job_with_words_and_leaves_nothing(visit: Visit) -> None:
    job = visit.fit(config={"gait_px": 3})
    assert job.state == JobState.FAILED.value
    assert "gait_px" in (job.error or "")
    assert visit.all(Fit) == visit.all(FitRun) == []


def test_an_unknown_body_ends_the_job_with_words(visit: Visit) -> None:
    job = visit.fit(body="smil")
    assert "no body model smil" in (job.error or "")
    assert visit.all(FitRun) == []
