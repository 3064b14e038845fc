"""Names that a release tells."""

from __future__ import annotations

import pytest

from backend.publishing.releases.naming import told_model


@pytest.mark.parametrize(
    ("model", "told"),
    [
        ("COCO file Emma, visit 2.json", "COCO file"),
        ("COCO keypoints Emma.zip", "COCO keypoints"),
        ("rtmo-l", "rtmo-l"),
        (None, None),
    ],
)
def test_labels_of_a_file_are_named_by_its_kind_alone(model: str | None, told: str | None) -> None:
    assert told_model(model) == told
