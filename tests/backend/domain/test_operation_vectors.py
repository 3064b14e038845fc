"""The Python side of ``tests/vectors/operations.json``; Vitest runs the same file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from backend.domain.boxes import Box, BoxStatus, DrawnBox
from backend.domain.document import Document, apply
from backend.domain.errors import InvalidInput
from backend.domain.keypoints import Skeleton
from backend.domain.operations import KINDS, name_of, operation_from_json
from backend.domain.reviews import Mark
from backend.domain.verdicts import Decision, DiscardReason, Verdict

VECTORS = json.loads(
    (Path(__file__).parents[2] / "vectors" / "operations.json").read_text(encoding="utf-8")
)
Triples = list[list[float]] | None


def _joints(triples: Triples) -> list[dict[str, float]] | None:
    return None if triples is None else [{"x": x, "y": y, "v": v} for x, y, v in triples]


def _skeleton(triples: Triples) -> Skeleton | None:
    joints = _joints(triples)
    return None if joints is None else Skeleton.from_json(joints)


def _document(data: dict[str, Any]) -> Document:
    reason = data["reason"]
    decision = Decision(
        Verdict(data["verdict"]), DiscardReason(reason) if reason else None, data["text"]
    )
    mark = Mark(data["mark"]) if data.get("mark") else None
    joints = _skeleton(data["joints"])
    return Document(data["candidateId"], joints, decision, _box(data.get("box")), mark)


def _box(data: dict[str, Any] | None) -> DrawnBox | None:
    if data is None:
        return None
    made_from = _skeleton(data["madeFrom"])
    assert made_from is not None
    box = Box(data["x"], data["y"], data["width"], data["height"])
    return DrawnBox(box, made_from, BoxStatus(data["status"]))


def _operation(data: dict[str, Any]) -> Any:
    if data["type"] in ("setSkeleton", "takeEstimate"):
        data = {**data, "joints": _joints(data["joints"])}
    if data["type"] == "setBox" and data["box"]:
        data = {**data, "box": {**data["box"], "madeFrom": _joints(data["box"]["madeFrom"])}}
    return operation_from_json(data)


CANDIDATES = {int(key): Skeleton.from_json(_joints(j)) for key, j in VECTORS["candidates"].items()}


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in VECTORS["cases"]])
def test_operation_gives_the_same_result_as_in_the_browser(case: dict[str, Any]) -> None:
    before = _document(case["before"])
    if "error" in case:
        with pytest.raises(InvalidInput) as caught:
            apply(before, _operation(case["operation"]), CANDIDATES)
        assert caught.value.message == case["error"]
        return
    after, inverse = apply(before, _operation(case["operation"]), CANDIDATES)
    assert after == _document(case["after"])
    assert inverse == _operation(case["inverse"])
    assert apply(after, inverse, CANDIDATES)[0] == before


def test_every_kind_of_operation_has_a_vector() -> None:
    kinds = {case["operation"]["type"] for case in VECTORS["cases"]}
    assert kinds == {name_of(kind) for kind in KINDS}
