"""Extract a recording's frames from its videos again, so that all cameras show the same moments.

Only for recordings that nobody has worked on. Pictures are decoded first and stored under their
content's hash; then one transaction swaps the rows. Before it nothing has changed, after it
everything has: a worker that dies is followed by one that finds the pictures of the cameras that
were finished and does the rest. Frames that stay the same keep their rows, with their pre-labels.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from backend.core.database.session import after_commit
from backend.core.database.tables import (
    Annotation,
    Frame,
    Recording,
    Synchronisation,
)
from backend.core.jobs.service import LostClaim, get_job
from backend.domain.clocks import ClockOffset
from backend.domain.errors import Conflict, NotFound
from backend.domain.frame_groups import CameraTimes, FrameGroups
from backend.domain.frame_matching import NONE
from backend.domain.sampling import sample, sampling_of
from backend.domain.workflow import Event, Stage
from backend.labelling.workflow import service as stages
from backend.multiview.synchronisations import repository, service
from backend.multiview.synchronisations.payloads import ResamplePayload
from backend.multiview.synchronisations.schemas import SyncApplied
from backend.recordings.access import get_recording
from backend.recordings.schemas import ImportIn
from backend.recordings.service import import_request_of
from backend.recordings.truth import truth_of
from worker.context import Finish, JobContext
from worker.media.chapters import extract_numbered, times_of
from worker.media.frame import ExtractedFrame
from worker.pipelines.frame_rows import (
    drop_empty_moments,
    frame_facts,
    frame_keys,
    mark_duplicates,
)
from worker.pipelines.source_videos import SourceVideo, source_videos, stored_videos

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class _Plan:
    """What the recording will be made of.

    Attributes:
        cameras: Ids, in their order.
        groups: Moments of source frames.
        residuals_s: Per camera, mean distance of its frames from their moments.
    """

    cameras: tuple[int, ...]
    groups: FrameGroups
    residuals_s: tuple[float | None, ...]

    def frames_of(self, camera: int) -> Iterator[tuple[int, int]]:
        """Moment and source frame of everything that a camera gives."""
        column = self.groups.members[:, self.cameras.index(camera)]
        return ((m, int(n)) for m, n in enumerate(column) if n != NONE)

    def without(self, lost: Mapping[int, Collection[int]]) -> _Plan:
        """The same without frames that could not be decoded, and without moments of them alone."""
        members = self.groups.members.copy()
        for column, camera in enumerate(self.cameras):
            gone = np.isin(members[:, column], list(lost.get(camera, ())))
            members[gone, column] = NONE
        seen = (members != NONE).any(axis=1)
        return replace(self, groups=FrameGroups(self.groups.times_s[seen], members[seen]))


def run(context: JobContext) -> Finish:
    """Decode what is missing; the swap is the job's last step."""
    if context.recording_id is None:
        raise RuntimeError("a job on frames without its recording")
    return _Resampling(context, context.recording_id).run()


class _Resampling:
    def __init__(self, context: JobContext, recording_id: int) -> None:
        self.context = context
        self.recording_id = recording_id
        self.sync_id = context.read(ResamplePayload).synchronisation_id
        self.notes = f"recordings/{recording_id}/resample/{context.id}"
        self.facts: dict[int, dict[int, dict[str, Any]]] = {}
        self.stored: set[str] = set()

    def run(self) -> Finish:
        with self.context.transaction() as session:
            recording = get_recording(session, self.recording_id)
            self._require(session, recording)
            row = self._row(session)
            clocks = service.clocks_of(session, recording, row)
            request = import_request_of(recording)
            cameras = stored_videos(session, self.recording_id)
            here = self._frames(session)
        with (
            self._nothing_left_behind(),
            source_videos(self.context, cameras) as videos,
        ):
            plan = _plan(videos, clocks, request)
            missing = {
                camera: {n for _, n in plan.frames_of(camera)} - here.get(camera, {}).keys()
                for camera in plan.cameras
            }
            total = sum(len(numbers) for numbers in missing.values())
            self.context.log(
                f"{len(plan.groups)} moments; {total} of their frames are not in the recording yet."
            )
            done = 0
            for video in videos:
                done = self._extract(video, missing[video.camera_id], done, total)
            plan = plan.without(
                {camera: missing[camera] - self.facts[camera].keys() for camera in missing}
            )

        def finish(session: Session) -> dict[str, Any]:
            with self._nothing_left_behind():
                return self._swap(session, plan)

        return finish

    def _require(self, session: Session, recording: Recording) -> None:
        if reason := service.why_not_anew(session, recording):
            raise Conflict(
                f"{reason} The frames stay as they are: apply again to pair them as they are."
            )

    def _row(self, session: Session) -> Synchronisation:
        row = session.get(Synchronisation, self.sync_id)
        if row is None:
            raise NotFound(f"There is no synchronisation {self.sync_id} any more.")
        return row

    def _frames(self, session: Session) -> dict[int, dict[int, tuple[int, int]]]:
        """By camera and number in the video, the frames that are there: (id, moment)."""
        found: dict[int, dict[int, tuple[int, int]]] = {}
        for camera_id, number, frame_id, moment_id in session.execute(
            select(Frame.camera_id, Frame.source_frame, Frame.id, Frame.moment_id).where(
                Frame.recording_id == self.recording_id
            )
        ):
            if number is not None:
                found.setdefault(camera_id, {})[number] = (frame_id, moment_id)
        return found

    def _extract(self, video: SourceVideo, numbers: set[int], done: int, total: int) -> int:
        """Store the pictures of a camera and a note of them; a finished camera is not redone."""
        key = f"{self.notes}/{video.camera_id}.json"
        facts = self._noted(key)
        if not numbers <= facts.keys():
            facts = {}
            for frame in self._decode(video, numbers, done, total):
                facts[frame.source_frame_number] = frame_facts(self.recording_id, frame)
            self.context.storage.put(key, json.dumps(list(facts.values())).encode())
        self.facts[video.camera_id] = facts
        return done + len(numbers)

    def _decode(
        self, video: SourceVideo, numbers: set[int], before: int, total: int
    ) -> Iterator[ExtractedFrame]:
        if not numbers:
            return

        def progress(done: int, _: int | None) -> None:
            self.context.report(before + done, total, f"Frames of {video.name}")

        yield from extract_numbered(
            video.chapters, numbers, out=self._store,
            cancelled=self.context.cancelled, progress=progress,
            max_pixels=self.context.settings.max_video_pixels,
        )  # fmt: skip

    def _store(self, frame: ExtractedFrame) -> None:
        image, thumbnail = frame_keys(self.recording_id, frame)
        self.stored |= {image, thumbnail}
        self.context.storage.put(image, frame.data)
        self.context.storage.put(thumbnail, frame.thumbnail)

    def _noted(self, key: str) -> dict[int, dict[str, Any]]:
        try:
            rows = json.loads(self.context.storage.read(key))
        except (NotFound, ValueError):
            return {}
        return {row["source_frame"]: row for row in rows}

    @contextmanager
    def _nothing_left_behind(self) -> Iterator[None]:
        """Where this ends in failure, remove the pictures that it stored and nothing shows."""
        try:
            yield
        except LostClaim:
            raise
        except BaseException:
            if not self.context.lost.is_set():
                with self.context.transaction() as session:
                    self._sweep(self._keys_stored() - self._keys_in_use(session))
            raise

    def _keys_stored(self) -> set[str]:
        rows = [row for camera in self.facts.values() for row in camera.values()]
        noted = {row[name] for row in rows for name in ("image_key", "thumbnail_key")}
        return noted | self.stored

    def _keys_in_use(self, session: Session) -> set[str]:
        rows = session.execute(
            select(Frame.image_key, Frame.thumbnail_key).where(
                Frame.recording_id == self.recording_id
            )
        )
        return {key for row in rows for key in row}

    def _sweep(self, keys: set[str]) -> None:
        for key in keys:
            self.context.storage.delete(key)
        self.context.storage.delete_prefix(f"{self.notes}/")

    def _swap(self, session: Session, plan: _Plan) -> dict[str, Any]:
        """All rows at once, in the transaction that ends the job."""
        recording = get_recording(session, self.recording_id, lock="update")
        self._require(session, recording)
        row = self._row(session)
        here = self._frames(session)
        keys_before = self._keys_in_use(session)
        kept: dict[tuple[int, int], tuple[int, int]] = {}
        members: list[dict[int, int]] = [{} for _ in plan.groups.times_s]
        for camera in plan.cameras:
            for moment, number in plan.frames_of(camera):
                if known := here.get(camera, {}).get(number):
                    kept[camera, number] = known
                    members[moment][known[0]] = known[1]
        going = {frame_id for frames in here.values() for frame_id, _ in frames.values()} - {
            frame_id for frame_id, _ in kept.values()
        }
        for some in _batches(sorted(going)):
            session.execute(delete(Frame).where(Frame.id.in_(some)))
        # Positions are unique at every step: those that stay are parked first.
        session.execute(
            update(Frame)
            .where(Frame.recording_id == self.recording_id)
            .values(position=-1 - Frame.position, duplicate_of_id=None)
            .execution_options(synchronize_session=False)
        )
        moments = repository.rewrite_moments(
            session,
            self.recording_id,
            plan.groups.times_s.tolist(),
            [None] * len(plan.groups),
            members,
        )
        added = self._fill(session, plan, moments, kept)
        drop_empty_moments(session, self.recording_id)
        mark_duplicates(session, self.recording_id)
        asker = get_job(session, self.context.id).created_by_id
        recording = get_recording(session, self.recording_id, lock="update")
        applied = SyncApplied(
            how="extracted",
            moments=len(moments),
            alone=dict(zip(map(str, plan.cameras), plan.groups.alone, strict=True)),
            complete=plan.groups.complete,
            missing=dict(zip(map(str, plan.cameras), plan.groups.missing, strict=True)),
            frames_added=added,
            frames_removed=len(going),
        )
        residuals = dict(zip(plan.cameras, plan.residuals_s, strict=True))
        service.note_applied(session, recording, self._row(session), residuals, applied, asker)
        if added:
            self._renew_prelabels(session, recording)
        after = self._keys_in_use(session)
        after_commit(session, lambda: self._sweep(keys_before - after))
        return {"synchronisation_id": row.id, **applied.model_dump()}

    def _fill(
        self,
        session: Session,
        plan: _Plan,
        moments: Sequence[int],
        kept: Mapping[tuple[int, int], tuple[int, int]],
    ) -> int:
        """Rows for new frames, and everybody's position; returns how many are new."""
        position, added = 0, 0
        places: list[dict[str, Any]] = []
        rows: list[dict[str, Any]] = []
        for camera in plan.cameras:
            for moment, number in plan.frames_of(camera):
                if (camera, number) in kept:
                    places.append({"id": kept[camera, number][0], "position": position})
                elif number not in self.facts[camera]:
                    continue  # it could not be decoded
                else:
                    rows.append(
                        self.facts[camera][number]
                        | {
                            "recording_id": self.recording_id,
                            "camera_id": camera,
                            "moment_id": moments[moment],
                            "position": position,
                        }
                    )
                position += 1
        for some in _batches(rows):
            ids = session.scalars(
                insert(Frame).returning(Frame.id, sort_by_parameter_order=True), some
            ).all()
            session.execute(
                insert(Annotation),
                [{"frame_id": i, "recording_id": self.recording_id} for i in ids],
            )
            added += len(ids)
        for some_places in _batches(places):
            session.execute(update(Frame), some_places)
        return added

    def _renew_prelabels(self, session: Session, recording: Recording) -> None:
        """New frames get the pre-labels that the others have."""
        if recording.stage != Stage.PRELABELLED:
            return
        truth = truth_of(recording)
        if recording.prelabels_simulated and truth is not None:
            truth.store_prelabels(session, recording)
        else:
            stages.fire(
                session,
                recording,
                Event.PRELABEL,
                None,
                model=recording.prelabel_model,
                boxes_from=recording.prelabel_boxes_from,
            )


def _plan(
    videos: Sequence[SourceVideo], clocks: Mapping[int, ClockOffset], request: ImportIn
) -> _Plan:
    """Which source frame of each camera shows each moment."""
    cameras = []
    for video in videos:
        clock = clocks[video.camera_id]
        times = np.asarray(times_of(video.chapters), dtype=np.float64)
        cameras.append(
            CameraTimes.of(times * (1 + clock.drift_ppm * 1e-6) + clock.offset_ms / 1000)
        )
    groups = sample(cameras, sampling_of(request.sampling.mode, request.sampling.value))
    return _Plan(tuple(v.camera_id for v in videos), groups, tuple(groups.distances(cameras)))


def _batches(items: Sequence[Any]) -> Iterator[Any]:
    for begin in range(0, len(items), _BATCH):
        yield items[begin : begin + _BATCH]
