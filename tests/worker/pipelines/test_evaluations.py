"""Predictions on leaderboards: measured against what a release froze."""

from __future__ import annotations

import csv
import gzip
import io
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from backend.core.database.session import transaction
from backend.core.database.tables import AuditEntry, Evaluation, EvaluationFrame, Recording
from backend.domain.releases.versions import Change
from backend.multiview.bodies.mesh import pose_body
from backend.multiview.bodies.model_file import open_body
from backend.publishing.releases import drafts
from tests.worker.evaluation_board import (
    FRAMES,
    POSTURES,
    SEEN_FROM,
    VISITS,
    Board,
    archive,
    as_json,
    without_images,
)


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
    results[0]["keypoints"] = [1e9, -1e9, 2] * 17
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
    most = max(sum(POSTURES[k % 3] == name for k in ids) for name in POSTURES)
    assert found["baseline"]["top1"]["value"] == pytest.approx(most / len(ids))
    assert found["baseline_name"].startswith("always ")
    assert any("none to train on are known" in note for note in found["notes"])
    items = board.get(f"/evaluations/{key}/frames", limit=50)["items"]
    assert [i["posture"] != i["true_posture"] for i in items] == [True] * wrong + [False] * (
        len(ids) - wrong
    )


def true_bodies(board: Board, release: int | None = None) -> Any:
    with Session(board.bench.engine) as session:
        rows = session.execute(
            text(
                "SELECT rf.frame_id, rf.split, f.pose, f.translation, f.joints, r.name, m.index"
                " FROM release_frames rf"
                " JOIN fits f ON f.id = rf.fit_id JOIN recordings r ON r.id = rf.recording_id"
                " JOIN moments m ON m.id = rf.moment_id WHERE rf.release_id = :release"
            ),
            {"release": release or board.lab.release},
        ).all()
    assert len(rows) == 3 * FRAMES
    return rows


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
    assert numbers(found["baseline"]) == pytest.approx(numbers(told["baseline"]), abs=1e-9)
    assert found["kind"] == "bodies"
    (beside,) = [b for b in board.leaderboard()["baselines"] if b["kind"] == "bodies"]
    assert beside["name"] == found["baseline_name"] == "mean body, turned as the true one"
    assert all(beside["measures"][name]["value"] > 10 for name in ("MPJPE", "PA-MPJPE", "PVE"))
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


def test_the_mean_body_is_of_the_split_to_train_on(board: Board) -> None:
    lab = board.lab
    with transaction(board.bench.engine) as session:
        me = lab.me(session)
        dataset = drafts.create_dataset(session, me, name="walkers", title="Walkers").id
        release = drafts.create_release(session, me, dataset, version=None, change=Change.MINOR)
        about = drafts.About(licence="CC BY-NC 4.0", contact="lab@example.org")
        drafts.edit(session, me, release.id, about)
        infants = [session.get_one(Recording, key).infant_id for key in lab.recordings]
        sides = dict.fromkeys(infants, "test") | {infants[0]: "train"}
        drafts.assign(session, me, release.id, sides)
        key = release.id
    lab.settings(key, without_images)
    lab.published(key)
    rows = [row for row in true_bodies(board, key) if row.split == "test"]
    joints = np.array([row.joints for row in rows]).reshape(-1, 17, 3)
    data = archive({"id": np.array([row.frame_id for row in rows]), "joints3d_coco": joints})
    found = board.get(f"/evaluations/{board.measured('bodies.npz', data, release=key)}")
    assert any(f"{FRAMES} bodies to train on" in note for note in found["notes"])
    assert found["baseline"].keys() == {"MPJPE", "PA-MPJPE"}


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
    (baseline,) = [told for told in shown["baselines"] if told["kind"] == "joints"]
    assert baseline["split"] == "test"
    assert baseline["name"] == "mean pose in the true box"
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


def test_the_same_model_on_other_versions_is_shown_beside(board: Board) -> None:
    assert board.plain
    third = board.lab.begin()
    board.lab.settings(third, without_images)
    board.lab.published(third)
    board.measured("results.json", as_json(board.results()), release=third)
    shown = board.get(f"/releases/{third}/evaluations")
    assert [entry["model"] for entry in shown["entries"]] == ["pose-net"]
    (elsewhere,) = shown["elsewhere"]
    assert (elsewhere["version"], elsewhere["model"]) == ("1.0.0", "pose-net")
