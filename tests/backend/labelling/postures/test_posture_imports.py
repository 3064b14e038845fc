"""Tables of postures: previewed, imported and undone as a whole, over HTTP."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from backend.core.database.tables import ApiToken, Recording, User
from backend.domain.posture_ranges import Stroke
from backend.domain.postures import label_of_posture
from backend.domain.tokens import TokenScope
from backend.domain.workflow import Role, Stage
from backend.labelling.postures import service
from tests.factories import bearer, make_annotator, make_recording, make_user

API = "/api/v1"
TABLE = "first_frame,last_frame,posture\n0,20,Prone Lying\n30,40,sitting\n"


@pytest.fixture
def maintainer(committed: Session) -> dict[str, str]:
    headers = bearer(committed, make_user(committed, Role.MAINTAINER))
    committed.commit()
    return headers


@pytest.fixture
def annotator(committed: Session) -> User:
    return make_annotator(committed)


@pytest.fixture
def recording(committed: Session, annotator: User) -> Recording:
    recording = make_recording(committed, Stage.ANNOTATING, annotator=annotator, frames=6)
    committed.commit()
    return recording


def asked(recording: Recording, text: str = TABLE, **more: Any) -> dict[str, Any]:
    return {"file_name": "aims.csv", "text": text, "recording_id": recording.id, **more}


def send(client: TestClient, headers: dict[str, str], body: dict[str, Any]) -> Any:
    body = {"operation_id": str(uuid.uuid4()), **body}
    return client.post(f"{API}/posture-imports", json=body, headers=headers)


def ranges(client: TestClient, headers: dict[str, str], recording: Recording) -> list[Any]:
    found = client.get(f"{API}/recordings/{recording.id}/postures", headers=headers).json()
    return [(r["first"], r["last"], r["group"], r["posture"], r["origin"]) for r in found["ranges"]]


def paint(session: Session, user: User, recording: Recording, *strokes: Stroke) -> None:
    version = service.postures_of(session, recording.id).version
    service.paint_postures(
        session, user, recording.id, strokes, version=version, operation_id=uuid.uuid4()
    )
    session.commit()


def test_a_preview_says_what_would_be_painted_and_paints_nothing(
    client: TestClient, maintainer: dict[str, str], recording: Recording
) -> None:
    body = asked(recording, TABLE + "9,9,flying\n")
    told = client.post(f"{API}/posture-imports/preview", json=body, headers=maintainer)
    assert told.status_code == 200, told.text
    found = told.json()
    assert found["columns"]["posture"] == "posture"
    assert [(w["word"], w["posture"], w["unclear"]) for w in found["words"]] == [
        ("Prone Lying", "prone_lying", False), ("sitting", None, False), ("flying", None, True),
    ]  # fmt: skip
    assert found["recordings"][0] | {"name": ""} == {
        "id": recording.id, "name": "", "ranges": 2, "moments": 5, "of_moments": 6, "replaced": 0,
        "closed": False,
    }  # fmt: skip
    assert found["doubts"] == [
        {"why": "a posture that is not known", "lines": 1, "examples": ["line 4: flying"]}
    ]
    assert ranges(client, maintainer, recording) == []


def test_an_import_is_undone_as_a_whole_and_leads_back_to_what_was_there(
    committed: Session, client: TestClient, maintainer: dict[str, str],
    annotator: User, recording: Recording,
) -> None:  # fmt: skip
    paint(committed, annotator, recording, Stroke(2, 5, label_of_posture("standing")))
    before = ranges(client, maintainer, recording)
    body = asked(recording) | {"operation_id": str(uuid.uuid4())}
    made = send(client, maintainer, body).json()
    assert send(client, maintainer, body).json() == made
    assert ranges(client, maintainer, recording) == [
        (0, 2, "prone", "prone_lying", "imported"), (3, 4, "sitting", None, "imported"),
        (5, 5, "standing", "standing", "placed"),
    ]  # fmt: skip
    path = f"{API}/posture-imports/{made['id']}/undo"
    told = client.get(path, headers=maintainer).json()
    assert (len(told["goes"]), told["prevents"]) == (1, [])
    assert client.post(path, headers=maintainer).status_code == 200
    assert ranges(client, maintainer, recording) == before
    assert client.post(path, headers=maintainer).json()["goes"] == []
    listed = client.get(f"{API}/posture-imports", headers=maintainer).json()
    assert [(each["id"], each["undone_at"] is None) for each in listed] == [(made["id"], False)]


def test_undoing_is_refused_where_somebody_changed_the_same_moments_since(
    committed: Session, client: TestClient, maintainer: dict[str, str],
    annotator: User, recording: Recording,
) -> None:  # fmt: skip
    made = send(client, maintainer, asked(recording)).json()
    paint(committed, annotator, recording, Stroke(5, 5, label_of_posture("rolling")))
    path = f"{API}/posture-imports/{made['id']}/undo"
    assert client.get(path, headers=maintainer).json()["prevents"] == []
    paint(committed, annotator, recording, Stroke(1, 2, label_of_posture("rolling")))
    refused = client.post(path, headers=maintainer)
    assert refused.status_code == 409
    assert "postures of 2 of these moments" in refused.json()["detail"]
    assert (0, 0, "prone", "prone_lying", "imported") in ranges(client, maintainer, recording)


def test_two_imports_of_the_same_moments_are_undone_one_after_the_other(
    client: TestClient, maintainer: dict[str, str], recording: Recording
) -> None:
    first = send(client, maintainer, asked(recording)).json()
    after = ranges(client, maintainer, recording)
    second = send(client, maintainer, asked(recording, "frame,posture\n10,standing\n")).json()
    assert client.post(
        f"{API}/posture-imports/{first['id']}/undo", headers=maintainer
    ).status_code == 409  # fmt: skip
    client.post(f"{API}/posture-imports/{second['id']}/undo", headers=maintainer)
    assert ranges(client, maintainer, recording) == after
    client.post(f"{API}/posture-imports/{first['id']}/undo", headers=maintainer)
    assert ranges(client, maintainer, recording) == []


def test_nothing_is_imported_while_a_line_cannot_be_used_unless_it_is_left_out(
    client: TestClient, maintainer: dict[str, str], recording: Recording
) -> None:
    body = asked(recording, TABLE + "50,50,flying\n")
    refused = send(client, maintainer, body)
    assert refused.status_code == 422
    assert "line 4: flying" in refused.json()["detail"]
    assert ranges(client, maintainer, recording) == []
    made = send(client, maintainer, body | {"leave_out": True}).json()
    assert made["left_out"] == 1
    mapped = send(client, maintainer, body | {"postures": {"flying": "rolling"}})
    assert mapped.status_code == 200
    assert (5, 5, "supine", "rolling", "imported") in ranges(client, maintainer, recording)


def test_all_recordings_of_a_table_are_painted_or_none(
    committed: Session, client: TestClient, maintainer: dict[str, str],
    annotator: User, recording: Recording,
) -> None:  # fmt: skip
    other = make_recording(committed, Stage.ANNOTATING, annotator=annotator, frames=6)
    committed.commit()
    text = "recording,frame,posture\n" + "".join(
        f"{name},10,prone\n" for name in (recording.name, other.id)
    )
    body = {"file_name": "all.csv", "text": text}
    committed.execute(update(Recording).where(Recording.id == other.id).values(stage="approved"))
    committed.commit()
    refused = send(client, maintainer, body)
    assert refused.status_code == 409, refused.text
    assert "is approved" in refused.json()["detail"]
    assert ranges(client, maintainer, recording) == []
    committed.execute(update(Recording).where(Recording.id == other.id).values(stage="returned"))
    committed.commit()
    made = send(client, maintainer, body).json()
    assert made["recordings"] == sorted((recording.id, other.id))
    unknown = send(client, maintainer, body | {"text": "video,frame,posture\nnobody,1,prone\n"})
    assert "a recording that is not there" in unknown.json()["detail"]


def test_a_maintainers_token_that_only_annotates_imports_no_postures(
    client: TestClient, committed: Session, recording: Recording
) -> None:
    person = make_user(committed, Role.MAINTAINER)
    headers = bearer(committed, person)
    lesser = update(ApiToken).where(ApiToken.user_id == person.id)
    committed.execute(lesser.values(scope=TokenScope.ANNOTATE.value))
    committed.commit()
    assert send(client, headers, asked(recording)).status_code == 403


def test_only_maintainers_import_postures(
    committed: Session, client: TestClient, annotator: User, recording: Recording
) -> None:
    headers = bearer(committed, annotator)
    committed.commit()
    assert send(client, headers, asked(recording)).status_code == 403
    assert client.get(f"{API}/posture-imports", headers=headers).status_code == 403
