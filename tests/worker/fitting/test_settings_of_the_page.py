"""The settings that the browser offers are those of the solver, with the same defaults."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from worker.fitting.config import FitConfig

_BODIES = Path(__file__).parents[3] / "frontend/src/features/fits/bodies"
OFFERED: list[dict[str, Any]] = json.loads((_BODIES / "fitSettings.json").read_text("utf-8"))


@pytest.mark.parametrize("setting", [pytest.param(s, id=s["key"]) for s in OFFERED])
def test_a_setting_of_the_page_has_the_solvers_name_and_default(setting: dict[str, Any]) -> None:
    defaults = {field.name: field.default for field in fields(FitConfig)}
    assert defaults[setting["key"]] == setting["default"]


@pytest.mark.parametrize("setting", [pytest.param(s, id=s["key"]) for s in OFFERED])
def test_the_solver_takes_what_the_page_allows(setting: dict[str, Any]) -> None:
    for end in ("min", "max"):
        FitConfig(**{setting["key"]: setting[end]})


def test_masks_can_be_switched_off() -> None:
    assert FitConfig().surface_weight > 0
    FitConfig(surface_weight=0)
