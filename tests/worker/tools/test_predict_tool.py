"""``infantnet tools predict`` as a person meets it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from backend.cli.stop import Exit
from backend.domain.skeleton import JOINTS
from tests.worker.tools.coco_sets import annotation, image, picture, write_coco
from worker.adapters.heatmap_network import HeatmapNetwork
from worker.adapters.rtmo_network import RtmoNetwork, RtmoVariant
from worker.tools.__main__ import main
from worker.training.keeping import save, write_json
from worker.training.recipe import Scale
from worker.training.recipes import recipe_named

pytestmark = pytest.mark.models

SIDE = 128


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("set")
    for split, numbers in (("train", (1,)), ("test", (2, 3))):
        images = [image(number, f"{split}_{number}.jpg") for number in numbers]
        for number, one in zip(numbers, images, strict=True):
            picture(folder / "images" / one["file_name"], number)
        joints = [20.0, 30.0, 2] * len(JOINTS)
        people = [annotation(n, n, keypoints=joints, num_keypoints=17, area=1e4) for n in numbers]
        write_coco(folder / "annotations" / f"{split}.json", images, people)
    return folder


def run_of(folder: Path, variant: RtmoVariant, **changes: Any) -> Path:
    """A run of RTMO-t as a training leaves it; its checkpoint holds random numbers of `variant`."""
    folder.mkdir()
    torch.manual_seed(0)
    save({"state_dict": RtmoNetwork(variant, SIDE).state_dict()}, folder / "best.pth")
    settings = recipe_named("rtmo-t").settings[Scale.SMALL].to_json() | {"size": [SIDE, SIDE]}
    write_json({"recipe": "rtmo-t", "settings": settings} | changes, folder / "run.json")
    return folder


def test_what_a_run_learnt_is_said_of_a_split_as_coco_results(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, out = run_of(tmp_path / "run", "t"), tmp_path / "results.json"

    assert main(["predict", str(run), str(pictures), "--out", str(out), "--device", "cpu"]) == 0
    assert "in 2 images" in capsys.readouterr().err
    told = json.loads(out.read_text())
    assert told
    assert {result["image_id"] for result in told} <= {2, 3}
    assert all(len(result["keypoints"]) == 51 for result in told)


def test_a_checkpoint_of_another_network_is_refused_in_words(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, out = run_of(tmp_path / "run", "s"), tmp_path / "results.json"

    assert main(["predict", str(run), str(pictures), "--out", str(out), "--device", "cpu"]) != 0
    said = capsys.readouterr().err
    assert "best.pth is not a checkpoint of RTMO-t" in said
    assert "Traceback" not in said
    assert not out.exists()


def test_a_folder_that_is_not_there_is_said_before_anything_is_computed(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, out = run_of(tmp_path / "run", "t"), tmp_path / "nowhere" / "results.json"

    assert main(["predict", str(run), str(pictures), "--out", str(out)]) == Exit.USAGE
    assert "is not a folder" in capsys.readouterr().err


def test_a_folder_of_images_that_nobody_labelled_is_answered_by_file_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, out = run_of(tmp_path / "run", "t"), tmp_path / "results.json"
    photos = tmp_path / "photos"
    picture(photos / "b.jpg", 2)
    picture(photos / "visit 1" / "a.png", 1, size=(240, 320))
    (photos / "cut off.jpg").write_bytes(b"\xff\xd8\xff")
    (photos / "notes.txt").write_text("no image")

    assert main(["predict", str(run), str(photos), "--out", str(out), "--device", "cpu"]) == 0
    said = capsys.readouterr().err
    assert "1 of 3 images cannot be read: cut off.jpg." in said
    assert "in 2 images" in said
    told = {(one["image_id"], one["file_name"]) for one in json.loads(out.read_text())}
    assert told == {(1, "b.jpg"), (2, "visit 1/a.png")}


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--split", "test"], "it has no splits"),
        (["--boxes", "image"], "finds people by itself"),
    ],
)
def test_what_images_without_labels_cannot_have_is_refused(
    more: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, out = run_of(tmp_path / "run", "t"), tmp_path / "results.json"
    picture(tmp_path / "one.png", 1)

    told = ["predict", str(run), str(tmp_path / "one.png"), "--out", str(out), *more]
    assert main([*told, "--device", "cpu"]) == Exit.USAGE
    assert words in capsys.readouterr().err
    assert not out.exists()


def test_a_folder_with_neither_labels_nor_images_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = run_of(tmp_path / "run", "t")
    (tmp_path / "empty").mkdir()

    told = ["predict", str(run), str(tmp_path / "empty"), "--out", str(tmp_path / "o.json")]
    assert main(told) != 0
    assert "There are no images in it, either." in capsys.readouterr().err


def test_a_model_that_takes_boxes_is_asked_about_whole_images(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = recipe_named("resnet-50")
    settings = row.settings[Scale.SMALL]
    run, out = tmp_path / "run", tmp_path / "results.json"
    run.mkdir()
    torch.manual_seed(0)
    save({"state_dict": HeatmapNetwork("resnet-50").state_dict()}, run / "best.pth")
    write_json({"recipe": row.name, "settings": settings.to_json()}, run / "run.json")
    picture(tmp_path / "one.png", 1)

    told = ["predict", str(run), str(tmp_path / "one.png"), "--out", str(out), "--device", "cpu"]
    assert main([*told, "--boxes", "image"]) == 0
    (found,) = json.loads(out.read_text())
    assert found["file_name"] == "one.png"
    joints = np.array(found["keypoints"]).reshape(-1, 3)
    # Within the image and the margin of a model's input.
    assert joints[:, 0].min() > -100
    assert joints[:, 0].max() < 420
