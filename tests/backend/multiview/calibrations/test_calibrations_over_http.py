"""Versions of a session's cameras over HTTP."""

from __future__ import annotations

import tomllib
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import AuditEntry, Calibration, FitRun, Job, Recording, Upload
from backend.core.database.tables.calibrations import CalibrationOrigin, CalibrationPhase
from backend.core.settings import Settings
from backend.core.storage import open_store
from backend.domain.cameras import Camera
from backend.domain.fits import DRIFT_LIMIT_PX
from backend.multiview.calibrations import service
from backend.multiview.calibrations.service import NewCalibration
from tests.factories import bearer, make_annotator, make_maintainer, make_recording

K = [[500.0, 0, 320.5], [0, 500.0, 240.5], [0, 0, 1]]


def camera(i: int, *, placed: bool = True, shift: float = 0.0) -> Camera:
    T = np.eye(4)
    T[:3, 3] = (0.5 * i + shift, 0, 2)
    return Camera(f"camera {i + 1}", 640, 480, np.array(K), np.zeros(5),
                  T_camera_world=T if placed else None)  # fmt: skip


class Visit:
    """A committed recording of four cameras, with people before it."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.maintainer = make_maintainer(session)
        self.recording = make_recording(session, cameras=4, frames=1)
        self.cameras = [c.id for c in service.repository.cameras_of(session, self.recording.id)]
        self.headers = bearer(session, self.maintainer)
        session.commit()
        self.path = f"/api/v1/recordings/{self.recording.id}"

    def version(
        self, *, phase: CalibrationPhase = CalibrationPhase.SESSION, placed: bool = True,
        shift: tuple[int, float] | None = None, report: dict[str, Any] | None = None,
        count: int = 4,
    ) -> Calibration:  # fmt: skip
        cameras = []
        for i, camera_id in enumerate(self.cameras[:count]):
            moved = shift[1] if shift and shift[0] == i else 0.0
            values = camera(i, placed=placed, shift=moved).to_dict()
            cameras.append({**values, "camera_id": camera_id, "rms_px": 0.3})
        recording = service.lock_recording(self.session, self.recording.id)
        row = service.store(
            self.session, recording,
            NewCalibration(phase, CalibrationOrigin.BOARD, cameras, report or {},
                           created_by_id=self.maintainer.id),
            limit_px=DRIFT_LIMIT_PX,
        )  # fmt: skip
        self.session.commit()
        return row

    def upload(self, name: str = "a.png") -> int:
        row = Upload(filename=name, size=3, created_by_id=self.maintainer.id)
        self.session.add(row)
        self.session.flush()
        row.completed_at = row.created_at
        self.session.commit()
        return row.id


@pytest.fixture
def visit(committed: Session) -> Visit:
    return Visit(committed)


def test_versions_are_listed_newest_first_with_the_one_in_use(
    client: TestClient, visit: Visit
) -> None:
    visit.version(placed=False)
    visit.version()
    found = client.get(f"{visit.path}/calibrations", headers=visit.headers).json()
    assert [(v["version"], v["placed"], v["in_use"]) for v in found] == [
        (2, True, True),
        (1, False, False),
    ]
    assert found[0]["created_by"]["name"] == visit.maintainer.name
    assert found[0]["cameras"][0]["camera_id"] == visit.cameras[0]


def test_a_request_becomes_a_job_that_has_taken_its_files(client: TestClient, visit: Visit) -> None:
    upload = visit.upload()
    body = {
        "step": "intrinsics", "phase": "before", "lens": "fisheye",
        "board": {"columns": 5, "rows": 9, "square_mm": 30},
        "images": {str(visit.cameras[0]): [upload]},
    }  # fmt: skip
    answer = client.post(f"{visit.path}/calibrations", json=body, headers=visit.headers)
    assert answer.status_code == 202, answer.text
    assert answer.json()["kind"] == "calibrate"
    job = visit.session.get_one(Job, answer.json()["id"], populate_existing=True)
    assert service.uploads_of(job) == [upload]
    row = visit.session.get_one(Upload, upload, populate_existing=True)
    assert row.consumed_at is not None
    again = client.post(f"{visit.path}/calibrations", json=body, headers=visit.headers)
    assert again.status_code == 409


def test_annotators_may_look_but_not_calibrate(client: TestClient, visit: Visit) -> None:
    headers = bearer(visit.session, make_annotator(visit.session))
    visit.session.commit()
    row = visit.version()
    assert client.get(f"{visit.path}/calibrations", headers=headers).status_code == 200
    chosen = client.post(
        f"{visit.path}/calibration", json={"calibration_id": row.id}, headers=headers
    )
    assert chosen.status_code == 403
    assert client.delete(f"/api/v1/calibrations/{row.id}", headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"board": {"columns": 2, "rows": 9, "square_mm": 30}}, 422),
        ({"board": {"columns": 5, "rows": 9, "square_mm": -1}}, 422),
        ({"images": {}}, 422),
        ({"images": {"987654321": [1]}}, 404),
        ({"step": "dance"}, 422),
    ],
)
def test_impossible_requests_are_refused_at_once(
    client: TestClient, visit: Visit, changes: dict[str, Any], status: int
) -> None:
    body = {
        "step": "intrinsics", "board": {"columns": 5, "rows": 9, "square_mm": 30},
        "images": {str(visit.cameras[0]): [1]},
    } | changes  # fmt: skip
    answer = client.post(f"{visit.path}/calibrations", json=body, headers=visit.headers)
    assert answer.status_code == status, answer.text


def test_another_version_is_chosen_and_that_is_logged(client: TestClient, visit: Visit) -> None:
    first = visit.version()
    visit.version()
    answer = client.post(
        f"{visit.path}/calibration", json={"calibration_id": first.id}, headers=visit.headers
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["calibration"]["version"] == 1
    entries = visit.session.scalars(
        select(AuditEntry).where(
            AuditEntry.subject_id == visit.recording.id, AuditEntry.action == "calibration_chosen"
        )
    ).all()
    assert entries[-1].details == {"version": 1}


def test_a_version_that_places_fewer_cameras_does_not_take_over_by_itself(
    client: TestClient, visit: Visit
) -> None:
    whole = visit.version()
    visit.version(count=2)
    recording = visit.session.get_one(Recording, visit.recording.id, populate_existing=True)
    assert recording.calibration_id == whole.id


def test_a_camera_that_moved_during_the_session_raises_a_flag(
    client: TestClient, visit: Visit
) -> None:
    assert client.get(f"{visit.path}/calibration-drift", headers=visit.headers).json() is None
    before = visit.version(phase=CalibrationPhase.BEFORE)
    after = visit.version(phase=CalibrationPhase.AFTER, shift=(2, 0.05))
    found = client.get(f"{visit.path}/calibration-drift", headers=visit.headers).json()
    assert (found["before_id"], found["after_id"]) == (before.id, after.id)
    assert found["exceeded"] is True
    by_camera = {entry["camera_id"]: entry for entry in found["cameras"]}
    assert by_camera[visit.cameras[2]]["translation_mm"] == pytest.approx(50, abs=1)
    assert by_camera[visit.cameras[0]]["pixels"] < 0.1
    detail = client.get(visit.path, headers=visit.headers).json()
    assert detail["drift_flagged"] is True


def test_cameras_that_stayed_raise_none_though_the_board_lay_elsewhere(
    client: TestClient, visit: Visit
) -> None:
    visit.version(phase=CalibrationPhase.BEFORE)
    visit.version(phase=CalibrationPhase.AFTER)
    found = client.get(f"{visit.path}/calibration-drift", headers=visit.headers).json()
    assert found["exceeded"] is False


def test_the_version_in_use_and_those_of_fits_are_not_deleted(
    client: TestClient, visit: Visit
) -> None:
    old, new = visit.version(), visit.version()
    path = "/api/v1/calibrations"
    assert client.delete(f"{path}/{new.id}", headers=visit.headers).status_code == 409
    visit.session.add(
        FitRun(recording_id=visit.recording.id, body_name="b", body_sha256="0" * 64,
               calibration_id=old.id, config_version="1", config={}, betas=[0.0], scale=1.0)
    )  # fmt: skip
    visit.session.commit()
    refused = client.delete(f"{path}/{old.id}", headers=visit.headers)
    assert refused.status_code == 409
    assert "fits" in refused.json()["detail"]


def test_a_version_nobody_goes_by_is_deleted_with_its_pictures(
    client: TestClient, visit: Visit, settings: Settings
) -> None:
    store = open_store(settings)
    folder = service.folder_of(visit.recording.id, 7)
    store.put(f"{folder}/coverage.png", b"png")
    report = {"folder": folder, "cameras": {"1": {"coverage_key": "coverage.png", "views": []}}}
    old = visit.version(report=report)
    visit.version()
    image = client.get(f"/api/v1/calibrations/{old.id}/images/coverage.png", headers=visit.headers)
    assert image.status_code == 200
    assert image.content == b"png"
    other = client.get(f"/api/v1/calibrations/{old.id}/images/other.png", headers=visit.headers)
    assert other.status_code == 404
    gone = client.delete(f"/api/v1/calibrations/{old.id}", headers=visit.headers)
    assert gone.status_code == 204
    assert not store.exists(f"{folder}/coverage.png")


def test_the_cameras_can_be_had_as_toml_in_opencvs_pixels(client: TestClient, visit: Visit) -> None:
    row = visit.version()
    answer = client.get(f"/api/v1/calibrations/{row.id}/cameras.toml", headers=visit.headers)
    assert "cameras-v1.toml" in answer.headers["content-disposition"]
    document = tomllib.loads(answer.text)
    assert document["cam_0"]["matrix"][0][2] == 320.0
    assert document["cam_1"]["translation"] == [0.5, 0.0, 2.0]
    assert document["metadata"]["units"] == "m"
