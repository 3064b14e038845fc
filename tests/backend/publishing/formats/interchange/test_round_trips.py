"""What a format can hold is the same once it was written and read; the rest is said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from backend.domain.keypoints import Joint, Skeleton, Visibility
from backend.publishing.formats.detect import detect
from backend.publishing.formats.holding import Losses, Thing
from backend.publishing.formats.image_places import ImagePlaces
from backend.publishing.formats.reading import ReadOptions
from backend.publishing.formats.registry import INTERCHANGE, Interchange
from backend.publishing.formats.writing import WriteOptions, Written
from backend.publishing.labelled import (
    LabelledFrame,
    LabelledImage,
    LabelledPerson,
    PersonMarks,
)
from tests.backend.publishing.formats.interchange.records import HEIGHT, WIDTH, check, datasets

BOTH_WAYS = [f for f in INTERCHANGE.values() if f.read and (f.write or f.write_folder)]
TOLERANCE = 1e-6


def written(found: Interchange, frames: list[LabelledFrame], path: Path) -> Written:
    images = path.parent / "images here"
    for frame in frames:
        image = images / frame.image.file_name
        image.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (WIDTH, HEIGHT)).save(image)
    options = WriteOptions("test", images=ImagePlaces(images))
    if found.write_folder is not None:
        path.mkdir()
        return found.write_folder(frames, path, options)
    assert found.write is not None
    with path.open("wb") as file:
        return found.write(frames, file, options)


def _index(frame: LabelledFrame) -> int:
    assert frame.image.video is not None
    return frame.image.video.index


@pytest.mark.parametrize("name", [f.name for f in BOTH_WAYS])
@settings(max_examples=12, suppress_health_check=list(HealthCheck), deadline=None)
@given(data=st.data())
def test_what_a_format_holds_comes_back(
    tmp_path_factory: pytest.TempPathFactory, name: str, data: st.DataObject
) -> None:
    found = INTERCHANGE[name]
    frames = data.draw(datasets(found.holds, boxed=found.boxes))
    path = tmp_path_factory.mktemp("out") / f"labels{found.suffix}"

    said = written(found, frames, path)

    assert said.images == len(frames)
    assert found.read is not None
    reader = found.read(path, ReadOptions(size=(WIDTH, HEIGHT)))
    back = list(reader.frames())
    by_name = {Path(frame.image.file_name).name: frame for frame in back}
    if found.name == "coco-results":
        by_name = {f"frame_{frame.image.id - 1:03d}.jpg": frame for frame in back}
    if Thing.VIDEO in found.holds:
        by_name = {f"frame_{_index(frame) // 3:03d}.jpg": frame for frame in back}
    assert len(back) == len(frames)
    for frame in frames:
        check(
            frame, by_name[Path(frame.image.file_name).name], found.holds, TOLERANCE, found.joints
        )


@pytest.mark.parametrize("name", [f.name for f in BOTH_WAYS])
@settings(max_examples=5, suppress_health_check=list(HealthCheck), deadline=None)
@given(data=st.data())
def test_what_a_format_does_not_hold_is_said(
    tmp_path_factory: pytest.TempPathFactory, name: str, data: st.DataObject
) -> None:
    found = INTERCHANGE[name]
    frames = data.draw(datasets(found.holds | {Thing.SPLIT, Thing.VIDEO}, boxed=True))
    frames = [replace(frame, image=replace(frame.image, facts={"camera": 1})) for frame in frames]
    losses = Losses(found.holds)
    for frame in frames:
        losses.see(frame)

    said = written(found, frames, tmp_path_factory.mktemp("out") / f"labels{found.suffix}")

    assert set(losses.notes()) <= set(said.notes)


@pytest.mark.parametrize("name", [f.name for f in BOTH_WAYS])
@settings(max_examples=2, suppress_health_check=list(HealthCheck), deadline=None)
@given(data=st.data())
def test_a_format_is_told_by_its_content(
    tmp_path_factory: pytest.TempPathFactory, name: str, data: st.DataObject
) -> None:
    found = INTERCHANGE[name]
    frames = [f for f in data.draw(datasets(found.holds, boxed=True)) if f.people]
    path = tmp_path_factory.mktemp("out") / f"labels{found.suffix}"
    if frames:
        written(found, frames, path)
        assert INTERCHANGE[detect(path)].read is found.read


def test_deeplabcuts_table_says_whom_it_numbers_and_which_folder_it_names(tmp_path: Path) -> None:
    person = LabelledPerson(
        Skeleton(tuple(Joint(20.25, 30.75, Visibility.VISIBLE) for _ in range(17))),
        None,
        None,
        PersonMarks("infant", "", None, None),
    )
    image = LabelledImage(1, "a.jpg", WIDTH, HEIGHT)
    frame = LabelledFrame(image, joints=person.joints, marks=person.marks, others=(person,))

    said = written(INTERCHANGE["deeplabcut"], [frame], tmp_path / "labels.csv")

    assert sum("with a number behind the label" in note for note in said.notes) == 1
    assert sum("in no folder" in note for note in said.notes) == 1
