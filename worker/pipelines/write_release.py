"""Writing all files of a checked release, and publishing it as the last step.

An attempt lays its files under a prefix of its own in the store. Only the transaction that ends the
job names that prefix; until then nothing of the release can be seen, whatever dies. What earlier
attempts left is removed by the next one.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import Dataset, Frame, Release, ReleaseFrame
from backend.domain.consents import ConsentScope
from backend.domain.errors import Conflict
from backend.publishing.formats import coco_writer
from backend.publishing.formats.writing import WriteOptions
from backend.publishing.releases import documents, publishing, repository, service
from backend.publishing.releases.payloads import WriteReleasePayload
from backend.publishing.releases.provenance_file import write_provenance
from backend.publishing.releases.publishing import SUMS, WrittenFile
from backend.publishing.releases.reading import frames_of
from backend.publishing.releases.settings import Images, ReleaseSettings
from worker.context import Finish, JobContext


def run(context: JobContext) -> Finish:
    """Write a release and publish it."""
    asked = context.read(WriteReleasePayload)
    prefix = publishing.prefix_of(asked.release_id, context.claim)
    _remove_attempts(context, asked.release_id)
    _require_consents(context, asked.release_id)
    with _scratch(context) as scratch:
        files = ReleaseWriter(context, asked.release_id, prefix, scratch).write()

    def finish(session: Session) -> dict[str, Any]:
        release = publishing.publish(
            session, asked.release_id, asked.by_id, prefix=prefix, files=files
        )
        return {
            "release_id": release.id,
            "files": release.files,
            "bytes": release.bytes,
            "content_sha256": release.content_sha256,
        }

    return finish


def _remove_attempts(context: JobContext, release_id: int) -> None:
    """Remove what attempts left that came to nothing; never a published release's files."""
    with context.transaction() as session:
        if repository.get(session, release_id).prefix is not None:
            raise Conflict("This release is published already.")
    context.storage.delete_prefix(f"releases/{release_id}/")


def _require_consents(context: JobContext, release_id: int) -> None:
    try:
        with context.transaction() as session:
            publishing.require_consents(session, repository.get(session, release_id, lock=True))
    except Conflict:
        with context.transaction() as session:
            publishing.give_up(session, release_id)
        raise


class ReleaseWriter:
    """Writes the files of one release into the store, and remembers their hashes."""

    def __init__(self, context: JobContext, release_id: int, prefix: str, scratch: Path) -> None:
        self._context = context
        self._release_id = release_id
        self._prefix = prefix
        self._scratch = scratch
        self._files: list[WrittenFile] = []

    def write(self) -> list[WrittenFile]:
        """Write all; the list of files comes last."""
        with self._context.transaction() as session:
            release = repository.get(session, self._release_id)
            dataset = repository.get_dataset(session, release.dataset_id)
            settings = service.settings_of(release)
            for split in repository.split_counts(session, release.id):
                self._annotations(session, release, dataset, settings, split)
            if settings.packaging.provenance:
                self._provenance(session, release)
            if settings.packaging.images is Images.STORED:
                self._images(session, release)
            about = documents.About.of(session, release, dataset)
            for path, data in documents.documents(about, self._files).items():
                self._put(path, data)
        self._put(SUMS, publishing.sums(self._files))
        return self._files

    def _annotations(
        self,
        session: Session,
        release: Release,
        dataset: Dataset,
        settings: ReleaseSettings,
        split: str,
    ) -> None:
        self._context.check_cancelled()
        self._context.report(0, None, f"Writing the annotations of {split}")
        options = WriteOptions(
            title=f"{dataset.title} {release.version}, {split}",
            version=release.version,
            contributor=release.contact or "infantnet",
            created=publishing.created_at(release),
            licences=[{"id": 1, "name": release.licence, "url": ""}],
            about={"dataset": dataset.name, "release": release.version, "split": split},
            pixels=settings.packaging.pixels,
            outside=settings.packaging.outside,
            scratch=self._scratch,
        )
        path = self._scratch / "annotations.json"
        with path.open("wb") as target:
            coco_writer.write(
                frames_of(session, release.id, split, audience=ConsentScope(release.audience)),
                target,
                options,
            )
        self._put(f"annotations/{split}.json", path)

    def _provenance(self, session: Session, release: Release) -> None:
        self._context.check_cancelled()
        self._context.report(0, None, "Writing where every joint comes from")
        path = self._scratch / "provenance.parquet"
        write_provenance(session, release.id, path)
        self._put("provenance.parquet", path)

    def _images(self, session: Session, release: Release) -> None:
        rows = session.execute(
            select(ReleaseFrame.file_name, ReleaseFrame.image_sha256, Frame.image_key)
            .join(Frame, Frame.id == ReleaseFrame.frame_id)
            .where(ReleaseFrame.release_id == release.id)
            .order_by(ReleaseFrame.frame_id)
            .execution_options(yield_per=1000, stream_results=True)
        )
        for done, row in enumerate(rows):
            self._context.check_cancelled()
            self._context.report(done, release.frames, "Writing images")
            data = self._context.storage.read(row.image_key)
            if hashlib.sha256(data).hexdigest() != row.image_sha256:
                raise Conflict(
                    f"The image of {row.file_name} is not the one that was imported:"
                    " its content has changed in the store."
                )
            self._put(row.file_name, data)

    def _put(self, path: str, data: bytes | Path) -> None:
        if isinstance(data, Path):
            with data.open("rb") as written:
                sha256 = hashlib.file_digest(written, "sha256").hexdigest()
            size = data.stat().st_size
        else:
            sha256, size = publishing.sha256_of(data), len(data)
        self._context.storage.put(f"{self._prefix}{path}", data)
        self._files.append(WrittenFile(path, size, sha256))


@contextmanager
def _scratch(context: JobContext) -> Iterator[Path]:
    folder = context.settings.data_dir / "tmp"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        yield Path(scratch)
