"""What containers say of their pictures, and what they leave out."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path

import av
import cv2
import pytest

from tests.worker.media.conftest import numbered_picture
from tests.worker.media.making import (
    IN_ORDER,
    OPEN_GROUPS,
    REORDERED,
    VP8,
    packets_of,
    pictures,
    write,
    write_avi,
)
from worker.media.clock import origin_of
from worker.media.decode import probe, read_index
from worker.media.extract import AtRate, EveryNth, extract_frames
from worker.media.times import frame_times

FRAME = Fraction(1, 25)
MS = Fraction(1, 1000)
MPEG = Fraction(1, 90_000)
# A phone in the dark: 25 a second, then 10, then a gap, then 25 again. Milliseconds.
UNEVEN = [*range(0, 400, 40), *range(400, 1400, 100), *range(2400, 2800, 40)]


def jpeg(number: int) -> bytes:
    return cv2.imencode(".jpg", numbered_picture(number))[1].tobytes()


def shown(path: Path) -> list[int | None]:
    return [number for _, _, number, _ in pictures(path)]


@pytest.mark.parametrize(
    ("name", "base", "codec", "options"),
    [
        ("v.mp4", MPEG, "libx264", REORDERED),
        ("v.mov", MPEG, "libx264", IN_ORDER),
        ("v.mkv", MS, "libx264", REORDERED),
        ("v.ts", MPEG, "libx264", REORDERED),
        ("v.flv", MS, "libx264", REORDERED),
        ("v.webm", MS, "libvpx", VP8),
        ("v9.webm", MS, "libvpx-vp9", VP8),
        ("av1.mkv", MS, "libsvtav1", {"preset": "12", "svtav1-params": "keyint=10"}),
        ("h265.mp4", MPEG, "libx265", {"x265-params": "log-level=none:keyint=10:bframes=2"}),
    ],
)
def test_an_uneven_rate_is_kept_with_and_without_decoding(tmp_path, name, base, codec, options):
    times = [round(Fraction(t, 1000) / base) for t in UNEVEN]
    path = write(tmp_path / name, times, base, codec=codec, options=options)
    want = pytest.approx([t / 1000 for t in UNEVEN], abs=1e-9)
    assert frame_times(path) == want
    frames = list(extract_frames(path, EveryNth(1)))
    assert [float(f.pts_s or 0) for f in frames] == want
    assert shown(path) == list(range(len(UNEVEN)))
    assert probe(path).frames == len(UNEVEN)


@pytest.mark.parametrize("wanted", [30, 15, 10, 5])
def test_times_rounded_to_milliseconds_drop_no_frame(tmp_path, wanted):
    path = write(tmp_path / "v.mkv", [round(i * 1000 / 30) for i in range(60)], MS, rate=30)
    numbers = [f.source_frame_number for f in extract_frames(path, AtRate(wanted))]
    assert numbers == list(range(0, 60, 30 // wanted))


@pytest.mark.parametrize("index", [True, False], ids=["with index", "without"])
def test_pictures_that_an_avi_left_out_leave_gaps(tmp_path, index):
    gone = {5, 6, 7, 14}
    chunks = [b"" if i in gone else jpeg(i) for i in range(20)]
    path = write_avi(tmp_path / "v.avi", chunks, index=index)
    there = [i for i in range(20) if i not in gone]
    assert shown(path) == there
    assert frame_times(path) == pytest.approx([i / 25 for i in there])
    assert (probe(path).found.promised, probe(path).found.present) == (20, 16)


@pytest.mark.parametrize("names", [5, 12, 400])
def test_a_header_with_a_wrong_number_is_a_hint(tmp_path, names):
    path = write_avi(tmp_path / "v.avi", [jpeg(i) for i in range(12)], names=names)
    assert shown(path) == list(range(12))


@pytest.mark.parametrize("field", [b"mvhd", b"mdhd"])
@pytest.mark.parametrize("value", [0, 999_999])
def test_a_header_with_a_wrong_length_is_a_hint(tmp_path, field, value):
    path = write(tmp_path / "v.mp4", range(12), FRAME, options=IN_ORDER)
    data = bytearray(path.read_bytes())
    struct.pack_into(">I", data, data.find(field) + 20, value)
    path.write_bytes(data)
    assert shown(path) == list(range(12))
    assert frame_times(path) == pytest.approx([i / 25 for i in range(12)])


def test_an_index_with_too_few_pictures_gives_those(tmp_path):
    path = write(tmp_path / "v.mp4", range(20), FRAME, options=IN_ORDER)
    data = bytearray(path.read_bytes())
    struct.pack_into(">I", data, data.find(b"stsz") + 12, 13)
    path.write_bytes(data)
    assert shown(path) == list(range(13))


@pytest.mark.parametrize("codec", ["libx264", "mpeg4"])
def test_an_avi_that_stores_pictures_in_another_order(tmp_path, codec):
    options = REORDERED if codec == "libx264" else {"bf": "2", "g": "10"}
    path = write(tmp_path / "v.avi", range(30), FRAME, codec=codec, options=options)
    assert shown(path) == list(range(30))
    assert frame_times(path) == pytest.approx([i / 25 for i in range(30)])


@pytest.mark.parametrize("name", ["v.mp4", "v.mkv"])
def test_times_of_storage_are_not_taken_for_those_of_showing(tmp_path, name):
    source = write(tmp_path / "source.mp4", range(30), FRAME, options=REORDERED)
    path = tmp_path / name
    with av.open(str(source)) as given, av.open(str(path), "w") as container:
        stream = container.add_stream_from_template(given.streams.video[0])
        for i, packet in enumerate(p for p in given.demux(video=0) if p.size):
            packet.pts = packet.dts = i * 512
            packet.stream = stream
            container.mux(packet)
    assert shown(path) == list(range(30))
    assert frame_times(path) == pytest.approx([i / 25 for i in range(30)])


@pytest.mark.parametrize(
    ("codec", "format", "options"),
    [
        ("libx264", "h264", REORDERED),
        ("libx265", "hevc", {"x265-params": "log-level=none:keyint=10"}),
        ("mpeg2video", "mpeg2video", {"bf": "2", "g": "10"}),
    ],
)
@pytest.mark.parametrize("rate", [25, 50])
def test_a_stream_without_a_container_counts_at_its_nominal_rate(
    tmp_path, codec, format, options, rate
):
    path = write(
        tmp_path / f"v.{format}", range(20), Fraction(1, rate), codec=codec, format=format,
        options=options, rate=rate,
    )  # fmt: skip
    assert shown(path) == list(range(20))
    assert frame_times(path) == pytest.approx([i / rate for i in range(20)])
    index = read_index(path, path.name)
    assert (index.untimed, index.nominal_fps) == (20, rate)
    assert not any(f.own_time for f in extract_frames(path, EveryNth(5)))


@pytest.mark.parametrize(
    ("codec", "options"),
    [
        ("libx264", OPEN_GROUPS),
        ("libx265", {"x265-params": "log-level=none:open-gop=1:keyint=10:bframes=2:b-adapt=0"}),
        ("mpeg2video", {"bf": "2", "g": "10"}),
    ],
)
@pytest.mark.parametrize("from_packet", [4, 10, 14])
def test_a_stream_cut_out_of_a_longer_one_begins_with_what_can_be_shown(
    tmp_path, codec, options, from_packet
):
    path = write(tmp_path / "v.ts", range(40), FRAME, codec=codec, options=options)
    at, data = packets_of(path)[from_packet][0], path.read_bytes()
    path.write_bytes(data[: 3 * 188] + data[at:])
    found = pictures(path)
    first = found[0][2]
    assert first is not None
    assert [number for _, _, number, _ in found] == list(range(first, 40))
    assert [time for _, time, *_ in found] == pytest.approx([i / 25 for i in range(len(found))])
    assert all(damage is None for *_, damage in found)


def test_a_clock_of_33_bits_overflows_in_the_middle(tmp_path):
    begin = (1 << 33) - 10 * 3600
    path = write(tmp_path / "v.ts", [begin + i * 3600 for i in range(30)], MPEG, options=REORDERED)
    assert shown(path) == list(range(30))
    assert frame_times(path) == pytest.approx([i / 25 for i in range(30)])


@pytest.mark.parametrize("starts", [(5, 5), (100, 5)], ids=["the same clock", "an earlier one"])
def test_files_joined_together_are_counted_on(tmp_path, starts):
    parts = []
    for part, start in enumerate(starts):
        times = [start * 90_000 + i * 3600 for i in range(20)]
        numbers = range(20 * part, 20 * part + 20)
        name = tmp_path / f"{part}.ts"
        parts.append(write(name, times, MPEG, options=REORDERED, numbers=numbers).read_bytes())
    path = tmp_path / "v.ts"
    path.write_bytes(b"".join(parts))
    assert shown(path) == list(range(40))
    assert frame_times(path) == pytest.approx([i / 25 for i in range(40)])
    assert [float(at) for at in read_index(path, "v.ts").restarts_s] == pytest.approx([0.8])
    assert all(damage is None for *_, damage in pictures(path))


def test_an_mp4_in_pieces_is_read_like_a_whole_one(tmp_path):
    path = write(
        tmp_path / "v.mp4", range(30), FRAME, options=REORDERED,
        muxing={"movflags": "frag_keyframe+empty_moov"},
    )  # fmt: skip
    assert shown(path) == list(range(30))
    assert origin_of(path) == Fraction(2, 25)  # its pictures wait for the first to be decoded


def test_a_rate_that_the_times_agree_with_is_kept_though_they_are_rounded(tmp_path):
    path = write(tmp_path / "v.mkv", [round(i * 1000 / 30) for i in range(60)], MS, rate=30)
    assert probe(path).fps == 30


def test_the_mean_rate_of_uneven_times_is_measured(tmp_path):
    path = write(tmp_path / "v.mkv", UNEVEN, MS, options=IN_ORDER)
    assert float(probe(path).fps) == pytest.approx((len(UNEVEN) - 1) / (UNEVEN[-1] / 1000))
