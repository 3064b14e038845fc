"""Predictions that are refused, and what a failed or stopped evaluation leaves."""

from __future__ import annotations

import gzip
from typing import Any

import numpy as np
import pytest
from sqlalchemy.orm import Session

from backend.core.database.session import transaction
from backend.core.database.tables import (
    Evaluation,
    EvaluationFrame,
    Upload,
)
from backend.core.jobs import service as jobs
from backend.publishing.releases import drafts
from backend.publishing.releases import service as releases
from tests.factories import bearer, make_annotator
from tests.worker.evaluation_board import (
    Board,
    archive,
    as_json,
    without_images,
)


def changed(board: Board, **members: Any) -> bytes:
    results = board.results()
    results[2] |= members
    return as_json([{k: v for k, v in r.items() if v is not None} for r in results])


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("ids.json", lambda b: changed(b, image_id=10**9), "image_id that the ground truth"),
        ("double.json", lambda b: as_json([r | {"id": 1} for r in b.results()]), "there twice"),
        ("joints.json", lambda b: changed(b, keypoints=[1.0] * 48), "another length than 51"),
        ("nan.json", lambda b: changed(b, keypoints=[float("nan")] * 51), "nan.json"),
        ("scores.json", lambda b: changed(b, score=None), "prediction without a score: 1 ([2])"),
        ("junk.json", lambda b: b"\x00\x01junk", "junk.json"),
        ("picture.json", lambda b: b"\x89PNG\r\n\x1a\n" + bytes(99), "picture.json"),
        ("torn.json", lambda b: as_json(b.results())[:-20], "torn.json"),
        ("torn.json.gz", lambda b: gzip.compress(as_json(b.results()))[:-20], "torn.json.gz"),
        ("junk.npz", lambda b: b"PK\x03\x04 junk", "junk.npz"),
        ("empty.json", lambda b: b"", "empty"),
        ("junk.csv", lambda b: b"a,b\n1,2\n", "“image_id” or “file_name”"),
    ],
)
def test_what_is_unsound_is_refused_with_its_place(
    board: Board, name: str, data: Any, words: str
) -> None:
    model = f"bad {name}"
    key, job = board.evaluate(name, data(board), model=model)
    assert job.state == "failed"
    assert words in str(job.error)
    assert "unexpected" not in str(job.error)
    shown = board.leaderboard()
    assert not any(entry["model"] == model for entry in shown["entries"])
    (failed,) = (entry for entry in shown["unfinished"] if entry["model"] == model)
    assert failed["job"]["error"] == job.error
    assert not [path for path in board.bench.files() if path.startswith(f"evaluations/{key}/")]
    with Session(board.bench.engine) as session:
        assert session.query(EvaluationFrame).filter_by(evaluation_id=key).count() == 0


def test_a_file_of_another_kind_is_refused(board: Board) -> None:
    joints, arrays = as_json(board.results(seed=65)), archive({"joints3d": np.zeros((1, 17, 3))})
    for name, data, kind, words in (
        ("joints.json", joints, "bodies", "joints.json"),
        ("joints.json", joints, "postures", "neither a posture nor scores"),
        ("bodies.npz", arrays, "joints", "bodies.npz"),
    ):
        _, job = board.evaluate(name, data, model=f"kind {kind}", kind=kind)
        assert job.state == "failed"
        assert words in str(job.error)


def test_a_failure_is_shown_until_its_model_was_measured(board: Board) -> None:
    board.evaluate("bad.json", b"[", model="mended")
    failed = [e for e in board.leaderboard()["unfinished"] if e["model"] == "mended"]
    assert [entry["job"]["result"] for entry in failed] == [{"bad_input": True}]

    _, job = board.evaluate("good.json", as_json(board.results(seed=71)), model="mended")

    assert job.state == "succeeded"
    assert not [e for e in board.leaderboard()["unfinished"] if e["model"] == "mended"]


def test_a_file_that_failed_can_be_sent_again(board: Board) -> None:
    key, job = board.evaluate("empty-list.json", b"[", model="again")
    assert job.state == "failed"
    other, second = board.evaluate("empty-list.json", b"[", model="again")
    assert second.state == "failed"
    with Session(board.bench.engine) as session:
        assert session.get(Evaluation, key) is None
        with pytest.raises(jobs.Conflict, match="not here any more"):
            jobs.retry(session, job.id)
    answer = board.client.delete(f"/api/v1/evaluations/{other}", headers=board.headers)
    assert answer.status_code == 204


def test_a_job_that_was_stopped_completes_when_it_is_retried(board: Board) -> None:
    answer = board.post("stopped.json", as_json(board.results(seed=60)), model="stopped").json()
    job = answer["job"]["id"]
    with transaction(board.bench.engine) as session:
        jobs.request_cancel(session, job)
    assert board.bench.run(job).state == "cancelled"
    with transaction(board.bench.engine) as session:
        jobs.retry(session, job)
    assert board.bench.run(job).state == "succeeded"
    with Session(board.bench.engine) as session:
        upload = session.get_one(
            Upload, session.get_one(Evaluation, answer["evaluation"]["id"]).upload_id
        )
        assert upload.consumed_at is not None


def test_only_published_releases_splits_that_exist_and_maintainers(board: Board) -> None:
    data = as_json(board.results(seed=70))
    wrong = board.post("a.json", data, split="vault")
    assert wrong.status_code == 422
    assert "no split vault; there are test" in wrong.json()["detail"]
    draft = board.lab.begin()
    refused = board.post("a.json", data, release=draft)
    assert refused.status_code == 409
    assert "not published yet" in refused.json()["detail"]
    strange = board.post("model.pth", data)
    assert strange.status_code == 422
    with transaction(board.bench.engine) as session:
        other = bearer(session, make_annotator(session))
    path = f"/api/v1/releases/{board.lab.release}/evaluations"
    assert board.client.get(path, headers=other).status_code == 403
    with transaction(board.bench.engine) as session:
        drafts.delete_draft(session, board.lab.me(session), draft, board.lab.storage)


def test_a_release_withdrawn_meanwhile_takes_nothing(board: Board) -> None:
    data = as_json(board.results(seed=80))
    second = board.lab.begin()
    board.lab.settings(second, without_images)
    assert board.lab.published(second).state == "published"
    started = board.post("late.json", data, release=second).json()
    with transaction(board.bench.engine) as session:
        releases.withdraw(session, board.lab.me(session), second, "a family asked")
    job = board.bench.run(started["job"]["id"])
    assert job.state == "failed"
    assert "a family asked" in str(job.error)
    shown = board.get(f"/releases/{second}/evaluations")
    assert "a family asked" in shown["refuses"]
    assert shown["entries"] == []
