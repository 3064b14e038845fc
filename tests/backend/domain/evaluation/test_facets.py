"""How images are sorted into parts."""

from __future__ import annotations

import numpy as np
import pytest

from backend.domain.evaluation.facets import AGE_BOUNDS, IMAGE_FACETS, facet, in_group
from tests.backend.domain.evaluation.people import figure, truths


def test_ages_begin_a_group_at_its_lower_bound() -> None:
    assert in_group(2.9, AGE_BOUNDS, "months") == "under 3 months"
    assert in_group(3, AGE_BOUNDS, "months") == "3–6 months"
    assert in_group(18, AGE_BOUNDS, "months") == "18 months and more"
    assert in_group(None, AGE_BOUNDS, "months") == "unknown"


def test_groups_stand_in_the_order_of_ages_with_the_unknown_last() -> None:
    facts = [{"age_months": 12.5}, {}, {"age_months": 4}]
    found = facet("age", truths([figure()] * 3, facts=facts))
    assert found.values == ("3–6 months", "12–18 months", "unknown")
    assert found.of_image.tolist() == [1, 2, 0]


def test_names_with_numbers_are_sorted_as_people_count() -> None:
    facts = [{"camera": f"camera {n}"} for n in (10, 2, 1)]
    found = facet("camera", truths([figure()] * 3, facts=facts))
    assert found.values == ("camera 1", "camera 2", "camera 10")


def test_the_largest_person_that_counts_gives_the_size_of_the_box() -> None:
    box = np.array([[0, 0, 50, 40], [0, 0, 300, 20], [0, 0, 900, 900]], float)
    there = truths(
        [figure()] * 3,
        [0, 0, 0],
        facts=[{}, {}],
        box=box,
        area=np.array([10.0, 20.0, 30.0]),
        crowd=np.array([False, False, True]),
    )
    found = facet("box", there)
    assert [found.values[i] for i in found.of_image] == ["256–512 px", "nobody"]


@pytest.mark.parametrize("name", IMAGE_FACETS)
def test_images_of_which_nothing_is_known_are_one_part(name: str) -> None:
    found = facet(name, truths([figure()] * 2, facts=[{}, {}]))
    assert len(found.values) == 1
    assert found.of_image.tolist() == [0, 0]
