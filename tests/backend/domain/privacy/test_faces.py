from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.domain import masks
from backend.domain.boxes import Box
from backend.domain.errors import InvalidInput
from backend.domain.privacy.faces import Doubt, Ground, head_region, head_regions
from backend.domain.privacy.heads import PersonKind
from backend.domain.privacy.people import FittedHead, Person
from tests.backend.domain.privacy.making import (
    FRONT,
    HEIGHT,
    PROFILE,
    WIDTH,
    face,
    rotation,
    seen,
    skeleton,
    surface,
)

SHOULDERS = {"left_shoulder": (345.0, 280.0), "right_shoulder": (295.0, 280.0)}
"""Of an infant upright in the image, whose head is 60 pixels long."""
HIPS = {"left_hip": (335.0, 355.0), "right_hip": (305.0, 355.0)}


def covers(person: Person, points: np.ndarray) -> float:
    """Share of points inside of a person's region."""
    return float(head_region(person, WIDTH, HEIGHT).region.contains(points).mean())


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    length=st.floats(8, 300),
    kind=st.sampled_from([PersonKind.INFANT, PersonKind.ADULT]),
)
def test_five_joints_hide_the_whole_head_however_it_is_turned(seed, length, kind):
    turn = rotation(seed)
    person = face(turn, length, kind=kind)
    assert covers(person, seen(surface(kind), turn, length, (320, 240))) == 1
    assert head_region(person, WIDTH, HEIGHT).ground is Ground.FACE_JOINTS


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), data=st.data())
def test_any_joints_of_a_face_with_a_body_hide_the_head(seed, data):
    joints = tuple(data.draw(st.sets(st.integers(0, 4), min_size=1)))
    turn = rotation(seed)
    person = face(turn, joints=joints, **SHOULDERS, **HIPS)
    assert covers(person, seen(surface(), turn, 60, (320, 240))) > 0.97


@pytest.mark.parametrize(
    ("seed", "joints"), [(1850, (0, 1, 3)), (1907, (0, 1, 3)), (1814, (0, 2, 4)), (1931, (1, 2, 4))]
)
def test_three_joints_nearly_on_a_line_hide_every_head_that_they_may_be_of(seed, joints):
    turn = rotation(seed)
    person = face(turn, joints=joints, **SHOULDERS, **HIPS)
    assert covers(person, seen(surface(), turn, 60, (320, 240))) > 0.97


@given(seed=st.integers(0, 1000))
def test_a_person_of_unknown_age_is_hidden_as_an_adult_and_as_an_infant(seed):
    turn = rotation(seed)
    for kind in (PersonKind.INFANT, PersonKind.ADULT):
        made = face(turn, kind=kind)
        unknown = Person("other", PersonKind.UNKNOWN, made.points, made.sure)
        assert covers(unknown, seen(surface(kind), turn, 60, (320, 240))) == 1


def test_a_head_seen_from_the_front_costs_little_more_than_itself():
    region = head_region(face(FRONT), WIDTH, HEIGHT)
    area = region.region.window(WIDTH, HEIGHT).inside.sum()
    head = np.pi * 0.47 * 0.565 * 60**2
    assert head < area < 2 * head


def test_a_profile_with_one_ear_and_the_nose_stands_on_few_joints():
    found = head_region(face(PROFILE, joints=(0, 3), **SHOULDERS), WIDTH, HEIGHT)
    assert found.ground is Ground.FEW_FACE_JOINTS
    assert found.region.contains(seen(surface(), PROFILE, 60, (320, 240))).all()


def test_an_infant_with_its_face_in_the_mattress_is_masked_about_the_shoulders():
    person = Person.labelled(skeleton(**SHOULDERS, **HIPS))
    found = head_region(person, WIDTH, HEIGHT)
    assert found.ground is Ground.SHOULDERS
    assert found.region.contains(seen(surface(), FRONT, 60, (320, 240))).all()
    assert not found.region.contains([(320, 440)]).any()


def test_without_hips_the_head_is_sought_on_all_sides_of_the_shoulders():
    found = head_region(Person.labelled(skeleton(**SHOULDERS)), WIDTH, HEIGHT)
    assert found.ground is Ground.SHOULDERS
    assert found.region.contains([(320, 220), (320, 340), (260, 280), (380, 280)]).all()


def test_a_trunk_seen_from_its_end_points_nowhere():
    hips = {"left_hip": (335.0, 285.0), "right_hip": (305.0, 285.0)}
    found = head_region(Person.labelled(skeleton(**SHOULDERS, **hips)), WIDTH, HEIGHT)
    assert found.region.contains([(320, 220), (320, 340)]).all()


def test_a_fitted_head_is_masked_with_a_margin():
    points = seen(surface(), FRONT, 60, (320, 240))
    found = head_region(
        Person.labelled(skeleton(left_hip=(320, 350)), head=FittedHead(points)), WIDTH, HEIGHT
    )
    assert found.ground is Ground.FITTED_HEAD
    assert found.region.contains(points - np.array([0, 5])).all()
    assert not found.doubts


def test_a_fitted_middle_with_a_radius_is_a_disc():
    head = FittedHead(np.array([[100.0, 100.0]]), 30)
    found = head_region(Person.labelled(None, head=head), WIDTH, HEIGHT)
    assert found.region.contains([(100, 129), (71, 100)]).all()
    assert not found.region.contains([(100, 150)]).any()


def test_joints_and_a_fit_that_disagree_are_both_masked_and_doubted():
    far = FittedHead(seen(surface(), FRONT, 60, (120, 100)))
    found = head_region(face(FRONT, head=far), WIDTH, HEIGHT)
    assert Doubt.FIT_DISAGREES in found.doubts
    assert found.region.contains(seen(surface(), FRONT, 60, (320, 240))).all()
    assert found.region.contains(far.points).all()


def test_joints_that_fit_no_head_mask_all_heads_about_each_and_are_doubted():
    places = {
        "nose": (280, 340), "left_eye": (380, 340), "right_eye": (240, 200),
        "left_ear": (260, 300), "right_ear": (320, 340),
    }  # fmt: skip
    found = head_region(Person.labelled(skeleton(**places, **SHOULDERS, **HIPS)), WIDTH, HEIGHT)
    assert Doubt.JOINTS_DISAGREE in found.doubts
    assert found.ground is Ground.FEW_FACE_JOINTS
    assert found.region.contains(list(places.values())).all()


def test_a_joint_far_from_the_others_is_masked_and_doubted():
    person = face(FRONT, joints=(0, 1, 2), **SHOULDERS, **HIPS, right_ear=(60, 60))
    found = head_region(person, WIDTH, HEIGHT)
    assert Doubt.JOINTS_DISAGREE in found.doubts
    assert found.region.contains([(60, 60), (320, 240)]).all()


def test_a_box_alone_masks_the_whole_person():
    found = head_region(Person.labelled(None, box=Box(100, 50, 200, 300)), WIDTH, HEIGHT)
    assert found.ground is Ground.WHOLE_PERSON
    assert found.region.contains([(100, 50), (300, 50), (300, 350), (100, 350)]).all()


def test_a_mask_alone_masks_the_whole_person():
    mask = np.zeros((HEIGHT, WIDTH), dtype=bool)
    mask[100:200, 300:350] = True
    found = head_region(Person.labelled(None, mask=masks.encode(mask)), WIDTH, HEIGHT)
    window = found.region.window(WIDTH, HEIGHT)
    assert found.ground is Ground.WHOLE_PERSON
    assert mask[window.slices][window.inside].sum() == mask.sum()


def test_legs_alone_leave_room_for_a_head_on_every_side():
    legs = {"left_hip": (320, 200), "left_knee": (320, 250), "left_ankle": (320, 300)}
    found = head_region(Person.labelled(skeleton(**legs)), WIDTH, HEIGHT)
    assert found.ground is Ground.WHOLE_PERSON
    assert found.region.contains([(320, 50), (170, 200), (470, 300)]).all()


@pytest.mark.parametrize(
    "person", [Person.labelled(None), Person.labelled(skeleton(left_wrist=(10, 10)))]
)
def test_somebody_of_whom_nothing_is_known_masks_the_whole_image(person):
    found = head_region(person, WIDTH, HEIGHT)
    assert found.ground is Ground.WHOLE_IMAGE
    assert found.region.window(WIDTH, HEIGHT).inside.all()
    assert Doubt.LARGE in found.doubts


def test_a_models_joint_that_is_no_number_is_doubted_and_not_forgotten():
    points = face(FRONT).points.copy()
    points[5:], points[0] = 0, np.nan
    scores = np.where(np.arange(17) < 5, 0.9, 0)
    found = head_region(Person.scored(points, scores, name="other"), WIDTH, HEIGHT)
    assert Doubt.JOINTS_UNREADABLE in found.doubts
    assert found.region.contains(points[1:5]).all()


def test_nothing_but_unreadable_joints_masks_the_whole_image():
    person = Person.scored(np.full((17, 2), np.nan), np.ones(17), name="other")
    assert head_region(person, WIDTH, HEIGHT).ground is Ground.WHOLE_IMAGE


def test_doubtful_joints_of_a_model_are_covered_and_measure_nothing():
    points = face(FRONT).points.copy()
    points[5:] = 0
    points[4] = (500, 400)
    scores = np.where(np.arange(17) < 4, 0.9, 0)
    scores[4] = 0.05
    found = head_region(Person.scored(points, scores, name="other"), WIDTH, HEIGHT)
    assert found.region.contains(points[:5]).all()
    assert found.head_px < 120


def test_a_face_of_one_pixel_is_still_masked_by_some():
    person = face(FRONT, length=1)
    window = head_region(person, WIDTH, HEIGHT).region.window(WIDTH, HEIGHT)
    assert window.inside.sum() >= 40


def test_an_infant_larger_than_the_image_masks_all_of_it_and_is_doubted():
    found = head_region(face(FRONT, length=5000), WIDTH, HEIGHT)
    assert found.region.window(WIDTH, HEIGHT).inside.all()
    assert Doubt.LARGE in found.doubts


def test_a_head_beyond_the_image_is_said_to_be_there():
    found = head_region(face(FRONT, at=(-400, 240)), WIDTH, HEIGHT)
    assert Doubt.OUTSIDE in found.doubts


@pytest.mark.parametrize("far", [1e9, 1e300])
def test_absurd_coordinates_break_nothing(far):
    box = Box(-far, -far, far, far)
    person = Person.labelled(skeleton(nose=(far, -far), left_eye=(3, 4)), box=box)
    found = head_region(person, WIDTH, HEIGHT)
    window = found.region.window(WIDTH, HEIGHT)
    assert window.inside[4 - window.top, 3 - window.left]


def test_a_region_away_from_the_persons_box_is_doubted():
    found = head_region(face(FRONT, box=Box(5, 400, 40, 40)), WIDTH, HEIGHT)
    assert Doubt.BEYOND_THE_PERSON in found.doubts


@pytest.mark.parametrize("size", [(0, 480), (640, 0), (-1, 5)])
def test_an_image_without_pixels_is_refused(size):
    with pytest.raises(InvalidInput, match="cannot be masked"):
        head_region(face(FRONT), *size)


def test_a_mask_of_another_image_is_refused():
    mask = masks.encode(np.ones((10, 10), dtype=bool))
    with pytest.raises(InvalidInput, match="mask is not of an image"):
        head_region(Person.labelled(None, mask=mask), WIDTH, HEIGHT)


def test_everybody_has_a_region_in_order():
    people = [face(FRONT), Person.labelled(None, name="carer", kind=PersonKind.ADULT)]
    found = head_regions(people, WIDTH, HEIGHT)
    assert [region.person for region in found] == ["infant", "carer"]


@pytest.mark.parametrize(
    ("points", "radius"),
    [(np.zeros((0, 2)), 5), (np.array([[np.nan, 0]]), 5), (np.zeros((1, 2)), 0), (np.zeros(2), 1)],
)
def test_a_fitted_head_that_is_none_is_refused(points, radius):
    with pytest.raises(InvalidInput):
        FittedHead(points, radius)
