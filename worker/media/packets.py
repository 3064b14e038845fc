"""All compressed pictures of a file, read without decoding them, and which of them are needed.

Pictures that no other picture refers to can be left out of decoding, and so can everything between
the last wanted picture of a group and the next instantaneous refresh. Where a codec does not tell,
every packet is decoded.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Final

import av
from av import VideoStream
from av.container import InputContainer

from worker.media.bitstreams import REORDERING, Kind, classifier

_TELLING: Final = frozenset(("h264", "mpeg1video", "mpeg2video", "mpeg4"))
"""Codecs whose decoders see that a part is missing. Containers suspect it of whole pictures, too:
MPEG-TS of the last one before a place at which files were joined."""
_MAX_FAULTS: Final = 100
"""Faults between packets that are stepped over before a file counts as broken off."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One compressed picture.

    Attributes:
        pts: Presentation time in the stream's time base, or None where the file has none.
        dts: Decoding time in the stream's time base, or None where the file has none.
        duration: In the stream's time base, 0 where unknown.
        size: Bytes.
        shown: False for hidden pictures, such as those that only others refer to.
        restart: Decoding can begin here, and nothing after refers to anything before.
        entry: Decoding can begin here for all that is shown after it.
        droppable: No other picture refers to this one.
        skipped: Cannot be decoded where decoding begins at the entry before it.
        damaged: The container lost part of it, or it holds what no encoder writes.
    """

    pts: int | None
    dts: int | None
    duration: int
    size: int
    shown: bool
    restart: bool
    entry: bool
    droppable: bool
    skipped: bool
    damaged: bool


@dataclass(frozen=True, slots=True)
class Packets:
    """All packets of a picture track, in the order of the file.

    Attributes:
        all: The packets.
        told: Whether their headers tell which of them are shown, one picture each.
        reorders: Whether the codec can store pictures in another order than that of presentation.
        promised: Pictures that the file's index or header names, 0 where it names none.
        broke_off: Whether reading ended at a fault of the container.
    """

    all: list[Packet]
    told: bool
    reorders: bool
    promised: int
    broke_off: bool

    def needed(self, wanted: Collection[int]) -> list[bool]:
        """Per packet whether it must be decoded to get the wanted ones."""
        needed = [False] * len(self.all)
        after_last_wanted = True
        for i in range(len(self.all) - 1, -1, -1):
            packet = self.all[i]
            if i in wanted:
                after_last_wanted = False
            needed[i] = i in wanted or not (after_last_wanted or packet.droppable)
            if packet.restart:
                after_last_wanted = True
        return needed


def read_packets(container: InputContainer, stream: VideoStream) -> Packets:
    """Read through a video without decoding it.

    Args:
        container: An open video at its beginning; it stands at its end afterwards.
        stream: The video stream.
    """
    classify = classifier(stream.codec_context)
    packets: list[Packet] = []
    layers: list[int] = []
    told = classify is not None
    tells = stream.codec_context.name in _TELLING
    reader = PacketReader(container, stream)
    for packet in reader:
        key = packet.is_keyframe
        kind = Kind(entry=key) if classify is None else classify(bytes(packet), key)
        told = told and kind.shown <= 1 and not kind.field
        layers.append(kind.layer)
        packets.append(
            Packet(
                pts=packet.pts,
                dts=packet.dts,
                duration=packet.duration or 0,
                size=packet.size,
                shown=bool(kind.shown),
                restart=kind.restart,
                entry=kind.entry,
                droppable=kind.droppable,
                skipped=kind.skipped,
                damaged=kind.holed or (packet.is_corrupt and not tells),
            )
        )
    if any(layers):  # a picture that nothing in its own layer refers to may serve a higher one
        top = max(layers)
        packets = [
            p if not p.droppable or layer == top else replace(p, droppable=False)
            for p, layer in zip(packets, layers, strict=True)
        ]
    if stream.codec_context.name != "hevc":  # H.265 names such pictures
        packets = _mark_skipped(packets)
    if not told:  # only what comes out of the decoder tells what depends on what
        packets = [replace(p, droppable=False) for p in packets]
    promised = len(stream.index_entries) if _has_index(container) else stream.frames
    reorders = stream.codec_context.name in REORDERING
    return Packets(packets, told, reorders, promised, reader.broke_off)


def _mark_skipped(packets: list[Packet]) -> list[Packet]:
    """Mark what is stored after an entry and shown before it: it may need what is before that.

    After a restart nothing needs anything before it.
    """
    marked: list[Packet] = []
    begin: int | None = None
    for packet in packets:
        if packet.entry:
            begin = None if packet.restart else packet.pts
        elif begin is not None and packet.pts is not None and packet.pts < begin:
            packet = replace(packet, skipped=True)
        marked.append(packet)
    return marked


def _has_index(container: InputContainer) -> bool:
    """Whether the demuxer knows every packet of the file before it has read it."""
    return "mov" in container.format.name.split(",")


class PacketReader:
    """The packets of a stream in the order of the file, over faults between them."""

    def __init__(self, container: InputContainer, stream: VideoStream) -> None:
        self._container = container
        self._stream = stream
        self.broke_off = False

    def __iter__(self) -> Iterator[av.Packet[VideoStream]]:
        faults = 0
        while True:
            try:
                for packet in self._container.demux(self._stream):
                    if packet.size:
                        yield packet
                return
            except av.FFmpegError:
                faults += 1
                if faults > _MAX_FAULTS:
                    self.broke_off = True
                    return
