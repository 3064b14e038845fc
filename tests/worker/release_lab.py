"""A small lab with approved recordings and a dataset: what tests of releases begin with.

Making it, checking and publishing take seconds. So each state is made once, and every test gets a
copy of its database and its files.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
from filelock import FileLock
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from sqlalchemy.orm import Session

from backend.core.database.engine import shared_engine
from backend.core.database.session import transaction
from backend.core.database.tables import InfantConsent, Job, Recording, Release, User
from backend.core.settings import Settings
from backend.core.storage import BlobStore, open_store
from backend.domain.consents import ConsentScope
from backend.domain.releases.versions import Change
from backend.domain.workflow import Stage
from backend.publishing.releases import drafts, repository, service
from backend.publishing.releases.settings import ReleaseSettings
from backend.publishing.releases.splitting import propose_splits
from tests.factories import frames_of, make_annotator, make_boxed_recording
from tests.fixtures.cluster import Cluster
from tests.worker.bench import Bench


def picture(width: int, height: int, seed: int) -> bytes:
    """A picture with detail everywhere, and with metadata."""
    pixels = np.random.default_rng(seed).integers(0, 255, (height // 4, width // 4, 3), np.uint8)
    told = PngInfo()
    told.add_text("Comment", "filmed at home")
    buffer = io.BytesIO()
    whole = pixels.repeat(4, 0).repeat(4, 1)
    Image.fromarray(whole).save(buffer, "PNG", pnginfo=told, compress_level=1)
    return buffer.getvalue()


@dataclass(frozen=True)
class Ids:
    """Rows of a lab, the same in every copy."""

    maintainer: int
    annotator: int
    recordings: tuple[int, ...]
    dataset: int
    release: int


class Lab:
    """Three visits of three infants, approved, and a dataset with a draft of its first version."""

    def __init__(self, bench: Bench, ids: Ids) -> None:
        self.bench = bench
        self.storage = open_store(bench.settings)
        self.ids = ids
        self.annotator = ids.annotator
        self.recordings = ids.recordings
        self.dataset = ids.dataset
        self.release = ids.release

    def me(self, session: Session) -> User:
        return session.get_one(User, self.ids.maintainer)

    def begin(self, change: Change = Change.MINOR) -> int:
        """The next version, ready to be checked."""
        with transaction(self.bench.engine) as session:
            return _begin(session, self.me(session), self.dataset, change)

    def settings(self, release: int, change: Callable[[ReleaseSettings], None]) -> None:
        with transaction(self.bench.engine) as session:
            settings = service.settings_of(repository.get(session, release))
            change(settings)
            drafts.edit(session, self.me(session), release, drafts.About(), settings)

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

    def pull(self, release: int, folder: Path) -> Path:
        """The release's files in a folder, as a colleague has them."""
        for path, data in self.files(release).items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
        return folder

    def consent(self, recording: int, scope: ConsentScope) -> None:
        with transaction(self.bench.engine) as session:
            infant = session.get_one(Recording, recording).infant_id
            session.add(
                InfantConsent(
                    infant_id=infant, scope=scope.value, given_on=date(2026, 1, 2), document="A-7"
                )
            )


def _begin(session: Session, user: User, dataset: int, change: Change) -> int:
    release = drafts.create_release(session, user, dataset, version=None, change=change)
    about = drafts.About(licence="CC BY-NC 4.0", contact="lab@example.org")
    drafts.edit(session, user, release.id, about)
    propose_splits(session, release)
    return release.id


def store_pictures(session: Session, storage: BlobStore, recording: Recording, seed: int) -> None:
    """A picture for each frame, none of which has anything in common with another."""
    for i, frame in enumerate(frames_of(session, recording)):
        data = picture(frame.width, frame.height, seed=seed + i)
        frame.sha256 = hashlib.sha256(data).hexdigest()
        frame.dhash = int.from_bytes(hashlib.sha256(data).digest()[:8], "big", signed=True)
        frame.image_key = frame.image_key.replace(".jpg", ".png")
        storage.put(frame.image_key, data)
    session.flush()


def furnish(bench: Bench, visits: int = 3, frames: int = 4) -> Ids:
    """Approved visits of different infants, and the draft of a first version."""
    storage = open_store(bench.settings)
    with transaction(bench.engine) as session:
        annotator = make_annotator(session)
        user = session.get_one(User, bench.maintainer_id)
        recordings = []
        for number in range(visits):
            recording = make_boxed_recording(
                session, annotator, frames=frames, stage=Stage.APPROVED
            )
            recordings.append(recording.id)
            store_pictures(session, storage, recording, seed=10 * number)
        dataset = drafts.create_dataset(session, user, name="crawlers", title="Crawlers").id
        release = _begin(session, user, dataset, Change.MINOR)
        return Ids(user.id, annotator.id, tuple(recordings), dataset, release)


@dataclass(frozen=True)
class Template:
    """A lab in some state, of which each test gets a copy."""

    cluster: Cluster
    database: str
    blobs: Path
    ids: Ids

    @contextmanager
    def copied(self, settings: Settings) -> Iterator[Lab]:
        """A lab of its own, in the data folder of these settings."""
        lab = self._copy(settings)
        yield lab
        _let_go(lab.bench)
        self.cluster.drop(_database(lab.bench))

    def then(self, folder: Path, work: Callable[[Lab], object]) -> Template:
        """The lab after some work, kept in a data folder."""
        lab = self._copy(_settings(folder))
        work(lab)
        _let_go(lab.bench)
        return _kept(self.cluster, lab.bench, self.ids)

    def _copy(self, settings: Settings) -> Lab:
        url = self.cluster.create(f"lab_{uuid.uuid4().hex[:12]}", self.database)
        own = settings.model_copy(update={"database_url": url})
        shutil.copytree(self.blobs, own.data_dir / "blobs", dirs_exist_ok=True)
        return Lab(Bench(own, self.ids.maintainer), self.ids)


def furnished(cluster: Cluster, folder: Path) -> Template:
    """The lab as it begins."""
    url = cluster.create(f"lab_{uuid.uuid4().hex[:12]}")
    bench = Bench(_settings(folder).model_copy(update={"database_url": url}))
    ids = furnish(bench)
    _let_go(bench)
    return _kept(cluster, bench, ids)


@dataclass(frozen=True)
class Templates:
    """Labs in several states, each made once in a test run, by whichever worker asks first.

    Attributes:
        cluster: Where their databases are.
        folder: Shared by the workers of one run and by nobody else.
    """

    cluster: Cluster
    folder: Path

    def named(self, name: str, make: Callable[[Path], Template]) -> Template:
        """The template of a name; ``make`` is given a folder that it may fill."""
        note = self.folder / f"{name}.json"
        with FileLock(self.folder / f"{name}.lock"):
            if not note.exists():
                made = make(self.folder / name)
                told = {"database": made.database, "blobs": str(made.blobs)}
                note.write_text(json.dumps(told | {"ids": asdict(made.ids)}))
            told = json.loads(note.read_text())
        ids = Ids(**told["ids"])
        ids = replace(ids, recordings=tuple(ids.recordings))
        return Template(self.cluster, told["database"], Path(told["blobs"]), ids)

    def furnished(self) -> Template:
        """With a draft that is ready to be checked."""
        return self.named("lab", lambda folder: furnished(self.cluster, folder))

    def checked(self) -> Template:
        """Whose first version is checked."""
        return self.named(
            "checked",
            lambda folder: self.furnished().then(folder, lambda lab: lab.check(lab.release)),
        )

    def published(self) -> Template:
        """Whose first version is published."""
        return self.named(
            "published",
            lambda folder: self.checked().then(folder, lambda lab: lab.publish(lab.release)),
        )


def _settings(folder: Path) -> Settings:
    return Settings(data_dir=folder, storage_url=None, demo=False)


def _kept(cluster: Cluster, bench: Bench, ids: Ids) -> Template:
    return Template(cluster, _database(bench), bench.settings.data_dir / "blobs", ids)


def _database(bench: Bench) -> str:
    return str(bench.engine.url.database)


def _let_go(bench: Bench) -> None:
    """Close connections: a database that is copied or dropped may have none."""
    bench.engine.dispose()
    shared_engine(bench.settings.required_database_url).dispose()
