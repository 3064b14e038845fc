"""Comparing the clocks of a recording's cameras, keeping the versions, and applying one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.accounts import policies
from backend.core.audit import service as audit
from backend.core.database.tables import Camera, Job, Recording, Synchronisation, User
from backend.core.database.tables.calibrations import SyncMethod
from backend.core.database.tables.jobs import ACTIVE, JobKind
from backend.core.events import announce
from backend.core.jobs import service as jobs
from backend.domain.clocks import ClockOffset
from backend.domain.errors import Conflict, InvalidInput, NotFound
from backend.domain.frame_groups import CameraTimes, group_all
from backend.domain.frame_matching import NONE
from backend.domain.workflow import Stage
from backend.labelling.postures import service as postures
from backend.multiview.synchronisations import repository
from backend.multiview.synchronisations.payloads import ResamplePayload, SynchronisePayload
from backend.multiview.synchronisations.schemas import (
    CameraOffset,
    OffsetIn,
    SyncApplied,
    SynchroniseIn,
    SyncOut,
    SyncPlan,
    SyncReport,
)
from backend.recordings.access import get_recording
from backend.recordings.service import announce_recording

UNTOUCHED: Final = frozenset({Stage.INGESTED, Stage.PRELABELLED})
_IN_THE_WAY: Final = (
    JobKind.INGEST,
    JobKind.PRELABEL,
    JobKind.BOXES,
    JobKind.FIT,
    JobKind.SYNCHRONISE,
    JobKind.RESAMPLE,
)


def get(session: Session, sync_id: int) -> tuple[Synchronisation, Recording]:
    """A version and its recording, which is locked for changing it.

    Raises:
        NotFound: there is none.
    """
    row = session.get(Synchronisation, sync_id)
    if row is None:
        raise NotFound(f"There is no synchronisation {sync_id}.")
    return row, get_recording(session, row.recording_id, lock="update")


def shown(session: Session, recording: Recording, sync_id: int) -> SyncOut:
    """One version as the interface shows it."""
    return repository.find(session, recording, only=sync_id)[0]


def offsets_in_use(session: Session, recording: Recording) -> dict[int, CameraOffset]:
    """By camera, the offsets that the recording uses; zero where none were ever applied."""
    found = {
        camera.id: CameraOffset(camera_id=camera.id, offset_ms=0.0, measured=False)
        for camera in repository.cameras_of(session, recording.id)
    }
    row = (
        session.get(Synchronisation, recording.synchronisation_id)
        if recording.synchronisation_id is not None
        else None
    )
    for offset in row.offsets if row else []:
        known = CameraOffset.model_validate(offset)
        if known.camera_id in found:
            found[known.camera_id] = known
    return found


def request(
    session: Session, user: User, recording_id: int, wish: SynchroniseIn
) -> Job | Synchronisation:
    """Begin a measurement, or keep offsets that were set by hand.

    Raises:
        NotFound: there is no such recording.
        Forbidden: not by this person.
        Conflict: fewer than two cameras, or no videos to measure from.
        InvalidInput: a camera that is not the recording's.
    """
    policies.require(policies.may_run_models(user), "synchronise cameras")
    recording = get_recording(session, recording_id, lock="update")
    if recording.stage == Stage.INGESTING:
        raise Conflict("This recording is still being imported.")
    cameras = repository.cameras_of(session, recording_id)
    if len(cameras) < 2:
        raise Conflict("This recording has one camera: there are no clocks to compare.")
    if wish.method == "manual":
        row = _by_hand(session, recording, cameras, wish.offsets or [], user)
        announce_recording(session, recording)
        return row
    without = [camera.name for camera in cameras if not camera.files]
    if len(cameras) - len(without) < 2:
        raise Conflict(
            "The videos of this recording are not stored"
            f" ({', '.join(without)}): set the offsets by hand."
        )
    return jobs.enqueue(
        session, SynchronisePayload(method=wish.method), recording_id, user.id,
        title=f"Clocks of {recording.name}",
    )  # fmt: skip


def _by_hand(
    session: Session,
    recording: Recording,
    cameras: Any,
    wanted: list[OffsetIn],
    user: User,
) -> Synchronisation:
    known = {camera.id for camera in cameras}
    if strange := [offset.camera_id for offset in wanted if offset.camera_id not in known]:
        raise InvalidInput(f"This recording has no camera {strange[0]}.")
    offsets = offsets_in_use(session, recording)
    for offset in wanted:
        offsets[offset.camera_id] = CameraOffset(
            **offset.model_dump(), confidence=1.0, note="Set by hand."
        )
    kept = [offset.model_copy(update={"residual_ms": None}) for offset in offsets.values()]
    return store(session, recording, SyncMethod.MANUAL, kept, SyncReport(), user_id=user.id)


def store(
    session: Session,
    recording: Recording,
    method: SyncMethod,
    offsets: list[CameraOffset],
    report: SyncReport,
    *,
    user_id: int | None,
    job_id: int | None = None,
) -> Synchronisation:
    """Keep a new version; the recording's row is locked. It is not in use before it is applied."""
    row = Synchronisation(
        recording_id=recording.id,
        version=repository.next_version(session, recording.id),
        method=method.value,
        offsets=[offset.model_dump() for offset in offsets],
        report=report.model_dump(),
        job_id=job_id,
        created_by_id=user_id,
    )
    session.add(row)
    session.flush()
    audit.record(
        session, user_id, "synchronised", "recording", recording.id,
        {"synchronisation": row.id, "version": row.version, "method": row.method},
    )  # fmt: skip
    return row


def plan(session: Session, recording: Recording) -> SyncPlan:
    """What applying would do now, and why."""
    reason = why_not_anew(session, recording)
    if reason is None:
        return SyncPlan(
            how="extracted",
            why="Nobody has worked on the frames yet, so they are extracted from the videos "
            "again at the right times. Frames that stay the same keep their pre-labels; the "
            "others get "
            "new ones.",
        )
    return SyncPlan(
        how="paired",
        why=f"{reason} The frames stay as they are, with all work on them; only which of them "
        "belong to one moment changes: those at most half a frame apart. Body fits of moments that "
        "change become stale.",
    )


def why_not_anew(session: Session, recording: Recording) -> str | None:
    """Why the frames cannot be taken from the videos anew; None if they can."""
    if recording.import_request.get("kind") != "video":
        return "The frames were not extracted from videos here."
    cameras = repository.cameras_of(session, recording.id)
    if without := [camera.name for camera in cameras if not camera.files]:
        return f"The video of {', '.join(without)} is not stored."
    if repository.worked_on(session, recording.id):
        return "Somebody has worked on the frames."
    if Stage(recording.stage) not in UNTOUCHED:
        return "Annotation has begun."
    return None


def apply(session: Session, user: User, row: Synchronisation, recording: Recording) -> Job | None:
    """Make a recording use a version: by a job where frames are extracted again, else at once.

    Raises:
        Forbidden: not by this person.
        Conflict: a job is at work on this recording.
    """
    policies.require(policies.may_run_models(user), "synchronise cameras")
    busy = session.scalar(
        select(Job.title)
        .where(
            Job.recording_id == recording.id,
            Job.state.in_(ACTIVE),
            Job.kind.in_([kind.value for kind in _IN_THE_WAY]),
        )
        .limit(1)
    )
    if busy is not None:
        raise Conflict(f"“{busy}” is running on this recording: wait for it, or cancel it first.")
    if why_not_anew(session, recording) is None:
        return jobs.enqueue(
            session, ResamplePayload(synchronisation_id=row.id), recording.id,
            user.id, title=f"Frames of {recording.name} at the same times",
        )  # fmt: skip
    pair_anew(session, recording, row, user.id)
    return None


def pair_anew(
    session: Session, recording: Recording, row: Synchronisation, user_id: int | None
) -> SyncApplied:
    """Put the recording's frames into moments by a version's offsets; frames themselves stay.

    Moments keep their identity with the first camera's frames.
    """
    clocks = clocks_of(session, recording, row)
    frames = repository.frame_times(session, recording.id)
    intervals = repository.frame_intervals(session, recording.id)
    eyes = [
        CameraTimes.of([clocks[c].session_s(time_s) for _, time_s, _ in own], intervals[c])
        for c, own in frames.items()
    ]
    groups = group_all(eyes)
    columns = list(frames.values())
    members = [
        {columns[c][k][0]: columns[c][k][2] for c, k in enumerate(row_) if k != NONE}
        for row_ in groups.members.tolist()
    ]
    first = [next(c for c, k in enumerate(row_) if k != NONE) for row_ in groups.members.tolist()]
    # A moment goes on with its first camera's frame, whoever that was with until now.
    keep: list[int | None] = [None] * len(members)
    used: set[int] = set()
    for n in sorted(range(len(members)), key=lambda n: first[n]):
        before = next(iter(members[n].values()))
        if before not in used:
            used.add(before)
            keep[n] = before
    going = {before for own in frames.values() for _, _, before in own} - used
    lost = repository.fits_of(session, sorted(going))
    put_postures_back = postures.carried_along(session, recording)
    repository.rewrite_moments(session, recording.id, groups.times_s.tolist(), keep, members)
    put_postures_back()
    cameras = [str(camera) for camera in frames]
    applied = SyncApplied(
        how="paired",
        moments=len(groups),
        alone=dict(zip(cameras, groups.alone, strict=True)),
        complete=groups.complete,
        missing=dict(zip(cameras, groups.missing, strict=True)),
        fits_removed=len(lost),
    )
    residuals = dict(zip(frames, groups.distances(eyes), strict=True))
    note_applied(session, recording, row, residuals, applied, user_id, lost)
    return applied


def clocks_of(
    session: Session, recording: Recording, row: Synchronisation
) -> dict[int, ClockOffset]:
    """By camera, in their order, a version's clocks."""
    given = {offset["camera_id"]: offset for offset in row.offsets}
    return {
        camera.id: ClockOffset(
            given.get(camera.id, {}).get("offset_ms", 0.0),
            given.get(camera.id, {}).get("drift_ppm", 0.0),
        )
        for camera in repository.cameras_of(session, recording.id)
    }


def note_applied(
    session: Session,
    recording: Recording,
    row: Synchronisation,
    residuals_s: Mapping[int, float | None],
    applied: SyncApplied,
    user_id: int | None,
    lost: list[dict[str, object]] | None = None,
) -> None:
    """Write down that a recording now uses a version, and the residual per camera."""
    row.offsets = [
        offset
        | {
            "residual_ms": round(residual * 1000, 3)
            if (residual := residuals_s.get(offset["camera_id"])) is not None
            else None
        }
        for offset in row.offsets
    ]
    row.report = row.report | {"applied": applied.model_dump()}
    row.applied_at = datetime.now(UTC)
    recording.synchronisation_id = row.id
    audit.record(
        session, user_id, "synchronisation_applied", "recording", recording.id,
        {"synchronisation": row.id, "version": row.version, **applied.model_dump(),
         "fits": lost or []},
    )  # fmt: skip
    session.flush()
    announce_recording(session, recording)
    if lost:
        announce(session, "fits", {"recording_id": recording.id})


def camera_of(session: Session, camera_id: int) -> Camera:
    """A camera.

    Raises:
        NotFound: there is none.
    """
    camera = session.get(Camera, camera_id)
    if camera is None:
        raise NotFound(f"There is no camera {camera_id}.")
    return camera
