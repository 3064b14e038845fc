"""What an import would make of its files, asked over HTTP before it begins."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import Job, Upload, UploadLook, User
from backend.recordings.inspection import service
from backend.recordings.inspection.facts import VideoLook, packed, unpacked
from tests.factories import bearer, make_annotator, make_maintainer

INSPECT = "/api/v1/recordings/import/inspect"
Headers = dict[str, str]


@pytest.fixture
def person(committed: Session) -> User:
    return make_maintainer(committed)


@pytest.fixture
def headers(committed: Session, person: User) -> Headers:
    headers = bearer(committed, person)
    committed.commit()
    return headers


def upload(
    session: Session, person: User, name: str, *, fps: float | None = 30, seconds: float = 6,
    gap: tuple[float, float] | None = None, fault: str | None = None, **changes: Any,
) -> int:  # fmt: skip
    """A finished upload that was looked at, unless it has no rate."""
    row = Upload(filename=name, size=1000, created_by_id=person.id, completed_at=datetime.now(UTC))
    session.add(row)
    session.flush()
    if fault is not None:
        service.store(session, row.id, None, None, fault)
    elif fps is not None:
        times = np.arange(round(seconds * fps)) / fps
        times = times if gap is None else times[(times < gap[0]) | (times >= gap[1])]
        facts: dict[str, Any] = {
            "size_bytes": 1000 + row.id, "width": 640, "height": 480, "rotation": 0,
            "codec": "h264", "fps": fps, "interval_s": 1 / fps, "frames": len(times),
            "duration_s": seconds, "has_audio": True,
        }  # fmt: skip
        service.store(
            session, row.id, VideoLook.model_validate(facts | changes), packed(times), None
        )
    session.commit()
    return row.id


def ask(client: TestClient, headers: Headers, *ids: int, **more: Any) -> dict[str, Any]:
    body = {"files": [{"upload_id": i} for i in ids]} | more
    answer = client.post(INSPECT, json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_files_that_nobody_saw_are_looked_at_by_one_job(
    client: TestClient, committed: Session, person: User, headers: Headers
) -> None:
    ids = [upload(committed, person, name, fps=None) for name in ("a.mp4", "b.mp4")]
    first, again = ask(client, headers, *ids), ask(client, headers, *ids)
    assert (first["ready"], first["cameras"]) == (False, [])
    assert first["job"]["title"] == "Facts of a.mp4 and 1 more"
    assert again["job"]["id"] == first["job"]["id"]
    assert committed.scalars(select(Job.payload).where(Job.kind == "inspect")).all() == [
        {"upload_ids": ids}
    ]


def test_a_look_that_failed_is_not_begun_again_by_asking(
    client: TestClient, committed: Session, person: User, headers: Headers
) -> None:
    upload_id = upload(committed, person, "a.mp4", fps=None)
    first = ask(client, headers, upload_id)["job"]["id"]
    job = committed.get_one(Job, first)
    job.state, job.error = "failed", "The disk is full."
    committed.commit()
    again = ask(client, headers, upload_id)
    assert (again["job"]["id"], again["job"]["error"]) == (first, "The disk is full.")
    retried = client.post(f"/api/v1/jobs/{first}/retry", headers=headers)
    assert retried.json()["state"] == "queued"


def test_chapters_are_one_camera_and_the_moments_are_counted(
    client: TestClient, committed: Session, person: User, headers: Headers
) -> None:
    ids = [
        upload(committed, person, "GX020001.MP4", timecode=("10:00:06:00", "30")),
        upload(committed, person, "GX010001.MP4", timecode=("10:00:00:00", "30")),
        upload(committed, person, "other.mp4", fps=25, seconds=10),
    ]
    seen = ask(client, headers, *ids, sampling={"mode": "fps", "value": 2})
    assert seen["ready"]
    chapters, other = seen["cameras"]
    assert (chapters["name"], other["name"]) == ("GX010001", "other")
    assert [f["upload_id"] for f in chapters["files"]] == [ids[1], ids[0]]
    assert [f["start_s"] for f in chapters["files"]] == [0, pytest.approx(6)]
    assert chapters["sure"]
    assert "chapters of one recording" in chapters["reason"]
    assert (chapters["duration_s"], chapters["taken"], chapters["missing"]) == (12, 24, 0)
    assert (other["taken"], other["missing"]) == (20, 4)
    assert (seen["moments"], seen["complete"]) == (24, 20)
    assert any("begin together" in words for words in seen["warnings"])
    assert any("other ends 2.0 s before GX010001" in words for words in seen["warnings"])


def test_nothing_is_joined_where_that_is_not_wanted(
    client: TestClient, committed: Session, person: User, headers: Headers
) -> None:
    ids = [upload(committed, person, f"GX0{k}0001.MP4") for k in (1, 2)]
    assert len(ask(client, headers, *ids, separate=True)["cameras"]) == 2


def test_an_arrangement_by_hand_is_kept_and_the_rest_is_proposed(
    client: TestClient, committed: Session, person: User, headers: Headers
) -> None:
    names = ("a.mp4", "b.mp4", "GX010001.MP4", "GX020001.MP4")
    ids = [upload(committed, person, name) for name in names]
    seen = ask(client, headers, *ids, cameras=[{"name": "left", "upload_ids": [ids[1], ids[0]]}])
    assert [(c["name"], len(c["files"])) for c in seen["cameras"]] == [("left", 2), ("GX010001", 2)]
    assert [f["upload_id"] for f in seen["cameras"][0]["files"]] == [ids[1], ids[0]]


def test_folders_tell_cameras_with_equal_names_apart(
    client: TestClient, committed: Session, person: User, headers: Headers
) -> None:
    paths = [f"{side}/GX0{k}0001.MP4" for side in ("left", "right") for k in (1, 2)]
    ids = [upload(committed, person, path.split("/")[1]) for path in paths]
    body = {"files": [{"upload_id": i, "path": p} for i, p in zip(ids, paths, strict=True)]}
    seen = client.post(INSPECT, json=body, headers=headers).json()
    assert [c["name"] for c in seen["cameras"]] == ["left", "right"]
    assert [len(c["files"]) for c in seen["cameras"]] == [2, 2]


def test_a_file_that_cannot_be_read_is_named_and_left_out(
    client: TestClient, committed: Session, person: User, headers: Headers
) -> None:
    good = upload(committed, person, "good.mp4")
    bad = upload(committed, person, "story.mp4", fault="story.mp4: this is a text file.")
    seen = ask(client, headers, good, bad)
    assert [f["fault"] for f in seen["files"]] == [None, "story.mp4: this is a text file."]
    assert [c["name"] for c in seen["cameras"]] == ["camera 1"]


def test_cameras_with_different_timecodes_are_pointed_out(
    client: TestClient, committed: Session, person: User, headers: Headers
) -> None:
    ids = [
        upload(committed, person, "left.mp4", timecode=("10:00:00:00", "30")),
        upload(committed, person, "right.mp4", timecode=("10:00:02:10", "30")),
    ]
    assert any(
        "10:00:00:00 and 10:00:02:10" in words and "Sync" in words
        for words in ask(client, headers, *ids)["warnings"]
    )


def test_a_file_given_twice_is_pointed_out(
    client: TestClient, committed: Session, person: User, headers: Headers
) -> None:
    ids = [upload(committed, person, name, size_bytes=5) for name in ("a.mp4", "a (1).mp4")]
    assert any("same video" in words for words in ask(client, headers, *ids)["warnings"])


def test_only_who_may_import_asks_and_only_for_their_own_files(
    client: TestClient, committed: Session, person: User, headers: Headers
) -> None:
    upload_id = upload(committed, person, "a.mp4")
    annotator = bearer(committed, make_annotator(committed))
    stranger = bearer(committed, make_maintainer(committed))
    committed.commit()
    body = {"files": [{"upload_id": upload_id}]}
    assert client.post(INSPECT, json=body, headers=annotator).status_code == 403
    assert client.post(INSPECT, json=body, headers=stranger).status_code == 404


@pytest.mark.parametrize("field", ["completed_at", "consumed_at"])
def test_files_that_are_not_there_are_refused(
    client: TestClient, committed: Session, person: User, headers: Headers, field: str
) -> None:
    upload_id = upload(committed, person, "a.mp4")
    row = committed.get_one(Upload, upload_id)
    setattr(row, field, None if field == "completed_at" else datetime.now(UTC))
    committed.commit()
    answer = client.post(INSPECT, json={"files": [{"upload_id": upload_id}]}, headers=headers)
    assert answer.status_code == 422
    assert "a.mp4" in answer.text


def test_what_was_seen_goes_with_the_upload(
    client: TestClient, committed: Session, person: User, headers: Headers
) -> None:
    upload_id = upload(committed, person, "a.mp4")
    assert client.delete(f"/api/v1/uploads/{upload_id}", headers=headers).status_code == 204
    committed.expire_all()
    assert committed.get(UploadLook, upload_id) is None


def test_times_are_kept_small_and_to_a_nanosecond() -> None:
    times = np.arange(100_000) * 1001 / 60000
    assert len(packed(times)) < 20_000
    assert np.abs(unpacked(packed(times)) - times).max() <= 1e-9
