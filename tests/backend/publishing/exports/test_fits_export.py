"""Body fits leave as arrays, with the verdicts, files and cameras that they belong to."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import Export, Fit, Frame, Recording, Scan, User
from backend.domain.document import MoveJoint
from backend.domain.errors import Conflict
from backend.domain.fit_quality import unpack
from backend.domain.fits import FitStatus
from backend.domain.scans import ScanKind
from backend.domain.workflow import Stage
from backend.multiview.fits import service
from backend.multiview.fits.schemas import FitSeen
from backend.publishing.exports.fits import collect_fits
from backend.publishing.exports.service import request_export, request_fits_export, write_export
from tests.backend.multiview.fits.making import make_fits, make_seen_recording
from tests.factories import (
    edit,
    frame_ids_of,
    make_annotator,
    make_boxes,
    make_inspector,
    make_maintainer,
)


@pytest.fixture
def annotator(session: Session) -> User:
    return make_annotator(session)


@pytest.fixture
def recording(session: Session, annotator: User) -> Recording:
    recording = make_seen_recording(session, annotator, name="Visit 3")
    make_fits(session, recording)
    return recording


def _verify(session: Session, recording: Recording, moments: slice) -> None:
    inspector = make_inspector(session)
    fits = service.session_fits(session, inspector, recording.id).fits[moments]
    seen = [FitSeen(id=fit.id, version=fit.version) for fit in fits]
    service.judge(session, inspector, recording.id, seen, FitStatus.VERIFIED, None, None)


def test_only_verified_fits_leave_unless_all_are_asked_for(
    session: Session, recording: Recording
) -> None:
    _verify(session, recording, slice(1, 3))
    assert collect_fits(session, [recording.id]).arrays["moment"].tolist() == [1, 2]
    everything = collect_fits(session, [recording.id], include_unverified=True).arrays
    assert everything["verdict"].tolist() == ["none", "verified", "verified"]


def test_a_fit_older_than_its_joints_stays_at_home(
    session: Session, annotator: User, recording: Recording
) -> None:
    _verify(session, recording, slice(None))
    edit(session, annotator, frame_ids_of(session, recording)[1], MoveJoint(9, 30.0, 40.0))
    assert collect_fits(session, [recording.id]).arrays["moment"].tolist() == [0, 2]
    both = collect_fits(session, [recording.id], include_unverified=True)
    assert both.arrays["moment"].tolist() == [0, 2]


def test_each_fit_names_its_body_calibration_files_and_errors(
    session: Session, recording: Recording
) -> None:
    _verify(session, recording, slice(0, 1))
    found = collect_fits(session, [recording.id])
    arrays = found.arrays
    assert arrays["body_name"].tolist() == ["open-infant"]
    assert arrays["calibration"].tolist() == ["v1"]
    assert [c["name"] for c in json.loads(arrays["cameras"][0])] == ["camera 1", "camera 2"]
    assert arrays["frame_file_name"].tolist() == [
        ["visit-3/camera-1/000000.jpg", "visit-3/camera-2/000000.jpg"]
    ]
    assert arrays["error_px"].shape == (1, 2, 17)
    assert np.all(arrays["error_px"] == 2.5)
    first, second = (frame_ids_of(session, recording)[i] for i in (0, 3))
    assert (found.references[first].index, found.references[first].view) == (0, 0)
    assert (found.references[second].index, found.references[second].view) == (0, 1)
    assert all(array.dtype != object for array in arrays.values())


def test_a_fit_names_the_scans_of_its_moment_by_hash(
    session: Session, recording: Recording
) -> None:
    assert "scans" not in collect_fits(session, [recording.id], include_unverified=True).arrays
    frame = session.get_one(Frame, frame_ids_of(session, recording)[4])
    scan = Scan(
        recording_id=recording.id, camera_id=frame.camera_id, kind=ScanKind.CLOUD.value,
        source_frame=frame.source_frame, filename="Tom 7.ply", sha256="7" * 64, size=9,
        key="scans/7", points=3,
    )  # fmt: skip
    session.add(scan)
    session.flush()
    session.scalars(select(Fit).where(Fit.moment_id == frame.moment_id)).one().scans = [scan.id]
    session.flush()
    told = collect_fits(session, [recording.id], include_unverified=True).arrays["scans"]
    one = {"kind": "cloud", "camera": 1, "frame": frame.source_frame, "sha256": "7" * 64}
    assert [json.loads(text) for text in told] == [[], [one], []]


def test_how_sure_a_fit_is_leaves_with_it_and_views_are_named_by_their_place(
    session: Session, recording: Recording
) -> None:
    _verify(session, recording, slice(0, 1))
    covariance = np.arange(102.0)
    frame = frame_ids_of(session, recording)[3]
    verified = Fit.status == FitStatus.VERIFIED.value
    fit = session.scalars(select(Fit).where(Fit.recording_id == recording.id, verified)).one()
    fit.covariance, fit.quality_mm = covariance.tolist(), 6.5
    fit.doubts = [{"kind": "mark", "camera_id": 1, "frame_id": frame, "joint": 9, "px": 61.0}]
    session.flush()
    found = collect_fits(session, [recording.id])
    assert np.array_equal(found.arrays["covariance"][0], unpack(covariance.tolist()))
    assert found.arrays["interval_radii"].shape == (3,)
    (doubt,) = json.loads(found.arrays["doubts"][0])
    assert doubt == {"kind": "mark", "view": 1, "joint": 9, "px": 61.0}
    assert found.references[frame].quality_mm == 6.5


def test_asking_for_fits_that_nobody_verified_says_so(
    session: Session, recording: Recording
) -> None:
    maintainer = make_maintainer(session)
    with pytest.raises(Conflict, match="none is verified"):
        request_fits_export(session, maintainer, [recording.id], include_unverified=False)
    export, job = request_fits_export(session, maintainer, [recording.id], include_unverified=True)
    assert export.format == "fits"
    assert export.filename.endswith(".fits.npz")
    assert job.payload == {"export_id": export.id}


def test_a_coco_file_refers_each_infant_to_its_body(
    session: Session, annotator: User, recording: Recording
) -> None:
    _verify(session, recording, slice(1, 3))
    recording.stage = Stage.BOXING.value
    make_boxes(session, recording)
    recording.stage = Stage.APPROVED.value
    export, _ = request_export(session, make_maintainer(session), [recording.id], include_fits=True)
    file = io.BytesIO()
    fits = collect_fits(session, [recording.id])
    write_export(session, export, file, fits=fits)
    companion = session.get_one(Export, export.companion_id)
    references = {
        image["file_name"]: annotation["infantnet"].get("fit")
        for image, annotation in zip(*_images_and_annotations(file), strict=True)
    }
    assert references["visit-3/camera-1/000000.jpg"] is None
    found = references["visit-3/camera-2/000002.jpg"]
    assert found == {"file": companion.filename, "index": 1, "view": 1}
    named = fits.arrays["frame_file_name"][found["index"], found["view"]]
    assert named == "visit-3/camera-2/000002.jpg"


def _images_and_annotations(file: io.BytesIO) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    written = json.loads(file.getvalue())
    return written["images"], written["annotations"]
