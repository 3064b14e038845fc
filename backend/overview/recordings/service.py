"""One recording as its page shows it to the asking person."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.accounts import policies
from backend.core.database.tables import (
    Calibration,
    InfantConsent,
    Recording,
    Synchronisation,
    User,
)
from backend.core.database.tables.calibrations import (
    CalibrationOrigin,
    CalibrationPhase,
    SyncMethod,
)
from backend.domain.moving_cameras import is_placed
from backend.domain.workflow import Stage, allowed_events
from backend.multiview.fits.standing import fit_counts
from backend.overview.recordings import repository
from backend.overview.recordings.schemas import (
    Abilities,
    CalibrationInUse,
    CoverageOut,
    FamilyConsent,
    RecordingDetail,
    RecordingSummary,
    SynchronisationInUse,
)
from backend.recordings import handing_out, parts
from backend.recordings.access import situation, why_blocked
from backend.recordings.coverage import coverage_by
from backend.recordings.facts import facts_of

PART_SUBMITTED = "You submitted your part. It comes back if something in it has to be revised."


def summary(session: Session, recording_id: int) -> RecordingSummary:
    """One recording with its counts.

    Raises:
        NotFound: there is none.
    """
    return repository.one(session, recording_id)[0]


def detail(session: Session, user: User, recording: Recording) -> RecordingDetail:
    """One recording as its page shows it to a person."""
    base, discards = repository.one(session, recording.id)
    here = situation(session, user, recording)
    stage = Stage(recording.stage)
    facts = facts_of(session, recording.id)
    edits = policies.may_annotate(here, stage)
    all_in = (
        edits and recording.in_parts and not parts.has_open_part(session, user.id, recording.id)
    )
    cameras = repository.cameras_of(session, recording.id, facts)
    coverage = coverage_by(facts, [(camera.id, camera.name) for camera in cameras])
    return RecordingDetail(
        **base.model_dump(),
        notes=recording.notes,
        family_consent=_family_consent(session, recording),
        cameras_list=cameras,
        coverage=CoverageOut.model_validate(coverage),
        uneven_cameras=coverage.words,
        allowed_events=list(allowed_events(stage, here.actors())),
        can=Abilities(
            edit=edits and not all_in,
            review=policies.may_review(here, stage),
            review_boxes=policies.may_review_boxes(here, stage),
            edit_boxes=policies.may_edit_boxes(here, stage),
            comment=policies.may_comment(here, stage),
            manage=policies.may_assign(user),
            claim=policies.may_claim(user, recording) and handing_out.rules(session).may_choose,
        ),
        blocked_reason=PART_SUBMITTED if all_in else why_blocked(here, stage),
        rounds=repository.rounds_of(session, recording.id),
        discard_counts=discards,
        quality=repository.quality_of(facts),
        calibration=_calibration(session, recording),
        synchronisation=_synchronisation(session, recording),
        drift=recording.drift,
        fits=fit_counts(session, recording.id),
    )


def _family_consent(session: Session, recording: Recording) -> FamilyConsent | None:
    row = session.execute(
        select(InfantConsent.scope, InfantConsent.given_on)
        .where(InfantConsent.infant_id == recording.infant_id)
        .order_by(InfantConsent.id.desc())
        .limit(1)
    ).first()
    return None if row is None else FamilyConsent(scope=row.scope, given_on=row.given_on)


def _calibration(session: Session, recording: Recording) -> CalibrationInUse | None:
    if recording.calibration_id is None:
        return None
    row = session.get_one(Calibration, recording.calibration_id)
    return CalibrationInUse(
        id=row.id,
        version=row.version,
        origin=CalibrationOrigin(row.origin),
        phase=CalibrationPhase(row.phase),
        placed=any(is_placed(camera) for camera in row.cameras),
    )


def _synchronisation(session: Session, recording: Recording) -> SynchronisationInUse | None:
    if recording.synchronisation_id is None:
        return None
    row = session.get_one(Synchronisation, recording.synchronisation_id)
    return SynchronisationInUse(
        id=row.id, version=row.version, method=SyncMethod(row.method), applied_at=row.applied_at
    )
