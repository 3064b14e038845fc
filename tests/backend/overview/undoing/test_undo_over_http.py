"""What undoing an import would do is asked for by maintainers; the work is a job."""

from __future__ import annotations

from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from backend.core.database.tables import Infant
from tests.factories import bearer, make_annotator, make_maintainer, make_recording

API = "/api/v1"


def test_a_maintainer_sees_what_goes_and_asks_for_it_once(
    client: TestClient, committed: Session
) -> None:
    recording = make_recording(committed, frames=2)
    headers = bearer(committed, make_maintainer(committed))
    committed.commit()
    url = f"{API}/recordings/{recording.id}/undo"

    told = client.get(url, headers=headers).json()
    goes = {each["name"]: each for each in told["goes"]}
    assert goes["frames"]["count"] == 2
    assert committed.get_one(Infant, recording.infant_id).pseudonym in goes["infants"]["text"]
    assert told["prevents"] == []

    asked = client.post(url, headers=headers)
    assert (asked.status_code, asked.json()["kind"]) == (202, "undo_import")
    assert client.post(url, headers=headers).status_code == 409


def test_a_pseudonym_that_another_recording_names_stays(
    client: TestClient, committed: Session
) -> None:
    recording = make_recording(committed, frames=1)
    make_recording(committed, frames=1).infant_id = recording.infant_id
    headers = bearer(committed, make_maintainer(committed))
    committed.commit()

    told = client.get(f"{API}/recordings/{recording.id}/undo", headers=headers).json()

    assert "infants" not in {each["name"] for each in told["goes"]}


def test_nobody_else_may(client: TestClient, committed: Session) -> None:
    recording = make_recording(committed)
    headers = bearer(committed, make_annotator(committed))
    committed.commit()
    url = f"{API}/recordings/{recording.id}"
    assert client.get(f"{url}/undo", headers=headers).status_code == 403
    assert client.post(f"{url}/undo", headers=headers).status_code == 403
    assert client.delete(url, headers=headers).status_code == 403
    assert client.get(f"{API}/recordings/import/formats", headers=headers).status_code == 403


def test_a_format_that_is_not_read_is_refused_before_anything_is_queued(
    client: TestClient, committed: Session
) -> None:
    headers = bearer(committed, make_maintainer(committed))
    committed.commit()
    known = client.get(f"{API}/recordings/import/formats", headers=headers).json()
    assert {"cvat", "sleap", "deeplabcut"} <= {form["name"] for form in known}
    refused = client.post(
        f"{API}/recordings/import/check",
        headers=headers,
        json={"label_upload_ids": [1], "choices": {"format": "excel"}},
    )
    assert refused.status_code == 422
    assert "There is no format excel" in refused.json()["detail"]
