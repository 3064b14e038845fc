"""People of labels that wait on disk for their frames."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.domain.boxes import Box
from backend.domain.infants import Apart, PersonRole, WhoIfUnclear
from backend.domain.keypoints import Joint, Skeleton, Visibility
from backend.domain.pixels import PixelRule
from backend.labelling.annotations.found_people import FoundColumns, columns_of
from backend.publishing.formats.coco import CocoAnnotation
from tests.backend.publishing.formats.test_coco_usual import USUAL, changes, coco_file
from worker.pipelines.spooled_people import SpooledPeople

JOINTS = Skeleton(tuple(Joint(5.25 + i, 6.125, Visibility.VISIBLE) for i in range(17)))


def person(key: int, *, width: float = 10.0, apart: Apart | None = None) -> CocoAnnotation:
    return CocoAnnotation(
        id=key,
        image_id=1,
        skeleton=JOINTS,
        box=Box(1.5, 2.5, width, 10.0),
        area=12.5,
        joint_scores=(0.5,) * 17,
        apart=apart,
        source={"file": "a.json", "annotation": {"id": key, "name": "Zoë \ud800"}},
    )


def test_people_come_back_as_they_were_whatever_came_between() -> None:
    found = SpooledPeople(WhoIfUnclear.ALONE)
    first, second, third = person(1), person(2, apart=Apart.CROWD), person(3)
    found.add("a.png", first)
    found.add("b.png", second)
    assert found["a.png"] == [first]

    found.add("a.png", third)

    assert found["a.png"] == [first, third]
    assert found["b.png"] == [second]
    assert list(found) == ["a.png", "b.png"]


def test_the_rule_for_whom_nothing_tells_is_asked_when_all_of_an_image_are_known() -> None:
    found = SpooledPeople(WhoIfUnclear.SMALLEST)
    found.add("a.png", person(1, width=200.0))
    found.add("a.png", person(2))

    roles = [one.role for one in found["a.png"]]

    assert roles[1] is PersonRole.INFANT
    assert roles[0] is not PersonRole.INFANT


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("spooled")


@settings(max_examples=30, deadline=None)
@given(st.lists(changes, max_size=5), st.sampled_from(WhoIfUnclear), st.booleans(), st.booleans())
def test_people_are_stored_alike_whether_they_came_as_columns_or_singly(
    folder, changed, unclear, own, backwards
):
    elements = [USUAL | {"id": 10 + i} | change for i, change in enumerate(changed)]
    together, singly = SpooledPeople(unclear), SpooledPeople(unclear)
    file = coco_file(folder, elements, own=own)
    paths = {key: image.file_name for key, image in file.head.images.items()}
    for block in file.blocks(rule=PixelRule.INDEX):
        together.add_block(paths, *block)
    for one in coco_file(folder, elements, own=own).people(rule=PixelRule.INDEX):
        singly.add(paths[one.image_id], one)

    assert dict(together) == dict(singly)
    frames = list(enumerate(sorted(paths[key] for key in paths if paths[key] in together)))
    if backwards:
        frames.reverse()
    expected = columns_of({frame: singly[path] for frame, path in frames})
    assert _stored(together.columns(frames)) == _stored(expected)
    assert _stored(singly.columns(frames)) == _stored(expected)


def _stored(found: FoundColumns) -> list[object]:
    """All that is stored of people, in plain values."""
    as_stored = found.proposals()
    numbers = (as_stored.scores, as_stored.keypoints, as_stored.skeletons, as_stored.boxes)
    return [
        *(np.asarray(values).tolist() for values in numbers),
        list(as_stored.aparts),
        [None if source is None else orjson.loads(source) for source in as_stored.sources],
        found.by_frame(),
        {frame: found.proposed(people) for frame, people in found.by_frame().items()},
    ]
