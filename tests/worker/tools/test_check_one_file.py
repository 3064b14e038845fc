"""``infantnet tools check-splits`` on one file that holds several splits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.worker.tools.coco_sets import annotation, check, image, write_coco


def one_file(path: Path, tell: Any, **members: Any) -> Path:
    """Six images of three infants in one file; the third infant is in train and test."""
    images, people = [], []
    splits = ("train", "train", "val", "val", "test", None)
    for i, (split, infant) in enumerate(zip(splits, (1, 3, 2, 2, 3, 9), strict=True)):
        of_image, of_person, folder = tell(split) if split else ({}, {}, "")
        name = f"{folder}clip{infant}_{i:06d}.jpg"
        images.append(image(10 + i, name, subject_id=f"I{infant}", **of_image))
        people.append(annotation(1 + i, 10 + i, **of_person))
    return write_coco(path, images, people, **members)


@pytest.mark.parametrize(
    ("tell", "members", "by"),
    [
        (lambda s: ({"split": s}, {}, ""), {}, "the member split of images"),
        (lambda s: ({"split": [s]}, {}, ""), {}, "the member split of images"),
        (lambda s: ({"tags": ["raw", s]}, {}, ""), {}, "the member tags of images"),
        (lambda s: ({"subset": s.upper()}, {}, ""), {}, "the member subset of images"),
        (
            lambda s: ({}, {"attributes": {"split": s}}, ""), {},
            "the member attributes.split of annotations",
        ),
        (
            lambda s: ({}, {}, ""),
            {"splits": {"train": [10, 11], "val": [12, 13], "test": [14]}},
            "the list of splits",
        ),
        (
            lambda s: ({}, {}, ""),
            {"splits": [{"name": "train", "image_ids": [10, 11]},
                        {"name": "val", "image_ids": [12, 13]},
                        {"name": "test", "image_ids": [14]}]},
            "the list of splits",
        ),
        (lambda s: ({}, {}, f"images/{s}2017/"), {}, "the folders in file names"),
        (lambda s: ({}, {}, f"{s}\\\\"), {}, "the folders in file names"),
    ],
)  # fmt: skip
def test_one_file_with_all_splits_is_taken_apart(
    tmp_path: Path, run: Any, tell: Any, members: dict[str, Any], by: str
) -> None:
    path = one_file(tmp_path / "all.json", tell, **members)

    code, report = run(path, "--without-images")

    assert code == 1
    assert [(s["name"], s["images"], s["annotations"]) for s in report["splits"]] == [
        ("train", 2, 2),
        ("val", 2, 2),
        ("test", 1, 1),
    ]
    (finding,) = check(report, "identity")["findings"]
    assert (finding["what"], finding["splits"]) == ("I3", {"train": 1, "test": 1})
    assert report["notes"][:2] == [
        f"all.json holds several splits, told by {by}: test (1), train (2), val (2).",
        "Of no split by that, and not compared: 1 of the images of all.json.",
    ]


def test_an_image_that_one_file_gives_to_two_splits_is_a_leak(tmp_path: Path, run: Any) -> None:
    both = image(1, "a_000001.jpg", split=["train", "test"])
    images = [both, image(2, "b_000001.jpg", split="test")]

    code, report = run(write_coco(tmp_path / "all.json", images), "--without-images")

    assert code == 1
    assert check(report, "name")["result"] == "leak"


def test_folders_do_not_take_files_apart_whose_names_tell_their_split(
    tmp_path: Path, run: Any
) -> None:
    mixed = [image(1, "train/a_000001.jpg"), image(2, "val/b_000001.jpg")]
    write_coco(tmp_path / "train.json", mixed)
    write_coco(tmp_path / "test.json", [image(3, "test/c_000001.jpg")])

    _, report = run(tmp_path, "--without-images")

    assert [(s["name"], s["images"]) for s in report["splits"]] == [("test", 1), ("train", 2)]


def test_a_member_that_is_no_split_takes_nothing_apart(tmp_path: Path, run: Any) -> None:
    images = [image(1, "a_000001.jpg", subset="night"), image(2, "b_000001.jpg", subset="day")]

    code, report = run(write_coco(tmp_path / "all.json", images), "--without-images")

    assert code == 2
    assert "no images say by a member split or by folders" in report["error"]
