"""Which pictures a file shows, in which order and when: one clock for all of them.

Times are the packets' presentation times in the stream's own time base, as seconds since the first
shown picture. Nothing is taken from a nominal or an average rate where times exist. What is wrong
with the times of a file is mended by rules, and counted:

- A time that is missing, repeated or out of order: the picture is set evenly between its
  neighbours that have times of their own. Own times are the longest ascending series.
- A clock that starts anew (files joined together, MPEG-TS discontinuities): counted on from the
  picture before, one usual step later. MPEG-TS clocks that overflow (33 bits) are no new start.
- Times in order of storage where pictures are stored in another (AVI): given out in order.
- No times at all (a raw stream): the nominal rate, and every picture counts as without a time.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import accumulate, pairwise
from statistics import median
from typing import Final

from worker.media.edits import Edit, apply_edits
from worker.media.packets import Packet, Packets

_RESTART_S: Final = Fraction(1, 2)
"""A clock that falls back by more has started anew; by less, single times are wrong."""
_OVERFLOW_BITS: Final = 33


@dataclass(frozen=True, slots=True)
class Picture:
    """One shown picture.

    Attributes:
        packet: Number of its packet in the order of the file, from 0.
        time_s: Exact seconds since the file's first shown picture.
        own_time: Whether the file says so; otherwise the time is set between its neighbours.
    """

    packet: int
    time_s: Fraction
    own_time: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """The shown pictures of a file in order of time; a picture's place is its frame number.

    Attributes:
        packets: All packets.
        pictures: The shown pictures.
        origin_s: Where on the file's own clock the first shown picture is.
        base: The stream's time base, seconds.
        end_s: Seconds from the first picture's beginning to the last one's end.
        cut_in: Pictures at the beginning that need others from before the file's beginning.
        nominal_fps: Frames per second where the file has no times, so that its nominal rate is all
            there is; else None.
        restarts_s: Times at which the file's clock started anew.
        runs: Stretches of the pictures, as (begin, end), that are stored in the order in which they
            are shown; an edit list may show what is stored later first, or something twice.
        edits: Of an MP4 or QuickTime file.
        followed: Whether the pictures are those that the edit list shows; it may show none.
    """

    packets: Packets
    pictures: tuple[Picture, ...]
    origin_s: Fraction
    base: Fraction
    end_s: Fraction
    cut_in: int = 0
    nominal_fps: Fraction | None = None
    restarts_s: tuple[Fraction, ...] = ()
    runs: tuple[tuple[int, int], ...] = ()
    edits: tuple[Edit, ...] = ()
    followed: bool = True

    @property
    def count(self) -> int:
        """Number of pictures that the file shows."""
        return len(self.pictures)

    @property
    def untimed(self) -> int:
        """Number of pictures without a time of their own."""
        return sum(not picture.own_time for picture in self.pictures)

    @property
    def presentation(self) -> list[int]:
        """Times of the shown pictures in the stream's time base, on the file's own clock."""
        return [round((self.origin_s + p.time_s) / self.base) for p in self.pictures]


@dataclass(frozen=True, slots=True)
class Rates:
    """What is known of a stream beside its packets.

    Attributes:
        base: The stream's time base, seconds.
        nominal_s: Seconds between frames by the nominal rate.
        invented: Whether times are the demuxer's own count, at the nominal rate.
        overflows: Whether the container's clock has 33 bits.
        in_storage_order: Whether times may be those of storage, not of presentation.
    """

    base: Fraction
    nominal_s: Fraction
    invented: bool = False
    overflows: bool = False
    in_storage_order: bool = False


def shown_in_order(packets: Packets, rates: Rates) -> list[int] | None:
    """Shown packets in order of presentation; None where only decoding tells the order.

    Pictures that cannot be decoded because the file begins after what they need are left out.
    """
    if not packets.told:
        return None
    shown = [i for i in decodable(packets.all) if packets.all[i].shown]
    if not packets.reorders:
        return shown
    if any(_is_impossible(packets.all[i]) for i in shown):
        return None
    if rates.in_storage_order and _follows_storage(packets.all, shown):
        return None
    order: list[int] = []
    clock = [_stored(packets.all[i]) for i in shown]
    for begin, end in clock_parts(clock, rates):
        part = shown[begin:end]
        own = [packets.all[i].pts or 0 for i in part]
        if len(set(own)) < len(own):
            return None
        order += [i for _, i in sorted(zip(own, part, strict=True))]
    return order


def decodable(packets: Sequence[Packet]) -> list[int]:
    """Packets without those that need pictures from before the file's beginning."""
    first = next((i for i, packet in enumerate(packets) if packet.entry), None)
    # A destroyed picture may have been one at which decoding can begin.
    if first is None or any(packet.damaged for packet in packets[:first]):
        return list(range(len(packets)))
    second = next((i for i in range(first + 1, len(packets)) if packets[i].entry), len(packets))
    group = [i for i in range(first, second) if not packets[i].skipped]
    return group + list(range(second, len(packets)))


def timeline(packets: Packets, order: Sequence[int], rates: Rates, cut_in: int = 0) -> Timeline:
    """Give every picture its time.

    Args:
        packets: All packets.
        order: Shown packets in order of presentation.
        rates: What is known of the stream's rates.
        cut_in: Pictures that were left out at the beginning.
    """
    raw = [packets.all[i].pts for i in order]
    stored = [packets.all[i].pts for i in sorted(order)]
    nominal = rates.invented or (len(set(raw) - {None}) < 2 and (len(raw) > 1 or raw == [None]))
    if not nominal and _ascends(stored) and not _ascends(raw):
        raw = stored  # the file's times follow the order of storage
    times: list[tuple[Fraction, bool]] = []
    restarts: list[Fraction] = []
    origin = Fraction(0)
    for begin, end in clock_parts(raw, rates):
        part = _spread(_unwrapped(raw[begin:end], rates), rates)
        if times:
            step = _usual_step([time for time, _ in times], rates)
            shift = times[-1][0] + step - part[0][0]
            restarts.append(part[0][0] + shift)
        else:
            shift = -part[0][0]
            origin = part[0][0]
        times += [(time + shift, own) for time, own in part]
    pictures = tuple(
        Picture(packet, time, own and not nominal)
        for packet, (time, own) in zip(order, times, strict=True)
    )
    return Timeline(
        packets=packets,
        pictures=pictures,
        origin_s=origin,
        base=rates.base,
        end_s=_end(packets.all, pictures, rates),
        cut_in=cut_in,
        nominal_fps=1 / rates.nominal_s if nominal else None,
        restarts_s=tuple(restarts),
        runs=((0, len(pictures)),),
    )


def edited(whole: Timeline, edits: Sequence[Edit]) -> Timeline:
    """The pictures that an edit list shows, from the first of them on.

    Where it shows none, something is wrong with the list, and all pictures are given.
    """
    clock = [whole.origin_s + picture.time_s for picture in whole.pictures]
    parts = [part for part in apply_edits(clock, list(edits)) if part]
    shown = [one for part in parts for one in part]
    if not shown:
        return replace(whole, edits=tuple(edits), followed=False)
    origin = shown[0].time_s
    pictures = tuple(
        replace(whole.pictures[one.index], time_s=one.time_s - origin) for one in shown
    )
    ends = list(accumulate(len(part) for part in parts))
    last, edit = shown[-1].index, edits[-1]
    length = whole.end_s - whole.pictures[last].time_s
    if last + 1 < len(whole.pictures):
        length = whole.pictures[last + 1].time_s - whole.pictures[last].time_s
    end = pictures[-1].time_s + (length / edit.rate if edit.rate > 0 else length)
    if edit.duration_s is not None:
        end = min(end, edit.at_s + edit.duration_s - origin)
    return replace(
        whole,
        pictures=pictures,
        origin_s=origin,
        end_s=end,
        runs=tuple(zip([0, *ends], ends, strict=False)),
        edits=tuple(edits),
    )


def clock_parts(times: Sequence[int | None], rates: Rates) -> list[tuple[int, int]]:
    """Where a clock runs on, as (begin, end); single wrong times do not end a part."""
    limit = max(1, round(_RESTART_S / rates.base))
    begins: list[int] = []
    known: list[int] = []  # places of times
    for i, time in enumerate(times):
        if time is None:
            continue
        if known and _step(times[known[-1]], time, rates) < -limit:
            before = known[-3:]
            alone = any(_step(times[k], time, rates) >= -limit for k in before[:-1])
            after = next((t for t in times[i + 1 :] if t is not None), None)
            if after is not None and _step(times[known[-1]], after, rates) >= -limit:
                continue  # this one is wrong, not those before it
            if not alone:
                begins.append(i)
        known.append(i)
    edges = [0, *begins, len(times)]
    return [(a, b) for a, b in pairwise(edges) if b > a]


def _step(before: int | None, after: int, rates: Rates) -> int:
    step = after - (before or 0)
    if rates.overflows:
        half = 1 << (_OVERFLOW_BITS - 1)
        step = (step + half) % (2 * half) - half
    return step


def _unwrapped(times: Sequence[int | None], rates: Rates) -> list[int | None]:
    """Times of one part, on over where a clock of 33 bits overflows."""
    out: list[int | None] = []
    last: int | None = None
    for time in times:
        if time is not None:
            time = time if last is None else last + _step(last, time, rates)
            last = time
        out.append(time)
    return out


def _stored(packet: Packet) -> int | None:
    return packet.pts if packet.dts is None else packet.dts


def _is_impossible(packet: Packet) -> bool:
    """Whether a picture has no time, or one before it could be decoded."""
    return packet.pts is None or (packet.dts is not None and packet.pts < packet.dts)


def _ascends(times: Sequence[int | None]) -> bool:
    return all(a is not None and b is not None and a < b for a, b in pairwise(times))


def _follows_storage(packets: Sequence[Packet], shown: Sequence[int]) -> bool:
    """Whether times ascend in order of storage though there are pictures stored in another order.

    Pictures that no other refers to are nearly always shown before what they refer to.
    """
    if not any(packets[i].droppable and not packets[i].restart for i in shown):
        return False
    return _ascends([packets[i].pts for i in shown])


def _spread(raw: Sequence[int | None], rates: Rates) -> list[tuple[Fraction, bool]]:
    """Times of one part in seconds, and whether they are the file's own."""
    own = _longest_ascending(raw)
    if not own:
        return [(i * rates.nominal_s, False) for i in range(len(raw))]
    at = {i: (raw[i] or 0) * rates.base for i in own}
    if len(own) == len(raw):
        return [(at[i], True) for i in own]
    step = _usual_step([at[i] for i in own], rates)
    out: list[tuple[Fraction, bool]] = [(at[own[0]] - (own[0] - i) * step, False)
                                        for i in range(own[0])]  # fmt: skip
    for a, b in zip(own, [*own[1:], len(raw)], strict=True):
        between = (at[b] - at[a]) / (b - a) if b in at else step
        out.append((at[a], True))
        out += [(at[a] + between * n, False) for n in range(1, b - a)]
    return out


def _longest_ascending(times: Sequence[int | None]) -> list[int]:
    """Places of the longest strictly ascending series (patience sorting)."""
    if _ascends(times):
        return [i for i, time in enumerate(times) if time is not None]
    tops: list[int] = []
    places: list[int] = []
    before: list[int] = [-1] * len(times)
    for i, time in enumerate(times):
        if time is None:
            continue
        k = bisect_left(tops, time)
        before[i] = places[k - 1] if k else -1
        if k == len(tops):
            tops.append(time)
            places.append(i)
        elif time < tops[k]:
            tops[k], places[k] = time, i
    out: list[int] = []
    at = places[-1] if places else -1
    while at >= 0:
        out.append(at)
        at = before[at]
    return out[::-1]


def _usual_step(times: Sequence[Fraction], rates: Rates) -> Fraction:
    steps = [b - a for a, b in pairwise(times)]
    return median(steps) if steps else rates.nominal_s


def _end(packets: Sequence[Packet], pictures: Sequence[Picture], rates: Rates) -> Fraction:
    """The last picture is shown as long as the file says, else as long as the one before it."""
    if not pictures:
        return Fraction(0)
    last = pictures[-1]
    stated = packets[last.packet].duration * rates.base
    if stated > 0 and not rates.invented:
        return last.time_s + stated
    if len(pictures) > 1:
        return 2 * last.time_s - pictures[-2].time_s
    return last.time_s + rates.nominal_s
