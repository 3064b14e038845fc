"""Agreement of people, held to the published example of Krippendorff's alpha."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.errors import InvalidInput
from backend.domain.keypoints import Skeleton
from backend.domain.reliability import (
    Scale,
    compare,
    is_drawn,
    krippendorff_alpha,
    median_px,
)
from tests.factories import make_skeleton

_ = np.nan
# Krippendorff (2011), section C: four observers, twelve units, values missing.
PUBLISHED = np.array([
    [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
    [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
])  # fmt: skip
# The same paper, section A: two observers, ten units, binary.
BINARY = np.array([[0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]], dtype=float)
# Section B: two observers, twelve units, five names.
NAMES = np.array([
    [1, 1, 2, 2, 4, 3, 3, 3, 5, 4, 4, 1],
    [2, 1, 2, 2, 2, 3, 3, 3, 5, 4, 4, 4],
], dtype=float)  # fmt: skip


@pytest.mark.parametrize(
    ("values", "scale", "published"),
    [
        (PUBLISHED, Scale.NOMINAL, 0.743),
        (PUBLISHED, Scale.ORDINAL, 0.815),
        (PUBLISHED, Scale.INTERVAL, 0.849),
        (BINARY, Scale.NOMINAL, 0.095),
        (NAMES, Scale.NOMINAL, 0.692),
    ],
)
def test_alpha_is_what_krippendorff_published(
    values: np.ndarray, scale: Scale, published: float
) -> None:
    assert krippendorff_alpha(values, scale) == pytest.approx(published, abs=5e-4)


def test_alpha_is_one_where_all_agree_and_none_where_nothing_varies() -> None:
    same = np.array([[0, 1, 2, 1], [0, 1, 2, 1]], dtype=float)
    assert krippendorff_alpha(same, Scale.ORDINAL) == pytest.approx(1.0)
    assert krippendorff_alpha(np.ones((2, 5)), Scale.NOMINAL) is None


def test_units_that_one_person_saw_alone_say_nothing() -> None:
    alone = np.array([[0, 1, 2, _], [_, _, _, 1]])
    assert krippendorff_alpha(alone, Scale.NOMINAL) is None
    more = np.hstack([PUBLISHED, [[2], [_], [_], [_]]])
    assert krippendorff_alpha(more, Scale.NOMINAL) == pytest.approx(
        krippendorff_alpha(PUBLISHED, Scale.NOMINAL)
    )


def test_near_misses_of_visibility_count_less_than_far_ones() -> None:
    said = np.array([0, 1, 2, 2, 1, 0, 2, 2, 1, 0], dtype=float)
    near, far = said.copy(), said.copy()
    near[2], far[2] = 1, 0
    assert krippendorff_alpha(np.stack([said, near]), Scale.ORDINAL) > krippendorff_alpha(
        np.stack([said, far]), Scale.ORDINAL
    )


@given(st.lists(st.lists(st.sampled_from([0.0, 1.0, 2.0, np.nan]), min_size=6, max_size=6),
                min_size=2, max_size=4))  # fmt: skip
def test_alpha_does_not_depend_on_who_is_named_first_and_never_exceeds_one(
    rows: list[list[float]],
) -> None:
    values = np.array(rows)
    alpha = krippendorff_alpha(values, Scale.ORDINAL)
    turned = krippendorff_alpha(values[::-1, ::-1], Scale.ORDINAL)
    assert (alpha is None) == (turned is None)
    if alpha is not None and turned is not None:
        assert alpha == pytest.approx(turned)
        assert alpha <= 1 + 1e-12


def test_two_who_place_every_joint_alike_agree_wholly() -> None:
    found = compare(make_skeleton(), make_skeleton())
    assert found.oks == pytest.approx(1.0)
    assert np.nanmax(found.px) == 0
    assert found.same_visibility.all()


def test_a_joint_that_only_one_placed_counts_nothing_and_has_no_distance() -> None:
    found = compare(make_skeleton(), make_skeleton(absent=[9]))
    assert found.oks == pytest.approx(16 / 17)
    assert np.isnan(found.px[9])
    assert not found.same_visibility[9]


def test_agreement_is_the_same_whoever_is_named_first() -> None:
    one, other = make_skeleton(absent=[3], occluded=[4]), make_skeleton(x=104, scale=11)
    there, back = compare(one, other), compare(other, one)
    assert there.oks == pytest.approx(back.oks)
    np.testing.assert_allclose(there.px, back.px)


def test_nobody_agrees_on_nothing() -> None:
    found = compare(Skeleton.empty(), Skeleton.empty())
    assert found.oks is None
    assert np.isnan(median_px([found])).all()


def test_distances_are_medians_over_frames() -> None:
    frames = [compare(make_skeleton(), make_skeleton(x=100 + d)) for d in (1, 2, 30)]
    np.testing.assert_allclose(median_px(frames), 2)


def test_a_share_is_drawn_evenly_and_a_larger_one_holds_the_smaller() -> None:
    small = {i for i in range(20_000) if is_drawn(i, 0.05, "a")}
    large = {i for i in range(20_000) if is_drawn(i, 0.2, "a")}
    assert small < large
    assert len(small) == pytest.approx(1000, abs=120)
    assert small != {i for i in range(20_000) if is_drawn(i, 0.05, "b")}
    assert not any(is_drawn(i, 0, "a") for i in range(100))
    assert all(is_drawn(i, 1, "a") for i in range(100))
    with pytest.raises(InvalidInput):
        is_drawn(1, 5, "a")
