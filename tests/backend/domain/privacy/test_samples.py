from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.errors import InvalidInput
from backend.domain.privacy.check import FrameCheck
from backend.domain.privacy.faces import Doubt, Ground
from backend.domain.privacy.samples import MIN_EACH, Stratum, draw, stratum_of

FRAMES = [(f"frame {i}", Stratum.FACE_JOINTS) for i in range(900)] + [
    (f"weak {i}", Stratum.SHOULDERS) for i in range(100)
]


def check(weakest: Ground | None, *doubts: Doubt, unmasked: tuple[str, ...] = ()) -> FrameCheck:
    return FrameCheck((), unmasked, weakest, doubts, 0.1)


def test_weak_grounds_are_drawn_more_often():
    weak, sure = draw(FRAMES, 100, seed=1)
    assert (weak.stratum, weak.of) == (Stratum.SHOULDERS, 100)
    assert (sure.stratum, sure.of) == (Stratum.FACE_JOINTS, 900)
    assert len(weak.keys) / weak.of > 5 * len(sure.keys) / sure.of
    assert len(weak.keys) + len(sure.keys) == 100


def test_the_same_seed_draws_the_same_frames_in_whatever_order_they_come():
    assert draw(FRAMES, 50, seed=3) == draw(FRAMES[::-1], 50, seed=3)
    assert draw(FRAMES, 50, seed=3) != draw(FRAMES, 50, seed=4)


def test_a_larger_sample_holds_the_smaller_one():
    small, large = draw(FRAMES, 50, seed=3), draw(FRAMES, 200, seed=3)
    for a, b in zip(small, large, strict=True):
        assert b.keys[: len(a.keys)] == a.keys


def test_every_stratum_is_looked_at():
    frames = [*FRAMES, *((f"alone {i}", Stratum.NOBODY) for i in range(3))]
    amounts = {drawn.stratum: len(drawn.keys) for drawn in draw(frames, 40, seed=1)}
    assert amounts[Stratum.NOBODY] == 3
    assert amounts[Stratum.FACE_JOINTS] >= MIN_EACH


@given(
    st.lists(st.sampled_from(Stratum), max_size=60),
    st.integers(0, 80),
)
def test_a_sample_has_the_size_asked_for_or_all_there_are(strata, size):
    drawn = draw([(str(i), stratum) for i, stratum in enumerate(strata)], size, seed=0)
    keys = [key for one in drawn for key in one.keys]
    assert len(keys) == len(set(keys)) == min(size, len(strata))
    assert sum(one.of for one in drawn) == len(strata)


@pytest.mark.parametrize(
    ("found", "stratum"),
    [
        (check(Ground.FACE_JOINTS), Stratum.FACE_JOINTS),
        (check(Ground.FITTED_HEAD), Stratum.FITTED_HEAD),
        (check(Ground.FEW_FACE_JOINTS), Stratum.FEW_FACE_JOINTS),
        (check(Ground.SHOULDERS), Stratum.SHOULDERS),
        (check(Ground.WHOLE_PERSON), Stratum.DOUBTFUL),
        (check(Ground.WHOLE_IMAGE), Stratum.DOUBTFUL),
        (check(Ground.FACE_JOINTS, Doubt.FIT_DISAGREES), Stratum.DOUBTFUL),
        (check(Ground.FACE_JOINTS, unmasked=("carer",)), Stratum.FAILED),
        (check(None), Stratum.NOBODY),
    ],
)
def test_each_frame_has_its_stratum(found, stratum):
    assert stratum_of(found) is stratum


def test_a_frame_that_comes_twice_is_refused():
    with pytest.raises(InvalidInput, match="comes twice"):
        draw([("a", Stratum.NOBODY), ("a", Stratum.NOBODY)], 1, seed=0)


def test_a_negative_size_is_refused():
    with pytest.raises(InvalidInput):
        draw([], -1, seed=0)
