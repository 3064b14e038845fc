"""Cameras read from files of other programs."""

from __future__ import annotations

from dataclasses import replace

from backend.core.database.tables.calibrations import CalibrationOrigin
from backend.domain.cameras import Camera
from backend.multiview.calibrations.schemas import CameraFileIn
from backend.multiview.calibrations.service import NewCalibration
from worker.calibration.files import read_cameras
from worker.calibration.imports import match_cameras, usual_size
from worker.pipelines.calibrating.job import CalibrationJob


def imported(job: CalibrationJob, request: CameraFileIn) -> NewCalibration:
    """Cameras as the files say; those that no file names keep their lens and lose their place.

    Raises:
        InvalidInput: a file cannot be read, or its cameras are not those of the recording.
    """
    files = job.files(request.upload_ids)
    read = read_cameras(
        [path for _, path in files], names=[name for name, _ in files],
        format=request.format, units=request.units, size=usual_size(job.sizes),
    )  # fmt: skip
    matched, notes = match_cameras(read.cameras, job.names, job.sizes, request.cameras, files[0][0])
    job.warnings += [*read.notes, *notes]
    job.against_before(matched)
    cameras = {i: job.entry(i, camera, None) for i, camera in matched.items()}
    for entry in job.base:
        i = entry["camera_id"]
        if i in job.names and i not in cameras:
            # Its lens holds; its place belonged to another world.
            cameras[i] = job.entry(
                i, replace(Camera.from_dict(entry), T_camera_world=None), entry["rms_px"]
            )
            job.warnings.append(f"{job.names[i]} is not in the file and has no place now.")
    report = {
        "import": {
            "files": [name for name, _ in files],
            "format": read.format,
            "units": read.units,
            "names": {str(i): camera.name for i, camera in matched.items()},
        }
    }
    return job.new(CalibrationOrigin.IMPORT, cameras, report, request.floor_z)
