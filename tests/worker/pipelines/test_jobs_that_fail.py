"""A job that fails says so at once, whatever stands in the way of saying it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from backend.core.database.tables import Job
from backend.core.database.tables.jobs import JobKind, JobState
from backend.core.jobs import service as jobs
from tests.worker.bench import Bench, png

LONE = "B\ud80007.png"


@pytest.fixture
def clean_up_that_fails() -> Iterator[None]:
    known = jobs._unsuccessful[JobKind.INGEST]

    @jobs.on_unsuccessful_end(JobKind.INGEST)
    def _fails(session: Session, job: Job) -> None:
        raise ValueError("cannot clean up")

    yield
    jobs._unsuccessful[JobKind.INGEST] = known


def test_a_name_that_cannot_be_stored_fails_an_import_at_its_first_attempt(bench: Bench) -> None:
    coco = (
        b'{"images": [{"id": 1, "file_name": "B\\ud80007.png", "width": 64, "height": 48}],'
        b' "annotations": [], "categories": [{"id": 1, "name": "\\udc80"}]}'
    )

    job = bench.images(("other.png", png()), coco=coco)

    assert (job.state, job.attempt) == (JobState.FAILED, 1)
    assert job.error
    assert "\ud800" not in job.error


def test_a_clean_up_that_fails_ends_the_job_with_plainer_words(
    bench: Bench, clean_up_that_fails: None
) -> None:
    job = bench.videos(("film.mp4", b"no film at all"))

    assert (job.state, job.attempt) == (JobState.FAILED, 1)
    assert "so did the clean-up after it (ValueError)" in str(job.error)
