"""Which joints are doubted, and for what."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.domain.skeleton import MIRROR, N_JOINTS
from backend.domain.suspicion import (
    SUSPICIOUS,
    Doubt,
    OthersFound,
    Reference,
    Track,
    rank,
    reason,
    reference_of,
)
from backend.domain.suspicion.doubts import DOUBTS, fallen, grown
from tests.backend.domain.suspicion.playing import changed, kicking, of, with_adult

KNEE = 14


def doubts_of(track: Track, t: int) -> dict[int, Doubt]:
    return dict(rank(track).suspicious(t))


def test_an_infant_that_only_kicks_is_not_doubted():
    assert (rank(kicking()).joints < SUSPICIOUS).all()


def test_a_knee_far_from_the_body_is_doubted_and_its_neighbours_in_time_are_not():
    track = kicking()
    wrong = changed(track, 40, KNEE, track.joints[40, KNEE] + (90, -20))
    found = rank(wrong)
    assert found.doubts[40, KNEE] in {DOUBTS.index(Doubt.JUMP), DOUBTS.index(Doubt.LIMB)}
    assert found.frames.argmax() == 40
    assert [t for t in range(90) if found.suspicious(t)] == [40]


def test_a_knee_that_is_wrong_for_four_frames_is_doubted_in_each():
    track = kicking()
    for t in range(40, 44):
        track = changed(track, t, KNEE, track.joints[t, KNEE] + (60, 40))
    assert [t for t in range(90) if KNEE in doubts_of(track, t)] == [40, 41, 42, 43]


def test_exchanged_sides_are_called_that_for_as_long_as_they_last():
    track = kicking()
    joints = track.joints.copy()
    joints[30:42] = joints[30:42][:, list(MIRROR)]
    found = rank(of(track, joints=joints))
    exchanged = found.doubts == DOUBTS.index(Doubt.EXCHANGED)
    assert (exchanged & (found.joints >= SUSPICIOUS))[30:42, 5:].all()
    assert not (found.joints >= SUSPICIOUS)[np.r_[0:30, 42:90]].any()


def test_an_adult_chosen_for_a_while_is_another_body():
    track = with_adult(kicking())
    joints = track.joints.copy()
    joints[20:35] = track.others.joints[20:35, 1]
    found = rank(of(track, joints=joints))
    said = found.doubts[20:35] == DOUBTS.index(Doubt.WRONG_BODY)
    assert said.any(axis=1).all()
    assert np.isin(found.doubts[20:35][~said], [DOUBTS.index(Doubt.OUTSIDE)]).all()
    assert (found.joints[20:35] > 0.9).all()


def test_a_pose_that_stands_still_is_doubted_only_while_the_picture_moves():
    track = kicking()
    joints = track.joints.copy()
    joints[50:53] = joints[49]
    still = track.moved.copy()
    still[50:53] = 0
    assert Doubt.FROZEN in doubts_of(of(track, joints=joints), 51).values()
    frozen = rank(of(track, joints=joints, moved=still))
    assert (frozen.doubts[50:53] != DOUBTS.index(Doubt.FROZEN)).all()


def test_a_joint_that_the_other_cameras_see_elsewhere_is_doubted():
    track = kicking()
    apart = np.full((90, N_JOINTS), 0.2)
    apart[60, KNEE] = 4.0
    assert doubts_of(of(track, disagreement=apart), 60) == {KNEE: Doubt.VIEWS}


def test_a_wrist_on_the_carers_wrist_is_doubted_where_it_jumped_there():
    track = with_adult(kicking())
    there = track.others.joints[30, 1, 9]
    assert doubts_of(changed(track, 30, 9, there), 30)
    assert rank(changed(track, 30, 9, there)).joints[30, 9] > 0.9


def test_outside_the_image_and_off_the_outline_are_said():
    track = kicking()
    assert doubts_of(changed(track, 5, 9, (650, 225)), 5)[9] is not None
    off = np.zeros((90, N_JOINTS))
    off[7, 13] = 60.0
    assert doubts_of(of(track, off_mask=off), 7) == {13: Doubt.OFF_MASK}


def test_a_low_score_alone_is_weak_evidence_and_one_below_the_usual_too():
    track = kicking()
    scores = track.scores.copy()
    scores[10, KNEE], scores[11, KNEE] = 0.05, 0.4
    found = rank(of(track, scores=scores))
    assert found.joints[10, KNEE] == pytest.approx(0.6, abs=0.02)
    assert 0.4 < found.joints[11, KNEE] < 0.6
    assert found.joints[12, KNEE] < 0.1


def test_absent_joints_and_empty_frames_are_never_doubted():
    track = changed(kicking(), 30, slice(None), np.nan)
    track = changed(track, 31, KNEE, np.nan)
    found = rank(track)
    assert (found.joints[30] == 0).all()
    assert found.joints[31, KNEE] == 0
    nobody = of(track, joints=np.full_like(track.joints, np.nan))
    assert (rank(nobody).joints == 0).all()


@pytest.mark.parametrize("frames", [0, 1, 2])
def test_a_recording_may_be_very_short(frames: int):
    assert rank(kicking(frames)).joints.shape == (frames, N_JOINTS)


def test_what_is_usual_comes_back_from_its_stored_form():
    usual = reference_of(kicking())
    again = Reference.from_json(usual.to_json())
    assert again.stature == pytest.approx(usual.stature, abs=1e-3)
    np.testing.assert_allclose(again.limbs, usual.limbs, atol=1e-5)
    np.testing.assert_allclose(again.noise, usual.noise, atol=1e-6)
    nothing = reference_of(of(kicking(3), joints=np.full((3, N_JOINTS, 2), np.nan)))
    assert np.isnan(Reference.from_json(nothing.to_json()).stature)


def test_a_few_frames_are_ranked_alike_with_what_is_usual_in_all():
    track = kicking()
    wrong = changed(track, 45, KNEE, track.joints[45, KNEE] + (90, -20))
    some = slice(20, 71)
    part = Track(
        wrong.time[some], wrong.joints[some], wrong.scores[some], wrong.size, wrong.moved[some],
        OthersFound.nobody(51),
    )  # fmt: skip
    alone = rank(part, reference_of(wrong))
    assert alone.suspicious(25) == rank(wrong).suspicious(45)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.2, 8.0), st.floats(-300, 300))
def test_nothing_depends_on_where_the_infant_lies_or_how_large_it_is(
    seed: int, times: float, away: float
):
    """As long as it is inside the image, which is made large enough here."""
    track = kicking(40, seed % 97)
    track = changed(track, 20, KNEE, track.joints[20, KNEE] + (70, 30))
    track = of(track, joints=track.joints + 1000, size=(100_000, 100_000))
    other = of(track, joints=(track.joints + away) * times)
    np.testing.assert_allclose(rank(other).joints, rank(track).joints, atol=1e-6)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_every_number_is_a_probability_whatever_comes_in(seed: int):
    rng = np.random.default_rng(seed)
    frames, people = int(rng.integers(1, 30)), int(rng.integers(0, 4))
    joints = rng.normal(0, 1e3, (frames, N_JOINTS, 2))
    joints[rng.random((frames, N_JOINTS)) < 0.3] = np.nan
    others = rng.normal(0, 1e3, (frames, people, N_JOINTS, 2))
    others[rng.random((frames, people)) < 0.4] = np.nan
    track = Track(
        np.sort(rng.random(frames)), joints, rng.random((frames, N_JOINTS)), (640, 480),
        rng.choice([0.0, 1.0, np.nan], frames),
        OthersFound(others, rng.random((frames, people, N_JOINTS)), rng.random((frames, people))),
        rng.random((frames, N_JOINTS)) * 99, rng.random((frames, N_JOINTS)) * 9,
    )  # fmt: skip
    found = rank(track)
    for values in (found.joints, found.frames):
        assert ((values >= 0) & (values < 1)).all()


def test_the_half_of_a_measure_is_one_half():
    np.testing.assert_allclose(grown([0, 2, 4, np.nan, np.inf], 2), [0, 0.5, 16 / 17, 0, 1])
    np.testing.assert_allclose(fallen([0, 2, np.nan], 2), [1, 0.5, 0])


def test_every_doubt_has_a_sentence_about_the_joint():
    assert reason(Doubt.JUMP, 9) == "The left wrist jumps against the frames around it."
    assert all(reason(doubt, 3).endswith(".") for doubt in Doubt)
