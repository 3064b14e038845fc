"""What the writer writes, the reader reads back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.domain import masks
from backend.domain.boxes import Box
from backend.domain.keypoints import ABSENT_JOINT, Joint, Skeleton, Visibility
from backend.domain.pixels import PixelRule, skeleton_to_inside
from backend.publishing.formats.coco import CocoAnnotation, Rle
from backend.publishing.formats.coco_reader import read_coco
from backend.publishing.formats.coco_writer import write
from backend.publishing.formats.writing import WriteOptions
from backend.publishing.labelled import LabelledFrame, LabelledImage, LabelledMask

# Ten-thousandths of a pixel, moved by half of one.
coordinates = st.integers(-50_000_000, 50_000_000).map(lambda n: n / 10_000 + 0.5)
sizes = st.integers(1, 5_000_000).map(lambda n: n / 1000)
joints = st.one_of(
    st.just(ABSENT_JOINT),
    st.builds(
        Joint, coordinates, coordinates, st.sampled_from((Visibility.OCCLUDED, Visibility.VISIBLE))
    ),
)
skeletons = st.lists(joints, min_size=17, max_size=17).map(lambda js: Skeleton(tuple(js)))
json_values = st.dictionaries(
    st.text(max_size=5), st.one_of(st.integers(-(2**53), 2**53), st.text(max_size=8)), max_size=3
)


@st.composite
def found_masks(draw: st.DrawFn, height: int, width: int) -> LabelledMask:
    rows = draw(st.lists(st.integers(0, 255), min_size=height, max_size=height))
    pixels = np.array([[row >> (c % 8) & 1 for c in range(width)] for row in rows], bool)
    return LabelledMask(masks.encode(pixels), int(pixels.sum()))


@st.composite
def datasets(draw: st.DrawFn) -> list[LabelledFrame]:
    ids = draw(st.lists(st.integers(1, 2**40), unique=True, min_size=1, max_size=4))
    frames = []
    for number in ids:
        width, height = draw(st.integers(1, 40)), draw(st.integers(1, 40))
        image = LabelledImage(number, f"é{number}.jpg", width, height, facts=draw(json_values))
        if draw(st.booleans()):
            frames.append(LabelledFrame(image))
            continue
        frames.append(
            LabelledFrame(
                image,
                joints=draw(skeletons),
                box=draw(st.builds(Box, coordinates, coordinates, sizes, sizes)),
                mask=draw(st.none() | found_masks(height, width)),
                provenance=draw(json_values),
            )
        )
    return frames


@settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
@given(frames=datasets(), rule=st.sampled_from(PixelRule))
def test_what_is_written_is_read_back(
    tmp_path_factory: object, frames: list[LabelledFrame], rule: PixelRule
) -> None:
    path: Path = tmp_path_factory.mktemp("coco") / "out.json"  # type: ignore[attr-defined]
    with path.open("wb") as file:
        write(frames, file, WriteOptions("test", pixels=rule))

    dataset = read_coco(path)

    assert [(i.id, i.file_name, i.width, i.height) for i in dataset.images] == [
        (f.image.id, f.image.file_name, f.image.width, f.image.height) for f in frames
    ]
    for frame in frames:
        people = dataset.candidates.get(frame.image.id, [])
        assert len(people) == (frame.joints is not None)
        for person in people:
            check(person, frame, rule)


def check(person: CocoAnnotation, frame: LabelledFrame, rule: PixelRule) -> None:
    assert frame.joints is not None
    assert frame.box is not None
    inside = skeleton_to_inside(person.skeleton, rule)
    assert np.allclose(inside.to_flat(), frame.joints.to_flat(), rtol=0, atol=1e-9)
    assert person.id == frame.image.id
    assert person.box is not None
    assert np.allclose(
        [person.box.x, person.box.y, person.box.width, person.box.height],
        [frame.box.x, frame.box.y, frame.box.width, frame.box.height],
        rtol=0,
        atol=1e-9,
    )
    if frame.mask is not None:
        assert person.area == frame.mask.area
        size = frame.mask.rle["size"]
        assert person.segmentation == Rle(size[0], size[1], frame.mask.rle["counts"])


def test_a_box_that_stands_out_of_the_image_is_not_taken_for_two_corners(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    joints = Skeleton(tuple(Joint(7.0, 7.0, Visibility.VISIBLE) for _ in range(17)))
    image = LabelledImage(1, "a.jpg", 10, 10)
    with path.open("wb") as file:
        write(
            [LabelledFrame(image, joints=joints, box=Box(6, 6, 8, 8))], file, WriteOptions("test")
        )
    (person,) = read_coco(path).candidates[1]
    assert person.box == Box(6, 6, 8, 8)
