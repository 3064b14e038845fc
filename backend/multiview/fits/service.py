"""People's work on body fits: asking for them and judging them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.accounts import policies
from backend.core.audit import service as audit
from backend.core.database.tables import (
    Calibration,
    Camera,
    Fit,
    FitRun,
    Job,
    Moment,
    Recording,
    User,
)
from backend.core.events import announce
from backend.core.jobs import service as jobs
from backend.domain.errors import Conflict, Forbidden, InvalidInput, NotFound, StaleVersion
from backend.domain.fits import FitRejection, FitStatus, check_verdict
from backend.domain.moving_cameras import is_placed
from backend.multiview.fits import repository
from backend.multiview.fits.payloads import FitPayload
from backend.multiview.fits.schemas import (
    FitOut,
    FitRequest,
    FitSeen,
    SessionCounts,
    SessionFits,
)
from backend.multiview.fits.standing import STALE_FIT, fit_counts
from backend.recordings import access


def session_fits(session: Session, user: User, recording_id: int) -> SessionFits:
    """A recording's fits as its page shows them.

    Raises:
        NotFound: there is no such recording.
    """
    recording = access.get_recording(session, recording_id)
    fits = repository.find_fits(session, Fit.recording_id == recording_id)
    newest = session.scalar(
        select(FitRun.id)
        .where(FitRun.recording_id == recording_id)
        .order_by(FitRun.id.desc())
        .limit(1)
    )
    used = {fit.run_id for fit in fits} | ({newest} if newest else set())
    runs = repository.runs(session, sorted(used))
    counts = fit_counts(session, recording_id)
    without = repository.fittable_moments(session, recording_id) - len(fits)
    why_not = why_not_judge(session, user, recording)
    return SessionFits(
        run=runs[0] if runs else None,
        runs=runs,
        calibration_changed=any(
            (run.calibration.id if run.calibration else None) != recording.calibration_id
            for run in runs
            if any(fit.run_id == run.id for fit in fits)
        ),
        counts=SessionCounts(**counts.model_dump(), without=max(0, without)),
        may_judge=why_not is None,
        may_fit=policies.may_fit(user),
        why_not_judge=why_not,
        fits=fits,
    )


def why_not_judge(session: Session, user: User, recording: Recording) -> str | None:
    """Why this person cannot judge the recording's fits; None if they can."""
    here = access.situation(session, user, recording)
    if here.independent_inspector:
        return None
    if here.inspector_taken and not (here.is_annotator or here.has_annotated):
        inspector = session.get_one(User, recording.inspector_id)
        return (
            f"Only the inspector to whom this recording is assigned, {inspector.name}, judges its"
            " body fits."
        )
    return access.why_not_inspector(here)


def request_fit(session: Session, user: User, recording_id: int, request: FitRequest) -> Job:
    """Ask for body fits; a worker makes them.

    Raises:
        Forbidden: not by this person.
        NotFound: there is no such recording, calibration or moment.
        Conflict: nothing to fit, several cameras without their places, or a fit is running.
    """
    policies.require(policies.may_fit(user), "fit bodies")
    recording = access.get_recording(session, recording_id, lock="share")
    if request.only_stale and request.moment_ids is not None:
        raise InvalidInput("Request either the stale fits or certain moments, not both.")
    calibration_id = _calibration(session, recording, request.calibration_id)
    moment_ids = request.moment_ids
    if moment_ids is not None:
        known = set(session.scalars(select(Moment.id).where(Moment.recording_id == recording_id)))
        if unknown := sorted(set(moment_ids) - known):
            raise NotFound(f"This recording has no moment {unknown[0]}.", moment_ids=unknown)
    if request.only_stale:
        moment_ids = repository.stale_moments(session, recording_id)
        if not moment_ids:
            raise Conflict("No fit is stale: every fit matches its joints and scans.")
    if not repository.fittable_moments(session, recording_id):
        raise Conflict("There is nothing to fit yet: no frame is kept with joints.")
    payload = FitPayload(
        body=request.body,
        config=request.config,
        calibration_id=calibration_id,
        moment_ids=list(moment_ids) if moment_ids is not None else None,
        replace_verified=request.replace_verified,
    )
    job = jobs.enqueue(
        session, payload, recording_id, user.id,
        title=f"Body fits of {recording.name}",
    )  # fmt: skip
    audit.record(session, user.id, "fit_requested", "recording", recording_id, {"job_id": job.id})
    return job


def _calibration(session: Session, recording: Recording, wanted: int | None) -> int | None:
    calibration_id = wanted or recording.calibration_id
    calibration = session.get(Calibration, calibration_id) if calibration_id else None
    if wanted and (calibration is None or calibration.recording_id != recording.id):
        raise NotFound(f"This recording has no calibration {wanted}.")
    placed = calibration and any(is_placed(c) for c in calibration.cameras)
    cameras = session.scalars(select(Camera.id).where(Camera.recording_id == recording.id)).all()
    if len(cameras) > 1 and not placed:
        raise Conflict(
            "It is not known yet where the cameras stand: calibrate them on the page Cameras first."
        )
    return calibration_id


def judge(
    session: Session,
    user: User,
    recording_id: int,
    seen: Sequence[FitSeen],
    status: FitStatus,
    reason: FitRejection | None,
    text: str | None,
) -> list[FitOut]:
    """Verify or reject fits, all or none.

    Args:
        session: The transaction.
        user: An inspector who did not annotate in the session.
        recording_id: The session.
        seen: Each fit at the version that the person saw.
        status: The verdict; ``fitted`` takes an earlier one back.
        reason: Why rejected.
        text: Words beside the reason.

    Raises:
        NotFound: there is no such recording or fit.
        Forbidden: not by this person.
        StaleVersion: a fit has changed since; the context names which.
        Conflict: a fit to be verified no longer belongs to its joints.
        InvalidInput: a reason is missing or too many.
    """
    check_verdict(status, reason, text)
    recording = access.get_recording(session, recording_id, lock="share")
    if why := why_not_judge(session, user, recording):
        raise Forbidden(why)
    wanted = {fit.id: fit.version for fit in seen}
    rows = session.execute(
        select(Fit, STALE_FIT)
        .where(Fit.recording_id == recording_id, Fit.id.in_(wanted))
        .order_by(Fit.id)
        .with_for_update(of=Fit)
        .execution_options(populate_existing=True)
    ).all()
    if missing := sorted(set(wanted) - {fit.id for fit, _ in rows}):
        raise NotFound(f"This recording has no fit {missing[0]}.", fit_ids=missing)
    if moved := [fit.id for fit, _ in rows if fit.version != wanted[fit.id]]:
        raise StaleVersion(
            "These fits changed while you looked at them: look at them again.", fit_ids=moved
        )
    if status is FitStatus.VERIFIED and (old := [fit.id for fit, stale in rows if stale]):
        raise Conflict(
            f"{len(old)} of these fits {'is' if len(old) == 1 else 'are'} older than the joints or"
            " scans: fit them again first.",
            fit_ids=old,
        )
    now = datetime.now(UTC)
    judged = status is not FitStatus.FITTED
    for fit, _ in rows:
        fit.status = status.value
        fit.reason = reason.value if reason else None
        fit.reason_text = text or None
        fit.reviewed_by_id = user.id if judged else None
        fit.reviewed_at = now if judged else None
        fit.version += 1
    repository.append_revisions(session, list(wanted), author_id=user.id, run_id=None)
    audit.record(
        session, user.id, "fits_judged", "recording", recording_id,
        {"status": status, "reason": reason, "fits": len(wanted)},
    )  # fmt: skip
    announce(session, "fits", {"recording_id": recording_id})
    return repository.find_fits(session, Fit.id.in_(wanted))


def get_fit(session: Session, fit_id: int) -> FitOut:
    """One fit.

    Raises:
        NotFound: there is none.
    """
    found = repository.find_fits(session, Fit.id == fit_id)
    if not found:
        raise NotFound(f"There is no fit {fit_id}.")
    return found[0]
