"""Approved visits with pictures, and a dataset whose releases are made by the real jobs."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from datetime import date

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from sqlalchemy.orm import Session

from backend.core.database.session import transaction
from backend.core.database.tables import InfantConsent, Job, Recording, Release, User
from backend.core.storage import open_store
from backend.domain.consents import ConsentScope
from backend.domain.releases.versions import Change
from backend.domain.workflow import Stage
from backend.publishing.releases import repository, service
from backend.publishing.releases.settings import ReleaseSettings
from backend.publishing.releases.splitting import propose_splits
from tests.factories import frames_of, make_annotator, make_boxed_recording
from tests.worker.bench import Bench


def picture(width: int, height: int, seed: int) -> bytes:
    """A picture with detail everywhere, and with metadata."""
    pixels = np.random.default_rng(seed).integers(0, 255, (height, width, 3), np.uint8)
    told = PngInfo()
    told.add_text("Comment", "filmed at home")
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", pnginfo=told)
    return buffer.getvalue()


class Lab:
    """Visits of as many infants, approved, and a dataset."""

    def __init__(self, bench: Bench, *, visits: int = 3, frames: int = 4) -> None:
        self.bench = bench
        self.storage = open_store(bench.settings)
        with transaction(bench.engine) as session:
            self.annotator = make_annotator(session).id
            annotator = session.get_one(User, self.annotator)
            self.recordings = [self._visit(session, annotator, i, frames) for i in range(visits)]
            self.dataset = service.create_dataset(
                session, self.me(session), name="crawlers", title="Crawlers"
            ).id
        self.release = self.begin()

    def me(self, session: Session) -> User:
        return session.get_one(User, self.bench.maintainer_id)

    def _visit(self, session: Session, annotator: User, number: int, frames: int) -> int:
        recording = make_boxed_recording(session, annotator, frames=frames, stage=Stage.APPROVED)
        for i, frame in enumerate(frames_of(session, recording)):
            data = picture(frame.width, frame.height, seed=10 * number + i)
            frame.sha256 = hashlib.sha256(data).hexdigest()
            # Hashes of pictures that have nothing in common.
            frame.dhash = int.from_bytes(hashlib.sha256(data).digest()[:8], "big", signed=True)
            self.storage.put(frame.image_key, data)
        session.flush()
        return recording.id

    def begin(self, change: Change = Change.MINOR) -> int:
        """The next version, ready to be checked."""
        with transaction(self.bench.engine) as session:
            release = service.create_release(
                session, self.me(session), self.dataset, version=None, change=change
            )
            about = service.About(licence="CC BY-NC 4.0", contact="lab@example.org")
            service.edit(session, self.me(session), release.id, about)
            propose_splits(session, release)
            return release.id

    def settings(self, release: int, change: Callable[[ReleaseSettings], None]) -> None:
        with transaction(self.bench.engine) as session:
            settings = service.settings_of(repository.get(session, release))
            change(settings)
            service.edit(session, self.me(session), release, service.About(), settings)

    def check(self, release: int) -> Release:
        with transaction(self.bench.engine) as session:
            job = service.request_check(session, self.me(session), release).id
        assert self.bench.run(job).state == "succeeded"
        return self.row(release)

    def publish(self, release: int) -> Job:
        with transaction(self.bench.engine) as session:
            job = service.request_publication(session, self.me(session), release).id
        return self.bench.run(job)

    def published(self, release: int) -> Release:
        assert self.check(release).state == "checked", self.row(release).gate
        job = self.publish(release)
        assert job.state == "succeeded", job.error
        return self.row(release)

    def row(self, release: int) -> Release:
        with Session(self.bench.engine, expire_on_commit=False) as session:
            return repository.get(session, release)

    def files(self, release: int) -> dict[str, bytes]:
        row = self.row(release)
        with Session(self.bench.engine) as session:
            paths = [file.path for file in repository.files(session, release)]
        return {path: self.storage.read(f"{row.prefix}{path}") for path in paths}

    def consent(self, recording: int, scope: ConsentScope) -> None:
        with transaction(self.bench.engine) as session:
            infant = session.get_one(Recording, recording).infant_id
            session.add(
                InfantConsent(
                    infant_id=infant, scope=scope.value, given_on=date(2026, 1, 2), document="A-7"
                )
            )
