"""Lenses and places from pictures of boards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from backend.core.database.tables.calibrations import CalibrationOrigin
from backend.domain.cameras import Camera
from backend.domain.errors import InvalidInput
from backend.multiview.calibrations.schemas import BoardIn, ExtrinsicsIn, IntrinsicsIn
from backend.multiview.calibrations.service import NewCalibration
from backend.multiview.calibrations.stated import stated_contradictions
from worker.calibration.boards import BoardView, Target
from worker.calibration.contradictions import board_lengths, exchanged_lenses
from worker.calibration.extrinsics import calibrate_extrinsics
from worker.calibration.finding import Boards, words_of
from worker.calibration.intrinsics import Intrinsics, calibrate_intrinsics
from worker.calibration.kinds import Kind, board_of
from worker.calibration.missing import lens_missing, places_missing
from worker.calibration.partners import Pairing
from worker.calibration.pictures import corner_picture, coverage_picture
from worker.calibration.resize import view_at
from worker.calibration.sources import Found, find_moments, find_views, pictures_to_search
from worker.pipelines.calibrating.job import CalibrationJob, told_dropped


def lenses(job: CalibrationJob, request: IntrinsicsIn) -> NewCalibration:
    """Lenses of the cameras of which pictures of a board were sent; the others keep theirs.

    Raises:
        InvalidInput: no camera has pictures that give a lens.
    """
    boards = _boards(request.board)
    board = boards[0]
    cameras = {entry["camera_id"]: entry for entry in job.base}
    reports: dict[str, Any] = {}
    faults: list[InvalidInput] = []
    without: dict[str, Found] = {}
    files_of = {i: job.files(ids) for i, ids in request.images.items() if ids}
    job.to_search = sum(pictures_to_search(files) for files in files_of.values())
    for camera_id, files in files_of.items():
        name = job.names[camera_id]
        found = find_views(files, boards, tick=partial(job.tick, f" of {name}"))
        try:
            lens = calibrate_intrinsics(
                name, found.views, board, request.lens, dropped=tuple(found.dropped),
                size=job.sizes[camera_id], hint=found.hint,
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
            job.warnings += stated_contradictions([known], [lens.camera])
        cameras[camera_id] = job.entry(camera_id, lens.camera, lens.rms_px)
        reports[str(camera_id)] = _lens_report(job, camera_id, lens, found, board)
    if without:
        faults.insert(0, _no_board(without, boards))
    if not any(report["used"] for report in reports.values()):
        first = faults[0]
        raise InvalidInput(
            " ".join(error.message for error in faults), file=first.file, fault=first.fault
        )
    job.warnings += [error.message for error in faults]
    missing = [name for i, name in job.names.items() if i not in cameras]
    if missing:
        job.warnings.append(f"No lens is known yet of {', '.join(missing)}.")
    report = {"board": request.board.model_dump(mode="json"), "cameras": reports}
    placed = any(entry["T_camera_world"] for entry in cameras.values())
    return job.new(CalibrationOrigin.BOARD, cameras, report, job.floor_z if placed else None)


def _lens_report(
    job: CalibrationJob, camera_id: int, lens: Intrinsics, found: Found, board: Target
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
            key = job.put(f"camera-{camera_id}-view-{number}.webp", data)
        views.append(
            {"file": view.name, "rms_px": rms_px, "corners": len(view.corners),
             "image_key": key}
        )  # fmt: skip
    size = (lens.camera.width, lens.camera.height)
    coverage = job.put(f"camera-{camera_id}-coverage.png", coverage_picture(size, lens.views))
    return {
        "rms_px": lens.rms_px,
        "used": len(lens.views),
        "dropped": [told_dropped(gone) for gone in lens.dropped],
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


def places(job: CalibrationJob, request: ExtrinsicsIn) -> NewCalibration:
    """Places of the cameras, from pictures of a board that several of them see at once.

    Raises:
        InvalidInput: the pictures do not connect any two cameras.
    """
    boards = _boards(request.board)
    board = boards[0]
    lenses = job.lenses()
    ids = list(lenses)
    files = [job.files(request.images.get(i, [])) for i in ids]
    for i, mine in zip(ids, files, strict=True):
        if not mine:
            job.warnings.append(f"{job.names[i]} has no pictures; it is not placed.")
    job.to_search = sum(pictures_to_search(mine, together=True) for mine in files)
    found = find_moments(
        files, boards, names=[job.names[i] for i in ids], pairing=Pairing(request.match),
        tick=job.tick,
    )  # fmt: skip
    job.warnings += found.notes
    moments = [_at_sizes(moment, [lenses[i] for i in ids]) for moment in found.moments]
    job.context.check_cancelled()
    job.context.report(job.searched, job.to_search, "Placing the cameras")
    result = calibrate_extrinsics(
        [lenses[i] for i in ids], moments, board, board_on_floor=request.board_on_floor
    )
    job.warnings += [w for w in result.warnings if w not in job.warnings]
    placed = list(result.cameras)
    job.warnings += exchanged_lenses(placed, moments, board)
    job.warnings += board_lengths(placed, moments, board)
    job.against_before(dict(zip(ids, placed, strict=True)))
    cameras = {
        i: job.entry(i, camera, level)
        for i, camera, level in zip(ids, result.cameras, result.camera_rms_px, strict=True)
    }
    dropped = [told_dropped(d, f"{job.names[ids[k]]}: ") for k, d in found.dropped] + [
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
    return job.new(CalibrationOrigin.BOARD, cameras, report, result.floor_z)


def _boards(board: BoardIn) -> tuple[Target, ...]:
    size = f"{board.columns}x{board.rows}"
    return tuple(
        board_of(Kind(board.kind), size, board.square_mm, board.marker_mm, board.dictionary, first)
        for first in board.first_ids
    )


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
