"""Videos that go wrong in one way each, made on the spot and small."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av import VideoFrame

from tests.worker.media.conftest import numbered_picture
from worker.media.decode import read_index, stored_video
from worker.media.decoder import decode

Draw = Callable[[int, int, int], np.ndarray]

# Groups of ten with pictures stored in another order than they are shown.
REORDERED = {"preset": "ultrafast", "g": "10", "x264-params": "bframes=2:b-adapt=0:scenecut=0"}
IN_ORDER = {"preset": "ultrafast", "g": "10", "bf": "0"}
OPEN_GROUPS = {
    "preset": "ultrafast",
    "x264-params": "open-gop=1:keyint=10:bframes=2:b-adapt=0:scenecut=0",
}
VP8 = {"deadline": "realtime", "cpu-used": "8", "g": "10"}


def grainy(number: int, width: int, height: int) -> np.ndarray:
    """A numbered picture with so much detail that its packets are worth breaking."""
    image = numbered_picture(number, width, height)
    grain = np.random.default_rng(number).integers(-30, 30, (height // 4, width // 2, 3))
    part = image[: height // 4, width // 2 :]
    part[:] = np.clip(part.astype(int) + grain, 0, 255)
    return image


def write(
    path: Path,
    times: Sequence[int],
    base: Fraction,
    *,
    codec: str = "libx264",
    options: dict[str, str] | None = None,
    format: str | None = None,
    muxing: dict[str, str] | None = None,
    pixels: str = "yuv420p",
    size: tuple[int, int] = (160, 96),
    rate: int | Fraction = 25,
    numbers: Sequence[int] | None = None,
    draw: Draw = numbered_picture,
    filters: Sequence[tuple[str, str]] = (),
    setup: Callable[[av.VideoStream], Any] = lambda stream: None,
    dress: Callable[[VideoFrame], VideoFrame] | None = None,
) -> Path:
    """Write a video; ``times`` are in units of ``base``, one a frame.

    ``filters`` are put before the encoder; ``dress`` makes of a BGR frame what is encoded.
    """
    with av.open(str(path), "w", format=format, options=muxing or {}) as container:
        stream = container.add_stream(codec, rate=rate, options=options or {})
        stream.width, stream.height, stream.pix_fmt = size[0], size[1], pixels
        stream.codec_context.time_base = base
        stream.time_base = base
        setup(stream)
        graph = _graph(filters, size, pixels, base) if filters else None
        for i, time in enumerate(times):
            image = draw(numbers[i] if numbers is not None else i, *size)
            frame = VideoFrame.from_ndarray(image, format="bgr24")
            frame = dress(frame) if dress else frame.reformat(format=pixels)
            frame.pts, frame.time_base = int(time), base
            if graph is not None:
                graph.push(frame)
                frame = graph.vpull()
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    _be_ordinary()
    return path


def _be_ordinary() -> None:
    """Take back that SVT-AV1, run by root, puts this process before all others of the machine."""
    if hasattr(os, "sched_setscheduler") and os.sched_getscheduler(0) != os.SCHED_OTHER:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def _graph(
    filters: Sequence[tuple[str, str]], size: tuple[int, int], pixels: str, base: Fraction
) -> av.filter.Graph:
    graph = av.filter.Graph()
    last = graph.add_buffer(
        width=size[0], height=size[1], format=av.VideoFormat(pixels, *size), time_base=base
    )
    for name, arguments in [*filters, ("buffersink", "")]:
        added = graph.add(name, arguments) if arguments else graph.add(name)
        last.link_to(added)
        last = added
    graph.configure()
    return graph


def packets_of(path: Path) -> list[tuple[int, int]]:
    """Place and size of each compressed picture, in the order of the file."""
    with av.open(str(path)) as container:
        return [(p.pos or 0, p.size) for p in container.demux(video=0) if p.size]


def break_packets(path: Path, numbers: Sequence[int], how: str = "noise") -> Path:
    """Spoil compressed pictures: ``noise`` or ``zeros`` after their headers, or ``whole``."""
    places = packets_of(path)
    data = bytearray(path.read_bytes())
    rng = np.random.default_rng(0)
    for number in numbers:
        at, size = places[number]
        begin, end = (at, at + size) if how == "whole" else (at + min(24, size // 4), at + size - 4)
        junk = rng.integers(0, 256, end - begin).astype(np.uint8).tobytes()
        data[begin:end] = bytes(end - begin) if how == "zeros" else junk
    path.write_bytes(data)
    return path


def with_edits(path: Path, edits: Sequence[tuple[Fraction, Fraction | None, float]]) -> Path:
    """Give an MP4 file another edit list: (seconds shown, second in the media or None, speed)."""
    data = bytearray(path.read_bytes())
    movie = next(at for kind, at, _ in boxes(data, 0, len(data)) if kind == b"moov")
    length = struct.unpack_from(">I", data, movie)[0]
    track = next(at for kind, at, _ in boxes(data, movie + 8, movie + length) if kind == b"trak")
    ticks = struct.unpack_from(">I", data, data.find(b"mvhd", movie) + 16)[0]
    own_ticks = struct.unpack_from(">I", data, data.find(b"mdhd", track) + 16)[0]
    old = data.find(b"edts", track) - 4
    old_length = struct.unpack_from(">I", data, old)[0]
    first = struct.unpack_from(">i", data, old + 28)[0]  # where the encoder's first picture is
    body = b"".join(
        struct.pack(
            ">Iii",
            round(seconds * ticks),
            -1 if media is None else first + round(media * own_ticks),
            round(speed * 65536),
        )
        for seconds, media, speed in edits
    )
    entries = struct.pack(">I4sII", 16 + len(body), b"elst", 0, len(edits)) + body
    data[old : old + old_length] = struct.pack(">I4s", 8 + len(entries), b"edts") + entries
    for at in (track, movie):
        size = struct.unpack_from(">I", data, at)[0]
        struct.pack_into(">I", data, at, size + 8 + len(entries) - old_length)
    path.write_bytes(data)
    return path


def boxes(data: bytes | bytearray, begin: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, place and length of the boxes of an MP4 file."""
    while begin + 8 <= end:
        length, kind = struct.unpack_from(">I4s", data, begin)
        yield bytes(kind), begin, length
        begin += length


def write_avi(
    path: Path, chunks: Sequence[bytes], *, names: int | None = None, index: bool = True
) -> Path:
    """An AVI file of JPEG pictures at 25 a second; an empty chunk is a picture left out."""
    stored, entries = b"", b""
    for chunk in chunks:
        entries += b"00dc" + struct.pack("<III", 0x10, 4 + len(stored), len(chunk))
        stored += b"00dc" + struct.pack("<I", len(chunk)) + chunk + b"\0" * (len(chunk) & 1)
    count = len(chunks) if names is None else names
    main = struct.pack("<14I", 40_000, 0, 0, 0x10, count, 0, 1, 0, 160, 96, 0, 0, 0, 0)
    head = b"vids" + b"MJPG" + struct.pack(
        "<IHHIIIIIIII4H", 0, 0, 0, 0, 1, 25, 0, count, 0, 0, 0, 0, 0, 160, 96
    )  # fmt: skip
    shape = struct.pack("<IiiHH4sIiiII", 40, 160, 96, 1, 24, b"MJPG", 160 * 96 * 3, 0, 0, 0, 0)
    stream = _chunk(b"LIST", b"strl" + _chunk(b"strh", head) + _chunk(b"strf", shape))
    body = _chunk(b"LIST", b"hdrl" + _chunk(b"avih", main) + stream)
    body += _chunk(b"LIST", b"movi" + stored) + (_chunk(b"idx1", entries) if index else b"")
    path.write_bytes(b"RIFF" + struct.pack("<I", 4 + len(body)) + b"AVI " + body)
    return path


def _chunk(kind: bytes, data: bytes) -> bytes:
    return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) & 1)


def pictures(path: Path) -> list[tuple[int, float, int | None, str | None]]:
    """Of every picture its frame number, time, the number that it shows, and its damage."""
    index = read_index(path, path.name)
    found = []
    for one in decode(stored_video(path, path.name), index, range(index.count)):
        shown = None if one.frame is None else _spelled(one.frame)
        time_s = float(index.pictures[one.number].time_s)
        found.append((one.number, time_s, shown, one.damage and one.damage.value))
    return found


def _spelled(frame: VideoFrame) -> int:
    image = frame.to_ndarray(format="gray")
    height, width = image.shape
    row = image[height * 3 // 4]
    return sum((row[int((bit + 0.5) * width / 8)] > 128) << bit for bit in range(8))
