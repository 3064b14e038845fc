"""Cameras whose recording lies in several files: one clock for all of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

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
from worker.media.chapters import Chapter
from worker.synchronisation.footage import Footage, motion_through, sound_of, tags_of
from worker.synchronisation.measure import synchronise
from worker.synchronisation.sound import RATE, read_sound

FPS = 5


def in_files(
    folder: Path, images: list[NDArray[np.uint8]], fps: int, cuts: list[int], *,
    sound: Floats | None = None, without_sound: int | None = None,
) -> list[Chapter]:  # fmt: skip
    """One recording as files that begin at these frames."""
    chapters = []
    for k, (begin, end) in enumerate(zip(cuts, [*cuts[1:], len(images)], strict=True)):
        own = None
        if sound is not None and k != without_sound:
            own = sound[round(begin / fps * RATE) : round(end / fps * RATE)]
        path = write_video(folder / f"GX{k + 1:02}0001.MP4", images[begin:end], fps, sound=own)
        chapters.append(Chapter(path, path.name, begin, begin / fps))
    return chapters


def voices(clocks: list[Clock], seconds: float) -> list[Floats]:
    scene = room_sound(seconds + 30, RATE)
    return [heard(scene, RATE, clock, seconds, seed=k) for k, clock in enumerate(clocks)]


def test_sound_of_several_files_lies_end_to_end(tmp_path: Path) -> None:
    (voice,) = voices([Clock()], 12)
    whole = read_sound(write_video(tmp_path / "whole.mp4", still(12), FPS, sound=voice))
    parts = sound_of(in_files(tmp_path, still(12), FPS, [0, 20, 45], sound=voice), "cam")
    assert parts.start_s == pytest.approx(whole.start_s, abs=0.001)
    assert parts.end_s == pytest.approx(whole.end_s, abs=0.1)
    for at in (0.5, 4.5, 10.0):  # one stretch in each file
        a, b = whole.between(at, at + 1), parts.between(at, at + 1)
        assert np.corrcoef(a, b)[0, 1] > 0.9


def test_a_file_without_sound_is_silent_and_the_next_one_lies_where_it_belongs(
    tmp_path: Path,
) -> None:
    (voice,) = voices([Clock()], 12)
    chapters = in_files(tmp_path, still(12), FPS, [0, 20, 45], sound=voice, without_sound=1)
    sound = sound_of(chapters, "cam")
    assert not sound.between(4.5, 8.5).any()
    whole = read_sound(write_video(tmp_path / "whole.mp4", still(12), FPS, sound=voice))
    assert np.corrcoef(sound.between(9.5, 11), whole.between(9.5, 11))[0, 1] > 0.9


def test_files_that_are_all_without_sound_are_named_as_such(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no sound track"):
        sound_of(in_files(tmp_path, still(4), FPS, [0, 10]), "cam")


def test_cameras_that_share_only_a_later_file_are_compared_by_sound(tmp_path: Path) -> None:
    long, late = voices([Clock(), Clock(14.3)], 26)
    (tmp_path / "a").mkdir()
    videos: list[Footage] = [
        in_files(tmp_path / "a", still(26), FPS, [0, 40], sound=long),  # 8 s, then 18 s
        write_video(tmp_path / "late.mp4", still(11), FPS, sound=late[: 11 * RATE]),
    ]
    result = synchronise(videos, method="audio", names=["long", "late"])
    assert result.clocks[1].offset_ms == pytest.approx(14_300, abs=2)


def test_motion_goes_on_through_all_files(tmp_path: Path) -> None:
    images = moving(Clock(), 12, 20)
    chapters = in_files(tmp_path, images, 20, [0, 80, 160])
    motion = motion_through(chapters, "cam")
    assert len(motion.times) == len(images) - 1
    assert motion.times[[0, -1]] == pytest.approx([0.025, 11.925], abs=1e-6)
    assert np.diff(motion.times) == pytest.approx(0.05, abs=1e-6)


def test_motion_is_looked_for_in_the_first_seconds_of_the_recording_not_of_each_file(
    tmp_path: Path,
) -> None:
    chapters = in_files(tmp_path, moving(Clock(), 12, 20), 20, [0, 80, 160])
    assert motion_through(chapters, "cam", longest_s=6).times[-1] == pytest.approx(5.975, abs=1e-6)


def test_cameras_that_share_only_a_later_file_are_compared_by_motion(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    videos: list[Footage] = [
        in_files(tmp_path / "a", moving(Clock(), 24, 20), 20, [0, 160]),
        write_video(tmp_path / "late.mp4", moving(Clock(10.4), 24, 20, view=1)[:240], 20),
    ]
    result = synchronise(videos, method="motion", names=["long", "late"])
    assert result.clocks[1].offset_ms == pytest.approx(10_400, abs=25)


def test_files_together_last_as_long_as_all_of_them(tmp_path: Path) -> None:
    tags = tags_of(in_files(tmp_path, still(12), FPS, [0, 20, 45]), "cam")
    assert tags.duration_s == pytest.approx(12)
    assert tags.interval_s == pytest.approx(1 / FPS)


def test_timecode_of_a_later_file_counts_back_to_the_beginning(tmp_path: Path) -> None:
    first = write_video(tmp_path / "1.mp4", still(4), FPS)
    second = write_video(tmp_path / "2.mp4", still(4), FPS, metadata={"timecode": "10:00:06:00"})
    other = write_video(tmp_path / "b.mp4", still(8), FPS, metadata={"timecode": "10:00:03:00"})
    coded = [Chapter(first, "1.mp4"), Chapter(second, "2.mp4", 20, 4.0)]
    result = synchronise([coded, other], method="timecode", names=["a", "b"])
    assert result.clocks[1].offset_ms == pytest.approx(1000)


def test_a_file_that_is_gone_is_named(tmp_path: Path) -> None:
    chapters = in_files(tmp_path, still(4), FPS, [0, 10])
    chapters[1].path.unlink()
    with pytest.raises(InvalidInput, match=r"GX020001\.MP4: there is no such file"):
        synchronise([chapters, chapters[0].path])
