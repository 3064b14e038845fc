from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.errors import InvalidInput
from backend.domain.privacy.rule import MAX_CELLS, MIN_CELL_PX, MaskingMethod, MaskingRule


@given(st.floats(0, 1e5), st.integers(2, MAX_CELLS), st.sampled_from(MaskingMethod))
def test_no_head_has_more_cells_than_the_rule_allows(head_px, cells, method):
    rule = MaskingRule(method, cells)
    assert rule.cell_px(head_px) * cells >= head_px
    assert rule.cell_px(head_px) >= MIN_CELL_PX


@given(st.integers(2, MAX_CELLS), st.sampled_from(MaskingMethod))
def test_a_rule_reads_as_it_was_written(cells, method):
    rule = MaskingRule(method, cells)
    assert MaskingRule.from_json(rule.to_json()) == rule


@pytest.mark.parametrize("cells", [0, 1, 9, 64, -4, 2.5, True, "6", None])
def test_a_rule_that_would_leave_faces_recognisable_is_refused(cells):
    with pytest.raises(InvalidInput):
        MaskingRule(MaskingMethod.PIXELATE, cells)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"method": "sticker"}, "no way of masking"),
        ({"method": "blur", "sigma": 3}, "has no “sigma”"),
        ({"method": "blur", "version": 2}, "version 2"),
        ({"method": "blur", "cells": 40}, "40 cells"),
        ([], "is an object"),
        (None, "is an object"),
    ],
)
def test_settings_that_are_no_rule_are_refused(value, words):
    with pytest.raises(InvalidInput, match=words):
        MaskingRule.from_json(value)


@pytest.mark.parametrize("head_px", [float("nan"), float("inf")])
def test_a_head_without_a_size_is_refused(head_px):
    with pytest.raises(InvalidInput):
        MaskingRule().cell_px(head_px)
