"""Clocks by what cameras saw move."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backend.domain.errors import InvalidInput
from tests.worker.synchronisation.makers import Clock, moving, still, write_video
from worker.synchronisation.motion import by_motion

SECONDS = 14


def recording(folder: Path, clocks: list[Clock], rates: list[float]) -> list[Path]:
    return [
        write_video(folder / f"{k}.mp4", moving(clock, SECONDS, fps, view=k), int(fps))
        for k, (clock, fps) in enumerate(zip(clocks, rates, strict=True))
    ]


def test_offsets_are_found_within_half_a_frame_at_unlike_rates(tmp_path: Path) -> None:
    videos = recording(tmp_path, [Clock(), Clock(0.5133), Clock(-0.761)], [25, 30, 25])
    result = by_motion(videos, ["a", "b", "c"])
    assert [c.offset_ms for c in result.clocks] == pytest.approx([0, 513.3, -761], abs=16)
    assert result.confidence > 0.8


def test_a_camera_in_which_nothing_moves_is_left_out_and_named(tmp_path: Path) -> None:
    videos = recording(tmp_path, [Clock(), Clock(0.4)], [25, 25])
    videos.append(write_video(tmp_path / "wall.mp4", still(10, 25), 25))
    result = by_motion(videos, ["a", "b", "wall"])
    assert result.clocks[1].offset_ms == pytest.approx(400, abs=20)
    assert "nothing moves" in str(result.clocks[2].note)


def test_a_file_that_is_no_video_is_left_out_and_named(tmp_path: Path) -> None:
    videos = recording(tmp_path, [Clock(), Clock(0.4)], [25, 25])
    videos.append(tmp_path / "notes.mp4")
    videos[-1].write_text("Dear diary, today " * 40)
    result = by_motion(videos, ["a", "b", "notes"])
    assert result.clocks[1].offset_ms == pytest.approx(400, abs=20)
    assert "text file" in str(result.clocks[2].note)


def test_two_walls_have_nothing_in_common(tmp_path: Path) -> None:
    videos = [write_video(tmp_path / f"{k}.mp4", still(3, 25), 25) for k in range(2)]
    with pytest.raises(InvalidInput, match="nothing moves"):
        by_motion(videos, ["a", "b"])


def test_a_very_short_video_is_refused_by_name(tmp_path: Path) -> None:
    images = moving(Clock(), 3)
    long = write_video(tmp_path / "long.mp4", images, 25)
    short = write_video(tmp_path / "short.mp4", images[:3], 25)
    with pytest.raises(InvalidInput, match="short: it has fewer than 8 frames"):
        by_motion([long, short], ["long", "short"])


def test_unlike_motion_is_not_believed(tmp_path: Path) -> None:
    a = write_video(tmp_path / "a.mp4", moving(Clock(), SECONDS, seed=1), 25)
    b = write_video(tmp_path / "b.mp4", moving(Clock(), SECONDS, seed=2, view=1), 25)
    try:
        assert by_motion([a, b], ["a", "b"]).confidence < 0.6
    except InvalidInput as error:
        assert "in common" in error.message  # noqa: PT017


def test_a_flash_in_one_camera_does_not_mislead(tmp_path: Path) -> None:
    videos = recording(tmp_path, [Clock(), Clock(0.5)], [25, 25])
    images = moving(Clock(), SECONDS)
    images[40] = np.full_like(images[40], 250)
    videos[0] = write_video(tmp_path / "flash.mp4", images, 25)
    result = by_motion(videos, ["a", "b"])
    assert result.clocks[1].offset_ms == pytest.approx(500, abs=20)
