"""Predicted postures, as a table or as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from backend.domain.errors import InvalidInput
from backend.publishing.evaluation.posture_file import PosturePairs, read_postures
from backend.publishing.evaluation.predictions_file import Unknown
from backend.publishing.evaluation.truth_file import read_truth
from tests.backend.publishing.evaluation.files import person, truth, write

TRUTH = truth(
    annotations=[
        person(1, 7, infantnet={"posture": "Rolling"}),
        person(2, 3, infantnet={"posture": "standing"}),
    ]
)


def read(folder: Path, name: str, value: Any, unknown: Unknown = Unknown.REFUSE) -> PosturePairs:
    known = read_truth(write(folder, "t.json", TRUTH))
    return read_postures(write(folder, name, value), known, unknown)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("p.csv", "image_id,posture\n7,Rolling\n3,Prone Lying\n"),
        ("p.csv", "image_id;posture\r\n7;rolling\r\n3;prone-lying\r\n"),
        ("p.csv", "\ufefffile_name,posture\nvisit/7.jpg,rolling\nvisit/3.jpg,prone lying\n"),
        ("p.csv", "image_id,rolling,Prone Lying\n7,0.9,0.1\n3,1e-3,2\n"),
        (
            "p.json",
            [{"image_id": 7, "posture": "rolling"}, {"image_id": 3, "posture": "prone lying"}],
        ),
        (
            "p.json",
            [
                {"image_id": 7, "scores": {"rolling": 3, "prone lying": 1}},
                {"file_name": "visit/3.jpg", "scores": {"rolling": 0, "prone lying": 1}},
            ],
        ),
    ],
)
def test_every_form_reads_the_same(tmp_path: Path, name: str, value: Any) -> None:
    found = read(tmp_path, name, value)
    assert found.true == ["standing", "rolling"]
    assert found.predicted == ["prone_lying", "rolling"]
    assert found.clusters.names == ("B3", "B7")


def test_equal_scores_are_said_and_the_first_counts(tmp_path: Path) -> None:
    found = read(tmp_path, "p.csv", "image_id,rolling,standing\n7,1,1\n3,1,1\n")
    assert found.predicted == ["rolling", "rolling"]
    assert "In 2 images" in found.notes[0]


def test_missing_and_unknown_images_are_said(tmp_path: Path) -> None:
    found = read(tmp_path, "p.csv", "image_id,posture\n7,rolling\n9,rolling\n", Unknown.SKIP)
    assert found.true == ["rolling"]
    assert "1 of 2 images" in found.notes[0]
    assert "1 predictions of unknown images" in found.notes[1]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("p.csv", "", "“image_id” or “file_name” is wanted"),
        ("p.csv", "image_id\n7\n", "“posture”, or one of scores"),
        ("p.csv", "image_id,posture\n7\n", "another number of cells: 1 (line 2: 1)"),
        ("p.csv", "image_id,posture\n99,rolling\n", "does not have: 1 (line 2: 99)"),
        ("p.csv", "image_id,posture\n7,rolling\n7,rolling\n", "there twice: 1 (line 3: 7)"),
        ("p.csv", "image_id,posture\n7,\n", "neither a posture nor scores: 1 (line 2)"),
        ("p.csv", "image_id,rolling\n7,nan\n", "no finite number: 1 (line 2, rolling: nan)"),
        ("p.csv", "image_id,rolling\n7,high\n", "(line 2, rolling: 'high')"),
        ("p.csv", "image_id,rolling,Rolling\n7,1,2\n", "two scores of the same posture"),
        ("p.csv", "image_id,rolling,rolling\n7,1,2\n", "two columns have the same name"),
        ("p.json", {"a": 1}, "a list of images"),
        ("p.json", [{"image_id": 7, "scores": {"rolling": None}}], "([0], rolling: None)"),
        ("p.json", [3], "element that is no object"),
        ("p.json", "[{", "p.json"),
    ],
)
def test_what_is_unsound_is_refused_by_name_and_place(
    tmp_path: Path, name: str, value: Any, words: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        read(tmp_path, name, value)
    assert words in caught.value.message
    assert caught.value.file == name


def test_a_table_that_is_not_text_is_refused(tmp_path: Path) -> None:
    known = read_truth(write(tmp_path, "t.json", TRUTH))
    (tmp_path / "p.csv").write_bytes(b"image_id,posture\n7,\xff\xfe\x00\n")
    with pytest.raises(InvalidInput, match="no CSV table in UTF-8"):
        read_postures(tmp_path / "p.csv", known)


def test_a_truth_without_postures_is_refused(tmp_path: Path) -> None:
    known = read_truth(write(tmp_path, "t.json", truth()))
    with pytest.raises(InvalidInput, match="says no image's posture"):
        read_postures(write(tmp_path, "p.csv", "image_id,posture\n7,rolling\n"), known)
