from __future__ import annotations

from fractions import Fraction

import pytest

from backend.domain.videos import (
    Matrix,
    pixel_aspect,
    shape_in_words,
    square_size,
    untagged_matrix,
)


@pytest.mark.parametrize(
    ("stored", "aspect", "square"),
    [
        ((1440, 1080), Fraction(4, 3), (1920, 1080)),
        ((720, 576), Fraction(16, 15), (768, 576)),
        ((720, 480), Fraction(8, 9), (720, 540)),
        ((1920, 1080), Fraction(1), (1920, 1080)),
        ((1, 1), Fraction(1, 4), (1, 4)),
    ],
)
def test_the_long_side_of_a_pixel_is_the_one_that_is_stretched(stored, aspect, square):
    assert square_size(*stored, aspect) == square


@pytest.mark.parametrize("stated", [None, Fraction(0), Fraction(100), Fraction(1, 100)])
def test_what_is_no_shape_of_a_pixel_is_square(stated):
    assert pixel_aspect(stated) == 1


def test_only_shapes_other_than_square_have_words():
    assert shape_in_words(Fraction(1)) is None
    assert shape_in_words(Fraction(4, 3)) == "4:3"


@pytest.mark.parametrize(("lines", "matrix"), [(576, Matrix.BT601), (720, Matrix.BT709)])
def test_untagged_colours_go_by_height(lines, matrix):
    assert untagged_matrix(lines) == matrix
