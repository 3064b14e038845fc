"""``infantnet tools convert`` as a person meets it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from backend.cli.stop import Exit
from tests.backend.publishing.formats.interchange.test_body_parameters import fits
from tests.backend.publishing.formats.interchange.test_peers import HEIGHT, WIDTH, frames, write
from tests.worker.bench import png
from worker.tools.__main__ import main


def test_formats_are_told_by_content_and_name_and_losses_are_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write("coco", tmp_path / "people", frames())
    target = tmp_path / "labels.slp"

    assert main(["convert", str(source), str(target)]) == Exit.OK

    said = capsys.readouterr()
    assert "3 images, 3 people, from COCO keypoints to SLEAP" in said.out
    assert "3 boxes were left out." in said.err
    assert "1 mask was left out." in said.err
    assert main(["convert", str(target), str(tmp_path / "back.json"), "--json"]) == Exit.OK
    report = json.loads(capsys.readouterr().out)
    assert (report["from"], report["to"], report["people"]) == ("sleap", "coco", 3)
    assert "3 people have no box: it was drawn around mask and joints." in report["lost"]
    back = json.loads((tmp_path / "back.json").read_text())
    there = json.loads(source.read_text())
    joints = [sorted(str(a["keypoints"]) for a in told["annotations"]) for told in (there, back)]
    assert joints[0] == joints[1]


def test_a_name_that_does_not_tell_the_format_is_asked_about(tmp_path: Path) -> None:
    source = write("coco", tmp_path / "people.json", frames())

    code = main(["convert", str(source), str(tmp_path / "folder")])

    assert code == Exit.USAGE


@pytest.mark.parametrize("taken", [".", "annotations/{}"])
@pytest.mark.parametrize(
    ("labels", "begin", "images"),
    [
        ("train.json", "images/", "."),
        ("person_keypoints_train.json", "", "images/train"),
        ("person_keypoints_train.json", "", "images"),
    ],
    ids=["a release", "COCO's own folder", "images of all splits together"],
)
def test_images_are_found_wherever_file_names_of_a_set_begin(
    tmp_path: Path, labels: str, begin: str, images: str, taken: str
) -> None:
    dataset = tmp_path / "crawlers-1.0.0"
    (dataset / "annotations").mkdir(parents=True)
    named = [
        replace(one, image=replace(one.image, file_name=begin + one.image.file_name))
        for one in frames()
    ]
    write("coco", dataset / "annotations" / labels, named)
    for shade, one in enumerate(named):
        path = dataset / images / one.image.file_name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png(WIDTH, HEIGHT, 100 + shade))
    source = dataset / taken.format(labels)

    code = main(["convert", str(source), str(tmp_path / "out"), "--to", "fiftyone"])

    assert code == Exit.OK
    found = json.loads((tmp_path / "out" / "labels.json").read_text())
    sent = {one.image.file_name: dataset / images / one.image.file_name for one in named}
    assert sorted(image["file_name"] for image in found["images"]) == sorted(sent)
    for name, picture in sent.items():
        assert (tmp_path / "out" / "data" / name).read_bytes() == picture.read_bytes()


@pytest.mark.parametrize("wrong", [["--size", "big"], ["--odd", "crowd=perhaps"]])
def test_a_wrong_option_is_wrong_usage(tmp_path: Path, wrong: list[str]) -> None:
    source = write("coco", tmp_path / "people.json", frames())

    assert main(["convert", str(source), str(tmp_path / "a.xml"), *wrong]) == Exit.USAGE
    assert not (tmp_path / "a.xml").exists()


@pytest.mark.parametrize("name", ["coco", "cvat", "sleap", "yolo", "label-studio", "labelme"])
def test_a_skeleton_for_a_label_that_is_not_there_leaves_no_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    source = write(name, tmp_path / "labels", frames())
    target = tmp_path / "a.csv"

    code = main(["convert", str(source), str(target), "--from", name, "--skeleton", "doll=coco"])

    assert code == Exit.FAILED
    assert "there is no label 'doll', of which a skeleton was chosen" in capsys.readouterr().err
    assert not target.exists()


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("mini-rgbd", "MINI-RGBD (folder) is only read, not written."),
        ("4d-humans", "is written from body parameters, not from joints in images"),
        ("trc", "is written from body parameters, not from joints in images"),
    ],
)
def test_what_a_format_is_not_made_for_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], wanted: str, words: str
) -> None:
    source = write("coco", tmp_path / "people.json", frames())

    assert main(["convert", str(source), str(tmp_path / "out"), "--to", wanted]) == Exit.FAILED

    assert words in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_not_there_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["convert", str(tmp_path / "no.json"), str(tmp_path / "a.xml")]) == Exit.FAILED
    assert "no.json: there is no such file" in capsys.readouterr().err


def test_bodies_are_told_by_their_arrays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = fits(tmp_path / "visit.fits.npz")
    bodies, back = tmp_path / "bodies.npz", tmp_path / "back.npz"

    assert main(["convert", str(source), str(bodies)]) == Exit.USAGE
    assert main(["convert", str(source), str(bodies), "--to", "4d-humans"]) == Exit.OK
    assert main(["convert", str(bodies), str(back), "--to", "smplify-x", "--json"]) == Exit.OK

    said = capsys.readouterr()
    assert "3 bodies, from body fits of this product" in said.out
    assert '"from": "4d-humans"' in said.out
    assert main(["convert", str(source), str(back), "--to", "smplify-x"]) == Exit.FAILED
