"""Exports over HTTP: asking, waiting, downloading."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from backend.core.database.tables import Job, OutboxMessage, Recording
from backend.core.settings import Settings
from backend.core.storage import open_store
from backend.domain.workflow import Stage
from backend.publishing.exports import service
from backend.publishing.exports.frames import labelled
from backend.publishing.formats.writing import Written
from backend.publishing.labelled_columns import as_frames
from tests.factories import bearer, make_annotator, make_boxed_recording, make_maintainer

Headers = dict[str, str]


@pytest.fixture
def approved(committed: Session) -> Recording:
    recording = make_boxed_recording(committed, make_annotator(committed), stage=Stage.APPROVED)
    committed.commit()
    return recording


@pytest.fixture
def headers(committed: Session) -> Headers:
    headers = bearer(committed, make_maintainer(committed))
    committed.commit()
    return headers


def test_asking_for_an_export_queues_a_job(
    client: TestClient, headers: Headers, approved: Recording, committed: Session
) -> None:
    body = {"recording_ids": [approved.id, approved.id]}
    answer = client.post("/api/v1/exports", json=body, headers=headers)
    assert answer.status_code == 202
    export, job = answer.json()["export"], answer.json()["job"]
    assert (job["kind"], job["state"]) == ("export", "queued")
    assert export["recordings"] == [approved.name]
    assert export["ready"] is False
    assert export["job"]["id"] == job["id"]
    assert committed.get_one(Job, job["id"]).payload == {"export_id": export["id"]}
    assert committed.scalars(select(OutboxMessage).where(OutboxMessage.job_id == job["id"])).one()


def test_recordings_that_are_not_approved_are_named(
    client: TestClient, headers: Headers, approved: Recording, committed: Session
) -> None:
    other = make_boxed_recording(committed, make_annotator(committed), stage=Stage.BOXED)
    committed.commit()
    body = {"recording_ids": [approved.id, other.id]}
    refused = client.post("/api/v1/exports", json=body, headers=headers)
    assert refused.status_code == 409
    assert other.name in refused.json()["detail"]
    assert approved.name not in refused.json()["detail"]
    assert refused.json()["recording_ids"] == [other.id]


def test_recordings_that_do_not_exist_are_named(client: TestClient, headers: Headers) -> None:
    body = {"recording_ids": [2**40]}
    refused = client.post("/api/v1/exports", json=body, headers=headers)
    assert refused.status_code == 409
    assert str(2**40) in refused.json()["detail"]


def test_the_rule_of_joints_and_what_becomes_of_those_outside_can_be_chosen(
    client: TestClient, headers: Headers, approved: Recording, committed: Session
) -> None:
    body = {"recording_ids": [approved.id], "pixels": "continuous", "outside": "drop"}
    answer = client.post("/api/v1/exports", json=body, headers=headers)
    export = service.get(committed, answer.json()["export"]["id"])
    assert export.options == {
        "pixels": "continuous",
        "outside": "drop",
        "include_unverified": False,
    }
    odd = client.post("/api/v1/exports", json=body | {"pixels": "sideways"}, headers=headers)
    assert odd.status_code == 422


def test_the_rule_that_applies_unless_one_is_chosen_is_told_beforehand(
    client: TestClient, headers: Headers, approved: Recording, committed: Session
) -> None:
    def told() -> Any:
        body = {"recording_ids": [approved.id]}
        return client.post("/api/v1/exports/rule", json=body, headers=headers).json()

    assert told() == {"pixels": "index", "imported": {}, "here": 1}
    approved.label_source = {"file": "people.json", "pixels": "continuous"}
    committed.commit()
    assert told() == {"pixels": "continuous", "imported": {"continuous": 1}, "here": 0}


def test_an_export_of_nothing_is_refused(client: TestClient, headers: Headers) -> None:
    refused = client.post("/api/v1/exports", json={"recording_ids": []}, headers=headers)
    assert refused.status_code == 422


def test_the_file_can_be_downloaded_once_it_is_written(
    client: TestClient,
    headers: Headers,
    approved: Recording,
    committed: Session,
    settings: Settings,
    tmp_path: Path,
) -> None:
    body = {"recording_ids": [approved.id]}
    export_id = client.post("/api/v1/exports", json=body, headers=headers).json()["export"]["id"]
    early = client.get(f"/api/v1/exports/{export_id}/file", headers=headers)
    assert early.status_code == 409
    path = tmp_path / "export.json"
    export = service.get(committed, export_id)
    with path.open("wb") as file:
        written = service.write_export(committed, export, file)
    data = path.read_bytes()
    open_store(settings).put(service.storage_key(export), path)
    digest = hashlib.sha256(data).hexdigest()
    service.finish_export(
        export, written, key=service.storage_key(export), size=len(data), sha256=digest
    )
    committed.commit()
    answer = client.get(f"/api/v1/exports/{export_id}/file", headers=headers)
    assert answer.content == data
    assert export.filename in answer.headers["content-disposition"]
    shown = client.get(f"/api/v1/exports/{export_id}", headers=headers).json()
    assert (shown["ready"], shown["sha256"], shown["images"]) == (True, digest, 3)
    assert written == Written(3, 3)
    listed = client.get("/api/v1/exports", headers=headers).json()
    assert listed[0] == shown


def test_annotators_neither_export_nor_download(
    client: TestClient, committed: Session, approved: Recording
) -> None:
    headers = bearer(committed, make_annotator(committed))
    committed.commit()
    body = {"recording_ids": [approved.id]}
    assert client.post("/api/v1/exports", json=body, headers=headers).status_code == 403
    assert client.get("/api/v1/exports", headers=headers).status_code == 403
    assert client.get("/api/v1/exports/1/file", headers=headers).status_code == 403


def test_an_unknown_export_is_not_found(client: TestClient, headers: Headers) -> None:
    assert client.get(f"/api/v1/exports/{2**40}", headers=headers).status_code == 404


def test_nobody_reopens_a_recording_while_it_is_written(
    engine: Engine, approved: Recording
) -> None:
    query = select(Recording).where(Recording.id == approved.id)
    with Session(engine) as writing, Session(engine) as reopening:
        some = labelled(writing, [approved.id])
        first = next(some)
        with pytest.raises(OperationalError, match="lock"):
            reopening.scalar(query.with_for_update(nowait=True))
        reopening.rollback()
        assert len(list(as_frames([first, *some]))) == 3
        writing.rollback()
        assert reopening.scalar(query.with_for_update(nowait=True)) is not None
