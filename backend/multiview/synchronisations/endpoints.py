"""Comparing and setting the cameras' clocks of a recording, and looking at one moment."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Header, Path, Query, Response
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse

from backend.core.database.tables import Job, Recording
from backend.core.http.dependencies import CurrentUser, Router, SessionDep, StorageDep
from backend.core.http.description import PICTURE
from backend.core.jobs import repository as jobs
from backend.core.jobs.schemas import JobOut
from backend.domain.errors import InvalidInput, NotFound
from backend.multiview.synchronisations import repository, service, strips
from backend.multiview.synchronisations.schemas import (
    CameraStrip,
    StripFrame,
    SyncFrame,
    SyncFrames,
    SynchroniseIn,
    SyncOut,
    SyncPlan,
    SyncStrips,
)
from backend.recordings.access import frame_of, get_recording

router = Router(tags=["synchronisations"])

Id = Annotated[int, Path(ge=1, lt=2**63)]
Seconds = Annotated[float, Query(ge=-1e6, le=1e6, allow_inf_nan=False)]
_A_WHILE = "private, max-age=3600"


@router.get("/recordings/{recording_id}/synchronisations")
def list_synchronisations(
    recording_id: Id, session: SessionDep, user: CurrentUser
) -> list[SyncOut]:
    """Versions of a recording's clocks, newest first."""
    return repository.find(session, get_recording(session, recording_id))


@router.post(
    "/recordings/{recording_id}/synchronisations",
    status_code=202,
    response_model=JobOut,
    responses={201: {"model": SyncOut, "description": "Set by hand"}},
)
def synchronise(
    recording_id: Id, wish: SynchroniseIn, session: SessionDep, user: CurrentUser
) -> Any:
    """Measure the clocks by a job (202), or keep offsets set by hand (201)."""
    done = service.request(session, user, recording_id, wish)
    if isinstance(done, Job):
        return jobs.list_jobs(session, job_ids=[done.id])[0]
    shown = service.shown(session, get_recording(session, recording_id), done.id)
    return JSONResponse(jsonable_encoder(shown), status_code=201)


@router.post(
    "/synchronisations/{synchronisation_id}/apply",
    status_code=200,
    response_model=SyncOut,
    responses={202: {"model": JobOut, "description": "Frames are extracted again by a job"}},
)
def apply_synchronisation(synchronisation_id: Id, session: SessionDep, user: CurrentUser) -> Any:
    """Make the recording use a version: at once (200), or by a job that extracts frames (202)."""
    row, recording = service.get(session, synchronisation_id)
    job = service.apply(session, user, row, recording)
    if job is None:
        session.flush()
        return service.shown(session, recording, synchronisation_id)
    shown = jobs.list_jobs(session, job_ids=[job.id])[0]
    return JSONResponse(jsonable_encoder(shown), status_code=202)


@router.get("/recordings/{recording_id}/sync-plan")
def show_plan(recording_id: Id, session: SessionDep, user: CurrentUser) -> SyncPlan:
    """What applying a version would do now."""
    return service.plan(session, get_recording(session, recording_id))


@router.get("/recordings/{recording_id}/sync-strips")
def show_strips(
    recording_id: Id, session: SessionDep, user: CurrentUser, storage: StorageDep
) -> SyncStrips:
    """Small pictures of source frames around a few moments; empty before clocks were compared."""
    get_recording(session, recording_id)
    stored = strips.load(storage, recording_id)
    return SyncStrips(
        instants_s=stored.instants_s,
        cameras=[
            CameraStrip(
                camera_id=camera_id,
                frames=[
                    StripFrame(time_s=f.time_s, image_url=_source_url(camera_id, f.time_s))
                    for f in own
                ],
            )
            for camera_id, own in stored.cameras.items()
        ],
    )


@router.get("/recordings/{recording_id}/sync-frames")
def show_sync_frames(
    recording_id: Id,
    time_s: Seconds,
    session: SessionDep,
    user: CurrentUser,
    storage: StorageDep,
    offsets: Annotated[
        str | None,
        Query(
            description="Trial offsets, camera:milliseconds separated by commas", max_length=2000
        ),
    ] = None,
) -> SyncFrames:
    """The pictures nearest to one moment under trial offsets; cameras left out use their own."""
    recording = get_recording(session, recording_id)
    trial = _parse_offsets(offsets)
    stored = strips.load(storage, recording_id)
    found = []
    for camera_id, offset in service.offsets_in_use(session, recording).items():
        ms = trial.pop(camera_id, offset.offset_ms)
        at = (time_s - ms / 1000) / (1 + offset.drift_ppm * 1e-6)
        if picture := _picture(session, recording, camera_id, at, stored):
            found.append(picture)
    if trial:
        raise InvalidInput(f"This recording has no camera {next(iter(trial))}.")
    return SyncFrames(time_s=time_s, cameras=found)


@router.get("/cameras/{camera_id}/source-frame", response_class=Response, responses=PICTURE)
def get_source_frame(
    camera_id: Id,
    time_s: Seconds,
    session: SessionDep,
    user: CurrentUser,
    storage: StorageDep,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """The known source frame nearest to a camera time; ``X-Source-Time`` tells its own."""
    camera = service.camera_of(session, camera_id)
    recording = get_recording(session, camera.recording_id)
    stored = strips.load(storage, recording.id)
    known = strips.nearest(stored.cameras.get(camera_id, []), time_s)
    frame = repository.nearest_frame(session, camera_id, time_s)
    if frame and (known is None or abs(frame[1] - time_s) < abs(known.time_s - time_s)):
        row = frame_of(session, frame[0])
        key, at, etag = row.image_key, row.time_s, f'"{row.sha256}"'
    elif known:
        key, at, etag = known.key, known.time_s, f'"{known.key.rsplit("/", 1)[-1]}"'
    else:
        raise NotFound(f"There is no picture of {camera.name}.")
    headers = {"ETag": etag, "Cache-Control": _A_WHILE, "X-Source-Time": f"{at:.6f}"}
    if if_none_match == etag:
        return Response(status_code=304, headers=headers)
    kind = "image/png" if key.endswith(".png") else "image/jpeg"
    return Response(storage.read(key), media_type=kind, headers=headers)


def _picture(
    session: SessionDep,
    recording: Recording,
    camera_id: int,
    at_s: float,
    stored: strips.StoredStrips,
) -> SyncFrame | None:
    frame = repository.nearest_frame(session, camera_id, at_s)
    known = strips.nearest(stored.cameras.get(camera_id, []), at_s)
    if known and (frame is None or abs(known.time_s - at_s) < abs(frame[1] - at_s) - 1e-6):
        url = _source_url(camera_id, known.time_s)
        return SyncFrame(
            camera_id=camera_id, frame_id=None, source_time_s=known.time_s, image_url=url
        )
    if frame is None:
        return None
    return SyncFrame(
        camera_id=camera_id,
        frame_id=frame[0],
        source_time_s=frame[1],
        image_url=f"/api/v1/frames/{frame[0]}/image",
    )


def _source_url(camera_id: int, time_s: float) -> str:
    return f"/api/v1/cameras/{camera_id}/source-frame?time_s={time_s:.6f}"


def _parse_offsets(text: str | None) -> dict[int, float]:
    found: dict[int, float] = {}
    for part in (text or "").split(","):
        if not part.strip():
            continue
        camera, colon, value = part.partition(":")
        try:
            ms = float(value)
            if not colon or not abs(ms) <= 1e9:
                raise ValueError(part)
            found[int(camera)] = ms
        except ValueError:
            raise InvalidInput(f"{part!r} is not camera:milliseconds.") from None
    return found
