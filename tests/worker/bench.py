"""A product without web server and Celery, to which files are given: pipelines run in the test."""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Sequence
from typing import Any

import av
import numpy as np
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.core.database.engine import make_engine
from backend.core.database.session import transaction
from backend.core.database.tables import (
    Annotation,
    Camera,
    Candidate,
    Frame,
    Job,
    Moment,
    Recording,
    Upload,
    User,
)
from backend.core.jobs import service as jobs
from backend.core.settings import Settings
from backend.core.uploads import service as uploads
from backend.recordings import service as recordings
from backend.recordings.first_pass import CheckIn
from backend.recordings.schemas import ImportIn
from tests.factories import make_maintainer
from worker.runner import run


class Bench:
    """A product without web server, to which files are given.

    Args:
        settings: Its database and folder.
        maintainer_id: Its maintainer; by default a new one.
    """

    def __init__(self, settings: Settings, maintainer_id: int | None = None) -> None:
        self.settings = settings
        self.engine = make_engine(settings.required_database_url)
        if maintainer_id is None:
            with transaction(self.engine) as session:
                maintainer_id = make_maintainer(session).id
        self.maintainer_id = maintainer_id

    def upload(self, name: str, data: bytes) -> int:
        with transaction(self.engine) as session:
            row = Upload(
                filename=name,
                size=len(data),
                created_by_id=self.maintainer_id,
                completed_at=func.now(),
            )
            session.add(row)
            session.flush()
            path = uploads.path_of(self.settings.uploads_dir, row.id)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            return row.id

    def start(self, **request: Any) -> int:
        facts = {
            "name": "Visit 1",
            "source": "other",
            "infant": {"pseudonym": "INF-1"},
            "consent": "research",
        }
        with transaction(self.engine) as session:
            user = session.get_one(User, self.maintainer_id)
            _, job = recordings.begin_import(
                session, ImportIn.model_validate(facts | request), user
            )
            return job.id

    def videos(self, *files: tuple[str, bytes], **request: Any) -> Job:
        cameras = [
            {"name": f"camera {i + 1}", "upload_id": self.upload(*file)}
            for i, file in enumerate(files)
        ]
        return self.run(self.start(kind="video", cameras=cameras, **request))

    def images(self, *files: tuple[str, bytes], coco: Any = None, **request: Any) -> Job:
        ids = [self.upload(*file) for file in files]
        if coco is None:
            return self.run(self.start(kind="images", upload_ids=ids, **request))
        coco_id = self.upload("people.json", as_json(coco))
        return self.run(self.start(kind="coco", upload_ids=ids, coco_upload_id=coco_id, **request))

    def first_pass(self, *files: tuple[str, bytes], coco: Any, **choices: Any) -> Job:
        """Look through a COCO file without importing it."""
        ids = [self.upload(*file) for file in files]
        coco_id = self.upload("people.json", as_json(coco))
        with transaction(self.engine) as session:
            user = session.get_one(User, self.maintainer_id)
            request = CheckIn.model_validate(
                {"upload_ids": ids, "coco_upload_id": coco_id, "choices": choices}
            )
            job_id = recordings.begin_check(session, request, user).id
        return self.run(job_id)

    def run(self, job_id: int) -> Job:
        run(job_id, self.settings)
        with Session(self.engine) as session:
            return jobs.get_job(session, job_id)

    def all(self, model: Any) -> Sequence[Any]:
        with Session(self.engine, expire_on_commit=False) as session:
            return session.scalars(select(model).order_by(*model.__table__.primary_key)).all()

    def files(self) -> list[str]:
        root = self.settings.data_dir / "blobs"
        return sorted(str(p.relative_to(root)) for p in root.rglob("*") if p.is_file())

    def assert_nothing_is_left(self) -> None:
        for model in (Recording, Camera, Moment, Frame, Annotation, Candidate):
            assert self.all(model) == [], model.__tablename__
        assert self.files() == []


def as_json(document: Any) -> bytes:
    """A document as a file's bytes; bytes as they are."""
    return document if isinstance(document, bytes) else json.dumps(document).encode()


def video(frames: int = 12, width: int = 64, height: int = 48, fps: int = 10) -> bytes:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=fps)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        rng = np.random.default_rng(7)
        for _ in range(frames):
            pixels = rng.integers(0, 255, (height // 8, width // 8, 3), np.uint8)
            image = pixels.repeat(8, 0).repeat(8, 1)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, "rgb24")))
        container.mux(stream.encode(None))
    return buffer.getvalue()


def png(width: int = 64, height: int = 48, shade: int = 128) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), (shade, shade // 2, 7)).save(buffer, "PNG")
    return buffer.getvalue()


def png_claiming(width: int, height: int) -> bytes:
    """A small PNG whose header claims another size; making the real one would take long."""
    data = bytearray(png(8, 8))
    data[16:24] = struct.pack(">II", width, height)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    return bytes(data)


def archive(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, data in files.items():
            file.writestr(name, data)
    return buffer.getvalue()
