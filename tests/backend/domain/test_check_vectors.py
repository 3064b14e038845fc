"""The Python side of ``tests/vectors/checks.json``; Vitest runs the same file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from backend.domain.checks import check_labels, doubtful_joints
from backend.domain.keypoints import Skeleton

VECTORS = json.loads(
    (Path(__file__).parents[2] / "vectors" / "checks.json").read_text(encoding="utf-8")
)


def _skeleton(triples: list[list[float]] | None) -> Skeleton | None:
    if triples is None:
        return None
    return Skeleton.from_json({"x": x, "y": y, "v": v} for x, y, v in triples)


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_labels_give_the_hints_of_the_vector(case: dict[str, Any]) -> None:
    found = check_labels(
        _skeleton(case["joints"]), VECTORS["width"], VECTORS["height"], _skeleton(case["before"])
    )
    told = [
        {"kind": check.kind.value, "message": check.message, "joints": list(check.joints)}
        for check in found
    ]
    assert told == case["checks"]


@pytest.mark.parametrize("case", VECTORS["doubtful"], ids=lambda case: case["name"])
def test_joints_are_doubted_as_the_vector_says(case: dict[str, Any]) -> None:
    found = doubtful_joints(_skeleton(case["joints"]), _skeleton(case["machine"]), case["scores"])
    assert found == case["doubtful"]
