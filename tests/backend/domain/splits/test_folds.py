from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.domain.errors import InvalidInput
from backend.domain.splits.components import find_components
from backend.domain.splits.folds import k_folds
from backend.domain.splits.units import Link, SplitUnit
from tests.backend.domain.splits.makers import releases, unit


@settings(max_examples=20)
@given(releases(), st.integers(2, 5))
def test_every_component_is_in_one_fold_and_no_fold_is_empty(
    release: tuple[list[SplitUnit], list[Link]], k: int
) -> None:
    components = find_components(*release)
    filled = sum(component.frames > 0 for component in components)
    if filled < k:
        with pytest.raises(InvalidInput, match=f"{k} folds need as many"):
            k_folds(components, k)
        return
    folds = k_folds(components, k)
    assert set(folds.sides) == {component.key for component in components}
    assert len({folds.sides[c.key] for c in components if c.frames}) == k


def test_folds_of_equal_recordings_are_equal() -> None:
    units = [unit(i, f"I{i}", source=("youtube", "other")[i % 2]) for i in range(42)]
    folds = k_folds(find_components(units), 3, seed=8)
    assert folds.notes == ()
    sides = list(folds.sides.values())
    assert [sides.count(f"fold_{i}") for i in (1, 2, 3)] == [14, 14, 14]


@pytest.mark.parametrize("k", [0, 1, 101])
def test_a_number_of_folds_that_means_nothing_is_refused(k: int) -> None:
    with pytest.raises(InvalidInput, match=f"{k} folds; there can be 2 to 100"):
        k_folds(find_components([unit(1, "A")]), k)
