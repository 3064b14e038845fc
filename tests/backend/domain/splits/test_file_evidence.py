from __future__ import annotations

import pytest

from backend.domain.splits.file_evidence import (
    is_fold,
    is_mere_number,
    numbered_anew,
    original_name,
    split_word,
    video_of_name,
)


@pytest.mark.parametrize(
    ("name", "video"),
    [
        ("name_000123.jpg", "name"),
        ("clipA_frame_0007.png", "clipa"),
        ("clipA_frame7.png", "clipa"),
        ("clipA-000123-rgb.jpg", "clipa"),
        ("A001.jpg", "a"),
        ("GX010123_000045.jpg", "gx010123"),
        ("baby_03_000123.jpg", "baby_03"),
        ("infant1_000123.jpg", "infant1"),
        ("train/clipA_0001.jpg", "clipa"),
        ("val2017/clipA_0002.jpg", "clipa"),
        ("train_clipA_0001.jpg", "clipa"),
        ("images/clipA_0001_jpg.rf.0a1b2c3d4e5f.jpg", "clipa"),
        ("visit-3/camera_2/000123.jpg", "visit-3"),
        ("01/rgb/syn_00000.png", "01"),
        ("C:\\data\\visit 3\\12.jpg", "visit 3"),
        ("home/visit3_001.jpg", "home/visit3"),
        ("赤ちゃん一_0001.jpg", "赤ちゃん一"),
        ("000123.jpg", None),
        ("frame_0007.jpg", None),
        ("images/img12.jpg", None),
        ("train00001.jpg", None),
        ("cam1_0001.jpg", None),
        ("syn_000123.jpg", None),
        ("baby12.jpg", None),
        ("portrait.jpg", None),
        ("clip12.jpg", None),
        ("", None),
        (".jpg", None),
        ("___.jpg", None),
    ],
)
def test_a_file_name_tells_its_video_or_nothing(name: str, video: str | None) -> None:
    assert video_of_name(name) == video


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("person_keypoints_train2017", "train"),
        ("valid", "val"),
        ("infants-Test", "test"),
        ("trainval", None),
        ("restrain", None),
        ("labels", None),
    ],
)
def test_a_name_tells_its_split_or_nothing(name: str, split: str | None) -> None:
    assert split_word(name) == split


def test_folds_are_told() -> None:
    assert is_fold("fold_1_train")
    assert is_fold("cv3")
    assert not is_fold("folder_train")


def test_folders_of_splits_and_endings_do_not_make_another_image() -> None:
    same = {"a_01", "train/A_01.jpg", "val/images/a_01.png", "A_01_jpg.rf.00ffaa1122.jpg"}
    assert {original_name(name) for name in same} == {"a_01"}
    assert original_name("visit_3/0001.jpg") != original_name("visit_4/0001.jpg")


def test_running_numbers_name_no_image_for_all_folders() -> None:
    assert is_mere_number("train/000001.jpg")
    assert is_mere_number("frame_1.jpg")
    assert not is_mere_number("visit_3/000001.jpg")
    assert not is_mere_number("000000123456.jpg")
    assert not is_mere_number("portrait.jpg")


@pytest.mark.parametrize(
    ("values", "anew"),
    [
        ([{"0", "1", "2"}, {"0", "1"}], True),
        ([{"1", "2", "3"}, {"1"}], True),
        ([{"1", "2", "3"}, {"4", "5"}], False),
        ([{"1", "3"}, {"1", "2"}], False),
        ([{"I1", "I2"}, {"I1"}], False),
        ([{"17"}, {"17"}], False),
    ],
)
def test_numbers_that_begin_anew_in_each_split_are_told(values: list[set[str]], anew: bool) -> None:
    assert numbered_anew(values) is anew
