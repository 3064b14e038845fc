from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.errors import InvalidInput
from backend.domain.privacy.heads import DIRECTIONS, TANGENTS
from backend.domain.privacy.regions import Region

points = st.lists(st.tuples(st.floats(-50, 150), st.floats(-50, 150)), min_size=1, max_size=8).map(
    np.array
)


@given(points, st.floats(0, 30))
def test_the_hull_holds_its_points_and_the_margin_around_them(places, margin):
    region = Region.around(places, margin)
    assert region.contains(places).all()
    assert region.contains(places[0] + margin * TANGENTS).all()


@given(points, st.floats(0.5, 30))
def test_every_pixel_that_a_point_of_the_region_lies_in_is_masked(places, margin):
    region = Region.around(places, margin)
    window = region.window(100, 80)
    covered = np.zeros((80, 100), dtype=bool)
    covered[window.slices] = window.inside
    x, y = np.meshgrid(np.arange(0.25, 100, 0.5), np.arange(0.25, 80, 0.5))
    within = region.contains(np.stack([x.ravel(), y.ravel()], axis=1))
    assert covered[y.ravel()[within].astype(int), x.ravel()[within].astype(int)].all()


@given(points, st.floats(0.5, 30))
def test_no_pixel_further_than_its_diagonal_from_the_region_is_masked(places, margin):
    region = Region.around(places, margin)
    window = region.window(100, 80)
    rows, columns = np.nonzero(window.inside)
    centres = np.stack([columns + window.left + 0.5, rows + window.top + 0.5], axis=1)
    assert (centres @ TANGENTS.T <= np.asarray(region.support) + 0.7072).all()


def test_a_rectangle_is_exact():
    window = Region.rectangle((10, 20), (30, 50)).window(100, 80)
    assert (window.top, window.left, window.inside.shape) == (20, 10, (30, 20))
    assert window.inside.all()


def test_the_outline_is_of_the_region():
    region = Region.around([(50, 40)], 10)
    assert np.allclose(np.linalg.norm(region.outline - (50, 40), axis=1), 10, rtol=0.01)


def test_a_region_outside_of_the_image_has_no_pixels():
    assert Region.around([(-40, -40)], 10).window(100, 80).inside.size == 0


def test_a_hull_holds_all_regions():
    a, b = Region.around([(0, 0)], 3), Region.around([(50, 10)], 5)
    assert Region.hull([a, b]).contains([(-2, 0), (54, 10), (25, 5)]).all()


@pytest.mark.parametrize("support", [(1.0,), (np.nan,) * DIRECTIONS, (np.inf,) * DIRECTIONS])
def test_a_region_of_anything_else_is_refused(support):
    with pytest.raises(InvalidInput):
        Region(support)


def test_a_hull_of_nothing_is_refused():
    with pytest.raises(InvalidInput, match="needs a point"):
        Region.around([])
