"""The surest of the methods that there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.domain.errors import InvalidInput
from tests.worker.synchronisation.makers import (
    Clock,
    Floats,
    heard,
    moving,
    room_sound,
    still,
    write_video,
)
from worker.synchronisation.measure import synchronise

RATE, SECONDS, LATER = 16_000, 10, 0.4


def sounds() -> list[Floats]:
    scene = room_sound(SECONDS + 5, RATE)
    return [heard(scene, RATE, c, SECONDS, seed=k) for k, c in enumerate([Clock(), Clock(LATER)])]


def test_sound_is_taken_where_all_cameras_have_it(tmp_path: Path) -> None:
    videos = [
        write_video(tmp_path / f"{k}.mp4", still(SECONDS), 5, sound=sound)
        for k, sound in enumerate(sounds())
    ]
    result = synchronise(videos)
    assert result.method == "audio"
    assert result.clocks[1].offset_ms == pytest.approx(LATER * 1000, abs=2)


def test_motion_is_taken_where_there_is_neither_sound_nor_timecode(tmp_path: Path) -> None:
    videos = [
        write_video(tmp_path / f"{k}.mp4", moving(clock, SECONDS, view=k), 25)
        for k, clock in enumerate([Clock(), Clock(LATER)])
    ]
    result = synchronise(videos)
    assert result.method == "motion"
    assert result.clocks[1].offset_ms == pytest.approx(LATER * 1000, abs=20)


def test_timecode_is_taken_before_motion_and_after_sound(tmp_path: Path) -> None:
    tags = [{"timecode": "10:00:00:00"}, {"timecode": "10:00:00:02"}]
    videos = [
        write_video(tmp_path / f"{k}.mp4", still(SECONDS, 5), 5, metadata=tag)
        for k, tag in enumerate(tags)
    ]
    result = synchronise(videos)
    assert (result.method, result.clocks[1].offset_ms) == ("timecode", pytest.approx(400))


def test_nothing_to_compare_is_said_with_all_reasons(tmp_path: Path) -> None:
    videos = [write_video(tmp_path / f"{k}.mp4", still(3, 25), 25) for k in range(2)]
    with pytest.raises(InvalidInput) as refused:
        synchronise(videos, names=["left", "right"])
    for words in ("left: it has no sound track", "timecode", "right: nothing moves"):
        assert words in refused.value.message


def test_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    videos = []
    for k, clock in enumerate([Clock(), Clock(LATER)]):
        (tmp_path / str(k)).mkdir()
        videos.append(
            write_video(tmp_path / str(k) / "GX01.mp4", moving(clock, SECONDS, view=k), 25)
        )
    result = synchronise(videos, method="motion")
    assert [clock.name for clock in result.clocks] == ["GX01.mp4 (1)", "GX01.mp4 (2)"]
