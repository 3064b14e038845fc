"""Writing all files of a checked release, and publishing it as the last step.

An attempt lays its files under a prefix of its own in the store. Only the transaction that ends the
job names that prefix; until then nothing of the release can be seen, whatever dies. What earlier
attempts left is removed by the next one.
"""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from backend.core.database.tables import Dataset, Job, Release
from backend.core.jobs import service as jobs
from backend.core.storage import StorageError, store_failure
from backend.core.storage.disk import full_disk
from backend.domain.consents import ConsentScope
from backend.domain.errors import Conflict, DomainError
from backend.domain.privacy.samples import Stratum, draw
from backend.publishing.formats import coco_writer
from backend.publishing.formats.writing import WriteOptions
from backend.publishing.labelled import BodyFits
from backend.publishing.releases import documents, publishing, repository, service
from backend.publishing.releases.about import About
from backend.publishing.releases.cameras import cameras_of
from backend.publishing.releases.fits import bodies_of, file_of, fits_of
from backend.publishing.releases.payloads import WriteReleasePayload
from backend.publishing.releases.people import images_of
from backend.publishing.releases.provenance_file import write_provenance
from backend.publishing.releases.publishing import SUMS, WrittenFile
from backend.publishing.releases.reading import frames_of
from backend.publishing.releases.settings import Images, Masks, Packaging, ReleaseSettings
from worker.context import Finish, JobContext
from worker.media.anonymising import coders
from worker.pipelines.release_images import ImageWriter

SAMPLE_SIZE: Final = 100
"""So many masked images are drawn for a person to look through."""


def run(context: JobContext) -> Finish:
    """Write a release and publish it."""
    asked = context.read(WriteReleasePayload)
    prefix = publishing.prefix_of(asked.release_id, context.id, context.claim)
    _begin(context, asked.release_id)
    _require_place(context, asked.release_id)
    try:
        with context.scratch() as scratch:
            files = ReleaseWriter(context, asked.release_id, prefix, scratch).write()
        context.check_cancelled()
        context.report(0, None, "Waiting for the disk")
        context.storage.settle()
    except StorageError as error:
        _clear(context, prefix)
        if full_disk(error, context.settings.data_dir):
            raise
        raise Conflict(
            f"{store_failure(error)} Nothing of this release can be seen. Retry when the store is"
            " well."
        ) from error
    except Exception:
        _clear(context, prefix)
        raise

    def finish(session: Session) -> dict[str, Any]:
        try:
            release = publishing.publish(
                session, asked.release_id, asked.by_id, prefix=prefix, files=files
            )
        except DomainError:
            _clear(context, prefix)
            raise
        return {
            "release_id": release.id,
            "files": release.files,
            "bytes": release.bytes,
            "content_sha256": release.content_sha256,
        }

    return finish


def _begin(context: JobContext, release_id: int) -> None:
    """Remove what attempts left that came to nothing; never a published release's files.

    The release is held meanwhile: nobody publishes it, and whoever took this job over waits.
    """
    with context.transaction() as session:
        release = repository.get(session, release_id, lock=True)
        if session.scalar(select(Job.claims).where(Job.id == context.id)) != context.claim:
            raise jobs.LostClaim(f"job {context.id}, claim {context.claim}")
        publishing.require_checked(release)
        context.storage.delete_prefix(publishing.folder_of_attempts(release_id))


def _require_place(context: JobContext, release_id: int) -> None:
    """Say before the writing what would stop it at its end; the release is a draft then."""
    try:
        with context.transaction() as session:
            release = publishing.hold(session, release_id)
            publishing.require_checked(release)
            publishing.require_consents(session, release)
            publishing.require_place(session, release)
    except Conflict:
        with context.transaction() as session:
            publishing.give_up(session, release_id)
        raise


def _clear(context: JobContext, prefix: str) -> None:
    """Remove what a failed attempt wrote; where the store fails as well, the next attempt does."""
    try:
        context.storage.delete_prefix(prefix)
    except (OSError, StorageError) as error:
        words = store_failure(error) or str(error)
        context.log(f"Files of this attempt could not be removed. {words}", "warning")


class ReleaseWriter:
    """Writes the files of one release into the store, and remembers their hashes."""

    def __init__(self, context: JobContext, release_id: int, prefix: str, scratch: Path) -> None:
        self._context = context
        self._release_id = release_id
        self._prefix = prefix
        self._scratch = scratch
        self._files: list[WrittenFile] = []
        self._strata: list[tuple[str, Stratum]] = []
        self._bodies: set[tuple[str, str]] = set()

    def write(self) -> list[WrittenFile]:
        """Write all; the list of files comes last."""
        with self._context.transaction() as session:
            # One state of the database for all files, however long they take.
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            # All rows are read: a plan that gives the first ones soon is the wrong one.
            session.execute(text("SET LOCAL cursor_tuple_fraction = 1"))
            release = repository.get(session, self._release_id)
            dataset = repository.get_dataset(session, release.dataset_id)
            settings = service.settings_of(release)
            for split, (frames, _) in repository.split_counts(release).items():
                self._split(session, release, dataset, settings, split, frames)
            if settings.packaging.cameras:
                self._cameras(session, release, settings)
            if settings.packaging.provenance:
                self._provenance(session, release)
            self._images(session, release, settings.packaging)
            if self._strata:
                self._put("masking.json", self._masking(settings))
            bodies = bodies_of(session, self._bodies)
            about = About.of(session, release, dataset, settings.packaging, bodies, coders())
            for path, data in documents.documents(about, self._files).items():
                self._put(path, data)
        self._put(SUMS, publishing.sums(self._files))
        return self._files

    def _split(
        self,
        session: Session,
        release: Release,
        dataset: Dataset,
        settings: ReleaseSettings,
        split: str,
        wanted: int,
    ) -> None:
        """Write the body fits of a split, and its annotations, which refer to them."""
        fits = None
        if settings.packaging.fits:
            fits = self._fits(session, release, split)
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
        self._annotations(session, release, split, wanted, options, fits)

    def _fits(self, session: Session, release: Release, split: str) -> BodyFits | None:
        self._context.check_cancelled()
        self._context.report(0, None, f"Writing the body fits of {split}")
        fits = fits_of(session, release.id, split, audience=ConsentScope(release.audience))
        if fits is None:
            return None
        path = self._scratch / "fits.npz"
        with path.open("wb") as target:
            np.savez_compressed(target, **fits.arrays)  # type: ignore[arg-type]
        self._put(file_of(split), path)
        names, hashes = fits.arrays["body_name"], fits.arrays["body_sha256"]
        self._bodies.update(zip(names.tolist(), hashes.tolist(), strict=True))
        return fits

    def _cameras(self, session: Session, release: Release, settings: ReleaseSettings) -> None:
        self._context.check_cancelled()
        written = cameras_of(
            session,
            release.id,
            audience=ConsentScope(release.audience),
            pixels=settings.packaging.pixels,
        )
        for path, data in written.items():
            self._put(path, data)

    def _annotations(
        self,
        session: Session,
        release: Release,
        split: str,
        wanted: int,
        options: WriteOptions,
        fits: BodyFits | None,
    ) -> None:
        self._context.check_cancelled()
        self._context.report(0, None, f"Writing the annotations of {split}")
        frames = frames_of(
            session,
            release.id,
            split,
            audience=ConsentScope(release.audience),
            fits=None if fits is None else fits.references,
        )
        path = self._scratch / "annotations.json"
        with path.open("wb") as target:
            written = coco_writer.write(frames, target, options)
        if written.images != wanted:
            raise Conflict(
                f"Of {wanted:,} frames of {split}, {wanted - written.images:,} have no history of"
                " their box or joints any more: check the release again."
            )
        self._put(f"annotations/{split}.json", path)

    def _provenance(self, session: Session, release: Release) -> None:
        self._context.check_cancelled()
        self._context.report(0, None, "Writing where every joint comes from")
        path = self._scratch / "provenance.parquet"
        write_provenance(session, release.id, path)
        self._put("provenance.parquet", path)

    def _images(self, session: Session, release: Release, packaging: Packaging) -> None:
        """Write images without metadata, masked where that is asked for, and masks beside them."""
        if packaging.images is Images.NONE and packaging.masks is not Masks.FILES:
            return
        writer = ImageWriter(self._context.storage, self._prefix, packaging)
        masking = packaging.masking_rule() is not None
        images = images_of(session, release.id, with_people=masking)
        with closing(writer.write(images)) as all_written:
            for done, written in enumerate(all_written):
                self._context.check_cancelled()
                self._context.report(done, release.frames, "Writing images")
                self._files += written.files
                if written.ground is not None:
                    self._strata.append((written.file_name, written.ground))

    def _masking(self, settings: ReleaseSettings) -> bytes:
        """How heads were masked, on which grounds, and a sample for a person to look through."""
        rule = settings.packaging.masking_rule()
        counts = Counter(stratum.value for _, stratum in self._strata)
        drawn = draw(self._strata, SAMPLE_SIZE, settings.splitting.seed)
        return orjson.dumps(
            {
                "rule": None if rule is None else rule.to_json(),
                "made_with": coders(),
                "images_by_ground": dict(sorted(counts.items())),
                "sample": [
                    {"ground": one.stratum.value, "of": one.of, "images": list(one.keys)}
                    for one in drawn
                ],
            },
            option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS,
        )

    def _put(self, path: str, data: bytes | Path) -> None:
        if isinstance(data, Path):
            self._files.append(publishing.written_from(path, data))
        else:
            self._files.append(publishing.written(path, data))
        self._context.storage.put(f"{self._prefix}{path}", data)
