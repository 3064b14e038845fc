from __future__ import annotations

import json
from dataclasses import fields

import pytest

from backend.domain.errors import InvalidInput
from worker.fitting.config import FitConfig


def test_settings_survive_their_json() -> None:
    config = FitConfig(gate_px=20, rho_px=(50.0, 10.0), smooth_sweeps=1)
    assert FitConfig.from_json(config.to_json()) == config


def test_what_is_left_out_keeps_its_default() -> None:
    assert FitConfig.from_json('{"gate_px": 12}') == FitConfig(gate_px=12)


def test_every_setting_is_described() -> None:
    described = FitConfig.__doc__ or ""
    assert [f.name for f in fields(FitConfig) if f.name not in described] == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        ('{"gate": 3}', "unknown settings: gate"),
        ('{"version": "0"}', "settings of version 0"),
        ('{"gate_px": "wide"}', "gate_px is not a number"),
        ('{"gate_px": 0}', "must be above 0"),
        ('{"pose_weight": [1.0, -1.0]}', "pose_weight is -1.0"),
        ('{"pose_weight": 1.0}', "pose_weight is not a list"),
        ('{"pose_weight": [1.0]}', "one value per stage"),
        ('{"smooth_sweeps": 1.5}', "whole number"),
        ('{"sigma_px": Infinity}', "sigma_px is inf"),
    ],
)
def test_impossible_settings_are_named(text: str, fault: str) -> None:
    with pytest.raises(InvalidInput, match=fault) as caught:
        FitConfig.from_json(text, "my.json")
    assert caught.value.file == "my.json" or "my.json" in caught.value.message


def test_the_version_is_part_of_the_settings() -> None:
    assert json.loads(FitConfig().to_json())["version"] == FitConfig().version
