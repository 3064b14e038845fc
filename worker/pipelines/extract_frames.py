"""Import: files become cameras, moments and frames, with images, thumbnails and quality measures.

An import either succeeds as a whole or leaves nothing: rows go when the job fails (see
``labelling.workflow.service``), stored files go here. A worker that died in the middle is followed
by one that starts the import anew; files are stored under their content's hash, so nothing doubles.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from backend.core.database.session import after_commit
from backend.core.database.tables import Annotation, Camera, Frame, Moment, Recording, Upload
from backend.core.jobs import service as jobs
from backend.core.jobs.service import LostClaim, held
from backend.core.uploads import service as uploads
from backend.demo.calibration import store_rendered_calibration
from backend.domain.findings import FrameFindings, about_file, about_frames
from backend.domain.videos import shape_in_words
from backend.domain.workflow import Event
from backend.labelling.annotations.proposals import import_annotations
from backend.labelling.workflow import service as stages
from backend.recordings.access import get_recording
from backend.recordings.coverage import uneven_cameras
from backend.recordings.payloads import IngestPayload
from backend.recordings.schemas import ImportIn, Sampling
from worker.context import Finish, JobContext
from worker.media.decode import probe
from worker.media.extract import AtRate, EveryNth, extract_frames
from worker.media.frame import ExtractedFrame
from worker.media.images import extract_images
from worker.media.quality import as_signed, mark_near_duplicates
from worker.pipelines.demo_people import People, seen_people, store_people
from worker.pipelines.image_uploads import CocoMatch, match_coco, opened_images

BATCH = 64
T = TypeVar("T")


def run(context: JobContext) -> Finish:
    """Extract all frames of an import."""
    payload = context.read(IngestPayload)
    request = payload.request
    if context.recording_id is None:
        raise RuntimeError("an import job without its recording")
    importer = _Importer(context, context.recording_id, request)
    with importer.all_or_nothing():
        importer.forget_earlier_attempt()
        if request.kind == "video":
            importer.videos()
            match = None
        else:
            match = importer.images()
        importer.mark_duplicates()
        seen = None if payload.demo is None else seen_people(context, context.recording_id)

    def finish(session: Session) -> dict[str, Any]:
        with importer.all_or_nothing():
            result = importer.finish(session, match, seen)
        folder = context.settings.uploads_dir
        after_commit(session, lambda: uploads.remove_files(folder, request.uploads()))
        return result

    return finish


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def sampling_of(sampling: Sampling) -> EveryNth | AtRate:
    """An import's choice of frames, as the extraction takes it."""
    if sampling.mode == "every":
        return EveryNth(int(sampling.value))
    return AtRate(sampling.value)


class _Importer:
    """The state of one import: what was stored so far."""

    def __init__(self, context: JobContext, recording_id: int, request: ImportIn) -> None:
        self.context = context
        self.recording_id = recording_id
        self.request = request
        self.position = 0
        self.warnings: list[str] = []
        self.moments: list[int] = []
        self.frame_by_name: dict[str, int] = {}
        self.prefix = f"recordings/{recording_id}"
        with context.transaction() as session:
            rows = session.scalars(select(Upload).where(Upload.id.in_(request.uploads())))
            self.filenames = {upload.id: upload.filename for upload in rows}

    @contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """Remove stored files when the import fails; its rows go with the job.

        Files are named by their content: where another worker has taken the import over, they are
        its files.
        """
        try:
            yield
        except LostClaim:
            raise
        except BaseException:
            if not self.context.lost.is_set():
                self.context.storage.delete_prefix(f"{self.prefix}/")
            raise

    def path(self, upload_id: int) -> Path:
        return uploads.path_of(self.context.settings.uploads_dir, upload_id)

    def forget_earlier_attempt(self) -> None:
        with self.context.transaction() as session:
            held(session, self.context.id, self.context.claim)
            get_recording(session, self.recording_id, lock="update")
            for table in (Frame, Moment, Camera):
                session.execute(
                    table.__table__.delete().where(  # type: ignore[attr-defined]
                        table.recording_id == self.recording_id
                    )
                )

    def videos(self) -> None:
        """Frames of one or several synchronised cameras."""
        limit = self.context.settings.max_video_pixels
        cameras = self.request.cameras
        # All files are looked at before the first is worked on: faults show within a second.
        facts = [
            probe(self.path(c.upload_id), name=self.filenames[c.upload_id], max_pixels=limit)
            for c in cameras
        ]
        done_before = 0
        for index, (camera, fact) in enumerate(zip(cameras, facts, strict=True)):
            path, name = self.path(camera.upload_id), self.filenames[camera.upload_id]
            camera_id = self._add_camera(
                index=index, name=camera.name, width=fact.width, height=fact.height,
                fps=float(fact.fps) if fact.fps else None, rotation=int(fact.rotation),
                duration_s=float(fact.duration_s) if fact.duration_s else None,
                source_filename=name, source=path, pixel_aspect=shape_in_words(fact.pixel_aspect),
            )  # fmt: skip

            def progress(done: int, total: int | None, before: int = done_before) -> None:
                whole = None if total is None else before + total * (len(cameras) - index)  # noqa: B023
                self.context.report(before + done, whole, f"Frames of {camera.name}")  # noqa: B023

            found = FrameFindings()
            frames = extract_frames(
                path, sampling_of(self.request.sampling), out=self._store, name=name, found=found,
                cancelled=self.context.cancelled, progress=progress, max_pixels=limit,
            )  # fmt: skip
            came = self._save(camera_id, frames)
            done_before += came
            remarks = about_file(fact.found) + about_frames(found, came)
            self._note(camera_id, found, remarks)
            self.warnings += [f"{camera.name}: {remark}" for remark in remarks]

    def _note(self, camera_id: int, found: FrameFindings, remarks: list[str]) -> None:
        """Keep with a camera what was found in its video."""
        with self.context.transaction() as session:
            held(session, self.context.id, self.context.claim)
            session.execute(
                update(Camera)
                .where(Camera.id == camera_id)
                .values(
                    undecodable=len(found.undecodable_s),
                    damaged=sum(found.damaged.values()),
                    untimed=found.untimed,
                    by_field=found.by_field,
                    remarks=remarks,
                )
            )

    def images(self) -> CocoMatch | None:
        """Frames from images, each a moment of its own; with a COCO file, the images it names."""
        settings = self.context.settings
        files = [(self.filenames[i], self.path(i)) for i in self.request.upload_ids]
        with opened_images(files, settings) as source:
            match = None
            if self.request.coco_upload_id is not None:
                coco = self.request.coco_upload_id
                match = match_coco(
                    self.path(coco), self.filenames[coco], source, settings.max_json_bytes
                )
                if match.unused:
                    self.context.log(
                        f"{match.unused} images are not named in {self.filenames[coco]}"
                        " and were left out.",
                        "warning",
                    )
            camera_id = self._add_camera(index=0, name="images", source_filename=source.name)
            frames = extract_images(
                source,
                images=match.paths if match else None,
                out=self._store,
                cancelled=self.context.cancelled,
                progress=lambda done, total: self.context.report(done, total, "Reading images"),
                max_pixels=settings.max_image_pixels,
            )
            self._save(camera_id, frames)
            if match:
                with self.context.transaction() as session:
                    sizes = {
                        str(name): (width, height)
                        for name, width, height in session.execute(
                            select(Frame.source_name, Frame.width, Frame.height).where(
                                Frame.recording_id == self.recording_id
                            )
                        )
                    }
                match.check_sizes(sizes)
        return match

    def _add_camera(self, *, source: Path | None = None, **facts: Any) -> int:
        if source is not None:
            with source.open("rb") as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            suffix = Path(str(facts["source_filename"])).suffix.lower()
            key = f"{self.prefix}/source/{sha256}{suffix}"
            self.context.storage.put(key, source)
            facts |= {"source_sha256": sha256, "source_key": key}
        with self.context.transaction() as session:
            camera = Camera(recording_id=self.recording_id, **facts)
            session.add(camera)
            session.flush()
            return camera.id

    def _store(self, frame: ExtractedFrame) -> None:
        image, thumbnail = frame_keys(self.recording_id, frame)
        self.context.storage.put(image, frame.data)
        self.context.storage.put(thumbnail, frame.thumbnail)

    def _save(self, camera_id: int, frames: Iterator[ExtractedFrame]) -> int:
        """Write rows for stored frames, batch by batch; returns how many."""
        count = 0
        for batch in _batches(frames, BATCH):
            with self.context.transaction() as session:
                held(session, self.context.id, self.context.claim)
                self._add_moments(session, batch)
                rows = [self._row(camera_id, frame, i) for i, frame in enumerate(batch)]
                ids = session.scalars(
                    insert(Frame).returning(Frame.id, sort_by_parameter_order=True), rows
                ).all()
                session.execute(
                    insert(Annotation),
                    [{"frame_id": i, "recording_id": self.recording_id} for i in ids],
                )
            for frame, frame_id in zip(batch, ids, strict=True):
                if frame.name is not None:
                    self.frame_by_name[frame.name] = frame_id
            self.position += len(batch)
            count += len(batch)
        return count

    def _add_moments(self, session: Session, batch: list[ExtractedFrame]) -> None:
        missing = [f for f in batch if f.index >= len(self.moments)]
        if missing:
            self.moments += session.scalars(
                insert(Moment).returning(Moment.id, sort_by_parameter_order=True),
                [
                    {
                        "recording_id": self.recording_id,
                        "index": frame.index,
                        "time_s": _seconds(frame),
                    }
                    for frame in missing
                ],
            ).all()

    def _row(self, camera_id: int, frame: ExtractedFrame, offset: int) -> dict[str, Any]:
        return frame_facts(self.recording_id, frame) | {
            "recording_id": self.recording_id,
            "camera_id": camera_id,
            "moment_id": self.moments[frame.index],
            "position": self.position + offset,
        }

    def mark_duplicates(self) -> None:
        """Note which frames nearly repeat an earlier one of their camera."""
        self.context.check_cancelled()
        with self.context.transaction() as session:
            mark_duplicates(session, self.recording_id)

    def finish(
        self, session: Session, match: CocoMatch | None, seen: People | None
    ) -> dict[str, Any]:
        """The import's last step: its stage, and the pre-labels that came with it."""
        recording = get_recording(session, self.recording_id, lock="update")
        stages.fire(session, recording, Event.INGEST_FINISHED, None)
        demo = self.context.read(IngestPayload).demo
        if match is not None:
            self._import_people(session, recording, match)
        elif demo is not None:
            store_people(session, recording, str(demo), seen)
            store_rendered_calibration(session, recording, str(demo))
            stages.fire(session, recording, Event.PRELABELS_IMPORTED, None)
        uneven = uneven_cameras(session, self.recording_id)
        if uneven is not None:
            self.warnings.append(uneven)
        for warning in self.warnings:
            jobs.add_log(session, self.context.id, warning, "warning")
        return {
            "recording_id": self.recording_id,
            "frames": self.position,
            "warnings": self.warnings,
        }

    def _import_people(self, session: Session, recording: Recording, match: CocoMatch) -> None:
        people = {
            self.frame_by_name[path]: persons for path, persons in match.people_by_path.items()
        }
        source = f"COCO file {match.name}"
        import_annotations(session, people, source=source)
        recording.prelabel_model = source[:120]
        stages.fire(session, recording, Event.PRELABELS_IMPORTED, None)


def frame_keys(recording_id: int, frame: ExtractedFrame) -> tuple[str, str]:
    """Where a frame's image and thumbnail lie: under the hash of what is in them."""
    folder = f"recordings/{recording_id}/frames/{frame.sha256[:2]}"
    return f"{folder}/{frame.sha256}{frame.suffix}", f"{folder}/{frame.sha256}.thumb.jpg"


def frame_facts(recording_id: int, frame: ExtractedFrame) -> dict[str, Any]:
    """What a frame's row says of its picture, JSON-serialisable."""
    image, thumbnail = frame_keys(recording_id, frame)
    return {
        "time_s": _seconds(frame),
        "source_frame": frame.source_frame_number,
        "source_name": frame.name[-255:] if frame.name else None,
        "own_time": frame.own_time,
        "damage": frame.damage,
        "width": frame.width,
        "height": frame.height,
        "sha256": frame.sha256,
        "image_key": image,
        "thumbnail_key": thumbnail,
        "sharpness": frame.quality.sharpness,
        "mean_luma": frame.quality.mean_luma,
        "clipped_dark": frame.quality.dark_share,
        "clipped_bright": frame.quality.bright_share,
        "dhash": as_signed(frame.quality.difference_hash),
    }


def mark_duplicates(session: Session, recording_id: int) -> None:
    """Note which frames nearly repeat an earlier one of their camera."""
    rows = session.execute(
        select(Frame.camera_id, Frame.id, Frame.dhash)
        .where(Frame.recording_id == recording_id)
        .order_by(Frame.position)
    ).all()
    cameras: dict[int, list[tuple[int, int]]] = {}
    for camera_id, frame_id, dhash in rows:
        cameras.setdefault(camera_id, []).append((frame_id, dhash % 2**64))
    changes = [
        {"id": frames[i][0], "duplicate_of_id": frames[repeated][0]}
        for frames in cameras.values()
        for i, repeated in enumerate(mark_near_duplicates(h for _, h in frames))
        if repeated is not None
    ]
    if changes:
        session.execute(update(Frame), changes)


def _seconds(frame: ExtractedFrame) -> float:
    """Time of a frame; images without one count in seconds."""
    return float(frame.pts_s) if frame.pts_s is not None else float(frame.index)
