"""Asking for a first pass over uploaded files, and reading what it found."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func
from sqlalchemy.orm import Session

from backend.core.database.tables import Job, Upload, User
from backend.core.database.tables.jobs import JobKind, JobState
from tests.factories import bearer, make_annotator, make_maintainer

URL = "/api/v1/recordings/import/check"


@pytest.fixture
def maintainer(committed: Session) -> User:
    return make_maintainer(committed)


def upload(session: Session, user: User, name: str, **facts: Any) -> int:
    row = Upload(filename=name, size=1, created_by_id=user.id,
                 **{"completed_at": func.now(), **facts})  # fmt: skip
    session.add(row)
    session.flush()
    return row.id


@pytest.fixture
def request_body(committed: Session, maintainer: User) -> dict[str, Any]:
    return {
        "upload_ids": [upload(committed, maintainer, "a.zip")],
        "coco_upload_id": upload(committed, maintainer, "people.json"),
    }


def test_a_first_pass_is_queued_and_leaves_the_uploads_alone(
    client: TestClient, committed: Session, maintainer: User, request_body: dict[str, Any]
) -> None:
    headers = bearer(committed, maintainer)
    committed.commit()
    answer = client.post(URL, headers=headers, json=request_body)
    assert answer.status_code == 202, answer.text
    job = answer.json()
    assert (job["kind"], job["title"]) == ("check_import", "First pass over people.json")
    row = committed.get_one(Upload, request_body["coco_upload_id"], populate_existing=True)
    assert row.consumed_at is None
    shown = client.get(f"{URL}/{job['id']}", headers=headers).json()
    assert (shown["job"]["state"], shown["report"]) == ("queued", None)


@pytest.mark.parametrize(
    ("facts", "status", "words"),
    [
        ({"completed_at": None}, 409, "not completely uploaded"),
        ({"consumed_at": func.now()}, 409, "used already"),
    ],
)
def test_files_that_are_not_there_or_not_free_are_refused(
    client: TestClient,
    committed: Session,
    maintainer: User,
    request_body: dict[str, Any],
    facts: dict[str, Any],
    status: int,
    words: str,
) -> None:
    body = request_body | {"upload_ids": [upload(committed, maintainer, "b.zip", **facts)]}
    headers = bearer(committed, maintainer)
    committed.commit()
    answer = client.post(URL, headers=headers, json=body)
    assert answer.status_code == status
    assert words in answer.json()["detail"]


def test_files_of_somebody_else_are_not_looked_through(
    client: TestClient, committed: Session, request_body: dict[str, Any]
) -> None:
    headers = bearer(committed, make_maintainer(committed))
    committed.commit()
    assert client.post(URL, headers=headers, json=request_body).status_code == 404


def test_only_who_may_import_may_look(
    client: TestClient, committed: Session, request_body: dict[str, Any]
) -> None:
    headers = bearer(committed, make_annotator(committed))
    committed.commit()
    assert client.post(URL, headers=headers, json=request_body).status_code == 403


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"odd": {"image_not_sent": "map"}}, "map is not offered"),
        ({"odd": {"no_such_kind": "map"}}, "no_such_kind"),
        ({"skeletons": {"*": "octopus"}}, "there is no skeleton octopus"),
    ],
)
def test_choices_that_are_not_offered_are_refused(
    client: TestClient,
    committed: Session,
    maintainer: User,
    request_body: dict[str, Any],
    choices: dict[str, Any],
    words: str,
) -> None:
    headers = bearer(committed, maintainer)
    committed.commit()
    answer = client.post(URL, headers=headers, json=request_body | {"choices": choices})
    assert answer.status_code == 422
    assert words in answer.text


def test_another_job_is_no_first_pass(
    client: TestClient, committed: Session, maintainer: User
) -> None:
    job = Job(kind=JobKind.INGEST.value, queue="cpu", title="x", payload={},
              state=JobState.SUCCEEDED.value, done=0, attempt=1)  # fmt: skip
    committed.add(job)
    committed.flush()
    headers = bearer(committed, maintainer)
    committed.commit()
    assert client.get(f"{URL}/{job.id}", headers=headers).status_code == 404
