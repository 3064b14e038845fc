"""People's work on scans: attaching them to a recording, listing and removing them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

import numpy as np
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from backend.core.accounts import policies
from backend.core.audit import service as audit
from backend.core.database.tables import Calibration, Camera, Recording, Scan, Upload, User
from backend.core.events import announce
from backend.core.settings import Settings
from backend.core.storage import BlobStore
from backend.core.uploads import service as uploads
from backend.domain.errors import Conflict, InvalidInput, NotFound
from backend.domain.moving_cameras import is_placed
from backend.domain.scans import ScanKind, check_cloud, check_depth, kind_of, number_of, wrong
from backend.multiview.scans import repository
from backend.multiview.scans.repository import FrameNumbers
from backend.multiview.scans.scan_files import check_size, read_cloud, read_depth
from backend.multiview.scans.schemas import RecordingScans, ScanCamera, ScansAdded, ScansIn
from backend.recordings.access import get_recording


@dataclass(frozen=True)
class _Read:
    """A file that was read and found good."""

    upload: Upload
    kind: ScanKind
    number: int
    path: Path
    sha256: str
    points: int


def session_scans(session: Session, recording_id: int) -> RecordingScans:
    """A recording's scans, and what further ones can be.

    Raises:
        NotFound: there is no such recording.
    """
    recording = get_recording(session, recording_id)
    cameras = repository.cameras_of(session, recording_id)
    numbers = repository.frame_numbers(session, cameras)
    sizes = _calibrated_sizes(session, recording, cameras)
    scans = repository.find_scans(session, Scan.recording_id == recording_id)
    return RecordingScans(
        moments=repository.moment_count(session, recording_id),
        moments_with_scan=len({scan.moment_id for scan in scans} - {None}),
        cameras=[
            ScanCamera(
                id=camera.id,
                name=camera.name,
                numbers=sorted(numbers[camera.id].source_frames),
                last=numbers[camera.id].last,
                size=sizes.get(camera.id),
            )
            for camera in cameras
        ],
        scans=scans,
    )


def add(
    session: Session,
    user: User,
    settings: Settings,
    storage: BlobStore,
    recording_id: int,
    request: ScansIn,
) -> ScansAdded:
    """Attach uploaded files, all or none. Files that are there already count as unchanged.

    Raises:
        Forbidden: not by this person.
        NotFound: there is no such recording, camera or upload.
        Conflict: no calibration to go by, or a frame has another scan already.
        InvalidInput: a file is not what it should be; the message names it and the fault.
        TooLarge: a file is too large.
    """
    policies.require(policies.may_manage_scans(user), "attach scans")
    recording = get_recording(session, recording_id)
    cameras = repository.cameras_of(session, recording_id)
    if not cameras:
        raise Conflict(f"{recording.name} has no frames yet.")
    sizes = _calibrated_sizes(session, recording, cameras)
    if len(set(request.upload_ids)) < len(request.upload_ids):
        raise InvalidInput("The same upload is named twice.")
    taken = uploads.consume(session, user, request.upload_ids)
    camera = _camera(cameras, request.camera_id, [upload.filename for upload in taken])
    _require_calibration(recording, camera, sizes, {kind_of(upload.filename) for upload in taken})
    read = [
        _read(upload, settings, sizes.get(camera.id), request.depth_unit_mm) for upload in taken
    ]
    # Locked only now: people go on saving joints while many files are read.
    get_recording(session, recording_id, lock="update")
    numbers = repository.frame_numbers(session, [camera])[camera.id]
    fresh = _fresh(session, camera, numbers, read, request.depth_unit_mm)
    rows = [_row(recording_id, camera, numbers, one, user, request.depth_unit_mm) for one in fresh]
    _store(session, storage, rows, [one.path for one in fresh])
    audit.record(
        session, user.id, "scans_added", "recording", recording_id,
        {"camera": camera.name, "files": len(rows)},
    )  # fmt: skip
    announce(session, "fits", {"recording_id": recording_id})
    added = repository.find_scans(session, Scan.id.in_([row.id for row in rows]))
    return ScansAdded(added=added, unchanged=len(read) - len(rows))


def remove(
    session: Session, user: User, recording_id: int, camera_id: int | None = None
) -> list[str]:
    """Remove the scans of a recording, or of one of its cameras.

    Returns:
        Keys of the stored files, to be deleted once the commit stands.

    Raises:
        Forbidden: not by this person.
        NotFound: there is no such recording or camera.
    """
    policies.require(policies.may_manage_scans(user), "remove scans")
    get_recording(session, recording_id, lock="update")
    which = [Scan.recording_id == recording_id]
    if camera_id is not None:
        _camera(repository.cameras_of(session, recording_id), camera_id, [])
        which.append(Scan.camera_id == camera_id)
    keys = list(session.scalars(delete(Scan).where(*which).returning(Scan.key)))
    if keys:
        audit.record(
            session, user.id, "scans_removed", "recording", recording_id, {"files": len(keys)}
        )
        announce(session, "fits", {"recording_id": recording_id})
    return keys


def _calibrated_sizes(
    session: Session, recording: Recording, cameras: Sequence[Camera]
) -> dict[int, tuple[int, int]]:
    """Image sizes of the cameras whose place is known, by id.

    A recording's only camera needs a lens alone: its own axes are the world then.
    """
    if recording.calibration_id is None:
        return {}
    entries: list[dict[str, Any]] = session.get_one(Calibration, recording.calibration_id).cameras
    return {
        entry["camera_id"]: (entry["width"], entry["height"])
        for entry in entries
        if is_placed(entry) or len(cameras) == 1
    }


def _camera(cameras: Sequence[Camera], wanted: int | None, filenames: Sequence[str]) -> Camera:
    if wanted is not None:
        for camera in cameras:
            if camera.id == wanted:
                return camera
        raise NotFound(f"This recording has no camera {wanted}.", camera_id=wanted)
    depth = [name for name in filenames if kind_of(name) is ScanKind.DEPTH]
    if depth and len(cameras) > 1:
        names = ", ".join(camera.name for camera in cameras)
        raise wrong(depth[0], f"say which camera took the depth images; there are {names}")
    return cameras[0]


def _require_calibration(
    recording: Recording, camera: Camera, sizes: Mapping[int, Any], kinds: Iterable[ScanKind]
) -> None:
    if ScanKind.DEPTH in kinds and camera.id not in sizes:
        raise Conflict(
            f"{camera.name} is not calibrated: its depth images can be used once it is.",
            camera=camera.name,
        )
    if not sizes:
        raise Conflict(
            f"{recording.name} has no calibration in use: point clouds in world metres need one."
        )


def _read(
    upload: Upload, settings: Settings, size: tuple[int, int] | None, unit_mm: float
) -> _Read:
    name = upload.filename
    kind, number = kind_of(name), number_of(name)
    check_size(upload.size, name)
    path = uploads.path_of(settings.uploads_dir, upload.id)
    data = path.read_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    if kind is ScanKind.CLOUD:
        points = read_cloud(data, name)
        check_cloud(points, name)
        return _Read(upload, kind, number, path, sha256, len(points))
    if size is None:
        raise Conflict(f"{name} needs a calibrated camera.", file=name)
    depth = read_depth(data, name, size)
    check_depth(depth, unit_mm, name)
    return _Read(upload, kind, number, path, sha256, int(np.count_nonzero(depth)))


def _fresh(
    session: Session,
    camera: Camera,
    numbers: FrameNumbers,
    read: Sequence[_Read],
    unit_mm: float,
) -> list[_Read]:
    """Those that are not there yet, each of a frame that has no such scan."""
    here = {
        (scan.kind, scan.source_frame): scan
        for scan in session.scalars(select(Scan).where(Scan.camera_id == camera.id))
    }
    fresh: dict[tuple[ScanKind, int], _Read] = {}
    for one in read:
        name = one.upload.filename
        place = (one.kind, _source_frame(numbers, one.number, name, camera))
        if other := fresh.get(place):
            raise wrong(
                name, f"{other.upload.filename} is of frame {one.number} of {camera.name} too"
            )
        scan = here.get((place[0].value, place[1]))
        if scan is None:
            fresh[place] = one
        elif scan.sha256 != one.sha256 or scan.depth_unit_mm not in (None, unit_mm):
            raise Conflict(
                f"{name}: frame {one.number} of {camera.name} has another scan already,"
                f" {scan.filename}; remove the scans first.",
                file=name,
            )
    return list(fresh.values())


def _source_frame(numbers: FrameNumbers, number: int, name: str, camera: Camera) -> int:
    found = numbers.source_frames.get(number)
    if found is not None:
        return found
    if number in numbers.ambiguous:
        raise wrong(name, f"several images of {camera.name} carry the number {number}")
    if numbers.last is None or number > numbers.last:
        raise wrong(name, f"{camera.name} ends with frame {numbers.last}, there is no {number}")
    raise wrong(name, f"frame {number} of {camera.name} was not taken into the recording")


def _row(
    recording_id: int, camera: Camera, numbers: FrameNumbers, one: _Read, user: User, unit_mm: float
) -> Scan:
    name = one.upload.filename
    frame = numbers.source_frames[one.number]
    suffix = PurePath(name).suffix.lower()
    file = f"{camera.id}-{one.kind.value}-{frame:06d}-{one.upload.id}{suffix}"
    return Scan(
        recording_id=recording_id,
        camera_id=camera.id,
        kind=one.kind.value,
        source_frame=frame,
        filename=name,
        sha256=one.sha256,
        size=one.upload.size,
        key=f"recordings/{recording_id}/scans/{file}",
        depth_unit_mm=unit_mm if one.kind is ScanKind.DEPTH else None,
        points=one.points,
        created_by_id=user.id,
    )


def _store(
    session: Session, storage: BlobStore, rows: Sequence[Scan], files: Sequence[Path]
) -> None:
    """Write files and rows; after a failure no file stays."""
    try:
        for row, path in zip(rows, files, strict=True):
            storage.put(row.key, path)
        session.add_all(rows)
        session.flush()
    except BaseException:
        for row in rows:
            storage.delete(row.key)
        raise
