"""What a reader waits for: ``python -m benchmarks.read_release``.

On a database of InfantNet's size, at the server: the statistics of a frozen release and of a draft,
its list of frames by what they show, and two versions compared.
"""

from __future__ import annotations

import argparse
import statistics as middle
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from backend.core.accounts import service as accounts
from backend.core.database import migrate
from backend.core.database.engine import make_engine
from backend.core.database.session import transaction
from backend.domain.consents import ConsentScope
from backend.domain.releases.differences import ChangeKind
from backend.domain.releases.versions import Change
from backend.domain.workflow import Role
from backend.ops.embedded.postgres import EmbeddedPostgres
from backend.publishing.releases import drafts, repository, service
from backend.publishing.releases.contents import changes, frames, statistics
from backend.publishing.releases.contents.held import held_by
from backend.publishing.releases.contents.schemas import FrameFilter, JointStanding
from backend.publishing.releases.freezing import freeze
from backend.publishing.releases.selecting import choose
from benchmarks.large_dataset import fill
from benchmarks.table import Row, print_table, within_limit

LIMIT_MS = 200.0
SIDES = ("train", "train", "train", "val", "test")


def two_versions(engine: Engine) -> tuple[int, int]:
    """A frozen release of everything, and a draft of the next one."""
    with transaction(engine) as session:
        user = accounts.create_user(
            session, None, email="reader@example.org", name="Reader", password="a long password",
            roles=[Role.MAINTAINER],
        )  # fmt: skip
        dataset = drafts.create_dataset(session, user, name="reading", title="Reading")
        made = []
        for _ in range(2):
            release = drafts.create_release(
                session, user, dataset.id, version=None, change=Change.MINOR
            )
            settings = service.settings_of(release)
            chosen = choose(session, settings.selection, ConsentScope(release.audience))
            infants = sorted({recording.infant_id for recording in chosen.recordings.values()})
            sides = {key: (SIDES[i % len(SIDES)], False) for i, key in enumerate(infants)}
            repository.put_splits(session, release.id, sides)
            if not made:
                freeze(session, release, chosen, settings.packaging)
            made.append(release.id)
        return made[0], made[1]


def asked(engine: Engine, work: Callable[[Session], BaseModel], times: int) -> tuple[float, int]:
    """Milliseconds until an answer is written, the middle one of some; and its bytes."""
    taken, size = [], 0
    for _ in range(times):
        began = time.perf_counter()
        with Session(engine) as session:
            size = len(work(session).model_dump_json())
        taken.append(1e3 * (time.perf_counter() - began))
    return middle.median(taken), size


def measure(engine: Engine, frozen: int, draft: int) -> list[Row]:
    """A row for each page."""

    def told(release: int) -> Callable[[Session], BaseModel]:
        return lambda session: statistics.told(session, repository.get(session, release))

    def listed(wanted: FrameFilter) -> Callable[[Session], BaseModel]:
        return lambda session: frames.page(
            session, held_by(session, repository.get(session, frozen)), wanted
        )

    def compared(session: Session) -> BaseModel:
        return changes.difference(session, draft, frozen)

    def moved(session: Session) -> BaseModel:
        return changes.page(session, draft, frozen, ChangeKind.MOVED, offset=0, limit=48)

    joint = FrameFilter(joint=9, visibility=JointStanding.VISIBLE, split="test", limit=120)
    rows: list[Row] = []

    def row(
        name: str, work: Callable[[Session], BaseModel], limit: float | None, times: int
    ) -> None:
        taken, size = asked(engine, work, times)
        what = f"{name} ({size / 1e3:.3g} kB)"
        plain = Row(what, f"{taken:.3g} ms", "-", None, "-", None)
        rows.append(plain if limit is None else within_limit(what, taken, "ms", limit))

    row("statistics, frozen", told(frozen), LIMIT_MS, 9)
    row("statistics of a draft, first asked for", told(draft), None, 1)
    row("… and again", told(draft), LIMIT_MS, 9)
    row("120 frames", listed(FrameFilter(limit=120)), LIMIT_MS, 5)
    row("120 frames with a joint, of a split", listed(joint), LIMIT_MS, 5)
    row("two versions compared, first asked for", compared, None, 1)
    row("… and again", compared, LIMIT_MS, 5)
    row("48 changed frames", moved, LIMIT_MS, 5)
    return rows


def main() -> None:
    """Fill, measure and print."""
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
        fill(engine, options.scale)
        frozen, draft = two_versions(engine)
        rows = measure(engine, frozen, draft)
        engine.dispose()
    print_table("Reading a release of InfantNet's size", rows)


if __name__ == "__main__":
    main()
