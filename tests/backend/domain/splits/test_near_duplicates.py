from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.errors import InvalidInput, TooLarge
from backend.domain.quality import NEAR_DUPLICATE_DISTANCE, near_duplicate
from backend.domain.splits.near_duplicates import (
    MAX_DISTANCE,
    by_groups,
    find_near_duplicates,
    is_flat,
)

SCENE = 0x9A3C_51E7_0B6D_F284
OTHER = 0x16C9_A70F_5D38_42EB


def flipped(value: int, *bits: int) -> int:
    for bit in bits:
        value ^= 1 << bit
    return value


@st.composite
def images(draw: st.DrawFn) -> tuple[list[int], list[int]]:
    """Hashes of a few scenes, each with some bits changed, and the recordings they are of."""
    scenes = draw(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=4))
    changed = st.lists(st.integers(0, 63), max_size=MAX_DISTANCE)
    one = st.builds(lambda scene, bits: flipped(scene, *bits), st.sampled_from(scenes), changed)
    hashes = draw(st.lists(one, max_size=14))
    groups = draw(st.lists(st.integers(0, 3), min_size=len(hashes), max_size=len(hashes)))
    return hashes, groups


@given(images(), st.integers(0, MAX_DISTANCE))
def test_finds_what_comparing_each_with_each_finds(
    made: tuple[list[int], list[int]], distance: int
) -> None:
    hashes, groups = made
    flat = is_flat(np.array(hashes, dtype=np.uint64), distance).tolist()
    kept = [i for i in range(len(hashes)) if not flat[i]]
    expected = {
        frozenset(((groups[i], hashes[i]), (groups[j], hashes[j])))
        for i in kept
        for j in kept
        if groups[i] != groups[j] and near_duplicate(hashes[i], hashes[j], distance)
    }
    found = find_near_duplicates(np.array(hashes, np.uint64), groups, max_distance=distance)
    pairs = list(zip(found.first.tolist(), found.second.tolist(), strict=True))
    told = [frozenset(((groups[i], hashes[i]), (groups[j], hashes[j]))) for i, j in pairs]
    assert set(told) == expected
    assert len(told) == len(expected)
    assert found.flat == len(hashes) - len(kept)
    assert int(found.pairs.sum()) == sum(
        groups[i] != groups[j] and near_duplicate(hashes[i], hashes[j], distance)
        for i in kept
        for j in kept
        if i < j
    )


def test_every_distance_up_to_the_limit_is_found_and_none_beyond() -> None:
    for distance in range(MAX_DISTANCE + 1):
        near = flipped(SCENE, *range(0, 8 * distance, 8))
        for wanted in range(MAX_DISTANCE + 1):
            found = find_near_duplicates([SCENE, near], [1, 2], max_distance=wanted)
            assert found.distance.tolist() == ([distance] if distance <= wanted else [])


def test_images_of_one_recording_are_not_compared() -> None:
    assert len(find_near_duplicates([SCENE, SCENE], [5, 5]).first) == 0


def test_without_groups_every_image_is_compared_with_every_other() -> None:
    found = find_near_duplicates([SCENE, SCENE, flipped(SCENE, 3)], None)
    assert list(zip(found.first, found.second, strict=True)) == [(0, 1), (0, 2), (1, 2)]


def test_equal_images_of_a_recording_stand_together() -> None:
    found = find_near_duplicates([OTHER, SCENE, SCENE, SCENE, SCENE], [0, 0, 0, 1, 1])
    assert (found.first.tolist(), found.second.tolist()) == ([1], [3])
    assert found.pairs.tolist() == [4]


def test_flat_images_are_left_out_and_counted() -> None:
    black, from_the_left, lamp = 0, 2**64 - 1, 0xF0F0_F0F0_F0F0_F0F0
    flat = [black, from_the_left, lamp, flipped(black, 1, 17, 40), flipped(lamp, 0, 9)]
    found = find_near_duplicates([*flat, *flat, SCENE], [0] * 5 + [1] * 5 + [2])
    assert len(found.first) == 0
    assert found.flat == 10
    assert not is_flat([SCENE, OTHER]).any()


def test_pairs_of_recordings_are_summed_up_with_their_nearest_images() -> None:
    groups = [7, 7, 3, 3, 9]
    hashes = [flipped(SCENE, 1, 2), SCENE, flipped(SCENE, 1), OTHER, flipped(OTHER, 5)]
    found = by_groups(find_near_duplicates(hashes, groups), groups)
    assert [(p.groups, p.pairs, p.images, p.distance) for p in found] == [
        ((3, 7), 2, (0, 2), 1),
        ((3, 9), 1, (3, 4), 1),
    ]
    assert by_groups(find_near_duplicates([], []), []) == []


def test_many_random_hashes_have_no_near_duplicates_but_those_planted() -> None:
    random = np.random.default_rng(4)
    hashes = random.integers(0, 2**64, 20_000, dtype=np.uint64)
    hashes[19_999] = hashes[5] ^ np.uint64(0b1001_0000_0001)
    found = find_near_duplicates(hashes, np.arange(20_000) % 50)
    assert (found.first.tolist(), found.second.tolist(), found.distance.tolist()) == (
        [5],
        [19_999],
        [3],
    )


def test_what_means_nothing_is_refused() -> None:
    with pytest.raises(InvalidInput, match="2 hashes and 1 groups"):
        find_near_duplicates([1, 2], [1])
    with pytest.raises(InvalidInput, match="a distance of 9 bits"):
        find_near_duplicates([1], [1], max_distance=9)
    hashes = [flipped(SCENE, i) for i in range(12)]
    with pytest.raises(TooLarge, match="more than 10 pairs"):
        find_near_duplicates(hashes, None, max_pairs=10)


def test_the_usual_distance_is_that_of_repeated_frames() -> None:
    near = flipped(SCENE, *range(NEAR_DUPLICATE_DISTANCE))
    assert len(find_near_duplicates([SCENE, near], [0, 1]).first) == 1
    beyond = flipped(SCENE, *range(NEAR_DUPLICATE_DISTANCE + 1))
    assert len(find_near_duplicates([SCENE, beyond], [0, 1]).first) == 0
