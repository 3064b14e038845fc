"""People of labels that wait on disk for their frames."""

from __future__ import annotations

from backend.domain.boxes import Box
from backend.domain.infants import Apart, PersonRole, WhoIfUnclear
from backend.domain.keypoints import Joint, Skeleton, Visibility
from backend.publishing.formats.coco import CocoAnnotation
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
