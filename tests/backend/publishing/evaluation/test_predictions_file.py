"""Predictions are read strictly, and count pixels as the truth does."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pycocotools.coco import COCO

from backend.domain.errors import InvalidInput, TooLarge
from backend.domain.pixels import PixelRule
from backend.publishing.evaluation import documents
from backend.publishing.evaluation.predictions_file import (
    PredictionsFile,
    Unknown,
    read_predictions,
)
from backend.publishing.evaluation.truth_file import read_truth
from tests.backend.publishing.evaluation.files import KEYPOINTS, result, truth, write


def read(folder: Path, value: Any, name: str = "p.json", **options: Any) -> PredictionsFile:
    changes = options.pop("truth", {})
    known = read_truth(write(folder, "t.json", truth(**changes)))
    return read_predictions(write(folder, name, value), known, **options)


@pytest.mark.parametrize("name", ["p.json", "p.json.gz"])
@pytest.mark.parametrize("as_object", [False, True])
def test_results_and_coco_files_plain_and_packed_read_the_same(
    tmp_path: Path, name: str, as_object: bool
) -> None:
    results = [result(7), result(3, score=1)]
    found = read(tmp_path, {"annotations": results} if as_object else results, name).predictions
    assert found.image.tolist() == [1, 0]
    assert found.score.tolist() == [0.5, 1]
    assert found.joints[0].ravel().tolist() == np.delete(KEYPOINTS, np.s_[2::3]).tolist()


def test_large_files_are_read_piece_by_piece_with_the_same_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = [result(7, score=i / 10_000) for i in range(9_000)]
    whole = read(tmp_path, results).predictions
    monkeypatch.setattr(documents, "_FAST_BYTES", 10_000)
    pieces = read(tmp_path, results).predictions
    assert np.array_equal(whole.joints, pieces.joints)
    assert np.array_equal(whole.score, pieces.score)


@pytest.mark.parametrize(
    "boxes", [[None, None], [[0, 0, 30, 50], [0, 0, 5, 5]], [[], [0, 0, 5, 5]]]
)
def test_areas_are_those_that_pycocotools_gives_to_results(
    tmp_path: Path, boxes: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    results = [
        result(image, **({} if box is None else {"bbox": box}))
        for image, box in zip((7, 3), boxes, strict=True)
    ]
    ours = read(tmp_path, results).predictions.area
    known = COCO(str(tmp_path / "t.json")).loadRes(json.loads(json.dumps(results)))
    assert ours.tolist() == [known.anns[i]["area"] for i in (1, 2)]


def test_the_only_category_need_not_be_named(tmp_path: Path) -> None:
    assert len(read(tmp_path, [result(7, category_id=...)]).predictions) == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"image_id": 99}, "image_id that the ground truth does not have: 1 ([1]: 99)"),
        ({"image_id": ...}, "prediction without image_id"),
        ({"image_id": True}, "prediction without image_id"),
        ({"category_id": 2}, "category_id that the ground truth does not have"),
        ({"score": ...}, "prediction without a score: 1 ([1])"),
        ({"score": math.nan}, "score that is no finite number: 1 ([1]: nan"),
        ({"score": math.inf}, "score that is no finite number"),
        ({"score": "0.5"}, "score that is no finite number"),
        ({"score": True}, "score that is no finite number"),
        ({"keypoints": KEYPOINTS[:48]}, "keypoints of another length than 51: 1 ([1]: 48)"),
        ({"keypoints": KEYPOINTS[:34]}, "keypoints of another length than 51"),
        ({"keypoints": ...}, "keypoints missing"),
        ({"keypoints": [math.nan, *KEYPOINTS[1:]]}, "[1].keypoints[0]: nan"),
        ({"keypoints": [*KEYPOINTS[:-1], math.inf]}, "[1].keypoints[50]: inf"),
        ({"keypoints": [None, *KEYPOINTS[1:]]}, "[1].keypoints[0]: None"),
        ({"keypoints": ["1", *KEYPOINTS[1:]]}, "[1].keypoints[0]: '1'"),
        ({"keypoints": [[1, 2, 3]] * 17}, "another length"),
        ({"keypoints": [10**400, *KEYPOINTS[1:]]}, "no finite numbers"),
        ({"keypoints": [1e300, *KEYPOINTS[1:]]}, "farther out than 1e9 pixels: 1 ([1]"),
        ({"bbox": [1, 2, 3]}, "bbox that is not four numbers"),
        ({"bbox": [1, 2, 3, 1e300]}, "bbox that is not four numbers of pixels"),
        ({"bbox": [1, 2, -3, 4]}, "bbox whose width or height is negative"),
        ({"id": 1}, "prediction id that is there twice: 1 ([1]: 1)"),
        ({"id": [1]}, "id that is neither"),
    ],
)
def test_what_is_unsound_is_refused_by_name_and_place(
    tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        read(tmp_path, [result(7, id=1), result(3, **changes)])
    assert words in caught.value.message
    assert caught.value.file == "p.json"


def test_many_faults_are_counted_and_the_first_places_named(tmp_path: Path) -> None:
    results = [result(7, score=...) for _ in range(1000)] + [result(55)] * 2 + [5]
    with pytest.raises(InvalidInput) as caught:
        read(tmp_path, results)
    message = caught.value.message
    assert "prediction without a score: 1,000 ([0]; [1]; [2], …)" in message
    assert "image_id that the ground truth does not have: 2" in message
    assert "prediction that is no object: 1 ([1002]: 5)" in message
    assert caught.value.context["counts"]["prediction without a score"] == 1000


def test_unknown_images_are_left_out_and_said_if_that_is_asked_for(tmp_path: Path) -> None:
    found = read(tmp_path, [result(7), result(99), result(98)], unknown=Unknown.SKIP)
    assert len(found.predictions) == 1
    assert found.skipped == 2
    assert "2 predictions" in found.notes[0]
    with pytest.raises(InvalidInput, match="no prediction is of an image"):
        read(tmp_path, [result(99)], unknown=Unknown.SKIP)


def test_names_of_files_stand_in_for_ids_where_only_one_image_has_them(tmp_path: Path) -> None:
    found = read(tmp_path, [result("7.jpg"), result("visit/3.jpg")])
    assert found.predictions.image.tolist() == [1, 0]
    assert "of 2 predictions is the name of a file" in found.notes[0]
    twice = [{"id": 7, "file_name": "a/1.jpg"}, {"id": 3, "file_name": "b/1.jpg"}]
    with pytest.raises(InvalidInput, match=r"'1\.jpg'"):
        read(tmp_path, [result("1.jpg")], truth={"images": twice})


def test_ids_that_mean_other_files_are_refused(tmp_path: Path) -> None:
    told = {"images": [{"id": 7, "file_name": "x/3.jpg"}], "annotations": [result(7)]}
    with pytest.raises(InvalidInput, match="means another file in the ground truth"):
        read(tmp_path, told)
    told["images"] = [{"id": 7, "file_name": "elsewhere/7.jpg"}]
    assert len(read(tmp_path, told).predictions) == 1


def test_an_empty_list_predicts_nobody(tmp_path: Path) -> None:
    assert len(read(tmp_path, []).predictions) == 0


def test_results_are_moved_where_the_truth_counts_pixels_from_their_corner(tmp_path: Path) -> None:
    changes = {"info": {"infantnet": {"pixels": "continuous"}}}
    found = read(tmp_path, [result(7)], truth=changes)
    assert found.predictions.joints[0, 0].tolist() == [0.5, 0.5]
    assert "+0.5 px" in found.notes[0]
    same = read(tmp_path, [result(7)], truth=changes, pixels=PixelRule.CONTINUOUS)
    assert same.predictions.joints[0, 0].tolist() == [0, 0]
    told = {"info": changes["info"], "annotations": [result(7)]}
    assert read(tmp_path, told, truth=changes).notes == ()


def test_where_nothing_is_declared_numbers_are_compared_as_they_are(tmp_path: Path) -> None:
    assert read(tmp_path, [result(7)]).predictions.joints[0, 1].tolist() == [10, 20]


@pytest.mark.parametrize("text", ["", "{}", '{"images": []}', "[1, 2", "null", "\x00\x01", "hello"])
def test_junk_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InvalidInput, match=r"p\.json"):
        read(tmp_path, text)


def test_a_gzip_bomb_and_a_damaged_one_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = read_truth(write(tmp_path, "t.json", truth()))
    bomb = write(tmp_path, "bomb.json.gz", "[" + " " * 30_000_000 + "]")
    assert bomb.stat().st_size < 100_000
    monkeypatch.setattr(documents, "_FAST_BYTES", 1 << 20)
    monkeypatch.setattr(documents, "MAX_UNPACKED_BYTES", 1 << 22)
    with pytest.raises(InvalidInput, match="larger than the limit once it is unpacked"):
        read_predictions(bomb, known)
    whole = write(tmp_path, "cut.json.gz", [result(7)] * 100)
    whole.write_bytes(whole.read_bytes()[:-20])
    with pytest.raises(InvalidInput, match="damaged or cut off"):
        read_predictions(whole, known)


def test_more_predictions_than_the_limit_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.publishing.evaluation.predictions_file.MAX_PEOPLE", 3)
    with pytest.raises(TooLarge, match="more than 3 predictions"):
        read(tmp_path, [result(7)] * 4)


def test_the_truth_itself_is_no_prediction(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="without a score: 2"):
        read(tmp_path, truth())
