"""Calibration jobs from files to versions, and what failed ones leave: their job, and words."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import cv2
import numpy as np
import pytest
from pydantic import TypeAdapter
from sqlalchemy import select

from backend.core.database.session import transaction
from backend.core.database.tables import (
    Annotation,
    Calibration,
    Frame,
    Job,
    Moment,
    Recording,
    Upload,
    User,
)
from backend.domain.cameras import Camera
from backend.domain.errors import Conflict, InvalidInput, NotFound
from backend.multiview.calibrations import service
from backend.multiview.calibrations.cameras_toml import cameras_toml
from backend.multiview.calibrations.schemas import CalibrationIn
from backend.multiview.fits.inputs import session_inputs
from tests.factories import make_recording
from tests.worker.bench import Bench, png
from tests.worker.calibration.rigs import (
    LENS_BOARD,
    RIG_BOARD,
    lens_pictures,
    lens_poses,
    rig,
    rig_pictures,
    turned,
)
from worker.calibration.board_print import sheet_of
from worker.calibration.kinds import Kind, board_of
from worker.calibration.poses import angle_deg
from worker.synthesis.marks import knocked, marks_of, wander
from worker.synthesis.prints import seen_by

BOARD = {"columns": LENS_BOARD.columns, "rows": LENS_BOARD.rows, "square_mm": 30}
PLACE_BOARD = {
    "columns": RIG_BOARD.columns, "rows": RIG_BOARD.rows, "square_mm": RIG_BOARD.square_m * 1000
}  # fmt: skip


def jpeg(image: Any) -> bytes:
    return cv2.imencode(".png", image)[1].tobytes()


@lru_cache(maxsize=1)
def pictures_of_lens() -> list[bytes]:
    return [jpeg(image) for image in lens_pictures(rig()[0], 6)]


class Session:
    """A recording of two cameras, and a person who calibrates it."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        with transaction(bench.engine) as session:
            recording = make_recording(session, cameras=2, frames=1, size=(480, 360))
            self.id = recording.id
            self.cameras = [c.id for c in service.repository.cameras_of(session, recording.id)]

    def ask(self, **body: Any) -> int:
        with transaction(self.bench.engine) as session:
            user = session.get_one(User, self.bench.maintainer_id)
            wanted = TypeAdapter(CalibrationIn).validate_python(body)
            job, _ = service.request(session, user, self.id, wanted)
            return job.id

    def run(self, **body: Any) -> Job:
        return self.bench.run(self.ask(**body))

    def upload(self, data: list[bytes], stem: str = "view") -> list[int]:
        return [self.bench.upload(f"{stem}{i}.png", d) for i, d in enumerate(data)]

    def lenses(self, cameras: list[int] | None = None, **more: Any) -> Job:
        images = {i: self.upload(pictures_of_lens()) for i in cameras or self.cameras}
        return self.run(step="intrinsics", board=BOARD, images=images, **more)

    def imported(self, cameras: list[Camera], **more: Any) -> Job:
        upload = self.bench.upload("rig.toml", cameras_toml(cameras).encode())
        return self.run(step="import", upload_ids=[upload], **more)

    @property
    def versions(self) -> list[Calibration]:
        return list(self.bench.all(Calibration))

    @property
    def recording(self) -> Recording:
        return next(r for r in self.bench.all(Recording) if r.id == self.id)


@pytest.fixture
def visit(bench: Bench) -> Session:
    return Session(bench)


def test_pictures_of_a_board_become_lenses_with_a_report(visit: Session) -> None:
    job = visit.lenses()
    assert (job.state, job.error) == ("succeeded", None)
    version = visit.versions[0]
    lens = Camera.from_dict(version.cameras[0])
    assert abs(lens.K[0, 0] / rig()[0].K[0, 0] - 1) < 0.01
    report = version.report["cameras"][str(visit.cameras[0])]
    assert report["rms_px"] < 0.2
    assert report["used"] == len(report["views"]) == 6
    assert 0.1 < report["coverage_share"] < 1
    stored = visit.bench.files()
    for key in (report["coverage_key"], report["views"][0]["image_key"]):
        assert f"{version.report['folder']}/{key}" in stored


def test_the_pictures_of_boards_themselves_are_not_kept(visit: Session) -> None:
    visit.lenses()
    assert list(visit.bench.settings.uploads_dir.glob("*.part")) == []


def test_lenses_alone_are_not_put_in_use(visit: Session) -> None:
    visit.lenses()
    assert visit.recording.calibration_id is None


def test_boards_seen_together_place_the_cameras_and_the_version_is_put_in_use(
    visit: Session,
) -> None:
    cameras = rig()[:2]
    lenses = [Camera(c.name, c.width, c.height, c.K, c.distortion) for c in cameras]
    visit.imported(lenses)
    pictures = rig_pictures(cameras, 5)
    images = {i: visit.upload([jpeg(p) for p in mine], f"c{i}-")
              for i, mine in zip(visit.cameras, pictures, strict=True)}  # fmt: skip
    job = visit.run(step="extrinsics", board=PLACE_BOARD, images=images, board_on_floor=True)
    assert job.error is None
    version = visit.versions[-1]
    a, b = service.cameras_of(version)
    apart = np.linalg.norm(cameras[0].centre - cameras[1].centre)
    assert abs(np.linalg.norm(a.centre - b.centre) - apart) < 0.005
    assert version.floor_z == 0.0
    assert visit.recording.calibration_id == version.id
    assert version.report["extrinsics"]["pairs"][0]["shared"] >= 4


def test_a_camera_without_a_board_keeps_its_lens_and_the_others_go_on(visit: Session) -> None:
    visit.imported(list(rig()[:2]))
    one, two = visit.cameras
    images = {one: visit.upload(pictures_of_lens()), two: visit.upload([png(480, 360)], "blank")}
    job = visit.run(step="intrinsics", board=BOARD, images=images)
    assert job.state == "succeeded"
    version = visit.versions[-1]
    assert {c["camera_id"] for c in version.cameras} == {one, two}
    assert version.cameras[1]["T_camera_world"] is not None
    dropped = version.report["cameras"][str(two)]["dropped"]
    assert dropped[0]["file"] == "blank0.png"
    assert "no board of" in dropped[0]["reason"]
    assert any("camera 2" in warning for warning in version.report["warnings"])


def test_no_board_anywhere_fails_with_words_and_leaves_nothing(visit: Session) -> None:
    uploads = visit.upload([png(480, 360, shade=s) for s in (50, 90)])
    job = visit.run(step="intrinsics", board=BOARD, images={visit.cameras[0]: uploads})
    assert job.state == "failed"
    assert str(job.error).startswith("camera 1: no board of 7×4 inner corners in any picture")
    assert visit.versions == []
    assert not any("calibrations" in name for name in visit.bench.files())


def test_a_failed_calibration_gives_its_files_back(visit: Session) -> None:
    uploads = visit.upload([png(480, 360)])
    visit.run(step="intrinsics", board=BOARD, images={visit.cameras[0]: uploads})
    row = next(u for u in visit.bench.all(Upload) if u.id == uploads[0])
    assert row.consumed_at is None
    again = visit.run(step="intrinsics", board=BOARD, images={visit.cameras[0]: uploads})
    assert "no board of" in str(again.error)


def test_a_wrong_board_size_is_said_once_for_all_cameras_with_the_size_that_is_seen(
    visit: Session,
) -> None:
    images = {i: visit.upload(pictures_of_lens()[:2], f"c{i}-") for i in visit.cameras}
    wrong = {"columns": 5, "rows": 9, "square_mm": 30}
    job = visit.run(step="intrinsics", board=wrong, images=images)
    error = str(job.error)
    assert error.startswith("camera 1 and camera 2: no board of 5×9 inner corners")
    assert error.count("no board of") == 1
    assert "looks like 4×7 inner corners" in error
    assert job.total == 4


def test_marked_points_place_the_cameras(visit: Session) -> None:
    cameras = rig()[:2]
    visit.imported([Camera(c.name, c.width, c.height, c.K, c.distortion) for c in cameras])
    xyz = [(0, 0, 0), (0.4, 0, 0), (0, 0.4, 0), (0.4, 0.4, 0), (0.2, 0.2, 0.2), (0, 0.2, 0.1)]
    points = [
        {"name": f"p{k}", "xyz": p,
         "seen": {i: c.project(p).tolist() for i, c in zip(visit.cameras, cameras, strict=True)}}
        for k, p in enumerate(xyz)
    ]  # fmt: skip
    job = visit.run(step="points", points=points, floor_z=0)
    assert job.error is None
    version = visit.versions[-1]
    for found, true in zip(service.cameras_of(version), cameras, strict=True):
        assert np.abs(found.centre - true.centre).max() < 1e-4
    assert version.report["extrinsics"]["points"][0]["name"] == "p0"
    assert version.origin == "points"


def test_a_file_is_matched_by_order_where_names_differ(visit: Session) -> None:
    job = visit.imported(list(rig()[:2]))
    assert job.error is None
    version = visit.versions[0]
    assert [c["name"] for c in version.cameras] == ["camera 1", "camera 2"]
    assert "order" in version.report["warnings"][0]
    assert visit.recording.calibration_id == version.id


def test_a_file_for_pictures_of_another_shape_is_refused_by_name(visit: Session) -> None:
    wide = [Camera(c.name, 640, 360, c.K, c.distortion) for c in rig()[:2]]
    job = visit.imported(wide)
    assert "640×360" in str(job.error)
    assert "480×360" in str(job.error)
    assert visit.versions == []


def test_a_file_that_is_no_camera_file_is_refused_by_name(visit: Session) -> None:
    upload = visit.bench.upload("holiday.png", png())
    job = visit.run(step="import", upload_ids=[upload])
    assert str(job.error).startswith("holiday.png:")


def test_a_version_made_after_the_session_flags_what_moved_and_is_not_put_in_use(
    visit: Session,
) -> None:
    cameras = list(rig())[:2]
    visit.imported(cameras, phase="before")
    first = visit.recording.calibration_id
    moved = cameras[1].moved(turned(cameras[1].pose, (4, 4, 0)))
    visit.imported([cameras[0], moved], phase="after")
    recording = visit.recording
    assert recording.calibration_id == first
    assert recording.drift_flagged
    assert recording.drift is not None
    assert recording.drift["exceeded"] is True
    assert len(recording.drift["cameras"]) == 2


def test_what_is_known_to_be_wrong_is_refused_at_once(visit: Session) -> None:
    with pytest.raises(Conflict, match="lens of camera 1"):
        visit.ask(step="extrinsics", board=BOARD, images={visit.cameras[0]: visit.upload([png()])})
    with pytest.raises(InvalidInput, match="no upload"):
        visit.ask(step="import", upload_ids=[987654])
    with pytest.raises(NotFound, match="no camera"):
        visit.ask(step="intrinsics", board=BOARD, images={987654: visit.upload([png()])})


def test_a_knocked_camera_is_found_by_the_joints_and_has_two_places_afterwards(
    bench: Bench,
) -> None:
    K = np.array([[900.0, 0, 321], [0, 900, 238], [0, 0, 1]])
    before = [Camera(c.name, 640, 480, K, c.distortion, T_camera_world=c.pose) for c in rig()]
    after = list(before)
    after[1] = knocked(before[1], (1.2, -0.9, 0.0))
    rng = np.random.default_rng(2)
    marks = marks_of([before] * 24 + [after] * 24, wander(48, rng), rng, noise_px=2.0)
    visit = Session(bench)
    with transaction(bench.engine) as session:
        recording = make_recording(session, cameras=4, frames=48, size=(640, 480))
        visit.id = recording.id
        visit.cameras = [c.id for c in service.repository.cameras_of(session, recording.id)]
        order = [
            m.id
            for m in session.scalars(
                select(Moment).where(Moment.recording_id == recording.id).order_by(Moment.index)
            )
        ]
        for frame in session.scalars(select(Frame).where(Frame.recording_id == recording.id)):
            t, c = order.index(frame.moment_id), visit.cameras.index(frame.camera_id)
            seen = np.where(marks.seen[t, c], 2.0, 0.0)
            joints = np.column_stack((np.nan_to_num(marks.pixels[t, c]), seen))
            row = session.get_one(Annotation, frame.id)
            row.keypoints, row.verdict = joints.reshape(-1).tolist(), "keep"
    assert visit.imported(before).error is None
    job = visit.run(step="joints")
    assert (job.state, job.error) == ("succeeded", None)
    version = visit.versions[-1]
    assert version.origin == "joints"
    found = version.report["joints"]
    assert [m["camera_id"] for m in found["movements"]] == [visit.cameras[1]]
    assert abs(found["movements"][0]["first_after_s"] - 8.0) < 0.5
    assert found["left_out_after_px"] < 0.7 * found["left_out_before_px"]
    moves = [len(camera.get("moves", [])) for camera in version.cameras]
    assert moves == [0, 2, 0, 0]
    # Nobody who does not ask when takes one of its places for all.
    assert version.cameras[1]["T_camera_world"] is None
    assert visit.recording.calibration_id == version.id
    with transaction(bench.engine) as session:
        recording = session.get_one(Recording, visit.id)
        inputs = session_inputs(session, recording, session.get_one(Calibration, version.id))
    assert len(inputs.cameras) == 5
    assert {c for moment in inputs.moments[:20] for c in moment.views} == {0, 1, 2, 3}
    assert {c for moment in inputs.moments[-20:] for c in moment.views} == {0, 2, 3, 4}
    assert angle_deg(inputs.cameras[4].pose, after[1].pose) < 0.3


def test_joints_adjust_only_cameras_that_have_places(visit: Session) -> None:
    with pytest.raises(Conflict, match="place two or more first"):
        visit.ask(step="joints")


def test_a_lens_comes_from_a_board_of_markers(visit: Session) -> None:
    board = board_of(Kind.CHARUCO, "6x5", 30, 22)
    camera = rig()[0]
    pictures = [
        jpeg(seen_by(camera, sheet_of(board), T, seed=k))
        for k, T in enumerate(lens_poses(camera, LENS_BOARD, 5, seed=4))
    ]
    asked = {"kind": "charuco", "columns": 6, "rows": 5, "square_mm": 30, "marker_mm": 22}
    job = visit.run(
        step="intrinsics", board=asked, images={visit.cameras[0]: visit.upload(pictures)}
    )
    assert (job.state, job.error) == ("succeeded", None)
    entry = visit.versions[0].cameras[0]
    assert abs(entry["K"][0][0] / camera.K[0, 0] - 1) < 0.03
    assert entry["covariance"]["lens"] is not None
    assert visit.versions[0].report["cameras"][str(visit.cameras[0])]["missing"]
