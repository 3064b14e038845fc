"""What columns say is written as the same records would be, byte by byte."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from backend.domain.errors import InvalidInput
from backend.domain.pixels import OutsideJoints, PixelRule
from backend.publishing.formats.coco_writer import write
from backend.publishing.formats.writing import WriteOptions, Written
from backend.publishing.labelled import FitReference, LabelledInfant
from backend.publishing.labelled_columns import (
    Labelled,
    LabelledColumns,
    as_frames,
    members,
    number_texts,
    string_texts,
)

CREATED = datetime(2026, 11, 30, tzinfo=UTC)


def columns() -> LabelledColumns:
    rng = np.random.default_rng(4)
    joints = rng.uniform(-5, 165, (3, 17, 3))
    joints[..., 2] = rng.integers(0, 3, (3, 17))
    joints[joints[..., 2] == 0] = 0.0
    joints[0, 0] = (0.5, 1e-7, 2)
    return LabelledColumns(
        ids=[7, 3, 12],
        file_names=["a/000001.jpg", 'say "a",\\ü/2.jpg', "b/3.png"],
        widths=[160, 160, 170],
        heights=[120, 120, 130],
        licences=[3, 1, 3],
        facts=[members({"frame_id": key, "camera": 'left ","', "x": None}) for key in (7, 3, 12)],
        sources=[members({"file": None, "file_name": name}) for name in ("a", None, '"')],
        infants=[LabelledInfant("B1")] * 3,
        joints=joints.reshape(3, 51),
        boxes=np.array([[0.1, 2, 95.0000000004, 70], [1 / 3, 5, 20, 1e-3], [3, 4, 50, 60.5]]),
        masks=['"\\`o,"1[]', None, "Zb2a0n0"],
        mask_areas=[4321, None, 0],
        fits=[None, FitReference("fits.npz", 4, 1), FitReference("fits.npz", 5, 0, 7.25)],
        provenance=[members({"state": "kept", "version": i}) for i in range(3)],
    )


def written(
    labelled: list[Labelled], outside: OutsideJoints = OutsideJoints.KEEP
) -> tuple[bytes, Written]:
    buffer = io.BytesIO()
    options = WriteOptions(
        "set", created=CREATED, outside=outside, pixels=PixelRule.INDEX, version="1"
    )
    told = write(labelled, buffer, options)
    return buffer.getvalue(), told


@pytest.mark.parametrize("outside", list(OutsideJoints))
def test_columns_and_the_records_made_of_them_give_the_same_file(outside: OutsideJoints) -> None:
    some = columns()
    assert written([some], outside) == written(list(as_frames([some])), outside)


def test_columns_and_records_may_take_turns() -> None:
    first, second = columns(), replace(columns(), ids=[21, 22, 23])
    frames = list(first.frames())
    assert written([*frames, second]) == written([first, *second.frames()])
    assert written([second, *frames])[1].images == 6


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"ids": [7, 0, 12]}, r"2.jpg: its id 0 is below 1"),
        ({"boxes": np.array([[0, 0, 1, 1], [0, 0, np.nan, 1], [0, 0, 1, 1]])}, "finite"),
        ({"boxes": np.array([[0, 0, 1, 1], [0, 0, 1, 1], [0, 0, 1, 0.0]])}, "positive"),
        ({"widths": [160, 160, 0]}, r"b/3.png: 0×130 is not a size"),
    ],
)
def test_columns_that_cannot_be_right_are_refused_as_records_are(
    wrong: dict[str, object], words: str
) -> None:
    with pytest.raises(InvalidInput, match=words):
        written([replace(columns(), **wrong)])  # type: ignore[arg-type]


def test_texts_are_what_json_has_for_each_value() -> None:
    assert number_texts([1.0, 2, None, True, 1e-7]) == [b"1.0", b"2", b"null", b"true", b"1e-7"]
    assert string_texts(['a","b', None]) == [b'"a\\",\\"b"', b"null"]
    assert number_texts([]) == []
