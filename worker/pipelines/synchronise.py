"""Compare the clocks of a recording's cameras, and leave small pictures to check them by eye."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy.orm import Session

from backend.core.database.tables.calibrations import SyncMethod
from backend.domain.clocks import ClockOffset
from backend.domain.confidence import rounded
from backend.domain.errors import DomainError
from backend.multiview.synchronisations import service, strips
from backend.multiview.synchronisations.payloads import SynchronisePayload
from backend.multiview.synchronisations.schemas import CameraOffset, SyncPair, SyncReport
from backend.multiview.synchronisations.strips import StoredFrame, StoredStrips
from backend.recordings.access import get_recording
from backend.recordings.service import announce_recording
from worker.context import Finish, JobContext
from worker.media.chapters import extract_numbered, times_of
from worker.pipelines.source_videos import SourceVideo, source_videos, stored_videos
from worker.synchronisation.measure import Method, synchronise
from worker.synchronisation.result import Synchronised, pair_to_json

INSTANTS: Final = (0.12, 0.38, 0.64, 0.88)
"""Where in the common time pictures are taken."""
REACH_S: Final = 0.6
MAX_FRAMES: Final = 41
"""Pictures per camera and moment, at most."""
HEIGHT: Final = 360


def run(context: JobContext) -> Finish:
    """Measure, then store a version; the pictures also where nothing could be measured."""
    if context.recording_id is None:
        raise RuntimeError("a job on clocks without its recording")
    recording_id = context.recording_id
    method = Method(context.read(SynchronisePayload).method)
    with context.transaction() as session:
        recording = get_recording(session, recording_id)
        before = service.offsets_in_use(session, recording)
        cameras = stored_videos(session, recording_id)
    stored = [camera for camera in cameras if camera.files]
    with source_videos(context, stored) as videos:
        try:
            result = synchronise(
                [video.chapters for video in videos],
                method=method,
                names=[video.name for video in videos],
                progress=lambda done, total, words: context.report(done, total + 1, words),
                cancelled=context.check_cancelled,
            )
        except DomainError:
            _take_pictures(context, recording_id, videos, _clocks(before.values()))
            raise
        offsets = _offsets([camera.camera_id for camera in cameras], videos, result, before)
        _take_pictures(context, recording_id, videos, _clocks(offsets))
    report = _report(result, videos)
    for warning in result.warnings:
        context.log(warning, "warning")

    def finish(session: Session) -> dict[str, Any]:
        recording = get_recording(session, recording_id, lock="update")
        row = service.store(
            session, recording, SyncMethod(result.method), offsets, report,
            user_id=_asker(session, context.id), job_id=context.id,
        )  # fmt: skip
        announce_recording(session, recording)
        return {
            "synchronisation_id": row.id,
            "version": row.version,
            "method": row.method,
            "confidence": rounded(result.confidence),
        }

    return finish


def _asker(session: Session, job_id: int) -> int | None:
    from backend.core.jobs.service import get_job

    return get_job(session, job_id).created_by_id


def _clocks(offsets: Any) -> dict[int, ClockOffset]:
    return {o.camera_id: ClockOffset(o.offset_ms, o.drift_ppm) for o in offsets}


def _offsets(
    camera_ids: Sequence[int],
    videos: Sequence[SourceVideo],
    result: Synchronised,
    before: Mapping[int, CameraOffset],
) -> list[CameraOffset]:
    """All cameras: measured ones, and those left out with the offsets that they had."""
    found = {}
    for video, clock in zip(videos, result.clocks, strict=True):
        if clock.offset_ms is not None:
            found[video.camera_id] = CameraOffset(
                camera_id=video.camera_id,
                offset_ms=round(clock.offset_ms, 4),
                drift_ppm=round(clock.drift_ppm, 4),
                confidence=rounded(clock.confidence, 4),
                note=clock.note,
            )
        else:
            found[video.camera_id] = before[video.camera_id].model_copy(
                update={"confidence": 0.0, "measured": False, "note": clock.note,
                        "residual_ms": None}
            )  # fmt: skip
    for camera_id in camera_ids:
        if camera_id not in found:
            found[camera_id] = before[camera_id].model_copy(
                update={"confidence": 0.0, "measured": False, "residual_ms": None,
                        "note": "Left out: its video is not stored."}
            )  # fmt: skip
    return [found[camera_id] for camera_id in camera_ids]


def _report(result: Synchronised, videos: Sequence[SourceVideo]) -> SyncReport:
    ids = [video.camera_id for video in videos]
    return SyncReport(
        pairs=[SyncPair.model_validate(pair_to_json(pair, ids)) for pair in result.pairs],
        residual_ms=result.residual_ms,
        disagreeing=ids[result.disagreeing] if result.disagreeing is not None else None,
        warnings=list(result.warnings),
    )


def _take_pictures(
    context: JobContext,
    recording_id: int,
    videos: Sequence[SourceVideo],
    clocks: Mapping[int, ClockOffset],
) -> None:
    """Pictures of every source frame around a few instants, in the cameras that can be read."""
    times: dict[int, list[float]] = {}
    for video in videos:
        try:
            times[video.camera_id] = times_of(video.chapters)
        except DomainError:
            continue  # the measurement says what is wrong with it
    if not times:
        return
    instants = _instants(times, clocks)
    taken: dict[int, list[StoredFrame]] = {}
    for video in videos:
        own = times.get(video.camera_id)
        if own is None:
            continue
        context.check_cancelled()
        context.report(len(videos), len(videos) + 1, f"Pictures of {video.name}")
        clock = clocks.get(video.camera_id, ClockOffset())
        numbers = _around(own, [clock.camera_s(at) for at in instants])
        frames = []
        try:
            for frame in extract_numbered(
                video.chapters, numbers, thumbnail_height=HEIGHT, cancelled=context.cancelled,
                max_pixels=context.settings.max_video_pixels,
            ):  # fmt: skip
                sha256 = hashlib.sha256(frame.thumbnail).hexdigest()
                key = strips.picture_key(recording_id, sha256)
                context.storage.put(key, frame.thumbnail)
                number = frame.source_frame_number
                frames.append(StoredFrame(time_s=own[number], number=number, key=key))
        except DomainError:
            context.check_cancelled()
        taken[video.camera_id] = frames
    strips.save(context.storage, recording_id, StoredStrips(instants_s=instants, cameras=taken))


def _instants(times: Mapping[int, list[float]], clocks: Mapping[int, ClockOffset]) -> list[float]:
    ends = [
        (clocks.get(camera, ClockOffset()).session_s(own[0]),
         clocks.get(camera, ClockOffset()).session_s(own[-1]))
        for camera, own in times.items()
    ]  # fmt: skip
    begin, end = max(first for first, _ in ends), min(last for _, last in ends)
    if end <= begin:  # they never run together: show what there is
        begin, end = min(first for first, _ in ends), max(last for _, last in ends)
    # At frames of the first camera, so that nobody looks between two frames.
    first = next(iter(times))
    clock = clocks.get(first, ClockOffset())
    shown = [clock.session_s(at) for at in times[first]]
    wanted = [begin + share * (end - begin) for share in INSTANTS]
    return sorted({min(shown, key=lambda at: abs(at - instant)) for instant in wanted})


def _around(times: Sequence[float], instants: Sequence[float]) -> set[int]:
    numbers: set[int] = set()
    for at in instants:
        near = [k for k, time_s in enumerate(times) if abs(time_s - at) <= REACH_S]
        near.sort(key=lambda k: abs(times[k] - at))
        numbers.update(near[:MAX_FRAMES])
    return numbers
