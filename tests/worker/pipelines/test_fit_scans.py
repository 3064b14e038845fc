"""Scans of a session draw its bodies to the surface that they saw."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import (
    Annotation,
    Calibration,
    Fit,
    FitRun,
    Frame,
    FrameBox,
    Job,
    JobLog,
    User,
)
from backend.core.storage import open_store
from backend.domain import masks
from backend.domain.cameras import Camera
from backend.domain.verdicts import Verdict
from backend.multiview.bodies.mesh import pose_body
from backend.multiview.bodies.model_file import open_body
from backend.multiview.fits import service
from backend.multiview.fits.schemas import FitOut, FitRequest
from backend.multiview.scans import service as scans
from backend.multiview.scans.schemas import ScansIn
from tests.factories import make_inspector, make_recording
from tests.fixtures.fitting import Sampled, four_cameras, sample_moments
from tests.worker.bench import Bench
from worker.fitting.silhouette import silhouette

Array = NDArray[np.float64]

pytestmark = pytest.mark.xdist_group("fitting")

MOMENTS = 3
QUICK = {"surface_vertices": 400, "surface_points": 80, "surface_steps": 3}


@cache
def infant() -> Sampled:
    """Joints placed with 6 px of error, as tired people do."""
    return sample_moments(MOMENTS, seed=12, noise_px=6.0)


@cache
def skin(moment: int) -> Array:
    """(V, 3) the infant's true surface."""
    truth = infant()
    return pose_body(
        open_body(), truth.betas, truth.pose[moment], truth.scale, truth.x[moment, :3]
    ).vertices


@cache
def dense(moment: int) -> Array:
    """(P, 3) points all over the true surface."""
    rng, faces = np.random.default_rng(moment), skin(moment)[open_body().faces]
    area = np.linalg.norm(np.cross(faces[:, 1] - faces[:, 0], faces[:, 2] - faces[:, 0]), axis=1)
    some = faces[rng.choice(len(faces), 400_000, p=area / area.sum())]
    weights = rng.dirichlet(np.ones(3), len(some))
    return np.asarray(np.einsum("pk,pki->pi", weights, some))


def ply(points: Array) -> bytes:
    header = (
        f"ply\nformat binary_little_endian 1.0\nelement vertex {len(points)}\n"
        "property float x\nproperty float y\nproperty float z\nend_header\n"
    )
    return header.encode() + points.astype("<f4").tobytes()


def depth_png(camera: Camera, points: Array) -> bytes:
    """The nearest point of each pixel, in millimetres, before a wall three metres away."""
    image = np.full((camera.height, camera.width), 3000, np.uint16)
    column, row = np.floor(camera.project(points)).astype(int).T
    z = np.round(1000 * camera.in_camera(points)[:, 2]).astype(np.uint16)
    seen = (column >= 0) & (row >= 0) & (column < camera.width) & (row < camera.height)
    np.minimum.at(image, (row[seen], column[seen]), z[seen])
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return buffer.getvalue()


class Visit(Bench):
    """Four cameras around an infant whose surface is known."""

    def open(self, views: Sequence[int] = range(4)) -> None:
        """A recording of some of the cameras; one alone has only its lens calibrated."""
        with Session(self.engine, expire_on_commit=False) as session:
            self.inspector = make_inspector(session)
            recording = make_recording(session, frames=MOMENTS, cameras=len(views))
            self.recording_id = recording.id
            rows = session.execute(
                select(Frame, Annotation)
                .join(Annotation)
                .where(Frame.recording_id == recording.id)
                .order_by(Frame.position)
            ).all()
            for position, (_, annotation) in enumerate(rows):
                view, moment = divmod(position, MOMENTS)
                annotation.keypoints = infant().joints[moment, views[view]].ravel().tolist()
                annotation.verdict, annotation.state = Verdict.KEEP.value, "accepted"
            self.frame_ids = [frame.id for frame, _ in rows]
            self.camera_ids = list(dict.fromkeys(frame.camera_id for frame, _ in rows))
            calibration = Calibration(
                recording_id=recording.id, version=1, origin="rendered",
                cameras=[
                    four_cameras()[view].to_dict()
                    | {"camera_id": i, "rms_px": None}
                    | ({"T_camera_world": None} if len(views) == 1 else {})
                    for view, i in zip(views, self.camera_ids, strict=True)
                ],
            )  # fmt: skip
            self.T = four_cameras()[views[0]].pose if len(views) == 1 else np.eye(4)
            self.views = list(views)
            session.add(calibration)
            session.flush()
            recording.calibration_id = calibration.id
            session.commit()

    def add_mask(self, view: int, moment: int) -> None:
        outline = silhouette(four_cameras()[view], skin(moment), open_body().faces)
        with Session(self.engine) as session:
            frame_id = self.frame_ids[self.views.index(view) * MOMENTS + moment]
            session.add(
                FrameBox(
                    frame_id=frame_id, recording_id=self.recording_id, x=0, y=0, width=9, height=9,
                    mask_counts=masks.encode(outline)["counts"], origin="model",
                    made_from=session.get_one(Annotation, frame_id).keypoints,
                )
            )  # fmt: skip
            session.commit()

    def attach(self, files: dict[str, bytes], camera: int | None = None) -> None:
        ids = [self.upload(name, data) for name, data in files.items()]
        camera_id = None if camera is None else self.camera_ids[self.views.index(camera)]
        with Session(self.engine) as session:
            scans.add(
                session, session.get_one(User, self.maintainer_id), self.settings,
                open_store(self.settings), self.recording_id,
                ScansIn(upload_ids=ids, camera_id=camera_id),
            )  # fmt: skip
            session.commit()

    def fit(self, **request: object) -> Job:
        with Session(self.engine) as session:
            wanted = FitRequest.model_validate({"config": QUICK} | request)
            user = session.get_one(User, self.maintainer_id)
            job_id = service.request_fit(session, user, self.recording_id, wanted).id
            session.commit()
        job = self.run(job_id)
        assert job.error is None
        return job

    def fits(self) -> list[FitOut]:
        with Session(self.engine) as session:
            return service.session_fits(session, self.inspector, self.recording_id).fits

    def surface_error_mm(self) -> float:
        """Mean distance of each vertex from where it truly is, in the recording's world."""
        store, found = open_store(self.settings), []
        for moment, fit in enumerate(self.all(Fit)):
            truth = skin(moment) @ self.T[:3, :3].T + self.T[:3, 3]
            run = next(run for run in self.all(FitRun) if run.id == fit.run_id)
            offsets = np.load(io.BytesIO(store.read(fit.surface_key))) if fit.surface_key else None
            body = pose_body(
                open_body(), np.array(run.betas), np.array(fit.pose), run.scale,
                np.array(fit.translation), offsets,
            )  # fmt: skip
            found.append(np.linalg.norm(body.vertices - truth, axis=1).mean())
        return 1000 * float(np.mean(found))

    def log(self, job: Job) -> str:
        return "\n".join(line.message for line in self.all(JobLog) if line.job_id == job.id)


@pytest.fixture
def visit(bench: Bench) -> Visit:
    visit = Visit(bench.settings)
    visit.open()
    return visit


def test_clouds_give_a_truer_surface_than_joints_alone_and_the_run_says_how_many(
    visit: Visit,
) -> None:
    visit.fit()
    by_joints = visit.surface_error_mm()
    (run,) = visit.all(FitRun)
    assert run.summary["scans"] is None
    visit.attach({f"cloud_{10 * m:06d}.ply": ply(dense(m)[:4000]) for m in range(MOMENTS)})
    assert all(fit.stale for fit in visit.fits())
    job = visit.fit()
    assert visit.surface_error_mm() < 0.7 * by_joints
    assert not any(fit.stale for fit in visit.fits())
    assert visit.all(FitRun)[-1].summary["scans"] == {"moments": 3, "of": 3}
    assert "Scans: 3 of 3 moments." in visit.log(job)
    assert visit.fits()[0].metrics["scan_points"] == 4000


def test_depth_of_one_camera_gives_a_truer_surface_than_joints_alone(visit: Visit) -> None:
    camera = four_cameras()[1]
    for moment in range(MOMENTS):
        visit.add_mask(1, moment)
    visit.fit()
    by_joints = visit.surface_error_mm()
    visit.attach(
        {f"depth_{10 * m:06d}.png": depth_png(camera, dense(m)) for m in range(MOMENTS)}, camera=1
    )
    visit.fit()
    assert visit.surface_error_mm() < 0.9 * by_joints
    assert visit.all(FitRun)[-1].summary["scans"] == {"moments": 3, "of": 3}


def test_one_depth_camera_alone_gives_size_and_distance(bench: Bench) -> None:
    visit = Visit(bench.settings)
    visit.open([1])
    for moment in range(MOMENTS):
        visit.add_mask(1, moment)
    visit.fit()
    by_joints = visit.surface_error_mm()
    visit.attach(
        {f"depth_{10 * m:06d}.png": depth_png(four_cameras()[1], dense(m)) for m in range(MOMENTS)}
    )
    visit.fit()
    assert visit.surface_error_mm() < 0.25 * by_joints


def test_depth_without_a_mask_is_left_out_and_the_log_says_so(visit: Visit) -> None:
    visit.add_mask(1, 0)
    visit.attach(
        {f"depth_{10 * m:06d}.png": depth_png(four_cameras()[1], dense(m)) for m in (0, 2)},
        camera=1,
    )
    job = visit.fit()
    assert visit.all(FitRun)[-1].summary["scans"] == {"moments": 1, "of": 3}
    assert "1 scan was left out: there is no mask of their view." in visit.log(job)
    assert [fit.metrics["scan_points"] is None for fit in visit.fits()] == [False, True, True]


def test_without_the_surface_no_scan_is_used(visit: Visit) -> None:
    visit.attach({"cloud_000010.ply": ply(dense(1)[:4000])})
    visit.fit(config={"surface_weight": 0})
    assert visit.all(FitRun)[-1].summary["scans"] == {"moments": 0, "of": 3}
    assert visit.fits()[1].metrics["scan_points"] is None


def test_depth_goes_by_the_calibration_that_is_fitted_with(visit: Visit) -> None:
    for moment in range(MOMENTS):
        visit.add_mask(1, moment)
    visit.attach(
        {f"depth_{10 * m:06d}.png": depth_png(four_cameras()[1], dense(m)) for m in range(MOMENTS)},
        camera=1,
    )
    visit.fit()
    here = np.array([fit.translation for fit in visit.fits()])
    with Session(visit.engine) as session:
        moved = np.eye(4)
        moved[0, 3] = -1.0  # the origin of the world lies a metre further left
        newer = Calibration(
            recording_id=visit.recording_id, version=2, origin="rendered",
            cameras=[
                camera.moved(camera.pose @ moved).to_dict() | {"camera_id": i, "rms_px": None}
                for camera, i in zip(four_cameras(), visit.camera_ids, strict=True)
            ],
        )  # fmt: skip
        session.add(newer)
        session.commit()
        newer_id = newer.id
    visit.fit(calibration_id=newer_id)
    there = np.array([fit.translation for fit in visit.fits()])
    assert np.abs(there - here - [1, 0, 0]).max() < 0.01


def test_removed_scans_make_their_fits_stale_and_a_refit_goes_without(visit: Visit) -> None:
    visit.attach({"cloud_000010.ply": ply(dense(1)[:4000])})
    visit.fit()
    assert visit.all(FitRun)[-1].summary["scans"] == {"moments": 1, "of": 3}
    with Session(visit.engine) as session:
        scans.remove(session, session.get_one(User, visit.maintainer_id), visit.recording_id)
        session.commit()
    assert [fit.stale for fit in visit.fits()] == [False, True, False]
    visit.fit(only_stale=True)
    assert not any(fit.stale for fit in visit.fits())
    assert visit.all(FitRun)[-1].summary["scans"] is None
