"""A release of 108,902 frames: ``python -m benchmarks.write_release``.

On a database of InfantNet's size: what a rule selects while somebody edits it, a proposed split,
the check that freezes, and the writing of all files but images, by the workers' own functions.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from backend.core.accounts import service as accounts
from backend.core.database import migrate
from backend.core.database.engine import make_engine
from backend.core.database.session import transaction
from backend.core.jobs import service as jobs
from backend.core.settings import Settings
from backend.domain.consents import ConsentScope
from backend.domain.releases.versions import Change
from backend.domain.workflow import Role
from backend.ops.embedded.postgres import EmbeddedPostgres
from backend.publishing.releases import repository, service
from backend.publishing.releases.effect import effect_of
from backend.publishing.releases.settings import Images
from backend.publishing.releases.splitting import propose_splits
from benchmarks.large_dataset import fill
from benchmarks.table import Row, print_table, within_limit
from worker.runner import run

LIMIT_S = 30.0


def timed(work: Callable[[], Any]) -> float:
    """Seconds that something takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0)
    options = parser.parse_args()
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
            dataset = service.create_dataset(session, user, name="bench", title="Bench")
            release = service.create_release(
                session, user, dataset.id, version=None, change=Change.MINOR
            )
            wanted = service.settings_of(release)
            wanted.packaging.images = Images.NONE
            about = service.About(licence="none", contact="bench@example.org")
            service.edit(session, user, release.id, about, wanted)
            release_id = release.id

        def effect() -> None:
            with Session(engine) as session:
                effect_of(session, release_id, wanted, ConsentScope.INTERNAL)

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
    rows = [
        Row("filling the database", f"{filled:.3g} s", "-", None, "-", None),
        Row("what the rule selects, while editing", f"{editing:.3g} s", "-", None, "-", None),
        Row("a proposed split", f"{proposing:.3g} s", "-", None, "-", None),
        Row("the check that freezes", f"{checking:.3g} s", "-", None, "-", None),
        within_limit("writing all files but images", writing, "s", LIMIT_S * options.scale),
        Row("… their size", f"{size / 1e6:.4g} MB", "-", None, "-", None),
        Row("peak memory", f"{peak:.4g} MB", "-", None, "-", None),
    ]
    print_table(f"A release of {frames:,} frames", rows)


if __name__ == "__main__":
    main()
