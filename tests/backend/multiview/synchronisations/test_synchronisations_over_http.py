"""Setting and applying the cameras' clocks over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import (
    AnnotationRevision,
    Camera,
    Frame,
    Job,
    Moment,
    Recording,
    User,
)
from backend.core.settings import Settings
from backend.core.storage import open_store
from backend.domain.workflow import Stage
from backend.multiview.synchronisations import strips
from tests.factories import (
    accept,
    bearer,
    frame_ids_of,
    make_annotator,
    make_candidates,
    make_maintainer,
    make_recording,
    store_videos,
)

API = "/api/v1"
Headers = dict[str, str]


@pytest.fixture
def maintainer(committed: Session) -> Headers:
    headers = bearer(committed, make_maintainer(committed))
    committed.commit()
    return headers


@pytest.fixture
def annotator(committed: Session) -> User:
    return make_annotator(committed)


@pytest.fixture
def recording(committed: Session, annotator: User) -> Recording:
    """Two cameras, four moments a third of a second apart, one frame accepted by a person."""
    recording = make_recording(committed, frames=4, cameras=2, annotator=annotator)
    make_candidates(committed, recording)
    accept(committed, annotator, frame_ids_of(committed, recording)[5])
    committed.commit()
    return recording


def cameras_of(session: Session, recording: Recording) -> list[int]:
    return list(
        session.scalars(
            select(Camera.id).where(Camera.recording_id == recording.id).order_by(Camera.index)
        )
    )


def moments_of(session: Session, recording: Recording) -> list[tuple[int, float, set[int]]]:
    session.expire_all()
    rows = session.execute(
        select(Moment.index, Moment.time_s, Frame.position)
        .join(Frame, Frame.moment_id == Moment.id)
        .where(Moment.recording_id == recording.id)
        .order_by(Moment.index)
    ).all()
    found: dict[tuple[int, float], set[int]] = {}
    for index, time_s, position in rows:
        found.setdefault((index, round(time_s, 3)), set()).add(position)
    return [(index, time_s, who) for (index, time_s), who in found.items()]


def by_hand(
    client: TestClient, recording: Recording, headers: Headers, offsets: dict[int, float]
) -> dict[str, Any]:
    answer = client.post(
        f"{API}/recordings/{recording.id}/synchronisations",
        json={
            "method": "manual",
            "offsets": [{"camera_id": c, "offset_ms": ms} for c, ms in offsets.items()],
        },
        headers=headers,
    )
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_offsets_by_hand_become_a_version_that_is_not_yet_in_use(
    client: TestClient, committed: Session, recording: Recording, maintainer: Headers
) -> None:
    _, second = cameras_of(committed, recording)
    made = by_hand(client, recording, maintainer, {second: 33.4})
    assert (made["version"], made["method"], made["in_use"]) == (1, "manual", False)
    assert [o["offset_ms"] for o in made["offsets"]] == [0, 33.4]
    listed = client.get(
        f"{API}/recordings/{recording.id}/synchronisations", headers=maintainer
    ).json()
    assert listed == [made]


def test_applying_pairs_frames_anew_and_touches_no_annotation(
    client: TestClient, committed: Session, recording: Recording, maintainer: Headers
) -> None:
    _, second = cameras_of(committed, recording)
    revisions = committed.scalars(select(AnnotationRevision.id)).all()
    ids = frame_ids_of(committed, recording)
    made = by_hand(client, recording, maintainer, {second: 350})
    answer = client.post(f"{API}/synchronisations/{made['id']}/apply", headers=maintainer)
    assert answer.status_code == 200, answer.text
    assert moments_of(committed, recording) == [
        (0, 0.0, {0}), (1, 0.333, {1, 4}), (2, 0.667, {2, 5}), (3, 1.0, {3, 6}), (4, 1.35, {7}),
    ]  # fmt: skip
    assert answer.json()["offsets"][1]["residual_ms"] == pytest.approx(16.667, abs=0.01)
    assert answer.json()["report"]["applied"]["alone"] == {
        str(c): 1 for c in cameras_of(committed, recording)
    }
    assert frame_ids_of(committed, recording) == ids
    assert committed.scalars(select(AnnotationRevision.id)).all() == revisions
    detail = client.get(f"{API}/recordings/{recording.id}", headers=maintainer).json()
    assert detail["synchronisation"]["id"] == made["id"]


def test_going_back_restores_the_old_pairs(
    client: TestClient, committed: Session, recording: Recording, maintainer: Headers
) -> None:
    _, second = cameras_of(committed, recording)
    before = moments_of(committed, recording)
    for ms in (700, 0):
        made = by_hand(client, recording, maintainer, {second: ms})
        client.post(f"{API}/synchronisations/{made['id']}/apply", headers=maintainer)
    assert moments_of(committed, recording) == before


def test_moments_keep_their_identity_with_the_first_camera(
    client: TestClient, committed: Session, recording: Recording, maintainer: Headers
) -> None:
    first, second = cameras_of(committed, recording)
    query = select(Frame.moment_id).where(Frame.camera_id == first).order_by(Frame.position)
    before = committed.scalars(query).all()
    made = by_hand(client, recording, maintainer, {second: -400})
    client.post(f"{API}/synchronisations/{made['id']}/apply", headers=maintainer)
    committed.expire_all()
    assert committed.scalars(query).all() == before


def test_a_measurement_needs_stored_videos(
    client: TestClient, recording: Recording, maintainer: Headers
) -> None:
    answer = client.post(
        f"{API}/recordings/{recording.id}/synchronisations",
        json={"method": "motion"},
        headers=maintainer,
    )
    assert answer.status_code == 409
    assert "not stored" in answer.json()["detail"]


def test_a_measurement_is_a_job(
    client: TestClient, committed: Session, recording: Recording, maintainer: Headers
) -> None:
    store_videos(committed, recording)
    committed.commit()
    answer = client.post(
        f"{API}/recordings/{recording.id}/synchronisations",
        json={"method": "audio"},
        headers=maintainer,
    )
    assert (answer.status_code, answer.json()["kind"]) == (202, "synchronise")


def test_frames_that_nobody_worked_on_are_taken_anew_by_a_job(
    client: TestClient, committed: Session, maintainer: Headers
) -> None:
    recording = make_recording(committed, Stage.PRELABELLED, frames=2, cameras=2)
    recording.import_request = {"kind": "video"}
    store_videos(committed, recording)
    committed.commit()
    made = by_hand(client, recording, maintainer, {cameras_of(committed, recording)[1]: 10})
    plan = client.get(f"{API}/recordings/{recording.id}/sync-plan", headers=maintainer).json()
    answer = client.post(f"{API}/synchronisations/{made['id']}/apply", headers=maintainer)
    assert (plan["how"], answer.status_code) == ("extracted", 202)
    assert answer.json()["kind"] == "resample"
    assert (
        client.post(f"{API}/synchronisations/{made['id']}/apply", headers=maintainer).status_code
        == 409
    )


def test_one_camera_has_nothing_to_compare_with(
    client: TestClient, committed: Session, maintainer: Headers
) -> None:
    alone = make_recording(committed, frames=1)
    committed.commit()
    answer = client.post(
        f"{API}/recordings/{alone.id}/synchronisations",
        json={"method": "audio"},
        headers=maintainer,
    )
    assert answer.status_code == 409
    assert "one camera" in answer.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        {"method": "manual"},
        {"method": "audio", "offsets": []},
        {"method": "guess"},
        {"method": "manual", "offsets": [{"camera_id": 1, "offset_ms": 1e12}]},
        {"method": "manual", "offsets": [{"camera_id": 10**9, "offset_ms": 1}]},
    ],
)
def test_nonsense_is_refused(
    client: TestClient, recording: Recording, maintainer: Headers, body: dict[str, Any]
) -> None:
    answer = client.post(
        f"{API}/recordings/{recording.id}/synchronisations", json=body, headers=maintainer
    )
    assert answer.status_code == 422


def test_annotators_do_not_set_clocks(
    client: TestClient, committed: Session, recording: Recording, annotator: User
) -> None:
    headers = bearer(committed, annotator)
    committed.commit()
    answer = client.post(
        f"{API}/recordings/{recording.id}/synchronisations",
        json={"method": "audio"},
        headers=headers,
    )
    assert answer.status_code == 403
    assert committed.scalars(select(Job).where(Job.recording_id == recording.id)).all() == []


def test_an_instant_is_shown_under_trial_offsets(
    client: TestClient, committed: Session, recording: Recording, maintainer: Headers
) -> None:
    first, second = cameras_of(committed, recording)
    ids = frame_ids_of(committed, recording)
    answer = client.get(
        f"{API}/recordings/{recording.id}/sync-frames",
        params={"time_s": 0.66, "offsets": f"{second}:330"},
        headers=maintainer,
    ).json()
    assert [(c["camera_id"], c["frame_id"]) for c in answer["cameras"]] == [
        (first, ids[2]),
        (second, ids[5]),
    ]


def test_a_source_frame_is_shown_where_it_is_nearer(
    client: TestClient,
    committed: Session,
    recording: Recording,
    maintainer: Headers,
    settings: Settings,
) -> None:
    first, _ = cameras_of(committed, recording)
    storage = open_store(settings)
    key = strips.picture_key(recording.id, "ab" * 32)
    storage.put(key, b"\xff\xd8a small picture")
    frame = strips.StoredFrame(time_s=0.5, number=15, key=key)
    strips.save(
        storage, recording.id, strips.StoredStrips(instants_s=[0.5], cameras={first: [frame]})
    )
    answer = client.get(
        f"{API}/recordings/{recording.id}/sync-frames", params={"time_s": 0.49}, headers=maintainer
    ).json()
    shown = next(c for c in answer["cameras"] if c["camera_id"] == first)
    assert (shown["frame_id"], shown["source_time_s"]) == (None, 0.5)
    picture = client.get(shown["image_url"], headers=maintainer)
    assert (picture.content, picture.headers["X-Source-Time"]) == (
        b"\xff\xd8a small picture",
        "0.500000",
    )
    listed = client.get(f"{API}/recordings/{recording.id}/sync-strips", headers=maintainer).json()
    assert listed["cameras"][0]["frames"][0]["image_url"] == shown["image_url"]
