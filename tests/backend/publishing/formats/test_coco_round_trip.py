from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pycocotools import mask as mask_tools

from backend.domain.boxes import Box
from backend.domain.keypoints import ABSENT_JOINT, Joint, Skeleton, Visibility
from backend.publishing.formats.coco import (
    CocoAnnotation,
    CocoImage,
    ExportAnnotation,
    ExportImage,
    Rle,
)
from backend.publishing.formats.coco_reader import read_coco
from backend.publishing.formats.coco_writer import coco_info, write_coco

# Thousandths of a pixel: what the file holds exactly.
coordinates = st.integers(-5_000_000, 5_000_000).map(lambda n: n / 1000)
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
def masks(draw, height: int, width: int) -> Rle:
    rows = draw(st.lists(st.integers(0, 255), min_size=height, max_size=height))
    pixels = np.array([[row >> (c % 8) & 1 for c in range(width)] for row in rows], np.uint8)
    return Rle(height, width, mask_tools.encode(np.asfortranarray(pixels))["counts"].decode())


@st.composite
def datasets(draw) -> list[tuple[ExportImage, list[ExportAnnotation]]]:
    names = draw(
        st.lists(
            st.from_regex(r"[a-zé\"]{1,6}\.jpg", fullmatch=True),
            unique=True,
            min_size=1,
            max_size=4,
        )
    )
    entries = []
    image_id = 0
    for name in names:
        image_id += draw(st.integers(1, 2**40))
        width, height = draw(st.integers(1, 40)), draw(st.integers(1, 40))
        image = ExportImage(image_id, name, width, height, provenance=draw(json_values))
        people = st.builds(
            ExportAnnotation,
            skeletons,
            st.builds(Box, coordinates, coordinates, sizes, sizes),
            sizes,
            st.none() | masks(height, width),
            json_values,
        )
        entries.append((image, draw(st.lists(people, max_size=2))))
    return entries


@settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
@given(entries=datasets())
def test_what_is_written_is_read_back(tmp_path_factory, entries):
    path: Path = tmp_path_factory.mktemp("coco") / "out.json"
    pairs = [(image, person) for image, people in entries for person in people or [None]]
    info = coco_info("test", version="1")
    with path.open("wb") as file:
        write_coco(file, pairs, info=info)

    dataset = read_coco(path)

    expected = {}
    annotation_id = 0
    for image, people in entries:
        for person in people:
            annotation_id += 1
            expected.setdefault(image.id, []).append(
                CocoAnnotation(
                    id=annotation_id,
                    image_id=image.id,
                    skeleton=person.skeleton,
                    box=person.box,
                    area=person.area,
                    segmentation=person.segmentation,
                    provenance=person.provenance,
                )
            )
    assert dataset.info == info
    assert dataset.images == [
        CocoImage(i.id, i.file_name, i.width, i.height, i.provenance) for i, _ in entries
    ]
    assert dataset.candidates == expected


def test_writing_needs_no_seeking():
    class Pipe(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, data) -> int:
            return len(data)

    write_coco(Pipe(), [], info={})
    with pytest.raises(io.UnsupportedOperation):
        Pipe().seek(0)
