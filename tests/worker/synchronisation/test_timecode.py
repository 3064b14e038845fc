"""Clocks by what cameras wrote into their files."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from backend.domain.errors import InvalidInput
from tests.worker.synchronisation.makers import still, write_video
from worker.synchronisation.timecode import by_timecode

NTSC = Fraction(30000, 1001)


def video(folder: Path, name: str, seconds: float = 4, **metadata: str) -> Path:
    return write_video(folder / name, still(seconds, 25), 25, metadata=metadata)


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


def long_video(
    folder: Path, name: str, code: str, rate: Fraction, *, without: int = -1, count: int = 60
) -> Path:
    """A video whose container is told by its name, with one frame missing where asked for."""
    metadata = {"timecode": code}
    base = Fraction(1, 1000) if name.endswith("mkv") else 1 / rate
    kinds = {"mxf": "mpeg2video"}
    with av.open(str(folder / name), "w") as container:
        container.metadata.update(metadata if name.endswith(("avi", "mxf", "mkv")) else {})
        stream = container.add_stream(kinds.get(name[-3:], "libx264"), rate=rate)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.codec_context.time_base = base
        if name.endswith(("mp4", "mov")):
            stream.metadata.update(metadata)
        for k in range(count):
            if k == without:
                continue
            frame = av.VideoFrame.from_ndarray(np.full((48, 64), k % 200, np.uint8), "gray")
            frame.pts, frame.time_base = round(k / rate / base), base
            container.mux(stream.encode(frame.reformat(format="yuv420p")))
        container.mux(stream.encode(None))
    return folder / name


@pytest.mark.parametrize(
    ("kind", "first", "second", "rate", "offset_ms"),
    [
        ("mp4", "14:00:00;00", "14:00:01;00", NTSC, 1001),
        ("mov", "14:00:00:00", "14:00:01:00", NTSC, 1001),
        ("mkv", "14:00:00:00", "14:00:01:00", NTSC, 1001),
        ("mxf", "14:00:00;00", "14:00:01;00", NTSC, 1001),
        ("mkv", "14:00:00:00", "14:00:01:00", Fraction(25), 1000),
        ("mp4", "23:59:59:12", "00:00:00:12", Fraction(24000, 1001), 1001),
        ("mkv", "14:00:00;00", "14:00:01;30", Fraction(60000, 1001), 1501.5),
        ("mp4", "14:00:00:10", "13:59:59:47", Fraction(50), -260),
        ("mkv", "14:00:00:10", "14:00:01:10", Fraction(48000, 1001), 1001),
    ],
)
def test_offsets_do_not_grow_with_the_hour_in_any_container(
    tmp_path: Path, kind: str, first: str, second: str, rate: Fraction, offset_ms: float
) -> None:
    a = long_video(tmp_path, f"a.{kind}", first, rate, count=round(3 * rate))
    b = long_video(tmp_path, f"b.{kind}", second, rate, count=round(3 * rate), without=50)
    result = by_timecode([a, b], ["a", "b"])
    assert result.clocks[1].offset_ms == pytest.approx(offset_ms, abs=0.5)
    assert result.clocks[1].trust == "likely"


def test_cameras_of_different_rates_compare(tmp_path: Path) -> None:
    a = long_video(tmp_path, "a.mp4", "14:00:00;00", NTSC, count=90)
    b = long_video(tmp_path, "b.mp4", "14:00:01;30", Fraction(60000, 1001), count=180, without=9)
    assert by_timecode([a, b], ["a", "b"]).clocks[1].offset_ms == pytest.approx(1501.5, abs=0.5)


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        (("14:00:00;00", NTSC), ("14:00:01:00", NTSC), "drift apart by 3.6 s an hour"),
        (("14:00:00:00", NTSC), ("14:00:01:00", Fraction(25)), "drift apart by 3.6 s an hour"),
        (("14:00:00;00", NTSC), ("14:00:01:00", Fraction(25)), "up to two frames"),
        (("14:00:00:00", Fraction(25)), ("14:00:00:00", Fraction(25)), "one trigger"),
        (("00:00:00:00", Fraction(25)), ("00:00:00:00", Fraction(25)), "neither was ever set"),
    ],
)
def test_timecodes_that_say_little_are_not_sure_and_say_why(
    tmp_path: Path, first: tuple[str, Fraction], second: tuple[str, Fraction], words: str
) -> None:
    a, b = (long_video(tmp_path, f"{k}.mp4", *code) for k, code in enumerate([first, second]))
    result = by_timecode([a, b], ["a", "b"])
    assert result.confidence <= 0.5
    assert words in " ".join(result.warnings)


def test_a_camera_whose_timecode_was_never_set_is_left_out(tmp_path: Path) -> None:
    codes = ["14:00:00:00", "14:00:01:00", "00:00:00:00"]
    videos = [
        long_video(tmp_path, f"{k}.mp4", code, Fraction(25), count=75)
        for k, code in enumerate(codes)
    ]
    result = by_timecode(videos, ["a", "b", "c"])
    assert result.clocks[1].offset_ms == pytest.approx(1000)
    assert result.clocks[2].offset_ms is None
    assert "never set" in str(result.clocks[2].note)


def test_a_label_that_does_not_exist_is_told(tmp_path: Path) -> None:
    a = long_video(tmp_path, "a.mkv", "14:01:00;00", NTSC, count=90)
    b = long_video(tmp_path, "b.mkv", "14:01:00;02", NTSC, count=90)
    c = long_video(tmp_path, "c.mkv", "14:01:00;05", NTSC, count=90)
    result = by_timecode([a, b, c], ["a", "b", "c"])
    assert "leaves out" in str(result.clocks[0].note)
    assert result.clocks[2].offset_ms == pytest.approx(100.1, abs=0.1)


def test_a_timecode_of_the_first_hour_beside_another_time_of_day_may_count_recordings(
    tmp_path: Path,
) -> None:
    made = "2026-01-01T10:37:00.000000Z"
    a = video(tmp_path, "a.mp4", timecode="00:03:00:00", creation_time=made)
    b = video(tmp_path, "b.mp4", timecode="00:03:01:00", creation_time=made)
    result = by_timecode([a, b], ["a", "b"])
    assert result.confidence <= 0.5
    assert "only while the camera records" in " ".join(result.warnings)


def trimmed(source: Path, target: Path, seconds: float, *, track: int) -> Path:
    """Narrow an edit list of a file, as phones do when a person trims a clip."""
    data = bytearray(source.read_bytes())
    at = -1
    for _ in range(track + 1):
        at = data.find(b"elst", at + 1)
    mdhd = data.find(b"mdhd", at)
    scale = struct.unpack_from(">I", data, mdhd + 16)[0]
    duration, media = struct.unpack_from(">Ii", data, at + 12)
    movie = struct.unpack_from(">I", data, data.find(b"mvhd") + 16)[0]
    struct.pack_into(
        ">Ii", data, at + 12, duration - round(seconds * movie), media + round(seconds * scale)
    )
    target.write_bytes(data)
    return target


@pytest.mark.parametrize("cut", [0.4, 2.0])
def test_a_cut_beginning_moves_the_timecode_of_the_first_picture(
    tmp_path: Path, cut: float
) -> None:
    a = long_video(tmp_path, "a.mp4", "14:00:00:00", Fraction(25), count=100)
    whole = long_video(tmp_path, "whole.mp4", "14:00:01:00", Fraction(25), count=100)
    pictures = trimmed(whole, tmp_path / "pictures.mp4", cut, track=0)
    result = by_timecode([a, pictures], ["a", "b"])
    assert result.clocks[1].offset_ms == pytest.approx(1000 + 1000 * cut, abs=1)
    assert result.confidence <= 0.5
    assert "before the cut" in " ".join(result.warnings)
    both = trimmed(pictures, tmp_path / "both.mp4", cut, track=1)
    result = by_timecode([a, both], ["a", "b"])
    assert result.clocks[1].offset_ms == pytest.approx(1000 + 1000 * cut, abs=1)
    assert result.clocks[1].trust == "likely"
