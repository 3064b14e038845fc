"""Clocks by what cameras wrote into their files."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from backend.domain.errors import InvalidInput
from tests.worker.synchronisation.makers import still, write_video
from worker.synchronisation.timecode import by_timecode, seconds_of_timecode

NTSC = Fraction(30000, 1001)


def video(folder: Path, name: str, seconds: float = 4, **metadata: str) -> Path:
    return write_video(folder / name, still(seconds, 25), 25, metadata=metadata)


@pytest.mark.parametrize(
    ("text", "fps", "frames"),
    [
        ("00:00:01:00", Fraction(25), 25),
        ("01:00:00:00", NTSC, 108_000),
        ("00:01:00;02", NTSC, 1800),
        ("00:10:00;00", NTSC, 17_982),
        ("01:00:00;00", NTSC, 107_892),
        ("00:01:00;04", Fraction(60000, 1001), 3600),
    ],
)
def test_a_timecode_counts_frames(text: str, fps: Fraction, frames: int) -> None:
    assert seconds_of_timecode(text, fps) == pytest.approx(float(frames / fps), abs=1e-9)


@pytest.mark.parametrize("text", ["", "12:00", "25:00:00:00", "00:00:00:30", "00:01:00;00"])
def test_what_is_no_timecode_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"timecode|does not exist"):
        seconds_of_timecode(text, NTSC)


def test_the_later_camera_has_the_greater_offset(tmp_path: Path) -> None:
    a = video(tmp_path, "a.mp4", timecode="10:00:00:00")
    b = video(tmp_path, "b.mp4", timecode="10:00:01:05")
    result = by_timecode([a, b], ["a", "b"])
    assert [clock.offset_ms for clock in result.clocks] == pytest.approx([0, 1200])
    assert result.confidence == pytest.approx(0.9)


def test_midnight_passes_unnoticed(tmp_path: Path) -> None:
    a = video(tmp_path, "a.mp4", timecode="23:59:59:00")
    b = video(tmp_path, "b.mp4", timecode="00:00:00:00")
    result = by_timecode([a, b], ["a", "b"])
    assert result.clocks[1].offset_ms == pytest.approx(1000)


def test_times_of_creation_count_for_little(tmp_path: Path) -> None:
    a = video(tmp_path, "a.mp4", creation_time="2026-01-01T10:00:00.000000Z")
    b = video(tmp_path, "b.mp4", creation_time="2026-01-01T10:00:02.000000Z")
    result = by_timecode([a, b], ["a", "b"])
    assert result.clocks[1].offset_ms == pytest.approx(2000)
    assert result.confidence < 0.3
    assert "1 s at best" in result.warnings[0]


def test_clocks_that_were_never_set_together_are_told(tmp_path: Path) -> None:
    a = video(tmp_path, "a.mp4", timecode="10:00:00:00")
    b = video(tmp_path, "b.mp4", timecode="17:00:00:00")
    result = by_timecode([a, b], ["a", "b"])
    assert result.confidence < 0.1
    assert "not set" in result.warnings[0]


def test_a_camera_without_timecode_is_left_out_and_named(tmp_path: Path) -> None:
    a = video(tmp_path, "a.mp4", timecode="10:00:00:00")
    b = video(tmp_path, "b.mp4", timecode="10:00:00:05")
    c = video(tmp_path, "c.mp4")
    result = by_timecode([a, b, c], ["a", "b", "c"])
    assert result.clocks[2].offset_ms is None
    assert "no timecode" in str(result.clocks[2].note)


def test_files_that_say_nothing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="sound or motion"):
        by_timecode([video(tmp_path, "a.mp4"), video(tmp_path, "b.mp4")], ["a", "b"])
