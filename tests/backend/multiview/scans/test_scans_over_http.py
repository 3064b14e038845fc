"""Scans over HTTP: attached all or none, listed by moment, removed; bad files named."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import Camera, Frame, Recording, Scan, Upload
from backend.core.settings import Settings
from backend.domain.workflow import Stage
from tests.backend.multiview.fits.making import make_calibration, make_fits, make_seen_recording
from tests.factories import (
    HEIGHT,
    WIDTH,
    bearer,
    make_annotator,
    make_inspector,
    make_maintainer,
    make_recording,
)

Headers = dict[str, str]
API = "/api/v1"
POINTS = np.random.default_rng(3).normal((0.5, 0, 2), 0.1, (400, 3)).astype("<f4")


def ply(points: Any = POINTS) -> bytes:
    header = (
        f"ply\nformat binary_little_endian 1.0\nelement vertex {len(points)}\n"
        "property float x\nproperty float y\nproperty float z\nend_header\n"
    )
    return header.encode() + np.asarray(points, "<f4").tobytes()


def png(width: int = WIDTH, height: int = HEIGHT, depth: int = 1800) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.full((height, width), depth, np.uint16)).save(buffer, "PNG")
    return buffer.getvalue()


class Office:
    """A maintainer before a calibrated recording of two cameras: frames 0, 10 and 20."""

    def __init__(self, client: TestClient, session: Session, settings: Settings) -> None:
        self.client, self.session, self.settings = client, session, settings
        self.mia = make_maintainer(session, name="Mia")
        self.headers = bearer(session, self.mia)
        self.recording = make_seen_recording(session, make_annotator(session))
        session.commit()
        self.url = f"{API}/recordings/{self.recording.id}/scans"
        self.camera_ids = list(
            session.scalars(
                select(Camera.id)
                .where(Camera.recording_id == self.recording.id)
                .order_by(Camera.index)
            )
        )

    def upload(self, name: str, data: bytes) -> int:
        made = self.client.post(
            f"{API}/uploads", json={"filename": name, "size": len(data)}, headers=self.headers
        ).json()
        headers = {**self.headers, "Upload-Offset": "0"}
        self.client.patch(f"{API}/uploads/{made['id']}", content=data, headers=headers)
        return int(made["id"])

    def attach(self, files: dict[str, bytes], **request: Any) -> Any:
        ids = [self.upload(name, data) for name, data in files.items()]
        body = {"upload_ids": ids} | request
        return self.client.post(self.url, json=body, headers=self.headers)

    def listed(self) -> Any:
        return self.client.get(self.url, headers=self.headers).json()

    def stored(self) -> list[Path]:
        folder = self.settings.data_dir / "blobs" / f"recordings/{self.recording.id}/scans"
        return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def office(client: TestClient, committed: Session, settings: Settings) -> Office:
    return Office(client, committed, settings)


def test_clouds_are_attached_to_their_moments_and_kept_as_they_came(office: Office) -> None:
    added = office.attach({"cloud_000020.ply": ply(), "cloud_000000.ply": ply(POINTS[:200])})
    assert added.status_code == 201, added.text
    assert added.json()["unchanged"] == 0
    found = office.listed()
    assert (found["moments"], found["moments_with_scan"]) == (3, 2)
    assert [(s["number"], s["moment_index"], s["points"]) for s in found["scans"]] == [
        (0, 0, 200),
        (20, 2, 400),
    ]
    assert found["scans"][0]["created_by"]["name"] == "Mia"
    assert found["cameras"][0]["numbers"] == [0, 10, 20]
    assert ply() in [path.read_bytes() for path in office.stored()]
    assert list(office.settings.uploads_dir.glob("*.part")) == []


def test_depth_belongs_to_the_camera_that_is_named(office: Office) -> None:
    unsaid = office.attach({"depth_10.png": png()})
    assert unsaid.status_code == 422
    assert "depth_10.png" in unsaid.json()["detail"]
    assert "say which camera" in unsaid.json()["detail"]
    added = office.attach(
        {"depth_10.png": png(depth=18000)}, camera_id=office.camera_ids[1], depth_unit_mm=0.1
    )
    assert added.status_code == 201, added.text
    [scan] = added.json()["added"]
    assert (scan["kind"], scan["camera_id"]) == ("depth", office.camera_ids[1])
    assert (scan["moment_index"], scan["depth_unit_mm"]) == (1, 0.1)


def test_the_same_files_again_change_nothing_and_others_are_a_conflict(office: Office) -> None:
    office.attach({"cloud_10.ply": ply()})
    again = office.attach({"cloud_10.ply": ply(), "cloud_20.ply": ply()})
    assert again.json()["unchanged"] == 1
    assert [scan["number"] for scan in again.json()["added"]] == [20]
    other = office.attach({"better_10.ply": ply(POINTS[:300])})
    assert other.status_code == 409
    assert "frame 10 of camera 1 has another scan already, cloud_10.ply" in other.json()["detail"]
    assert len(office.listed()["scans"]) == len(office.stored()) == 2


@pytest.mark.parametrize(
    ("name", "data", "fault"),
    [
        ("baby.ply", ply(), "no frame number"),
        ("cloud_21.ply", ply(), "camera 1 ends with frame 20, there is no 21"),
        ("cloud_15.ply", ply(), "frame 15 of camera 1 was not taken into the recording"),
        ("cloud_10.ply", ply()[:-100], "cut off after 391 of 400 points"),
        ("cloud_10.ply", ply(1000 * POINTS), "perhaps they are millimetres"),
        ("cloud_10.obj", ply(), "a scan ends in"),
        ("depth_10.png", png(320, 240), "320×240 pixels, but its camera's images 640×480"),
        ("depth_10.png", png(depth=60000), "60 m away"),
    ],
    ids=lambda value: None if isinstance(value, str) else "file",
)
def test_a_bad_file_is_named_and_nothing_stays(
    office: Office, name: str, data: bytes, fault: str
) -> None:
    refused = office.attach({"cloud_0.ply": ply(), name: data}, camera_id=office.camera_ids[0])
    assert refused.status_code == 422, refused.text
    assert refused.json()["file"] == name
    assert fault in refused.json()["detail"]
    assert office.listed()["scans"] == []
    assert office.stored() == []
    sent = select(Upload.consumed_at).where(Upload.created_by_id == office.mia.id)
    assert office.session.scalars(sent).all() == [None, None]


def test_two_files_of_one_frame_are_refused(office: Office) -> None:
    refused = office.attach({"a_10.ply": ply(), "b_10.ply": ply()})
    assert refused.status_code == 422
    assert "a_10.ply is of frame 10 of camera 1 too" in refused.json()["detail"]


def test_depth_of_an_uncalibrated_camera_and_a_session_without_calibration_are_refused(
    office: Office,
) -> None:
    calibrate_the_first_camera_alone(office)
    refused = office.attach({"depth_10.png": png()}, camera_id=office.camera_ids[1])
    assert refused.status_code == 409
    assert "camera 2 is not calibrated" in refused.json()["detail"]
    assert office.listed()["cameras"][1]["size"] is None
    office.recording.calibration_id = None
    office.session.commit()
    refused = office.attach({"cloud_10.ply": ply()})
    assert refused.status_code == 409
    assert "no calibration in use" in refused.json()["detail"]


def calibrate_the_first_camera_alone(office: Office) -> None:
    office.recording.calibration_id = None
    office.session.flush()
    row = make_calibration(office.session, office.recording, version=2)
    row.cameras = row.cameras[:1]
    office.session.commit()


def test_a_number_means_the_image_that_carries_it(
    client: TestClient, committed: Session, settings: Settings
) -> None:
    office = Office(client, committed, settings)
    frames = committed.scalars(select(Frame).where(Frame.camera_id == office.camera_ids[0])).all()
    for frame, number in zip(frames, (100, 103, 107), strict=True):
        frame.source_name = f"visit/img_{number:04d}.jpg"
    committed.commit()
    added = office.attach({"cloud_0103.ply": ply()})
    assert added.json()["added"][0]["moment_index"] == 1


def test_only_maintainers_attach_and_remove_but_everybody_looks(office: Office) -> None:
    office.attach({"cloud_10.ply": ply()})
    inspector = bearer(office.session, make_inspector(office.session))
    office.session.commit()
    upload_id = office.upload("cloud_20.ply", ply())
    client = office.client
    body = {"upload_ids": [upload_id]}
    assert client.post(office.url, json=body, headers=inspector).status_code == 403
    assert client.delete(office.url, headers=inspector).status_code == 403
    assert len(client.get(office.url, headers=inspector).json()["scans"]) == 1
    assert client.get(office.url).status_code == 401


def test_scans_of_one_camera_or_all_are_removed_with_their_files(office: Office) -> None:
    office.attach({"cloud_10.ply": ply()})
    office.attach({"depth_10.png": png()}, camera_id=office.camera_ids[1])
    unknown = office.client.delete(f"{office.url}?camera_id=999999", headers=office.headers)
    assert unknown.status_code == 404
    one = office.client.delete(
        f"{office.url}?camera_id={office.camera_ids[1]}", headers=office.headers
    )
    assert one.status_code == 204
    assert [scan["kind"] for scan in office.listed()["scans"]] == ["cloud"]
    assert [path.suffix for path in office.stored()] == [".ply"]
    assert office.client.delete(office.url, headers=office.headers).status_code == 204
    assert office.listed()["scans"] == []
    assert office.stored() == []


def test_other_scans_make_the_fits_of_their_moments_stale(office: Office) -> None:
    make_fits(office.session, office.recording)
    office.session.commit()
    office.attach({"cloud_10.ply": ply()})
    fits = office.client.get(
        f"{API}/recordings/{office.recording.id}/fits", headers=office.headers
    ).json()
    assert [fit["stale"] for fit in fits["fits"]] == [False, True, False]
    assert fits["counts"]["stale"] == 1


def test_a_deleted_recording_takes_its_scans_along(
    client: TestClient, committed: Session, settings: Settings
) -> None:
    office = Office(client, committed, settings)
    recording: Recording = make_recording(committed, Stage.PRELABELLED, cameras=2)
    make_calibration(committed, recording)
    committed.commit()
    office.recording, office.url = recording, f"{API}/recordings/{recording.id}/scans"
    assert office.attach({"cloud_10.ply": ply()}).status_code == 201
    gone = client.delete(f"{API}/recordings/{recording.id}", headers=office.headers)
    assert gone.status_code == 204, gone.text
    assert office.stored() == []
    query = select(Scan).where(Scan.recording_id == recording.id)
    assert committed.scalars(query).all() == []
