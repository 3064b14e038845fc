"""Pages of a dataset of InfantNet's size: ``python -m benchmarks.large_dataset_pages``.

The real server answers on loopback, over a database that :mod:`benchmarks.large_dataset` filled and
in which some work waits. Times are the server's own, from a request's arrival to its answer
(``Server-Timing``), the best of many: what else the machine does belongs to neither. With
``--ten-times`` all is measured again at ten times the size (some ten minutes of filling, 14 GB of
disk), and the lists may not take more than 1.5 times as long.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from backend.core.accounts import service as accounts
from backend.core.database import migrate
from backend.core.database.engine import make_engine
from backend.core.database.session import transaction
from backend.core.jobs import service as jobs
from backend.core.settings import Settings
from backend.domain.releases.versions import Change
from backend.domain.workflow import Role
from backend.ops.embedded.postgres import EmbeddedPostgres
from backend.publishing.releases import drafts, service
from backend.publishing.releases.settings import Images
from backend.publishing.releases.splitting import propose_splits
from backend.recordings.facts import facts_of
from benchmarks.large_dataset import fill
from benchmarks.save_frame import server
from benchmarks.table import Row, print_table, within_limit
from worker.runner import run

PAGE_MS = 10.0
GROWTH = 1.5
STRIP_MS, STRIP_KB = 60.0, 300.0
TIMES = 25
"""So often each page is asked for; the first few only warm up."""

_WORK: Final = Path(__file__).with_suffix(".sql")


@dataclass(frozen=True, slots=True)
class Asked:
    """The best time of a page inside the server in ms, and its bytes on the wire."""

    ms: float
    wire: int


def add_work(engine: Engine, data_dir: Path, scale: float) -> tuple[str, dict[str, int]]:
    """What waits in a filled database; returns a token and the ids that the pages name.

    However large the dataset, a person has as much to do: more of it has more people.
    """
    with transaction(engine) as session:
        user = accounts.create_user(
            session, None, email="bench@example.org", name="Bench", password="a long password",
            roles=[Role.ANNOTATOR, Role.INSPECTOR, Role.MAINTAINER],
        )  # fmt: skip
        _, token = accounts.make_token(session, user, "bench")
        person = user.id
    with engine.begin() as connection:
        for statement in _WORK.read_text().split(";\n"):
            if statement.strip():
                values = {"person": person, "every": round(100 * scale)}
                used = {k: v for k, v in values.items() if f":{k}" in statement}
                connection.execute(text(statement.replace("::", "\\:\\:")), used)
    release = _checked_release(engine, person, data_dir)
    with transaction(engine) as session:
        # As the import leaves them.
        for recording_id in session.scalars(text("SELECT id FROM recordings")).all():
            facts_of(session, recording_id)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
        connection.execute(text("CHECKPOINT"))
        longs = connection.execute(text("SELECT name, id FROM recordings WHERE name LIKE 'long %'"))
        ids: dict[str, int] = {row.name: row.id for row in longs}
        visit = connection.execute(text("SELECT min(id) FROM recordings")).scalar_one()
    return token, {**ids, "visit": visit, "release": release}


def _checked_release(engine: Engine, person: int, data_dir: Path) -> int:
    """The id of a release whose frames are frozen."""
    settings = Settings(
        database_url=engine.url.render_as_string(hide_password=False), data_dir=data_dir
    )
    with transaction(engine) as session:
        user = accounts.get_user(session, person)
        dataset = drafts.create_dataset(session, user, name="bench", title="Bench")
        made = drafts.create_release(session, user, dataset.id, version=None, change=Change.MINOR)
        wanted = service.settings_of(made)
        wanted.packaging.images = Images.NONE
        about = drafts.About(licence="none", contact="bench@example.org")
        drafts.edit(session, user, made.id, about, wanted)
        propose_splits(session, made)
        job = service.request_check(session, user, made.id)
        release_id, job_id = made.id, job.id
    run(job_id, settings)
    with Session(engine) as session:
        ended = jobs.get_job(session, job_id)
        assert ended.state == "succeeded", ended.error
    return release_id


def ask(client: httpx.Client, path: str, times: int = TIMES) -> Asked:
    """The best of some requests."""
    best, wire = float("inf"), 0
    for _ in range(times):
        with client.stream("GET", f"/api/v1{path}") as answer:
            answer.raise_for_status()
            wire = sum(len(part) for part in answer.iter_raw())
            best = min(best, float(answer.headers["server-timing"].partition("dur=")[2]))
    return Asked(best, wire)


def pages(ids: dict[str, int]) -> dict[str, str]:
    """The pages that are bound by :data:`PAGE_MS`, by what they are called."""
    return {
        "list of recordings": "/recordings?limit=50",
        "… of those that are annotated": "/recordings?limit=50&stage=annotating",
        "my work": "/work",
        "one recording of 344 frames": f"/recordings/{ids['visit']}",
        "one recording of 10,360 frames": f"/recordings/{ids['long 1']}",
        "one recording of 100,000 frames": f"/recordings/{ids['long 2']}",
        "releases": "/releases",
        "one release": f"/releases/{ids['release']}",
    }


def measure(folder: Path, scale: float) -> tuple[dict[str, Asked], dict[str, Asked]]:
    """Fill a database, and ask for pages and filmstrips."""
    with EmbeddedPostgres(folder) as postgres:
        url = postgres.ensure_database("bench")
        migrate.upgrade(url)
        engine = make_engine(url)
        fill(engine, scale)
        token, ids = add_work(engine, folder / "data", scale)
        engine.dispose()
        return measure_filled(folder, url, token, ids)


def measure_filled(
    folder: Path, url: str, token: str, ids: dict[str, int]
) -> tuple[dict[str, Asked], dict[str, Asked]]:
    """Ask for pages and filmstrips."""
    headers = {"Authorization": f"Bearer {token}"}
    with server(folder, url) as address, httpx.Client(
        base_url=address, headers=headers, timeout=60
    ) as client:  # fmt: skip
        asked = {name: ask(client, path) for name, path in pages(ids).items()}
        strips = {
            name: ask(client, f"/recordings/{ids[name]}/strip", 12) for name in ("long 1", "long 2")
        }
    return asked, strips


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ten-times", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="infantnet-bench-") as name:
        asked, strips = measure(Path(name), 1)
    rows = [within_limit(what, found.ms, "ms", PAGE_MS) for what, found in asked.items()]
    rows += strip_rows(strips)
    print_table("Pages of 206,436 frames", rows)
    if options.ten_times:
        with tempfile.TemporaryDirectory(prefix="infantnet-bench-") as name:
            more, _ = measure(Path(name), 10)
        print_table("The same of 2,064,360 frames", growth_rows(asked, more))


def strip_rows(strips: dict[str, Asked]) -> list[Row]:
    """What the editor asks for when it opens a recording."""
    short, long = strips["long 1"], strips["long 2"]
    return [
        within_limit("editor opens 10,360 frames", short.ms, "ms", STRIP_MS),
        within_limit("… on the wire", short.wire / 1000, "kB", STRIP_KB),
        within_limit("editor opens 100,000 frames", long.ms, "ms", STRIP_MS),
        within_limit("… on the wire", long.wire / 1000, "kB", STRIP_KB),
    ]


def growth_rows(asked: dict[str, Asked], more: dict[str, Asked]) -> list[Row]:
    """How much longer the pages take at ten times the size."""
    return [
        Row(
            what,
            f"{more[what].ms:.3g} ms",
            f"a tenth: {found.ms:.3g} ms",
            more[what].ms / found.ms,
            f"ratio <= {GROWTH:g}",
            more[what].ms <= GROWTH * found.ms,
        )
        for what, found in asked.items()
    ]


if __name__ == "__main__":
    main()
