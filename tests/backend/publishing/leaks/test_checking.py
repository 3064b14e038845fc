from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from backend.domain.splits.near_duplicates import half_turned, mirrored
from backend.publishing.leaks.checking import Options, check_leaks, merge_files
from backend.publishing.leaks.pictures import Picture, SplitPictures
from backend.publishing.leaks.reading import SplitFile
from backend.publishing.leaks.report import CheckKind, LeakReport, Result

SCENE = 0x9A3C_51E7_0B6D_F284


def report(
    names: dict[str, list[str]],
    pictures: dict[str, list[Picture]] | None = None,
    options: Options | None = None,
) -> LeakReport:
    files = []
    for start, (split, its) in enumerate(names.items()):
        ids = [str(100 * start + 50 + i) for i in range(len(its))]
        files.append((split, SplitFile(f"{split}.json", its, ids, [None] * len(its))))
    read = pictures and {
        split: SplitPictures(found=dict(enumerate(its))) for split, its in pictures.items()
    }
    return check_leaks(merge_files(files), read or None, options)


def result(found: LeakReport, kind: CheckKind) -> Result:
    return next(check.result for check in found.checks if check.kind is kind)


def test_one_name_is_one_image_unless_the_images_differ() -> None:
    names = {"train": ["train/portrait.jpg"], "test": ["test/portrait.jpg"]}
    assert result(report(names), CheckKind.NAME) is Result.LEAK
    differ = {"train": [Picture("a", SCENE)], "test": [Picture("b", SCENE ^ (2**64 - 1))]}
    assert result(report(names, differ), CheckKind.NAME) is Result.CLEAN
    alike = {"train": [Picture("a", SCENE)], "test": [Picture("b", SCENE ^ 1)]}
    assert result(report(names, alike), CheckKind.NAME) is Result.LEAK


def test_the_distance_of_near_duplicates_may_be_chosen() -> None:
    names = {"train": ["a.jpg"], "test": ["b.jpg"]}
    pictures = {"train": [Picture("a", SCENE)], "test": [Picture("b", SCENE ^ 0b11)]}
    found = report(names, pictures)
    assert result(found, CheckKind.NEAR_DUPLICATE) is Result.LEAK
    found = report(names, pictures, Options(max_distance=1))
    assert result(found, CheckKind.NEAR_DUPLICATE) is Result.CLEAN


@pytest.mark.parametrize(("change", "word"), [(mirrored, "mirrored"), (half_turned, "upside down")])
def test_an_image_that_was_mirrored_or_turned_over_is_found_and_said(
    change: Callable[[list[int]], NDArray[np.uint64]], word: str
) -> None:
    other = int(change([SCENE])[0]) ^ 1
    found = report(
        {"train": ["a.jpg"], "val": ["c.jpg"], "test": ["b.jpg"]},
        {
            "train": [Picture("a", SCENE)],
            "val": [Picture("c", 0x1234_5678_9ABC_DEF0)],
            "test": [Picture("b", other)],
        },
    )
    check = next(check for check in found.checks if check.kind is CheckKind.NEAR_DUPLICATE)
    assert [f.what for f in check.findings] == [f"1 of 64 bits apart, {word}"]
    assert check.found == 1


def test_near_duplicates_within_a_split_are_no_leak() -> None:
    pictures = {
        "train": [Picture("a", SCENE), Picture("b", SCENE ^ 1)],
        "test": [Picture("c", SCENE ^ (2**64 - 1))],
    }
    found = report({"train": ["a.jpg", "b.jpg"], "test": ["c.jpg"]}, pictures)
    assert result(found, CheckKind.NEAR_DUPLICATE) is Result.CLEAN


def test_names_of_their_own_for_each_image_tell_no_video() -> None:
    names = {"train": ["aaa_1.jpg", "bbb_2.jpg", "ccc_3.jpg"], "test": ["ddd_1.jpg", "aaa_9.jpg"]}
    assert result(report(names), CheckKind.VIDEO) is Result.NOT_CHECKED


def test_images_that_are_mere_numbers_leave_nothing_to_compare() -> None:
    found = report({"train": ["1.jpg", "2.jpg"], "test": ["1.jpg"]})
    assert found.result is Result.NOT_CHECKED
    assert found.conclusion == "Nothing could be checked."
