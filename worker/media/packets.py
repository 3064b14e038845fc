"""Which compressed packets of a video must be decoded to get the wanted frames, and only those.

Pictures that no other picture refers to can be left out, and so can everything between the last
wanted picture of a group and the next instantaneous refresh. Sources: ITU-T H.264 (7.4.1:
``nal_ref_idc``, ``nal_unit_type``), ITU-T H.265 (7.4.2.2: sub-layer non-reference pictures; IDR).
Where a codec or container does not tell, every packet is decoded.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from av import VideoStream
from av.container import InputContainer

_H264_SLICES: Final = frozenset(range(1, 6))
_H264_IDR: Final = 5
_HEVC_IDR: Final = frozenset((19, 20))
_HEVC_FIRST_IRAP: Final = 16
_HEVC_FIRST_NON_PICTURE: Final = 32


@dataclass(frozen=True, slots=True)
class Packet:
    """One compressed picture.

    Attributes:
        pts: Presentation time in the stream's time base, or None where the file has none.
        shown: False for pictures that an edit list cuts away.
        restart: Decoding can begin here, and nothing after refers to anything before.
        droppable: No other picture refers to this one.
    """

    pts: int | None
    shown: bool
    restart: bool
    droppable: bool


@dataclass(frozen=True, slots=True)
class PacketIndex:
    """All pictures of a video in decoding order.

    Attributes:
        packets: In the order of the file.
        presentation: Times of the shown pictures, ascending, in the stream's time base. Empty where
            the times are missing or not unique, or the codec has hidden pictures: then frames are
            numbered as they come out of the decoder.
    """

    packets: list[Packet]
    presentation: list[int]

    @property
    def count(self) -> int:
        """Number of pictures that the file shows."""
        return len(self.presentation) or sum(packet.shown for packet in self.packets)

    def to_decode(self, wanted_pts: Collection[int]) -> list[bool]:
        """Per packet, in the order of the file, whether it is needed for the wanted pictures."""
        needed = [False] * len(self.packets)
        after_last_wanted = True
        for i in range(len(self.packets) - 1, -1, -1):
            packet = self.packets[i]
            wanted = packet.pts in wanted_pts
            if wanted:
                after_last_wanted = False
            needed[i] = wanted or not (after_last_wanted or packet.droppable)
            if packet.restart:
                after_last_wanted = True
        return needed


def index_packets(container: InputContainer, stream: VideoStream) -> PacketIndex:
    """Read through a video without decoding it.

    Args:
        container: An open video at its beginning; it stands at its end afterwards.
        stream: The video stream.

    Raises:
        av.FFmpegError: the container is damaged.
    """
    codec = stream.codec_context.name
    length_size = _nal_length_size(codec, stream.codec_context.extradata)
    intra_only = stream.codec_context.codec.intra_only
    packets: list[Packet] = []
    hevc_layers: list[int] = []
    for packet in container.demux(stream):
        if not packet.size:
            continue
        restart = droppable = intra_only
        if length_size:
            headers = list(_nal_headers(memoryview(packet), length_size))
            if codec == "h264":
                restart, droppable = _classify_h264(headers)
            else:
                restart, droppable, layer = _classify_hevc(headers)
                hevc_layers.append(layer)
        packets.append(Packet(packet.pts, not packet.is_discard, restart, droppable))
    if hevc_layers:
        # A picture without references in its own temporal layer may still serve a higher one.
        top = max(hevc_layers)
        packets = [
            Packet(p.pts, p.shown, p.restart, p.droppable and layer == top)
            for p, layer in zip(packets, hevc_layers, strict=True)
        ]
    return PacketIndex(packets, _presentation(packets) if length_size or intra_only else [])


def relative_time(pts: int, first: int, time_base: Fraction) -> Fraction:
    """Seconds since the first frame, exactly."""
    return (pts - first) * time_base


def _presentation(packets: list[Packet]) -> list[int]:
    times = [packet.pts for packet in packets]
    known = [time for time in times if time is not None]
    if len(known) < len(times) or len(set(known)) < len(known):
        return []
    return sorted(p.pts for p in packets if p.shown and p.pts is not None)


def _nal_length_size(codec: str, extradata: bytes | None) -> int:
    """Bytes of the length before each NAL unit, 0 where units are not stored that way.

    MP4 and Matroska keep the number in the decoder configuration (ISO/IEC 14496-15, 5.3.3 and
    8.3.3), which begins with version 1; streams with start codes begin with a zero.
    """
    if not extradata or extradata[0] != 1:
        return 0
    if codec == "h264" and len(extradata) >= 7:
        return (extradata[4] & 3) + 1
    if codec == "hevc" and len(extradata) >= 23:
        return (extradata[21] & 3) + 1
    return 0


def _nal_headers(data: memoryview, length_size: int) -> Iterator[tuple[int, int]]:
    """First two bytes of each NAL unit in a packet."""
    position, end = 0, len(data)
    while position + length_size + 2 <= end:
        length = int.from_bytes(data[position : position + length_size], "big")
        position += length_size
        if length >= 2:
            yield data[position], data[position + 1]
        position += length


def _classify_h264(headers: list[tuple[int, int]]) -> tuple[bool, bool]:
    slices = [first for first, _ in headers if first & 31 in _H264_SLICES]
    restart = any(first & 31 == _H264_IDR for first in slices)
    droppable = bool(slices) and all(first >> 5 & 3 == 0 for first in slices)
    return restart, droppable


def _classify_hevc(headers: list[tuple[int, int]]) -> tuple[bool, bool, int]:
    slices = [
        (first >> 1 & 63, (second & 7) - 1)
        for first, second in headers
        if first >> 1 & 63 < _HEVC_FIRST_NON_PICTURE
    ]
    restart = any(kind in _HEVC_IDR for kind, _ in slices)
    droppable = bool(slices) and all(
        kind < _HEVC_FIRST_IRAP and kind % 2 == 0 for kind, _ in slices
    )
    return restart, droppable, max((layer for _, layer in slices), default=0)
