"""Run lengths against pycocotools, components against OpenCV."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from pycocotools import mask as coco

from backend.domain import mask_texts, masks
from backend.domain.errors import InvalidInput

any_mask = arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=24))


def blobs(seed: int, height: int = 240, width: int = 320) -> np.ndarray:
    """A noisy mask with islands, holes, and bodies that wind."""
    noise = np.random.default_rng(seed).standard_normal((height, width))
    return cv2.GaussianBlur(noise, (0, 0), 1.5 + seed) > 0.02


@given(any_mask)
def test_the_encoding_is_that_of_pycocotools(mask: np.ndarray) -> None:
    expected = coco.encode(np.asfortranarray(mask.astype(np.uint8)))
    assert masks.encode(mask) == {
        "size": list(mask.shape),
        "counts": expected["counts"].decode(),
    }


@given(any_mask)
def test_decoding_gives_the_mask_back(mask: np.ndarray) -> None:
    assert np.array_equal(masks.decode(masks.encode(mask)), mask)


@given(any_mask)
def test_area_and_rectangle_are_those_of_pycocotools(mask: np.ndarray) -> None:
    rle = masks.encode(mask)
    theirs = {"size": rle["size"], "counts": rle["counts"].encode()}
    assert masks.area(rle) == int(coco.area(theirs)) == int(mask.sum())
    rectangle = masks.rectangle(rle)
    assert rectangle == masks.mask_rectangle(mask)
    if rectangle is not None:
        assert rectangle == tuple(coco.toBbox(theirs))


@pytest.mark.parametrize("seed", range(4))
def test_large_masks_with_long_runs_round_trip_as_in_pycocotools(seed: int) -> None:
    mask = np.kron(blobs(seed, 60, 80), np.ones((13, 17), dtype=bool)).astype(bool)
    rle = masks.encode(mask)
    assert rle["counts"].encode() == coco.encode(np.asfortranarray(mask.view(np.uint8)))["counts"]
    assert np.array_equal(masks.decode(rle), mask)


@given(st.text(alphabet=[chr(code) for code in range(32, 128)], max_size=30))
@settings(max_examples=200)
def test_any_text_is_either_a_mask_or_a_clear_error(text: str) -> None:
    try:
        mask = masks.decode(masks.checked({"size": [7, 5], "counts": text}))
    except InvalidInput:
        return
    assert mask.shape == (7, 5)


@given(st.lists(st.integers(0, 2**31), min_size=1, max_size=30))
def test_run_lengths_survive_their_text_form(counts: list[int]) -> None:
    assert mask_texts.decompress(mask_texts.compress(np.array(counts))).tolist() == counts


@given(st.text(alphabet=st.characters(max_codepoint=127), max_size=40))
def test_any_text_is_run_lengths_or_refused(text: str) -> None:
    try:
        counts = mask_texts.decompress(text)
    except InvalidInput:
        return
    assert (counts >= 0).all()


@pytest.mark.parametrize(
    "value",
    [
        None,
        {"size": [2, 2]},
        {"size": [2, 2], "counts": [1, 3]},
        {"size": [2, 2, 2], "counts": "4"},
        {"size": [-2, -2], "counts": "4"},
        {"size": [1 << 20, 1 << 20], "counts": "4"},
        {"size": [2, 2], "counts": "é"},
        {"size": [2, 2], "counts": ""},
        {"size": [2, 2], "counts": "o" * 40},
        {"size": [3, 2], "counts": "4"},
    ],
)
def test_a_broken_mask_is_refused(value: object) -> None:
    with pytest.raises(InvalidInput, match="mask"):
        masks.checked(value)


@pytest.mark.parametrize("seed", range(5))
def test_cleaning_agrees_with_opencvs_components(seed: int) -> None:
    mask = blobs(seed)
    expected = mask.copy()
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        mask.astype(np.uint8), connectivity=8
    )
    largest = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    for label in range(1, count):
        if stats[label, cv2.CC_STAT_AREA] < 50 and label != largest:
            expected[labels == label] = False
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        (~expected).astype(np.uint8), connectivity=4
    )
    border = {*labels[0], *labels[-1], *labels[:, 0], *labels[:, -1]}
    for label in range(1, count):
        if stats[label, cv2.CC_STAT_AREA] < 50 and label not in border:
            expected[labels == label] = True
    cleaned = masks.cleaned(mask, 50)
    assert np.array_equal(cleaned, expected)
    assert not np.array_equal(cleaned, mask)


def test_a_spiral_is_one_component() -> None:
    mask = np.zeros((101, 101), dtype=bool)
    for ring in range(0, 50, 4):
        mask[ring, ring : 101 - ring] = True
        mask[ring : 101 - ring, 100 - ring] = True
        mask[100 - ring, ring + 2 : 101 - ring] = True
        mask[ring + 4 : 101 - ring, ring + 2] = True
        mask[ring + 4, ring + 2 : ring + 5] = True
    assert np.array_equal(masks.cleaned(mask, 200) & mask, mask)


def test_islands_that_meet_at_a_corner_are_one() -> None:
    mask = np.eye(60, dtype=bool)
    assert np.array_equal(masks.cleaned(mask, 50), mask)


def test_the_largest_of_small_islands_stays() -> None:
    mask = np.zeros((30, 30), dtype=bool)
    mask[2:4, 2:4] = True
    mask[10:14, 10:14] = True
    cleaned = masks.cleaned(mask)
    assert int(cleaned.sum()) == 16
    assert cleaned[12, 12]


@pytest.mark.parametrize("value", [True, False])
def test_a_full_and_an_empty_mask_stay_as_they_are(value: bool) -> None:
    mask = np.full((20, 30), value)
    assert np.array_equal(masks.cleaned(mask), mask)


@given(
    st.lists(
        st.one_of(
            st.lists(st.integers(0, 5_000), min_size=1, max_size=9).map(
                lambda counts: mask_texts.compress(np.array(counts, dtype=np.int64))
            ),
            st.text(alphabet=[chr(code) for code in range(46, 114)], max_size=8),
        ),
        min_size=1,
        max_size=4,
    )
)
@settings(max_examples=300)
def test_many_masks_at_once_cover_what_each_covers_and_none_that_is_refused_slips_through(
    texts: list[str],
) -> None:
    together = mask_texts.covered(texts)

    if together is not None:
        assert together.tolist() == [int(mask_texts.decompress(text).sum()) for text in texts]


def test_masks_of_infants_are_looked_at_together() -> None:
    texts = [masks.encode(blobs(seed))["counts"] for seed in range(5)]

    together = mask_texts.covered(texts)

    assert together is not None
    assert together.tolist() == [240 * 320] * 5


def test_the_distance_to_a_mask_is_that_to_its_nearest_pixel() -> None:
    mask = np.zeros((40, 60), bool)
    mask[10:20, 30:33] = True
    mask[:, 50:52] = True  # runs through whole columns
    points = np.array([(31.5, 15.0), (25.0, 15.0), (33.0, 26.0), (56.0, 39.0), (np.nan, 1.0)])
    found = masks.outside_by(masks.encode(mask), points)
    np.testing.assert_allclose(found, [0, 5, 6, 4, np.nan])
    nothing = masks.outside_by(masks.encode(np.zeros((4, 4), bool)), points)
    assert np.isnan(nothing).all()
