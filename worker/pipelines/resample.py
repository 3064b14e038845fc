"""Take a session's frames from its videos anew, so that all cameras show the same instants.

Only for sessions that nobody has worked on. Pictures are decoded first and stored under their
content's hash; then one transaction swaps the rows. Before it nothing has changed, after it
everything has: a worker that dies is followed by one that finds the pictures of the cameras that
were finished and does the rest. Frames that stay the same keep their rows, with their pre-labels.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from backend.core.database.session import after_commit
from backend.core.database.tables import (
    Annotation,
    Camera,
    Frame,
    Recording,
    Synchronisation,
)
from backend.core.jobs.service import LostClaim, get_job
from backend.demo.prelabels import store_simulated_prelabels
from backend.domain.clocks import ClockOffset, Pairing, instants, nearest_frames
from backend.domain.errors import Conflict, NotFound
from backend.domain.workflow import Event, Stage
from backend.labelling.workflow import service as stages
from backend.multiview.synchronisations import repository, service
from backend.multiview.synchronisations.payloads import ResamplePayload
from backend.multiview.synchronisations.schemas import SyncApplied
from backend.recordings.access import get_recording
from backend.recordings.schemas import ImportIn
from worker.context import Finish, JobContext
from worker.media.extract import Numbered, extract_frames
from worker.media.frame import ExtractedFrame
from worker.media.times import frame_times
from worker.pipelines.extract_frames import (
    frame_facts,
    frame_keys,
    mark_duplicates,
    sampling_of,
)
from worker.pipelines.source_videos import SourceVideo, source_videos

_BATCH = 1000


@dataclass
class _Plan:
    """What the session will be made of.

    Attributes:
        times_s: Session time of each moment.
        numbers: Per camera and moment, the source frame, or None where the camera was not running.
        residuals_s: Per camera, distances of its frames from the moments.
    """

    times_s: list[float] = field(default_factory=list)
    numbers: dict[int, list[int | None]] = field(default_factory=dict)
    residuals_s: dict[int, list[float]] = field(default_factory=dict)

    def without(self, lost: Mapping[int, Collection[int]]) -> _Plan:
        """The same without frames that could not be decoded, and without moments of them alone."""
        numbers = {
            camera: [None if n in lost.get(camera, ()) else n for n in own]
            for camera, own in self.numbers.items()
        }
        seen = [
            m
            for m in range(len(self.times_s))
            if any(own[m] is not None for own in numbers.values())
        ]
        return _Plan(
            [self.times_s[m] for m in seen],
            {camera: [own[m] for m in seen] for camera, own in numbers.items()},
            self.residuals_s,
        )


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
            request = ImportIn.model_validate(
                {key: value for key, value in recording.import_request.items() if key != "demo"}
            )
            cameras = session.execute(
                select(Camera.id, Camera.name, Camera.source_filename, Camera.source_key)
                .where(Camera.recording_id == self.recording_id)
                .order_by(Camera.index)
            ).all()
            here = self._frames(session)
        with (
            self._nothing_left_behind(),
            source_videos(self.context, [(c[0], c[1], c[2], c[3]) for c in cameras]) as videos,
        ):
            plan = _plan(videos, clocks, request)
            missing = {
                camera: {n for n in numbers if n is not None} - here.get(camera, {}).keys()
                for camera, numbers in plan.numbers.items()
            }
            total = sum(len(numbers) for numbers in missing.values())
            self.context.log(
                f"{len(plan.times_s)} instants; {total} frames are not among the session's yet."
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

        yield from extract_frames(
            video.path, Numbered(frozenset(numbers)), out=self._store, name=video.filename,
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
        members: list[dict[int, int]] = [{} for _ in plan.times_s]
        for camera, numbers in plan.numbers.items():
            for moment, number in enumerate(numbers):
                if number is not None and (known := here.get(camera, {}).get(number)):
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
            session, self.recording_id, plan.times_s, [None] * len(plan.times_s), members
        )
        added = self._fill(session, plan, moments, kept)
        mark_duplicates(session, self.recording_id)
        asker = get_job(session, self.context.id).created_by_id
        recording = get_recording(session, self.recording_id, lock="update")
        applied = SyncApplied(
            how="extracted",
            moments=len(moments),
            alone=_alone(plan),
            frames_added=added,
            frames_removed=len(going),
        )
        residuals = {
            camera: sum(found) / len(found) if found else None
            for camera, found in plan.residuals_s.items()
        }
        pairing = Pairing(tuple(plan.times_s), (), residuals, {})
        service.note_applied(session, recording, self._row(session), pairing, applied, asker)
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
        for camera, numbers in plan.numbers.items():
            for moment, number in enumerate(numbers):
                if number is None:
                    continue
                if (camera, number) in kept:
                    places.append({"id": kept[camera, number][0], "position": position})
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
        demo = recording.import_request.get("demo")
        if recording.prelabels_simulated and demo:
            store_simulated_prelabels(session, recording, str(demo))
        else:
            stages.fire(session, recording, Event.PRELABEL, None, model=recording.prelabel_model)


def _plan(
    videos: Sequence[SourceVideo], clocks: Mapping[int, ClockOffset], request: ImportIn
) -> _Plan:
    """Which source frame of each camera shows each instant."""
    times = {video.camera_id: frame_times(video.path, video.filename) for video in videos}
    session_times = {
        camera: [clocks[camera].session_s(at) for at in own] for camera, own in times.items()
    }
    first = videos[0].camera_id
    chosen = sampling_of(request.sampling).choose(times[first])
    wanted = instants(
        session_times[first],
        chosen,
        min(own[0] for own in session_times.values()),
        max(own[-1] for own in session_times.values()),
    )
    numbers = {
        camera: nearest_frames(own, [clocks[camera].camera_s(at) for at in wanted])
        for camera, own in times.items()
    }
    seen = [
        m for m in range(len(wanted)) if any(numbers[camera][m] is not None for camera in times)
    ]
    plan = _Plan([wanted[m] for m in seen])
    for camera in times:
        plan.numbers[camera] = [numbers[camera][m] for m in seen]
        plan.residuals_s[camera] = [
            abs(session_times[camera][number] - wanted[m])
            for m in seen
            if (number := numbers[camera][m]) is not None
        ]
    return plan


def _alone(plan: _Plan) -> dict[str, int]:
    alone = {str(camera): 0 for camera in plan.numbers}
    for moment in range(len(plan.times_s)):
        here = [camera for camera, own in plan.numbers.items() if own[moment] is not None]
        if len(here) == 1:
            alone[str(here[0])] += 1
    return alone


def _batches(items: Sequence[Any]) -> Iterator[Any]:
    for begin in range(0, len(items), _BATCH):
        yield items[begin : begin + _BATCH]
