"""Opening videos by PyAV: what is in a file, and a clear word on what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Final

import av
from av import VideoFrame, VideoStream
from av.container import InputContainer

from backend.domain.errors import InvalidInput, TooLarge
from backend.domain.findings import FileFindings
from backend.domain.limits import MAX_IMAGE_PIXELS
from worker.media.decoder import decode, survey
from worker.media.edits import read_edits
from worker.media.findings import found_in
from worker.media.look import Look, frame_orientation
from worker.media.packets import read_packets
from worker.media.timeline import Rates, Timeline, decodable, edited, shown_in_order, timeline

MAX_PIXELS: Final = MAX_IMAGE_PIXELS

# Streams without a container: all that they say of time is their nominal rate.
_RAW_FORMATS: Final = frozenset(("h264", "hevc", "mpegvideo", "m4v", "dv", "obu"))
_OVERFLOWING_FORMATS: Final = frozenset(("mpegts", "mpeg"))
# Only real video containers: FFmpeg also reads playlists and scripts that name other files.
_FORMATS: Final = ",".join(
    ("mov,matroska,webm,avi,mpegts,mpeg,flv,asf,ogg,mxf,ivf", *sorted(_RAW_FORMATS))
)
_UNKNOWN_RATE: Final = 25
_OPTIONS: Final = {"format_whitelist": _FORMATS, "protocol_whitelist": "file"}


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What a video file says about itself.

    Attributes:
        width: Pixels of a frame as extracted: square and upright.
        height: Pixels of a frame as extracted.
        stored_width: Pixels of a line as stored.
        stored_height: Lines as stored.
        pixel_aspect: Width of a stored pixel by its height.
        fps: Mean frames per second.
        duration_s: Seconds from the first frame to the end of the last.
        frames: Number of frames that the file shows.
        rotation: Degrees clockwise by which stored pixels are turned to be upright: 0, 90, 180
            or 270.
        codec: FFmpeg's name of the codec, such as ``h264``.
        timecode: SMPTE timecode of the first frame as the camera wrote it, or None.
        has_audio: Whether there is a sound track.
        timeline: All pictures with their times.
        found: What reading through the file found.
    """

    width: int
    height: int
    stored_width: int
    stored_height: int
    pixel_aspect: Fraction
    fps: Fraction
    duration_s: float
    frames: int
    rotation: int
    codec: str
    timecode: str | None
    has_audio: bool
    timeline: Timeline
    found: FileFindings


def invalid(name: str, fault: str, message: str | None = None) -> InvalidInput:
    """An error that names the file and its fault."""
    return InvalidInput(message or f"{name}: {fault}.", file=name, fault=fault)


def too_large(name: str, fault: str) -> TooLarge:
    """An error that names the file and the limit that it exceeds."""
    return TooLarge(f"{name}: {fault}.", file=name, fault=fault)


def probe(path: Path, *, name: str | None = None, max_pixels: int = MAX_PIXELS) -> VideoFacts:
    """Look into a video: read all of its packets, decode its first frame.

    Args:
        path: The file.
        name: What to call the file in errors, by default its own name.
        max_pixels: Largest allowed frame, in pixels.

    Raises:
        InvalidInput: not a video, no picture track, or no frame can be decoded.
        TooLarge: more than ``max_pixels`` in a frame.
    """
    name = name or path.name
    index = read_index(path, name)
    look = look_of(path, name, max_pixels)
    frame = _first_frame(path, name, index, look)
    width, height = look.size(frame)
    if width * height > max_pixels:
        raise too_large(name, _beyond(width, height, max_pixels))
    with open_video(path, name, max_pixels) as (container, stream):
        return VideoFacts(
            width=width,
            height=height,
            stored_width=frame.width,
            stored_height=frame.height,
            pixel_aspect=look.aspect,
            fps=_rate(index, stream),
            duration_s=float(index.end_s),
            frames=index.count,
            rotation=frame_orientation(frame).degrees_clockwise,
            codec=stream.codec_context.name,
            timecode=_timecode(container),
            has_audio=bool(container.streams.audio),
            timeline=index,
            found=found_in(index, container, look, frame),
        )


def look_of(path: Path, name: str, max_pixels: int = MAX_PIXELS) -> Look:
    """How a video's pictures are to be seen. Errors are those of ``open_video``."""
    with open_video(path, name, max_pixels) as (container, stream):
        return Look(container, stream)


@contextmanager
def open_video(
    path: Path, name: str, max_pixels: int = MAX_PIXELS, *, as_stored: bool = False
) -> Iterator[tuple[InputContainer, VideoStream]]:
    """Open a video and its picture track, with decoding on all cores.

    Args:
        path: The file.
        name: What to call the file in errors.
        max_pixels: Largest allowed frame, in pixels.
        as_stored: Whether to read what an edit list cuts away as well, at the track's own times.

    Raises:
        InvalidInput: the file is missing, empty, no video, or has no picture track.
        TooLarge: more than ``max_pixels`` in a frame.
    """
    if not path.is_file():
        raise invalid(name, "there is no such file")
    if path.stat().st_size == 0:
        raise invalid(name, "the file is empty (0 bytes)")
    try:
        options = _OPTIONS | ({"ignore_editlist": "1"} if as_stored else {})
        container = av.open(f"file:{path}", options=dict(options))
    except (av.FFmpegError, UnicodeError) as error:
        raise invalid(name, _why_not_a_video(path)) from error
    with container:
        stream = _picture_stream(container, name)
        if stream.width * stream.height > max_pixels:
            raise too_large(name, _beyond(stream.width, stream.height, max_pixels))
        stream.thread_type = "AUTO"
        yield container, stream


def read_index(path: Path, name: str) -> Timeline:
    """Read which pictures a video shows and when, without decoding where that is possible.

    Raises:
        InvalidInput: as ``open_video``; or there is not one picture.
    """

    opener = stored_video(path, name)
    with opener() as (container, stream):
        packets = read_packets(container, stream)
        rates = _rates(container, stream)
        edits = read_edits(path, stream.id) if "mov" in container.format.name.split(",") else None
    order = shown_in_order(packets, rates)
    if order is None:
        order = survey(opener, packets)
    if not order:
        raise invalid(name, "the video holds no frames")
    cut_in = len(packets.all) - len(decodable(packets.all))
    whole = timeline(packets, order, rates, cut_in)
    return whole if edits is None or whole.nominal_fps is not None else edited(whole, edits)


def stored_video(
    path: Path, name: str, max_pixels: int = 2**62
) -> Callable[[], AbstractContextManager[tuple[InputContainer, VideoStream]]]:
    """A function that opens a video with all pictures that are stored in it.

    ``read_index`` says which of them are shown, and when. Errors are those of ``open_video``.
    """
    return partial(open_video, path, name, max_pixels, as_stored=True)


def _rates(container: InputContainer, stream: VideoStream) -> Rates:
    formats = set(container.format.name.split(","))
    # The mean rate of a raw stream is the demuxer's default; the guess reads what the codec says.
    rate = stream.guessed_rate or stream.average_rate or _UNKNOWN_RATE
    return Rates(
        base=Fraction(stream.time_base or 1),
        nominal_s=1 / Fraction(rate),
        invented=bool(formats & _RAW_FORMATS),
        overflows=bool(formats & _OVERFLOWING_FORMATS),
        in_storage_order="avi" in formats or bool(stream.codec_context.has_b_frames),
    )


def _picture_stream(container: InputContainer, name: str) -> VideoStream:
    streams = [
        stream
        for stream in container.streams.video
        if not stream.disposition & av.stream.Disposition.attached_pic
    ]
    if not streams:
        only = "only sound, no picture" if container.streams.audio else "no picture track"
        raise invalid(name, f"the file holds {only}")
    if streams[0].codec_context is None:
        raise invalid(name, "the video is coded in a way that cannot be decoded here")
    return streams[0]


def _first_frame(path: Path, name: str, index: Timeline, look: Look) -> VideoFrame:
    wanted = range(index.count)
    for one in decode(stored_video(path, name), index, wanted, noticed=look.notice):
        if one.frame is not None:
            return one.frame
    raise invalid(name, "no frame can be decoded")


def _rate(index: Timeline, stream: VideoStream) -> Fraction:
    """Mean frames per second: the rate that the file states where its times are at that rate.

    Times are rounded to the stream's ticks, so that their mean is off by a little.
    """
    if index.nominal_fps is not None:
        return index.nominal_fps
    stated = Fraction(stream.average_rate or stream.guessed_rate or 0)
    if index.count < 2:
        return stated
    span = index.pictures[-1].time_s - index.pictures[0].time_s
    if stated and abs((index.count - 1) / stated - span) <= 2 * index.base:
        return stated
    return (index.count - 1) / span


def _beyond(width: int, height: int, max_pixels: int) -> str:
    return f"frames of {width}×{height} pixels exceed the limit of {max_pixels / 1e6:g} megapixels"


def _timecode(container: InputContainer) -> str | None:
    places = [container.metadata, *(stream.metadata for stream in container.streams)]
    return next((place["timecode"] for place in places if place.get("timecode")), None)


def _why_not_a_video(path: Path) -> str:
    """What a person should know about a file that no demuxer recognises."""
    with path.open("rb") as file:
        head = file.read(4096)
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free"):
        return (
            "the file is cut off or damaged: its index (moov) cannot be read, "
            "so the recording or the upload was not finished"
        )
    if b"\0" not in head and all(byte >= 32 or byte in b"\t\n\r\f\x1b" for byte in head):
        return "this is a text file, not a video"
    return "this is not a video in a format that can be read"
