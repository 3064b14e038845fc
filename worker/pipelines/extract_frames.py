"""Import: files become cameras, moments and frames, with images, thumbnails and quality measures.

An import either succeeds as a whole or leaves nothing: rows go when the job fails (see
``labelling.workflow.service``), stored files go here. A worker that died in the middle is followed
by one that starts the import anew; files are stored under their content's hash, so nothing doubles.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from backend.core.database.session import after_commit
from backend.core.database.tables import (
    Camera,
    CameraFile,
    Frame,
    Moment,
    Recording,
    Upload,
    UploadLook,
)
from backend.core.jobs import service as jobs
from backend.core.jobs.service import LostClaim, held
from backend.core.uploads import service as uploads
from backend.domain.errors import DomainError, InvalidInput
from backend.domain.findings import FrameFindings, about_frames
from backend.domain.frame_groups import CameraTimes
from backend.domain.frame_matching import NONE
from backend.domain.oddities import Answer, Odd
from backend.domain.sampling import sample, sampling_of
from backend.domain.workflow import Event
from backend.labelling.annotations.proposals import import_annotations, import_columns
from backend.labelling.discards import service as discards
from backend.labelling.workflow import service as stages
from backend.multiview.propagation.service import order_motion_once
from backend.publishing.formats.coco import CocoAnnotation
from backend.publishing.formats.findings import Findings
from backend.publishing.formats.registry import INTERCHANGE
from backend.recordings.access import get_recording
from backend.recordings.coverage import coverage_of
from backend.recordings.inspection import service as inspection
from backend.recordings.payloads import IngestPayload
from backend.recordings.schemas import ImportIn
from backend.recordings.truth import truth_of
from worker.context import Finish, JobContext
from worker.media.chapters import extract_numbered
from worker.media.images import extract_images
from worker.media.sources import ImageSource
from worker.pipelines.any_plan import opened_plan
from worker.pipelines.coco_plan import CocoPlan
from worker.pipelines.frame_rows import drop_empty_moments, mark_duplicates
from worker.pipelines.frame_writer import FrameWriter
from worker.pipelines.image_uploads import opened_images
from worker.pipelines.known_people import SeenPeople, seen_people, store_people
from worker.pipelines.label_plan import LabelPlan, video_path
from worker.pipelines.spooled_people import SpooledPeople
from worker.pipelines.video_files import CameraVideo, LookedAt, in_a_row, look_at

_PEOPLE_OF_FRAMES: Final = 1_000
"""People of so many frames are stored at a time."""


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
        elif request.kind in ("coco", "labels"):
            importer.labelled()
        else:
            importer.images()
        importer.tidy()
        seen = seen_people(context, context.recording_id)

    def finish(session: Session) -> dict[str, Any]:
        with importer.all_or_nothing():
            result = importer.finish(session, seen)
        folder = context.settings.uploads_dir
        after_commit(session, lambda: uploads.remove_files(folder, request.uploads()))
        return result

    return finish


class _Importer(FrameWriter):
    """The state of one import: what was stored so far."""

    def __init__(self, context: JobContext, recording_id: int, request: ImportIn) -> None:
        super().__init__(context, recording_id)
        self.request = request
        self.warnings: list[str] = []
        self.people: Mapping[str, Sequence[CocoAnnotation]] = {}
        self.label_source: dict[str, Any] | None = None
        self.notes: list[str] = []
        self.prefix = f"recordings/{recording_id}"
        self.labels = ""
        with context.transaction() as session:
            rows = session.scalars(select(Upload).where(Upload.id.in_(request.uploads())))
            self.filenames = {upload.id: upload.filename for upload in rows}
        self.findings = Findings(request.choices.answers())

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
        """Frames of one or several cameras: which ones is decided before the first is decoded."""
        limit = self.context.settings.max_video_pixels
        videos = []
        for camera in self.request.cameras:
            files = [self._look_at(upload_id, limit) for upload_id in camera.files()]
            videos.append(in_a_row(camera.name, files))
        eyes = [CameraTimes.of(video.times_s, video.interval_s) for video in videos]
        sampling = self.request.sampling
        groups = sample(eyes, sampling_of(sampling.mode, sampling.value))
        self._add_moments(groups.times_s.tolist())
        total = int((groups.members != NONE).sum())
        for index, (camera, video) in enumerate(zip(self.request.cameras, videos, strict=True)):
            self.warnings += [f"{camera.name}: {b.note}" for b in video.beginnings if b.note]
            camera_id = self._add_video(index, camera.name, video)
            column = groups.members[:, index]
            moment_of = {int(n): m for m, n in enumerate(column) if n != NONE}
            before = self.position

            def progress(done: int, _: int | None, before: int = before) -> None:
                self.context.report(before + done, total, f"Frames of {camera.name}")  # noqa: B023

            found = FrameFindings()
            frames = extract_numbered(
                video.chapters, moment_of.keys(), out=self._store, found=found,
                cancelled=self.context.cancelled, progress=progress, max_pixels=limit,
            )  # fmt: skip
            came = self._save(camera_id, frames, moment_of)
            if moment_of and not came:
                name = video.files[0].name
                fault = "none of the requested frames can be decoded"
                raise InvalidInput(f"{name}: {fault}.", file=name, fault=fault)
            remarks = [note for file in video.files for note in file.look.notes]
            remarks += about_frames(found, came)
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

    def _look_at(self, upload_id: int, max_pixels: int) -> LookedAt:
        """A file as it was seen before the import began, else as it is seen now."""
        self.context.check_cancelled()
        path, name = self.path(upload_id), self.filenames[upload_id]
        with self.context.transaction() as session:
            seen = inspection.stored(session, upload_id)
        if seen is not None and seen[0].size_bytes == path.stat().st_size:
            return LookedAt(path, name, *seen)
        return look_at(path, name, max_pixels)

    def images(self) -> None:
        """Frames from images, each a moment of its own."""
        files = [(self.filenames[i], self.path(i)) for i in self.request.upload_ids]
        with opened_images(files, self.context.settings) as source:
            self._add_images(source, None)

    def _add_images(self, source: ImageSource, paths: list[str] | None) -> None:
        """A camera of images: all, or those of these paths.

        An image that cannot be read costs itself alone, unless it is the only one.
        """
        errors: list[DomainError] = []

        def broken(path: str, error: DomainError) -> None:
            errors.append(error)
            self.findings.odd(Odd.IMAGE_BROKEN, image=path, detail=str(error.context.get("fault")))

        camera_id = self._add_camera(index=0, name="images", source_filename=source.name)
        frames = extract_images(
            source,
            images=paths,
            out=self._store,
            cancelled=self.context.cancelled,
            progress=lambda done, total: self.context.report(done, total, "Reading images"),
            max_pixels=self.context.settings.max_image_pixels,
            broken=broken,
        )
        if not self._save(camera_id, frames) and errors:
            raise errors[0]

    def labelled(self) -> None:
        """Frames that labels name: images, and frames of videos that were sent with them."""
        named = {i: (name, self.path(i)) for i, name in self.filenames.items()}
        request = self.request
        with opened_plan(self.context, request, named, request.choices, self.findings) as (
            plan,
            form,
            source,
        ):
            self.people = plan.people_by_path()
            self.sources, self.label_source = plan.sources(), plan.label_source()
            self.notes, self.file_names = plan.notes(), plan.file_names()
            coco = isinstance(plan, CocoPlan)
            self.labels = f"{'COCO file' if coco else INTERCHANGE[form].title} {plan.name}"
            paths = plan.frame_paths()
            if source is not None and paths:
                self._add_images(source, paths)
            if isinstance(plan, LabelPlan):
                for name, numbers in plan.videos.items():
                    self._add_labelled_video(name, plan.files.videos[name], numbers)

    def _add_labelled_video(self, name: str, path: Path, numbers: Sequence[int]) -> None:
        """A camera of the frames of a video that labels name, each a moment of its own."""
        limit = self.context.settings.max_video_pixels
        video = in_a_row(name, [look_at(path, name, limit)])
        camera_id = self._add_video(self.cameras, Path(name).stem[:80], video)
        wanted = sorted(numbers)
        first = len(self.moments)
        self._add_moments([float(video.times_s[n]) for n in wanted])
        moment_of = {n: first + i for i, n in enumerate(wanted)}
        found = FrameFindings()
        frames = extract_numbered(
            video.chapters, moment_of.keys(), out=self._store, found=found,
            cancelled=self.context.cancelled, max_pixels=limit,
            progress=lambda done, total: self.context.report(done, total, f"Frames of {name}"),
        )  # fmt: skip
        came = self._save(
            camera_id, frames, moment_of, path_of=lambda number: video_path(name, number)
        )
        remarks = [note for file in video.files for note in file.look.notes]
        remarks += about_frames(found, came)
        self._note(camera_id, found, remarks)
        self.warnings += [f"{name}: {remark}" for remark in remarks]

    def _add_video(self, index: int, name: str, video: CameraVideo) -> int:
        """A camera and its files, which are stored."""
        first = video.files[0].look
        camera_id = self._add_camera(
            index=index, name=name, width=first.width, height=first.height, fps=first.fps,
            rotation=first.rotation, frame_interval_s=video.interval_s or None,
            duration_s=video.duration_s or None, source_filename=video.files[0].name,
            pixel_aspect=first.pixel_aspect,
        )  # fmt: skip
        rows = []
        for place, (file, chapter) in enumerate(zip(video.files, video.chapters, strict=True)):
            with file.path.open("rb") as opened:
                sha256 = hashlib.file_digest(opened, "sha256").hexdigest()
            key = f"{self.prefix}/source/{sha256}{Path(file.name).suffix.lower()}"
            self.context.storage.put(key, file.path)
            rows.append(
                CameraFile(
                    camera_id=camera_id, index=place, filename=file.name, sha256=sha256, key=key,
                    first_frame=chapter.first_frame, frames=len(file.times_s),
                    start_s=chapter.start_s, duration_s=file.look.duration_s,
                )
            )  # fmt: skip
        with self.context.transaction() as session:
            held(session, self.context.id, self.context.claim)
            session.add_all(rows)
        return camera_id

    def tidy(self) -> None:
        """Drop moments that nobody saw, and note which frames nearly repeat an earlier one."""
        self.context.check_cancelled()
        with self.context.transaction() as session:
            held(session, self.context.id, self.context.claim)
            drop_empty_moments(session, self.recording_id)
            mark_duplicates(session, self.recording_id)

    def finish(self, session: Session, seen: SeenPeople | None) -> dict[str, Any]:
        """The import's last step: its stage, and the pre-labels that came with it."""
        recording = get_recording(session, self.recording_id, lock="update")
        stages.fire(session, recording, Event.INGEST_FINISHED, None)
        truth = truth_of(recording)
        if self.request.kind in ("coco", "labels"):
            self._import_people(session, recording)
        elif truth is not None:
            store_people(session, recording, truth, seen)
            truth.store_cameras(session, recording)
            discards.compute(session, recording.id)
            stages.fire(session, recording, Event.PRELABELS_IMPORTED, None)
            order_motion_once(session, recording)
        for note in self.notes:
            jobs.add_log(session, self.context.id, note)
        for found in self.findings:
            level = "info" if found.answer is Answer.MAP and not found.rule.asks else "warning"
            jobs.add_log(session, self.context.id, str(found), level)
        # Videos that labels name were not taken together.
        together = self.request.kind == "video"
        uneven = coverage_of(session, self.recording_id).words if together else None
        said = [*self.warnings, *([uneven] if uneven else [])]
        for warning in said:
            jobs.add_log(session, self.context.id, warning, "warning")
        warnings = [*self.notes, *(str(found) for found in self.findings), *said]
        session.execute(delete(UploadLook).where(UploadLook.upload_id.in_(self.request.uploads())))
        return {
            "recording_id": self.recording_id,
            "frames": self.position,
            "warnings": warnings,
        }

    def _import_people(self, session: Session, recording: Recording) -> None:
        # Images that turned out to be broken have no frame.
        frames = sorted(
            (self.frame_by_name[path], path) for path in self.people if path in self.frame_by_name
        )
        for begin in range(0, len(frames), _PEOPLE_OF_FRAMES):
            batch = frames[begin : begin + _PEOPLE_OF_FRAMES]
            if isinstance(self.people, SpooledPeople):
                import_columns(session, self.people.columns(batch), source=self.labels)
            else:
                people = {frame_id: self.people[path] for frame_id, path in batch}
                import_annotations(session, people, source=self.labels)
        recording.prelabel_model = self.labels[:120]
        recording.label_source = self.label_source
        stages.fire(session, recording, Event.PRELABELS_IMPORTED, None)
