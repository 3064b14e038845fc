"""Uploads in chunks: what is acknowledged is there, and everything can go on."""

from __future__ import annotations

import hashlib
import os
import threading
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from backend.core.database.tables import Upload, User
from backend.core.settings import Settings
from backend.core.uploads import service
from tests.factories import bearer, make_annotator, make_maintainer

DATA = os.urandom(3_000_000)
Headers = dict[str, str]


@pytest.fixture
def maintainer(committed: Session) -> User:
    return make_maintainer(committed)


@pytest.fixture
def headers(committed: Session, maintainer: User) -> Headers:
    headers = bearer(committed, maintainer)
    committed.commit()
    return headers


def begin(client: TestClient, headers: Headers, data: bytes = DATA, **more: Any) -> dict[str, Any]:
    body = {"filename": "bedroom.mp4", "size": len(data), **more}
    answer = client.post("/api/v1/uploads", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def send(client: TestClient, headers: Headers, upload_id: int, offset: int, data: bytes) -> Any:
    return client.patch(
        f"/api/v1/uploads/{upload_id}",
        content=data,
        headers={**headers, "Upload-Offset": str(offset)},
    )


def test_a_file_sent_in_chunks_arrives_whole(
    client: TestClient, headers: Headers, settings: Settings
) -> None:
    upload = begin(client, headers, sha256=hashlib.sha256(DATA).hexdigest())
    assert (upload["offset"], upload["complete"]) == (0, False)
    first = send(client, headers, upload["id"], 0, DATA[:2_000_000]).json()
    assert (first["offset"], first["complete"]) == (2_000_000, False)
    second = send(client, headers, upload["id"], 2_000_000, DATA[2_000_000:]).json()
    assert (second["offset"], second["complete"]) == (len(DATA), True)
    assert service.path_of(settings.uploads_dir, upload["id"]).read_bytes() == DATA


def test_after_a_break_the_server_says_where_to_go_on(client: TestClient, headers: Headers) -> None:
    upload = begin(client, headers)
    send(client, headers, upload["id"], 0, DATA[:1_234_567])
    again = client.get(f"/api/v1/uploads/{upload['id']}", headers=headers).json()
    assert again["offset"] == 1_234_567


@pytest.mark.parametrize("offset", [0, 999, 2_000_000])
def test_a_chunk_for_another_place_is_refused_with_the_right_one(
    client: TestClient, headers: Headers, offset: int
) -> None:
    upload = begin(client, headers)
    send(client, headers, upload["id"], 0, DATA[:1000])
    refused = send(client, headers, upload["id"], offset, DATA[1000:2000])
    assert refused.status_code == 409
    assert refused.json()["offset"] == 1000


def test_bytes_beyond_the_announced_size_are_refused_and_leave_nothing(
    client: TestClient, headers: Headers, settings: Settings
) -> None:
    upload = begin(client, headers, data=DATA[:1000])
    send(client, headers, upload["id"], 0, DATA[:600])
    refused = send(client, headers, upload["id"], 600, DATA[600:1600])
    assert refused.status_code == 413
    assert service.path_of(settings.uploads_dir, upload["id"]).read_bytes() == DATA[:600]


def test_bytes_beyond_the_size_are_also_noticed_without_a_stated_length(
    client: TestClient, headers: Headers, settings: Settings
) -> None:
    upload = begin(client, headers, data=DATA[:1000])
    refused = client.patch(
        f"/api/v1/uploads/{upload['id']}",
        content=(DATA[i : i + 500] for i in range(0, 2000, 500)),
        headers={**headers, "Upload-Offset": "0"},
    )
    assert refused.status_code == 413
    assert service.path_of(settings.uploads_dir, upload["id"]).read_bytes() == b""


def test_a_file_above_the_limit_is_refused_before_a_byte_is_sent(
    client: TestClient, headers: Headers, settings: Settings
) -> None:
    body = {"filename": "huge.mp4", "size": settings.max_upload_bytes + 1}
    refused = client.post("/api/v1/uploads", json=body, headers=headers)
    assert refused.status_code == 413
    assert "huge.mp4" in refused.json()["detail"]


def test_an_empty_file_is_refused_by_name(client: TestClient, headers: Headers) -> None:
    body = {"filename": "empty.mp4", "size": 0}
    refused = client.post("/api/v1/uploads", json=body, headers=headers)
    assert refused.status_code == 422
    assert (refused.json()["file"], refused.json()["fault"]) == ("empty.mp4", "empty file")


def test_a_file_that_arrives_damaged_is_thrown_away_and_can_be_sent_again(
    client: TestClient, headers: Headers
) -> None:
    data = DATA[:5000]
    upload = begin(client, headers, data=data, sha256=hashlib.sha256(data).hexdigest())
    refused = send(client, headers, upload["id"], 0, data[:-1] + b"?")
    assert refused.status_code == 422
    assert refused.json()["fault"] == "SHA-256 differs"
    assert client.get(f"/api/v1/uploads/{upload['id']}", headers=headers).json()["offset"] == 0
    assert send(client, headers, upload["id"], 0, data).json()["complete"]


def test_a_complete_file_takes_no_more(client: TestClient, headers: Headers) -> None:
    upload = begin(client, headers, data=DATA[:10])
    send(client, headers, upload["id"], 0, DATA[:10])
    refused = send(client, headers, upload["id"], 10, b"x")
    assert refused.status_code == 409
    assert refused.json()["offset"] == 10


def test_two_senders_of_one_chunk_leave_it_there_once(
    client: TestClient, headers: Headers, settings: Settings
) -> None:
    upload = begin(client, headers)
    codes: list[int] = []

    def attempt() -> None:
        codes.append(send(client, headers, upload["id"], 0, DATA[:2_500_000]).status_code)

    threads = [threading.Thread(target=attempt) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [200, 409, 409, 409]
    assert service.path_of(settings.uploads_dir, upload["id"]).read_bytes() == DATA[:2_500_000]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\videos\\bed room.mp4", "bed room.mp4"),
        ("a\x00b\x1f.mp4", "ab.mp4"),
        ("...", "unnamed"),
        (".hidden", "hidden"),
        ("ü" * 300 + ".mp4", "ü" * 98 + ".mp4"),
    ],
)
def test_names_are_kept_without_folders_and_control_characters(
    client: TestClient, headers: Headers, given: str, kept: str
) -> None:
    assert begin(client, headers, filename=given)["filename"] == kept


def test_only_maintainers_upload(client: TestClient, committed: Session) -> None:
    headers = bearer(committed, make_annotator(committed))
    committed.commit()
    body = {"filename": "x.mp4", "size": 1}
    assert client.post("/api/v1/uploads", json=body, headers=headers).status_code == 403
    assert client.post("/api/v1/uploads", json=body).status_code == 401


def test_somebody_elses_upload_is_out_of_reach(
    client: TestClient, headers: Headers, committed: Session
) -> None:
    other = bearer(committed, make_maintainer(committed))
    committed.commit()
    upload = begin(client, headers)
    assert client.get(f"/api/v1/uploads/{upload['id']}", headers=other).status_code == 404
    assert send(client, other, upload["id"], 0, b"x").status_code == 404
    assert client.delete(f"/api/v1/uploads/{upload['id']}", headers=other).status_code == 404


def test_a_discarded_upload_leaves_neither_row_nor_file(
    client: TestClient, headers: Headers, settings: Settings, committed: Session
) -> None:
    upload = begin(client, headers)
    send(client, headers, upload["id"], 0, DATA[:100])
    assert client.delete(f"/api/v1/uploads/{upload['id']}", headers=headers).status_code == 204
    assert not service.path_of(settings.uploads_dir, upload["id"]).exists()
    assert committed.get(Upload, upload["id"]) is None
