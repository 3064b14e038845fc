"""The Python side of ``tests/vectors/checks.json``; Vitest runs the same file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from backend.domain.around import Around, Neighbour, Somebody, Usual
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


def _neighbour(value: dict[str, Any] | None) -> Neighbour | None:
    if value is None:
        return None
    skeleton = _skeleton(value["joints"])
    assert skeleton is not None
    return Neighbour(skeleton, value["apart"], value["samePicture"])


def _somebody(value: dict[str, Any]) -> Somebody:
    skeleton = _skeleton(value["joints"])
    assert skeleton is not None
    return Somebody(skeleton, value["scores"])


def _around(value: dict[str, Any]) -> Around:
    usual = value.get("usual")
    return Around(
        before=_neighbour(value.get("before")),
        after=_neighbour(value.get("after")),
        usual=None if usual is None else Usual(**usual),
        people=[_somebody(one) for one in value.get("people", [])],
        box=value.get("box"),
        views=value.get("views", ()),
    )


@pytest.mark.parametrize("case", VECTORS["around"], ids=lambda case: case["name"])
def test_what_lies_around_gives_the_hints_of_the_vector(case: dict[str, Any]) -> None:
    found = check_labels(
        _skeleton(case["joints"]),
        VECTORS["width"],
        VECTORS["height"],
        None,
        _around(case["around"]),
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
