"""A release of 108,902 frames: ``python -m benchmarks.write_release``.

On a database of InfantNet's size: what a rule selects while somebody edits it, a proposed split,
the check that freezes, and the writing of all files but images, by the workers' own functions.
Images that need no masking are written against ``cp -r`` of the same files, in turn, until they are
on disk: as the product cuts them from videos, as it stores photographs, and as older versions
stored those, with metadata to be taken out.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import os
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from sqlalchemy.orm import Session

from backend.core.accounts import service as accounts
from backend.core.database import migrate
from backend.core.database.engine import make_engine
from backend.core.database.session import transaction
from backend.core.jobs import service as jobs
from backend.core.settings import Settings
from backend.core.storage import open_store
from backend.domain.consents import ConsentScope
from backend.domain.releases.versions import Change
from backend.domain.workflow import Role
from backend.ops.embedded.postgres import EmbeddedPostgres
from backend.publishing.releases import drafts, repository, service
from backend.publishing.releases.effect import effect_of
from backend.publishing.releases.people import ImageOfRelease
from backend.publishing.releases.settings import Images, Packaging
from backend.publishing.releases.splitting import propose_splits
from benchmarks.large_dataset import fill
from benchmarks.table import Row, print_table, speed_against_peer, within_limit
from worker.media.images import decode_image
from worker.pipelines.release_images import ImageWriter
from worker.runner import run

LIMIT_S = 30.0
SIZE = (1920, 1080)
EXIF = b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0"


def timed(work: Callable[[], Any]) -> float:
    """Seconds that something takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def images_against_cp(count: int) -> list[Row]:
    """Images that need no masking: read, hashed, looked through, and written."""
    rows = []
    for what, stored in _KINDS.items():
        with tempfile.TemporaryDirectory(prefix="infantnet-bench-") as name:
            rows.append(_one_kind(Path(name), what, stored, count))
    return rows


def _imported(seed: int) -> bytes:
    """A photograph with metadata, as the product stores it."""
    return decode_image(_picture(seed, EXIF), f"{seed}.jpg").data


_KINDS: dict[str, Callable[[int], bytes]] = {
    "as cut from videos": lambda seed: _picture(seed, b""),
    "imported as photographs": _imported,
    "stored with metadata": lambda seed: _picture(seed, EXIF),
}
"""Images in the store. Those with metadata were imported before it was taken out at import."""


def _one_kind(folder: Path, what: str, stored: Callable[[int], bytes], count: int) -> Row:
    store = open_store(Settings(data_dir=folder / "data", storage_url=None))
    blobs = store.local_path("")
    assert blobs is not None
    images, size = [], 0
    bare = what != "stored with metadata"
    pictures = [stored(seed) for seed in range(16)]
    for index in range(count):
        data = pictures[index % 16]
        key, sha256 = f"stored/{index}.jpg", hashlib.sha256(data).hexdigest()
        store.put(key, data)
        image = ImageOfRelease(f"images/{index}.jpg", key, sha256, SIZE, (), None, bare=bare)
        images.append(image)
        size += len(data)
    writer = ImageWriter(store, "written/", Packaging(images=Images.STORED))
    os.sync()

    def copy() -> None:
        subprocess.run(["cp", "-r", str(blobs / "stored"), str(folder / "copied")], check=True)
        os.sync()

    def write() -> None:
        for _ in writer.write(images):
            pass
        store.settle()

    best = {copy: float("inf"), write: float("inf")}
    for _ in range(5):
        for work in best:
            best[work] = min(best[work], timed(work))
            shutil.rmtree(folder / "copied", ignore_errors=True)
            shutil.rmtree(blobs / "written", ignore_errors=True)
    name = f"{count} images of {size / count / 1e6:.2f} MB {what}"
    if what == "stored with metadata":
        ratio, copied = best[copy] / best[write], f"cp -r: {best[copy]:.3g} s"
        return Row(name, f"{best[write]:.3g} s", copied, ratio, "-", None)
    return speed_against_peer(name, best[write], "cp -r", best[copy], at_least=0.8)


@lru_cache(maxsize=16)
def _picture(seed: int, exif: bytes) -> bytes:
    small = np.random.default_rng(seed).integers(0, 255, (135, 240, 3), np.uint8)
    image = Image.fromarray(small).resize(SIZE, Image.Resampling.BICUBIC)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85, exif=exif)
    return out.getvalue()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--images", type=int, default=400, help="how many for the comparison")
    parser.add_argument("--only-images", action="store_true")
    options = parser.parse_args()
    if options.only_images:
        print_table("Images of a release", images_against_cp(options.images))
        return
    with (
        tempfile.TemporaryDirectory(prefix="infantnet-bench-") as name,
        EmbeddedPostgres(Path(name)) as postgres,
    ):
        database = postgres.ensure_database("bench")
        migrate.upgrade(database)
        engine = make_engine(database)
        filled = fill(engine, options.scale)
        settings = Settings(database_url=database, data_dir=Path(name) / "data")
        with transaction(engine) as session:
            user = accounts.create_user(
                session, None, email="bench@example.org", name="Bench", password="a long password",
                roles=[Role.MAINTAINER],
            )  # fmt: skip
            dataset = drafts.create_dataset(session, user, name="bench", title="Bench")
            release = drafts.create_release(
                session, user, dataset.id, version=None, change=Change.MINOR
            )
            wanted = service.settings_of(release)
            wanted.packaging.images = Images.NONE
            about = drafts.About(licence="none", contact="bench@example.org")
            drafts.edit(session, user, release.id, about, wanted)
            release_id = release.id

        def effect() -> None:
            with Session(engine) as session:
                effect_of(
                    session, repository.get(session, release_id), wanted, ConsentScope.INTERNAL
                )

        def propose() -> None:
            with transaction(engine) as session:
                propose_splits(session, repository.get(session, release_id, lock=True))

        def job(ask: Callable[..., Any]) -> Callable[[], None]:
            def work() -> None:
                with transaction(engine) as session:
                    job_id = ask(session, user, release_id).id
                run(job_id, settings)
                with Session(engine) as session:
                    ended = jobs.get_job(session, job_id)
                    assert ended.state == "succeeded", ended.error

            return work

        editing, proposing = timed(effect), timed(propose)
        checking = timed(job(service.request_check))
        writing = timed(job(service.request_publication))
        with Session(engine) as session:
            done = repository.get(session, release_id)
            frames, size = done.frames or 0, done.bytes or 0
        engine.dispose()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    copying = images_against_cp(options.images)
    rows = [
        Row("filling the database", f"{filled:.3g} s", "-", None, "-", None),
        Row("what the rule selects, while editing", f"{editing:.3g} s", "-", None, "-", None),
        Row("a proposed split", f"{proposing:.3g} s", "-", None, "-", None),
        Row("the check that freezes", f"{checking:.3g} s", "-", None, "-", None),
        within_limit("writing all files but images", writing, "s", LIMIT_S * options.scale),
        Row("… their size", f"{size / 1e6:.4g} MB", "-", None, "-", None),
        Row("peak memory", f"{peak:.4g} MB", "-", None, "-", None),
        *copying,
    ]
    print_table(f"A release of {frames:,} frames", rows)


if __name__ == "__main__":
    main()
