"""Decoding over damage: which pictures come out, and what their damage is.

Each packet is given its own number as time stamp before it goes into the decoder, so that every
picture that comes out names the packet it was in, whatever the times of the file are. A picture
that does not come out could not be decoded. What counts as damaged is said in
``backend.domain.videos``.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final

import av
from av import VideoFrame, VideoStream
from av.container import InputContainer
from av.video.codeccontext import VideoCodecContext

from backend.domain.videos import Damage
from worker.media.packets import Packet, PacketReader, Packets
from worker.media.timeline import Timeline, decodable

Opener = Callable[[], AbstractContextManager[tuple[InputContainer, VideoStream]]]
"""Opens a video anew at its beginning."""

_ONE_BY_ONE: Final = frozenset(("h264", "hevc", "mpeg1video", "mpeg2video", "mpeg4", "vc1", "wmv3"))
"""Codecs that lose whole pictures after a fault when several are decoded at once."""
_UNSIZED: Final = frozenset(("mpegts", "mpeg", "h264", "hevc", "mpegvideo", "m4v"))
_SMALL_PACKET: Final = 64
"""Bytes up to which a packet may say no more than that nothing has changed."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A wanted picture.

    Attributes:
        number: Its frame number.
        frame: What came out of the decoder, or None where the picture could not be decoded.
        damage: What is wrong with it, or None.
    """

    number: int
    frame: VideoFrame | None
    damage: Damage | None = None


def outputs(
    container: InputContainer, stream: VideoStream, feed: Callable[[int], bool]
) -> Iterator[tuple[int, VideoFrame | None]]:
    """Decode packets and give what comes out with the number of its packet.

    Args:
        container: An open video at its beginning.
        stream: Its picture track.
        feed: Of a packet's number, whether to decode it; may raise to stop.

    Yields:
        Packet number and frame in the decoder's order; for a fault, the number of the packet fed
        last and None.
    """
    context = stream.codec_context
    number = -1
    for number, packet in enumerate(PacketReader(container, stream)):
        if not feed(number):
            continue
        packet.pts = number
        try:
            yield from _numbered(packet.decode())
        except av.BlockingIOError:  # stuck after a fault: what it holds, then a new beginning
            yield number, None
            yield from _numbered(_drained(context))
            context.flush_buffers()
            try:
                yield from _numbered(packet.decode())
            except av.FFmpegError:
                yield number, None
        except av.FFmpegError:
            yield number, None
    yield from _numbered(_drained(context))


def _drained(context: VideoCodecContext) -> list[VideoFrame]:
    try:
        return context.decode()
    except av.FFmpegError:
        return []


def _numbered(frames: Iterable[VideoFrame]) -> Iterator[tuple[int, VideoFrame]]:
    for frame in frames:
        if frame.pts is not None:
            yield frame.pts, frame


def survey(opener: Opener, packets: Packets) -> list[int]:
    """Decode everything to learn which packets are shown in which order.

    Packets that are pictures and did not come out are put where they are stored.
    """
    order, faults, one_by_one = _surveyed(opener, packets, "AUTO")
    lost = _lost(order, packets)
    if lost and one_by_one and (faults or packets.told):
        order, faults, _ = _surveyed(opener, packets, "NONE")
        lost = _lost(order, packets)
    if packets.told or len(lost) <= faults:
        for number in lost:
            place = next((k for k, other in enumerate(order) if other > number), len(order))
            order.insert(place, number)
    return order


def _surveyed(opener: Opener, packets: Packets, threads: str) -> tuple[list[int], int, bool]:
    order: list[int] = []
    faults = 0
    with opener() as (container, stream):
        stream.thread_type = threads
        for number, frame in outputs(container, stream, lambda number: True):
            if frame is None:
                faults += 1
            elif number < len(packets.all):
                order.append(number)
        return order, faults, stream.codec_context.name in _ONE_BY_ONE


def _lost(order: Sequence[int], packets: Packets) -> list[int]:
    """Packets that should be pictures and did not come out."""
    came = set(order)
    return [
        number
        for number in decodable(packets.all)
        if number not in came
        and packets.all[number].shown
        and packets.all[number].size > _SMALL_PACKET
    ]


def decode(
    opener: Opener,
    timeline: Timeline,
    wanted: Sequence[int],
    cancelled: Callable[[], None] = lambda: None,
    noticed: Callable[[VideoStream], None] = lambda stream: None,
) -> Iterator[Decoded]:
    """Decode wanted pictures in order of their numbers, the undecodable ones named too.

    Args:
        opener: Opens the video that the timeline was read from.
        timeline: All pictures of it.
        wanted: Numbers of pictures, ascending.
        cancelled: Called before each packet; may raise to stop.
        noticed: Called with the stream after each picture that came out of the decoder.
    """
    for begin, end in timeline.runs:
        some = wanted[bisect_left(wanted, begin) : bisect_left(wanted, end)]
        if some:
            yield from _Run(opener, timeline, (begin, end), some, cancelled, noticed)


class _Run:
    """Decodes wanted pictures of one stretch that is stored in the order of showing."""

    def __init__(
        self,
        opener: Opener,
        timeline: Timeline,
        stretch: tuple[int, int],
        wanted: Sequence[int],
        cancelled: Callable[[], None],
        noticed: Callable[[VideoStream], None],
    ) -> None:
        self._opener = opener
        self._packets = timeline.packets.all
        self._wanted = set(wanted)
        self._cancelled = cancelled
        self._noticed = noticed
        pictures = timeline.pictures
        self._number = {pictures[n].packet: n for n in range(*stretch)}
        self._needed = timeline.packets.needed({pictures[n].packet for n in wanted})

    def __iter__(self) -> Iterator[Decoded]:
        settling = _Settling(self._packets, self._needed, self._number)
        with self._opener() as (container, stream):
            one_by_one = stream.codec_context.name in _ONE_BY_ONE
            tail = self._tail(container) if one_by_one else None
            for number, frame in outputs(container, stream, self._feed):
                if one_by_one and (frame is None or settling.is_out_of_turn(number)):
                    break
                if tail is not None and number > tail:
                    break
                if frame is not None:
                    self._noticed(stream)
                    yield from self._asked(settling.add(number, frame))
            else:
                if not one_by_one or settling.is_complete():
                    yield from self._asked(settling.finish())
                    return
        # Something is missing: again from where nothing is, one picture at a time.
        again = settling.rewind()
        self._needed = [i in again for i in range(len(self._needed))]
        with self._opener() as (container, stream):
            stream.thread_type = "NONE"
            for number, frame in outputs(container, stream, self._feed):
                if frame is None:
                    settling.faulty(number)
                else:
                    self._noticed(stream)
                    yield from self._asked(settling.add(number, frame))
        yield from self._asked(settling.finish())

    def _tail(self, container: InputContainer) -> int | None:
        """The last packet at which decoding can begin, where the end may be cut off unseen.

        Containers without sizes do not tell that the last picture is cut off, and a decoder of
        several pictures at once forgets to tell it of the last ones.
        """
        if not _UNSIZED & set(container.format.name.split(",")):
            return None
        return max((i for i, packet in enumerate(self._packets) if packet.entry), default=0)

    def _feed(self, number: int) -> bool:
        self._cancelled()
        return number < len(self._needed) and self._needed[number]

    def _asked(self, decoded: Iterable[Decoded]) -> Iterator[Decoded]:
        return (one for one in decoded if one.number in self._wanted)


class _Settling:
    """Holds pictures back until all that they may be built on is known to be whole or not."""

    def __init__(
        self, packets: Sequence[Packet], needed: Sequence[bool], number: dict[int, int]
    ) -> None:
        self._packets = packets
        self._number = number
        self._needed = [i for i, need in enumerate(needed) if need]
        self._expected = deque(sorted((number[i], i) for i in self._needed if i in number))
        self._frames: dict[int, VideoFrame | None] = {}
        self._queue: deque[int] = deque()
        self._health = _Health(packets, number)
        self._judged = 0
        self._given = -1

    def is_out_of_turn(self, packet: int) -> bool:
        """Whether a picture before this one should have come, and did not."""
        while self._expected and self._expected[0][1] in self._frames:
            self._expected.popleft()
        number = self._number.get(packet)
        return bool(self._expected) and number is not None and self._expected[0][0] < number

    def is_complete(self) -> bool:
        """Whether everything has come."""
        return all(packet in self._frames or number <= self._given
                   for number, packet in self._expected)  # fmt: skip

    def rewind(self) -> set[int]:
        """Forget what was not given yet; returns the packets to decode anew."""
        self._queue.clear()
        pending = [i for i in self._needed if self._number.get(i, -1) > self._given]
        entries = [i for i in range(min(pending, default=0)) if self._packets[i].entry]
        # What is stored after an entry may need what is before it, after a restart it does not.
        back = 1 if entries and self._packets[entries[-1]].restart else 2
        begin = entries[-back] if len(entries) >= back else 0
        after = entries[-1] if back == 2 and len(entries) >= 2 else begin
        self._needed = [
            i for i in self._needed if i >= begin and not (i < after and self._packets[i].skipped)
        ]
        self._expected = deque(
            sorted((self._number[i], i) for i in self._needed if i in self._number)
        )
        self._frames.clear()
        self._judged = 0
        self._health = _Health(self._packets, self._number)
        return set(self._needed)

    def faulty(self, packet: int) -> None:
        """A packet met a fault; of those that are not shown nothing else tells."""
        if packet not in self._number:
            self._health.faults.add(packet)

    def add(self, packet: int, frame: VideoFrame) -> Iterator[Decoded]:
        """Take a picture from the decoder; give those that are settled by it."""
        number = self._number.get(packet)
        if number is None or packet in self._frames:
            return
        while self._expected and self._expected[0][0] <= number:
            _, at = self._expected.popleft()
            self._take(at, frame if at == packet else None)
        yield from self._settled()

    def finish(self) -> Iterator[Decoded]:
        """Nothing more comes: give the rest."""
        while self._expected:
            self._take(self._expected.popleft()[1], None)
        yield from self._settled()

    def _take(self, packet: int, frame: VideoFrame | None) -> None:
        if packet not in self._frames:
            self._frames[packet] = frame
            self._queue.append(packet)

    def _settled(self) -> Iterator[Decoded]:
        while self._judged < len(self._needed):
            packet = self._needed[self._judged]
            if packet in self._number and packet not in self._frames:
                break
            self._health.judge(packet, self._frames.get(packet))
            self._judged += 1
        while self._queue and self._queue[0] in self._health.judged:
            packet = self._queue.popleft()
            frame, damage = self._frames[packet], self._health.judged.pop(packet)
            self._frames[packet] = None
            number = self._number[packet]
            if number > self._given:
                self._given = number
                if frame is None or packet in self._health.unusable:
                    yield Decoded(number, None)
                else:
                    yield Decoded(number, frame, damage)


class _Health:
    """What is wrong with each picture, found in the order of storage."""

    def __init__(self, packets: Sequence[Packet], number: dict[int, int]) -> None:
        self._packets = packets
        self._number = number
        self.judged: dict[int, Damage | None] = {}
        self.unusable: set[int] = set()
        self.faults: set[int] = set()
        self._begun = not any(packet.entry for packet in packets)
        self._broken = False
        self._whole_from: int | None = None

    def judge(self, at: int, frame: VideoFrame | None) -> None:
        packet, number = self._packets[at], self._number.get(at)
        lost = number is not None and frame is None
        broken = (
            lost or packet.damaged or at in self.faults or (frame is not None and frame.is_corrupt)
        )
        self._begun = self._begun or (packet.entry and not lost)
        if packet.entry and not broken:
            self._broken = self._broken and not packet.restart
            self._whole_from = number if self._broken else None
        inherited = self._broken and not (
            number is not None and self._whole_from is not None and number >= self._whole_from
        )
        if broken and not packet.droppable:
            self._broken, self._whole_from = True, None
        if number is None:
            return
        self.judged[at] = Damage.BROKEN if broken else Damage.INHERITED if inherited else None
        if not self._begun:
            self.unusable.add(at)
