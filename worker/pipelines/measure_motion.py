"""How the pictures of a recording move, link by link, stored as files of grids.

A file holds some links of one camera. Its row and the job's progress are written together, so a
worker that takes over goes on with the first file that has no row. What an earlier job measured is
replaced file by file, and removed once the new file stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.core.database.session import after_commit
from backend.core.database.tables import Annotation, Candidate, FlowFile, Frame
from backend.core.jobs import service as jobs
from backend.core.storage import BlobStore
from backend.domain.errors import InvalidInput
from backend.domain.flow_grids import Box, FlowGrids, linked, square_around
from backend.multiview.propagation import repository
from worker.context import Finish, JobContext
from worker.propagation.flow import Link, measure

LINKS_PER_FILE: Final = 96
"""Some three megabytes; so much work is lost at most when a worker dies."""

_GOOD_SHARE: Final = 0.5
_WORDS: Final = "Measuring motion"


@dataclass(frozen=True, slots=True)
class _Frame:
    id: int
    position: int
    key: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class _Part:
    """Links of a camera that go into one file."""

    camera_id: int
    links: tuple[tuple[_Frame, _Frame], ...]


def run(context: JobContext) -> Finish:
    """Measure all links of all cameras."""
    if context.recording_id is None:
        raise RuntimeError("a job on motion without its recording")
    recording_id = context.recording_id
    with context.transaction() as session:
        parts = list(_parts(session, recording_id))
    prefix = f"recordings/{recording_id}/flow/{context.id}/"
    total = sum(len(part.links) for part in parts)
    done = 0
    for number, part in enumerate(parts):
        after = done + len(part.links)
        if after > context.resume_at:
            context.report(done, total, _WORDS)
            grids = _measured(context, part, done, total)
            key = f"{prefix}{number:05d}.npz"
            context.storage.put(key, grids.to_bytes())
            _name(context, recording_id, part, key, after, total)
        done = after

    def finish(session: Session) -> dict[str, Any]:
        old = session.scalars(
            delete(FlowFile)
            .where(FlowFile.recording_id == recording_id, ~FlowFile.key.startswith(prefix))
            .returning(FlowFile.key)
        ).all()
        after_commit(session, lambda: _remove(context.storage, old))
        return {"links": total, "files": len(parts)}

    return finish


def _parts(session: Session, recording_id: int) -> Iterator[_Part]:
    columns = repository.frames(session, recording_id)
    stored = session.execute(
        select(Frame.id, Frame.image_key).where(Frame.recording_id == recording_id)
    )
    keys = {row.id: row.image_key for row in stored}
    for camera_id, _ in repository.cameras(session, recording_id):
        mine = np.flatnonzero(columns["camera"] == camera_id)
        frames = [
            _Frame(
                int(columns["id"][i]),
                int(columns["position"][i]),
                keys[int(columns["id"][i])],
                int(columns["width"][i]),
                int(columns["height"][i]),
            )
            for i in mine
        ]
        near = linked(columns["time"][mine])
        links = [
            (one, two)
            for one, two, joined in zip(frames[:-1], frames[1:], near.tolist(), strict=True)
            if joined and (one.width, one.height) == (two.width, two.height)
        ]
        for first in range(0, len(links), LINKS_PER_FILE):
            yield _Part(camera_id, tuple(links[first : first + LINKS_PER_FILE]))


def _measured(context: JobContext, part: _Part, done: int, total: int) -> FlowGrids:
    with context.transaction() as session:
        people = _people(session, part)
    found: list[Link] = []
    seen: tuple[int, NDArray[np.uint8]] | None = None
    last: Sequence[Box] = ()
    for number, (one, two) in enumerate(part.links):
        context.check_cancelled()
        first = seen[1] if seen and seen[0] == one.id else _gray(context.storage, one.key)
        second = _gray(context.storage, two.key)
        seen = (two.id, second)
        # Where nobody is found in either frame, the infant is still where it was.
        last = [*people.get(one.id, ()), *people.get(two.id, ())] or last
        found.append(measure(first, second, square_around(last, one.width, one.height)))
        context.report(done + number, total, _WORDS)
    return FlowGrids(
        before=np.array([one.id for one, _ in part.links], dtype=np.int64),
        after=np.array([two.id for _, two in part.links], dtype=np.int64),
        origin=np.array([link.origin for link in found], dtype=np.float32),
        step=np.array([link.step for link in found], dtype=np.float32),
        displacement=np.stack([link.displacement for link in found]),
        reliability=np.stack([link.reliability for link in found]),
    )


def _people(session: Session, part: _Part) -> dict[int, list[Box]]:
    """By frame the rectangles of whoever may be the infant: who is proposed, and good ones."""
    ids = {frame.id for link in part.links for frame in link}
    rows = session.execute(
        select(Candidate.frame_id, Candidate.id, Candidate.score, Candidate.box,
               Annotation.candidate_id)
        .join(Annotation, Annotation.frame_id == Candidate.frame_id)
        .where(Candidate.frame_id.in_(ids), ~Candidate.retired, Candidate.apart.is_(None))
    ).all()  # fmt: skip
    best: dict[int, float] = {}
    for row in rows:
        best[row.frame_id] = max(best.get(row.frame_id, 0.0), row.score)
    people: dict[int, list[Box]] = {}
    for row in rows:
        if row.id == row.candidate_id or row.score >= _GOOD_SHARE * best[row.frame_id]:
            x, y, width, height = row.box
            people.setdefault(row.frame_id, []).append((x, y, x + width, y + height))
    return people


def _name(
    context: JobContext, recording_id: int, part: _Part, key: str, done: int, total: int
) -> None:
    """Write down that a file stands, and how far the job is."""
    values = {
        "recording_id": recording_id,
        "last_position": part.links[-1][1].position,
        "links": len(part.links),
        "key": key,
    }
    where = {"camera_id": part.camera_id, "first_position": part.links[0][0].position}
    with context.transaction() as session:
        before = session.scalar(select(FlowFile.key).filter_by(**where))
        session.execute(
            insert(FlowFile)
            .values(**where, **values)
            .on_conflict_do_update(constraint="uq_flow_files_camera_id_first_position", set_=values)
        )
        jobs.report(session, context.id, context.claim, done, total, _WORDS)
        if before is not None and before != key:
            after_commit(session, lambda: context.storage.delete(before))


def _remove(storage: BlobStore, keys: Sequence[str]) -> None:
    for key in keys:
        storage.delete(key)


def _gray(storage: BlobStore, key: str) -> NDArray[np.uint8]:
    data = np.frombuffer(storage.read(key), np.uint8)
    image = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE | cv2.IMREAD_IGNORE_ORIENTATION)
    if image is None:
        raise InvalidInput(f"{key}: the stored image is damaged.", file=key, fault="damaged")
    return np.asarray(image, dtype=np.uint8)
