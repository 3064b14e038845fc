"""Which person, and which way round."""

from __future__ import annotations

import numpy as np
import pytest

from backend.domain.skeleton import MIRROR
from backend.domain.trajectories import options, sizes
from tests.backend.domain.trajectories.made import Made, Noise, evidence_with, made_session

CLEAN = Noise(miss=0, swap=0, drift=0, adult=0, frozen=0, empty=0)


@pytest.fixture(scope="module")
def made() -> Made:
    return made_session(3, 120, noise=CLEAN)[0][0]


def _chosen(made: Made, **changes: object) -> np.ndarray:
    evidence = evidence_with(made.evidence, **changes)
    found = sizes.smooth_sizes(sizes.frame_sizes(evidence.marks))
    return options.choose(options.options_of(evidence, found)).option


def test_sound_marks_stay_as_they_are(made: Made) -> None:
    assert (_chosen(made) == options.AS_IS).all()


@pytest.mark.parametrize(
    ("joints", "option"), [(range(17), 1), ((7, 8, 9, 10), 2), ((13, 14, 15, 16), 4)]
)
def test_exchanged_sides_are_found(made: Made, joints: range, option: int) -> None:
    marks = made.evidence.marks.copy()
    which = list(joints)
    marks[50:58, which] = marks[50:58][:, np.array(MIRROR)[which]]
    chosen = _chosen(made, marks=marks)
    assert (chosen[50:58] == option).mean() > 0.8
    assert (np.delete(chosen, np.s_[50:58]) == options.AS_IS).all()


def test_the_infant_is_found_where_the_adult_was_taken(made: Made) -> None:
    marks, scores = made.evidence.marks.copy(), made.evidence.scores.copy()
    others = np.full((120, 1, 17, 3), np.nan)
    others[30:45, 0, :, :2], others[30:45, 0, :, 2] = marks[30:45], scores[30:45]
    marks[30:45] = marks[30:45] * 2.2 - 100
    chosen = _chosen(made, marks=marks, others=others)
    assert (chosen[30:45] == len(options.ORDERS)).all()


def test_what_a_person_said_decides_for_its_neighbours(made: Made) -> None:
    # Half of the session is exchanged: only a person knows which half.
    marks = made.evidence.marks.copy()
    marks[60:] = marks[60:, np.array(MIRROR)]
    confirmed = np.full((120, 17, 2), np.nan)
    confirmed[90], confirmed[20] = made.truth[90], made.truth[20]
    chosen = _chosen(made, marks=marks, confirmed=confirmed)
    assert (chosen[:60] == 0).all()
    assert (chosen[60:] == 1).all()


def test_frames_without_marks_are_bridged(made: Made) -> None:
    marks = made.evidence.marks.copy()
    marks[40:46] = np.nan
    marks[46:52] = marks[46:52, np.array(MIRROR)]
    chosen = _chosen(made, marks=marks)
    assert (chosen[46:52] == 1).all()


def test_an_answer_that_is_given_again_to_the_last_bit_tells_nothing(made: Made) -> None:
    marks = made.evidence.marks.copy()
    marks[40:52] = marks[40]
    again = options.repeated(marks)
    assert again[41:52].all()
    assert not again[:41].any()
    assert not again[52:].any()
    # A few joints may well lie on the same pixels of a coarse grid.
    marks[60, :5] = marks[59, :5]
    assert not options.repeated(marks)[60]


@pytest.mark.parametrize(("dearer", "taken"), [(1.0, False), (4.0, True)])
def test_sides_are_exchanged_only_where_that_is_clearly_cheaper(dearer: float, taken: bool) -> None:
    n, K = 12, 6
    cost = np.zeros((n, K))
    cost[:, 1:] = 20.0
    cost[5:8, 4] = 0.0
    cost[5:8, options.AS_IS] = dearer
    made = options.Options(
        np.zeros((n, K, 17, 2)), np.ones((n, K, 17)), cost, np.zeros((n - 1, K, K))
    )
    option = options.choose(made).option
    assert (option[5:8] == (4 if taken else options.AS_IS)).all()
    assert (np.delete(option, slice(5, 8)) == options.AS_IS).all()


@pytest.mark.parametrize("seed", range(4))
def test_a_body_is_as_large_whichever_sides_are_exchanged(made: Made, seed: int) -> None:
    # Seen from its end a body is short: that says who it is, not which way round.
    rng = np.random.default_rng(seed)
    marks = made.evidence.marks * np.exp(rng.normal(0, 0.3, (120, 1, 1)))
    marks = marks + rng.normal(0, 10, marks.shape)
    evidence = evidence_with(made.evidence, marks=marks)
    found = options.options_of(evidence, sizes.smooth_sizes(sizes.frame_sizes(marks)))
    dearer = found.cost[:, 1 : len(options.ORDERS)] - found.cost[:, :1]
    assert found.cost[:, 0].max() > 1
    np.testing.assert_allclose(dearer, dearer.min())
