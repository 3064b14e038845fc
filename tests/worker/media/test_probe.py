from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from backend.domain.errors import InvalidInput, TooLarge
from worker.media.decode import probe


def test_facts_of_a_plain_video(make_video):
    facts = probe(make_video(frames=45, rate=30, audio=True))
    assert (facts.width, facts.height) == (160, 96)
    assert facts.fps == 30
    assert facts.frames == 45
    assert facts.duration_s == pytest.approx(1.5)
    assert (facts.codec, facts.rotation, facts.has_audio) == ("h264", 0, True)
    assert facts.timecode is None


def test_width_and_height_are_those_of_the_upright_picture(make_video):
    facts = probe(make_video(frames=2, rotate_clockwise=90))
    assert (facts.width, facts.height, facts.rotation) == (96, 160, 90)


def test_the_cameras_timecode_is_read(make_video):
    path = make_video("clip.mov", frames=5, metadata={"timecode": "01:02:03:04"})
    assert probe(path).timecode == "01:02:03:04"


def test_broadcast_rates_stay_exact(make_video):
    assert probe(make_video(frames=30, rate=Fraction(30000, 1001))).fps == Fraction(30000, 1001)


def test_an_empty_file_is_named(tmp_path: Path):
    path = tmp_path / "empty.mp4"
    path.touch()
    with pytest.raises(InvalidInput, match=r"empty\.mp4: the file is empty") as info:
        probe(path)
    assert info.value.file == "empty.mp4"
    assert info.value.fault == "the file is empty (0 bytes)"


def test_a_text_file_named_mp4_is_recognised(tmp_path: Path):
    path = tmp_path / "notes.mp4"
    path.write_text("Monday: baby slept well\n" * 100)
    with pytest.raises(InvalidInput, match=r"notes\.mp4: this is a text file, not a video"):
        probe(path)


@pytest.mark.parametrize(
    "text",
    ["#EXTM3U\n#EXTINF:1,\n{}\n", "ffconcat version 1.0\nfile '{}'\n"],
    ids=["playlist", "concat script"],
)
def test_a_script_that_names_other_files_opens_none_of_them(make_video, tmp_path: Path, text):
    secret = make_video("secret.ts")
    path = tmp_path / "trick.mp4"
    path.write_text(text.format(secret))
    with pytest.raises(InvalidInput, match="not a video"):
        probe(path)


def test_random_bytes_are_no_video(tmp_path: Path):
    path = tmp_path / "noise.mp4"
    path.write_bytes(bytes(range(256)) * 64)
    with pytest.raises(InvalidInput, match="not a video in a format that can be read"):
        probe(path)


def test_a_picture_named_mp4_is_no_video(tmp_path: Path, image_bytes):
    path = tmp_path / "photo.mp4"
    path.write_bytes(image_bytes())
    with pytest.raises(InvalidInput, match="not a video"):
        probe(path)


def test_an_upload_cut_off_before_its_index_says_so(make_video):
    path = make_video(frames=60)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(InvalidInput, match="cut off or damaged: its index"):
        probe(path)


def test_sound_without_picture_is_refused(sound_only):
    with pytest.raises(InvalidInput, match="only sound, no picture"):
        probe(sound_only)


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(InvalidInput, match="no such file"):
        probe(tmp_path / "gone.mp4")


def test_errors_use_the_name_that_the_uploader_gave(tmp_path: Path):
    path = tmp_path / "a3f0c2"
    path.touch()
    with pytest.raises(InvalidInput, match=r"^Visit 3\.MP4: "):
        probe(path, name="Visit 3.MP4")


def test_frames_above_the_pixel_limit_are_refused(make_video):
    with pytest.raises(TooLarge, match=r"160×96 pixels exceed the limit of 0\.01 megapixels"):
        probe(make_video(frames=1), max_pixels=10_000)
