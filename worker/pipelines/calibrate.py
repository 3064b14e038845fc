"""A calibration job: pictures, marked points or files become the next version of the cameras.

Everything is worked out first; the version is written in the transaction that ends the job, so a
failed one leaves nothing, and gives its files back (``backend.multiview.calibrations.service``).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from backend.core.database.session import after_commit
from backend.core.uploads import service as uploads
from backend.multiview.calibrations import service
from backend.multiview.calibrations.payloads import CalibratePayload
from backend.multiview.calibrations.schemas import ExtrinsicsIn, IntrinsicsIn, JointsIn, PointsIn
from backend.multiview.calibrations.service import NewCalibration
from worker.context import Finish, JobContext
from worker.pipelines.calibrating.from_boards import lenses, places
from worker.pipelines.calibrating.from_files import imported
from worker.pipelines.calibrating.from_scene import joints, points
from worker.pipelines.calibrating.job import CalibrationJob


def run(context: JobContext) -> Finish:
    """Work out one calibration."""
    if context.recording_id is None:
        raise RuntimeError("a calibration job without its recording")
    request = context.read(CalibratePayload).request
    job = CalibrationJob(context, context.recording_id, request)
    with job.all_or_nothing():
        new = _calibrated(job)

    def finish(session: Session) -> dict[str, Any]:
        with job.all_or_nothing():
            recording = service.lock_recording(session, job.recording_id)
            row = service.store(session, recording, new, limit_px=context.settings.drift_limit_px)
        folder = context.settings.uploads_dir
        after_commit(session, lambda: uploads.remove_files(folder, request.uploads()))
        return {
            "calibration_id": row.id,
            "version": row.version,
            "warnings": new.report.get("warnings", []),
        }

    return finish


def _calibrated(job: CalibrationJob) -> NewCalibration:
    request = job.request
    if isinstance(request, IntrinsicsIn):
        return lenses(job, request)
    if isinstance(request, ExtrinsicsIn):
        return places(job, request)
    if isinstance(request, PointsIn):
        return points(job, request)
    if isinstance(request, JointsIn):
        return joints(job, request)
    return imported(job, request)
