"""Writing the rows of an import: cameras, moments, frames with their images, in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final, TypeVar

from sqlalchemy import insert

from backend.core.database.tables import Annotation, Camera, Frame, Moment
from backend.core.jobs.service import held
from worker.context import JobContext
from worker.media.frame import ExtractedFrame
from worker.pipelines.frame_rows import frame_facts, frame_keys, seconds_of

_BATCH: Final = 64
_ROWS: Final = 1000
T = TypeVar("T")


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


class FrameWriter:
    """Writes the frames of one import.

    Attributes:
        position: How many frames were written.
        cameras: How many cameras.
        moments: Ids of all moments, by index.
        frame_by_name: Id of each frame by what its source or its labels call it.
        file_names: What labels call images, by path.
        sources: What labels said of images, by path.
    """

    def __init__(self, context: JobContext, recording_id: int) -> None:
        self.context = context
        self.recording_id = recording_id
        self.position = 0
        self.cameras = 0
        self.moments: list[int] = []
        self.frame_by_name: dict[str, int] = {}
        self.file_names: dict[str, str] = {}
        self.sources: dict[str, dict[str, Any]] = {}

    def _add_camera(self, **facts: Any) -> int:
        with self.context.transaction() as session:
            held(session, self.context.id, self.context.claim)
            camera = Camera(recording_id=self.recording_id, **facts)
            session.add(camera)
            session.flush()
            self.cameras += 1
            return camera.id

    def _store(self, frame: ExtractedFrame) -> None:
        image, thumbnail = frame_keys(self.recording_id, frame)
        self.context.storage.put(image, frame.data)
        self.context.storage.put(thumbnail, frame.thumbnail)

    def _save(
        self,
        camera_id: int,
        frames: Iterator[ExtractedFrame],
        moment_of: Mapping[int, int] | None = None,
        *,
        path_of: Callable[[int], str] | None = None,
    ) -> int:
        """Write rows for stored frames, batch by batch; returns how many.

        Args:
            camera_id: Their camera.
            frames: As they come.
            moment_of: The moment of each, by its number in the source; by default each frame makes
                a moment of its own.
            path_of: What labels call each, by its number in the source; by default its name.
        """
        count = 0
        path = (
            (lambda frame: frame.name)
            if path_of is None
            else (lambda frame: path_of(frame.source_frame_number))
        )
        for batch in _batches(frames, _BATCH):
            if moment_of is None:
                self._add_moments([seconds_of(frame) for frame in batch])
            with self.context.transaction() as session:
                held(session, self.context.id, self.context.claim)
                rows = [
                    self._row(
                        frame,
                        camera_id=camera_id,
                        moment_id=self.moments[
                            frame.index
                            if moment_of is None
                            else moment_of[frame.source_frame_number]
                        ],
                        position=self.position + offset,
                        path=path(frame),
                    )
                    for offset, frame in enumerate(batch)
                ]
                ids = session.scalars(
                    insert(Frame).returning(Frame.id, sort_by_parameter_order=True), rows
                ).all()
                session.execute(
                    insert(Annotation),
                    [{"frame_id": i, "recording_id": self.recording_id} for i in ids],
                )
            for frame, frame_id in zip(batch, ids, strict=True):
                if (named := path(frame)) is not None:
                    self.frame_by_name[named] = frame_id
            self.position += len(batch)
            count += len(batch)
        return count

    def _add_moments(self, times_s: Sequence[float]) -> None:
        """Moments after those that there are."""
        rows = [
            {"recording_id": self.recording_id, "index": index, "time_s": time_s}
            for index, time_s in enumerate(times_s, start=len(self.moments))
        ]
        with self.context.transaction() as session:
            held(session, self.context.id, self.context.claim)
            for some in _batches(rows, _ROWS):
                self.moments += session.scalars(
                    insert(Moment).returning(Moment.id, sort_by_parameter_order=True), some
                ).all()

    def _row(self, frame: ExtractedFrame, path: str | None, **place: int) -> dict[str, Any]:
        # The labels' name is what people know; an archive may hold it in another character set.
        name = self.file_names.get(path or "", frame.name)
        named: dict[str, Any] = {"source_name": name[-255:]} if name else {}
        if self.sources:
            named |= {"source": self.sources.get(path or "")}
        return (
            frame_facts(self.recording_id, frame)
            | named
            | {"recording_id": self.recording_id}
            | place
        )
