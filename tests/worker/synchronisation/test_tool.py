"""``infantnet tools sync`` on plain files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.worker.synchronisation.makers import Clock, heard, moving, room_sound, write_video
from worker.tools.__main__ import main


@pytest.fixture
def videos(tmp_path: Path) -> list[str]:
    sound = room_sound(14, 16_000)
    return [
        str(
            write_video(
                tmp_path / f"cam{k}.mp4", moving(clock, 10, view=k), 25,
                sound=heard(sound, 16_000, clock, 10, seed=k),
            )
        )
        for k, clock in enumerate([Clock(), Clock(0.25)])
    ]  # fmt: skip


def test_the_result_is_written_as_documented(videos: list[str], tmp_path: Path) -> None:
    out = tmp_path / "sync.json"
    assert main(["sync", *videos, "--out", str(out)]) == 0
    written = json.loads(out.read_text())
    assert (written["format"], written["method"]) == (1, "audio")
    assert [c["name"] for c in written["cameras"]] == ["cam0.mp4", "cam1.mp4"]
    assert written["cameras"][1]["offset_ms"] == pytest.approx(250, abs=1)
    assert written["pairs"][0]["curve"]["values"]


def test_another_method_may_be_named(videos: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sync", *videos, "--method", "motion", "--out", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["cameras"][1]["offset_ms"] == pytest.approx(
        250, abs=20
    )


def test_a_missing_file_is_named(videos: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sync", videos[0], "nowhere.mp4"]) == 1
    assert "nowhere.mp4: there is no such file" in capsys.readouterr().err


def test_one_video_is_not_enough(videos: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sync", videos[0]]) == 1
    assert "two videos" in capsys.readouterr().err
