"""Predictions on leaderboards: measured against what a release froze, and what is refused."""

from __future__ import annotations

import csv
import gzip
import io
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from backend.core.database.session import transaction
from backend.core.database.tables import (
    AuditEntry,
    Evaluation,
    EvaluationFrame,
    Job,
    Recording,
    Upload,
)
from backend.core.jobs import service as jobs
from backend.core.settings import Settings
from backend.multiview.bodies.mesh import pose_body
from backend.multiview.bodies.model_file import open_body
from backend.multiview.fits.proposals import store_fits
from backend.publishing.releases import service as releases
from backend.publishing.releases.settings import Images, ReleaseSettings
from backend.web.app import create_app
from tests.backend.multiview.fits.making import make_calibration, make_run, propose, verify_fits
from tests.factories import bearer, make_annotator
from tests.worker.bench import Bench
from tests.worker.release_lab import Lab, furnish
from worker.tools.__main__ import main as tools

POSTURES = ("supine_lying", "sitting_without_support", "standing")
VISITS, FRAMES = 6, 2
SEEN_FROM = np.array([[0.0, 0, 1, 0.2], [0, 1, 0, 0.1], [-1, 0, 0, 3], [0, 0, 0, 1]])
"""Where the camera of fitted recordings stands: a quarter turn about y, and aside."""


class Board:
    """A lab with a published release of six infants in its test split, and its web server."""

    def __init__(self, bench: Bench, client: TestClient) -> None:
        self.lab = Lab(bench, furnish(bench, visits=VISITS, frames=FRAMES))
        self.bench = bench
        self.client = client
        with transaction(bench.engine) as session:
            self.headers = bearer(session, self.lab.me(session))
            for key in self.lab.recordings[:3]:
                fit_bodies(session, session.get_one(Recording, key))
        self.lab.settings(self.lab.release, _without_images)
        self.assign(self.lab.release)
        release = self.lab.check(self.lab.release)
        assert release.state == "checked", release.gate
        with transaction(bench.engine) as session:
            for i, name in enumerate(POSTURES):
                session.execute(
                    text("UPDATE release_frames SET posture = :name WHERE frame_id % 3 = :i"),
                    {"name": name, "i": i},
                )
        job = self.lab.publish(self.lab.release)
        assert job.state == "succeeded", job.error
        self.truth: dict[str, Any] = json.loads(
            self.lab.files(self.lab.release)["annotations/test.json"]
        )

    def assign(self, release: int) -> None:
        with transaction(self.bench.engine) as session:
            infants = [session.get_one(Recording, k).infant_id for k in self.lab.recordings]
            releases.assign(session, self.lab.me(session), release, dict.fromkeys(infants, "test"))

    def results(self, seed: int = 1, scale: float = 3.0) -> list[dict[str, Any]]:
        """COCO results near the truth: some people missed, some joints on the other side."""
        rng = np.random.default_rng(seed)
        found = []
        for i, annotation in enumerate(self.truth["annotations"]):
            joints = np.array(annotation["keypoints"], float).reshape(17, 3)
            joints[:, :2] += rng.normal(0, scale, (17, 2))
            if i == 3:
                joints[[9, 10]] = joints[[10, 9]]
            if i != 5:
                found.append(
                    {
                        "image_id": annotation["image_id"],
                        "category_id": annotation["category_id"],
                        "keypoints": joints.ravel().tolist(),
                        "score": round(float(rng.uniform(0.3, 1)), 3),
                    }
                )
        return found

    def post(self, name: str, data: bytes, **said: Any) -> Any:
        body = {"split": "test", "model": "pose-net", "setting": "zero-shot"} | said
        upload = self.bench.upload(name, data)
        path = f"/api/v1/releases/{body.pop('release', self.lab.release)}/evaluations"
        return self.client.post(path, json=body | {"upload_id": upload}, headers=self.headers)

    def evaluate(self, name: str, data: bytes, **said: Any) -> tuple[int, Job]:
        answer = self.post(name, data, **said)
        assert answer.status_code == 202, answer.text
        return answer.json()["evaluation"]["id"], self.bench.run(answer.json()["job"]["id"])

    def measured(self, name: str, data: bytes, **said: Any) -> int:
        key, job = self.evaluate(name, data, **said)
        assert job.state == "succeeded", job.error
        return key

    @cached_property
    def plain(self) -> int:
        """The evaluation of :meth:`results`, which several tests look at."""
        return self.measured("results.json", as_json(self.results()))

    def get(self, path: str, **params: Any) -> Any:
        answer = self.client.get(f"/api/v1{path}", params=params, headers=self.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def leaderboard(self) -> Any:
        return self.get(f"/releases/{self.lab.release}/evaluations")

    def by_tool(self, folder: Path, truth: str, name: str, data: bytes, *options: str) -> Any:
        """What ``infantnet tools evaluate`` says of the release's own file."""
        released = self.lab.pull(self.lab.release, folder / "release")
        (folder / name).write_bytes(data)
        out = folder / "found.json"
        files = (f"{released}/{truth}", f"{folder}/{name}", "--json", str(out))
        assert tools(["evaluate", *files, *options]) == 0
        return json.loads(out.read_text())


def _without_images(settings: ReleaseSettings) -> None:
    settings.packaging.images = Images.NONE


def fit_bodies(session: Session, recording: Recording) -> None:
    """A verified fit of the open infant body for every moment."""
    calibration = make_calibration(session, recording)
    calibration.cameras = [
        camera | {"T_camera_world": SEEN_FROM.tolist()} for camera in calibration.cameras
    ]
    run = make_run(session, recording)
    body = open_body()
    run.body_sha256 = body.sha256
    rng = np.random.default_rng(recording.id)
    proposals = []
    for proposal in propose(session, recording):
        pose, place = rng.normal(0, 0.2, 72), rng.normal((0, 0, 2), 0.3)
        posed = pose_body(body, run.betas, pose, run.scale, place)
        proposals.append(
            replace(
                proposal,
                pose=pose,
                translation=place,
                joints=posed.coco,
                body_joints=posed.joints,
            )
        )
    store_fits(session, recording, run, proposals, replace_verified=False)
    verify_fits(session, recording)


@pytest.fixture(scope="module")
def board(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Board]:
    settings = Settings(
        database_url=module_database_url,
        redis_url=None,
        data_dir=tmp_path_factory.mktemp("board"),
        storage_url=None,
        demo=False,
    )
    with TestClient(create_app(settings, with_pages=False)) as client:
        yield Board(Bench(settings), client)


def as_json(value: Any) -> bytes:
    return json.dumps(value).encode()


def numbers(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [n for key in sorted(value) for n in numbers(value[key])]
    if isinstance(value, list):
        return [n for item in value for n in numbers(item)]
    return [float(value)] if isinstance(value, int | float) else []


def test_the_numbers_are_those_of_the_tool_on_the_releases_own_files(
    board: Board, tmp_path: Path
) -> None:
    data = as_json(board.results())
    found = board.get(f"/evaluations/{board.plain}")
    facets = "visibility,source,camera,age,box"
    told = board.by_tool(tmp_path, "annotations/test.json", "results.json", data, "--by", facets)
    assert found["measures"]["AP"]["interval"] is not None
    for name in ("measures", "baseline", "counts", "errors", "reliability"):
        assert numbers(found[name]) == pytest.approx(numbers(told[name]), abs=1e-9)
    assert set(found["parts"]) == {*facets.split(","), "joint", "posture"}
    for name, parts in told["parts"].items():
        assert numbers(found["parts"][name]) == pytest.approx(numbers(parts), abs=1e-9)
    assert {part["name"] for part in found["parts"]["posture"]} == set(POSTURES)


def test_a_packed_file_gives_the_same(board: Board) -> None:
    data = gzip.compress(as_json(board.results()))
    packed = board.measured("a.json.gz", data, model="packed")
    plain = board.get(f"/evaluations/{board.plain}")
    assert board.get(f"/evaluations/{packed}")["measures"] == plain["measures"]


def test_every_frame_is_listed_the_worst_first_with_truth_and_prediction(board: Board) -> None:
    results, key = board.results(), board.plain
    first = board.get(f"/evaluations/{key}/frames", limit=5)
    rest = board.get(f"/evaluations/{key}/frames", limit=50, after=first["next_after"])
    items = first["items"] + rest["items"]
    assert rest["next_after"] is None
    assert [item["rank"] for item in items] == list(range(VISITS * FRAMES))
    assert [item["oks"] for item in items] == sorted(item["oks"] for item in items)
    missed = items[0]
    assert missed["frame_id"] == board.truth["annotations"][5]["image_id"]
    assert (missed["oks"], missed["joints"], missed["score"]) == (0, None, None)
    by_image = {result["image_id"]: result for result in results}
    for item in items[1:]:
        predicted = np.array(by_image[item["frame_id"]]["keypoints"]).reshape(17, 3)[:, :2]
        # Files count pixels by their index; inside, the centre of the first one is at 0.5.
        assert np.array(item["joints"]).reshape(17, 2) == pytest.approx(predicted + 0.5)
        true = np.array(item["truth"]).reshape(17, 3)[:, :2]
        apart = np.hypot(*(np.array(item["joints"]).reshape(17, 2) - true).T)
        assert item["error"] == pytest.approx(apart.mean())
        assert item["similarity"][item["worst_joint"]] == min(item["similarity"])
    best = board.get(f"/evaluations/{key}/frames", limit=50, sort="best")["items"]
    assert best == items[::-1]


def test_nobody_predicted_and_absurd_places_are_numbers_too(board: Board) -> None:
    nobody = board.get(f"/evaluations/{board.measured('none.json', b'[]', model='nobody')}")
    assert nobody["measures"]["AP"]["value"] == 0
    assert any("Nobody was predicted" in note for note in nobody["notes"])
    results = board.results()
    results[0]["keypoints"] = [1e300, -1e300, 2] * 17
    absurd = board.measured("absurd.json", as_json(results), model="absurd")
    worst = board.get(f"/evaluations/{absurd}/frames", limit=3)["items"]
    assert {item["oks"] for item in worst[:2]} == {0}
    assert {item["worst_joint"] is None for item in worst[:2]} == {True, False}


def test_frames_are_found_by_joint_kind_of_error_and_recording(board: Board) -> None:
    path = f"/evaluations/{board.plain}/frames"
    (swapped,) = board.get(path, joint="left_wrist", error="inversion")["items"]
    assert swapped["frame_id"] == board.truth["annotations"][3]["image_id"]
    assert swapped["kinds"][9] == "inversion"
    by_joint = board.get(path, joint="left_wrist", limit=50)["items"]
    values = [0 if item["similarity"] is None else item["similarity"][9] for item in by_joint]
    assert values == sorted(values)
    paged, after = [], None
    while True:
        page = board.get(path, joint="left_wrist", limit=5, **({"after": after} if after else {}))
        paged += page["items"]
        after = page["next_after"]
        if after is None:
            break
    assert paged == by_joint
    recording = board.lab.recordings[2]
    assert {i["recording_id"] for i in board.get(path, recording=recording)["items"]} == {recording}
    (missed,) = board.get(path, missed=True)["items"]
    assert missed["oks"] == 0


def test_postures_are_measured_and_the_wrong_ones_come_first(board: Board) -> None:
    text_file = io.StringIO()
    rows = csv.writer(text_file)
    rows.writerow(["image_id", "posture"])
    ids = [image["id"] for image in board.truth["images"]]
    for i, key in enumerate(ids):
        rows.writerow([key, "standing" if i < 4 else POSTURES[key % 3]])
    key = board.measured("postures.csv", text_file.getvalue().encode(), model="aims")
    found = board.get(f"/evaluations/{key}")
    wrong = sum(POSTURES[k % 3] != "standing" for k in ids[:4])
    assert found["kind"] == "postures"
    assert found["measures"]["top1"]["value"] == pytest.approx(1 - wrong / len(ids))
    items = board.get(f"/evaluations/{key}/frames", limit=50)["items"]
    assert [i["posture"] != i["true_posture"] for i in items] == [True] * wrong + [False] * (
        len(ids) - wrong
    )


def true_bodies(board: Board) -> Any:
    with Session(board.bench.engine) as session:
        rows = session.execute(
            text(
                "SELECT rf.frame_id, f.pose, f.translation, r.name, m.index FROM release_frames rf"
                " JOIN fits f ON f.id = rf.fit_id JOIN recordings r ON r.id = rf.recording_id"
                " JOIN moments m ON m.id = rf.moment_id WHERE rf.release_id = :release"
            ),
            {"release": board.lab.release},
        ).all()
    assert len(rows) == 3 * FRAMES
    return rows


def archive(arrays: dict[str, Any]) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def test_bodies_by_moment_are_compared_in_the_room(board: Board, tmp_path: Path) -> None:
    rows = true_bodies(board)
    arrays = {
        "session": np.array([row.name for row in rows]),
        "moment": np.array([row.index for row in rows]),
        "pose": np.array([row.pose for row in rows]),
        "translation": np.array([row.translation for row in rows]) + np.array([0.01, 0, 0]),
        "betas": np.zeros((len(rows), 10)),
        "body_sha256": np.array([open_body().sha256] * len(rows)),
    }
    data = archive(arrays)
    key = board.measured("bodies.npz", data, model="bodies of moments")
    found = board.get(f"/evaluations/{key}")
    told = board.by_tool(tmp_path, "fits/test.npz", "bodies.npz", data)
    for name, measure in told["measures"].items():
        assert found["measures"][name]["value"] == pytest.approx(measure["value"], abs=1e-9)
    assert found["kind"] == "bodies"
    assert found["measures"]["MPJPE_unaligned"]["value"] == pytest.approx(10, abs=1e-4)
    for name in ("MPJPE", "PA-MPJPE", "PVE"):
        assert found["measures"][name]["value"] == pytest.approx(0, abs=1e-4)
    items = board.get(f"/evaluations/{key}/frames")["items"]
    assert len(items) == 3 * FRAMES
    assert items[0]["measures"]["PVE"] == pytest.approx(0, abs=1e-4)


def test_bodies_by_image_are_compared_as_their_camera_sees_them(board: Board) -> None:
    rows = true_bodies(board)
    posed = [pose_body(open_body(), np.zeros(10), row.pose, 1.0, row.translation) for row in rows]
    turn, shift = SEEN_FROM[:3, :3], SEEN_FROM[:3, 3]
    arrays = {
        "id": np.array([row.frame_id for row in rows]),
        "joints3d_coco": np.array([body.coco @ turn.T + shift for body in posed]),
        "vertices": np.array([body.vertices @ turn.T + shift for body in posed]),
    }
    key = board.measured("bodies.npz", archive(arrays), model="bodies of images")
    measures = board.get(f"/evaluations/{key}")["measures"]
    for name in ("MPJPE", "MPJPE_unaligned", "PA-MPJPE", "PVE", "PVE_unaligned"):
        assert measures[name]["value"] == pytest.approx(0, abs=1e-3), name


def test_the_leaderboard_shows_entries_and_the_baseline(board: Board) -> None:
    said = {"model": "paired", "note": "one A100", "url": "https://example.org/net"}
    board.measured("zero.json", as_json(board.results(seed=20, scale=6)), **said)
    tuned_file = as_json(board.results(seed=21, scale=1))
    board.measured("tuned.json", tuned_file, **said, setting="fine-tuned")
    shown = board.leaderboard()
    mine = {e["setting"]: e for e in shown["entries"] if e["model"] == "paired"}
    zero, tuned = mine["zero-shot"]["measures"], mine["fine-tuned"]["measures"]
    assert list(zero) == ["AP", "AP.5", "AP.75", "AR"]
    assert zero["AP"]["value"] < tuned["AP"]["value"]
    (baseline,) = shown["baselines"]
    assert baseline["split"] == "test"
    assert set(baseline["measures"]) == {"AP", "AP.5", "AP.75", "AR"}
    assert shown["refuses"] is None
    assert shown["splits"] == [
        {"name": "test", "frames": VISITS * FRAMES, "infants": VISITS, "bodies": 3 * FRAMES}
    ]


def test_the_file_is_kept_with_its_hash_and_goes_with_its_evaluation(board: Board) -> None:
    data = as_json(board.results(seed=30))
    key = board.measured("kept.json", data, model="kept")
    with Session(board.bench.engine) as session:
        row = session.get_one(Evaluation, key)
        upload = row.upload_id
        assert board.lab.storage.read(str(row.file_key)) == data
    assert not (board.bench.settings.uploads_dir / f"{upload}.part").exists()
    answer = board.client.delete(f"/api/v1/evaluations/{key}", headers=board.headers)
    assert answer.status_code == 204
    assert not [path for path in board.bench.files() if path.startswith(f"evaluations/{key}/")]
    with Session(board.bench.engine) as session:
        assert session.query(EvaluationFrame).filter_by(evaluation_id=key).count() == 0
        last = session.query(AuditEntry).order_by(AuditEntry.id.desc()).first()
        assert last is not None
        assert last.action == "evaluation_deleted"


def test_the_same_file_is_not_measured_twice_under_one_name(board: Board) -> None:
    again = board.post("other-name.json", as_json(board.results()))
    assert again.status_code == 409
    assert again.json()["evaluation_id"] == board.plain
    other = board.post("results.json", as_json(board.results()), model="another name")
    assert other.status_code == 202


def test_of_two_uploads_at_once_one_is_measured(board: Board) -> None:
    data = as_json(board.results(seed=50))
    answers: list[Any] = []

    def send() -> None:
        answers.append(board.post("race.json", data, model="race"))

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [202, 409]
    started = next(a.json() for a in answers if a.status_code == 202)
    assert board.bench.run(started["job"]["id"]).state == "succeeded"
    assert sum(e["model"] == "race" for e in board.leaderboard()["entries"]) == 1


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
        releases.delete_draft(session, board.lab.me(session), draft, board.lab.storage)


def test_a_release_withdrawn_meanwhile_takes_nothing(board: Board) -> None:
    data = as_json(board.results(seed=80))
    second = board.lab.begin()
    board.lab.settings(second, _without_images)
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


def test_the_same_model_on_other_versions_is_shown_beside(board: Board) -> None:
    assert board.plain
    third = board.lab.begin()
    board.lab.settings(third, _without_images)
    board.lab.published(third)
    board.measured("results.json", as_json(board.results()), release=third)
    shown = board.get(f"/releases/{third}/evaluations")
    assert [entry["model"] for entry in shown["entries"]] == ["pose-net"]
    (elsewhere,) = shown["elsewhere"]
    assert (elsewhere["version"], elsewhere["model"]) == ("1.0.0", "pose-net")
