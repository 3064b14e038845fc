"""Writing all files of a checked release, and publishing it as the last step.

An attempt lays its files under a prefix of its own in the store. Only the transaction that ends the
job names that prefix; until then nothing of the release can be seen, whatever dies. What earlier
attempts left is removed by the next one.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path
from typing import Any, Final

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from backend.core.database.tables import Dataset, Release
from backend.domain.consents import ConsentScope
from backend.domain.errors import Conflict
from backend.domain.privacy.rule import MaskingRule
from backend.domain.privacy.samples import Stratum, draw, stratum_of
from backend.publishing.formats import coco_writer
from backend.publishing.formats.writing import WriteOptions
from backend.publishing.releases import documents, publishing, repository, service
from backend.publishing.releases.about import About
from backend.publishing.releases.payloads import WriteReleasePayload
from backend.publishing.releases.people import images_of
from backend.publishing.releases.provenance_file import write_provenance
from backend.publishing.releases.publishing import SUMS, WrittenFile
from backend.publishing.releases.reading import frames_of
from backend.publishing.releases.settings import Images, ReleaseSettings
from worker.context import Finish, JobContext
from worker.media.anonymising import coders, released_image

SAMPLE_SIZE: Final = 100
"""So many masked images are drawn for a person to look through."""


def run(context: JobContext) -> Finish:
    """Write a release and publish it."""
    asked = context.read(WriteReleasePayload)
    prefix = publishing.prefix_of(asked.release_id, context.claim)
    _remove_attempts(context, asked.release_id)
    _require_consents(context, asked.release_id)
    with context.scratch() as scratch:
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
        self._strata: list[tuple[str, Stratum]] = []

    def write(self) -> list[WrittenFile]:
        """Write all; the list of files comes last."""
        with self._context.transaction() as session:
            # All rows are read: a plan that gives the first ones soon is the wrong one.
            session.execute(text("SET LOCAL cursor_tuple_fraction = 1"))
            release = repository.get(session, self._release_id)
            dataset = repository.get_dataset(session, release.dataset_id)
            settings = service.settings_of(release)
            for split, (frames, _) in repository.split_counts(release).items():
                self._annotations(session, release, dataset, settings, split, frames)
            if settings.packaging.provenance:
                self._provenance(session, release)
            if settings.packaging.images is not Images.NONE:
                self._images(session, release, settings.packaging.masking_rule())
            if self._strata:
                self._put("masking.json", self._masking(settings))
            about = About.of(session, release, dataset)
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
        wanted: int,
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
            written = coco_writer.write(
                frames_of(session, release.id, split, audience=ConsentScope(release.audience)),
                target,
                options,
            )
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

    def _images(self, session: Session, release: Release, rule: MaskingRule | None) -> None:
        """Write every image without its metadata, and masked where that is asked for."""
        for done, image in enumerate(images_of(session, release.id)):
            self._context.check_cancelled()
            self._context.report(done, release.frames, "Writing images")
            data = self._context.storage.read(image.key)
            if publishing.sha256_of(data) != image.sha256:
                raise Conflict(
                    f"The image of {image.file_name} is not the one that was imported:"
                    " its content has changed in the store."
                )
            made = released_image(data, image.file_name, image.people, rule, image.size)
            self._put(image.file_name, made.data)
            if rule is not None:
                self._strata.append((image.file_name, stratum_of(made.check)))

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
            with data.open("rb") as written:
                sha256 = hashlib.file_digest(written, "sha256").hexdigest()
            size = data.stat().st_size
        else:
            sha256, size = publishing.sha256_of(data), len(data)
        self._context.storage.put(f"{self._prefix}{path}", data)
        self._files.append(WrittenFile(path, size, sha256))
