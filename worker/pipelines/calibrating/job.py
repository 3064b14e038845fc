"""What all ways of calibrating share: cameras so far, files, pictures of the report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
from sqlalchemy import select

from backend.core.database.tables import Calibration, Job, Upload
from backend.core.database.tables.calibrations import CalibrationOrigin
from backend.core.jobs.service import LostClaim
from backend.core.uploads import service as uploads
from backend.domain.cameras import Camera
from backend.domain.moving_cameras import at_last, is_placed
from backend.multiview.calibrations import repository, service
from backend.multiview.calibrations.drift import contradictions
from backend.multiview.calibrations.payloads import CalibratePayload
from backend.multiview.calibrations.schemas import CalibrationIn
from backend.multiview.calibrations.service import NewCalibration
from backend.multiview.calibrations.stated import stated_contradictions
from worker.calibration.intrinsics import Dropped
from worker.calibration.sources import File
from worker.context import JobContext


class CalibrationJob:
    """One job: its cameras, its files, and the pictures stored for the report so far."""

    def __init__(self, context: JobContext, recording_id: int, request: CalibrationIn) -> None:
        self.context, self.recording_id, self.request = context, recording_id, request
        self.folder = service.folder_of(recording_id, context.id)
        self.warnings: list[str] = []
        self.searched = 0
        self.to_search: int | None = None
        with context.transaction() as session:
            rows = repository.cameras_of(session, recording_id)
            self.names = {row.id: row.name for row in rows}
            self.sizes = {
                row.id: (row.width, row.height) if row.width and row.height else None
                for row in rows
            }
            job = session.get_one(Job, context.id)
            self.created_by_id = job.created_by_id
            self.base: list[dict[str, Any]] = []
            self.based_on_id = context.read(CalibratePayload).based_on_id
            base = session.get(Calibration, self.based_on_id) if self.based_on_id else None
            self.floor_z = base.floor_z if base else None
            if base is not None:
                self.base = [dict(camera) for camera in base.cameras]
            else:
                self.based_on_id = None
            found = session.scalars(select(Upload).where(Upload.id.in_(request.uploads())))
            self.filenames = {upload.id: upload.filename for upload in found}

    @contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """Remove stored pictures when the job fails, unless it is another worker's by now."""
        try:
            yield
        except LostClaim:
            raise
        except BaseException:
            if not self.context.lost.is_set():
                self.context.storage.delete_prefix(f"{self.folder}/")
            raise

    def files(self, upload_ids: Sequence[int]) -> list[File]:
        """Uploaded files with the names that they came with."""
        folder = self.context.settings.uploads_dir
        return [(self.filenames[i], uploads.path_of(folder, i)) for i in upload_ids]

    def tick(self, about: str = "") -> None:
        """One more picture was searched for a board; ends the job if that was asked for."""
        self.context.check_cancelled()
        self.searched += 1
        self.context.report(self.searched, self.to_search, f"Looking for the board{about}")

    def put(self, key: str, data: bytes) -> str:
        """Store a picture of the report; it is gone again if the job fails."""
        self.context.storage.put(f"{self.folder}/{key}", data)
        return key

    def entry(self, camera_id: int, camera: Camera, rms_px: float | None) -> dict[str, Any]:
        """A camera as a version of the cameras holds it."""
        named = replace(camera, name=self.names[camera_id])
        known = None if rms_px is None or not np.isfinite(rms_px) else rms_px
        return {**named.to_dict(), "camera_id": camera_id, "rms_px": known}

    def new(
        self, origin: CalibrationOrigin, cameras: dict[int, dict[str, Any]],
        report: dict[str, Any], floor_z: float | None,
    ) -> NewCalibration:  # fmt: skip
        """The version that comes of it, with all warnings so far."""
        return NewCalibration(
            phase=self.request.phase,
            origin=origin,
            cameras=[cameras[i] for i in self.names if i in cameras],
            report={**report, "warnings": self.warnings, "folder": self.folder},
            floor_z=floor_z,
            note=self.request.note,
            based_on_id=self.based_on_id,
            job_id=self.context.id,
            created_by_id=self.created_by_id,
        )

    def lenses(self) -> dict[int, Camera]:
        """The cameras whose lens is known, by id."""
        return {
            entry["camera_id"]: replace(
                Camera.from_dict(entry), name=self.names[entry["camera_id"]]
            )
            for entry in self.base
            if entry["camera_id"] in self.names
        }

    def against_before(self, now: dict[int, Camera]) -> None:
        """Warn of what contradicts the version that this one is built on."""
        before = {
            i: replace(at_last(entry), name=self.names[i])
            for entry in self.base if (i := entry["camera_id"]) in self.names and is_placed(entry)
        }  # fmt: skip
        shared = [i for i, camera in now.items() if camera.placed and i in before]
        pairs = [before[i] for i in shared], [now[i] for i in shared]
        self.warnings += contradictions(*pairs) or stated_contradictions(*pairs)


def told_dropped(gone: Dropped, prefix: str = "") -> dict[str, Any]:
    """A picture that was left out, as the report tells it."""
    return {"file": f"{prefix}{gone.file}", "reason": gone.reason, "rms_px": gone.rms_px}
