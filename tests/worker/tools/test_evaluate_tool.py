"""``infantnet tools evaluate`` on plain files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend.domain.skeleton import JOINTS
from tests.backend.domain.evaluation.coco_sets import by_pycocotools, make_set, numbers_of
from worker.tools.__main__ import main


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    truth, results = make_set(11, 30, 1, 2, 3, False)
    for i, image in enumerate(truth["images"]):
        image["infantnet"] = {
            "infant": f"B{i % 8}",
            "age_months": i % 20,
            "posture": "rolling" if i % 2 else "standing",
        }
    truth["categories"][0]["keypoints"] = list(JOINTS)
    for result in results:
        result["score"] = round(result["score"], 2)
    (tmp_path / "truth.json").write_text(json.dumps(truth))
    (tmp_path / "results.json").write_text(json.dumps(results))
    return tmp_path


def run(folder: Path, *arguments: str) -> int:
    return main(["evaluate", *(a.replace("@", f"{folder}/") for a in arguments)])


USUAL = ("@truth.json", "@results.json", "--resamples", "100")


def written(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "out.json").read_bytes()))


def test_a_table_and_a_file_hold_the_numbers_of_pycocotools(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(folder, *USUAL, "--by", "age,visibility", "--json", "@out.json") == 0
    found = written(folder)
    theirs = numbers_of(
        by_pycocotools(
            json.loads((folder / "truth.json").read_text()),
            json.loads((folder / "results.json").read_text()),
        )
    )
    for name, value in theirs.items():
        ours = found["measures"][name]["value"]
        assert (np.isnan(value) and ours is None) or ours == pytest.approx(value, abs=1e-9)
    shown = capsys.readouterr().out
    assert f"AP\t{theirs['AP']:.3f}\t" in shown
    assert "mean pose in the true box" in shown
    assert "3–6 months" in shown
    assert "occluded" in shown
    assert "inversion" in shown
    assert "mean OKS" in shown
    assert set(found["parts"]) == {"age", "visibility", "joint"}
    assert found["conventions"]["version"] == found["settings"]["conventions"]


def test_the_same_seed_writes_the_same_file(folder: Path) -> None:
    files = []
    for seed in ("1", "1", "2"):
        assert run(folder, *USUAL, "--seed", seed, "--json", "@out.json") == 0
        files.append((folder / "out.json").read_bytes())
    assert files[0] == files[1]
    assert files[0] != files[2]


def test_json_on_stdout_is_nothing_but_json(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(folder, *USUAL, "--json", "-") == 0
    assert json.loads(capsys.readouterr().out)["kind"] == "joints"


def test_postures_are_measured_from_a_table(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    truth = json.loads((folder / "truth.json").read_text())
    lines = ["image_id,posture", *(f"{image['id']},Rolling" for image in truth["images"])]
    (folder / "postures.csv").write_text("\n".join(lines))
    told = [{"image_id": image["id"], "posture": "rolling"} for image in truth["images"]]
    (folder / "postures.json").write_text(json.dumps(told))
    for name in ("@postures.csv", "@postures.json"):
        assert run(folder, "@truth.json", name, "--json", "@out.json") == 0
        assert written(folder)["measures"]["top1"]["value"] == pytest.approx(0.5)
    assert "true \\ predicted" in capsys.readouterr().out


def test_bodies_are_measured_from_archives(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    joints = np.random.default_rng(0).normal(0, 0.3, (9, 17, 3))
    ids = np.array([f"body-{i}" for i in range(9)])
    infants = np.array([f"B{i}" for i in range(9)])
    np.savez(folder / "t.npz", joints3d=joints, id=ids, infant=infants)
    moved = joints.copy()
    moved[4, 0] += 0.1
    np.savez(folder / "p.npz", joints3d=moved + 1, id=ids)
    assert run(folder, "@t.npz", "@p.npz", "--json", "@out.json") == 0
    found = written(folder)
    assert found["measures"]["MPJPE"]["value"] == pytest.approx(np.sqrt(3) * 100 / 17 / 9)
    assert found["worst"][0]["id"] == "body-4"
    said = capsys.readouterr().out
    assert "body-4" in said
    assert "mean body, turned as the true one" in said
    assert found["baseline"].keys() == {"MPJPE", "PA-MPJPE"}
    assert "all other infants, because none to train on" in " ".join(found["notes"])


def test_the_mean_body_is_of_the_bodies_to_train_on_where_they_are_given(folder: Path) -> None:
    joints = np.random.default_rng(0).normal(0, 0.3, (2, 17, 3))
    np.savez(folder / "t.npz", joints3d=np.stack([joints[0]] * 3), id=np.arange(3))
    np.savez(folder / "p.npz", joints3d=np.stack([joints[0]] * 3), id=np.arange(3))
    np.savez(folder / "train.npz", joints3d=np.stack([joints[0]] * 4) + 7)
    assert run(folder, "@t.npz", "@p.npz", "--train", "@train.npz", "--json", "@out.json") == 0
    found = written(folder)
    assert found["baseline"]["MPJPE"]["value"] == pytest.approx(0, abs=1e-9)
    assert any("4 bodies to train on" in note for note in found["notes"])
    np.savez(folder / "other.npz", joints3d=np.zeros((1, 24, 3)))
    assert run(folder, "@t.npz", "@p.npz", "--train", "@other.npz") == 1


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("@none.json", "@results.json"), 1, "no such file"),
        (("@truth.json", "@truth.json"), 1, "without a score"),
        ((*USUAL, "--by", "weather"), 2, "joint, visibility, source"),
        ((*USUAL, "--json", "@no/folder/out.json"), 1, "no such folder"),
    ],
)
def test_what_cannot_be_done_is_said_and_leaves_no_file(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    code: int,
    words: str,
) -> None:
    assert run(folder, *arguments) == code
    assert words in capsys.readouterr().err
    assert not (folder / "out.json").exists()


def test_predictions_of_other_images_are_left_out_only_if_asked(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = json.loads((folder / "results.json").read_text())
    results[0]["image_id"] = 123_456
    (folder / "results.json").write_text(json.dumps(results))
    assert run(folder, *USUAL) == 1
    assert "123456" in capsys.readouterr().err
    assert run(folder, *USUAL, "--skip-unknown") == 0
    assert "1 predictions of images" in capsys.readouterr().err
