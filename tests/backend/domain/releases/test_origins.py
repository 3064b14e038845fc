"""Where the joints of a frame come from, by its history."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.releases.origins import settled_since, still_carried, still_theirs


def slow(history: np.ndarray) -> list[int]:
    """One frame, joint by joint, as one would say it."""
    found = []
    for joint in range(17):
        since = len(history) - 1
        while since > 0 and (history[since - 1, joint] == history[-1, joint]).all():
            since -= 1
        found.append(since)
    return found


@given(
    st.lists(
        st.lists(st.lists(st.integers(0, 2), min_size=17, max_size=17), min_size=1, max_size=5),
        min_size=1,
        max_size=4,
    )
)
def test_a_joint_lies_where_it_does_since_it_was_last_elsewhere(
    frames: list[list[list[int]]],
) -> None:
    histories = [np.array(frame, float)[:, :, None].repeat(3, axis=2) for frame in frames]
    first = np.cumsum([0, *(len(history) for history in histories[:-1])])
    found = settled_since(np.concatenate(histories), first)
    expected = [np.array(slow(history)) + at for history, at in zip(histories, first, strict=True)]
    assert np.array_equal(found, np.stack(expected))


def test_a_joint_moved_away_and_back_came_there_when_it_was_moved_back() -> None:
    history = np.zeros((3, 17, 3))
    history[1, 4] = 7, 7, 2
    assert settled_since(history, np.zeros(1, np.int64))[0, 4] == 2
    assert settled_since(history, np.zeros(1, np.int64))[0, 5] == 0


def test_without_a_chosen_person_no_joint_is_theirs() -> None:
    assert not still_theirs(np.zeros((1, 17, 3)), np.full((1, 17, 3), np.nan)).any()


def test_bits_of_a_frame_say_which_joints_were_inferred() -> None:
    found = still_carried(np.array([0, 0b101, 2**17 - 1]))
    assert [np.flatnonzero(row).tolist() for row in found] == [[], [0, 2], list(range(17))]
