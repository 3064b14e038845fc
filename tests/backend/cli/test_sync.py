"""``infantnet sync`` before the running product."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.backend.cli.conftest import Cli
from tests.factories import unique
from tests.worker.synchronisation.makers import Clock, moving, write_video

pytestmark = pytest.mark.xdist_group("cli")  # one running product for all of them


@pytest.fixture
def name(cli: Cli, tmp_path: Path) -> str:
    """A recording of two cameras, the second 400 ms later."""
    name = unique("two cameras")
    videos = [
        write_video(tmp_path / f"cam{k + 1}.mp4", moving(clock, 8, 20, view=k), 20)
        for k, clock in enumerate([Clock(), Clock(0.4)])
    ]
    outcome = cli(
        *("import", "video", *videos, "--infant", "B07", "--name", name),
        *("--consent", "research", "--every", 10),
    )
    assert outcome.code == 0, outcome.err
    return name


def test_clocks_are_measured_set_by_hand_and_applied(cli: Cli, name: str) -> None:
    nothing = cli("sync", name)
    assert nothing.code == 1
    assert "never been compared" in nothing.err

    measured = cli("sync", name, "--method", "motion", "--json")
    assert measured.code == 0, measured.err
    assert measured.json["offsets"][1]["offset_ms"] == pytest.approx(400, abs=25)
    assert measured.json["in_use"] is False

    cameras = [c["name"] for c in cli("recordings", "show", name, "--json").json["cameras_list"]]
    by_hand = cli("sync", name, "--set", f"{cameras[1]}=+433.4", "--apply", "--json")
    assert by_hand.code == 0, by_hand.err
    assert (by_hand.json["version"], by_hand.json["in_use"]) == (2, True)
    assert by_hand.json["report"]["applied"]["how"] == "extracted"

    shown = cli("sync", name)
    assert "+433.4" in shown.out
    assert "in use" in shown.err


def test_a_camera_that_is_not_there_is_named_with_those_that_are(cli: Cli, name: str) -> None:
    refused = cli("sync", name, "--set", "cam 9=5")
    assert refused.code == 1
    assert "no camera “cam 9”" in refused.err


@pytest.mark.parametrize("setting", ["cam 1", "cam 1=", "cam 1=soon", "=5"])
def test_a_setting_that_cannot_be_read_is_a_wrong_usage(cli: Cli, setting: str) -> None:
    assert cli("sync", "anything", "--set", setting).code in (1, 2)
