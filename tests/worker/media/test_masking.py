from __future__ import annotations

import numpy as np
import pytest

from backend.domain.privacy.regions import Region
from backend.domain.privacy.rule import COLOUR_STEP, MaskingMethod, MaskingRule
from tests.worker.media.metadata import textured
from worker.media.masking import mask_pixels, what_is_left

METHODS = list(MaskingMethod)


def disc(radius: float = 45, size: int = 120) -> np.ndarray:
    window = Region.around([(size / 2, size / 2)], radius).window(size, size)
    inside = np.zeros((size, size), dtype=bool)
    inside[window.slices] = window.inside
    return inside


def masked(pixels, inside, rule, head_px=80.0):
    out = pixels.copy()
    mask_pixels(out, inside, rule, head_px)
    return out


@pytest.mark.parametrize("method", METHODS)
def test_not_one_pixel_outside_changes(method):
    pixels, inside = textured(120, 120), disc()
    out = masked(pixels, inside, MaskingRule(method))
    assert np.array_equal(out[~inside], pixels[~inside])
    assert (out[inside] != pixels[inside]).mean() > 0.9


@pytest.mark.parametrize("method", METHODS)
def test_what_is_drawn_depends_on_pixels_inside_alone(method):
    pixels, inside = textured(120, 120), disc()
    other = np.where(inside[..., None], pixels, 255 - pixels)
    rule = MaskingRule(method)
    assert np.array_equal(masked(pixels, inside, rule)[inside], masked(other, inside, rule)[inside])


@pytest.mark.parametrize("method", METHODS)
def test_no_more_colours_are_left_than_cells(method):
    pixels, inside = textured(120, 120), disc()
    out = masked(pixels, inside, MaskingRule(method, 4), head_px=80)
    if method is not MaskingMethod.BLUR:
        assert len(np.unique(out[inside], axis=0)) <= 6 * 6
        assert (out[inside] % COLOUR_STEP == 0).all()


@pytest.mark.parametrize("method", [MaskingMethod.BLUR, MaskingMethod.PIXELATE])
def test_detail_finer_than_a_cell_makes_no_difference(method):
    """Two faces whose cells have the same means look the same: nothing can tell them apart."""
    rng = np.random.default_rng(0)
    inside = np.ones((80, 80), dtype=bool)
    pixels = textured(80, 80)
    shuffled = pixels.copy()
    cell = MaskingRule(method, 4).cell_px(80)
    for row in range(0, 80, cell):
        for column in range(0, 80, cell):
            part = shuffled[row : row + cell, column : column + cell].reshape(-1, 3)
            shuffled[row : row + cell, column : column + cell] = rng.permutation(part).reshape(
                cell, cell, 3
            )
    rule = MaskingRule(method, 4)
    assert not np.array_equal(pixels, shuffled)
    assert np.array_equal(masked(pixels, inside, rule), masked(shuffled, inside, rule))


def test_a_cell_at_the_border_never_shows_a_single_pixel():
    pixels = np.full((40, 40, 3), 96, np.uint8)
    inside = np.zeros((40, 40), dtype=bool)
    inside[0:20, 0:20] = True
    inside[20, 10] = True
    pixels[20, 10] = 255
    out = masked(pixels, inside, MaskingRule(MaskingMethod.PIXELATE, 4), head_px=80)
    assert (out[20, 10] < 112).all()


def test_a_blur_is_as_wide_as_a_quarter_of_a_head():
    pixels = np.zeros((160, 160), np.uint8)
    pixels[:, 80:] = 240
    out = masked(pixels, np.ones((160, 160), dtype=bool), MaskingRule(), head_px=80)
    step = np.diff(out[80].astype(float))
    places = np.arange(1, 160)
    spread = np.sqrt((step * (places - 80) ** 2).sum() / step.sum())
    assert spread > 0.9 * 0.25 * 80


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (3, 3)])
def test_regions_of_a_few_pixels_are_masked(method, shape):
    pixels = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape) * 3 + 10
    out = masked(pixels, np.ones(shape, dtype=bool), MaskingRule(method), head_px=1)
    assert len(np.unique(out)) <= 4


@pytest.mark.parametrize("method", METHODS)
def test_a_head_far_larger_than_the_image_is_masked(method):
    pixels = textured(50, 40)
    out = masked(pixels, np.ones((40, 50), dtype=bool), MaskingRule(method), head_px=1e7)
    assert len(np.unique(out.reshape(-1, 3), axis=0)) == 1


def test_nothing_inside_changes_nothing():
    pixels = textured(20, 20)
    nothing = np.zeros((20, 20), dtype=bool)
    assert np.array_equal(masked(pixels, nothing, MaskingRule()), pixels)


@pytest.mark.parametrize("method", METHODS)
def test_sixteen_bits_and_transparency_are_masked_alike(method):
    deep = textured(60, 60).astype(np.uint16) * 257
    inside = np.ones((60, 60), dtype=bool)
    shallow = masked((deep // 257).astype(np.uint8), inside, MaskingRule(method), 60)
    found = masked(deep, inside, MaskingRule(method), 60)
    assert np.abs(found.astype(int) // 257 - shallow).max() <= COLOUR_STEP
    four = np.dstack([textured(60, 60), textured(60, 60, seed=5)[..., 0]])
    assert len(np.unique(masked(four, inside, MaskingRule(method, 2), 60)[..., 3])) < 64


def test_a_fill_is_one_grey_and_opaque():
    four = np.dstack([textured(60, 60), np.zeros((60, 60), np.uint8)])
    out = masked(four, np.ones((60, 60), dtype=bool), MaskingRule(MaskingMethod.FILL), 60)
    assert (out == (128, 128, 128, 255)).all()


@pytest.mark.parametrize("method", METHODS)
def test_masked_detail_is_gone_and_untouched_detail_is_found(method):
    rule, inside = MaskingRule(method), disc()
    before = textured(120, 120)[..., 0]
    after = masked(before, inside, rule)
    as_float = before.astype(np.float32), after.astype(np.float32)
    assert what_is_left(*as_float, inside, rule, 80).hidden
    untouched = what_is_left(as_float[0], as_float[0], inside, rule, 80)
    assert untouched.most == pytest.approx(1)
    assert not untouched.hidden


@pytest.mark.parametrize("method", METHODS)
def test_a_quarter_that_was_left_open_is_found(method):
    rule, inside = MaskingRule(method), disc()
    before = textured(120, 120)[..., 0]
    after = masked(before, inside, rule)
    after[:60, :60] = before[:60, :60]
    found = what_is_left(before.astype(np.float32), after.astype(np.float32), inside, rule, 80)
    assert not found.hidden


def test_a_plain_surface_has_nothing_to_hide():
    plain = np.full((60, 60), 100, np.float32)
    left = what_is_left(plain, plain, np.ones((60, 60), dtype=bool), MaskingRule(), 60)
    assert left.hidden
    assert left.squares == 0
