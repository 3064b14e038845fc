"""Opening videos by PyAV: what is in a file, and a clear word on what is wrong with it."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final, cast

import av
import numpy as np
from av import VideoFrame, VideoStream
from av.container import InputContainer
from av.sidedata.sidedata import SideData
from av.sidedata.sidedata import Type as SideDataType
from av.video.reformatter import Colorspace

from backend.domain.errors import InvalidInput, TooLarge
from backend.domain.limits import MAX_IMAGE_PIXELS
from backend.domain.orientation import Orientation
from worker.media.packets import PacketIndex, index_packets
from worker.media.pixels import BgrImage, upright

MAX_PIXELS: Final = MAX_IMAGE_PIXELS

# Only real video containers: FFmpeg also reads playlists and scripts that name other files.
_FORMATS: Final = "mov,matroska,webm,avi,mpegts,mpeg,flv,asf,ogg,mxf"
_OPTIONS: Final = {"format_whitelist": _FORMATS, "protocol_whitelist": "file"}

_MATRIX_TO_ORIENTATION: Final = {
    (1, 0, 0, 1): Orientation.UPRIGHT,
    (-1, 0, 0, 1): Orientation.FLIP_HORIZONTALLY,
    (-1, 0, 0, -1): Orientation.ROTATE_180,
    (1, 0, 0, -1): Orientation.FLIP_VERTICALLY,
    (0, 1, 1, 0): Orientation.TRANSPOSE,
    (0, 1, -1, 0): Orientation.ROTATE_90_CLOCKWISE,
    (0, -1, -1, 0): Orientation.TRANSVERSE,
    (0, -1, 1, 0): Orientation.ROTATE_90_COUNTERCLOCKWISE,
}


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What a video file says about itself.

    Attributes:
        width: Pixels of an upright frame, as extracted.
        height: Pixels of an upright frame, as extracted.
        fps: Average frames per second.
        duration_s: Seconds from the first frame to the end of the last.
        frames: Number of frames that the file shows.
        rotation: Degrees clockwise by which stored pixels are turned to be upright: 0, 90, 180
            or 270.
        codec: FFmpeg's name of the codec, such as ``h264``.
        timecode: SMPTE timecode of the first frame as the camera wrote it, or None.
        has_audio: Whether there is a sound track.
    """

    width: int
    height: int
    fps: Fraction
    duration_s: float
    frames: int
    rotation: int
    codec: str
    timecode: str | None
    has_audio: bool


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
        InvalidInput: not a video, no picture track, cut off, or the first frame is broken.
        TooLarge: more than ``max_pixels`` in a frame.
    """
    name = name or path.name
    index = read_index(path, name)
    with open_video(path, name, max_pixels) as (container, stream):
        frame = _first_frame(container, stream, name)
        orientation = frame_orientation(frame)
        width, height = frame.width, frame.height
        if orientation.swaps_sides:
            width, height = height, width
        fps = Fraction(stream.average_rate or stream.guessed_rate or 0)
        return VideoFacts(
            width=width,
            height=height,
            fps=fps,
            duration_s=_duration(container, stream, index, fps),
            frames=index.count,
            rotation=orientation.degrees_clockwise,
            codec=stream.codec_context.name,
            timecode=_timecode(container),
            has_audio=bool(container.streams.audio),
        )


@contextmanager
def open_video(
    path: Path, name: str, max_pixels: int = MAX_PIXELS
) -> Iterator[tuple[InputContainer, VideoStream]]:
    """Open a video and its picture track, with decoding on all cores.

    Raises:
        InvalidInput: the file is missing, empty, no video, or has no picture track.
        TooLarge: more than ``max_pixels`` in a frame.
    """
    if not path.is_file():
        raise invalid(name, "there is no such file")
    if path.stat().st_size == 0:
        raise invalid(name, "the file is empty (0 bytes)")
    try:
        container = av.open(f"file:{path}", options=dict(_OPTIONS))
    except (av.FFmpegError, UnicodeError) as error:
        raise invalid(name, _why_not_a_video(path)) from error
    with container:
        stream = _picture_stream(container, name)
        if stream.width * stream.height > max_pixels:
            raise too_large(
                name,
                f"frames of {stream.width}×{stream.height} pixels exceed the limit of "
                f"{max_pixels / 1e6:g} megapixels",
            )
        stream.thread_type = "AUTO"
        yield container, stream


def read_index(path: Path, name: str) -> PacketIndex:
    """Read through all packets without decoding, and see that none are missing.

    Raises:
        InvalidInput: as ``open_video``; no frames at all; fewer frames than the header promises.
    """
    with open_video(path, name, max_pixels=2**62) as (container, stream):
        promised = stream.frames
        try:
            index = index_packets(container, stream)
        except av.FFmpegError as error:
            raise invalid(name, "the file is cut off or damaged between its frames") from error
        if not index.packets:
            raise invalid(name, "the video holds no frames")
        if len(index.packets) < promised:
            raise invalid(
                name, f"the file is cut off: {len(index.packets)} of {promised} frames are there"
            )
        return index


def frame_orientation(frame: VideoFrame) -> Orientation:
    """How a frame must be turned, from its display matrix (ISO/IEC 14496-12, 6.2.2)."""
    for data in cast(Iterable[SideData], frame.side_data):  # typed as if it gave names
        if data.type == SideDataType.DISPLAYMATRIX:
            a, b, _, c, d = struct.unpack_from("=5i", bytes(data))
            matrix = (round(a / 65536), round(b / 65536), round(c / 65536), round(d / 65536))
            return _MATRIX_TO_ORIENTATION.get(matrix, Orientation.UPRIGHT)
    return Orientation.UPRIGHT


def frame_to_bgr(frame: VideoFrame) -> BgrImage:
    """Upright pixels of a decoded frame, with the colour matrix that the video was coded with.

    Videos that do not name their matrix are taken as Rec. 709 from 720 lines on and as Rec. 601
    below, as players do.
    """
    matrix = frame.colorspace
    if matrix in (0, 2):  # RGB or unspecified
        hd = min(frame.width, frame.height) >= 720
        matrix = int(Colorspace.ITU709 if hd else Colorspace.ITU601)
    else:
        matrix = {1: int(Colorspace.ITU709), 7: int(Colorspace.SMPTE240M)}.get(
            matrix, int(Colorspace.ITU601)
        )
    image = frame.to_ndarray(format="bgr24", src_colorspace=matrix)
    return upright(np.asarray(image, dtype=np.uint8), frame_orientation(frame))


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


def _first_frame(container: InputContainer, stream: VideoStream, name: str) -> VideoFrame:
    try:
        for frame in container.decode(stream):
            return frame
    except av.FFmpegError as error:
        raise invalid(name, "the first frame is broken") from error
    raise invalid(name, "no frame can be decoded")


def _duration(
    container: InputContainer, stream: VideoStream, index: PacketIndex, fps: Fraction
) -> float:
    base = stream.time_base
    if len(index.presentation) > 1 and base is not None:
        span = (index.presentation[-1] - index.presentation[0]) * base
        return float(span + span / (len(index.presentation) - 1))
    if fps:
        return float(index.count / fps)
    return float(container.duration or 0) / 1_000_000


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
