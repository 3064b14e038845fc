"""The demonstration model that ships is what its description says."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from backend.models.checkpoints.registry import DEMO_POSE, KNOWN
from worker.adapters.rtmo import RtmoEstimator
from worker.training.export import MAX_FILE_BYTES
from worker.training.measure import measure, of_demo

SHIPPED = KNOWN[DEMO_POSE]
APART = 20
"""Every so many frames of the demo are looked at."""


def described() -> dict[str, object]:
    assert SHIPPED.shipped is not None
    told: dict[str, object] = json.loads(
        SHIPPED.shipped.with_suffix(".json").read_text(encoding="utf-8")
    )
    return told


def test_the_file_is_the_one_described_and_small_enough() -> None:
    path = SHIPPED.shipped
    assert isinstance(path, Path)
    data = path.read_bytes()
    assert hashlib.sha256(data).hexdigest() == SHIPPED.sha256 == described()["sha256"]
    assert len(data) == described()["bytes"] <= MAX_FILE_BYTES


def test_it_is_for_demonstration_only_and_says_how_good_it_is() -> None:
    assert SHIPPED.demonstration
    assert "demonstration only" in SHIPPED.about
    assert f"{described()['ap_held_out']:.3f}".removeprefix("0") in SHIPPED.about


@pytest.mark.models
@pytest.mark.xdist_group("models")
def test_it_finds_the_infant_of_the_demo_as_well_as_described() -> None:
    estimator = RtmoEstimator(
        SHIPPED.variant, SHIPPED.shipped, side=SHIPPED.used_with.side, score_threshold=0.02
    )
    told = described()["demo"]
    assert isinstance(told, dict)
    found = measure(estimator, of_demo("living_room", APART))
    assert found["near"] == pytest.approx(told["living_room"]["near"], abs=0.2)
    assert found["AP50"] == pytest.approx(told["living_room"]["AP50"], abs=0.3)
