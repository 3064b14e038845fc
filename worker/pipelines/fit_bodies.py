"""Body fits of a recording session: read joints and scans, solve, store one fit per moment."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from backend.core.database.tables import Calibration, FitRun
from backend.core.jobs.service import get_job
from backend.domain.body_ranges import unusual_body
from backend.domain.errors import Conflict
from backend.domain.fit_quality import Doubt, Trust, trust_of
from backend.multiview.bodies.library import find_model
from backend.multiview.bodies.model_file import BodyModel
from backend.multiview.fits.inputs import (
    PreviousFits,
    SessionInputs,
    previous_fits,
    session_inputs,
)
from backend.multiview.fits.payloads import FitPayload
from backend.multiview.fits.proposals import store_fits
from backend.recordings.access import get_recording
from worker.context import Finish, JobContext
from worker.fitting.ages import at_age, length_of
from worker.fitting.config import FitConfig
from worker.fitting.result import SessionFit
from worker.fitting.session import fit_session
from worker.fitting.warm import WarmStart
from worker.pipelines.fit_proposals import known, proposals
from worker.pipelines.fit_scans import FitScans, load_scans

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Task:
    """What one job fits. only: places in ``inputs.moments`` that were asked for; None for all."""

    inputs: SessionInputs
    scans: FitScans
    body: BodyModel
    config: FitConfig
    calibration_id: int | None
    calibration_version: str
    previous: PreviousFits | None
    offsets: Array | None
    only: list[int] | None
    device: str


def run(context: JobContext) -> Finish:
    """Fit the moments that the job names, or all of them."""
    if context.recording_id is None:
        raise RuntimeError("a fit job without its recording")
    recording_id = context.recording_id
    task = _read(context, recording_id)
    total = len(task.inputs.moments)

    def tell(done: int, of: int, what: str) -> None:
        context.check_cancelled()
        context.report(done, of, f"Fitting: {what}")

    context.report(0, total, "Preparing the solver (half a minute the first time)")
    fit, asked = _solve(task, tell)
    context.check_cancelled()
    surface_key = _store_surface(context, fit)
    proposed = proposals(task.inputs, task.scans, fit, surface_key)
    neighbours = frozenset(
        proposal.moment_id
        for proposal in proposed
        if asked is not None and proposal.moment_id not in asked
    )
    passed = int(fit.gate_passed.sum())
    left_out = total - len(fit)
    context.log(
        f"{len(fit)} moments fitted with {fit.body_name}; {passed} within the gate of"
        f" {task.config.gate_px:g} px, mean error {np.nanmean(fit.mean_error_px):.1f} px."
        + (f" {left_out} have too few joints." if left_out else "")
    )
    _tell_confidence(context, task, fit)
    _tell_scans(context, task, fit)

    def finish(session: Session) -> dict[str, Any]:
        recording = get_recording(session, recording_id, lock="update")
        run_row = _run_row(context, session, task, fit, recording.age_months)
        session.add(run_row)
        session.flush()
        written = store_fits(
            session,
            recording,
            run_row,
            proposed,
            replace_verified=context.read(FitPayload).replace_verified,
            neighbours=neighbours,
        )
        return {"run_id": run_row.id, "fits": len(fit), "written": written, "within_gate": passed}

    return finish


def _read(context: JobContext, recording_id: int) -> _Task:
    payload = context.read(FitPayload)
    with context.transaction() as session:
        recording = get_recording(session, recording_id)
        calibration_id = payload.calibration_id
        calibration = session.get(Calibration, calibration_id) if calibration_id else None
        if calibration_id and calibration is None:
            raise Conflict("The calibration that was asked for has been deleted.")
        inputs = session_inputs(session, recording, calibration)
        previous = previous_fits(session, recording_id)
        wanted = payload.moment_ids
        name = payload.body or (previous.body_name if wanted and previous else None)
        body = find_model(session, context.storage, name)
        version = f"v{calibration.version}" if calibration else "assumed"
    if not inputs.moments:
        raise Conflict("There is nothing to fit: no frame is kept with joints.")
    config = FitConfig.from_json(json.dumps(payload.config), "the settings")
    if "expected_length_m" not in payload.config and recording.age_months is not None:
        config = at_age(config, recording.age_months)
    only = None
    if wanted is not None:
        chosen = set(wanted)
        only = [t for t, moment in enumerate(inputs.moments) if moment.moment_id in chosen]
        if not only:
            raise Conflict("None of these moments has a kept frame with joints any more.")
        if previous is not None and previous.body_name != body.name:
            raise Conflict(
                f"This recording was fitted with {previous.body_name}. Fit all of it again to "
                "change to"
                f" {body.name}."
            )
    key = previous.surface_key if previous else None
    offsets = np.load(io.BytesIO(context.storage.read(key))).astype(float) if key else None
    scans = load_scans(context, inputs, only if config.surface_weight else [])
    # Float64 is needed, which Apple's GPUs lack; a worker without a GPU goes on without.
    device = "auto" if context.settings.inference_device in ("auto", "cuda") else "cpu"
    return _Task(
        inputs, scans, body, config, calibration_id, version, previous, offsets, only, device
    )


def _solve(task: _Task, tell: Any) -> tuple[SessionFit, frozenset[int] | None]:
    """The fit, and the moments that were asked for (None: all)."""
    inputs = task.inputs
    asked = None if task.only is None else frozenset(inputs.moments[t].moment_id for t in task.only)
    start = _warm_start(task) if task.only is not None else None
    if task.only is None or (start is not None and _same_cameras(task)):
        return _fit(task, inputs, start, task.only, tell), asked
    # Other cameras than before, or the first fit: what stays elsewhere says nothing here.
    part = replace(inputs, moments=[inputs.moments[t] for t in task.only])
    fit = _fit(task, part, start, None, tell)
    return replace(fit, moment=np.asarray(task.only)[fit.moment]), asked


def _same_cameras(task: _Task) -> bool:
    return task.previous is not None and task.previous.calibration_id == task.calibration_id


def _fit(
    task: _Task,
    inputs: SessionInputs,
    start: WarmStart | None,
    only: Sequence[int] | None,
    tell: Any,
) -> SessionFit:
    masks = [
        [
            _rle(moment.views[c].mask_counts, moment.views[c].size) if c in moment.views else None
            for c in range(len(inputs.cameras))
        ]
        for moment in inputs.moments
    ]
    floor = None if inputs.floor_z is None else (0.0, 0.0, 1.0, -inputs.floor_z)
    return fit_session(
        task.body,
        inputs.cameras,
        inputs.joints(),
        "visibility",
        masks=masks if any(mask for row in masks for mask in row) else None,
        scan=task.scans.of(inputs.moments),
        scan_cameras=task.scans.eyes_of(inputs.moments),
        floor=floor,
        config=task.config,
        times=[moment.time_s for moment in inputs.moments],
        progress=tell,
        start=start,
        only=only,
        calibration=task.calibration_version,
        device=task.device,
    )


def _rle(counts: str | None, size: tuple[int, int]) -> dict[str, Any] | None:
    return None if counts is None else {"size": [size[1], size[0]], "counts": counts}


def _warm_start(task: _Task) -> WarmStart | None:
    """The stored fits of the recording as the solver knows them, by place in the inputs."""
    before = task.previous
    if before is None:
        return None
    moments = task.inputs.moments
    rows = [t for t, moment in enumerate(moments) if moment.moment_id in before.by_moment]
    if not rows:
        return None
    fits = [before.by_moment[moments[t].moment_id] for t in rows]
    return WarmStart(
        body_name=task.body.name,
        body_sha256=task.body.sha256,
        betas=before.betas,
        scale=before.scale,
        moment=np.asarray(rows, np.int64),
        pose=np.stack([fit.pose for fit in fits]),
        translation=np.stack([fit.translation for fit in fits]),
        offsets=task.offsets,
    )


def _store_surface(context: JobContext, fit: SessionFit) -> str | None:
    """Store the vertex offsets of the surface step under the job's number."""
    if fit.offsets is None:
        return None
    buffer = io.BytesIO()
    np.save(buffer, fit.offsets.astype(np.float32))
    key = f"recordings/{context.recording_id}/fits/surface-{context.id}.npy"
    context.storage.put(key, buffer.getvalue())
    return key


def _scanned(task: _Task, fit: SessionFit) -> int | None:
    """How many fitted moments had a scan; None where the recording has no scans."""
    if not task.scans.any:
        return None
    if not task.config.surface_weight:
        return 0
    fitted = {task.inputs.moments[t].moment_id for t in fit.moment.tolist()}
    return len(fitted & task.scans.moments)


def _tell_confidence(context: JobContext, task: _Task, fit: SessionFit) -> None:
    """How sure the fits are; a camera or a shape in doubt concerns all of them."""
    if fit.quality_mm is None:
        return
    good = sum(trust_of(float(q)) is Trust.GOOD for q in fit.quality_mm)
    context.log(
        f"Joints are expected to be {np.median(fit.quality_mm):.0f} mm from the truth; {good} of"
        f" {len(fit)} fits are good."
    )
    whole = {(o.kind, o.camera, o.what, o.value) for moment in fit.doubts for o in moment
             if o.kind in (Doubt.CAMERA, Doubt.SHAPE)}  # fmt: skip
    for kind, camera, what, value in sorted(whole, key=str):
        if kind is Doubt.CAMERA and camera is not None:
            unit = "%" if what == "focal" else "°"
            way = "has another focal length" if what == "focal" else "is turned"
            context.log(
                f"All moments say that {task.inputs.camera_names[camera]} {way}: by about {value}"
                f" {unit} or more. Calibrate it again.",
                "warning",
            )
        elif what == "length":
            context.log(
                f"The body is {value} m long; infants of 0 to 36 months are .45 to 1.02 m. Check"
                " the calibration's scale and the expected length.",
                "warning",
            )


def _tell_scans(context: JobContext, task: _Task, fit: SessionFit) -> None:
    scanned = _scanned(task, fit)
    if scanned is None:
        return
    context.log(f"Scans: {scanned} of {len(fit)} moments.")
    for reason, count in task.scans.left_out.items():
        what = "scan was" if count == 1 else "scans were"
        context.log(f"{count} {what} left out: {reason}.", "warning")


def _run_row(
    context: JobContext, session: Session, task: _Task, fit: SessionFit, age_months: float | None
) -> FitRun:
    assert context.recording_id is not None
    views = {
        name: known(np.nanmean(fit.error_px[:, c]))
        for c, name in enumerate(task.inputs.camera_names)
        if np.isfinite(fit.error_px[:, c]).any()
    }
    scanned = _scanned(task, fit)
    length = length_of(task.body, fit.betas[0], float(fit.scale[0]))
    return FitRun(
        recording_id=context.recording_id,
        job_id=context.id,
        body_name=task.body.name,
        body_sha256=task.body.sha256,
        calibration_id=task.calibration_id,
        config_version=task.config.version,
        config=asdict(task.config),
        betas=[float(b) for b in fit.betas[0]],
        scale=float(fit.scale[0]),
        shape_covariance=None
        if fit.shape_covariance is None
        else [float(v) for v in fit.shape_covariance.round(9).ravel()],
        noise_px=fit.noise_px,
        summary={
            "fits": len(fit),
            "within_gate": int(fit.gate_passed.sum()),
            "good": None
            if fit.quality_mm is None
            else sum(trust_of(float(q)) is Trust.GOOD for q in fit.quality_mm),
            "mean_error_px": known(np.nanmean(fit.mean_error_px)),
            "by_view_px": views,
            "length_m": known(length),
            "shape_moments": [
                task.inputs.moments[t].index
                for t in fit.shape_moments
                if t < len(task.inputs.moments)
            ],
            "scans": None if scanned is None else {"moments": scanned, "of": len(fit)},
            # Where the camera is assumed a length means nothing.
            "unusual": []
            if task.inputs.assumed
            else unusual_body(length, fit.betas[0].tolist(), age_months),
            "time_filter": fit.time_filter,
            "bridged": 0 if fit.bridged is None else int(fit.bridged.sum()),
        },
        created_by_id=get_job(session, context.id).created_by_id,
    )
