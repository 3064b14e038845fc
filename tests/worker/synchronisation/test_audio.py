"""Clocks by what cameras heard."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backend.domain.errors import InvalidInput
from tests.worker.synchronisation.makers import Clock, heard, room_sound, still, write_video
from worker.synchronisation.audio import by_audio

RATE = 16_000


def recording(
    folder: Path, clocks: list[Clock], seconds: float = 12, rates: list[int] | None = None
) -> list[Path]:
    rates = rates or [RATE] * len(clocks)
    return [
        write_video(
            folder / f"{k}.mp4", still(seconds), 5, rate=rate,
            sound=heard(scene(seconds, rate), rate, clock, seconds, seed=k),
        )
        for k, (clock, rate) in enumerate(zip(clocks, rates, strict=True))
    ]  # fmt: skip


def scene(seconds: float, rate: int) -> np.ndarray:
    sound = room_sound(seconds + 5, RATE, 1)
    at = np.arange(round(len(sound) * rate / RATE)) / rate
    return np.interp(at, np.arange(len(sound)) / RATE, sound)


def names(videos: list[Path]) -> list[str]:
    return [video.stem for video in videos]


def test_offsets_of_three_cameras_are_found(tmp_path: Path) -> None:
    videos = recording(tmp_path, [Clock(), Clock(1.2345), Clock(0.4001)])
    result = by_audio(videos, names(videos))
    assert [c.offset_ms for c in result.clocks] == pytest.approx([0, 1234.5, 400.1], abs=1)
    assert result.confidence > 0.8
    assert result.residual_ms is not None


def test_sample_rates_may_differ(tmp_path: Path) -> None:
    videos = recording(tmp_path, [Clock(), Clock(0.7)], rates=[16_000, 44_100])
    assert by_audio(videos, names(videos)).clocks[1].offset_ms == pytest.approx(700, abs=5)


def test_drift_is_followed_over_time(tmp_path: Path) -> None:
    videos = recording(tmp_path, [Clock(), Clock(0.5, 60)], seconds=60)
    clock = by_audio(videos, names(videos)).clocks[1]
    assert clock.offset_ms == pytest.approx(500, abs=1)
    assert clock.drift_ppm == pytest.approx(60, abs=12)


def test_a_camera_without_sound_is_left_out_and_named(tmp_path: Path) -> None:
    videos = recording(tmp_path, [Clock(), Clock(0.3)])
    videos.append(write_video(tmp_path / "mute.mp4", still(12)))
    result = by_audio(videos, names(videos))
    assert result.clocks[1].offset_ms == pytest.approx(300, abs=1)
    assert result.clocks[2].offset_ms is None
    assert any("mute" in warning and "no sound track" in warning for warning in result.warnings)


def test_silence_is_called_silence(tmp_path: Path) -> None:
    videos = recording(tmp_path, [Clock(), Clock(0.3)])
    videos.append(write_video(tmp_path / "still.mp4", still(12), 5, sound=np.zeros(12 * RATE)))
    result = by_audio(videos, names(videos))
    assert "silent" in str(result.clocks[2].note)


def test_a_camera_in_another_room_is_not_believed(tmp_path: Path) -> None:
    videos = recording(tmp_path, [Clock(), Clock(0.3), Clock(-0.2)])
    other = heard(room_sound(17, RATE, seed=77), RATE, Clock(), 12, seed=9)
    videos.append(write_video(tmp_path / "other.mp4", still(12), 5, sound=other))
    result = by_audio(videos, names(videos))
    assert [c.offset_ms for c in result.clocks[:3]] == pytest.approx([0, 300, -200], abs=1)
    assert result.clocks[3].offset_ms is None or result.clocks[3].confidence < 0.5


def test_one_video_with_sound_is_not_enough(tmp_path: Path) -> None:
    videos = recording(tmp_path, [Clock()], seconds=3)
    videos.append(write_video(tmp_path / "mute.mp4", still(3)))
    with pytest.raises(InvalidInput, match=r"mute: it has no sound track"):
        by_audio(videos, names(videos))
