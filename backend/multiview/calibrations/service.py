"""Asking for calibrations, keeping their versions, choosing one, and noticing drift."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.core.accounts import policies
from backend.core.audit import service as audit
from backend.core.database.tables import Calibration, Job, Recording, Upload, User
from backend.core.database.tables.calibrations import CalibrationOrigin, CalibrationPhase
from backend.core.database.tables.jobs import JobKind
from backend.core.jobs import payloads
from backend.core.jobs import service as jobs
from backend.core.uploads import service as uploads
from backend.domain.cameras import Camera
from backend.domain.errors import Conflict, InvalidInput, NotFound
from backend.domain.fits import DRIFT_LIMIT_PX
from backend.domain.moving_cameras import Place, at_last, at_time, places_of
from backend.domain.workflow import Stage
from backend.multiview.calibrations import repository
from backend.multiview.calibrations.drift import compare
from backend.multiview.calibrations.payloads import CalibratePayload
from backend.multiview.calibrations.schemas import (
    CalibrationIn,
    CalibrationOut,
    CameraDriftOut,
    CameraFileIn,
    DriftOut,
    IntrinsicsIn,
    JointsIn,
)
from backend.recordings.access import get_recording
from backend.recordings.service import announce_recording


@dataclass(frozen=True, slots=True)
class NewCalibration:
    """What a job found out; becomes the next version.

    ``cameras``: ``Camera.to_dict()`` with ``camera_id`` and ``rms_px`` beside.
    """

    phase: CalibrationPhase
    origin: CalibrationOrigin
    cameras: list[dict[str, Any]]
    report: dict[str, Any]
    floor_z: float | None = None
    note: str | None = None
    based_on_id: int | None = None
    job_id: int | None = None
    created_by_id: int | None = None


def list_calibrations(session: Session, recording_id: int) -> list[CalibrationOut]:
    """All versions of a recording's cameras, newest first.

    Raises:
        NotFound: there is no such recording.
    """
    recording = get_recording(session, recording_id)
    return repository.to_out(session, repository.of_recording(session, recording_id), recording)


def get(session: Session, calibration_id: int) -> Calibration:
    """One version.

    Raises:
        NotFound: there is none.
    """
    row = session.get(Calibration, calibration_id)
    if row is None:
        raise NotFound(f"There is no calibration {calibration_id}.")
    return row


def show(session: Session, calibration_id: int) -> CalibrationOut:
    """One version as people see it.

    Raises:
        NotFound: there is none.
    """
    row = get(session, calibration_id)
    return repository.to_out(session, [row], get_recording(session, row.recording_id))[0]


def cameras_of(calibration: Calibration, time_s: float | None = None) -> list[Camera]:
    """The cameras of a version, those that were knocked as they stand at a time (first: None)."""
    return [at_time(value, time_s) for value in calibration.cameras]


def moves_of(calibration: Calibration) -> dict[int, tuple[Place, ...]]:
    """By place in the list, where a camera that was knocked stands later."""
    found = {i: places_of(value)[1:] for i, value in enumerate(calibration.cameras)}
    return {i: later for i, later in found.items() if later}


def folder_of(recording_id: int, job_id: int) -> str:
    """Where a calibration's pictures are stored."""
    return f"recordings/{recording_id}/calibrations/{job_id}"


def picture_key(calibration: Calibration, key: str) -> str:
    """The stored picture that a report names.

    Raises:
        NotFound: the report names no such picture.
    """
    known: set[str | None] = set()
    for camera in (calibration.report.get("cameras") or {}).values():
        known.add(camera.get("coverage_key"))
        known |= {view.get("image_key") for view in camera.get("views", [])}
    for view in (calibration.report.get("extrinsics") or {}).get("views", []):
        known.add(view.get("image_key"))
    folder = calibration.report.get("folder")
    if key not in known or not folder:
        raise NotFound(f"Calibration {calibration.version} has no picture {key}.")
    return f"{folder}/{key}"


# Asking for one


def request(
    session: Session, user: User, recording_id: int, body: CalibrationIn
) -> tuple[Job, Recording]:
    """Queue a calibration.

    Raises:
        NotFound: the recording, a camera or the version to build on does not exist.
        InvalidInput: an upload is unknown, unfinished or named twice.
        Conflict: no lens is known yet, an upload was used, or a calibration is under way.
    """
    policies.require(policies.may_calibrate(user), "calibrate cameras")
    recording = get_recording(session, recording_id, lock="update")
    if recording.stage == Stage.INGESTING.value:
        raise Conflict("This recording is still being imported.")
    known = {camera.id: camera for camera in repository.cameras_of(session, recording_id)}
    for camera_id in sorted(body.camera_ids()):
        if camera_id not in known:
            raise NotFound(f"{recording.name} has no camera {camera_id}.")
    base = _base(session, recording, body.based_on)
    if isinstance(body, JointsIn) and (base is None or repository.places(base) < 2):
        raise Conflict("Joints can adjust cameras that have places: place two or more first.")
    if not isinstance(body, IntrinsicsIn | CameraFileIn):
        _require_lenses(base, body.camera_ids(), {i: c.name for i, c in known.items()})
    _take_uploads(session, user, body.uploads())
    job = jobs.enqueue(
        session,
        CalibratePayload(request=body, based_on_id=base.id if base else None),
        recording.id,
        user.id, title=f"Calibration of {recording.name} ({body.step})",
    )  # fmt: skip
    audit.record(
        session, user.id, "calibration_started", "recording", recording.id,
        {"step": body.step, "phase": body.phase.value},
    )  # fmt: skip
    announce_recording(session, recording)
    return job, recording


def _base(session: Session, recording: Recording, wanted: int | None) -> Calibration | None:
    if wanted is None:
        if recording.calibration_id is not None:
            return get(session, recording.calibration_id)
        versions = repository.of_recording(session, recording.id)
        return versions[0] if versions else None
    row = session.get(Calibration, wanted)
    if row is None or row.recording_id != recording.id:
        raise NotFound(f"{recording.name} has no calibration {wanted}.")
    return row


def _require_lenses(base: Calibration | None, camera_ids: set[int], names: dict[int, str]) -> None:
    lenses = {camera["camera_id"] for camera in base.cameras} if base else set()
    missing = [names[i] for i in sorted(camera_ids - lenses)]
    if missing:
        raise Conflict(
            f"The lens of {', '.join(missing)} is not known yet: calibrate the lenses first.",
            cameras=missing,
        )


def _take_uploads(session: Session, user: User, ids: list[int]) -> None:
    if len(set(ids)) != len(ids):
        raise InvalidInput("The same file is used twice in this calibration.")
    rows = repository.uploads_by_id(session, ids)
    for upload_id in ids:
        row = rows.get(upload_id)
        if row is None:
            raise InvalidInput(f"There is no upload {upload_id}; it may have expired.")
        if row.completed_at is None:
            raise InvalidInput("This file has not arrived completely.", file=row.filename)
    uploads.consume(session, user, ids)


def uploads_of(job: Job) -> list[int]:
    """Uploads that a calibration job reads."""
    return payloads.read(CalibratePayload, job.payload).request.uploads()


@jobs.on_unsuccessful_end(JobKind.CALIBRATE)
def _failed(session: Session, job: Job) -> None:
    """A failed calibration leaves nothing but its job, and gives its files back."""
    session.execute(update(Upload).where(Upload.id.in_(uploads_of(job))).values(consumed_at=None))


@jobs.on_retry(JobKind.CALIBRATE)
def _again(session: Session, job: Job) -> None:
    if job.recording_id is None:
        raise Conflict("The recording of this job is gone.")
    _take_uploads(session, session.get_one(User, job.created_by_id), uploads_of(job))


# Versions


def store(
    session: Session, recording: Recording, new: NewCalibration, *, limit_px: float
) -> Calibration:
    """Write the next version; a placed one is put in use, unless made after the session.

    One that places fewer cameras than the version in use does not take its place by itself.

    Args:
        session: The transaction that ends the job, with the recording locked.
        recording: The recording session.
        new: What was found.
        limit_px: From which movement of the pictures the recording is flagged.
    """
    row = Calibration(
        recording_id=recording.id,
        version=repository.next_version(session, recording.id),
        phase=new.phase.value,
        origin=new.origin.value,
        cameras=new.cameras,
        report=new.report,
        floor_z=new.floor_z,
        note=new.note,
        based_on_id=new.based_on_id,
        job_id=new.job_id,
        created_by_id=new.created_by_id,
    )
    session.add(row)
    session.flush()
    audit.record(
        session, new.created_by_id, "calibration_added", "recording", recording.id,
        {"version": row.version, "origin": row.origin, "phase": row.phase},
    )  # fmt: skip
    current = recording.calibration_id and session.get(Calibration, recording.calibration_id)
    enough = repository.places(row) >= (repository.places(current) if current else 1)
    if repository.is_placed(row) and enough and new.phase is not CalibrationPhase.AFTER:
        _use(session, recording, row, new.created_by_id)
    refresh_drift(session, recording, limit_px)
    announce_recording(session, recording)
    return row


def _use(
    session: Session, recording: Recording, row: Calibration | None, user_id: int | None
) -> None:
    recording.calibration_id = row.id if row else None
    session.flush()
    audit.record(
        session, user_id, "calibration_chosen", "recording", recording.id,
        {"version": row.version if row else None},
    )  # fmt: skip


def choose(
    session: Session, user: User, recording_id: int, calibration_id: int | None
) -> Recording:
    """Choose the version in use; logged.

    Raises:
        NotFound: the recording has no such version.
    """
    policies.require(policies.may_calibrate(user), "choose a calibration")
    recording = get_recording(session, recording_id, lock="update")
    row = None
    if calibration_id is not None:
        row = session.get(Calibration, calibration_id)
        if row is None or row.recording_id != recording.id:
            raise NotFound(f"{recording.name} has no calibration {calibration_id}.")
    if recording.calibration_id != calibration_id:
        _use(session, recording, row, user.id)
        announce_recording(session, recording)
    return recording


def delete(session: Session, user: User, calibration_id: int, limit_px: float) -> str | None:
    """Remove a version that nothing goes by; returns the folder of its pictures, if it has one.

    Raises:
        NotFound: there is none.
        Conflict: it is in use, or a body fit names it.
    """
    policies.require(policies.may_calibrate(user), "delete a calibration")
    row = get(session, calibration_id)
    recording = get_recording(session, row.recording_id, lock="update")
    if recording.calibration_id == row.id:
        raise Conflict("This calibration is in use; choose another one first.")
    if repository.used_by_fits(session, row.id):
        raise Conflict("Body fits were made with this calibration; it is kept for them.")
    audit.record(
        session, user.id, "calibration_deleted", "recording", recording.id,
        {"version": row.version},
    )  # fmt: skip
    folder: str | None = row.report.get("folder")
    session.delete(row)
    session.flush()
    refresh_drift(session, recording, limit_px)
    announce_recording(session, recording)
    return folder


# Drift


def refresh_drift(
    session: Session, recording: Recording, limit_px: float = DRIFT_LIMIT_PX
) -> DriftOut | None:
    """Compare the latest placed calibrations before and after, and flag the recording or not."""
    placed = [r for r in repository.of_recording(session, recording.id) if repository.is_placed(r)]
    after = _latest(placed, CalibrationPhase.AFTER)
    before = _latest(placed, CalibrationPhase.BEFORE) or _latest(placed, CalibrationPhase.SESSION)
    found = _drift(before, after, limit_px) if before and after else None
    recording.drift = found.model_dump(mode="json") if found else None
    recording.drift_flagged = bool(found and found.exceeded)
    session.flush()
    return found


def _latest(rows: Sequence[Calibration], phase: CalibrationPhase) -> Calibration | None:
    return next((row for row in rows if row.phase == phase.value), None)


def _drift(before: Calibration, after: Calibration, limit_px: float) -> DriftOut | None:
    earlier = {v["camera_id"]: at_last(v) for v in before.cameras}
    later = {v["camera_id"]: at_time(v, None) for v in after.cameras}
    shared = [i for i in earlier if i in later and earlier[i].placed and later[i].placed]
    if not shared:
        return None
    found = compare([earlier[i] for i in shared], [later[i] for i in shared])
    pixels = [d.pixels for d in found]
    return DriftOut(
        before_id=before.id,
        after_id=after.id,
        limit_px=limit_px,
        # Not a number: the camera looks elsewhere altogether.
        exceeded=any(not p <= limit_px for p in pixels),
        cameras=[
            CameraDriftOut(
                camera_id=i,
                rotation_deg=d.rotation_deg,
                translation_mm=d.translation_m * 1000,
                focal_percent=d.focal_percent,
                pixels=d.pixels if d.pixels == d.pixels else None,
            )
            for i, d in zip(shared, found, strict=True)
        ],
    )


def shown_drift(session: Session, recording_id: int) -> dict[str, Any] | None:
    """What was found when calibrations last changed.

    Raises:
        NotFound: there is no such recording.
    """
    found: dict[str, Any] | None = get_recording(session, recording_id).drift
    return found


def names_of(session: Session, recording_id: int) -> dict[int, str]:
    """Names of a recording's cameras by id."""
    return {camera.id: camera.name for camera in repository.cameras_of(session, recording_id)}


def lock_recording(session: Session, recording_id: int) -> Recording:
    """The recording, locked for writing a version."""
    recording = session.scalar(
        select(Recording).where(Recording.id == recording_id).with_for_update()
    )
    if recording is None:
        raise NotFound("The recording was deleted meanwhile.")
    return recording
