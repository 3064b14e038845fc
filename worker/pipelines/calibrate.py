"""A calibration job: pictures, marked points or files become the next version of the cameras.

Everything is worked out first; the version is written in the transaction that ends the job, so a
failed one leaves nothing, and gives its files back (``backend.multiview.calibrations.service``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.session import after_commit
from backend.core.database.tables import Calibration, Job, Upload
from backend.core.database.tables.calibrations import CalibrationOrigin
from backend.core.jobs.service import LostClaim
from backend.core.uploads import service as uploads
from backend.domain.cameras import Camera
from backend.domain.errors import InvalidInput
from backend.domain.moving_cameras import at_last, at_time, is_placed
from backend.multiview.calibrations import repository, service
from backend.multiview.calibrations.drift import contradictions
from backend.multiview.calibrations.marked import marked_joints
from backend.multiview.calibrations.payloads import CalibratePayload
from backend.multiview.calibrations.schemas import (
    BoardIn,
    CalibrationIn,
    CameraFileIn,
    ExtrinsicsIn,
    IntrinsicsIn,
    JointsIn,
    PointsIn,
)
from backend.multiview.calibrations.service import NewCalibration
from backend.multiview.calibrations.stated import stated_contradictions
from worker.calibration.adjustable import LensFreedom
from worker.calibration.adjusting import adjust_to_marks
from worker.calibration.boards import BoardView, Target
from worker.calibration.contradictions import board_lengths, exchanged_lenses
from worker.calibration.extrinsics import calibrate_extrinsics
from worker.calibration.files import read_cameras
from worker.calibration.finding import Boards, words_of
from worker.calibration.imports import match_cameras, usual_size
from worker.calibration.intrinsics import Dropped, Intrinsics, calibrate_intrinsics
from worker.calibration.kinds import Kind, board_of
from worker.calibration.marks import Marks
from worker.calibration.missing import lens_missing, places_missing
from worker.calibration.partners import Pairing
from worker.calibration.pictures import corner_picture, coverage_picture
from worker.calibration.points import ScenePoint, place_cameras
from worker.calibration.resize import view_at
from worker.calibration.sources import File, Found, find_moments, find_views, pictures_to_search
from worker.context import Finish, JobContext
from worker.pipelines.room_pictures import RoomPictures


def run(context: JobContext) -> Finish:
    """Work out one calibration."""
    if context.recording_id is None:
        raise RuntimeError("a calibration job without its recording")
    request = context.read(CalibratePayload).request
    calibrator = _Calibrator(context, context.recording_id, request)
    with calibrator.all_or_nothing():
        new = calibrator.run()

    def finish(session: Session) -> dict[str, Any]:
        with calibrator.all_or_nothing():
            recording = service.lock_recording(session, calibrator.recording_id)
            row = service.store(session, recording, new, limit_px=context.settings.drift_limit_px)
        folder = context.settings.uploads_dir
        after_commit(session, lambda: uploads.remove_files(folder, request.uploads()))
        return {
            "calibration_id": row.id,
            "version": row.version,
            "warnings": new.report.get("warnings", []),
        }

    return finish


class _Calibrator:
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

    def run(self) -> NewCalibration:
        if isinstance(self.request, IntrinsicsIn):
            return self.lenses(self.request)
        if isinstance(self.request, ExtrinsicsIn):
            return self.places(self.request)
        if isinstance(self.request, PointsIn):
            return self.points(self.request)
        if isinstance(self.request, JointsIn):
            return self.joints(self.request)
        return self.imported(self.request)

    def files(self, upload_ids: Sequence[int]) -> list[File]:
        folder = self.context.settings.uploads_dir
        return [(self.filenames[i], uploads.path_of(folder, i)) for i in upload_ids]

    def tick(self, about: str = "") -> None:
        self.context.check_cancelled()
        self.searched += 1
        self.context.report(self.searched, self.to_search, f"Looking for the board{about}")

    def put(self, key: str, data: bytes) -> str:
        self.context.storage.put(f"{self.folder}/{key}", data)
        return key

    def entry(self, camera_id: int, camera: Camera, rms_px: float | None) -> dict[str, Any]:
        named = replace(camera, name=self.names[camera_id])
        known = None if rms_px is None or not np.isfinite(rms_px) else rms_px
        return {**named.to_dict(), "camera_id": camera_id, "rms_px": known}

    def new(
        self, origin: CalibrationOrigin, cameras: dict[int, dict[str, Any]],
        report: dict[str, Any], floor_z: float | None,
    ) -> NewCalibration:  # fmt: skip
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

    # Lenses

    def lenses(self, request: IntrinsicsIn) -> NewCalibration:
        boards = _boards(request.board)
        board = boards[0]
        cameras = {entry["camera_id"]: entry for entry in self.base}
        reports: dict[str, Any] = {}
        faults: list[InvalidInput] = []
        without: dict[str, Found] = {}
        files_of = {i: self.files(ids) for i, ids in request.images.items() if ids}
        self.to_search = sum(pictures_to_search(files) for files in files_of.values())
        for camera_id, files in files_of.items():
            name = self.names[camera_id]
            found = find_views(files, boards, tick=partial(self.tick, f" of {name}"))
            try:
                lens = calibrate_intrinsics(
                    name, found.views, board, request.lens, dropped=tuple(found.dropped),
                    size=self.sizes[camera_id], hint=found.hint,
                )  # fmt: skip
            except InvalidInput as error:
                # The other cameras go on; this one keeps the lens that it had.
                if found.no_board_anywhere:
                    without[name] = found
                else:
                    faults.append(error)
                reports[str(camera_id)] = _nothing_found(found, error.message)
                continue
            if camera_id in cameras:
                known = replace(Camera.from_dict(cameras[camera_id]), name=name)
                self.warnings += stated_contradictions([known], [lens.camera])
            cameras[camera_id] = self.entry(camera_id, lens.camera, lens.rms_px)
            reports[str(camera_id)] = self._lens_report(camera_id, lens, found, board)
        if without:
            faults.insert(0, _no_board(without, boards))
        if not any(report["used"] for report in reports.values()):
            first = faults[0]
            raise InvalidInput(
                " ".join(error.message for error in faults), file=first.file, fault=first.fault
            )
        self.warnings += [error.message for error in faults]
        missing = [name for i, name in self.names.items() if i not in cameras]
        if missing:
            self.warnings.append(f"No lens is known yet of {', '.join(missing)}.")
        report = {"board": request.board.model_dump(mode="json"), "cameras": reports}
        placed = any(entry["T_camera_world"] for entry in cameras.values())
        return self.new(CalibrationOrigin.BOARD, cameras, report, self.floor_z if placed else None)

    def _lens_report(
        self, camera_id: int, lens: Intrinsics, found: Found, board: Target
    ) -> dict[str, Any]:
        views = []
        originals = {view.name: view for view in found.views}
        for number, (view, rms_px) in enumerate(lens.views, start=1):
            key = None
            picture = found.pictures.get(view.name)
            if picture is not None:
                # Corners in the pixels of the picture that was sent, not of the recording's size.
                drawn = originals[view.name]
                data = corner_picture(picture, drawn, board, rms_px)
                key = self.put(f"camera-{camera_id}-view-{number}.webp", data)
            views.append(
                {"file": view.name, "rms_px": rms_px, "corners": len(view.corners),
                 "image_key": key}
            )  # fmt: skip
        size = (lens.camera.width, lens.camera.height)
        coverage = self.put(f"camera-{camera_id}-coverage.png", coverage_picture(size, lens.views))
        return {
            "rms_px": lens.rms_px,
            "used": len(lens.views),
            "dropped": [_dropped(gone) for gone in lens.dropped],
            "views": views,
            "coverage_key": coverage,
            "coverage_share": lens.coverage,
            "focal_px": float(np.sqrt(lens.camera.K[0, 0] * lens.camera.K[1, 1])),
            "focal_sd_px": None
            if lens.camera.covariance is None
            else lens.camera.covariance.focal_sd_px,
            "missing": lens_missing(lens.camera, [view for view, _ in lens.views], board),
            "notes": [*lens.notes, *found.notes, f"Model: {lens.model}."],
        }

    # Places

    def _lenses_by_id(self) -> dict[int, Camera]:
        return {
            entry["camera_id"]: replace(
                Camera.from_dict(entry), name=self.names[entry["camera_id"]]
            )
            for entry in self.base
            if entry["camera_id"] in self.names
        }

    def places(self, request: ExtrinsicsIn) -> NewCalibration:
        boards = _boards(request.board)
        board = boards[0]
        lenses = self._lenses_by_id()
        ids = list(lenses)
        files = [self.files(request.images.get(i, [])) for i in ids]
        for i, mine in zip(ids, files, strict=True):
            if not mine:
                self.warnings.append(f"{self.names[i]} has no pictures; it is not placed.")
        self.to_search = sum(pictures_to_search(mine, together=True) for mine in files)
        found = find_moments(
            files, boards, names=[self.names[i] for i in ids], pairing=Pairing(request.match),
            tick=self.tick,
        )  # fmt: skip
        self.warnings += found.notes
        moments = [_at_sizes(moment, [lenses[i] for i in ids]) for moment in found.moments]
        self.context.check_cancelled()
        self.context.report(self.searched, self.to_search, "Placing the cameras")
        result = calibrate_extrinsics(
            [lenses[i] for i in ids], moments, board, board_on_floor=request.board_on_floor
        )
        self.warnings += [w for w in result.warnings if w not in self.warnings]
        placed = list(result.cameras)
        self.warnings += exchanged_lenses(placed, moments, board)
        self.warnings += board_lengths(placed, moments, board)
        self._against_before(dict(zip(ids, placed, strict=True)))
        cameras = {
            i: self.entry(i, camera, level)
            for i, camera, level in zip(ids, result.cameras, result.camera_rms_px, strict=True)
        }
        dropped = [_dropped(d, f"{self.names[ids[k]]}: ") for k, d in found.dropped] + [
            {"file": f"{d.camera}: {d.file}", "reason": d.reason, "rms_px": d.rms_px}
            for d in result.dropped
        ]
        report = {
            "board": request.board.model_dump(mode="json"),
            "extrinsics": {
                "rms_px": result.rms_px,
                "moments_used": result.moments_used,
                "dropped": dropped,
                "pairs": [{"a": ids[a], "b": ids[b], "shared": n} for a, b, n in result.pairs],
                "flips_resolved": result.flips_resolved,
                "matched_by": found.pairing.value,
                "missing": places_missing(placed, moments),
                "points": [],
            },
        }
        return self.new(CalibrationOrigin.BOARD, cameras, report, result.floor_z)

    def _against_before(self, now: dict[int, Camera]) -> None:
        """Warn of what contradicts the version that this one is built on."""
        before = {
            i: replace(at_last(entry), name=self.names[i])
            for entry in self.base if (i := entry["camera_id"]) in self.names and is_placed(entry)
        }  # fmt: skip
        shared = [i for i, camera in now.items() if camera.placed and i in before]
        pairs = [before[i] for i in shared], [now[i] for i in shared]
        self.warnings += contradictions(*pairs) or stated_contradictions(*pairs)

    def points(self, request: PointsIn) -> NewCalibration:
        lenses = self._lenses_by_id()
        points = [
            ScenePoint(
                point.name or f"Point {number}",
                point.xyz,
                {self.names[i]: at for i, at in point.seen.items()},
            )
            for number, point in enumerate(request.points, start=1)
        ]
        result = place_cameras(list(lenses.values()), points)
        self.warnings += result.warnings
        ids = {name: i for i, name in self.names.items()}
        cameras = {
            i: self.entry(i, camera, level)
            for i, camera, level in zip(lenses, result.cameras, result.camera_rms_px, strict=True)
        }
        report = {
            "extrinsics": {
                "rms_px": result.rms_px,
                "moments_used": 1,
                "dropped": [
                    {"file": f"{camera}: {name}", "reason": "the other points contradict it",
                     "rms_px": px}
                    for camera, name, px in result.dropped
                ],
                "pairs": [],
                "flips_resolved": 0,
                "points": [
                    {"name": check.name, "xyz": list(point.xyz), "apart_mm": check.apart_mm,
                     "errors": {str(ids[name]): px for name, px in check.errors_px.items()}}
                    for check, point in zip(result.points, points, strict=True)
                ],
            }
        }  # fmt: skip
        return self.new(CalibrationOrigin.POINTS, cameras, report, request.floor_z)

    def joints(self, request: JointsIn) -> NewCalibration:
        known = {
            i: replace(at_time(entry, None), name=self.names[i])
            for entry in self.base if (i := entry["camera_id"]) in self.names and is_placed(entry)
        }  # fmt: skip
        ids = list(known)
        with self.context.transaction() as session:
            moments = marked_joints(session, self.recording_id, ids)
            pictures = RoomPictures(session, self.context.storage, self.recording_id, known)
        if moments is None:
            raise InvalidInput(
                "No moment has joints in two of the placed cameras yet: annotate some, or run the"
                " pose model first.",
                fault="no joints",
            )
        self.context.report(0, None, "Adjusting the cameras to the joints")
        found = adjust_to_marks(
            list(known.values()), Marks(*moments), lenses=LensFreedom(request.lenses),
            movements=request.movements, pictures=pictures, floor_z=self.floor_z,
        )  # fmt: skip
        if not found.helps:
            raise InvalidInput(
                "The cameras agree with the joints as well as they can: on moments that took no"
                f" part the median error is {found.before_px:.1f} px as they are and"
                f" {found.after_px:.1f} px adjusted. Nothing was changed.",
                fault="nothing to change",
            )
        self.warnings += found.warnings
        start = found.cameras_from()
        cameras = {entry["camera_id"]: dict(entry) for entry in self.base}
        for c, i in enumerate(ids):
            cameras[i] = self.entry(i, start[0][1][c], None)
            moves = [
                {"from_s": at, **_place_of(entries[c])}
                for at, entries in start
                if at is None or any(b.camera == c and b.first_after_s == at for b in found.bumps)
            ]
            if len(moves) > 1:
                # What does not ask when must not take one of its places for all.
                without = replace(start[0][1][c], T_camera_world=None)
                cameras[i] = self.entry(i, without, None) | {"moves": moves}
        report = {
            "joints": {
                "marks": found.marks,
                "sd_px": found.sd_px,
                "left_out_before_px": found.before_px,
                "left_out_after_px": found.after_px,
                "lenses": request.lenses,
                "turned_deg": {str(i): v for i, v in zip(ids, found.turned_deg, strict=True)},
                "movements": [
                    {
                        "camera_id": ids[b.camera],
                        "last_before_s": b.last_before_s,
                        "first_after_s": b.first_after_s,
                        "earliest_s": b.earliest_s,
                        "latest_s": b.latest_s,
                        "turned_deg": b.turned_deg,
                        "shift_px": b.shift_px,
                    }
                    for b in found.bumps
                ],
            }
        }
        return self.new(CalibrationOrigin.JOINTS, cameras, report, self.floor_z)

    # Files

    def imported(self, request: CameraFileIn) -> NewCalibration:
        files = self.files(request.upload_ids)
        read = read_cameras(
            [path for _, path in files], names=[name for name, _ in files],
            format=request.format, units=request.units, size=usual_size(self.sizes),
        )  # fmt: skip
        matched, notes = match_cameras(
            read.cameras, self.names, self.sizes, request.cameras, files[0][0]
        )
        self.warnings += [*read.notes, *notes]
        self._against_before(matched)
        cameras = {i: self.entry(i, camera, None) for i, camera in matched.items()}
        for entry in self.base:
            i = entry["camera_id"]
            if i in self.names and i not in cameras:
                # Its lens holds; its place belonged to another world.
                cameras[i] = self.entry(
                    i, replace(Camera.from_dict(entry), T_camera_world=None), entry["rms_px"]
                )
                self.warnings.append(f"{self.names[i]} is not in the file and has no place now.")
        report = {
            "import": {
                "files": [name for name, _ in files],
                "format": read.format,
                "units": read.units,
                "names": {str(i): camera.name for i, camera in matched.items()},
            }
        }
        return self.new(CalibrationOrigin.IMPORT, cameras, report, request.floor_z)


def _dropped(gone: Dropped, prefix: str = "") -> dict[str, Any]:
    return {"file": f"{prefix}{gone.file}", "reason": gone.reason, "rms_px": gone.rms_px}


def _boards(board: BoardIn) -> tuple[Target, ...]:
    size = f"{board.columns}x{board.rows}"
    return tuple(
        board_of(Kind(board.kind), size, board.square_mm, board.marker_mm, board.dictionary, first)
        for first in board.first_ids
    )


def _place_of(camera: Camera) -> dict[str, Any]:
    plain = camera.to_dict()
    return {"T_camera_world": plain["T_camera_world"], "covariance": plain.get("covariance")}


def _no_board(without: dict[str, Found], boards: Boards) -> InvalidInput:
    """One refusal for all cameras without a single board."""
    names = list(without)
    listed = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
    pictures = sum(len(found.dropped) for found in without.values())
    hint = next((found.hint for found in without.values() if found.hint), "")
    return InvalidInput(
        f"{listed}: no {words_of(boards)} in any picture ({pictures} files)."
        + (f" {hint}" if hint else ""),
        file=names[0],
        fault="no board found",
    )


def _nothing_found(found: Found, message: str) -> dict[str, Any]:
    return {
        "rms_px": None,
        "used": 0,
        "dropped": [
            {"file": d.file, "reason": d.reason, "rms_px": d.rms_px} for d in found.dropped
        ],
        "views": [],
        "coverage_key": None,
        "coverage_share": 0.0,
        "focal_px": None,
        "notes": [message],
    }


def _at_sizes(moment: dict[int, BoardView], cameras: Sequence[Camera]) -> dict[int, BoardView]:
    """Views in the pixels that the lenses are known for; others stay, and are refused by name."""
    out = {}
    for i, view in moment.items():
        camera = cameras[i]
        out[i] = view_at(view, (camera.width, camera.height)) or view
    return out
